/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_TEXT_H
#define THAW_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * Bytes that came from outside (paths, module names) made safe to show.
 *
 * UTF-8 is what RFC 3629 section 4 allows: no overlong forms, no surrogates, nothing beyond
 * U+10FFFF. All functions are bounded by length and read nothing behind it; bytes may be NULL
 * when length is 0. Those that fill a buffer work as snprintf does: they write at most size bytes
 * with a NUL at the end (nothing when size is 0), never half a character or half an escape, and
 * return the length the whole result has without that NUL: a return value >= size means it was cut.
 */

/*
 * The character at the start of bytes: fills *codepoint and returns its length (1 to 4), or
 * returns 0 when the bytes there are not UTF-8 (or length is 0).
 */
size_t thaw_text_decode(const char *bytes, size_t length, uint32_t *codepoint);

/* Writes codepoint (at most U+10FFFF, no surrogate) as UTF-8 and returns its length (1 to 4). */
size_t thaw_text_encode(char out[4], uint32_t codepoint);

bool thaw_text_is_utf8(const char *bytes, size_t length);

/* No byte of it is DEL or more: nearly all names and paths are so. */
bool thaw_text_is_ascii(const char *bytes, size_t length);

/*
 * True when showing the character changes nothing but its own cells: not a control character
 * (C0, DEL, C1), no bidirectional mark, no line or paragraph separator, nothing invisible of the
 * same kind. Joiners (U+200C, U+200D) are plain: Persian and emoji need them.
 */
bool thaw_text_is_plain(uint32_t codepoint);

/*
 * For terminals and logs: one line of plain characters. What is not plain becomes \xNN (below
 * U+0080, and each byte that is not UTF-8) or \u{NNNN}; all else, the backslash too, stays as it
 * is.
 */
size_t thaw_text_escape_terminal(char *out, size_t size, const char *bytes, size_t length);

/*
 * For JSON: valid UTF-8, every malformed sequence (longest run that could have begun a character,
 * Unicode 15 section 3.9, as Python's errors="replace") and every NUL replaced by U+FFFD. Control
 * characters stay; a JSON writer escapes them.
 */
size_t thaw_text_sanitise(char *out, size_t size, const char *bytes, size_t length);

/* The two above for a C string (NULL is ""), whole, in the arena; NULL when memory is short. */
const char *thaw_text_for_terminal(struct thaw_arena *arena, const char *string);
const char *thaw_text_for_json(struct thaw_arena *arena, const char *string);

/*
 * The bytes of a report's `<key>_bytes` (report/values.h): %XX, or a character that stands for
 * itself; so do %00 and what is no such form. In the arena; NULL when memory is short.
 */
const char *thaw_text_unpercent(struct thaw_arena *arena, const char *text);

/* Does it end so? The second one whatever the case of ASCII letters is. */
bool thaw_text_ends_with(const char *text, const char *end);
bool thaw_text_ends_with_any_case(const char *text, const char *end);

/* The same by whole names: "app.py" is the end of "api/app.py", not of "myapp.py". */
bool thaw_text_ends_with_path(const char *path, const char *end);

#endif
