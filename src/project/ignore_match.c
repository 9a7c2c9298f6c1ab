/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "project/ignore_match.h"

struct glob {
    const char *at, *end;
};

/* --- one character ------------------------------------------------------------------------------
 */

struct class_name {
    const char *name;
    int (*holds)(int byte);
};

static const struct class_name class_names[] = {
    {"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
    {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
    {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
};

/* "[:digit:]" at the beginning of what is left of a list. Its length; 0: there is none. */
static size_t match_class(struct glob rest, unsigned char byte, bool *matches)
{
    size_t left = (size_t)(rest.end - rest.at);

    if (left < 2 || memcmp(rest.at, "[:", 2) != 0)
        return 0;
    for (size_t i = 0; i < sizeof(class_names) / sizeof(*class_names); i++) {
        size_t length = strlen(class_names[i].name);

        if (left >= length + 4 && !memcmp(rest.at + 2, class_names[i].name, length) &&
            !memcmp(rest.at + 2 + length, ":]", 2)) {
            *matches |= class_names[i].holds(byte) != 0;
            return length + 4;
        }
    }
    return 0;
}

/* A character of a list, which may be escaped; false: there is none. */
static bool take_member(struct glob *rest, unsigned char *ret)
{
    if (rest->at < rest->end && *rest->at == '\\')
        rest->at++;
    if (rest->at >= rest->end)
        return false;
    *ret = (unsigned char)*rest->at++;
    return true;
}

/* A list behind its "[": NULL where it has no end, which matches nothing; else behind its "]". */
static const char *match_list(struct glob rest, unsigned char byte, bool *ret_matches)
{
    bool negated = rest.at < rest.end && (*rest.at == '!' || *rest.at == '^');
    bool matches = false, first = true;

    for (rest.at += negated; rest.at < rest.end && (first || *rest.at != ']'); first = false) {
        size_t length = match_class(rest, byte, &matches);
        unsigned char low, high;

        if (length) {
            rest.at += length;
            continue;
        }
        if (!take_member(&rest, &low))
            return NULL;
        high = low;
        if (rest.end - rest.at >= 2 && rest.at[0] == '-' && rest.at[1] != ']') {
            rest.at++;
            if (!take_member(&rest, &high))
                return NULL;
        }
        matches |= low <= byte && byte <= high;
    }
    if (rest.at >= rest.end)
        return NULL;
    *ret_matches = matches != negated;
    return rest.at + 1;
}

/* So many steps less; false: none is left. */
static bool take_steps(uint64_t *left, uint64_t steps)
{
    *left -= *left < steps ? *left : steps;
    return *left > 0;
}

/* One character of a pattern, no star, against one of a name; behind it, or NULL: it does not fit.
 * A list costs as many steps as it is long: it is gone through to its end. */
static const char *match_one(struct glob glob, char byte, uint64_t *left)
{
    bool matches;
    const char *behind;

    switch (*glob.at) {
    case '?':
        return glob.at + 1;
    case '[':
        behind = match_list((struct glob){glob.at + 1, glob.end}, (unsigned char)byte, &matches);
        take_steps(left, (uint64_t)((behind ? behind : glob.end) - glob.at));
        return behind && matches ? behind : NULL;
    case '\\':
        if (glob.at + 1 == glob.end)
            return NULL;
        return glob.at[1] == byte ? glob.at + 2 : NULL;
    default:
        return *glob.at == byte ? glob.at + 1 : NULL;
    }
}

/* --- a name, a path -----------------------------------------------------------------------------
 */

bool thaw_ignore_matches_name(const char *pattern, size_t pattern_length, const char *name,
                              size_t name_length, uint64_t *left)
{
    struct glob glob = {pattern, pattern + pattern_length};
    const char *end = name + name_length;
    const char *star = NULL, *taken = NULL; /* behind the last star, and what it has taken */

    while (name < end || glob.at < glob.end) {
        const char *behind = NULL;

        if (!take_steps(left, 1))
            return false;
        if (glob.at < glob.end && *glob.at == '*') {
            star = ++glob.at;
            taken = name;
            continue;
        }
        if (glob.at < glob.end && name < end)
            behind = match_one(glob, *name, left);
        if (behind) {
            glob.at = behind;
            name++;
            continue;
        }
        if (!star || taken >= end) /* nothing more for it to take */
            return false;
        glob.at = star;
        name = ++taken;
    }
    return true;
}

/* The end of the part of a path that begins at at. */
static const char *part_end(const char *at, const char *end)
{
    const char *slash = at < end ? memchr(at, '/', (size_t)(end - at)) : NULL;

    return slash ? slash : end;
}

/* Two stars or more and nothing else. */
static bool is_any_depth(const char *at, const char *end)
{
    size_t stars = 0;

    while (at + stars < end && at[stars] == '*')
        stars++;
    return stars >= 2 && at + stars == end;
}

/* The length of a pattern's part without the "\\" of an escaped "/". */
static size_t part_length(const char *part, const char *end, const char *pattern_end)
{
    size_t length = (size_t)(end - part), escapes = 0;

    while (end < pattern_end && escapes < length && end[-1 - (ptrdiff_t)escapes] == '\\')
        escapes++;
    return length - escapes % 2;
}

/* Behind a part and its "/"; behind the end: there is no further part. */
static const char *next_part(const char *part, const char *end)
{
    return part_end(part, end) + 1;
}

/* Parts are matched as characters are above, "**" being their star: of none or more, but at the
 * pattern's end of one or more. */
bool thaw_ignore_matches_path(const char *pattern, size_t pattern_length, const char *path,
                              size_t path_length, uint64_t *left)
{
    const char *pattern_end = pattern + pattern_length, *end = path + path_length;
    const char *star = NULL, *taken = NULL;

    while (path <= end || pattern <= pattern_end) {
        const char *part = pattern <= pattern_end ? part_end(pattern, pattern_end) : NULL;

        /* Its end is looked for in leaps. */
        if (!take_steps(left, 1 + (part ? (uint64_t)(part - pattern) / 8 : 0)))
            return false;
        if (part && is_any_depth(pattern, part)) {
            if (part == pattern_end)
                return path <= end;
            star = pattern = part + 1;
            taken = path;
            continue;
        }
        if (part && path <= end &&
            thaw_ignore_matches_name(pattern, part_length(pattern, part, pattern_end), path,
                                     (size_t)(part_end(path, end) - path), left)) {
            pattern = part + 1;
            path = next_part(path, end);
            continue;
        }
        if (!star || taken > end)
            return false;
        pattern = star;
        path = taken = next_part(taken, end);
    }
    return true;
}

/* --- as Core Tools have it ----------------------------------------------------------------------
 */

static bool is_word(char byte)
{
    return byte == '_' || isalnum((unsigned char)byte);
}

/* \b of a regular expression. */
static bool is_boundary(const char *path, size_t length, size_t at)
{
    return (at > 0 && is_word(path[at - 1])) != (at < length && is_word(path[at]));
}

/* The last star of a kind: where the pattern goes on behind it, and how far it has taken. */
struct last_star {
    bool is_there;
    size_t pattern, taken;
};

/* One character more for a star; false: it can't have one. */
static bool take_more(struct last_star *star, bool any, const char *path, size_t length)
{
    if (!star->is_there || star->taken >= length || (!any && path[star->taken] == '/'))
        return false;
    star->taken++;
    return true;
}

bool thaw_ignore_matches_beginning(const char *pattern, size_t pattern_length, const char *path,
                                   size_t path_length, uint64_t *left)
{
    struct last_star one = {0}, any = {0}; /* "*" behind the last "**", and that */
    size_t i = 0, at = 0;

    for (;;) {
        bool fits = false;

        if (!take_steps(left, 1))
            return false;
        if (i == pattern_length && is_boundary(path, path_length, at))
            return true;
        if (i < pattern_length && pattern[i] == '*') {
            bool two = i + 1 < pattern_length && pattern[i + 1] == '*';
            struct last_star *star = two ? &any : &one;

            *star = (struct last_star){true, i + (two ? 2 : 1), at};
            if (two)
                one.is_there = false;
            fits = take_more(star, two, path, path_length);
            i = star->pattern;
            at = star->taken;
        } else if (i < pattern_length && at < path_length && pattern[i] == path[at]) {
            fits = true;
            i++;
            at++;
        }
        if (fits)
            continue;
        if (take_more(&one, false, path, path_length)) {
            i = one.pattern;
            at = one.taken;
        } else if (take_more(&any, true, path, path_length)) {
            one.is_there = false;
            i = any.pattern;
            at = any.taken;
        } else {
            return false;
        }
    }
}
