/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "audit/watching.h"
#include "audit/watching_second.h"
#include "base/clock.h"
#include "export/otlp.h"
#include "platform/platform.h"
#include "thaw/version.h"

#define DRAIN_NS 500000000ull /* at the end, for deliveries */

/* --- what events lead to --- */

/* A start was dropped for lack of memory: it is counted, and thaw goes on. */
static void forget_tree(struct thaw_watching *watching, size_t starts)
{
    watching->keeping.counts.starts_dropped += starts ? starts : 1;
    thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_STARTS,
                 "a start is lost: memory is short");
}

static int name_starts(struct thaw_watching *watching, struct thaw_reduction *tree,
                       struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < tree->starts.count; i++)
        code = thaw_naming_complete(watching->naming, &tree->starts.items[i], &tree->arena, error);
    return code;
}

static int take_tree(void *context, const struct thaw_start_events *events,
                     struct thaw_error *error)
{
    struct thaw_watching *watching = context;
    const struct thaw_reduction_rules rules = {
        .imports = watching->settings->imports,
        .import_least_ns = watching->settings->import_least_ns,
        .unix_offset_ns = watching->time.offset_ns,
    };
    struct thaw_reduction tree, *slot;
    int code = thaw_reduce(events, &rules, &tree, error);

    if (!code)
        code = name_starts(watching, &tree, error);
    slot = code ? NULL : thaw_array_add(&watching->fresh);
    if (slot) {
        *slot = tree;
        return 0;
    }
    forget_tree(watching, tree.starts.count);
    thaw_reduction_free(&tree);
    return 0;
}

static void count_requests_of(struct thaw_watching *watching, uint32_t process)
{
    if (thaw_served_add(&watching->served, process))
        thaw_arrivals_lost(watching->book, "");
}

static void process_started(void *context, uint32_t process)
{
    struct thaw_watching *watching = context;

    thaw_observation_started(watching->observation, process);
    count_requests_of(watching, process);
}

static void forget_process(void *context, uint32_t process)
{
    struct thaw_watching *watching = context;

    thaw_observation_forget(watching->observation, process);
    thaw_naming_forget(watching->naming, process);
}

static void process_left(struct thaw_watching *watching, const struct thaw_event *event)
{
    thaw_served_remove(&watching->served, event->pid);
    thaw_watching_look(watching, event->pid, /* what came since the last look */
                       thaw_unix_time_of(&watching->time, event->time_ns));
    thaw_served_remove(&watching->told, event->pid);
    thaw_arrivals_left(watching->book, event->pid);
}

/* Naming looks at a process first: an exit makes it forget it, and what starts has its name. */
static int take_event(void *context, const struct thaw_event *event)
{
    struct thaw_watching *watching = context;
    struct thaw_error error = {0};
    const char *app;
    int code = 0;

    if (event->kind != THAW_EVENT_PROCESS_EXIT)
        thaw_naming_take(watching->naming, event);
    if (event->kind == THAW_EVENT_MESSAGE) {
        code = thaw_served_add(&watching->told, event->pid);
        app = thaw_naming_app(watching->naming, event->pid);
        if (app && !code)
            code =
                thaw_arrivals_message(watching->book, app, event,
                                      thaw_unix_time_of(&watching->time, event->time_ns), &error);
    }
    if (code)
        thaw_arrivals_lost(watching->book, "");
    if (thaw_starts_take(watching->starts, event, &error))
        forget_tree(watching, 0);
    if (event->kind == THAW_EVENT_INTERPRETER &&
        thaw_starts_was_there(watching->starts, event->pid))
        count_requests_of(watching, event->pid);
    if (event->kind == THAW_EVENT_PROCESS_EXIT) {
        process_left(watching, event);
        thaw_naming_take(watching->naming, event);
    }
    return 0;
}

/* --- opening and closing --- */

/* In the store's transaction: the trace of a start is promised when the start is kept. */
static int promise_trace(void *context, const struct thaw_start *start, struct thaw_error *error)
{
    struct thaw_watching *watching = context;
    const struct thaw_otlp_resource resource = {watching->settings->node, THAW_VERSION};
    struct thaw_otlp_body body = {0};
    int code;

    if (!watching->delivery)
        return 0;
    code = thaw_otlp_start(start, &resource, watching->settings->import_least_ns, &body, error);
    if (!code)
        code = thaw_delivery_trace(watching->delivery, body.text, body.length, start->end_unix_ns,
                                   error);
    thaw_otlp_body_free(&body);
    return code == -EMSGSIZE ? 0 : code; /* larger than any queue takes: counted there */
}

static int open_delivery(struct thaw_watching *watching, struct thaw_error *error)
{
    if (!watching->settings->delivery.url)
        return 0;
    return thaw_delivery_open(watching->keeping.database, &watching->settings->delivery,
                              &watching->delivery, error);
}

static int open_books(struct thaw_watching *watching, struct thaw_error *error)
{
    const struct thaw_audit_settings *settings = watching->settings;
    const struct thaw_starts_calls calls = {watching, take_tree, process_started, forget_process};
    const struct thaw_keeping_calls keeping = {watching, promise_trace};
    int code = thaw_naming_open(&settings->naming, &watching->naming, error);

    if (!code)
        code =
            thaw_starts_open(settings->starts, &settings->limits, &calls, &watching->starts, error);
    if (!code)
        code = thaw_arrivals_open(&watching->book, error);
    if (!code)
        code = thaw_tally_open(&settings->tally, watching->begin_unix_ns, &watching->tally, error);
    if (!code)
        code = thaw_keeping_open(&watching->keeping, settings->store, &settings->bounds, &keeping,
                                 error);
    return code ? code : open_delivery(watching, error);
}

int thaw_watching_open(struct thaw_watching *watching, const struct thaw_audit_settings *settings,
                       struct thaw_log *log, struct thaw_error *error)
{
    const struct thaw_observation_sink sink = {watching, take_event};
    const struct thaw_observation_options options = {
        .support = &watching->support,
        .only = thaw_platforms_find(settings->platform),
        .pythons = settings->pythons,
    };
    struct thaw_observation_state state;
    int code;

    watching->settings = settings;
    watching->log = log;
    watching->self.version = THAW_VERSION;
    thaw_unix_time_begin(&watching->time);
    watching->begin_unix_ns = watching->looked_unix_ns =
        thaw_unix_time_of(&watching->time, thaw_clock_now_ns());
    code = open_books(watching, error);
    if (!code)
        code = thaw_observation_open(&options, &sink, &watching->observation, error);
    if (code)
        return code;
    thaw_observation_state(watching->observation, &state);
    watching->requests_counted = state.requests_counted;
    watching->lost = thaw_watching_losses(&state); /* what was so before: told by what is missing */
    return 0;
}

/* What is queued is left, and sent when there is an address again. */
static int change_delivery(struct thaw_watching *watching, struct thaw_error *error)
{
    const struct thaw_delivery_settings *settings = &watching->settings->delivery;

    if (watching->delivery && settings->url)
        return thaw_delivery_change(watching->delivery, settings, error);
    thaw_delivery_close(watching->delivery);
    watching->delivery = NULL;
    return open_delivery(watching, error);
}

int thaw_watching_change(struct thaw_watching *watching, struct thaw_error *error)
{
    int code = thaw_naming_change(watching->naming, &watching->settings->naming, error);

    watching->keeping.bounds = watching->settings->bounds;
    watching->metrics_next_ns = watching->split_next_ns = 0;
    return code ? code : change_delivery(watching, error);
}

int thaw_watching_step(struct thaw_watching *watching, uint64_t now_ns, struct thaw_error *error)
{
    int code = thaw_observation_drain(watching->observation, error);

    if (code)
        return code;
    if (thaw_starts_tick(watching->starts, now_ns, error))
        forget_tree(watching, 0);
    if (watching->delivery && thaw_delivery_step(watching->delivery, now_ns, error) &&
        !watching->keeping.trouble.message[0])
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_DELIVERY, "deliveries: %s",
                     error->message);
    return 0;
}

void thaw_watching_end(struct thaw_watching *watching)
{
    struct thaw_error error = {0};
    uint64_t now_ns = thaw_clock_now_ns();

    thaw_observation_drain(watching->observation, &error);
    if (thaw_starts_finish(watching->starts, "thaw ended", &error))
        forget_tree(watching, 0);
    thaw_watching_digest(watching, INT64_MAX);
    watching->keeping.retry_at_ns = 0;
    thaw_keeping_commit(&watching->keeping, now_ns);
    if (watching->delivery)
        thaw_delivery_drain(watching->delivery, now_ns + DRAIN_NS, &error);
}

void thaw_watching_close(struct thaw_watching *watching)
{
    thaw_observation_free(watching->observation);
    thaw_keeping_close(&watching->keeping); /* its last try still queues traces */
    thaw_delivery_close(watching->delivery);
    thaw_tally_free(watching->tally);
    thaw_arrivals_free(watching->book);
    thaw_starts_free(watching->starts);
    thaw_naming_free(watching->naming);
    thaw_served_free(&watching->served);
    thaw_served_free(&watching->told);
    for (size_t i = 0; i < watching->fresh.count; i++)
        thaw_reduction_free(&watching->fresh.items[i]);
    thaw_array_free(&watching->fresh);
}
