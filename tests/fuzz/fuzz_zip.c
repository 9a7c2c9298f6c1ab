/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shipped/content.h"

/*
 * A target of any bytes: if it is a zip, no path of the model leads out of it, sums are those of
 * its files, and its members can be read or not.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define READ_MEMBERS 16

static void check_path(const char *path)
{
    if (!*path || *path == '/' || strchr(path, '\\'))
        abort();
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (*part == '/' || !*part || strcmp(part, "..") == 0 || strncmp(part, "../", 3) == 0)
            abort();
    }
}

static void check(const struct thaw_shipped *shipped)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];

        check_path(file->path);
        if (file->folder >= shipped->folder_count || thaw_content_find(shipped, file->path) != i)
            abort();
        bytes += file->bytes;
    }
    for (size_t i = 1; i < shipped->folder_count; i++) {
        check_path(shipped->folders[i].path);
        if (shipped->folders[i].parent >= i)
            abort();
    }
    if (bytes != shipped->total.bytes)
        abort();
}

static void read_members(const struct thaw_shipped *shipped)
{
    for (uint32_t i = 0; i < shipped->file_count && i < READ_MEMBERS; i++) {
        char *bytes;
        size_t length;
        int fd = thaw_content_open(shipped, i);

        if (fd >= 0 && (uint64_t)lseek(fd, 0, SEEK_END) > shipped->files[i].bytes)
            abort();
        if (fd >= 0)
            close(fd);
        if (thaw_content_read(shipped, i, 64, &bytes, &length) == 0 && length > 64)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("zip", MFD_CLOEXEC);
    struct thaw_shipped_options options = {.root = "", .without_libraries = true};
    struct thaw_shipped *shipped;
    char path[64];

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    options.target = path;
    if (thaw_shipped_read(&options, &shipped, NULL) == 0) {
        check(shipped);
        read_members(shipped);
        thaw_shipped_free(shipped);
    }
    close(fd);
    return 0;
}
