/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_VALUES_H
#define THAW_REPORT_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "thaw/recording.h"

/*
 * Building JSON without a test after every line: what can fail (only for lack of memory) is kept
 * in `failed`, every function accepts the NULL that an earlier failure left, and the caller looks
 * once, at the end. Keys keep the order in which they were set.
 */
struct thaw_values {
    bool failed;
};

/* A new empty object or array, owned by the caller; NULL when memory is short. */
json_t *thaw_values_object(struct thaw_values *values);
json_t *thaw_values_array(struct thaw_values *values);

/* Puts value (whose reference is taken, also on failure) into object or at the end of array. */
void thaw_values_set(struct thaw_values *values, json_t *object, const char *key, json_t *value);
void thaw_values_append(struct thaw_values *values, json_t *array, json_t *value);
void thaw_values_append_number(struct thaw_values *values, json_t *array, uint64_t value);

void thaw_values_set_null(struct thaw_values *values, json_t *object, const char *key);
void thaw_values_set_boolean(struct thaw_values *values, json_t *object, const char *key,
                             bool value);

/* A quantity. JSON integers are signed here: what exceeds INT64_MAX is held at INT64_MAX. */
void thaw_values_set_number(struct thaw_values *values, json_t *object, const char *key,
                            uint64_t value);
void thaw_values_set_signed(struct thaw_values *values, json_t *object, const char *key,
                            int64_t value);

/* A share or a mean, >= 0 and finite; to three decimals. */
void thaw_values_set_real(struct thaw_values *values, json_t *object, const char *key,
                          double value);

/* The same where 0 says "none" or "unknown": written as null. */
void thaw_values_set_known(struct thaw_values *values, json_t *object, const char *key,
                           uint64_t value);

/* Bytes from outside as a value of their own, U+FFFD for what is not UTF-8 in them (NULL is "").
 * NULL: memory is short. */
json_t *thaw_values_text(const char *text);

/*
 * Bytes from outside. Where they are not UTF-8, key has U+FFFD for what is malformed and the
 * sibling `<key>_bytes` has them all: printable ASCII but '%' as it is, any other byte as %XX.
 * NULL is "". set_name writes "" as null.
 */
void thaw_values_set_text(struct thaw_values *values, json_t *object, const char *key,
                          const char *text);
void thaw_values_set_name(struct thaw_values *values, json_t *object, const char *key,
                          const char *text);

/* A list of texts; when any is not UTF-8, `<key>_bytes` lists all of them in the %XX form. */
void thaw_values_set_texts(struct thaw_values *values, json_t *object, const char *key,
                           const char *const *texts, size_t count);

#endif
