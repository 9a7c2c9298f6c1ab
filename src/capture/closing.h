/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_CLOSING_H
#define THAW_CAPTURE_CLOSING_H

#include "capture/identity.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Puts the inventory into the recording: what a report needs from this machine, about the
 * interpreters, files and libraries that the recording so far speaks of. path is the recording's.
 * Questions to an interpreter are asked as the command's user.
 */
int thaw_closing_inventory(const char *path, struct thaw_recording_writer *writer,
                           const struct thaw_identity *identity, struct thaw_error *error);

#endif
