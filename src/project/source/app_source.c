/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "project/source/app_source.h"
#include "python/inquiry.h"

#define SECONDS_MAX 20
#define ANSWER_BYTES_MAX ((size_t)64 << 20)
#define MEMORY_BYTES_MAX ((size_t)4 << 30)
#define PATH_USUAL "/usr/local/bin:/usr/bin:/bin"
#define PATH_LENGTH 4096
#define DIGITS 24
#define LENGTH_DIGITS 10 /* app_start.py */

struct thaw_app_source {
    struct thaw_inquiry inquiry;
    struct thaw_error failed; /* why nothing can be asked */
    bool is_awake;            /* the interpreter runs, and waits or answers */
    bool is_asked;            /* there was something to ask */
    char executable[PATH_LENGTH];
    struct thaw_arena arena;
    struct thaw_texts left_out; /* names of files */
};

/* --- the question ----------------------------------------------------------------------------- */

static char *put(char *cursor, const char *bytes, size_t length)
{
    cursor += sprintf(cursor, "%zu\n", length);
    if (length)
        memcpy(cursor, bytes, length);
    return cursor + length;
}

static size_t count_handlers(const struct thaw_app_source_question *question)
{
    size_t count = 0;

    while (question->handlers && question->handlers[count])
        count++;
    return count;
}

char *thaw_app_source_write(const struct thaw_app_source_question *question, bool *left_out,
                            size_t *ret_length)
{
    const char *entry = question->entry ? question->entry : "";
    size_t handlers = count_handlers(question), files = 0, bytes = 0;
    size_t room = strlen(entry) + 3 * DIGITS;
    char number[DIGITS], *question_bytes, *cursor;

    for (size_t i = 0; i < handlers; i++)
        room += strlen(question->handlers[i]) + DIGITS;
    for (size_t i = 0; i < question->count; i++) {
        const struct thaw_project_input *file = &question->files[i];

        left_out[i] = files == THAW_APP_SOURCE_FILES_MAX ||
                      file->length > THAW_APP_SOURCE_FILE_MAX ||
                      file->length > THAW_APP_SOURCE_BYTES_MAX - bytes;
        if (left_out[i])
            continue;
        files++;
        bytes += file->length;
        room += strlen(file->file) + file->length + 2 * DIGITS;
    }
    question_bytes = cursor = malloc(room);
    if (!cursor)
        return NULL;
    cursor = put(cursor, entry, strlen(entry));
    cursor = put(cursor, number, (size_t)sprintf(number, "%zu", handlers));
    for (size_t i = 0; i < handlers; i++)
        cursor = put(cursor, question->handlers[i], strlen(question->handlers[i]));
    for (size_t i = 0; i < question->count; i++) {
        if (left_out[i])
            continue;
        cursor = put(cursor, question->files[i].file, strlen(question->files[i].file));
        cursor = put(cursor, question->files[i].bytes, question->files[i].length);
    }
    *ret_length = (size_t)(cursor - question_bytes);
    return question_bytes;
}

/* --- the interpreter -------------------------------------------------------------------------- */

/* A program, and no script that starts one: those want an environment that it doesn't get. */
static bool is_program(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    char magic[4];
    bool is = file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
              read(file, magic, sizeof(magic)) == sizeof(magic) &&
              memcmp(magic, "\177ELF", sizeof(magic)) == 0 && access(path, X_OK) == 0;

    if (file >= 0)
        close(file);
    return is;
}

/* The first of that name in PATH; false: there is none. */
static bool search(const char *name, char *ret, size_t size)
{
    const char *folder = getenv("PATH");

    if (!folder || !*folder)
        folder = PATH_USUAL;
    while (*folder) {
        size_t length = strcspn(folder, ":");

        if (*folder == '/' &&
            (size_t)snprintf(ret, size, "%.*s/%s", (int)length, folder, name) < size &&
            is_program(ret))
            return true;
        folder += length + (folder[length] == ':');
    }
    return false;
}

static int find_executable(struct thaw_app_source *source, const char *given)
{
    const char *name = given ? given : "python3";

    if (strchr(name, '/')) {
        if ((size_t)snprintf(source->executable, PATH_LENGTH, "%s", name) < PATH_LENGTH)
            return 0;
        return thaw_error_set(&source->failed, -ENAMETOOLONG, "the path of the Python is too long");
    }
    if (search(name, source->executable, PATH_LENGTH))
        return 0;
    return thaw_error_set(&source->failed, -ENOENT, "there is no %s in PATH", name);
}

/* The script, as app_start.py reads it; malloc'd. */
static char *write_script(size_t *ret_length)
{
    size_t code = (size_t)(thaw_app_source_code_end - thaw_app_source_code);
    size_t text = strlen(thaw_app_source_script);
    char *bytes = malloc(2 * LENGTH_DIGITS + code + text + 1), *cursor = bytes;

    if (!bytes)
        return NULL;
    cursor += sprintf(cursor, "%*zu%*zu", LENGTH_DIGITS, code, LENGTH_DIGITS, text);
    memcpy(cursor, thaw_app_source_code, code);
    memcpy(cursor + code, thaw_app_source_script, text);
    *ret_length = 2 * LENGTH_DIGITS + code + text;
    return bytes;
}

static int wake(struct thaw_app_source *source)
{
    struct thaw_inquiry_question question = {.executable = source->executable,
                                             .script = thaw_app_source_start_script,
                                             .more_follows = true,
                                             .user = geteuid(),
                                             .group = getegid(),
                                             .seconds = SECONDS_MAX,
                                             .answer_bytes = ANSWER_BYTES_MAX,
                                             .memory_bytes = MEMORY_BYTES_MAX};
    char *script = write_script(&question.input_length);
    int result;

    if (!script)
        return -ENOMEM;
    question.input = script;
    result = thaw_inquiry_start(&question, &source->inquiry, &source->failed);
    free(script);
    source->is_awake = result == 0;
    return result == -ENOMEM ? result : 0;
}

int thaw_app_source_wake(const char *executable, struct thaw_app_source **ret,
                         struct thaw_error *error)
{
    struct thaw_app_source *source = calloc(1, sizeof(*source));

    *ret = NULL;
    if (!source)
        return thaw_error_memory(error);
    if (find_executable(source, executable) == 0 && wake(source) < 0) {
        thaw_app_source_give_up(source);
        return thaw_error_memory(error);
    }
    *ret = source;
    return 0;
}

static int keep_left_out(struct thaw_app_source *source,
                         const struct thaw_app_source_question *question, const bool *left_out)
{
    for (size_t i = 0; i < question->count; i++) {
        const char *name = question->files[i].file;

        if (left_out[i] && thaw_arena_add_text(&source->arena, &source->left_out, question->count,
                                               name, strlen(name)) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int ask(struct thaw_app_source *source, const struct thaw_app_source_question *question)
{
    bool *left_out = calloc(question->count + 1, sizeof(*left_out));
    size_t length = 0;
    char *bytes = left_out ? thaw_app_source_write(question, left_out, &length) : NULL;
    int result = bytes ? keep_left_out(source, question, left_out) : -ENOMEM;
    int told = 0;

    if (result == 0 && source->is_awake)
        told = thaw_inquiry_tell(&source->inquiry, bytes, length, &source->failed);
    if (told < 0) {
        thaw_inquiry_give_up(&source->inquiry);
        source->is_awake = false;
        result = told == -ENOMEM ? told : 0;
    }
    source->is_asked = true;
    free(bytes);
    free(left_out);
    return result;
}

int thaw_app_source_ask(struct thaw_app_source *source,
                        const struct thaw_app_source_question *question, struct thaw_error *error)
{
    return question->count && ask(source, question) < 0 ? thaw_error_memory(error) : 0;
}

void thaw_app_source_give_up(struct thaw_app_source *source)
{
    if (!source)
        return;
    if (source->is_awake)
        thaw_inquiry_give_up(&source->inquiry);
    thaw_arena_free(&source->arena);
    free(source);
}

int thaw_app_source_start(const struct thaw_app_source_question *question,
                          struct thaw_app_source **ret, struct thaw_error *error)
{
    struct thaw_app_source *source;
    int result = thaw_app_source_wake(question->executable, &source, error);

    if (result == 0)
        result = thaw_app_source_ask(source, question, error);
    if (result < 0) {
        thaw_app_source_give_up(source);
        source = NULL;
    }
    *ret = source;
    return result;
}

/* --- the answer ------------------------------------------------------------------------------- */

static int complain_left_out(const struct thaw_app_source *source, struct thaw_project *project)
{
    int result = 0;

    for (uint64_t i = 0; result == 0 && i < source->left_out.count; i++) {
        struct thaw_project_place place = {.file = source->left_out.items[i]};

        result = thaw_project_complain(project, THAW_PROBLEM_TOO_LARGE, &place,
                                       "too large to be read as source (4 MiB a file, %u files and "
                                       "64 MiB in all): leave it out of the app",
                                       THAW_APP_SOURCE_FILES_MAX);
    }
    return result;
}

static int take_answer(struct thaw_app_source *source, struct thaw_project *project)
{
    struct thaw_inquiry_answer answer;
    int result = thaw_inquiry_hear(&source->inquiry, &answer, &source->failed);

    if (result == 0)
        result = thaw_app_source_read(project, answer.bytes, answer.length);
    free(answer.bytes);
    thaw_inquiry_end(&source->inquiry, &source->failed);
    source->is_awake = false;
    return result;
}

static int finish(struct thaw_app_source *source, struct thaw_project *project)
{
    int result = source->is_asked && source->is_awake ? take_answer(source, project) : 0;

    if (!source->is_asked) { /* there was nothing to ask about */
        project->has_source = true;
        return 0;
    }
    if (result == 0)
        result = complain_left_out(source, project);
    if (result == 0 && source->failed.code < 0)
        result = thaw_project_complain(project, THAW_PROBLEM_UNREADABLE, NULL,
                                       "the source was not read: %s: name a Python (3.8 or later) "
                                       "to read it with",
                                       source->failed.message);
    return result;
}

int thaw_app_source_finish(struct thaw_app_source *source, struct thaw_project *project,
                           struct thaw_error *error)
{
    int result = finish(source, project);

    thaw_app_source_give_up(source);
    return result < 0 ? thaw_error_memory(error) : 0;
}
