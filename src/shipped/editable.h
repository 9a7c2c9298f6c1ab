/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_EDITABLE_H
#define THAW_SHIPPED_EDITABLE_H

#include "shipped/build.h"

/* Where editable distributions are developed. */

/*
 * The folder of a file: URL (RFC 8089: its percent codes are bytes), or another URL as it is; in
 * the arena, NULL: no memory.
 */
const char *thaw_editable_place(struct thaw_arena *arena, const char *url);

/* Does the folder or URL lie outside of the target, so that it does not go where that goes? */
bool thaw_editable_is_outside(const struct thaw_shipped *shipped, const char *place);

#endif
