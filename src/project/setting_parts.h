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
struct thaw_span {
    const char *at;
    size_t length;
};

#define THAW_SPAN(literal) ((struct thaw_span){literal, sizeof(literal) - 1})

bool thaw_span_begins(struct thaw_span span, const char *text);
bool thaw_span_ends(struct thaw_span span, const char *text);
bool thaw_span_is(struct thaw_span span, const char *text);
/* Where the text is first; SIZE_MAX: nowhere. */
size_t thaw_span_find(struct thaw_span span, const char *text);
/* Its first bytes, and what is left behind them. */
struct thaw_span thaw_span_first(struct thaw_span span, size_t length);
struct thaw_span thaw_span_behind(struct thaw_span span, size_t length);
struct thaw_span thaw_span_bare(struct thaw_span span);
/* Are all of its bytes letters or digits (of ASCII), or among others? Of none: true. */
bool thaw_span_has_only(struct thaw_span span, const char *others);

/* To be filled in by someone: "<your key>", "changeme", "%NAME%", "xxx". */
bool thaw_setting_is_placeholder(struct thaw_span value);
/* Such a thing is in it. */
bool thaw_setting_has_placeholder(struct thaw_span value);

/* Looks like made by chance, not by a person: kinds of characters change too often for words. */
bool thaw_setting_is_random(struct thaw_span value);

/* By the form of the value, whatever its name is; THAW_SHAPE_UNKNOWN: no secret. */
enum thaw_setting_shape thaw_setting_secret_form(struct thaw_span value);
/* By what the name says, of a value that has no form of its own; THAW_SHAPE_UNKNOWN likewise. */
enum thaw_setting_shape thaw_setting_secret_name(struct thaw_span name, struct thaw_span value);
/* Does the name say that the value is secret? */
bool thaw_setting_says_secret(struct thaw_span name);

/* Does it speak of Key Vault references at all? Then *ret_wrong is what is wrong with it, "" it is
 * well formed; a literal. */
bool thaw_setting_is_reference(struct thaw_span value, const char **ret_wrong);

#endif
