/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "platform/durable.h"

/* HistoryEventType */
enum {
    TASK_SCHEDULED = 4,
    TASK_COMPLETED = 5,
    TASK_FAILED = 6,
};

/* Numbers stand as reals where they are too large for integers: that is no reason to give up. */
static int event_type(const json_t *event)
{
    const json_t *type = json_object_get(event, "EventType");
    double number = json_is_number(type) ? json_number_value(type) : -1;

    return number >= 0 && number <= 255 ? (int)number : -1;
}

static void count_events(const json_t *history, struct thaw_wire_durable *ret)
{
    const json_t *event;
    size_t i;

    json_array_foreach(history, i, event)
    {
        int type = event_type(event);

        ret->events++;
        ret->scheduled += type == TASK_SCHEDULED;
        ret->completed += type == TASK_COMPLETED || type == TASK_FAILED;
    }
}

static int take(const json_t *context, struct thaw_durable_text *text,
                struct thaw_wire_durable *ret)
{
    const json_t *history = json_object_get(context, "history");
    const json_t *instance = json_object_get(context, "instanceId");
    size_t length = json_string_length(instance);

    if (!json_is_array(history) || !length || length > THAW_WIRE_TEXT_BYTES)
        return -EBADMSG;
    memcpy(text->instance, json_string_value(instance), length);
    text->instance[length] = '\0';
    ret->instance = (struct thaw_wire_text){text->instance, (uint32_t)length};
    ret->replaying = json_is_true(json_object_get(context, "isReplaying"));
    count_events(history, ret);
    return 0;
}

int thaw_durable_read(struct thaw_durable_text *text, const char *bytes, size_t length,
                      struct thaw_wire_durable *ret)
{
    size_t flags = JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    json_error_t error;
    json_t *context;
    int code;

    *ret = (struct thaw_wire_durable){0};
    if (length > THAW_DURABLE_MOST_BYTES)
        return -E2BIG;
    context = json_loadb(bytes, length, flags, &error);
    if (!context)
        return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EBADMSG;
    code = take(context, text, ret);
    json_decref(context);
    return code;
}

struct thaw_wire_text thaw_durable_instance(struct thaw_wire_text metadata)
{
    bool quoted = metadata.length >= 2 && metadata.bytes[0] == '"' &&
                  metadata.bytes[metadata.length - 1] == '"';

    if (!quoted)
        return metadata.length ? metadata : (struct thaw_wire_text){0};
    if (metadata.length == 2 || memchr(metadata.bytes, '\\', metadata.length))
        return (struct thaw_wire_text){0};
    return (struct thaw_wire_text){metadata.bytes + 1, metadata.length - 2};
}
