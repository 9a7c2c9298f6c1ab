/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

#include "thaw/shipped.h"

/*
 * What setuptools leaves, of any content: the parts of the input, each ended by a NUL, are the
 * files below, which are a target's. They are packed here, so that sums are right and each is read.
 * No more is said of a list than it has, and no path that is named leads out of the target.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SITE ".python_packages/lib/site-packages/"

static const char *const names[] = {
    SITE "one-1.0.egg-info/PKG-INFO",
    SITE "one-1.0.egg-info/requires.txt",
    SITE "one-1.0.egg-info/installed-files.txt",
    SITE "one-1.0.egg-info/top_level.txt",
    SITE "two.egg-link",
    SITE "three-2.0-py3.11.egg-info",
    SITE "four-4-py3.11.egg/EGG-INFO/requires.txt",
    SITE "one/__init__.py",
};

static void add(zip_t *archive, const char *name, const void *bytes, size_t length)
{
    zip_source_t *source = zip_source_buffer(archive, bytes, length, 0);
    zip_int64_t index = source ? zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8) : -1;

    if (index < 0 || zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0) < 0)
        abort();
}

/* Closes it; what was written is *ret, whose length is returned. */
static size_t pack(zip_t *archive, zip_source_t *source, void **ret)
{
    zip_stat_t status;

    zip_source_keep(source);
    if (zip_close(archive) < 0 || zip_source_stat(source, &status) < 0 ||
        zip_source_open(source) < 0)
        abort();
    *ret = malloc(status.size + 1);
    if (!*ret || zip_source_read(source, *ret, status.size) != (zip_int64_t)status.size)
        abort();
    zip_source_close(source);
    zip_source_free(source);
    return status.size;
}

static zip_t *begin(zip_source_t **ret)
{
    zip_t *archive;

    *ret = zip_source_buffer_create(NULL, 0, 0, NULL);
    archive = *ret ? zip_open_from_source(*ret, ZIP_CREATE | ZIP_TRUNCATE, NULL) : NULL;
    if (!archive)
        abort();
    return archive;
}

/* The part behind the last file is what a zipped egg says of itself. */
static void add_egg(zip_t *archive, const void *bytes, size_t length, void **packed)
{
    zip_source_t *source;
    zip_t *egg = begin(&source);

    add(egg, "EGG-INFO/requires.txt", bytes, length);
    add(egg, "EGG-INFO/PKG-INFO", bytes, length);
    length = pack(egg, source, packed);
    add(archive, SITE "five-5-py3.11.egg", *packed, length);
}

static void check_paths(const struct thaw_texts *paths, uint64_t count)
{
    if (paths->count > count || paths->count > THAW_RECORD_PATHS_MAX)
        abort();
    for (uint64_t i = 0; i < paths->count; i++) {
        const char *path = paths->items[i], *up = path;

        if (!*path || *path == '/')
            abort();
        while ((up = strstr(up, ".."))) {
            if ((up == path || up[-1] == '/') && (up[2] == '/' || !up[2]))
                abort();
            up += 2;
        }
    }
}

static void check(const struct thaw_shipped *shipped)
{
    for (size_t i = 0; i < shipped->distribution_count; i++) {
        const struct thaw_shipped_distribution *one = &shipped->distributions[i];

        if (!*one->name || one->absent + one->changed + one->outside > one->listed ||
            one->amount.bytes > shipped->total.bytes)
            abort();
        check_paths(&one->absent_paths, one->absent);
        check_paths(&one->changed_paths, one->changed);
    }
}

static void read_target(const void *bytes, size_t length)
{
    int fd = memfd_create("eggs", MFD_CLOEXEC);
    struct thaw_shipped_options options = {.root = "", .without_libraries = true};
    struct thaw_shipped *shipped;
    char path[64];

    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    options.target = path;
    if (thaw_shipped_read(&options, &shipped, NULL) < 0)
        abort(); /* whatever the files say, it is a zip */
    check(shipped);
    thaw_shipped_free(shipped);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *packed = NULL, *egg = NULL;
    zip_source_t *source;
    zip_t *archive = begin(&source);
    size_t at = 0, length;

    for (size_t i = 0; i <= sizeof(names) / sizeof(names[0]) && at <= size; i++) {
        const uint8_t *end = at < size ? memchr(data + at, '\0', size - at) : NULL;
        size_t part = end ? (size_t)(end - data) - at : size - at;

        if (i < sizeof(names) / sizeof(names[0]))
            add(archive, names[i], data + at, part);
        else
            add_egg(archive, data + at, part, &egg);
        at += part + 1;
    }
    length = pack(archive, source, &packed);
    read_target(packed, length);
    free(packed);
    free(egg);
    return 0;
}
