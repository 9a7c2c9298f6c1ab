/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "shipped/site_table.h"

#define PATH_FILE_BYTES_MAX ((size_t)256 << 10)
#define TOO_LONG "256 kB or longer: the rest is not read"

/* Counts lines as the module `site` takes them: what begins with "import " is executed, comments
 * and empty lines are passed over, all else is a folder. */
static void count_lines(const char *bytes, size_t length, struct thaw_shipped_path_file *ret)
{
    const char *end = bytes + length;

    while (bytes < end) {
        const char *next = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t size = next ? (size_t)(next - bytes) : (size_t)(end - bytes);
        size_t blank = 0;

        while (blank < size && strchr(" \t\r\f\v", bytes[blank]))
            blank++;
        if (size > 6 && strncmp(bytes, "import", 6) == 0 && (bytes[6] == ' ' || bytes[6] == '\t'))
            ret->code++;
        else if (blank < size && *bytes != '#')
            ret->folders++;
        bytes += size + 1;
    }
}

static int read_path_file(struct thaw_shipped *shipped, uint32_t file)
{
    const struct thaw_shipped_file *entry = &shipped->files[file];
    struct thaw_arena scratch = {0};
    struct thaw_shipped_path_file *row;
    char *bytes;
    size_t length;
    int result = thaw_tree_read(shipped, file, PATH_FILE_BYTES_MAX, &scratch, &bytes, &length);

    if (result < 0) {
        thaw_arena_free(&scratch);
        return result == -ENOMEM
                   ? result
                   : thaw_shipped_fault(shipped, entry->path, "%s", strerror(-result));
    }
    if (length == PATH_FILE_BYTES_MAX &&
        thaw_shipped_fault(shipped, entry->path, "%s", TOO_LONG) < 0) {
        thaw_arena_free(&scratch);
        return -ENOMEM;
    }
    row = thaw_array_add(&shipped->memory->path_files);
    if (row) {
        row->path = entry->path;
        row->distribution = entry->distribution;
        count_lines(bytes, length, row);
    }
    thaw_arena_free(&scratch);
    return row ? 0 : -ENOMEM;
}

int thaw_shipped_path_files(struct thaw_shipped *shipped, struct thaw_error *error)
{
    const struct thaw_site_table *sites = shipped->memory->sites;

    for (size_t i = 0; i < sites->places.count; i++) {
        const struct thaw_tree_folder *extra =
            &shipped->memory->content->folders.items[sites->places.items[i]];

        for (uint32_t j = extra->first_file; j < extra->first_file + extra->file_count; j++) {
            size_t length = strlen(shipped->files[j].path);

            if (length > 4 && strcmp(shipped->files[j].path + length - 4, ".pth") == 0 &&
                read_path_file(shipped, j) < 0)
                return thaw_error_memory(error);
        }
    }
    return 0;
}
