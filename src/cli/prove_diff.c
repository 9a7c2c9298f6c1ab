/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prove_diff.h"

#include <stdlib.h>
#include <string.h>

struct lines {
    const struct thaw_prove_environment *environment;
    struct thaw_arena *arena;
    THAW_ARRAY(char) text;
};

static bool append(struct lines *lines, const char *bytes, size_t length)
{
    if (!thaw_array_reserve(&lines->text, lines->text.count + length + 1))
        return false;
    memcpy(lines->text.items + lines->text.count, bytes, length);
    lines->text.count += length;
    return true;
}

/* Escaped and masked; the lines around what changes begin with a space. */
static bool add_line(struct lines *lines, const char *line, size_t length)
{
    const char *copy, *masked;

    if (!length || *line == ' ')
        return true;
    copy = thaw_arena_text(lines->arena, line, length);
    masked = copy ? thaw_prove_environment_mask(lines->environment, copy, lines->arena) : NULL;
    return masked && append(lines, masked, strlen(masked)) && append(lines, "\n", 1);
}

static bool add_difference(struct lines *lines, const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        size_t line = (size_t)((line_end ? line_end : end) - text);

        if (!add_line(lines, text, line))
            return false;
        text += line + (line_end ? 1 : 0);
    }
    return true;
}

const char *thaw_prove_diff(const struct thaw_fix *fix,
                            const struct thaw_prove_environment *environment,
                            struct thaw_arena *arena)
{
    struct lines lines = {.environment = environment, .arena = arena};
    const char *text = NULL;
    bool enough = true;

    for (size_t i = 0; enough && i < fix->files.count; i++) {
        const struct thaw_rewrite_result *result = &fix->files.items[i].result;

        if (result->bytes && result->difference)
            enough = add_difference(&lines, result->difference, result->difference_length);
    }
    if (enough)
        text = thaw_arena_text(arena, lines.text.items, lines.text.count);
    thaw_array_free(&lines.text);
    return text;
}
