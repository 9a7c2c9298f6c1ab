/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "shipped/editable.h"
#include "shipped/site_table.h"

#define SMALL_BYTES_MAX ((size_t)64 << 10)
/* Of all distributions together. */
#define REQUIREMENTS_MAX 200000
#define REQUIREMENT_BYTES_MAX ((uint64_t)32 << 20)
#define TAGS_MAX 64
#define EGG_BYTES_MAX ((uint64_t)16 << 20)   /* a zip's directory is read whole */
#define EGGS_BYTES_MAX ((uint64_t)256 << 20) /* all together */
#define TAG_BYTES_MAX 256
#define URL_BYTES_MAX 4096

static int read_egg(const struct thaw_site_reading *reading, const char *name, size_t limit,
                    char **ret, size_t *length)
{
    char path[64];

    if ((size_t)snprintf(path, sizeof(path), "EGG-INFO/%s", name) >= sizeof(path))
        return -ENOENT;
    return thaw_zip_read_egg(reading->egg, path, limit, reading->arena, ret, length);
}

/* Opens a zipped egg for reading: one that can't be is known by its name alone. */
static int open_egg(struct thaw_shipped *shipped, struct thaw_site_reading *reading)
{
    const struct thaw_shipped_file *file = &shipped->memory->files.items[reading->entry->file];
    uint64_t *bytes = &shipped->memory->sites->egg_bytes;
    int result = -EFBIG;

    if (file->bytes <= EGG_BYTES_MAX && *bytes + file->bytes <= EGGS_BYTES_MAX) {
        *bytes += file->bytes;
        result = thaw_zip_open_egg(shipped, reading->entry->file, &reading->egg);
    }
    if (result == 0 || result == -ENOMEM)
        return result;
    return thaw_shipped_fault(shipped, file->path,
                              "a zipped egg that can't be opened: its requirements are not read");
}

static int read_file(void *context, const char *name, size_t limit, char **ret, size_t *length)
{
    const struct thaw_site_reading *reading = context;
    uint32_t file = reading->entry->file;

    if (reading->egg)
        return read_egg(reading, name, limit, ret, length);
    if (reading->entry->folder != THAW_SHIPPED_NONE)
        file = thaw_tree_find_file(reading->shipped, reading->entry->folder, name, strlen(name), 0);
    else if (reading->entry->kind != THAW_SITE_INFO || strcmp(name, "PKG-INFO") != 0)
        return -ENOENT;
    if (file == THAW_SHIPPED_NONE)
        return -ENOENT;
    return thaw_tree_read(reading->shipped, file, limit, reading->arena, ret, length);
}

struct thaw_info_source thaw_site_source(struct thaw_site_reading *reading)
{
    enum thaw_info_kind kind = thaw_info_kind(reading->entry->name);

    return (struct thaw_info_source){.read = read_file,
                                     .context = reading,
                                     .kind = kind == THAW_INFO_NONE ? THAW_INFO_EGG : kind,
                                     .name = reading->entry->name};
}

/* A line's value when it is "Tag: value". */
static size_t tag_value(const char *line, size_t length, const char **value)
{
    static const char key[] = "Tag:";
    const char *end = line + length;

    if (length < sizeof(key) || strncasecmp(line, key, sizeof(key) - 1) != 0)
        return 0;
    for (line += sizeof(key) - 1; line < end && isspace((unsigned char)*line); line++)
        ;
    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    *value = line;
    return (size_t)(end - line) > TAG_BYTES_MAX ? TAG_BYTES_MAX : (size_t)(end - line);
}

/* The wheel's tags, each once. PyPA, "Binary distribution format": the file WHEEL. */
static int read_tags(struct thaw_shipped *shipped, const struct thaw_info_source *source,
                     struct thaw_texts *ret)
{
    struct thaw_arena *arena = &shipped->memory->arena;
    const char *value;
    char *bytes;
    size_t length;
    int result = source->read(source->context, "WHEEL", SMALL_BYTES_MAX, &bytes, &length);

    if (result < 0)
        return result == -ENOMEM ? result : 0;
    ret->items = thaw_arena_allocate(arena, TAGS_MAX * sizeof(*ret->items));
    if (!ret->items)
        return -ENOMEM;
    for (const char *line = bytes, *end = bytes + length; line < end && ret->count < TAGS_MAX;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t size = next ? (size_t)(next - line) : (size_t)(end - line);
        size_t value_length = tag_value(line, size, &value);

        if (value_length) {
            ret->items[ret->count] = thaw_arena_text(arena, value, value_length);
            if (!ret->items[ret->count++])
                return -ENOMEM;
        }
        line += size + 1;
    }
    return 0;
}

/* direct_url.json of PEP 610: where an editable one is developed, NULL: it is none. */
static const char *editable_url(const json_t *root)
{
    const json_t *folder = json_object_get(root, "dir_info");
    const char *url = json_string_value(json_object_get(root, "url"));

    if (!url || !json_is_true(json_object_get(folder, "editable")) || strlen(url) > URL_BYTES_MAX)
        return NULL;
    return url;
}

static int read_direct_url(struct thaw_shipped *shipped, const struct thaw_info_source *source,
                           const char *info, const char **ret)
{
    const char *url;
    char *bytes;
    size_t length;
    json_t *root;
    int result = source->read(source->context, "direct_url.json", SMALL_BYTES_MAX, &bytes, &length);

    if (result < 0)
        return result == -ENOMEM ? result : 0;
    root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (!root)
        return thaw_shipped_fault(shipped, info, "direct_url.json is no JSON: passed over");
    url = editable_url(root);
    if (url)
        *ret = thaw_editable_place(&shipped->memory->arena, url);
    json_decref(root);
    return *ret ? 0 : -ENOMEM;
}

/* The first line of an .egg-link is the folder that setup.py develop was run for. */
static int read_egg_link(struct thaw_shipped *shipped, const struct thaw_site_reading *reading,
                         const char **ret)
{
    char *bytes;
    size_t length;
    int result = thaw_tree_read(shipped, reading->entry->file, URL_BYTES_MAX, reading->arena,
                                &bytes, &length);

    if (result < 0)
        return result == -ENOMEM ? result : 0;
    *ret = thaw_arena_text(&shipped->memory->arena, bytes, strcspn(bytes, "\r\n"));
    return *ret ? 0 : -ENOMEM;
}

static void count_texts(struct thaw_site_table *sites, const struct thaw_texts *texts)
{
    sites->requirements += texts->count;
    for (uint64_t i = 0; i < texts->count; i++)
        sites->requirement_bytes += strlen(texts->items[i]) + 1;
}

/* What a distribution says of itself; without its requirements when there are too many already. */
static int read_info(struct thaw_shipped *shipped, struct thaw_site_reading *reading,
                     const struct thaw_info_source *source, struct thaw_info *ret)
{
    struct thaw_arena *arena = &shipped->memory->arena;
    struct thaw_site_table *sites = shipped->memory->sites;
    int result = thaw_info_read(source, sites->is_full ? reading->arena : arena, ret);

    if (result < 0)
        return result;
    if (sites->is_full) {
        ret->name = thaw_arena_string(arena, ret->name);
        ret->version = thaw_arena_string(arena, ret->version);
        ret->installer = thaw_arena_string(arena, ret->installer);
        ret->metadata.license = thaw_arena_string(arena, ret->metadata.license);
        ret->metadata.requires = ret->metadata.extras = (struct thaw_texts){0};
        return ret->name && ret->version && ret->installer && ret->metadata.license ? 0 : -ENOMEM;
    }
    count_texts(sites, &ret->metadata.requires);
    count_texts(sites, &ret->metadata.extras);
    sites->is_full =
        sites->requirements > REQUIREMENTS_MAX || sites->requirement_bytes > REQUIREMENT_BYTES_MAX;
    return sites->is_full ? thaw_shipped_fault(shipped, source->name,
                                               "more than 200,000 requirements, or 32 MiB of them, "
                                               "with those before it: what further distributions "
                                               "require is not known")
                          : 0;
}

static int describe(struct thaw_shipped *shipped, struct thaw_site_reading *reading,
                    struct thaw_shipped_distribution *distribution, struct thaw_site_told *told)
{
    const struct thaw_info_source source = thaw_site_source(reading);
    const struct thaw_site_entry *entry = reading->entry;
    struct thaw_info info;
    int result = read_info(shipped, reading, &source, &info);

    if (result < 0)
        return result;
    distribution->name = info.name;
    distribution->version = info.version;
    distribution->installer = info.installer;
    distribution->location = shipped->memory->folders.items[entry->site].path;
    distribution->info = entry->folder == THAW_SHIPPED_NONE
                             ? shipped->memory->files.items[entry->file].path
                             : shipped->memory->folders.items[entry->folder].path;
    if (info.cut &&
        thaw_shipped_fault(shipped, distribution->info,
                           "%s is longer than thaw reads: the rest is not read", info.cut) < 0)
        return -ENOMEM;
    distribution->license = info.metadata.license;
    distribution->editable = distribution->misfit = "";
    told->requires = info.metadata.requires;
    if (entry->kind == THAW_SITE_EGG_LINK)
        return read_egg_link(shipped, reading, &distribution->editable);
    result = read_tags(shipped, &source, &distribution->tags);
    return result == 0
               ? read_direct_url(shipped, &source, distribution->info, &distribution->editable)
               : result;
}

int64_t thaw_site_info_read(struct thaw_shipped *shipped, const struct thaw_site_entry *entry)
{
    struct thaw_shipped_memory *memory = shipped->memory;
    struct thaw_arena scratch = {0};
    struct thaw_site_reading reading = {shipped, entry, &scratch, NULL};
    struct thaw_shipped_distribution distribution = {0};
    struct thaw_site_told told = {.package = THAW_SHIPPED_NONE,
                                  .conda = THAW_SHIPPED_NONE,
                                  .leftover_of = THAW_SHIPPED_NONE};
    int result = entry->kind == THAW_SITE_EGG_ZIP ? open_egg(shipped, &reading) : 0;
    struct thaw_shipped_distribution *slot;
    struct thaw_site_told *told_slot;

    if (result == 0)
        result = describe(shipped, &reading, &distribution, &told);
    thaw_zip_close_egg(reading.egg);
    thaw_arena_free(&scratch);
    distribution.is_editable_outside = result == 0 && *distribution.editable &&
                                       thaw_editable_is_outside(shipped, distribution.editable);
    if (result < 0)
        return result;
    told_slot = thaw_array_add(&memory->sites->told);
    slot = told_slot ? thaw_array_add(&memory->distributions) : NULL;
    if (!slot)
        return -ENOMEM;
    *told_slot = told;
    *slot = distribution;
    return (int64_t)memory->distributions.count - 1;
}
