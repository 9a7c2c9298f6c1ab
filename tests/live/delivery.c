/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "base/clock.h"
#include "export/delivery.h"
#include "export/otlp.h"
#include "store/database.h"

/*
 * delivery STORE SETTINGS: does what the lines of standard input say and answers each with a line
 * of JSON. SETTINGS is an object of struct thaw_delivery_settings, times in ms.
 *
 *     trace FIRST LAST    queues starts of the processes of these numbers, in one transaction
 *     bytes N             queues a body of so many bytes that is none
 *     metrics VALUE       a counter with that value
 *     step S              at so many seconds of a clock of its own, until no request is under way
 *     begin S             one step only
 *     drain MS            on the machine's clock
 *     change SETTINGS
 *     state               all others answer with it, too
 *     measure N           ns of CPU for making one start's body, of 40 imports, and for queueing
 * it, 20 in a transaction; and its bytes
 */
enum { most_imports = 40, usual_imports = 4, most_headers = 4, busy_ms = 5000 };

struct world {
    struct thaw_database *database;
    struct thaw_delivery *delivery;
    struct thaw_error error;
    const char *headers[most_headers + 1];
    json_t *settings; /* the texts' owner */
};

static const struct thaw_otlp_resource resource = {.node = "node-1", .version = "0.0.0"};

static uint64_t number(const json_t *object, const char *key, uint64_t usual, uint64_t factor)
{
    const json_t *value = json_object_get(object, key);

    return value ? (uint64_t)json_integer_value(value) * factor : usual;
}

static struct thaw_delivery_settings settings_of(struct world *world, const char *text)
{
    struct thaw_delivery_settings made = thaw_delivery_usual;
    json_t *object = json_loads(text, 0, NULL), *header;
    size_t i;

    json_decref(world->settings);
    world->settings = object;
    memset(world->headers, 0, sizeof(world->headers));
    json_array_foreach(json_object_get(object, "headers"), i, header)
    {
        if (i < most_headers)
            world->headers[i] = json_string_value(header);
    }
    made.url = json_string_value(json_object_get(object, "url"));
    made.certificates = json_string_value(json_object_get(object, "certificates"));
    made.headers = world->headers;
    made.batch = number(object, "batch", made.batch, 1);
    made.queue_bytes = number(object, "queue_bytes", made.queue_bytes, 1);
    made.linger_ns = number(object, "linger", 0, 1000000);
    made.timeout_ns = number(object, "timeout", made.timeout_ns, 1000000);
    made.backoff_least_ns = number(object, "backoff_least", made.backoff_least_ns, 1000000);
    made.backoff_most_ns = number(object, "backoff_most", made.backoff_most_ns, 1000000);
    return made;
}

static int make_body(uint32_t process, size_t imports, struct thaw_otlp_body *ret,
                     struct thaw_error *error)
{
    static const struct thaw_start_phase phases[] = {
        {"host", 0, 300000000, true},
        {"worker", 300000000, 200000000, true},
        {"import", 500000000, 900000000, true},
        {"first-invocation", 1400000000, 100000000, true},
    };
    struct thaw_start_import list[most_imports];
    struct thaw_start start = {
        .identity = {.app = "orders",
                     .function = "receive",
                     .platform = "azure_functions",
                     .worker = "7b1f6a0e-0d5b-4b0e-8f4e-0a8f5a6f3f10",
                     .python = "3.11.2",
                     .program = "/usr/bin/python3.11",
                     .control_group = "/kubepods.slice/kubepods-burstable.slice/x.scope",
                     .container =
                         "4f1c0b7a4f1c0b7a4f1c0b7a4f1c0b7a4f1c0b7a4f1c0b7a4f1c0b7a4f1c0b7a",
                     .pod = "0a8f5a6f-0d5b-4b0e-8f4e-7b1f6a0e3f10",
                     .unit = "",
                     .host_name = "orders-7d9f8b6c5d-x2x1z",
                     .deployment = "5f0c9b1e2a3d4c5b"},
        .process = process,
        .begin_unix_ns = 1764385200000000000 + process,
        .end_unix_ns = 1764385201500000000 + process,
        .total_ns = 1500000000,
        .answered = true,
        .complete = true,
        .incomplete = "",
        .ended = "",
        .phases = phases,
        .phase_count = sizeof(phases) / sizeof(phases[0]),
        .imports = list,
        .import_count = imports,
        .modules = 900,
        .modules_failed = 3,
        .imports_ns = 890000000,
    };

    for (size_t i = 0; i < imports; i++)
        list[i] = (struct thaw_start_import){.name = "package.module.of.some.length",
                                             .begin_ns = 500000000 + i * 1000000,
                                             .total_ns = 5000000,
                                             .self_ns = 1000000,
                                             .parent = i % 8 ? (uint32_t)i : 0};
    return thaw_otlp_start(&start, &resource, 1000000, ret, error);
}

static int queue(struct world *world, uint32_t process, size_t imports)
{
    struct thaw_otlp_body body;
    int code = make_body(process, imports, &body, &world->error);

    if (code)
        return code;
    code = thaw_delivery_trace(world->delivery, body.text, body.length, 1764385201500000000,
                               &world->error);
    thaw_otlp_body_free(&body);
    return code;
}

static int queue_all(struct world *world, uint32_t first, uint32_t last, size_t imports)
{
    int code = thaw_database_begin(world->database, &world->error);

    if (code)
        return code;
    for (uint32_t i = first; !code && i <= last; i++)
        code = queue(world, i, imports);
    return thaw_database_end(world->database, code, &world->error);
}

static int queue_bytes(struct world *world, size_t count)
{
    char *bytes = malloc(count + 1);
    int code;

    memset(bytes, 'x', count);
    code = thaw_delivery_trace(world->delivery, bytes, count, 1, &world->error);
    free(bytes);
    return code;
}

static int give_metrics(struct world *world, double value)
{
    static const struct thaw_family_row row = {"thaw_cold_starts", THAW_FAMILY_COUNTER, "",
                                               "Starts."};
    struct thaw_families families = {.unix_ns = 1764385200000000000,
                                     .begin_unix_ns = 1764385000000000000};
    struct thaw_otlp_body body = {0};
    int code;

    thaw_family_add(&families, thaw_families_add(&families, &row),
                    &(struct thaw_label){"app", "orders"}, 1, value);
    code = thaw_otlp_metrics(&families, &resource, &body, &world->error);
    if (!code)
        code = thaw_delivery_metrics(world->delivery, body.text, body.length, &world->error);
    thaw_otlp_body_free(&body);
    thaw_families_free(&families);
    return code;
}

static int step(struct world *world, uint64_t seconds, bool until_answered)
{
    uint64_t until = thaw_clock_now_ns() + busy_ms * 1000000ull;
    struct thaw_delivery_state state;
    int code;

    do {
        code = thaw_delivery_step(world->delivery, seconds * 1000000000, &world->error);
        thaw_delivery_state(world->delivery, &state);
        if (state.busy && until_answered)
            nanosleep(&(const struct timespec){.tv_nsec = 500000}, NULL);
    } while (!code && until_answered && state.busy && thaw_clock_now_ns() < until);
    return code;
}

static int measure(struct world *world, uint32_t count)
{
    uint64_t make_ns = thaw_clock_own_cpu_ns(), queue_ns, bytes;
    struct thaw_otlp_body body = {0};
    int code = 0;

    for (uint32_t i = 0; !code && i < count; i++) {
        thaw_otlp_body_free(&body);
        code = make_body(i, most_imports, &body, &world->error);
    }
    bytes = body.length;
    thaw_otlp_body_free(&body);
    make_ns = thaw_clock_own_cpu_ns() - make_ns;
    queue_ns = thaw_clock_own_cpu_ns();
    for (uint32_t i = 0; !code && i < count; i += 20)
        code = queue_all(world, i, i + 19, most_imports);
    queue_ns = thaw_clock_own_cpu_ns() - queue_ns - make_ns;
    printf("{\"make_ns\": %" PRIu64 ", \"queue_ns\": %" PRIu64 ", \"bytes\": %" PRIu64 "}\n",
           make_ns / count, queue_ns / count, bytes);
    return code;
}

static void say_state(struct world *world)
{
    struct thaw_delivery_state state;

    thaw_delivery_state(world->delivery, &state);
    json_t *object =
        json_pack("{sI sI sI sI sI sI sI sI sI sI sI sI sb ss}", "queued", (json_int_t)state.queued,
                  "queued_bytes", (json_int_t)state.queued_bytes, "delivered",
                  (json_int_t)state.delivered, "dropped", (json_int_t)state.dropped, "refused",
                  (json_int_t)state.refused, "metrics_delivered",
                  (json_int_t)state.metrics_delivered, "metrics_refused",
                  (json_int_t)state.metrics_refused, "rejected", (json_int_t)state.rejected,
                  "requests", (json_int_t)state.requests, "retried", (json_int_t)state.retried,
                  "sent_bytes", (json_int_t)state.sent_bytes, "failing_since",
                  (json_int_t)(state.failing_since_ns / 1000000000), "busy", state.busy,
                  "last_error", state.last_error);

    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static int obey(struct world *world, char *line)
{
    char *word = strtok(line, " \n"), *rest = strtok(NULL, "\n");
    uint64_t value = rest ? strtoull(rest, &line, 10) : 0;

    if (!strcmp(word, "trace"))
        return queue_all(world, (uint32_t)value, (uint32_t)strtoul(line, NULL, 10), usual_imports);
    if (!strcmp(word, "bytes"))
        return queue_bytes(world, value);
    if (!strcmp(word, "metrics"))
        return give_metrics(world, (double)value);
    if (!strcmp(word, "step"))
        return step(world, value, true);
    if (!strcmp(word, "begin"))
        return step(world, value, false);
    if (!strcmp(word, "drain"))
        return thaw_delivery_drain(world->delivery, thaw_clock_now_ns() + value * 1000000,
                                   &world->error);
    if (!strcmp(word, "measure"))
        return measure(world, (uint32_t)value);
    if (!strcmp(word, "change")) {
        struct thaw_delivery_settings settings = settings_of(world, rest);

        return thaw_delivery_change(world->delivery, &settings, &world->error);
    }
    return 0;
}

static int open_all(struct world *world, char **argv)
{
    struct thaw_delivery_settings settings = settings_of(world, argv[2]);
    int code = thaw_database_open(argv[1], true, &world->database, &world->error);

    if (!code)
        code = thaw_database_hold(world->database, &world->error);
    return code ? code
                : thaw_delivery_open(world->database, &settings, &world->delivery, &world->error);
}

int main(int argc, char **argv)
{
    struct world world = {0};
    char *line = NULL;
    size_t size = 0;
    int code = argc == 3 ? open_all(&world, argv) : -1;

    while (!code && getline(&line, &size, stdin) > 0) {
        if (obey(&world, line) == 0)
            say_state(&world);
        else
            printf("{\"error\": \"%s\"}\n", world.error.message);
        fflush(stdout);
    }
    if (code)
        fprintf(stderr, "%s\n", world.error.message);
    free(line);
    thaw_delivery_close(world.delivery);
    thaw_database_close(world.database);
    json_decref(world.settings);
    return code ? 1 : 0;
}
