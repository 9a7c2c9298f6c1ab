/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_NAME_H
#define THAW_PACKAGING_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Names of distributions. Source: PyPA, "Names and normalization" (PEP 503). */

/* True when both are one name: case and runs of "-", "_", "." don't matter. */
bool thaw_name_is_same(const char *one, const char *other);

/* The form that only equal names share: "Foo__Bar.baz" is "foo-bar-baz". NULL: memory is short. */
const char *thaw_name_normalise(struct thaw_arena *arena, const char *name, size_t length);

#endif
