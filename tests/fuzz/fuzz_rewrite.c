/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "python/rewrite.h"

/* An answer of any content: each import has a verdict, and nothing changes without one that moved
 * and an answer that is whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct thaw_rewrite_import imports[] = {{1, "json", "json"}, {3, "os.path", "os"}};
static const struct thaw_rewrite_file files[] = {{"/a.py", "", 0, imports, 2},
                                                 {"/b.py", "", 0, imports, 1}};

static void check_text(const char *text)
{
    if (!text || strlen(text) > 8192)
        abort();
}

/* Did it move? */
static bool check_verdict(const struct thaw_rewrite_verdict *verdict)
{
    check_text(verdict->form);
    check_text(verdict->note);
    check_text(verdict->kind);
    check_text(verdict->detail);
    check_text(verdict->getter);
    for (uint64_t i = 0; i < verdict->functions.count; i++)
        check_text(verdict->functions.items[i]);
    if (!*verdict->form == !*verdict->kind)
        abort();
    return *verdict->form;
}

static void check_result(const struct thaw_rewrite_file *file,
                         const struct thaw_rewrite_result *result, bool whole)
{
    bool moved = false;

    for (size_t i = 0; i < file->import_count; i++)
        moved |= check_verdict(&result->verdicts[i]);
    if (!result->bytes != !result->difference || (result->bytes && (!moved || !whole)))
        abort();
    if (result->bytes && (memchr(result->bytes, '\0', result->length) ||
                          memchr(result->difference, '\0', result->difference_length)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_arena arena = {0};
    struct thaw_rewrite_result *results;
    bool whole;

    if (thaw_rewrite_answer_read((const char *)data, size, files, 2, &arena, &results, &whole) < 0)
        abort();
    for (size_t i = 0; i < 2; i++)
        check_result(&files[i], &results[i], whole);
    thaw_arena_free(&arena);
    return 0;
}
