/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "inventory/distribution_modules.h"
#include "inventory/reading.h"
#include "packaging/record.h"

#define RECORD_BYTES_MAX ((size_t)16 << 20)
#define LIST_BYTES_MAX ((size_t)256 << 10)
#define MODULES_MAX 64
#define GROUPS_MAX 16
#define GROUP_BYTES_MAX 200

/* "a/b/c": a module's or package's path without the file's ending. */
struct module {
    const char *path;
    size_t length;
    bool is_package;
};

struct listing {
    THAW_ARRAY(struct module) modules;
};

/* Reads a file of its metadata: 0, -ENOMEM, or errno of why not. */
static int read_info(const struct thaw_distribution *distribution, const char *name, size_t limit,
                     struct thaw_arena *arena, char **bytes, size_t *length)
{
    const char *path =
        thaw_arena_format(arena, "%s/%s/%s", distribution->location, distribution->info, name);

    return path ? thaw_reading_file(AT_FDCWD, path, limit, arena, bytes, length) : -ENOMEM;
}

/* Each component could stand in an import statement. */
static bool can_be_named(const char *path, size_t length)
{
    bool begins = true;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)path[i];

        if (c == '/' ? begins : !(isalnum(c) || c == '_' || c >= 0x80) || (begins && isdigit(c)))
            return false;
        begins = c == '/';
    }
    return length && !begins;
}

/* The length of a module's path without its ending, 0: it is none. */
static size_t module_length(const char *path, size_t length)
{
    const char *slash = memrchr(path, '/', length);
    const char *name = slash ? slash + 1 : path, *end = path + length;
    const char *dot = memchr(name, '.', (size_t)(end - name));

    if (length > 3 && memcmp(end - 3, ".py", 3) == 0)
        return length - 3;
    /* "name.so", "name.abi3.so", "name.cpython-311-x86_64-linux-gnu.so" */
    if (dot && length > 3 && memcmp(end - 3, ".so", 3) == 0)
        return (size_t)(dot - path);
    return 0;
}

static bool list_path(struct listing *listing, const char *path, size_t length)
{
    static const char init[] = "/__init__";
    const size_t init_length = sizeof(init) - 1;
    size_t stem = module_length(path, length);
    bool is_package =
        stem > init_length && memcmp(path + stem - init_length, init, init_length) == 0;
    struct module *slot;

    if (is_package)
        stem -= init_length;
    if (!can_be_named(path, stem))
        return true;
    slot = thaw_array_add(&listing->modules);
    if (slot)
        *slot = (struct module){path, stem, is_package};
    return slot != NULL;
}

/* Packages first, a package before what lies in it. */
static int by_depth(const void *left, const void *right)
{
    const struct module *a = left, *b = right;
    size_t length = a->length < b->length ? a->length : b->length;
    int order;

    if (a->is_package != b->is_package)
        return a->is_package ? -1 : 1;
    order = memcmp(a->path, b->path, length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static bool lies_in(const char *name, const struct thaw_texts *packages)
{
    for (uint64_t i = 0; i < packages->count; i++) {
        size_t length = strlen(packages->items[i]);

        if (strncmp(name, packages->items[i], length) == 0 &&
            (name[length] == '.' || name[length] == '\0'))
            return true;
    }
    return false;
}

static int name_modules(const struct listing *listing, struct thaw_arena *arena,
                        struct thaw_texts *ret)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < listing->modules.count && ret->count <= MODULES_MAX;
         i++) {
        const struct module *module = &listing->modules.items[i];
        char name[PATH_MAX];

        if (module->length >= sizeof(name))
            continue;
        for (size_t at = 0; at < module->length; at++)
            name[at] = module->path[at] == '/' ? '.' : module->path[at];
        name[module->length] = '\0';
        if (!lies_in(name, ret))
            result = thaw_arena_add_text(arena, ret, MODULES_MAX + 1, name, module->length);
    }
    if (ret->count > MODULES_MAX)
        *ret = (struct thaw_texts){0};
    return result;
}

int thaw_modules_of_record(char *bytes, size_t length, struct thaw_arena *arena,
                           struct thaw_texts *ret)
{
    struct thaw_record_reader reader = {bytes, bytes + length};
    struct listing listing = {0};
    int result = 0;
    char *path;

    *ret = (struct thaw_texts){0};
    while (result == 0 && thaw_record_next(&reader, &path, &length))
        if (thaw_record_normalise(path, &length) && !list_path(&listing, path, length))
            result = -ENOMEM;
    if (result == 0 && listing.modules.count)
        qsort(listing.modules.items, listing.modules.count, sizeof(*listing.modules.items),
              by_depth);
    if (result == 0)
        result = name_modules(&listing, arena, ret);
    thaw_array_free(&listing.modules);
    return result;
}

int thaw_distribution_modules(const struct thaw_distribution *distribution,
                              struct thaw_arena *arena, struct thaw_texts *ret)
{
    struct thaw_arena scratch = {0};
    size_t length;
    char *bytes;
    int result = read_info(distribution, "RECORD", RECORD_BYTES_MAX, &scratch, &bytes, &length);

    *ret = (struct thaw_texts){0};
    if (result == 0)
        result = thaw_modules_of_record(bytes, length, arena, ret);
    thaw_arena_free(&scratch);
    return result == -ENOMEM ? result : 0;
}

static bool is_command(const char *group)
{
    return strcmp(group, "console_scripts") == 0 || strcmp(group, "gui_scripts") == 0;
}

int thaw_groups_of_entry_points(char *text, struct thaw_arena *arena, struct thaw_texts *ret)
{
    char *rest = NULL;
    int result = 0;

    *ret = (struct thaw_texts){0};
    for (char *line = strtok_r(text, "\r\n", &rest); result == 0 && line;
         line = strtok_r(NULL, "\r\n", &rest)) {
        char *end = *line == '[' ? strchr(line, ']') : NULL;

        if (!end)
            continue;
        *end = '\0';
        if (!is_command(line + 1))
            result = thaw_arena_add_text(arena, ret, GROUPS_MAX, line + 1,
                                         strnlen(line + 1, GROUP_BYTES_MAX));
    }
    return result;
}

int thaw_distribution_groups(const struct thaw_distribution *distribution, struct thaw_arena *arena,
                             struct thaw_texts *ret)
{
    struct thaw_arena scratch = {0};
    size_t length;
    char *bytes;
    int result =
        read_info(distribution, "entry_points.txt", LIST_BYTES_MAX, &scratch, &bytes, &length);

    *ret = (struct thaw_texts){0};
    if (result == 0)
        result = thaw_groups_of_entry_points(bytes, arena, ret);
    thaw_arena_free(&scratch);
    return result == -ENOMEM ? result : 0;
}
