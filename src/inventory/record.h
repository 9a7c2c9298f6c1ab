/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_RECORD_H
#define THAW_INVENTORY_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * RECORD of an installed distribution: CSV lines "path,hash,size" (PyPA, "Recording installed
 * projects"), paths relative to the folder that holds the .dist-info. It is used for who owns a
 * file; its sizes are only what files are compared with.
 */
struct thaw_record_reader {
    char *cursor;
    char *end;
    uint64_t bytes; /* of the line that was taken last */
    bool has_bytes; /* it says a size */
};

/*
 * Takes the path of the next line; false at the end. Quoted fields are unquoted in place, so the
 * bytes are the reader's: *path points into them and is not NUL-terminated. Lines without a path
 * are passed over; an unclosed quote ends with the text.
 */
bool thaw_record_next(struct thaw_record_reader *reader, char **path, size_t *length);

/*
 * Removes empty, "." and ".." components in place. False when the path leads outside the folder:
 * it is absolute, climbs above it, or holds a NUL; then it must not be opened.
 */
bool thaw_record_normalise(char *path, size_t *length);

#endif
