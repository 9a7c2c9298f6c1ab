/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_SHOWN_TEXT_H
#define THAW_REPORT_SHOWN_TEXT_H

#include <jansson.h>

#include "base/arena.h"

/*
 * Texts of a report as outputs show them: one line of plain UTF-8 in which a byte that is no UTF-8
 * (of `<key>_bytes`) is \xNN, and any other character that isn't plain is \xNN or \u{NNNN}. All
 * return texts of the arena, NULL when memory is short.
 */

/* The text under key, "" when there is none. */
const char *thaw_shown_text(struct thaw_arena *arena, const json_t *object, const char *key);

/* The same for item number index of the list under key. */
const char *thaw_shown_item(struct thaw_arena *arena, const json_t *object, const char *key,
                            size_t index);

/* The text, which is shown so already, with each of these characters of ASCII as \xNN: a form uses
 * them itself. */
const char *thaw_shown_without(struct thaw_arena *arena, const char *text, const char *characters);

#endif
