/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_JSON_POSITION_H
#define THAW_BASE_JSON_POSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"

/*
 * Where in a JSON text its keys and values stand, for messages about what is wrong with them. The
 * values themselves are jansson's to read: each text that jansson accepts is accepted here, within
 * the bounds below. The reverse does not hold: numbers, words and what is inside of texts are not
 * looked into.
 */

/* From 1; a column is a character (of UTF-8: each byte that begins one), a byte order mark at the
 * beginning is none. 0: not known. */
struct thaw_json_place {
    uint32_t line, column;
};

/* What is allowed beside JSON as RFC 8259 has it. */
enum {
    THAW_JSON_COMMENTS = 1 << 0,        /* to the end of the line, or enclosed */
    THAW_JSON_TRAILING_COMMAS = 1 << 1, /* one behind the last item */
};

#define THAW_JSON_POSITION_BYTES_MAX ((size_t)64 << 20)
#define THAW_JSON_POSITION_VALUES_MAX ((size_t)1 << 20)
#define THAW_JSON_POSITION_DEPTH_MAX 2048 /* jansson's own */

/* A value is told by its number in the order of the text: 0 is the root. */
#define THAW_JSON_NO_VALUE UINT32_MAX

struct thaw_json_value {
    struct thaw_json_place place, key_place;
    uint32_t at;                        /* offset */
    uint32_t last_line;                 /* where it ends; 0: it does not */
    uint32_t key, key_length;           /* between its quotes, as it is written; key 0: no key */
    uint32_t parent, first, last, next; /* values; THAW_JSON_NO_VALUE: none */
};

struct thaw_json_positions {
    const char *bytes; /* the caller's, has to stay */
    THAW_ARRAY(struct thaw_json_value) values;
    struct thaw_json_place end; /* how far it went: where it is wrong, if it is */
    size_t end_at;              /* its offset */
};

/* 0; -EINVAL: it is no JSON, see end; -E2BIG: a bound is hit; -ENOMEM. To be freed in any case. */
int thaw_json_positions_scan(const char *bytes, size_t length, unsigned allowed,
                             struct thaw_json_positions *ret);
void thaw_json_positions_free(struct thaw_json_positions *positions);

/* The value of a key (UTF-8; where it stands twice, the last one, as jansson has it), the value at
 * an index: steps of a path from the root. THAW_JSON_NO_VALUE: there is none, or value is none. */
uint32_t thaw_json_positions_member(const struct thaw_json_positions *positions, uint32_t value,
                                    const char *key);
uint32_t thaw_json_positions_item(const struct thaw_json_positions *positions, uint32_t value,
                                  size_t index);

/* To go through a list or an object without counting anew: its first value, the one behind it. */
uint32_t thaw_json_positions_first(const struct thaw_json_positions *positions, uint32_t value);
uint32_t thaw_json_positions_next(const struct thaw_json_positions *positions, uint32_t value);

/* Of what is none: 0 and 0. A value that has no key: its own place. */
struct thaw_json_place thaw_json_positions_place(const struct thaw_json_positions *positions,
                                                 uint32_t value);
struct thaw_json_place thaw_json_positions_key(const struct thaw_json_positions *positions,
                                               uint32_t value);

/*
 * Does an object have a key twice, however it is written ("a", "\u0061")? Then the first one in
 * the text that is there already, and the one of its name before it. 1, 0 or -ENOMEM.
 */
int thaw_json_positions_twice(const struct thaw_json_positions *positions, uint32_t *ret_again,
                              uint32_t *ret_before);

/* The same for all that stand twice, in no order: each is told the one and the nearest of its name
 * before it, until it returns other than 0. That, 0 or -ENOMEM. */
int thaw_json_positions_repeats(const struct thaw_json_positions *positions,
                                int (*each)(void *context, uint32_t again, uint32_t before),
                                void *context);

/* How many bytes the byte order mark at the beginning has, which jansson does not take: 3 or 0. */
size_t thaw_json_mark_length(const char *bytes, size_t length);

/*
 * Makes plain JSON of what has comments and commas behind the last item: they become spaces, line
 * ends stay, so that each place stays the same but for columns (not bytes) behind a comment that is
 * not in ASCII. A byte order mark stays.
 */
void thaw_json_blank(char *bytes, size_t length, unsigned allowed);

#endif
