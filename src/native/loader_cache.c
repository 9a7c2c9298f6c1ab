/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

#define FLAG_ELF_LIBC6_X8664 0x0303 /* FLAG_ELF_LIBC6 | FLAG_X8664_LIB64 */

struct cache_entry {
    const char *soname;
    const char *path;
};

struct thaw_loader_cache {
    char *bytes; /* length of them, then a NUL */
    size_t length;
    THAW_ARRAY(struct cache_entry) entries;
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

/* Texts are offsets from the new part's start; bytes[length] is a NUL, so each of them ends. */
static int cache_entry(struct thaw_loader_cache *cache, size_t start, size_t at)
{
    uint64_t key = (uint64_t)start + cache_u32(cache, at + 4);
    uint64_t value = (uint64_t)start + cache_u32(cache, at + 8);
    struct cache_entry *entry;

    if (cache_u32(cache, at) != FLAG_ELF_LIBC6_X8664 || cache_u64(cache, at + 16) != 0 ||
        key >= cache->length || value >= cache->length || cache->bytes[value] != '/')
        return 0;
    entry = thaw_array_add(&cache->entries);
    if (!entry)
        return -ENOMEM;
    entry->soname = cache->bytes + key;
    entry->path = cache->bytes + value;
    return 0;
}

static int cache_entries(struct thaw_loader_cache *cache)
{
    size_t start = cache_start(cache), count, most;

    if (start >= cache->length)
        return 0;
    count = cache_u32(cache, start + 20);
    most = (cache->length - start - NEW_HEADER_BYTES) / NEW_ENTRY_BYTES;
    for (size_t i = 0; i < count && i < most; i++) {
        int result = cache_entry(cache, start, start + NEW_HEADER_BYTES + i * NEW_ENTRY_BYTES);

        if (result < 0)
            return result;
    }
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

/* The file's bytes, NULL when it cannot be read; *length is what was read. */
static char *cache_read(int fd, size_t *length)
{
    struct stat status;
    char *bytes;
    ssize_t got;

    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
        (uint64_t)status.st_size > CACHE_BYTES_MAX)
        return NULL;
    bytes = malloc((size_t)status.st_size);
    if (!bytes)
        return NULL;
    *length = 0;
    while (*length < (size_t)status.st_size &&
           (got = read(fd, bytes + *length, (size_t)status.st_size - *length)) > 0)
        *length += (size_t)got;
    return bytes;
}

int thaw_loader_cache_open(const char *root, struct thaw_loader_cache **ret,
                           struct thaw_error *error)
{
    int fd = thaw_root_open(root, CACHE_PATH);
    size_t length = 0;
    char *bytes = NULL;
    int result;

    if (fd >= 0) {
        bytes = cache_read(fd, &length);
        close(fd);
    }
    result = thaw_loader_cache_parse(bytes, bytes ? length : 0, ret, error);
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

size_t thaw_loader_cache_count(const struct thaw_loader_cache *cache)
{
    return cache->entries.count;
}

const char *thaw_loader_cache_find(const struct thaw_loader_cache *cache, const char *soname)
{
    for (size_t i = 0; i < cache->entries.count; i++) {
        if (strcmp(cache->entries.items[i].soname, soname) == 0)
            return cache->entries.items[i].path;
    }
    return NULL;
}
