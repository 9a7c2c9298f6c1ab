/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_CODE_NAMES_H
#define THAW_CAPTURE_CODE_NAMES_H

#include "capture/elsewhere.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Stores the functions that a recording's samples and calls lie in, so that a report needs no
 * files. Files of processes elsewhere are not read.
 */
int thaw_code_names_store(const struct thaw_recording *recording,
                          const struct thaw_elsewhere *elsewhere,
                          struct thaw_recording_writer *writer, struct thaw_error *error);

#endif
