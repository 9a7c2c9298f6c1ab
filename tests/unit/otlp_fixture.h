/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_OTLP_FIXTURE_H
#define THAW_TESTS_OTLP_FIXTURE_H

#include <jansson.h>

#include "export/otlp.h"

/* A start of four phases and three imports, one within another, the last one failed. */
struct thaw_start otlp_fixture_start(void);

extern const struct thaw_otlp_resource otlp_fixture_resource;

/* The body of a start, as JSON; the caller owns it. */
json_t *otlp_fixture_body(const struct thaw_start *start, uint64_t least_ns);

/* The only item of a list. */
json_t *otlp_fixture_only(const json_t *object, const char *key);

/* Spans of a body; of that name, which must be there. */
json_t *otlp_fixture_spans(const json_t *body);
json_t *otlp_fixture_span(const json_t *body, const char *name);

/* The attribute of an object as text (numbers are texts, too); "true", "false"; NULL: none. */
const char *otlp_fixture_attribute(const json_t *object, const char *key);

#endif
