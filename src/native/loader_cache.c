/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "native/loader_cache.h"
#include "native/root.h"

#define CACHE_PATH "/etc/ld.so.cache"
#define CACHE_BYTES_MAX ((size_t)16 << 20)

#define NEW_MAGIC "glibc-ld.so.cache1.1"
#define NEW_HEADER_BYTES 48
#define NEW_ENTRY_BYTES 24
#define OLD_MAGIC "ld.so-1.7.0"
#define OLD_COUNT_AT 12
#define OLD_HEADER_BYTES 16
#define OLD_ENTRY_BYTES 12

/* FLAG_ELF_LIBC6 and the machine's, e.g. FLAG_X8664_LIB64. */
#define FLAGS_X86_64 0x0303u
#define FLAGS_AARCH64 0x0a03u
#define FLAGS_I386 0x0003u

/* An entry for a subfolder: bits of hwcap; its lower half is an index into the subfolders' names,
 * which lie in a section of the extensions. */
#define HWCAP_SUBFOLDER ((uint64_t)1 << 62)
#define HWCAP_LEVEL_MASK ((uint64_t)1023 << 32) /* of ldconfig's own CPU levels: told by name */
#define EXTENSION_AT 32
#define EXTENSION_MAGIC 0xeaa42174u
#define EXTENSION_SECTION_BYTES 16
#define EXTENSION_SECTIONS_MAX 64
#define EXTENSION_SUBFOLDERS 1
#define SUBFOLDERS_MAX 64

struct cache_entry {
    const char *soname;
    const char *path;
    uint32_t flags;
    unsigned level; /* of the subfolder x86-64-vN; 0: in none */
    size_t place;
};

struct thaw_loader_cache {
    char *bytes; /* length of them, then a NUL */
    size_t length;
    unsigned levels[SUBFOLDERS_MAX];        /* of the subfolders by their index, 0 unknown */
    THAW_ARRAY(struct cache_entry) entries; /* sorted */
};

static uint32_t cache_u32(const struct thaw_loader_cache *cache, size_t at)
{
    uint32_t value;

    memcpy(&value, cache->bytes + at, sizeof(value));
    return value;
}

static uint64_t cache_u64(const struct thaw_loader_cache *cache, size_t at)
{
    uint64_t value;

    memcpy(&value, cache->bytes + at, sizeof(value));
    return value;
}

/* Where the new part begins, or length when there is none; 8-byte aligned behind the old part. */
static size_t cache_start(const struct thaw_loader_cache *cache)
{
    size_t at = 0;

    if (cache->length >= OLD_HEADER_BYTES &&
        memcmp(cache->bytes, OLD_MAGIC, sizeof(OLD_MAGIC) - 1) == 0) {
        uint64_t entries = cache_u32(cache, OLD_COUNT_AT);

        if (entries > cache->length / OLD_ENTRY_BYTES)
            return cache->length;
        at = (size_t)(OLD_HEADER_BYTES + entries * OLD_ENTRY_BYTES + 7) & ~(size_t)7;
    }
    if (at > cache->length || cache->length - at < NEW_HEADER_BYTES ||
        memcmp(cache->bytes + at, NEW_MAGIC, sizeof(NEW_MAGIC) - 1) != 0)
        return cache->length;
    return at;
}

/* "x86-64-v3" -> 3, 0: another name, of a subfolder that no x86-64 loader looks into. */
static unsigned level_of(const char *name)
{
    const char *digit = name + sizeof("x86-64-v") - 1;

    return strncmp(name, "x86-64-v", sizeof("x86-64-v") - 1) == 0 && *digit >= '2' &&
                   *digit <= '4' && !digit[1]
               ? (unsigned)(*digit - '0')
               : 0;
}

/* Names of the subfolders: a section of 32-bit offsets of texts. */
static void cache_subfolders(struct thaw_loader_cache *cache, size_t start, size_t at, size_t bytes)
{
    for (size_t i = 0; i < bytes / 4 && i < SUBFOLDERS_MAX; i++) {
        uint64_t name = (uint64_t)start + cache_u32(cache, at + i * 4);

        if (name < cache->length)
            cache->levels[i] = level_of(cache->bytes + name);
    }
}

static void cache_extensions(struct thaw_loader_cache *cache, size_t start)
{
    uint64_t at = (uint64_t)start + cache_u32(cache, start + EXTENSION_AT);
    uint32_t sections;

    if (at == start || at > cache->length || cache->length - at < 8 ||
        cache_u32(cache, at) != EXTENSION_MAGIC)
        return;
    sections = cache_u32(cache, at + 4);
    at += 8;
    for (uint32_t i = 0; i < sections && i < EXTENSION_SECTIONS_MAX; i++) {
        uint64_t offset, bytes;

        if (cache->length - at < EXTENSION_SECTION_BYTES)
            return;
        offset = (uint64_t)start + cache_u32(cache, at + 8);
        bytes = cache_u32(cache, at + 12);
        if (cache_u32(cache, at) == EXTENSION_SUBFOLDERS && offset <= cache->length &&
            bytes <= cache->length - offset)
            cache_subfolders(cache, start, offset, bytes);
        at += EXTENSION_SECTION_BYTES;
    }
}

/* False: the entry is for CPUs of a kind that is not known here. */
static bool cache_level(const struct thaw_loader_cache *cache, uint64_t hwcap, unsigned *ret)
{
    *ret = 0;
    if (hwcap == 0)
        return true;
    if ((hwcap & ~HWCAP_LEVEL_MASK) >> 32 != HWCAP_SUBFOLDER >> 32 ||
        (uint32_t)hwcap >= SUBFOLDERS_MAX)
        return false;
    *ret = cache->levels[(uint32_t)hwcap];
    return *ret != 0;
}

/* Texts are offsets from the new part's start; bytes[length] is a NUL, so each of them ends. */
static int cache_entry(struct thaw_loader_cache *cache, size_t start, size_t at)
{
    uint32_t flags = cache_u32(cache, at);
    uint64_t key = (uint64_t)start + cache_u32(cache, at + 4);
    uint64_t value = (uint64_t)start + cache_u32(cache, at + 8);
    struct cache_entry *entry;
    unsigned level;

    if ((flags != FLAGS_X86_64 && flags != FLAGS_AARCH64 && flags != FLAGS_I386) ||
        !cache_level(cache, cache_u64(cache, at + 16), &level) || key >= cache->length ||
        value >= cache->length || cache->bytes[value] != '/')
        return 0;
    entry = thaw_array_add(&cache->entries);
    if (!entry)
        return -ENOMEM;
    *entry = (struct cache_entry){cache->bytes + key, cache->bytes + value, flags, level, at};
    return 0;
}

static int compare_kinds(const struct cache_entry *one, const struct cache_entry *other)
{
    int by_name = strcmp(one->soname, other->soname);

    if (by_name)
        return by_name;
    if (one->flags != other->flags)
        return one->flags < other->flags ? -1 : 1;
    return one->level < other->level ? -1 : one->level > other->level;
}

/* Of several entries for one name the file's first counts. */
static int compare_entries(const void *left, const void *right)
{
    const struct cache_entry *one = left, *other = right;
    int by_kind = compare_kinds(one, other);

    if (by_kind)
        return by_kind;
    return one->place < other->place ? -1 : one->place > other->place;
}

static int cache_entries(struct thaw_loader_cache *cache)
{
    size_t start = cache_start(cache), count, most;

    if (start >= cache->length)
        return 0;
    cache_extensions(cache, start);
    count = cache_u32(cache, start + 20);
    most = (cache->length - start - NEW_HEADER_BYTES) / NEW_ENTRY_BYTES;
    for (size_t i = 0; i < count && i < most; i++) {
        int result = cache_entry(cache, start, start + NEW_HEADER_BYTES + i * NEW_ENTRY_BYTES);

        if (result < 0)
            return result;
    }
    if (cache->entries.count)
        qsort(cache->entries.items, cache->entries.count, sizeof(struct cache_entry),
              compare_entries);
    return 0;
}

int thaw_loader_cache_parse(const void *bytes, size_t length, struct thaw_loader_cache **ret,
                            struct thaw_error *error)
{
    struct thaw_loader_cache *cache = calloc(1, sizeof(*cache));

    if (!cache)
        return thaw_error_memory(error);
    cache->bytes = malloc(length + 1);
    if (cache->bytes) {
        if (length)
            memcpy(cache->bytes, bytes, length);
        cache->bytes[length] = '\0';
        cache->length = length;
    }
    if (!cache->bytes || cache_entries(cache) < 0) {
        thaw_loader_cache_free(cache);
        return thaw_error_memory(error);
    }
    *ret = cache;
    return 0;
}

int thaw_loader_cache_open(const char *root, struct thaw_loader_cache **ret,
                           struct thaw_error *error)
{
    char *bytes = NULL;
    size_t length = 0;
    int result = thaw_root_read(root, CACHE_PATH, CACHE_BYTES_MAX, &bytes, &length);

    result = result == -ENOMEM ? thaw_error_memory(error)
                               : thaw_loader_cache_parse(bytes, length, ret, error);
    free(bytes);
    return result;
}

void thaw_loader_cache_free(struct thaw_loader_cache *cache)
{
    if (!cache)
        return;
    thaw_array_free(&cache->entries);
    free(cache->bytes);
    free(cache);
}

static uint32_t flags_of(struct thaw_object_abi abi)
{
    if (abi.is_big_endian)
        return 0;
    if (abi.machine == EM_X86_64 && abi.is_64bit)
        return FLAGS_X86_64;
    if (abi.machine == EM_AARCH64 && abi.is_64bit)
        return FLAGS_AARCH64;
    return abi.machine == EM_386 && !abi.is_64bit ? FLAGS_I386 : 0;
}

/* The first entry of that kind. */
static const char *find_kind(const struct thaw_loader_cache *cache, const struct cache_entry *kind)
{
    size_t low = 0, high = cache->entries.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_kinds(&cache->entries.items[middle], kind) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < cache->entries.count && compare_kinds(&cache->entries.items[low], kind) == 0
               ? cache->entries.items[low].path
               : NULL;
}

const char *thaw_loader_cache_find(const struct thaw_loader_cache *cache, const char *soname,
                                   struct thaw_object_abi abi, unsigned cpu_level)
{
    struct cache_entry kind = {.soname = soname, .flags = flags_of(abi)};

    for (kind.level = kind.flags == FLAGS_X86_64 ? cpu_level : 0; kind.level > 1; kind.level--) {
        const char *path = find_kind(cache, &kind);

        if (path)
            return path;
    }
    kind.level = 0;
    return kind.flags ? find_kind(cache, &kind) : NULL;
}
