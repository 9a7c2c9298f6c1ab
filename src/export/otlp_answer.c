/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <jansson.h>

#include "export/otlp_answer.h"

/* More than any request has: what is beyond is no number to add up. */
#define REJECTED_MAX 1000000

/* A 64-bit number is a text in the JSON of protocol buffers, and may be a number. */
static uint64_t number_of(const json_t *value)
{
    long long number = json_integer_value(value);

    if (json_is_string(value))
        number = strtoll(json_string_value(value), NULL, 10);
    if (number < 0)
        return 0;
    return number > REJECTED_MAX ? REJECTED_MAX : (uint64_t)number;
}

uint64_t thaw_otlp_rejected(const char *text, size_t length)
{
    json_t *answer = json_loadb(text, length, 0, NULL);
    const json_t *part = json_object_get(answer, "partialSuccess");
    uint64_t rejected = number_of(json_object_get(part, "rejectedSpans")) +
                        number_of(json_object_get(part, "rejectedDataPoints"));

    json_decref(answer);
    return rejected;
}
