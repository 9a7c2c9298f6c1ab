/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_RECORD_H
#define THAW_PACKAGING_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * RECORD of an installed distribution: CSV lines "path,hash,size" (PyPA, "Recording installed
 * projects"), paths relative to the folder that holds the .dist-info. Who owns a file
 * is told by it; of sizes it is only what was installed, never what is there.
 */
struct thaw_record_reader {
    char *cursor;
    char *end;
};

/*
 * Takes the path of the next line; false at the end. Quoted fields are unquoted in place, so the
 * bytes are the reader's: *path points into them and is not NUL-terminated. Lines without a path
 * are passed over; an unclosed quote ends with the text.
 */
bool thaw_record_next(struct thaw_record_reader *reader, char **path, size_t *length);

/* The same with the size in bytes, UINT64_MAX unknown (none is given, or it is no number). */
bool thaw_record_next_sized(struct thaw_record_reader *reader, char **path, size_t *length,
                            uint64_t *size);

/* No component is empty or begins with a dot: normalised, the path is what it was. */
bool thaw_record_is_plain(const char *path, size_t length);

/*
 * Removes empty, "." and ".." components in place. False when the path leads outside the folder:
 * it is absolute, climbs above it, or holds a NUL; then it must not be opened.
 */
bool thaw_record_normalise(char *path, size_t *length);

#endif
