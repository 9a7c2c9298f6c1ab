/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_WORD_H
#define THAW_PLATFORM_WORD_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/wire.h"

/* Words of harmless characters within text from outside, which is not terminated. */

/* How many of text's first bytes could belong to a dotted name: letters, digits, "_" and ".". */
size_t thaw_word_length(const char *text, size_t length);

/* Without regard to capitals. */
bool thaw_word_ends_with(const char *text, size_t length, const char *end);

/*
 * An exception's type, the whole text: "NameError", "System.TimeoutException". Fills word (room for
 * THAW_WIRE_WORD_BYTES and a NUL), or leaves it alone for text that does not look like a class of
 * exceptions (CamelCase, or ending in error, exception, timeout or exit).
 */
void thaw_word_of_exception(const char *text, size_t length, char *word);

#endif
