/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_IMAGE_H
#define THAW_NATIVE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "native/frame_table.h"
#include "native/object.h"

/*
 * An object's bytes as they are where it is loaded, for unwinding: read in blocks that are kept,
 * never mapped.
 */
struct thaw_image;

/*
 * Opens the file of a mapping; "[vdso]" is that of this process, which is every process's. *spent
 * counts the bytes that all images keep, and outlives them. Negative errno.
 */
int thaw_image_open(const char *path, size_t *spent, struct thaw_image **ret);

void thaw_image_close(struct thaw_image *image); /* NULL is fine */

const struct thaw_object *thaw_image_object(const struct thaw_image *image);
const struct thaw_frame_table *thaw_image_table(const struct thaw_image *image);

/* The address, before it is moved to where it is loaded, of code at an offset in the file. */
bool thaw_image_address(const struct thaw_image *image, uint64_t offset, uint64_t *ret);

/* Eight bytes at such an address. */
bool thaw_image_word(struct thaw_image *image, uint64_t address, uint64_t *ret);

#endif
