/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A folder of a test's own, and files in it. Everything here ends the test program when it fails:
 * a test without its files proves nothing.
 */
struct scratch {
    char path[256]; /* links resolved */
};

void scratch_make(struct scratch *scratch);
void scratch_remove(struct scratch *scratch);

/* The path of a name in the folder; a buffer that lasts until the eighth next call. */
const char *scratch_path(const struct scratch *scratch, const char *name);

/* Creates a file with its folders, mode 0644. Returns scratch_path() of it. */
const char *scratch_write(const struct scratch *scratch, const char *name, const void *bytes,
                          size_t length);
const char *scratch_write_text(const struct scratch *scratch, const char *name, const char *text);

/* Creates a folder with those above it; a symbolic link. */
const char *scratch_folder(const struct scratch *scratch, const char *name);
const char *scratch_link(const struct scratch *scratch, const char *name, const char *target);

/* Copies a whole file into the folder, with its mode. */
const char *scratch_copy(const struct scratch *scratch, const char *name, const char *from);

/* All that a shell command prints, freed by the caller; NULL when it fails. */
char *scratch_output(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Builds a C source text with the compiler of the build (cc) and options into name; false when
 * there is no compiler, then the test skips.
 */
bool scratch_compile(const struct scratch *scratch, const char *name, const char *source,
                     const char *options);

#endif
