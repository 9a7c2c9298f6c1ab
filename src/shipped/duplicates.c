/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path_table.h"
#include "base/read_whole.h"
#include "base/table.h"
#include "packaging/library_name.h"
#include "shipped/build.h"
#include "shipped/content.h"
#include "shipped/tree.h"

#define CHUNK_BYTES THAW_READ_BYTES
/* Larger ones are not read, nor those that are mostly holes: all of it would be zeros. */
#define COMPARED_BYTES_MAX ((uint64_t)4 << 30)

/* The first library of those that have a key. */
struct key_entry {
    const char *key;
    uint32_t library;
    UT_hash_handle hh;
};

/*
 * Found kind by kind, the strongest first. Of those that are the same by one kind only the largest
 * is held against others by the next one, so that no byte is counted as wasted twice.
 */
struct finding {
    struct thaw_shipped *shipped;
    struct thaw_arena scratch;
    size_t count;                   /* of the target's own */
    bool *is_left;                  /* to be compared */
    bool *is_wanted;                /* by an object of the target, under a name it needs */
    uint32_t *group;                /* the first one that is the same */
    const char **names;             /* SONAMEs without what auditwheel put in, "" none */
    struct thaw_path_table loaded;  /* names that the interpreter has loaded -> the need's number */
    THAW_ARRAY(const char *) paths; /* by that number: what it has loaded under the name */
    unsigned char *chunk;
};

const char *thaw_duplicate_kind_name(enum thaw_duplicate_kind kind)
{
    static const char *const names[] = {[THAW_DUPLICATE_CONTENT] = "content",
                                        [THAW_DUPLICATE_BUILD_ID] = "build-id",
                                        [THAW_DUPLICATE_SONAME] = "soname"};

    return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "";
}

/* A library's name for itself: of an extension module that is its place, not its SONAME. */
static const char *name_of(struct finding *finding, const struct thaw_shipped_library *library)
{
    const char *name = *library->soname ? library->soname : thaw_tree_name(library->path);

    if (library->type != THAW_LIBRARY_SHARED)
        return "";
    return thaw_library_plain_name(&finding->scratch, name);
}

/* Who gets what for a name it needs. */
static void mark_wanted(struct finding *finding)
{
    for (size_t i = 0; i < finding->shipped->library_count; i++) {
        const struct thaw_shipped_library *library = &finding->shipped->libraries[i];

        for (size_t j = 0; j < library->needed_count; j++)
            if (library->needed[j].library < finding->count)
                finding->is_wanted[library->needed[j].library] = true;
    }
}

/* Names of objects outside that are loaded before any of the target, each once. */
static int find_loaded(struct finding *finding)
{
    const struct thaw_shipped *shipped = finding->shipped;

    for (size_t i = 0; i < shipped->library_count; i++)
        for (size_t j = 0; j < shipped->libraries[i].needed_count; j++) {
            const struct thaw_shipped_needed *needed = &shipped->libraries[i].needed[j];
            const char **slot;
            int added;

            if (needed->library == THAW_SHIPPED_NONE ||
                !shipped->libraries[needed->library].outside ||
                strcmp(needed->reason, "already loaded") != 0)
                continue;
            added = thaw_path_table_add(&finding->loaded, &finding->scratch, needed->name,
                                        strlen(needed->name), finding->paths.count);
            slot = added > 0 ? thaw_array_add(&finding->paths) : NULL;
            if (added < 0 || (added && !slot))
                return -ENOMEM;
            if (slot)
                *slot = needed->resolved;
        }
    return 0;
}

static int prepare(struct finding *finding)
{
    const struct thaw_shipped *shipped = finding->shipped;
    struct thaw_arena *scratch = &finding->scratch;
    size_t count = 0;

    while (count < shipped->library_count && !shipped->libraries[count].outside)
        count++;
    finding->count = count;
    finding->group = thaw_arena_allocate(scratch, (count + 1) * sizeof(*finding->group));
    finding->names = thaw_arena_allocate(scratch, (count + 1) * sizeof(*finding->names));
    finding->is_left = thaw_arena_allocate(scratch, count + 1);
    finding->is_wanted = thaw_arena_allocate(scratch, count + 1);
    finding->chunk = malloc(CHUNK_BYTES);
    if (!finding->group || !finding->names || !finding->is_left || !finding->is_wanted ||
        !finding->chunk)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        finding->names[i] = name_of(finding, &shipped->libraries[i]);
        /* Another name of one file is no second copy. */
        finding->is_left[i] = !shipped->files[shipped->libraries[i].file].again;
        if (!finding->names[i])
            return -ENOMEM;
    }
    mark_wanted(finding);
    return find_loaded(finding);
}

/* The first library with that key, added if there is none; NULL: memory is short. */
static struct key_entry *entry_of(struct finding *finding, struct key_entry **table,
                                  const char *key, uint32_t library)
{
    struct key_entry *entry;

    if (!key)
        return NULL;
    HASH_FIND_STR(*table, key, entry);
    if (entry)
        return entry;
    entry = thaw_arena_allocate(&finding->scratch, sizeof(*entry));
    if (!entry)
        return NULL;
    entry->key = key;
    entry->library = library;
    HASH_ADD_KEYPTR(hh, *table, key, strlen(key), entry);
    return entry->hh.tbl ? entry : NULL;
}

/* XXH3 of a file's bytes into the model; 0: not to be had. */
static int hash_content(struct finding *finding, uint32_t library)
{
    struct thaw_shipped_library *entry = &finding->shipped->memory->libraries.items[library];
    const struct thaw_shipped_file *file = &finding->shipped->files[entry->file];
    XXH3_state_t *state;
    uint64_t total = 0;
    ssize_t got;
    int fd;

    if (entry->content_hash || entry->bytes > COMPARED_BYTES_MAX ||
        file->disk_bytes < entry->bytes / 16)
        return 0;
    fd = thaw_content_open(finding->shipped, entry->file);
    if (fd < 0)
        return fd == -ENOMEM ? fd : 0;
    state = XXH3_createState();
    if (!state) {
        close(fd);
        return -ENOMEM;
    }
    XXH3_64bits_reset(state);
    while ((got = read(fd, finding->chunk, CHUNK_BYTES)) > 0 && total < entry->bytes) {
        XXH3_64bits_update(state, finding->chunk, (size_t)got);
        total += (uint64_t)got;
    }
    if (got >= 0 && total == entry->bytes)
        entry->content_hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    close(fd);
    return 0;
}

/* Files of one size that also say the same of themselves are read. */
static int hash_contents(struct finding *finding)
{
    struct key_entry *sizes = NULL, *entry;
    int result = 0;

    for (uint32_t i = 0; result == 0 && i < finding->count; i++) {
        const struct thaw_shipped_library *library = &finding->shipped->libraries[i];

        if (!finding->is_left[i])
            continue;
        entry = entry_of(finding, &sizes,
                         thaw_arena_format(&finding->scratch, "%llu %s %s",
                                           (unsigned long long)library->bytes, library->build_id,
                                           library->soname),
                         i);
        if (!entry)
            result = -ENOMEM;
        else if (entry->library != i)
            result = hash_content(finding, entry->library);
        if (result == 0 && entry && entry->library != i)
            result = hash_content(finding, i);
    }
    HASH_CLEAR(hh, sizes);
    return result;
}

/* What libraries that are the same by that kind have in common; "" nothing, NULL: memory. */
static const char *key_of(struct finding *finding, enum thaw_duplicate_kind kind, uint32_t library)
{
    const struct thaw_shipped_library *entry = &finding->shipped->libraries[library];

    if (kind == THAW_DUPLICATE_BUILD_ID)
        return entry->build_id;
    if (kind == THAW_DUPLICATE_CONTENT)
        return entry->content_hash ? thaw_arena_format(&finding->scratch, "%llu %llx",
                                                       (unsigned long long)entry->bytes,
                                                       (unsigned long long)entry->content_hash)
                                   : "";
    return *finding->names[library] ? thaw_arena_format(&finding->scratch, "%s %s", entry->machine,
                                                        finding->names[library])
                                    : "";
}

static int group_by(struct finding *finding, enum thaw_duplicate_kind kind)
{
    struct key_entry *keys = NULL;
    int result = 0;

    for (uint32_t i = 0; result == 0 && i < finding->count; i++) {
        const char *key = finding->is_left[i] ? key_of(finding, kind, i) : "";
        const struct key_entry *entry = NULL;

        finding->group[i] = i;
        if (key && !*key)
            continue;
        entry = entry_of(finding, &keys, key, i);
        if (entry)
            finding->group[i] = entry->library;
        else
            result = -ENOMEM;
    }
    HASH_CLEAR(hh, keys);
    return result;
}

/* An object that the interpreter has loaded under the name is what everybody gets. */
static const char *loaded_already(const struct finding *finding, const char *soname)
{
    size_t number = thaw_path_table_find(&finding->loaded, soname, strlen(soname));

    return number == THAW_PATH_NONE ? NULL : finding->paths.items[number];
}

/*
 * Under one SONAME the loader takes the first that is loaded for all who need it; under different
 * ones, or none, each is loaded by who wants it.
 */
static const char *winner_of(const struct finding *finding,
                             const struct thaw_shipped_duplicate *duplicate)
{
    const struct thaw_shipped_library *all = finding->shipped->libraries;
    const char *soname = all[duplicate->libraries[0]].soname, *already, *only = NULL;
    size_t reached = 0;

    for (size_t i = 0; i < duplicate->library_count; i++) {
        const struct thaw_shipped_library *library = &all[duplicate->libraries[i]];

        if (!*library->soname || strcmp(library->soname, soname) != 0)
            return "each its own";
        if (finding->is_wanted[duplicate->libraries[i]]) {
            reached++;
            only = library->path;
        }
    }
    already = loaded_already(finding, soname);
    if (already)
        return already;
    if (reached == 1)
        return only;
    return reached ? "the first that is loaded" : "each its own";
}

static int add_group(struct finding *finding, enum thaw_duplicate_kind kind,
                     const uint32_t *members, size_t count)
{
    struct thaw_shipped_memory *memory = finding->shipped->memory;
    const struct thaw_shipped_library *all = memory->libraries.items, *first = &all[members[0]];
    struct thaw_shipped_duplicate *added = thaw_array_add(&memory->duplicates);
    const char *key = finding->names[members[0]];
    uint32_t largest = members[0];

    if (!added)
        return -ENOMEM;
    added->libraries = thaw_arena_allocate(&memory->arena, count * sizeof(uint32_t));
    if (!added->libraries)
        return -ENOMEM;
    memcpy(added->libraries, members, count * sizeof(uint32_t));
    added->library_count = count;
    added->kind = kind;
    for (size_t i = 0; i < count; i++) {
        added->waste_bytes += all[members[i]].bytes;
        finding->is_left[members[i]] = false;
        if (all[members[i]].bytes > all[largest].bytes)
            largest = members[i];
    }
    added->waste_bytes -= all[largest].bytes;
    finding->is_left[largest] = true;
    if (!*key)
        key = thaw_tree_name(first->path);
    added->key = thaw_arena_string(&memory->arena, key);
    added->winner = winner_of(finding, added);
    return added->key ? 0 : -ENOMEM;
}

static int compare_groups(const void *left, const void *right, void *context)
{
    const struct finding *finding = context;
    uint32_t one = *(const uint32_t *)left, other = *(const uint32_t *)right;
    uint32_t first = finding->group[one], second = finding->group[other];

    if (first != second)
        return first < second ? -1 : 1;
    return one < other ? -1 : one > other;
}

/* Groups of more than one, by their first library's path. */
static int tell_groups(struct finding *finding, enum thaw_duplicate_kind kind)
{
    uint32_t *order =
        thaw_arena_allocate(&finding->scratch, (finding->count + 1) * sizeof(uint32_t));
    size_t end, left = 0;
    int result = 0;

    if (!order)
        return -ENOMEM;
    for (uint32_t i = 0; i < finding->count; i++)
        if (finding->is_left[i])
            order[left++] = i;
    if (left)
        qsort_r(order, left, sizeof(*order), compare_groups, finding);
    for (size_t i = 0; result == 0 && i < left; i = end) {
        end = i + 1;
        while (end < left && finding->group[order[end]] == finding->group[order[i]])
            end++;
        if (end - i > 1)
            result = add_group(finding, kind, order + i, end - i);
    }
    return result;
}

int thaw_shipped_duplicates(struct thaw_shipped *shipped, struct thaw_error *error)
{
    static const enum thaw_duplicate_kind kinds[] = {THAW_DUPLICATE_CONTENT,
                                                     THAW_DUPLICATE_BUILD_ID,
                                                     THAW_DUPLICATE_SONAME};
    struct finding finding = {.shipped = shipped};
    int result = prepare(&finding);

    if (result == 0)
        result = hash_contents(&finding);
    for (size_t i = 0; result == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        result = group_by(&finding, kinds[i]);
        if (result == 0)
            result = tell_groups(&finding, kinds[i]);
    }
    free(finding.chunk);
    thaw_array_free(&finding.paths);
    thaw_path_table_clear(&finding.loaded);
    thaw_arena_free(&finding.scratch);
    return result < 0 ? thaw_error_memory(error) : 0;
}
