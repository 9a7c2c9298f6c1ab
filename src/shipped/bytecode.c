/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shipped/bytecode_header.h"
#include "shipped/tree.h"

#define EXAMPLES_MAX 20
#define SAMPLES_MOST 8  /* of a distribution: half of its files stale is missed 1 time in 256 */
#define SAMPLES_ALL 512 /* of all together, but at least one of each */
#define NANOSECONDS 1000000000u

/* A source file and its bytecode; sources of one distribution are one group. */
struct pair {
    uint32_t source;
    uint32_t bytecode; /* or NONE */
    enum thaw_bytecode_state state;
    bool is_read;
    bool is_hashed;
};

struct health {
    struct thaw_shipped *shipped;
    THAW_ARRAY(struct pair) pairs;
    char tag[32];                             /* ".cpython-311.pyc", "" version unknown */
    const struct pair *dearest[EXAMPLES_MAX]; /* that are not fresh, largest source first */
    size_t dearest_count;
};

static const char *const state_names[] = {
    [THAW_BYTECODE_FRESH] = "fresh",     [THAW_BYTECODE_STALE] = "stale",
    [THAW_BYTECODE_MISSING] = "missing", [THAW_BYTECODE_FOREIGN] = "foreign",
    [THAW_BYTECODE_DAMAGED] = "damaged",
};

const char *thaw_bytecode_state_name(enum thaw_bytecode_state state)
{
    return state < THAW_BYTECODE_STATES ? state_names[state] : "";
}

/*
 * The bytecode for a source in a __pycache__ folder: *state is FRESH if it has to be looked into,
 * FOREIGN if there is only some of another interpreter, MISSING.
 */
static uint32_t find_bytecode(const struct health *health, uint32_t cache, const char *name,
                              enum thaw_bytecode_state *state)
{
    const struct thaw_shipped *shipped = health->shipped;
    const struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[cache];
    size_t stem = strlen(name) - strlen(".py"), tag = strlen(health->tag);
    char wanted[NAME_MAX + sizeof(health->tag)];

    *state = THAW_BYTECODE_MISSING;
    if (stem > NAME_MAX)
        return THAW_SHIPPED_NONE;
    memcpy(wanted, name, stem);
    memcpy(wanted + stem, ".", sizeof("."));
    for (uint32_t i = thaw_tree_first_file(shipped, cache, wanted);
         i < extra->first_file + extra->file_count; i++) {
        const char *own = shipped->files[i].path + extra->name_at;
        const char *rest = own + stem;

        if (strncmp(own, wanted, stem + 1) != 0)
            break;
        if (tag ? strcmp(rest, health->tag) == 0
                : strncmp(rest, ".cpython-", 9) == 0 && !strstr(rest, ".opt-")) {
            *state = THAW_BYTECODE_FRESH;
            return i;
        }
        if (!strstr(rest, ".opt-") && strstr(rest, ".pyc"))
            *state = THAW_BYTECODE_FOREIGN;
    }
    return THAW_SHIPPED_NONE;
}

static uint32_t cache_of(const struct thaw_shipped *shipped, uint32_t folder)
{
    static const char cache[] = "/__pycache__";
    const char *path = shipped->folders[folder].path;
    size_t length = strlen(path), skip = !length || path[length - 1] == '/';
    char buffer[8192];

    if (length + sizeof(cache) > sizeof(buffer))
        return THAW_SHIPPED_NONE;
    memcpy(buffer, path, length);
    memcpy(buffer + length, cache + skip, sizeof(cache) - skip);
    return thaw_tree_find_folder(shipped, buffer, length + sizeof(cache) - 1 - skip);
}

/* Sources in a folder of the import path. */
static int pair_folder(struct health *health, uint32_t folder)
{
    const struct thaw_shipped *shipped = health->shipped;
    const struct thaw_tree_folder *extra = &shipped->memory->content->folders.items[folder];
    uint32_t cache = THAW_SHIPPED_NONE;
    bool is_known = false;

    for (uint32_t i = extra->first_file; i < extra->first_file + extra->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];
        struct pair *pair;

        if (file->kind != THAW_FILE_PYTHON)
            continue;
        if (!is_known)
            cache = cache_of(shipped, folder);
        is_known = true;
        pair = thaw_array_add(&health->pairs);
        if (!pair)
            return -ENOMEM;
        *pair = (struct pair){.source = i,
                              .bytecode = THAW_SHIPPED_NONE,
                              .state = THAW_BYTECODE_MISSING};
        if (cache != THAW_SHIPPED_NONE)
            pair->bytecode =
                find_bytecode(health, cache, file->path + extra->name_at, &pair->state);
    }
    return 0;
}

static int pair_all(struct health *health)
{
    const struct thaw_shipped *shipped = health->shipped;
    bool is_app = shipped->memory->is_app;
    int result = 0;

    for (uint32_t i = 0; result == 0 && i < shipped->folder_count; i++) {
        if (is_app || shipped->memory->content->folders.items[i].is_in_site)
            result = pair_folder(health, i);
    }
    return result;
}

/* By distribution, then in the walk's order. */
static int compare_pairs(const void *one, const void *other, void *context)
{
    const struct thaw_shipped_file *files = context;
    const struct pair *left = one, *right = other;
    uint32_t owner = files[left->source].distribution, next = files[right->source].distribution;

    if (owner != next)
        return owner < next ? -1 : 1;
    return left->source < right->source ? -1 : left->source > right->source;
}

/* Looks into the bytecode's header. 0, or -ENOMEM. */
static int look_into(struct health *health, struct pair *pair)
{
    const struct thaw_shipped_file *source = &health->shipped->files[pair->source];
    const struct thaw_bytecode_source facts = {
        .seconds = (uint32_t)(source->mtime_ns / NANOSECONDS),
        .bytes = (uint32_t)source->bytes,
        .size_is_known = !source->again,
        .version = health->shipped->python.version,
    };
    struct thaw_arena scratch = {0};
    char *bytes;
    size_t length;
    int result;

    if (pair->is_read)
        return 0;
    pair->is_read = true;
    health->shipped->bytecode.checked++;
    result = thaw_tree_read(health->shipped, pair->bytecode, THAW_BYTECODE_HEADER_BYTES, &scratch,
                            &bytes, &length);
    if (result == 0)
        pair->state = thaw_bytecode_header_state(bytes, length, &facts, &pair->is_hashed);
    else if (result != -ENOMEM)
        pair->state = THAW_BYTECODE_DAMAGED;
    thaw_arena_free(&scratch);
    return result == -ENOMEM ? result : 0;
}

/* What the names and times alone say: true when the header has to be read. */
static bool is_doubtful(const struct health *health, const struct pair *pair)
{
    const struct thaw_shipped_file *files = health->shipped->files;

    return files[pair->bytecode].mtime_ns / NANOSECONDS <
           files[pair->source].mtime_ns / NANOSECONDS;
}

/*
 * One distribution's. Reading every header takes as long as the walk itself (4 us each, measured),
 * so some are read; one of them that is not fresh lets all be read. What a deployment does to
 * times, it does to all files, or to every other (zips have even seconds only).
 */
static int check_group(struct health *health, struct pair *pairs, size_t count, size_t samples)
{
    size_t step = count / samples + 1;
    bool is_hashed = false, all = false;
    int result = 0;

    for (size_t i = 0, since = 0; result == 0 && i < count; i++) {
        if (pairs[i].state != THAW_BYTECODE_FRESH)
            continue;
        if (since++ % step && !is_doubtful(health, &pairs[i]))
            continue;
        result = look_into(health, &pairs[i]);
        all |= pairs[i].state != THAW_BYTECODE_FRESH;
        is_hashed |= pairs[i].is_hashed;
    }
    for (size_t i = 0; result == 0 && all && i < count; i++) {
        if (pairs[i].state == THAW_BYTECODE_FRESH)
            result = look_into(health, &pairs[i]);
    }
    for (size_t i = 0; result == 0 && !all && is_hashed && i < count; i++)
        pairs[i].is_hashed |= !pairs[i].is_read;
    return result;
}

static size_t group_end(const struct health *health, size_t from)
{
    const struct thaw_shipped_file *files = health->shipped->files;
    size_t end = from;

    while (end < health->pairs.count && files[health->pairs.items[end].source].distribution ==
                                            files[health->pairs.items[from].source].distribution)
        end++;
    return end;
}

static int check_all(struct health *health)
{
    size_t groups = health->shipped->distribution_count + 1;
    size_t samples = SAMPLES_ALL / groups;
    int result = 0;

    samples = samples > SAMPLES_MOST ? SAMPLES_MOST : samples < 1 ? 1 : samples;
    if (health->pairs.count)
        qsort_r(health->pairs.items, health->pairs.count, sizeof(*health->pairs.items),
                compare_pairs, health->shipped->files);
    for (size_t i = 0, end; result == 0 && i < health->pairs.count; i = end) {
        end = group_end(health, i);
        result = check_group(health, &health->pairs.items[i], end - i, samples);
    }
    return result;
}

/* Keeps the largest sources whose bytecode is not fresh. */
static void keep_dearest(struct health *health, const struct pair *pair)
{
    const struct thaw_shipped_file *files = health->shipped->files;
    uint64_t bytes = files[pair->source].bytes;
    size_t at = health->dearest_count;

    if (at == EXAMPLES_MAX && files[health->dearest[--at]->source].bytes >= bytes)
        return;
    for (; at && files[health->dearest[at - 1]->source].bytes < bytes; at--)
        health->dearest[at] = health->dearest[at - 1];
    health->dearest[at] = pair;
    health->dearest_count += health->dearest_count < EXAMPLES_MAX;
}

/* Could the bytecode of a folder's sources be written by us? */
static bool is_writable(const struct thaw_shipped *shipped, uint32_t folder)
{
    const struct thaw_content *content = shipped->memory->content;
    const struct thaw_tree_root *root = &content->roots.items[content->folders.items[folder].root];
    uint32_t cache = cache_of(shipped, folder);
    const char *path = shipped->folders[cache == THAW_SHIPPED_NONE ? folder : cache].path;

    path += strlen(root->path);
    path += strspn(path, "/");
    if (content->archive)
        return false;
    return faccessat(root->fd, *path ? path : ".", W_OK, AT_EACCESS) == 0 ||
           (errno != EACCES && errno != EROFS && errno != EPERM);
}

static void sum(struct health *health)
{
    struct thaw_shipped *shipped = health->shipped;
    struct thaw_content *content = shipped->memory->content;

    for (size_t i = 0; i < health->pairs.count; i++) {
        const struct pair *pair = &health->pairs.items[i];
        const struct thaw_shipped_file *source = &shipped->files[pair->source];
        struct thaw_tree_folder *folder;

        shipped->bytecode.states[pair->state]++;
        shipped->bytecode.source_bytes[pair->state] += source->bytes;
        if (pair->state == THAW_BYTECODE_FRESH) {
            shipped->bytecode.by_hash += pair->is_hashed;
            shipped->bytecode.by_time += !pair->is_hashed;
            continue;
        }
        keep_dearest(health, pair);
        folder = &content->folders.items[source->folder];
        if (!folder->is_tried) /* sources of several distributions may lie in it */
            shipped->bytecode.unwritable += !is_writable(shipped, source->folder);
        folder->is_tried = true;
    }
}

static int name_examples(const struct health *health)
{
    struct thaw_texts *examples = &health->shipped->bytecode.examples;

    examples->items = thaw_arena_allocate(&health->shipped->memory->arena,
                                          EXAMPLES_MAX * sizeof(*examples->items));
    if (!examples->items)
        return -ENOMEM;
    for (size_t i = 0; i < health->dearest_count; i++)
        examples->items[i] = health->shipped->files[health->dearest[i]->source].path;
    examples->count = health->dearest_count;
    return 0;
}

int thaw_shipped_bytecode(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct health health = {.shipped = shipped};
    const char *version = shipped->python.version;
    int result;

    if (strncmp(version, "3.", 2) == 0)
        snprintf(health.tag, sizeof(health.tag), ".cpython-3%.4s.pyc", version + 2);
    result = pair_all(&health);
    if (result == 0)
        result = check_all(&health);
    if (result == 0) {
        sum(&health);
        result = name_examples(&health);
    }
    thaw_array_free(&health.pairs);
    return result < 0 ? thaw_error_memory(error) : 0;
}
