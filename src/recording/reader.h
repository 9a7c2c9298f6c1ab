/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_READER_H
#define THAW_RECORDING_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "thaw/recording.h"

/* True when bytes begin with the magic of the binary form, or with as much of it as fits. */
bool thaw_reader_is_binary(const unsigned char *bytes, size_t length);

/*
 * Reads a whole file in binary form into recording->memory, in the order of the file, up to the
 * first defect; fills finished, defect and unknown_kinds. -EBADMSG when not even the header is
 * whole, -ENOTSUP for a newer version, -ENOMEM.
 */
int thaw_reader_read(const unsigned char *bytes, size_t length, struct thaw_recording *recording,
                     struct thaw_error *error);

#endif
