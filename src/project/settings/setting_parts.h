/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_SETTING_PARTS_H
#define THAW_PROJECT_SETTING_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "thaw/project.h"

/*
 * How a value is judged by its form (setting_shape.c): secrets by what they look like
 * (setting_secret.c), Key Vault references (setting_reference.c). All is of bytes with a length,
 * and letters count without regard to case where not said otherwise.
 */

/* Bytes of a value or name; not ended by NUL. */
struct thaw_value {
    const char *at;
    size_t length;
};

bool thaw_value_begins(struct thaw_value value, const char *text);
bool thaw_value_ends(struct thaw_value value, const char *text);
bool thaw_value_is(struct thaw_value value, const char *text);
/* Where the text is first; SIZE_MAX: nowhere. */
size_t thaw_value_find(struct thaw_value value, const char *text);
/* Its first bytes, and what is left behind them. */
struct thaw_value thaw_value_first(struct thaw_value value, size_t length);
struct thaw_value thaw_value_behind(struct thaw_value value, size_t length);
struct thaw_value thaw_value_trim(struct thaw_value value);
/* Are all of its bytes letters or digits (of ASCII), or among others? Of none: true. */
bool thaw_value_has_only(struct thaw_value value, const char *others);

/* To be filled in by someone: "<your key>", "changeme", "%NAME%", "xxx". */
bool thaw_setting_is_placeholder(struct thaw_value value);
/* Such a thing is in it. */
bool thaw_setting_has_placeholder(struct thaw_value value);

/* Looks like made by chance, not by a person: kinds of characters change too often for words. */
bool thaw_setting_is_random(struct thaw_value value);

/* By the form of the value, whatever its name is; THAW_SHAPE_UNKNOWN: no secret. */
enum thaw_setting_shape thaw_setting_secret_form(struct thaw_value value);
/* By what the name says, of a value that has no form of its own; THAW_SHAPE_UNKNOWN likewise. */
enum thaw_setting_shape thaw_setting_secret_name(struct thaw_value name, struct thaw_value value);
/* What stands where the name of a setting has to; NULL: it is a connection string, or has the form
 * of a secret, that nobody should see. NULL is taken for itself. */
const char *thaw_setting_name_only(const char *text);
/* Does what stands where a name should have the form of a secret, as a whole or in a part? */
bool thaw_setting_name_is_secret(struct thaw_value name);
/* Does the name say that the value is secret? */
bool thaw_setting_says_secret(struct thaw_value name);

/* Does it speak of Key Vault references at all? Then *ret_wrong is what is wrong with it, "" it is
 * well formed; a literal. */
bool thaw_setting_is_reference(struct thaw_value value, const char **ret_wrong);

#endif
