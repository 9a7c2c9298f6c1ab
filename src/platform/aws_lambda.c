/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "platform/aws_lambda.h"
#include "platform/http1.h"
#include "platform/word.h"

/* --- what a worker looks like --- */

static bool is_module_option(const char *argument, const char *next)
{
    return !strcmp(argument, "-mawslambdaric") ||
           (!strcmp(argument, "-m") && next && !strcmp(next, "awslambdaric"));
}

/* The first argument that is no option of the interpreter; launchers name all this behind theirs.
 */
static bool recognise(const struct thaw_process_view *process, struct thaw_platform_match *match)
{
    for (size_t i = 1; i < process->argument_count; i++) {
        const char *argument = process->arguments[i];
        const char *next = i + 1 < process->argument_count ? process->arguments[i + 1] : NULL;

        if (is_module_option(argument, next)) {
            thaw_platform_match_sign(match, "-m awslambdaric");
            return true;
        }
        if (!strcmp(argument, "-X") || !strcmp(argument, "-W")) {
            i++;
        } else if (argument[0] != '-') {
            bool bootstrap = !strcmp(argument, "/var/runtime/bootstrap.py");

            if (bootstrap)
                thaw_platform_match_sign(match, "/var/runtime/bootstrap.py");
            return bootstrap;
        }
    }
    return false;
}

/* --- what its messages mean --- */

#define API "/2018-06-01/runtime/"

static const struct thaw_platform_signature signatures[] = {
    {"GET " API, sizeof("GET " API) - 1},
    {"POST " API, sizeof("POST " API) - 1},
};

static const char NEXT[] = "GET /runtime/invocation/next";
static const char NEXT_ANSWER[] = "200 /runtime/invocation/next";
static const char RESPONSE[] = "POST /runtime/invocation/ID/response";
static const char ERROR[] = "POST /runtime/invocation/ID/error";
static const char INIT_ERROR[] = "POST /runtime/init/error";
static const char RESTORE[] = "GET /runtime/restore/next";
static const char RESTORE_ANSWER[] = "200 /runtime/restore/next";
static const char RESTORE_ERROR[] = "POST /runtime/restore/error";

static const struct thaw_platform_message messages[] = {
    {NEXT, THAW_WIRE_MEANING_READY},
    {NEXT_ANSWER, THAW_WIRE_MEANING_INVOCATION_BEGIN},
    {RESPONSE, THAW_WIRE_MEANING_INVOCATION_END},
    {ERROR, THAW_WIRE_MEANING_INVOCATION_END},
    {INIT_ERROR, THAW_WIRE_MEANING_INIT_FAILED},
    {RESTORE, THAW_WIRE_MEANING_READY},
    {RESTORE_ANSWER, THAW_WIRE_MEANING_SPECIALIZE_BEGIN},
    {RESTORE_ERROR, THAW_WIRE_MEANING_INIT_FAILED},
};

/* The worker's requests are the answers to what it was given, and the other way round. */
static const struct thaw_platform_exchange exchanges[] = {
    {RESTORE_ANSWER, NEXT, NULL, THAW_EXCHANGE_SPECIALIZE, THAW_EXCHANGE_BY_ORDER, "restore"},
    {NEXT_ANSWER, RESPONSE, ERROR, THAW_EXCHANGE_INVOCATION, THAW_EXCHANGE_BY_INVOCATION,
     "invocation"},
};

static const struct thaw_platform_unseen unseen[] = {
    {"allocation of the environment, and the download of the code or image, by the platform",
     "happens before anything of this machine can be observed", 0, ""},
};

/* --- its connection --- */

/* A request the runtime sends; ID stands for one segment of the path. */
struct route {
    const char *method;
    const char *before; /* of the path behind API, up to the ID or all of it */
    const char *after;  /* behind the ID, NULL there is none */
    const char *type;
    const char *answer; /* type of its answer when that is 200, NULL of no interest */
    bool failure;
};

static const struct route routes[] = {
    {"GET", "invocation/next", NULL, NEXT, NEXT_ANSWER, false},
    {"POST", "invocation/", "/response", RESPONSE, NULL, false},
    {"POST", "invocation/", "/error", ERROR, NULL, true},
    {"POST", "init/error", NULL, INIT_ERROR, NULL, true},
    {"GET", "restore/next", NULL, RESTORE, RESTORE_ANSWER, false},
    {"POST", "restore/error", NULL, RESTORE_ERROR, NULL, true},
};

enum {
    INCOMING,
    OUTGOING,
    DIRECTIONS,
};

struct direction {
    struct thaw_http1 http1;
    const char *type; /* of the message at hand, NULL: of no interest */
    bool failure;
    struct thaw_wire_text id; /* within the message at hand */
    uint64_t call_ns;         /* of the call read last */
};

struct lambda_stream {
    struct thaw_wire_stream base;
    bool from_start;
    bool function_told;
    const char *awaited; /* type of the answer to the last request, NULL of no interest */
    struct direction directions[DIRECTIONS];
};

static struct lambda_stream *lambda_stream(struct thaw_wire_stream *stream)
{
    return (struct lambda_stream *)(void *)((char *)stream - offsetof(struct lambda_stream, base));
}

static struct thaw_wire_stream *open_stream(bool from_start)
{
    struct lambda_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return NULL;
    stream->from_start = from_start;
    for (int i = 0; i < DIRECTIONS; i++)
        thaw_http1_begin(&stream->directions[i].http1, from_start);
    return &stream->base;
}

static void close_stream(struct thaw_wire_stream *base)
{
    free(lambda_stream(base));
}

static bool is(struct thaw_http1_text text, const char *word)
{
    return text.length == strlen(word) && !memcmp(text.bytes, word, text.length);
}

/* Takes word off the front (or the end) of text, if it is there. */
static bool take_front(struct thaw_http1_text *text, const char *word)
{
    size_t length = strlen(word);

    if (text->length < length || memcmp(text->bytes, word, length) != 0)
        return false;
    text->bytes += length;
    text->length -= length;
    return true;
}

static bool take_end(struct thaw_http1_text *text, const char *word)
{
    size_t length = strlen(word);

    if (text->length < length || memcmp(text->bytes + text->length - length, word, length) != 0)
        return false;
    text->length -= length;
    return true;
}

/* Half an id would be taken for a whole one, so a longer one is left out. */
static struct thaw_wire_text wire_text(struct thaw_http1_text text)
{
    if (text.length > THAW_WIRE_TEXT_BYTES)
        return (struct thaw_wire_text){0};
    return (struct thaw_wire_text){text.bytes, (uint32_t)text.length};
}

static const struct route *find_route(const struct thaw_http1_message *message,
                                      struct thaw_wire_text *ret_id)
{
    struct thaw_http1_text method = thaw_http1_start_word(message, 0);
    struct thaw_http1_text path = thaw_http1_start_word(message, 1);

    *ret_id = (struct thaw_wire_text){0};
    /* Without the version behind it the path may have lost its end. */
    if (!thaw_http1_start_word(message, 2).bytes || !take_front(&path, API))
        return NULL;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        struct thaw_http1_text rest = path;

        if (!is(method, routes[i].method) || !take_front(&rest, routes[i].before))
            continue;
        if (!routes[i].after && !rest.length)
            return &routes[i];
        if (routes[i].after && take_end(&rest, routes[i].after)) {
            *ret_id = wire_text(rest);
            return &routes[i];
        }
    }
    return NULL;
}

/* A request's head: what is it, and what will its answer be? */
static void on_request(struct lambda_stream *stream, const struct thaw_http1_message *message)
{
    struct direction *direction = &stream->directions[OUTGOING];
    const struct route *route = find_route(message, &direction->id);

    direction->type = route ? route->type : NULL;
    direction->failure = route && route->failure;
    stream->awaited = route ? route->answer : NULL;
    if (stream->base.verdict != THAW_WIRE_VERDICT_UNKNOWN)
        return;
    if (route)
        stream->base.verdict = THAW_WIRE_VERDICT_YES;
    else if (!message->head_cut)
        stream->base.verdict = THAW_WIRE_VERDICT_NO;
}

/* An answer's head. Only an invocation has a request id, whatever was seen of its request. */
static void on_answer(struct lambda_stream *stream, const struct thaw_http1_message *message)
{
    struct direction *direction = &stream->directions[INCOMING];

    direction->id = wire_text(thaw_http1_header(message, "lambda-runtime-aws-request-id"));
    direction->type = direction->id.bytes ? NEXT_ANSWER : stream->awaited;
    direction->failure = false;
    stream->awaited = NULL;
    if (!is(thaw_http1_start_word(message, 1), "200"))
        direction->type = NULL;
}

/* The type of an error that was posted: in a header, else in the body if that is at hand. */
static void read_error_type(const struct thaw_http1_message *message, char *word)
{
    struct thaw_http1_text type = thaw_http1_header(message, "lambda-runtime-function-error-type");
    json_t *body = NULL;

    if (!type.bytes && message->body_kept == message->body_bytes) {
        const json_t *value;

        body = json_loadb((const char *)message->body, message->body_kept, 0, NULL);
        value = json_object_get(body, "errorType");
        if (json_is_string(value))
            type = (struct thaw_http1_text){json_string_value(value), json_string_length(value)};
    }
    if (type.bytes)
        thaw_word_of_exception(type.bytes, type.length, word);
    json_decref(body);
}

/* NAME in "arn:aws:lambda:REGION:ACCOUNT:function:NAME", a version or alias may follow. */
static struct thaw_wire_text function_name(const struct thaw_http1_message *message)
{
    enum { FIELDS_BEFORE = 6 };
    struct thaw_http1_text text = thaw_http1_header(message, "lambda-runtime-invoked-function-arn");
    const char *colon;

    for (int i = 0; i < FIELDS_BEFORE; i++) {
        colon = text.length ? memchr(text.bytes, ':', text.length) : NULL;
        if (!colon)
            return (struct thaw_wire_text){0};
        text.length -= (size_t)(colon + 1 - text.bytes);
        text.bytes = colon + 1;
    }
    colon = text.length ? memchr(text.bytes, ':', text.length) : NULL;
    if (colon)
        text.length = (size_t)(colon - text.bytes);
    return text.length ? wire_text(text) : (struct thaw_wire_text){0};
}

static int hand_over(struct lambda_stream *stream, int way, const struct thaw_http1_message *http1,
                     struct thaw_error *error)
{
    struct thaw_wire_counters *counters = &stream->base.counters;
    const struct direction *direction = &stream->directions[way];
    struct thaw_wire_function function = {0};
    struct thaw_wire_message message = {
        .type = direction->type,
        .outgoing = way == OUTGOING,
        .truncated = http1->head_cut,
        .unfinished = http1->unfinished,
        .last_byte_estimated = http1->last_byte_estimated,
        .first_byte_ns = http1->first_byte_ns,
        .last_byte_ns = http1->last_byte_ns,
        .bytes = http1->body_bytes,
        .invocation_id = direction->id,
    };

    if (!direction->type)
        return 0;
    if (stream->base.verdict != THAW_WIRE_VERDICT_YES) {
        counters->undecided++;
        return 0;
    }
    if (way == INCOMING) {
        message.function_id = function.function_id = function.name = function_name(http1);
        if (function.name.bytes && !stream->function_told) {
            stream->function_told = true;
            message.functions = &function;
            message.function_count = 1;
        }
    }
    if (direction->failure) {
        message.status = THAW_WIRE_STATUS_FAILURE;
        read_error_type(http1, message.exception_type);
    } else if (direction->type == RESPONSE) {
        message.status = THAW_WIRE_STATUS_SUCCESS;
    }
    counters->messages++;
    counters->truncated += message.truncated;
    counters->unfinished += message.unfinished;
    return stream->base.consumer->message(stream->base.consumer, &message, error);
}

static int take(struct lambda_stream *stream, int way, enum thaw_http1_result result,
                const struct thaw_http1_message *message, struct thaw_error *error)
{
    bool headed = result == THAW_HTTP1_HEADED || (result == THAW_HTTP1_LOSS && message->head_cut);

    if (headed && way == OUTGOING)
        on_request(stream, message);
    else if (headed)
        on_answer(stream, message);
    stream->base.counters.lost_sync += result == THAW_HTTP1_LOSS;
    if (result == THAW_HTTP1_STRANGE) {
        stream->base.counters.malformed++;
        if (stream->base.verdict == THAW_WIRE_VERDICT_UNKNOWN)
            stream->base.verdict = THAW_WIRE_VERDICT_NO;
    }
    return result == THAW_HTTP1_MESSAGE ? hand_over(stream, way, message, error) : 0;
}

static int feed_stream(struct thaw_wire_stream *base, const struct thaw_wire_chunk *chunk,
                       struct thaw_error *error)
{
    struct lambda_stream *stream = lambda_stream(base);
    int way = chunk->outgoing ? OUTGOING : INCOMING;
    struct direction *direction = &stream->directions[way];
    uint64_t time_ns = chunk->outgoing ? chunk->enter_ns : chunk->exit_ns;
    struct thaw_http1_input input = {
        .bytes = chunk->bytes,
        .captured = chunk->captured,
        .length = chunk->length,
        .call_start = time_ns != direction->call_ns,
        .time_ns = time_ns,
    };
    struct thaw_http1_message message;
    enum thaw_http1_result found;
    int result = 0;

    direction->call_ns = time_ns;
    while (!result && base->verdict != THAW_WIRE_VERDICT_NO &&
           (found = thaw_http1_next(&direction->http1, &input, &message)))
        result = take(stream, way, found, &message, error);
    return result;
}

static int finish_stream(struct thaw_wire_stream *base, struct thaw_error *error)
{
    struct lambda_stream *stream = lambda_stream(base);
    struct thaw_http1_message message;
    int result = 0;

    for (int way = 0; way < DIRECTIONS && !result; way++)
        if (thaw_http1_finish(&stream->directions[way].http1, &message))
            result = hand_over(stream, way, &message, error);
    return result;
}

static const struct thaw_platform_limit limits[] = {
    {THAW_WIRE_MEANING_NONE, 10000000000,
     "AWS Lambda ends an init after 10 s and begins it anew within the first invocation, which "
     "waits for all of it"},
};

static const struct thaw_platform_sign signs[] = {
    {"layer", "python/lib/python3.*/site-packages/"},
    {"layer", "python/*.dist-info/"},
    {"app", "lambda_function.py"},
};

#define MIB ((uint64_t)1 << 20) /* as it counts: it refuses what is over 262144000 bytes */
#define QUOTAS_PAGE "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"

static const struct thaw_platform_size sizes[] = {
    {"lambda-unzipped", "AWS Lambda: function and its layers unzipped, 250 MB",
     THAW_MEASURE_UNPACKED, 250 * MIB, true, QUOTAS_PAGE, "2026-11"},
    {"lambda-zip-upload", "AWS Lambda: zip uploaded directly, 50 MB; larger ones by way of S3",
     THAW_MEASURE_ZIP, 50 * MIB, true, QUOTAS_PAGE, "2026-11"},
    {"lambda-image", "AWS Lambda: container image, all layers uncompressed, 10 GB",
     THAW_MEASURE_IMAGE, 10240 * MIB, true, QUOTAS_PAGE, "2026-11"},
};

static const char *const hosts[] = {"aws-lambda-rie", NULL};

const struct thaw_platform thaw_aws_lambda = {
    .hosts = hosts,
    .name = "aws_lambda",
    .functions = THAW_FUNCTIONS_ONE,
    .recognise = recognise,
    .signs = signs,
    .sign_count = sizeof(signs) / sizeof(signs[0]),
    .app_folder = "var/task", /* LAMBDA_TASK_ROOT of its base images */
    .sizes = sizes,
    .size_count = sizeof(sizes) / sizeof(sizes[0]),
    .works_in_app = true,
    .signatures = signatures,
    .signature_count = sizeof(signatures) / sizeof(signatures[0]),
    .signature_repeats = true,
    .messages = messages,
    .message_count = sizeof(messages) / sizeof(messages[0]),
    .exchanges = exchanges,
    .exchange_count = sizeof(exchanges) / sizeof(exchanges[0]),
    .unseen = unseen,
    .unseen_count = sizeof(unseen) / sizeof(unseen[0]),
    .limits = limits,
    .limit_count = sizeof(limits) / sizeof(limits[0]),
    .open = open_stream,
    .feed = feed_stream,
    .finish = finish_stream,
    .close = close_stream,
};
