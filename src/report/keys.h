/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_KEYS_H
#define THAW_REPORT_KEYS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"

/*
 * What things of a report are known by, so that one is found again in its report or in another.
 * All are valid UTF-8; NULL: memory is short.
 */

/* The text under key as it stands, "" when there is none. */
const char *thaw_key_string(const json_t *object, const char *key);

/* The text under key, "" when there is none. Where its bytes are not UTF-8 they make the key. */
const char *thaw_key_text(struct thaw_arena *arena, const json_t *object, const char *key);

/* The bytes that the text under key stands for, "" when there is none. They need not be UTF-8. */
const char *thaw_key_raw(struct thaw_arena *arena, const json_t *object, const char *key);

/* The same for item number index of the list under key. */
const char *thaw_key_raw_item(struct thaw_arena *arena, const json_t *object, const char *key,
                              size_t index);

/* The same for item number index of a list of texts. */
const char *thaw_key_item(struct thaw_arena *arena, const json_t *object, const char *key,
                          size_t index);

/* The text under key as a distribution's name: equal names have equal keys (PEP 503). */
const char *thaw_key_name(struct thaw_arena *arena, const json_t *object, const char *key);

/* The key of a name that is the key of a text; NULL of NULL. */
const char *thaw_key_normalised(struct thaw_arena *arena, const char *name);

/* A name of a list likewise. */
const char *thaw_key_item_name(struct thaw_arena *arena, const json_t *object, const char *key,
                               size_t index);

/* Would the dynamic loader not find what an entry of "needed" names, or not with each that loads it
 * ("missing_by")? One for another machine than the target's (a reason without a path) is not
 * missing: nothing there can load it. */
bool thaw_key_is_missing(const json_t *needed);

/* How many faults say that bytes or facts of the target are missing from the report's figures; with
 * those that were only counted, of which that is not known. */
size_t thaw_key_unread(const json_t *report);

/* What stands behind the path's last slash; the path itself where nothing does. */
const char *thaw_key_last_part(const char *path);

/* path behind "folder/", NULL when it is not in it; an empty folder holds every path. */
const char *thaw_key_within(const char *path, const char *folder);

#endif
