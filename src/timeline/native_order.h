/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_NATIVE_ORDER_H
#define THAW_TIMELINE_NATIVE_ORDER_H

#include <stdbool.h>

#include "timeline/build.h"

/* Puts libraries, functions and paths in order, most samples first, and publishes them. False when
 * memory is short. */
bool thaw_native_order(struct thaw_build *build);

#endif
