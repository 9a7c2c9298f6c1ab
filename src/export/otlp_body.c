/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "export/otlp_body.h"

/* What every body of traces begins and ends with: jansson's compact form is always the same. */
static const char head[] = "{\"resourceSpans\":[", tail[] = "]}";
enum { head_length = sizeof(head) - 1, tail_length = sizeof(tail) - 1 };

void thaw_otlp_body_free(struct thaw_otlp_body *body)
{
    free(body->text);
    *body = (struct thaw_otlp_body){0};
}

/* json_dumps() goes on after some of its allocations have failed, without what it had to write. */
struct dump {
    THAW_ARRAY(char) bytes;
    bool failed;
};

/* A json_dump_callback_t. */
static int take(const char *bytes, size_t length, void *context)
{
    struct dump *dump = context;
    size_t wanted = dump->bytes.count + length + 1;

    if (wanted > dump->bytes.capacity)
        dump->failed |= !thaw_array_reserve(&dump->bytes, wanted);
    if (dump->failed)
        return -1;
    memcpy(dump->bytes.items + dump->bytes.count, bytes, length);
    dump->bytes.count += length;
    dump->bytes.items[dump->bytes.count] = '\0';
    return 0;
}

int thaw_otlp_body_make(struct thaw_values *values, const char *key, json_t *item,
                        struct thaw_otlp_body *ret, struct thaw_error *error)
{
    json_t *request = thaw_values_object(values), *list = thaw_values_array(values);
    struct dump dump = {0};

    thaw_values_append(values, list, item);
    thaw_values_set(values, request, key, list);
    dump.failed = values->failed || json_dump_callback(request, take, &dump, JSON_COMPACT) != 0 ||
                  dump.failed;
    json_decref(request);
    if (dump.failed) {
        thaw_array_free(&dump.bytes);
        return thaw_error_memory(error);
    }
    *ret = (struct thaw_otlp_body){.text = dump.bytes.items, .length = dump.bytes.count};
    return 0;
}

static bool is_ours(const struct thaw_otlp_body *body)
{
    return body->length > head_length + tail_length && !memcmp(body->text, head, head_length) &&
           !memcmp(body->text + body->length - tail_length, tail, tail_length);
}

int thaw_otlp_batch(const struct thaw_otlp_body *bodies, size_t count, struct thaw_otlp_body *ret,
                    size_t *ret_left_out, struct thaw_error *error)
{
    size_t size = sizeof(head) + sizeof(tail), left_out = 0;
    char *text, *at;

    for (size_t i = 0; i < count; i++)
        size += bodies[i].length + 1;
    text = malloc(size);
    if (!text)
        return thaw_error_memory(error);
    at = mempcpy(text, head, head_length);
    for (size_t i = 0; i < count; i++) {
        if (!is_ours(&bodies[i])) {
            left_out++;
            continue;
        }
        if (at > text + head_length)
            *at++ = ',';
        at =
            mempcpy(at, bodies[i].text + head_length, bodies[i].length - head_length - tail_length);
    }
    at = mempcpy(at, tail, sizeof(tail));
    *ret = (struct thaw_otlp_body){.text = text, .length = (size_t)(at - text) - 1};
    *ret_left_out = left_out;
    return 0;
}
