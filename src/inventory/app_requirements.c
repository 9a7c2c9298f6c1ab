/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "inventory/app_requirements.h"
#include "inventory/app_words.h"
#include "inventory/distribution_modules.h"
#include "inventory/reading.h"
#include "inventory/requires.h"
#include "packaging/name.h"
#include "packaging/requirement.h"
#include "packaging/requirements_file.h"

#define FOLDERS_MAX 16 /* of the user's, that have a requirements.txt */
#define FILES_MAX 8    /* that one includes */
#define FILE_BYTES_MAX ((size_t)1 << 20)
#define REQUIREMENTS_MAX 1000
#define WORDS_MAX 4096
#define TEXT_BYTES_MAX 200
#define MENTIONED_MAX 3

/* The requirements of one folder. */
struct gathering {
    const struct thaw_distributions *distributions;
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_inventory_requirement) rows;
    struct thaw_texts files; /* to read, the first is requirements.txt */
};

static const struct thaw_distribution *find_distribution(const struct gathering *gathering,
                                                         const char *name)
{
    for (size_t i = 0; i < thaw_distributions_count(gathering->distributions); i++) {
        const struct thaw_distribution *distribution =
            thaw_distributions_get(gathering->distributions, i);

        if (thaw_name_is_same(distribution->name, name))
            return distribution;
    }
    return NULL;
}

static bool is_known(const struct gathering *gathering, const char *name)
{
    for (size_t i = 0; i < gathering->rows.count; i++)
        if (thaw_name_is_same(gathering->rows.items[i].name, name))
            return true;
    return false;
}

/* Does the requirement's marker hold for the Python that the distribution was installed for? */
static int holds(struct gathering *gathering, const struct thaw_dependency_specifier *requirement,
                 const struct thaw_distribution *distribution)
{
    const struct thaw_texts one = {(const char **)(uintptr_t)&requirement->text, 1};
    struct thaw_texts names;
    int result =
        thaw_requires_names(&one, distribution->python_version, &gathering->arena, &names, NULL);

    return result < 0 ? result : names.count > 0;
}

static int take_requirement(struct gathering *gathering, const char *file,
                            const struct thaw_requirements_line *line)
{
    const struct thaw_distribution *distribution;
    struct thaw_inventory_requirement row = {.line = line->line};
    struct thaw_dependency_specifier requirement;
    struct thaw_inventory_requirement *slot;
    int result =
        thaw_requirement_parse(line->text, strlen(line->text), &gathering->arena, &requirement);

    /* A URL may hold a password, and tells nothing here. */
    if (result < 0 || *requirement.url || gathering->rows.count >= REQUIREMENTS_MAX)
        return result == -ENOMEM ? result : 0;
    distribution = find_distribution(gathering, requirement.name);
    if (!distribution || is_known(gathering, requirement.name))
        return 0;
    result = holds(gathering, &requirement, distribution);
    if (result <= 0)
        return result;
    row.file = file;
    row.name = requirement.name;
    row.text = thaw_arena_text(&gathering->arena, requirement.text,
                               strnlen(requirement.text, TEXT_BYTES_MAX));
    result = thaw_distribution_modules(distribution, &gathering->arena, &row.modules);
    if (result == 0)
        result = thaw_distribution_groups(distribution, &gathering->arena, &row.groups);
    slot = result == 0 && row.text ? thaw_array_add(&gathering->rows) : NULL;
    if (!slot)
        return -ENOMEM;
    *slot = row;
    return 0;
}

/* "-r NAME": only a file of the same folder. */
static int take_include(struct gathering *gathering, const char *name)
{
    if (strchr(name, '/') || *name == '.')
        return 0;
    for (uint64_t i = 0; i < gathering->files.count; i++)
        if (strcmp(gathering->files.items[i], name) == 0)
            return 0;
    return thaw_arena_add_text(&gathering->arena, &gathering->files, FILES_MAX, name, strlen(name));
}

static int read_file(struct gathering *gathering, const char *folder, const char *name)
{
    const char *path = thaw_arena_format(&gathering->arena, "%s/%s", folder, name);
    struct thaw_requirements_reader reader;
    struct thaw_requirements_line line;
    size_t length;
    char *bytes;
    int result =
        path ? thaw_reading_file(AT_FDCWD, path, FILE_BYTES_MAX, &gathering->arena, &bytes, &length)
             : -ENOMEM;

    if (result < 0)
        return result == -ENOMEM ? result : 0;
    thaw_requirements_begin(&reader, bytes, length);
    while (result == 0 &&
           (result = thaw_requirements_next(&reader, &gathering->arena, &line)) > 0) {
        result = 0;
        if (line.kind == THAW_REQUIREMENTS_REQUIREMENT)
            result = take_requirement(gathering, path, &line);
        else if (line.kind == THAW_REQUIREMENTS_FILE)
            result = take_include(gathering, line.text);
    }
    return result;
}

/* The last component of what can be imported: it stands in every import of it. */
static const char *word_of(const char *module)
{
    const char *dot = strrchr(module, '.');

    return dot ? dot + 1 : module;
}

static int list_words(struct gathering *gathering, struct thaw_texts *ret)
{
    int result = 0;

    *ret = (struct thaw_texts){0};
    for (size_t i = 0; i < gathering->rows.count; i++) {
        const struct thaw_texts *modules = &gathering->rows.items[i].modules;

        for (uint64_t n = 0; result == 0 && n < modules->count; n++)
            result =
                thaw_arena_add_text(&gathering->arena, ret, WORDS_MAX, word_of(modules->items[n]),
                                    strlen(word_of(modules->items[n])));
    }
    return result;
}

/* A word that was too many to look for stands anywhere. */
static int set_mentioned(struct gathering *gathering, const struct thaw_app_words *words,
                         struct thaw_inventory_requirement *row)
{
    bool is_cut = words->is_cut;
    int result = 0;

    for (uint64_t n = 0; result == 0 && n < row->modules.count; n++) {
        const struct thaw_texts *files = thaw_app_words_of(words, word_of(row->modules.items[n]));

        is_cut |= !files;
        for (uint64_t i = 0; result == 0 && files && i < files->count; i++)
            result = thaw_arena_add_text(&gathering->arena, &row->mentioned, MENTIONED_MAX,
                                         files->items[i], strlen(files->items[i]));
    }
    if (result == 0 && is_cut)
        result = thaw_arena_add_text(&gathering->arena, &row->mentioned, MENTIONED_MAX, "", 0);
    return result;
}

static int look_for_mentions(struct gathering *gathering, const char *folder)
{
    struct thaw_app_words words;
    struct thaw_texts list;
    int result = list_words(gathering, &list);

    if (result < 0)
        return result;
    result = thaw_app_words_open(&words, &list, &gathering->arena);
    if (result == 0)
        result = thaw_app_words_look(&words, folder, gathering->distributions, &gathering->arena);
    for (size_t i = 0; result == 0 && i < gathering->rows.count; i++)
        result = set_mentioned(gathering, &words, &gathering->rows.items[i]);
    thaw_app_words_close(&words);
    return result;
}

static int gather(struct gathering *gathering, const char *folder)
{
    int result = take_include(gathering, "requirements.txt");

    for (uint64_t i = 0; result == 0 && i < gathering->files.count; i++)
        result = read_file(gathering, folder, gathering->files.items[i]);
    if (result == 0 && gathering->rows.count)
        result = look_for_mentions(gathering, folder);
    return result;
}

static int tell_folder(const struct thaw_distributions *distributions, const char *folder,
                       thaw_inventory_emit emit, void *context, struct thaw_error *error)
{
    struct gathering gathering = {.distributions = distributions};
    int result = gather(&gathering, folder);

    if (result < 0)
        result = thaw_error_memory(error);
    for (size_t i = 0; result == 0 && i < gathering.rows.count; i++) {
        struct thaw_event event = {.kind = THAW_EVENT_INVENTORY_REQUIREMENT,
                                   .inventory_requirement = gathering.rows.items[i]};

        result = emit(context, &event, error);
    }
    thaw_array_free(&gathering.rows);
    thaw_arena_free(&gathering.arena);
    return result;
}

/* The folder of a source, "" without one; each once. */
static int add_folder(struct thaw_arena *arena, struct thaw_texts *folders, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;

    if (!length)
        return 0;
    for (uint64_t i = 0; i < folders->count; i++)
        if (strncmp(folders->items[i], path, length) == 0 && !folders->items[i][length])
            return 0;
    return thaw_arena_add_text(arena, folders, FOLDERS_MAX, path, length);
}

/* Is there a requirements.txt beside it? 1, 0 or -ENOMEM. */
static int has_requirements(struct thaw_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *file;

    if (!slash)
        return 0;
    file = thaw_arena_format(arena, "%.*s/requirements.txt", (int)(slash - path), path);
    return file ? access(file, F_OK) == 0 : -ENOMEM;
}

/* Adds the folder of one of the user's own sources that has requirements. */
static int take_source(const struct thaw_source_file *source,
                       const struct thaw_distributions *distributions, struct thaw_arena *arena,
                       struct thaw_texts *folders)
{
    int result;

    if (!source->own || thaw_distributions_owner(distributions, source->path))
        return 0;
    result = has_requirements(arena, source->path);
    return result > 0 ? add_folder(arena, folders, source->path) : result;
}

int thaw_app_requirements(const struct thaw_inventory_request *request,
                          const struct thaw_distributions *distributions, thaw_inventory_emit emit,
                          void *context, struct thaw_error *error)
{
    struct thaw_arena arena = {0};
    struct thaw_texts folders = {0};
    int result = 0;

    for (size_t i = 0; i < request->interpreter_count; i++) {
        const struct thaw_inventory_subject *subject = &request->interpreters[i];

        for (size_t n = 0; result == 0 && n < subject->source_count; n++)
            result = take_source(&subject->sources[n], distributions, &arena, &folders);
    }
    if (result < 0)
        thaw_error_memory(error);
    for (uint64_t i = 0; result == 0 && i < folders.count; i++)
        result = tell_folder(distributions, folders.items[i], emit, context, error);
    thaw_arena_free(&arena);
    return result;
}
