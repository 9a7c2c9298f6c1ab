/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_PLACES_H
#define THAW_CLI_GATE_PLACES_H

#include <jansson.h>

#include "thaw/error.h"

/*
 * Where a recording tells who imported whom, but not in which line (the importtime backend's), the
 * lines of the user's own files are looked up: in a verdict, offenders with a chain and without a
 * file get those of the statement by which the last of the user's own modules asks for the next.
 * folder: where the command ran, and its modules lie; "" here. Files that can't be read tell
 * nothing. -ENOMEM.
 */
int thaw_gate_find_places(json_t *gate, const char *folder, struct thaw_error *error);

#endif
