/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_LIBRARIES_H
#define THAW_CAPTURE_LIBRARIES_H

#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"
#include "thaw/recording.h"

/* Stores which shared objects a process has mapped now; nothing when it has ended. */
int thaw_libraries_store(uint32_t pid, struct thaw_recording_writer *writer,
                         struct thaw_error *error);

/* The same by what its smaps were (native/maps.h). */
int thaw_libraries_store_maps(uint32_t pid, const char *maps, size_t length,
                              struct thaw_recording_writer *writer, struct thaw_error *error);

#endif
