/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/json_position.h"
#include "project/ignore_file.h"
#include "project/ignore_match.h"

struct pattern {
    /* As git has it; length 0: it has none. */
    const char *text;
    size_t length;
    bool is_negated;
    bool is_anchored; /* of a path, not of a name anywhere */
    bool is_folder;   /* of folders only */
    /* As Core Tools have it. */
    const char *whole;
    size_t whole_length;
    bool is_whole_negated;
};

#define FOLDER_MOST 1024
/* Of matching, in all: a second or two, if patterns are made to be slow. 100,000 files and 50 usual
 * patterns take a third of it. */
#define STEPS_MAX ((uint64_t)1 << 29)

struct thaw_ignore {
    struct pattern *patterns;
    size_t count;
    bool is_cut;
    uint64_t left;            /* steps that may still be taken */
    char folder[FOLDER_MOST]; /* that was asked for last, and whether it is left out */
    size_t folder_length;
    bool folder_is_known, folder_is_covered;
};

/* --- reading ---------------------------------------------------------------------------------- */

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* A line as Core Tools take it: without spaces around it, "!" and a "/" at its beginning. */
static void read_whole(struct pattern *pattern, const char *line, size_t length)
{
    while (length && is_space(line[0]))
        line++, length--;
    while (length && is_space(line[length - 1]))
        length--;
    if (!length || line[0] == '#')
        return;
    pattern->is_whole_negated = line[0] == '!';
    if (pattern->is_whole_negated)
        line++, length--;
    if (length && line[0] == '/')
        line++, length--;
    /* A pattern of nothing is a regular expression that fits at each path's beginning. */
    pattern->whole = line;
    pattern->whole_length = length;
}

/* Spaces at its end count only where they are escaped. */
static size_t trim_end(const char *line, size_t length)
{
    size_t end = 0;

    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\\' && i + 1 < length)
            end = ++i + 1;
        else if (line[i] != ' ')
            end = i + 1;
    }
    return end;
}

static void read_git(struct pattern *pattern, const char *line, size_t length)
{
    if (length && line[length - 1] == '\r')
        length--;
    length = trim_end(line, length);
    if (!length || line[0] == '#')
        return;
    pattern->is_negated = line[0] == '!';
    if (pattern->is_negated)
        line++, length--;
    pattern->is_folder = length && line[length - 1] == '/';
    if (pattern->is_folder)
        length--;
    pattern->is_anchored = length && memchr(line, '/', length);
    if (length && line[0] == '/')
        line++, length--;
    pattern->text = line;
    pattern->length = length;
}

static size_t count_lines(const char *bytes, size_t length)
{
    size_t lines = 1;

    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    return lines;
}

int thaw_ignore_read(const char *bytes, size_t length, struct thaw_arena *arena,
                     struct thaw_ignore **ret)
{
    struct thaw_ignore *ignore = thaw_arena_allocate(arena, sizeof(*ignore));
    size_t mark = thaw_json_mark_length(bytes, length), lines;
    const char *text, *end;

    if (!ignore)
        return -ENOMEM;
    length -= mark;
    ignore->left = STEPS_MAX;
    ignore->is_cut = length > THAW_IGNORE_BYTES_MAX;
    if (ignore->is_cut)
        length = THAW_IGNORE_BYTES_MAX;
    text = thaw_arena_text(arena, length ? bytes + mark : "", length);
    if (!text)
        return -ENOMEM;
    lines = count_lines(text, length);
    if (lines > THAW_IGNORE_PATTERNS_MAX) {
        ignore->is_cut = true;
        lines = THAW_IGNORE_PATTERNS_MAX;
    }
    ignore->patterns = thaw_arena_allocate(arena, lines * sizeof(*ignore->patterns));
    if (!ignore->patterns)
        return -ENOMEM;
    end = text + length;
    for (; text < end && ignore->count < lines; text++) {
        const char *line = text;
        struct pattern *pattern = &ignore->patterns[ignore->count];

        text = memchr(line, '\n', (size_t)(end - line));
        if (!text)
            text = end;
        *pattern = (struct pattern){0};
        read_git(pattern, line, (size_t)(text - line));
        read_whole(pattern, line, (size_t)(text - line));
        ignore->count += pattern->length || pattern->whole;
    }
    *ret = ignore;
    return 0;
}

bool thaw_ignore_is_cut(const struct thaw_ignore *ignore)
{
    return ignore->is_cut || !ignore->left;
}

/* --- asking ----------------------------------------------------------------------------------- */

/* The last pattern that fits has the say. */
static bool is_covered_itself(struct thaw_ignore *ignore, const char *path, size_t length,
                              bool is_folder)
{
    const char *slash = memrchr(path, '/', length);
    const char *name = slash ? slash + 1 : path;

    /* Without steps nothing fits: that is told once (thaw_ignore_is_cut()), not looked for again.
     */
    for (size_t i = ignore->count; ignore->left && i-- > 0;) {
        const struct pattern *pattern = &ignore->patterns[i];
        bool fits;

        if (!pattern->length || (pattern->is_folder && !is_folder))
            continue;
        if (pattern->is_anchored)
            fits = thaw_ignore_matches_path(pattern->text, pattern->length, path, length,
                                            &ignore->left);
        else
            fits = thaw_ignore_matches_name(pattern->text, pattern->length, name,
                                            (size_t)(path + length - name), &ignore->left);
        if (fits)
            return !pattern->is_negated;
    }
    return false;
}

/* Is a folder left out, by itself or with one that it is in? */
static bool is_folder_covered(struct thaw_ignore *ignore, const char *path, size_t length)
{
    bool covered = false;

    if (ignore->folder_is_known && ignore->folder_length == length &&
        !memcmp(ignore->folder, path, length))
        return ignore->folder_is_covered;
    for (size_t end = 1; end <= length && !covered; end++)
        if (end == length || path[end] == '/')
            covered = is_covered_itself(ignore, path, end, true);
    ignore->folder_is_known = length <= sizeof(ignore->folder);
    if (ignore->folder_is_known) {
        memcpy(ignore->folder, path, length);
        ignore->folder_length = length;
        ignore->folder_is_covered = covered;
    }
    return covered;
}

bool thaw_ignore_covers(struct thaw_ignore *ignore, const char *path, bool is_folder)
{
    const char *slash = strrchr(path, '/');

    if (slash && slash > path && is_folder_covered(ignore, path, (size_t)(slash - path)))
        return true;
    return is_covered_itself(ignore, path, strlen(path), is_folder);
}

bool thaw_ignore_tools_cover(struct thaw_ignore *ignore, const char *path)
{
    size_t length = strlen(path);
    bool covered = false;

    for (size_t i = 0; ignore->left && i < ignore->count; i++) {
        const struct pattern *pattern = &ignore->patterns[i];

        if (!pattern->whole || (covered && !pattern->is_whole_negated))
            continue;
        if (!thaw_ignore_matches_beginning(pattern->whole, pattern->whole_length, path, length,
                                           &ignore->left))
            continue;
        if (pattern->is_whole_negated)
            return false;
        covered = true;
    }
    return covered;
}
