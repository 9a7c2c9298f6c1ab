/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/paths.h"

bool thaw_path_ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);

    return length >= end_length && !strcmp(text + length - end_length, end);
}

bool thaw_path_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    return length && !strncmp(path, directory, length) && path[length] == '/';
}

const char *thaw_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *thaw_path_directory(struct thaw_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return thaw_arena_text(arena, path, slash ? (size_t)(slash - path) : 0);
}

/* One component of a path. */
struct part {
    const char *text;
    size_t length;
};

/* The component before end (exclusive), with *end moved to the slash before it. */
static struct part part_before(const char *path, const char **end)
{
    struct part part;
    const char *start = *end;

    while (start > path && start[-1] != '/')
        start--;
    part = (struct part){start, (size_t)(*end - start)};
    *end = start > path ? start - 1 : path;
    return part;
}

static bool part_is(struct part part, const char *text, size_t length)
{
    return part.length == length && !memcmp(part.text, text, length);
}

/* Up to the first dot: "api.cpython-311.pyc" is "api". */
static struct part stem_of(struct part base)
{
    const char *dot = memchr(base.text, '.', base.length);

    if (dot)
        base.length = (size_t)(dot - base.text);
    return base;
}

bool thaw_path_holds_module(const char *path, const char *name)
{
    const char *dot = strrchr(name, '.');
    const char *last = dot ? dot + 1 : name;
    const char *end = path + strlen(path);
    struct part part = stem_of(part_before(path, &end));

    if (part_is(part, last, strlen(last)))
        return *last != '\0';
    if (!part_is(part, "__init__", 8))
        return false;
    part = part_before(path, &end);
    if (part_is(part, "__pycache__", 11))
        part = part_before(path, &end);
    return part_is(part, last, strlen(last));
}

/* Takes the last component of a dotted name off; false when none is left. */
static bool take_last(const char *name, size_t *length, struct part *ret)
{
    size_t start = *length;

    if (!*length)
        return false;
    while (start && name[start - 1] != '.')
        start--;
    *ret = (struct part){name + start, *length - start};
    *length = start ? start - 1 : 0;
    return true;
}

const char *thaw_path_from_root(const char *path, const char *name)
{
    const char *end = path + strlen(path);
    struct part part = part_before(path, &end), wanted;
    const char *start = part.text;
    size_t length = strlen(name);

    if (!part_is(stem_of(part), "__init__", 8) &&
        (!take_last(name, &length, &wanted) || !part_is(stem_of(part), wanted.text, wanted.length)))
        return start;
    while (take_last(name, &length, &wanted)) {
        part = part_before(path, &end);
        if (!part_is(part, wanted.text, wanted.length))
            break;
        start = part.text;
    }
    return start;
}

size_t thaw_path_packages(const char *path)
{
    static const char *const folders[] = {"site-packages", "dist-packages", ".python_packages"};
    const char *end = path + strlen(path);

    while (end > path) {
        struct part part = part_before(path, &end);

        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
            if (part_is(part, folders[i], strlen(folders[i])) && part.text[part.length] == '/')
                return (size_t)(part.text + part.length - path);
    }
    return 0;
}

static bool is_archive(struct part part)
{
    static const char *const ends[] = {".zip", ".egg", ".whl", ".pyz"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (part.length > 4 && !memcmp(part.text + part.length - 4, ends[i], 4))
            return true;
    return false;
}

bool thaw_path_is_archive(const char *path)
{
    const char *end = path + strlen(path);

    return is_archive(part_before(path, &end));
}

size_t thaw_path_archive(const char *path)
{
    const char *end = path + strlen(path);

    part_before(path, &end); /* the file itself */
    while (end > path) {
        struct part part = part_before(path, &end);

        if (is_archive(part))
            return (size_t)(part.text + part.length - path);
    }
    return 0;
}
