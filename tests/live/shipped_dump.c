/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "thaw/shipped.h"

/*
 * Prints each file of a target, which the report has only in sums, as JSON: [path, distribution,
 * kind, bytes, bytes on disk, counted before]. Texts are latin-1 bytes, so that any name can be
 * shown. Built by test_shipped.py.
 */
static json_t *text(const char *bytes)
{
    char *wide = malloc(2 * strlen(bytes) + 1), *at = wide;
    json_t *value;

    if (!wide)
        return NULL;
    for (; *bytes; bytes++) {
        unsigned char byte = (unsigned char)*bytes;

        if (byte >= 0x80) {
            *at++ = (char)(0xc0 | byte >> 6);
            byte = 0x80 | (byte & 0x3f);
        }
        *at++ = (char)byte;
    }
    value = json_stringn(wide, (size_t)(at - wide));
    free(wide);
    return value;
}

static json_t *row(const struct thaw_shipped *shipped, const struct thaw_shipped_file *file)
{
    json_t *owner = file->distribution == THAW_SHIPPED_NONE
                        ? json_null()
                        : text(shipped->distributions[file->distribution].name);

    return json_pack("[oosIIb]", text(file->path), owner, thaw_file_kind_name(file->kind),
                     (json_int_t)file->bytes, (json_int_t)file->disk_bytes, file->again);
}

int main(int argc, char **argv)
{
    const struct thaw_shipped_options options = {.target = argv[argc - 1], .root = ""};
    struct thaw_shipped *shipped;
    struct thaw_error error = {0};
    json_t *files = json_array();
    int result = 0;

    if (thaw_shipped_read(&options, &shipped, &error) < 0) {
        fprintf(stderr, "%s\n", error.message);
        json_decref(files);
        return 1;
    }
    for (size_t i = 0; i < shipped->file_count; i++)
        result |= json_array_append_new(files, row(shipped, &shipped->files[i]));
    result |= json_dumpf(files, stdout, JSON_COMPACT);
    json_decref(files);
    thaw_shipped_free(shipped);
    return result != 0;
}
