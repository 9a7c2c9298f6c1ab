/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "python/inquiry.h"
#include "python/rewrite.h"

#define SECONDS_MAX 30
#define ANSWER_BYTES_MAX ((size_t)64 << 20)
#define MEMORY_BYTES_MAX ((size_t)4 << 30)

extern const char thaw_rewrite_script[];

struct question {
    THAW_ARRAY(char) bytes;
    bool failed;
};

static void put(struct question *question, const char *bytes, size_t length)
{
    if (question->failed || !thaw_array_reserve(&question->bytes, question->bytes.count + length)) {
        question->failed = true;
        return;
    }
    if (length)
        memcpy(question->bytes.items + question->bytes.count, bytes, length);
    question->bytes.count += length;
}

static void put_text(struct question *question, const char *text)
{
    put(question, text, strlen(text) + 1);
}

static void put_number(struct question *question, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    put_text(question, text);
}

static void put_file(struct question *question, const struct thaw_rewrite_file *file)
{
    put_text(question, "f");
    put_text(question, file->path);
    put_number(question, file->length);
    put(question, file->bytes, file->length);
    for (size_t i = 0; i < file->import_count; i++) {
        put_text(question, "n");
        put_number(question, file->imports[i].line);
        put_text(question, file->imports[i].module);
        put_text(question, file->imports[i].name);
    }
}

static int ask(const struct thaw_rewrite_request *request, struct thaw_inquiry_answer *ret,
               struct thaw_error *error)
{
    struct thaw_inquiry_question asked = {.executable = request->executable,
                                          .script = thaw_rewrite_script,
                                          .user = request->user,
                                          .group = request->group,
                                          .seconds = SECONDS_MAX,
                                          .answer_bytes = ANSWER_BYTES_MAX,
                                          .memory_bytes = MEMORY_BYTES_MAX};
    struct question question = {0};
    struct thaw_inquiry inquiry;
    int result;

    put_text(&question, request->form);
    put_text(&question, request->root);
    for (size_t i = 0; i < request->count; i++)
        put_file(&question, &request->files[i]);
    asked.input = question.bytes.items;
    asked.input_length = question.bytes.count;
    result =
        question.failed ? thaw_error_memory(error) : thaw_inquiry_start(&asked, &inquiry, error);
    thaw_array_free(&question.bytes);
    return result ? result : thaw_inquiry_finish(&inquiry, ret, error);
}

int thaw_rewrite(const struct thaw_rewrite_request *request, struct thaw_arena *arena,
                 struct thaw_rewrite_result **ret, struct thaw_error *error)
{
    struct thaw_inquiry_answer answer = {0};
    bool whole = false;
    int result = ask(request, &answer, error);

    if (result == 0) {
        result = thaw_rewrite_answer_read(answer.bytes, answer.length, request->files,
                                          request->count, arena, ret, &whole);
        if (result)
            thaw_error_memory(error);
    }
    free(answer.bytes);
    if (result == 0 && !(whole && answer.whole))
        return thaw_error_set(error, -EPROTO, "%s: gave no whole answer about the files",
                              request->executable);
    return result;
}
