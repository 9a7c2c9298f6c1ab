/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "audit/watching_second.h"
#include "base/clock.h"
#include "export/otlp.h"
#include "thaw/version.h"

#define NS_PER_S 1000000000ull
#define LOST_WHY "events were lost while it started"

/* --- losses --- */

uint64_t thaw_watching_losses(const struct thaw_observation_state *state)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < state->loss_count; i++)
        if (state->losses[i].of_events)
            sum += state->losses[i].count;
    return sum;
}

static const char *largest(const struct thaw_observation_state *state)
{
    const struct thaw_observation_loss *largest = NULL;

    for (size_t i = 0; i < state->loss_count; i++)
        if (state->losses[i].of_events && (!largest || state->losses[i].count > largest->count))
            largest = &state->losses[i];
    return largest ? largest->what : "";
}

/* Seconds with losses that follow one another are one gap. */
static void note_gap(struct thaw_watching *watching, int64_t from_unix_ns, int64_t until_unix_ns)
{
    size_t count = watching->gap_count;
    struct thaw_watching_gap *last =
        count ? &watching->gaps[(count - 1) % THAW_WATCHING_GAPS] : NULL;

    if (last && last->until_unix_ns == from_unix_ns)
        last->until_unix_ns = until_unix_ns;
    else
        watching->gaps[watching->gap_count++ % THAW_WATCHING_GAPS] =
            (struct thaw_watching_gap){from_unix_ns, until_unix_ns};
}

/* What was lost since the last look was lost at some time since then: nobody knows of what. */
static uint64_t look_at_losses(struct thaw_watching *watching, int64_t now_unix_ns)
{
    struct thaw_observation_state state;
    uint64_t sum, more;

    thaw_observation_state(watching->observation, &state);
    sum = thaw_watching_losses(&state);
    more = sum - watching->lost;
    watching->lost = sum;
    if (!more)
        return 0;
    note_gap(watching, watching->looked_unix_ns, now_unix_ns);
    thaw_arrivals_lost(watching->book, "");
    if (watching->settings->on_loss != THAW_ON_LOSS_IGNORE)
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_LOSS,
                     "%" PRIu64 " events were lost in the last second, most so far: %s", more,
                     largest(&state));
    return more;
}

static bool has_gap(const struct thaw_watching *watching, const struct thaw_start *start)
{
    size_t count =
        watching->gap_count < THAW_WATCHING_GAPS ? watching->gap_count : THAW_WATCHING_GAPS;

    for (size_t i = 0; i < count; i++)
        if (start->begin_unix_ns <= watching->gaps[i].until_unix_ns &&
            start->end_unix_ns >= watching->gaps[i].from_unix_ns)
            return true;
    return false;
}

/* --- where starts and arrivals go --- */

static void take_start(struct thaw_watching *watching, struct thaw_start *start)
{
    struct thaw_error error = {0};

    if (start->complete && has_gap(watching, start)) {
        start->complete = false;
        start->incomplete = LOST_WHY;
    }
    watching->incomplete += !start->complete;
    if (thaw_tally_start(watching->tally, start, &error) ||
        thaw_arrivals_cold(watching->book, start, &error))
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_STARTS, "a start is not counted: %s",
                     error.message);
}

static int take_arrivals(void *context, const struct thaw_arrivals *arrivals,
                         struct thaw_error *error)
{
    struct thaw_watching *watching = context;

    if (thaw_tally_arrivals(watching->tally, arrivals, error) ||
        thaw_keeping_arrivals(&watching->keeping, arrivals))
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_STARTS,
                     "requests are not counted: memory is short");
    return 0;
}

void thaw_watching_digest(struct thaw_watching *watching, int64_t until_unix_ns)
{
    struct thaw_error error = {0};

    for (size_t i = 0; i < watching->fresh.count; i++) {
        struct thaw_reduction *tree = &watching->fresh.items[i];

        for (size_t j = 0; j < tree->starts.count; j++)
            take_start(watching, &tree->starts.items[j]);
        if (thaw_keeping_starts(&watching->keeping, tree))
            thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_STARTS,
                         "a start is not kept: memory is short");
    }
    watching->fresh.count = 0;
    thaw_arrivals_flush(watching->book, until_unix_ns, take_arrivals, watching, &error);
}

/* --- requests of servers --- */

void thaw_watching_look(struct thaw_watching *watching, uint32_t process, int64_t now_unix_ns)
{
    const char *app = thaw_naming_app(watching->naming, process);
    struct thaw_arrivals_look look = {.process = process};
    struct thaw_kernel_requests requests;
    struct thaw_error error = {0};

    if (!app)
        return;
    if (!thaw_observation_requests(watching->observation, process, &requests)) {
        if (!watching->requests_counted && !thaw_served_has(&watching->told, process))
            thaw_arrivals_lost(watching->book, app); /* told as not measured */
        return;
    }
    look.requests = requests.requests;
    look.busy_ns = requests.busy_ns;
    look.in_flight = requests.in_flight;
    look.most_in_flight = requests.most_in_flight;
    if (thaw_arrivals_looked(watching->book, app, &look, now_unix_ns, &error))
        thaw_arrivals_lost(watching->book, app);
}

static void look_at_requests(struct thaw_watching *watching, int64_t now_unix_ns)
{
    for (size_t i = 0; i < watching->served.processes.count; i++)
        thaw_watching_look(watching, watching->served.processes.items[i], now_unix_ns);
}

/* --- metrics --- */

static void fill_store(struct thaw_watching *watching, struct thaw_self *self)
{
    const struct thaw_keeping *keeping = &watching->keeping;
    struct thaw_store_state state;

    self->store_starts = keeping->counts.starts;
    self->store_arrivals = keeping->counts.arrivals;
    self->store_dropped = keeping->counts.starts_dropped + keeping->counts.arrivals_dropped;
    self->store_failures = keeping->counts.failures;
    self->store_failing = keeping->trouble.message[0] != '\0';
    self->store_waiting = keeping->arrivals.count + thaw_keeping_waiting(keeping);
    if (!keeping->database || thaw_store_state(keeping->database, &state, NULL))
        return; /* as it was at the last look */
    self->store_bytes = (uint64_t)state.bytes;
    self->store_trimmed = (uint64_t)state.starts_removed;
}

static void fill_starts(struct thaw_watching *watching, struct thaw_self *self)
{
    struct thaw_starts_state state;

    thaw_starts_state(watching->starts, &state);
    self->starts_open = state.open;
    self->starts_open_bytes = state.bytes;
    self->starts_seen = state.seen;
    self->starts_given_up = state.given_up;
    self->starts_passed_by = state.passed_by;
    self->events_left_out = state.left_out;
    self->starts_incomplete = watching->incomplete;
    self->clock_steps = watching->time.steps;
}

static void fill_observation(struct thaw_watching *watching, struct thaw_self *self)
{
    struct thaw_observation_state state;

    thaw_observation_state(watching->observation, &state);
    self->bpf_ns = state.bpf_ns;
    self->traps_ns = state.traps_ns;
    self->events = state.events;
    self->interpreters = state.interpreters;
    self->processes = state.processes;
    self->requests_counted = state.requests_counted;
    self->losses = state.losses;
    self->loss_count = state.loss_count;
    self->missing = state.missing;
    self->missing_count = state.missing_count;
    self->paths = thaw_naming_paths(watching->naming);
}

static void fill_delivery(struct thaw_watching *watching, struct thaw_self *self)
{
    struct thaw_delivery_state state = {0};
    uint64_t now_ns = thaw_clock_now_ns();

    if (watching->delivery)
        thaw_delivery_state(watching->delivery, &state);
    self->queued = state.queued;
    self->queued_bytes = state.queued_bytes;
    self->delivered = state.delivered;
    self->delivery_dropped = state.dropped;
    self->delivery_refused = state.refused;
    self->delivery_retries = state.retried;
    self->delivery_failing_ns = state.failing_since_ns && state.failing_since_ns < now_ns
                                    ? now_ns - state.failing_since_ns
                                    : 0;
}

int thaw_watching_families(struct thaw_watching *watching, struct thaw_families *ret,
                           struct thaw_error *error)
{
    struct thaw_self *self = &watching->self;
    int code;

    thaw_self_look(self);
    fill_observation(watching, self);
    fill_starts(watching, self);
    fill_store(watching, self);
    fill_delivery(watching, self);
    ret->begin_unix_ns = watching->begin_unix_ns;
    ret->unix_ns = thaw_unix_time_of(&watching->time, thaw_clock_now_ns());
    code = thaw_tally_families(watching->tally, ret, error);
    return code ? code : thaw_self_families(self, ret, error);
}

static void send_metrics(struct thaw_watching *watching, uint64_t now_ns)
{
    const struct thaw_otlp_resource resource = {watching->settings->node, THAW_VERSION};
    struct thaw_families families = {0};
    struct thaw_otlp_body body = {0};
    struct thaw_error error = {0};
    int code;

    if (!watching->delivery || now_ns < watching->metrics_next_ns)
        return;
    watching->metrics_next_ns = now_ns + watching->settings->metrics_every_ns;
    code = thaw_watching_families(watching, &families, &error);
    if (!code)
        code = thaw_otlp_metrics(&families, &resource, &body, &error);
    if (!code)
        code = thaw_delivery_metrics(watching->delivery, body.text, body.length, &error);
    if (code)
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_DELIVERY, "metrics are not sent: %s",
                     error.message);
    thaw_otlp_body_free(&body);
    thaw_families_free(&families);
}

/* --- what people are told --- */

static void tell_store(struct thaw_watching *watching)
{
    const char *trouble = watching->keeping.trouble.message;

    if (*trouble && !watching->store_told)
        thaw_log_say(watching->log, THAW_LOG_ERROR, THAW_LOG_STORE,
                     "%s; it is tried again, and what can't wait is counted", trouble);
    else if (!*trouble && watching->store_told)
        thaw_log_say(watching->log, THAW_LOG_INFO, THAW_LOG_STORE, "the store takes starts again");
    watching->store_told = *trouble;
}

static void tell_delivery(struct thaw_watching *watching)
{
    const char *url = watching->settings->delivery.url;
    struct thaw_delivery_state state = {0};
    uint64_t refused;
    bool failing;

    if (watching->delivery)
        thaw_delivery_state(watching->delivery, &state);
    failing = state.failing_since_ns;
    refused = state.refused + state.metrics_refused;
    if (failing && !watching->delivery_told)
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_DELIVERY,
                     "%s: %s; traces are kept until it takes them", url, state.last_error);
    else if (!failing && watching->delivery_told)
        thaw_log_say(watching->log, THAW_LOG_INFO, THAW_LOG_DELIVERY, "traces are taken again");
    if (refused > watching->refused_told && !watching->refused_told)
        thaw_log_say(watching->log, THAW_LOG_ERROR, THAW_LOG_DELIVERY,
                     "%s: %s; what it refuses for good is dropped, and counted", url,
                     state.last_error);
    watching->refused_told = refused;
    watching->delivery_told = failing;
}

/* --- a split now and then --- */

static void split(struct thaw_watching *watching, uint64_t now_ns)
{
    const struct thaw_audit_settings *settings = watching->settings;
    struct thaw_error error = {0};
    int code = 0;

    if (watching->split_until_ns && now_ns >= watching->split_until_ns) {
        watching->split_until_ns = 0;
        code = thaw_observation_split(watching->observation, false, &error);
    } else if (settings->split_ns && !watching->split_until_ns &&
               now_ns >= watching->split_next_ns) {
        watching->split_next_ns = now_ns + settings->split_every_ns;
        watching->split_until_ns = now_ns + settings->split_ns;
        code = thaw_observation_split(watching->observation, true, &error);
    }
    if (code)
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_PROBE, "no split: %s",
                     error.message);
}

int thaw_watching_second(struct thaw_watching *watching, uint64_t now_ns, uint64_t *ret_lost,
                         struct thaw_error *error)
{
    int64_t now_unix_ns;
    int code = thaw_observation_tend(watching->observation, error);

    if (code)
        return code;
    if (thaw_unix_time_look(&watching->time)) {
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_CLOCK,
                     "the wall clock was set by %+.3f s", (double)watching->time.step_ns / 1e9);
        watching->looked_unix_ns = thaw_unix_time_of(&watching->time, now_ns - NS_PER_S);
    }
    now_unix_ns = thaw_unix_time_of(&watching->time, now_ns);
    *ret_lost = look_at_losses(watching, now_unix_ns);
    look_at_requests(watching, now_unix_ns);
    thaw_watching_digest(watching, now_unix_ns);
    thaw_keeping_watched(&watching->keeping, watching->looked_unix_ns, now_unix_ns, *ret_lost);
    watching->looked_unix_ns = now_unix_ns;
    if (thaw_keeping_commit(&watching->keeping, now_ns))
        thaw_log_say(watching->log, THAW_LOG_WARNING, THAW_LOG_STORE, "memory is short");
    send_metrics(watching, now_ns);
    tell_store(watching);
    tell_delivery(watching);
    split(watching, now_ns);
    return 0;
}
