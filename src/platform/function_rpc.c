/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "platform/function_rpc.h"
#include "platform/function_rpc_schema.h"
#include "platform/function_rpc_words.h"
#include "platform/protobuf.h"
#include "platform/word.h"

struct walk {
    struct thaw_function_rpc *rpc;
    struct thaw_wire_message *message;
    enum thaw_function_rpc_shape content; /* of the StreamingMessage */
    enum thaw_wire_status status;         /* of the StatusResult being read */
    bool parameter_seen;                  /* further ones are not looked at */
    bool instance_key;                    /* the metadata's entry being read is "instanceId" */
    bool has_exception;                   /* so does it */
    int result;
};

static void broken(struct walk *walk)
{
    walk->result = -EBADMSG;
}

static struct thaw_wire_function *current_function(struct walk *walk)
{
    size_t count = walk->rpc->functions.count;

    return count ? &walk->rpc->functions.items[count - 1] : NULL;
}

/* Half an id or path would be taken for a whole one, so it is left out. */
static void set_text(void *object, size_t offset, const struct thaw_protobuf_field *field)
{
    struct thaw_wire_text *text = (struct thaw_wire_text *)(void *)((char *)object + offset);
    size_t length = field->captured;

    if (length < field->length && length < THAW_WIRE_TEXT_BYTES)
        return;
    text->bytes = (const char *)field->bytes;
    text->length = (uint32_t)(length < THAW_WIRE_TEXT_BYTES ? length : THAW_WIRE_TEXT_BYTES);
}

static void set_trigger(struct walk *walk, const struct thaw_protobuf_field *field, bool is_json)
{
    struct thaw_wire_function *function = current_function(walk);
    const char *text = (const char *)field->bytes;

    if (!function || function->trigger[0] || field->captured < field->length)
        return;
    if (is_json)
        thaw_function_rpc_trigger_in_json(text, field->captured, function->trigger);
    else
        thaw_function_rpc_trigger(text, field->captured, function->trigger);
}

static void set_exception(struct walk *walk, const struct thaw_protobuf_field *field, bool is_type)
{
    const char *text = (const char *)field->bytes;
    char *word = walk->message->exception_type;

    if (!is_type)
        thaw_function_rpc_exception_in_message(text, field->captured, word);
    else if (field->captured == field->length)
        thaw_word_of_exception(text, field->captured, word);
}

/* Half a text is no text: an orchestrator's history comes before what it belongs to. */
static void set_whole(struct thaw_wire_text *text, const struct thaw_protobuf_field *field)
{
    if (field->captured == field->length && field->length <= UINT32_MAX)
        *text = (struct thaw_wire_text){(const char *)field->bytes, (uint32_t)field->length};
}

static void set_parameter(struct walk *walk, const struct thaw_protobuf_field *field)
{
    if (!walk->parameter_seen)
        set_whole(&walk->rpc->parameter, field);
    walk->parameter_seen = true;
}

static void set_metadata_key(struct walk *walk, const struct thaw_protobuf_field *field)
{
    static const char key[] = "instanceId";

    walk->instance_key = field->captured == sizeof(key) - 1 && field->length == sizeof(key) - 1 &&
                         !memcmp(field->bytes, key, sizeof(key) - 1);
}

static void set_metadata_value(struct walk *walk, const struct thaw_protobuf_field *field)
{
    if (walk->instance_key && field->length <= THAW_WIRE_TEXT_BYTES)
        set_whole(&walk->rpc->instance, field);
    walk->instance_key = false;
}

static void set_status(struct walk *walk, uint64_t code)
{
    static const enum thaw_wire_status statuses[] = {THAW_WIRE_STATUS_FAILURE,
                                                     THAW_WIRE_STATUS_SUCCESS,
                                                     THAW_WIRE_STATUS_CANCELLED};

    if (code < sizeof(statuses) / sizeof(statuses[0]))
        walk->status = statuses[code];
    else
        broken(walk);
}

static void read_message(struct walk *walk, enum thaw_function_rpc_shape shape,
                         struct thaw_protobuf_reader reader);

/* Begins a function, unless the list is full. False if there is no place for what follows. */
static bool add_function(struct walk *walk)
{
    if (walk->rpc->functions.count >= THAW_WIRE_FUNCTIONS) {
        walk->message->truncated = true;
        return false;
    }
    if (thaw_array_add(&walk->rpc->functions))
        return true;
    walk->message->truncated = true;
    walk->result = -ENOMEM;
    return false;
}

/* Several results in one message: a failure is what the message says. */
static void merge_status(struct walk *walk)
{
    if (walk->message->status != THAW_WIRE_STATUS_FAILURE)
        walk->message->status = walk->status;
}

/*
 * A status of 0 (Failure) is the default and therefore never on the wire: it is known only when
 * the whole StatusResult has been read without another one, or by the exception, which stands
 * before it. Messages that fail are long: they have the exception's stack and sys.path.
 */
static void read_status(struct walk *walk, const struct thaw_protobuf_field *field)
{
    walk->status = THAW_WIRE_STATUS_NONE;
    walk->has_exception = false;
    read_message(walk, RPC_STATUS, thaw_protobuf_nested(field));
    if (walk->status == THAW_WIRE_STATUS_NONE && walk->result != -EBADMSG &&
        (field->captured == field->length || walk->has_exception))
        walk->status = THAW_WIRE_STATUS_FAILURE;
    if (walk->status != THAW_WIRE_STATUS_NONE)
        merge_status(walk);
}

static enum thaw_protobuf_type action_type(enum thaw_function_rpc_action action)
{
    return action == RPC_TAKE_STATUS_CODE || action == RPC_TAKE_DEFAULT_INDEXING
               ? THAW_PROTOBUF_VARINT
               : THAW_PROTOBUF_BYTES;
}

static void apply(struct walk *walk, const struct thaw_function_rpc_rule *rule,
                  const struct thaw_protobuf_field *field)
{
    switch (rule->action) {
    case RPC_TAKE_MESSAGE_TEXT:
        set_text(walk->message, rule->offset, field);
        break;
    case RPC_TAKE_FUNCTION_TEXT:
        if (current_function(walk))
            set_text(current_function(walk), rule->offset, field);
        break;
    case RPC_TAKE_FUNCTION:
        if (!add_function(walk))
            break;
        /* fall through */
    case RPC_TAKE_NESTED:
        walk->has_exception |= rule->next == RPC_EXCEPTION;
        if (rule->next == RPC_STATUS)
            read_status(walk, field);
        else
            read_message(walk, rule->next, thaw_protobuf_nested(field));
        break;
    case RPC_TAKE_TRIGGER:
    case RPC_TAKE_RAW_BINDING:
        set_trigger(walk, field, rule->action == RPC_TAKE_RAW_BINDING);
        break;
    case RPC_TAKE_STATUS_CODE:
        set_status(walk, field->value);
        break;
    case RPC_TAKE_EXCEPTION_MESSAGE:
    case RPC_TAKE_EXCEPTION_TYPE:
        set_exception(walk, field, rule->action == RPC_TAKE_EXCEPTION_TYPE);
        break;
    case RPC_TAKE_PARAMETER:
        set_parameter(walk, field);
        break;
    case RPC_TAKE_METADATA_KEY:
        set_metadata_key(walk, field);
        break;
    case RPC_TAKE_METADATA_VALUE:
        set_metadata_value(walk, field);
        break;
    case RPC_TAKE_DEFAULT_INDEXING:
        walk->message->default_indexing = field->value != 0;
        break;
    }
}

/* Depth is bounded by the rules, in which no shape leads back to itself. */
static void read_message(struct walk *walk, enum thaw_function_rpc_shape shape,
                         struct thaw_protobuf_reader reader)
{
    struct thaw_protobuf_field field;
    enum thaw_protobuf_result result;

    while ((result = thaw_protobuf_next(&reader, &field)) == THAW_PROTOBUF_FIELD) {
        const struct thaw_function_rpc_rule *rule =
            thaw_function_rpc_find_rule(shape, field.number);

        if (rule && action_type(rule->action) != field.type)
            broken(walk);
        else if (rule)
            apply(walk, rule, &field);
    }
    if (result == THAW_PROTOBUF_MALFORMED)
        broken(walk);
}

static void read_content(struct walk *walk, const struct thaw_protobuf_field *field)
{
    const struct thaw_function_rpc_content *content = thaw_function_rpc_find_content(field->number);
    struct thaw_protobuf_reader reader = thaw_protobuf_nested(field);

    if (content) {
        walk->message->type = content->name;
    } else {
        snprintf(walk->rpc->unnamed_type, sizeof(walk->rpc->unnamed_type), "field-%u",
                 field->number);
        walk->message->type = walk->rpc->unnamed_type;
        return;
    }
    walk->content = content->shape;
    if (content->shape == RPC_LOAD_REQUEST && !add_function(walk))
        return;
    read_message(walk, content->shape, reader);
}

/* What the message is about as a whole, where its functions say so. */
static void settle_functions(struct walk *walk)
{
    struct thaw_wire_message *message = walk->message;

    message->functions = walk->rpc->functions.items;
    message->function_count = walk->rpc->functions.count;
    if (walk->content == RPC_LOAD_REQUEST && message->function_count)
        message->function_id = message->functions[0].function_id;
    if (walk->content == RPC_LOAD_RESPONSES)
        message->function_id = (struct thaw_wire_text){0}; /* one of several */
    if (message->function_count && !message->directory.bytes)
        message->directory = message->functions[0].directory;
    if (message->status != THAW_WIRE_STATUS_FAILURE)
        message->exception_type[0] = '\0';
}

int thaw_function_rpc_decode(struct thaw_function_rpc *rpc, const uint8_t *bytes, size_t captured,
                             uint64_t length, struct thaw_wire_message *message)
{
    struct walk walk = {.rpc = rpc, .message = message};
    struct thaw_protobuf_reader reader = thaw_protobuf_message(bytes, captured, length);
    struct thaw_protobuf_field field;
    enum thaw_protobuf_result result;

    rpc->functions.count = 0;
    rpc->parameter = rpc->instance = (struct thaw_wire_text){0};
    message->type = NULL;
    while ((result = thaw_protobuf_next(&reader, &field)) == THAW_PROTOBUF_FIELD) {
        if (field.type != THAW_PROTOBUF_BYTES)
            broken(&walk);
        else if (field.number == 1)
            set_text(message, offsetof(struct thaw_wire_message, request_id), &field);
        else if (!message->type)
            read_content(&walk, &field);
        else
            broken(&walk); /* a oneof twice: no encoder does that */
    }
    if (result == THAW_PROTOBUF_MALFORMED || (result == THAW_PROTOBUF_END && !message->type))
        broken(&walk);
    if (result == THAW_PROTOBUF_TRUNCATED || reader.captured < reader.length)
        message->truncated = true;
    if (!message->type)
        message->type = "unknown";
    settle_functions(&walk);
    return walk.result;
}

bool thaw_function_rpc_plausible(const uint8_t *bytes, uint32_t captured, uint32_t length)
{
    struct thaw_protobuf_reader reader = thaw_protobuf_message(bytes, captured, length);
    struct thaw_protobuf_field field;

    if (thaw_protobuf_next(&reader, &field) != THAW_PROTOBUF_FIELD)
        return false;
    if (field.number == 1) {
        if (field.type != THAW_PROTOBUF_BYTES || field.length > THAW_WIRE_TEXT_BYTES ||
            thaw_protobuf_next(&reader, &field) != THAW_PROTOBUF_FIELD)
            return false;
    }
    return field.type == THAW_PROTOBUF_BYTES && thaw_function_rpc_find_content(field.number) &&
           reader.position == reader.length;
}

void thaw_function_rpc_free(struct thaw_function_rpc *rpc)
{
    thaw_array_free(&rpc->functions);
}
