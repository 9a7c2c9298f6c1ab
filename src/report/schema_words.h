/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_SCHEMA_WORDS_H
#define THAW_REPORT_SCHEMA_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The words of JSON Schema (2020-12) that the report's schema uses, of one value alone. */

/*
 * Is the value of a type that the schema names, and within its minimum and maximum? Where it names
 * words ("enum"): is it a text, or null if that is one of them? Else what says what it is not.
 */
bool thaw_schema_allows(const json_t *schema, const json_t *value, char *what, size_t size);

/* The schema of "KEY_bytes", of patterns such as "^(name|path)_bytes$"; NULL: no such key. */
const json_t *thaw_schema_of_bytes(const json_t *patterns, const char *key);

#endif
