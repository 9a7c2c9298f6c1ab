/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "inventory/info.h"

#define HEADER_BYTES ((size_t)16 << 10) /* most end within these: the rest is a description */
#define METADATA_BYTES_MAX ((size_t)256 << 10)
#define SMALL_BYTES_MAX ((size_t)64 << 10)
#define INSTALLER_BYTES_MAX 64
#define TOPS_MAX 1024

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);

    return length > end && strcmp(text + length - end, suffix) == 0;
}

enum thaw_info_kind thaw_info_kind(const char *name)
{
    if (ends_with(name, ".dist-info"))
        return THAW_INFO_WHEEL;
    return ends_with(name, ".egg-info") ? THAW_INFO_EGG : THAW_INFO_NONE;
}

/* "pandas-2.2.0.dist-info", "foo-1.0-py3.11.egg-info": what the folder's name tells. */
static int info_from_name(const char *name, struct thaw_arena *arena, struct thaw_info *info)
{
    const char *dot = strrchr(name, '.');
    size_t stem = dot ? (size_t)(dot - name) : strlen(name);
    const char *dash = memchr(name, '-', stem);
    size_t name_length = dash ? (size_t)(dash - name) : stem;
    size_t rest = dash ? stem - name_length - 1 : 0;
    const char *next = dash ? memchr(dash + 1, '-', rest) : NULL;

    info->name = thaw_arena_text(arena, name, name_length);
    info->version =
        thaw_arena_text(arena, dash ? dash + 1 : "", next ? (size_t)(next - dash) - 1 : rest);
    return info->name && info->version ? 0 : -ENOMEM;
}

static bool has_header_end(const char *bytes, size_t length)
{
    return memmem(bytes, length, "\n\n", 2) || memmem(bytes, length, "\r\n\r\n", 4);
}

static int info_metadata(const struct thaw_info_source *source, struct thaw_arena *arena,
                         struct thaw_info *info)
{
    bool is_egg = source->kind == THAW_INFO_EGG;
    const char *file = is_egg ? "PKG-INFO" : "METADATA";
    char *bytes;
    size_t length;
    int result = source->read(source->context, file, HEADER_BYTES, &bytes, &length);

    if (result == 0 && length == HEADER_BYTES && !has_header_end(bytes, length))
        result = source->read(source->context, file, METADATA_BYTES_MAX, &bytes, &length);
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    if (length == METADATA_BYTES_MAX && !has_header_end(bytes, length))
        info->cut = file;
    if (thaw_metadata_parse(bytes, length, arena, &info->metadata, NULL) < 0)
        return -ENOMEM;
    result = is_egg && !info->metadata.requires.count
                 ? source->read(source->context, "requires.txt", SMALL_BYTES_MAX, &bytes, &length)
                 : -ENOENT;
    if (result == 0 && length == SMALL_BYTES_MAX)
        info->cut = "requires.txt";
    if (result == -ENOMEM ||
        (result == 0 &&
         thaw_metadata_parse_requires(bytes, length, arena, &info->metadata, NULL) < 0))
        return -ENOMEM;
    if (*info->metadata.name)
        info->name = info->metadata.name;
    if (*info->metadata.version)
        info->version = info->metadata.version;
    return 0;
}

static int info_installer(const struct thaw_info_source *source, struct thaw_arena *arena,
                          struct thaw_info *info)
{
    char *bytes;
    size_t length, from;
    int result = source->read(source->context, "INSTALLER", SMALL_BYTES_MAX, &bytes, &length);

    info->installer = "";
    if (result < 0)
        return result == -ENOMEM ? result : 0;
    from = strspn(bytes, " \t\r\n");
    length = strcspn(bytes + from, " \t\r\n");
    info->installer = thaw_arena_text(arena, bytes + from,
                                      length < INSTALLER_BYTES_MAX ? length : INSTALLER_BYTES_MAX);
    return info->installer ? 0 : -ENOMEM;
}

int thaw_info_read(const struct thaw_info_source *source, struct thaw_arena *arena,
                   struct thaw_info *ret)
{
    int result;

    *ret = (struct thaw_info){
        .metadata = {.name = "", .version = "", .license = "", .requires_python = ""}};
    result = info_from_name(source->name, arena, ret);
    if (result == 0)
        result = info_metadata(source, arena, ret);
    return result == 0 ? info_installer(source, arena, ret) : result;
}

/* The only name there is to guess from. */
static int tops_guess(const char *distribution, struct thaw_arena *arena, struct thaw_texts *ret)
{
    char *guess = thaw_arena_allocate(arena, strlen(distribution) + 1);

    ret->items = guess ? thaw_arena_allocate(arena, sizeof(*ret->items)) : NULL;
    if (!ret->items)
        return -ENOMEM;
    strcpy(guess, distribution);
    for (char *at = guess; *at; at++)
        *at = *at == '-' ? '_' : *at;
    ret->items[0] = guess;
    ret->count = *guess != '\0';
    return 0;
}

int thaw_info_tops(const struct thaw_info_source *source, const char *distribution,
                   struct thaw_arena *arena, struct thaw_texts *ret, bool *is_cut)
{
    char *bytes, *name, *rest;
    size_t length;
    int result = source->read(source->context, "top_level.txt", SMALL_BYTES_MAX, &bytes, &length);

    *ret = (struct thaw_texts){0};
    *is_cut = result == 0 && length == SMALL_BYTES_MAX;
    if (result < 0)
        return result == -ENOMEM ? result : tops_guess(distribution, arena, ret);
    ret->items = thaw_arena_allocate(arena, TOPS_MAX * sizeof(*ret->items));
    if (!ret->items)
        return -ENOMEM;
    for (name = strtok_r(bytes, " \t\r\n", &rest); name && ret->count < TOPS_MAX;
         name = strtok_r(NULL, " \t\r\n", &rest)) {
        ret->items[ret->count] = thaw_arena_string(arena, name);
        if (!ret->items[ret->count++])
            return -ENOMEM;
    }
    *is_cut |= name != NULL;
    return 0;
}
