/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_OTLP_VALUES_H
#define THAW_REPORT_OTLP_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "report/attributes.h"
#include "report/values.h"

/*
 * The JSON form of OTLP, whoever tells what (a report's cold starts, the daemon's): ids are
 * hexadecimal, 64-bit numbers are texts, enumerations are numbers. Objects are as in values.h;
 * texts are copied, what is not UTF-8 in them becomes U+FFFD.
 */

/* An instant; what would be before 1970 can't be said and is 0. */
void thaw_otlp_set_time(struct thaw_values *values, json_t *object, const char *key,
                        int64_t unix_ns);

/* A 64-bit number, which is a text. */
json_t *thaw_otlp_whole(uint64_t number);

/* Attributes of an object that has a list "attributes": a text that isn't empty (NULL isn't set), a
 * number, a truth value; a text whose name is in no table, as labels' are. */
void thaw_otlp_text(struct thaw_values *values, json_t *object, enum thaw_attribute attribute,
                    const char *text);
void thaw_otlp_number(struct thaw_values *values, json_t *object, enum thaw_attribute attribute,
                      int64_t number);
void thaw_otlp_boolean(struct thaw_values *values, json_t *object, enum thaw_attribute attribute,
                       bool value);
void thaw_otlp_label(struct thaw_values *values, json_t *object, const char *name,
                     const char *text);

/* What sent it: thaw, of that version. */
void thaw_otlp_sender(struct thaw_values *values, json_t *object, const char *version);

/* The program that ran, by its path, "" unknown; and Python's version, where it was Python. */
void thaw_otlp_program(struct thaw_values *values, json_t *object, const char *path,
                       const char *python);

#define THAW_OTLP_TRACE_ID_BYTES 33 /* 32 hexadecimal digits and a NUL */
#define THAW_OTLP_SPAN_ID_BYTES 17

/* What an id is of; the first letters of its input. */
enum thaw_otlp_kind {
    THAW_OTLP_TRACE = 't',
    THAW_OTLP_PHASE = 'p', /* the first one is the root */
    THAW_OTLP_IMPORT = 'i',
    THAW_OTLP_INVOCATION = 'f',
};

/* Ids are hashes of what they are of and of a seed, never zeros: the same again are the same. */
void thaw_otlp_trace_id(char out[static THAW_OTLP_TRACE_ID_BYTES], uint64_t seed, int64_t number);
void thaw_otlp_span_id(char out[static THAW_OTLP_SPAN_ID_BYTES], uint64_t seed, const char *trace,
                       enum thaw_otlp_kind kind, uint64_t number);

struct thaw_otlp_span {
    const char *trace, *id;
    const char *parent; /* NULL: a root */
    const char *name;
    int64_t begin_unix_ns, end_unix_ns;
};

/* A span at the end of a list. Its "attributes" are an empty list. */
json_t *thaw_otlp_add_span(struct thaw_values *values, json_t *spans,
                           const struct thaw_otlp_span *span);

/* Marks a span as failed. */
void thaw_otlp_fail(struct thaw_values *values, json_t *span, const char *message);

/*
 * What one resource sent, of this program's scope: {"resource", key: [{"scope", list_key: list}],
 * "schemaUrl"}. Takes the references of resource and list. version may be "".
 */
json_t *thaw_otlp_of_resource(struct thaw_values *values, json_t *resource, const char *key,
                              const char *list_key, json_t *list, const char *version);

/* An object with an empty list "attributes". */
json_t *thaw_otlp_described(struct thaw_values *values);

#endif
