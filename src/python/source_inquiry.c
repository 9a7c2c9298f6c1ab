/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python/source_inquiry.h"

#define SECONDS_MAX 20
#define ANSWER_BYTES_MAX ((size_t)64 << 20)
#define MEMORY_BYTES_MAX ((size_t)4 << 30)

extern const char thaw_source_script[];

/* For each file its letter, its path, and a NUL; NULL when memory is short. */
static char *make_question(const struct thaw_source_file *files, size_t count, size_t *length)
{
    char *bytes, *cursor;

    *length = 0;
    for (size_t i = 0; i < count; i++)
        *length += strlen(files[i].path) + 2;
    bytes = cursor = malloc(*length + 1);
    for (size_t i = 0; bytes && i < count; i++) {
        size_t size = strlen(files[i].path) + 1;

        *cursor++ = files[i].own ? 'o' : 'm';
        memcpy(cursor, files[i].path, size);
        cursor += size;
    }
    return bytes;
}

int thaw_source_inquiry_start(const char *executable, uid_t user, gid_t group,
                              const struct thaw_source_file *files, size_t count,
                              struct thaw_source_inquiry *ret, struct thaw_error *error)
{
    size_t asked = count < THAW_SOURCE_FILES_MAX ? count : THAW_SOURCE_FILES_MAX;
    struct thaw_inquiry_question question = {.executable = executable,
                                             .script = thaw_source_script,
                                             .user = user,
                                             .group = group,
                                             .seconds = SECONDS_MAX,
                                             .answer_bytes = ANSWER_BYTES_MAX,
                                             .memory_bytes = MEMORY_BYTES_MAX};
    char *input = make_question(files, asked, &question.input_length);
    int result;

    if (!input)
        return thaw_error_memory(error);
    question.input = input;
    *ret = (struct thaw_source_inquiry){.files = files, .count = count};
    result = thaw_inquiry_start(&question, &ret->inquiry, error);
    free(input);
    return result;
}

int thaw_source_inquiry_finish(struct thaw_source_inquiry *inquiry, thaw_source_take take,
                               void *context, struct thaw_source_summary *ret,
                               struct thaw_error *error)
{
    struct thaw_inquiry_answer answer;
    struct thaw_error asked = {0};
    int result = thaw_inquiry_finish(&inquiry->inquiry, &answer, &asked);

    *ret = (struct thaw_source_summary){.unanswered = inquiry->count};
    if (result == -ENOMEM)
        result = thaw_error_memory(error);
    else
        result = thaw_source_answer_read(answer.bytes, answer.length, inquiry->files,
                                         inquiry->count, take, context, ret, error);
    if (asked.code < 0 && ret->unanswered)
        snprintf(ret->first, sizeof(ret->first), "%s", asked.message);
    free(answer.bytes);
    return result;
}
