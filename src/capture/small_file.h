/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_SMALL_FILE_H
#define THAW_CAPTURE_SMALL_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads a file of /proc or /sys into bytes, up to size - 1 of them, and ends them with a NUL.
 * Returns how many, or a negative errno (bytes is then "").
 */
long thaw_small_file_read(const char *path, char *bytes, size_t size);

/* The first line without its end; false: there is no such file, or it is empty. */
bool thaw_small_file_line(const char *path, char *line, size_t size);

#endif
