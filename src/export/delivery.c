/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "export/delivery.h"
#include "export/otlp.h"
#include "export/posting.h"
#include "store/deliveries.h"

#define BATCH_BYTES_MAX (1 << 20) /* of a request, unless one body has more */
#define DRAIN_WAIT_NS 50000000ull

/*
 * OTLP wants what a server failed at (500) dropped. A promise is worth more: it is sent again, in
 * ever smaller parts, with the back-off between. What fails alone so many times in a row (an hour
 * and a half by the usual settings) is taken to be what it fails at.
 */
#define BROKEN_MAX 100

const struct thaw_delivery_settings thaw_delivery_usual = {
    .batch = 128,
    .linger_ns = 2000000000,
    .timeout_ns = 10000000000,
    .backoff_least_ns = 1000000000,
    .backoff_most_ns = 60000000000,
    .queue_bytes = 64 << 20,
};

/* What is under way. */
struct sending {
    enum thaw_signal signal;
    struct thaw_otlp_body body;
    int64_t up_to_id; /* of traces */
    size_t count;     /* bodies in it */
    size_t left_out;  /* that were no bodies */
    uint64_t dropped; /* of them the queue has meanwhile dropped: delivered all the same, or not */
};

struct thaw_delivery {
    struct thaw_database *database;
    struct thaw_delivery_settings settings; /* numbers only: texts are the posting's */
    struct thaw_posting *posting;
    struct sending sending;
    struct thaw_otlp_body metrics; /* that wait; text NULL: none */
    bool metrics_next;             /* they are sent in turn with traces */
    int64_t done_id;               /* what is up to it is only to be removed; 0 nothing is */
    size_t batch;                  /* bodies in the next request, at most */
    uint64_t waiting_since_ns;     /* for others to go with it; 0 nothing waits */
    uint64_t not_before_ns;
    unsigned failures; /* in a row */
    unsigned broken;   /* the same, of the first body by itself */
    bool draining;
    struct thaw_delivery_state state;
};

/* --- opening --- */

static int open_posting(const struct thaw_delivery_settings *settings, struct thaw_posting **ret,
                        struct thaw_error *error)
{
    if (!settings->batch || !settings->queue_bytes || !settings->backoff_least_ns ||
        settings->backoff_most_ns < settings->backoff_least_ns)
        return thaw_error_set(error, -EINVAL,
                              "a Collector needs batches of at least one, room for a queue, and a "
                              "longest pause that is no shorter than the shortest");
    return thaw_posting_open(
        &(struct thaw_posting_settings){
            .url = settings->url,
            .headers = settings->headers,
            .certificates = settings->certificates,
            .timeout_ns = settings->timeout_ns,
        },
        ret, error);
}

static void use(struct thaw_delivery *delivery, const struct thaw_delivery_settings *settings,
                struct thaw_posting *posting)
{
    delivery->posting = posting;
    delivery->settings = *settings;
    delivery->settings.url = delivery->settings.certificates = NULL;
    delivery->settings.headers = NULL;
    delivery->batch = settings->batch;
    delivery->not_before_ns = 0;
    delivery->failures = delivery->broken = 0;
}

static int look_at_queue(struct thaw_delivery *delivery, struct thaw_error *error)
{
    return thaw_deliveries_size(delivery->database, &delivery->state.queued,
                                &delivery->state.queued_bytes, error);
}

int thaw_delivery_open(struct thaw_database *database,
                       const struct thaw_delivery_settings *settings, struct thaw_delivery **ret,
                       struct thaw_error *error)
{
    struct thaw_delivery *delivery;
    struct thaw_posting *posting;
    int code = open_posting(settings, &posting, error);

    if (code)
        return code;
    delivery = calloc(1, sizeof(*delivery));
    if (!delivery) {
        thaw_posting_close(posting);
        return thaw_error_memory(error);
    }
    delivery->database = database;
    use(delivery, settings, posting);
    code = look_at_queue(delivery, error);
    if (code) {
        thaw_delivery_close(delivery);
        return code;
    }
    *ret = delivery;
    return 0;
}

void thaw_delivery_close(struct thaw_delivery *delivery)
{
    if (!delivery)
        return;
    thaw_posting_close(delivery->posting);
    thaw_otlp_body_free(&delivery->sending.body);
    thaw_otlp_body_free(&delivery->metrics);
    free(delivery);
}

void thaw_delivery_state(const struct thaw_delivery *delivery, struct thaw_delivery_state *ret)
{
    *ret = delivery->state;
    ret->busy = thaw_posting_is_busy(delivery->posting);
}

/* --- what is to be sent --- */

/* Those that went while they were under way are the oldest: what becomes of them is not known yet.
 */
static void count_dropped(struct thaw_delivery *delivery, uint64_t dropped)
{
    struct sending *sending = &delivery->sending;
    uint64_t under_way = 0;

    if (thaw_posting_is_busy(delivery->posting) && sending->signal == THAW_SIGNAL_TRACES)
        under_way = sending->count - sending->dropped;
    if (under_way > dropped)
        under_way = dropped;
    sending->dropped += under_way;
    delivery->state.dropped += dropped - under_way;
}

int thaw_delivery_trace(struct thaw_delivery *delivery, const char *body, size_t length,
                        int64_t unix_ns, struct thaw_error *error)
{
    uint64_t dropped = 0;
    int code = thaw_deliveries_add(delivery->database, body, length, unix_ns,
                                   delivery->settings.queue_bytes, &dropped, error);

    if (code == -EMSGSIZE) {
        delivery->state.dropped++;
        return 0;
    }
    if (code)
        return code;
    count_dropped(delivery, dropped);
    return look_at_queue(delivery, error);
}

int thaw_delivery_metrics(struct thaw_delivery *delivery, const char *body, size_t length,
                          struct thaw_error *error)
{
    char *copy = malloc(length + 1);

    if (!copy)
        return thaw_error_memory(error);
    *(char *)mempcpy(copy, body, length) = '\0';
    thaw_otlp_body_free(&delivery->metrics);
    delivery->metrics = (struct thaw_otlp_body){.text = copy, .length = length};
    return 0;
}

/* --- sending --- */

static int begin(struct thaw_delivery *delivery, struct thaw_error *error)
{
    struct sending *sending = &delivery->sending;
    int code = thaw_posting_begin(delivery->posting, sending->signal, sending->body.text,
                                  sending->body.length, error);

    if (code)
        thaw_otlp_body_free(&sending->body);
    else
        delivery->state.sent_bytes += sending->body.length;
    return code;
}

static int begin_metrics(struct thaw_delivery *delivery, struct thaw_error *error)
{
    delivery->sending =
        (struct sending){.signal = THAW_SIGNAL_METRICS, .body = delivery->metrics, .count = 1};
    delivery->metrics = (struct thaw_otlp_body){0};
    delivery->metrics_next = false;
    return begin(delivery, error);
}

static int make_batch(struct thaw_delivery *delivery, const struct thaw_stored_deliveries *stored,
                      struct thaw_error *error)
{
    size_t count = stored->items.count;
    struct thaw_otlp_body *bodies = calloc(count, sizeof(*bodies));
    struct sending *sending = &delivery->sending;
    int code;

    if (!bodies)
        return thaw_error_memory(error);
    for (size_t i = 0; i < count; i++)
        bodies[i] = (struct thaw_otlp_body){.text = (char *)stored->items.items[i].body,
                                            .length = stored->items.items[i].length};
    *sending = (struct sending){.signal = THAW_SIGNAL_TRACES,
                                .up_to_id = stored->items.items[count - 1].id,
                                .count = count};
    code = thaw_otlp_batch(bodies, count, &sending->body, &sending->left_out, error);
    free(bodies);
    return code;
}

/* Those up to that one are done with: noted first, as it may have to be tried again. */
static int remove_up_to(struct thaw_delivery *delivery, int64_t id, struct thaw_error *error)
{
    int code;

    delivery->done_id = id;
    code = thaw_deliveries_remove(delivery->database, id, error);
    if (code)
        return code;
    delivery->done_id = 0;
    return look_at_queue(delivery, error);
}

static int begin_traces(struct thaw_delivery *delivery, struct thaw_error *error)
{
    struct thaw_stored_deliveries stored = {0};
    struct sending *sending = &delivery->sending;
    int code =
        thaw_deliveries_first(delivery->database, delivery->batch, BATCH_BYTES_MAX, &stored, error);

    if (!code && stored.items.count)
        code = make_batch(delivery, &stored, error);
    if (!code && stored.items.count) {
        delivery->metrics_next = true;
        delivery->waiting_since_ns = 0;
        if (sending->left_out < sending->count) {
            code = begin(delivery, error);
        } else { /* somebody else's bytes are in the file */
            delivery->state.refused += sending->count;
            thaw_otlp_body_free(&sending->body);
            code = remove_up_to(delivery, sending->up_to_id, error);
        }
    }
    thaw_stored_deliveries_free(&stored);
    return code;
}

/* A full batch goes at once, another one when its first body has waited long enough. */
static bool traces_are_due(struct thaw_delivery *delivery, uint64_t now_ns)
{
    if (!delivery->state.queued)
        return false;
    if (!delivery->waiting_since_ns)
        delivery->waiting_since_ns = now_ns;
    return delivery->draining || delivery->failures || delivery->state.queued >= delivery->batch ||
           now_ns - delivery->waiting_since_ns >= delivery->settings.linger_ns;
}

static int begin_what_is_due(struct thaw_delivery *delivery, uint64_t now_ns,
                             struct thaw_error *error)
{
    bool traces = traces_are_due(delivery, now_ns);

    if (now_ns < delivery->not_before_ns)
        return 0;
    if (delivery->metrics.text && (delivery->metrics_next || !traces))
        return begin_metrics(delivery, error);
    return traces ? begin_traces(delivery, error) : 0;
}

/* --- what becomes of it --- */

/* Between half and all of a pause that doubles: those that fail together don't come back together.
 */
static uint64_t pause_ns(const struct thaw_delivery *delivery)
{
    uint64_t most = delivery->settings.backoff_most_ns, pause = delivery->settings.backoff_least_ns,
             random = 0;

    for (unsigned i = 1; i < delivery->failures && pause < most; i++)
        pause *= 2;
    if (pause > most)
        pause = most;
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
        random = pause / 4;
    return pause / 2 + random % (pause / 2 + 1);
}

static void put_off(struct thaw_delivery *delivery, const struct thaw_posting_answer *answer,
                    uint64_t now_ns)
{
    uint64_t pause;

    delivery->failures++;
    delivery->state.retried++;
    if (!delivery->state.failing_since_ns)
        delivery->state.failing_since_ns = now_ns ? now_ns : 1;
    pause = pause_ns(delivery);
    if (answer->retry_after_ns > pause)
        pause = answer->retry_after_ns;
    delivery->not_before_ns = now_ns + pause;
}

static void succeed(struct thaw_delivery *delivery)
{
    delivery->failures = delivery->broken = 0;
    delivery->not_before_ns = 0;
    delivery->state.failing_since_ns = 0;
    if (delivery->batch < delivery->settings.batch)
        delivery->batch = delivery->batch * 2 < delivery->settings.batch ? delivery->batch * 2
                                                                         : delivery->settings.batch;
}

/* The queue's oldest are gone from it, and were not delivered. */
static void lose_dropped(struct thaw_delivery *delivery)
{
    delivery->state.dropped += delivery->sending.dropped;
}

static int take_traces(struct thaw_delivery *delivery, struct thaw_error *error)
{
    struct sending *sending = &delivery->sending;

    delivery->state.delivered += sending->count - sending->left_out;
    delivery->state.refused += sending->left_out;
    return remove_up_to(delivery, sending->up_to_id, error);
}

static int refuse_traces(struct thaw_delivery *delivery, struct thaw_error *error)
{
    struct sending *sending = &delivery->sending;

    lose_dropped(delivery);
    delivery->state.refused += sending->count - sending->dropped;
    delivery->broken = 0;
    return remove_up_to(delivery, sending->up_to_id, error);
}

static int settle_traces(struct thaw_delivery *delivery, const struct thaw_posting_answer *answer,
                         uint64_t now_ns, struct thaw_error *error)
{
    bool alone = delivery->sending.count == 1;

    switch (answer->posted) {
    case THAW_POSTED_TAKEN:
        succeed(delivery);
        return take_traces(delivery, error);
    case THAW_POSTED_REFUSED:
        return refuse_traces(delivery, error);
    case THAW_POSTED_TOO_LARGE:
        if (alone)
            return refuse_traces(delivery, error);
        delivery->batch = delivery->sending.count / 2;
        break;
    case THAW_POSTED_BROKEN:
        delivery->broken = alone ? delivery->broken + 1 : 0;
        if (delivery->broken == BROKEN_MAX)
            return refuse_traces(delivery, error);
        if (!alone)
            delivery->batch = delivery->sending.count / 2;
        put_off(delivery, answer, now_ns);
        break;
    case THAW_POSTED_LATER:
        put_off(delivery, answer, now_ns);
    }
    lose_dropped(delivery);
    return 0;
}

/* Those that were not taken for now wait again, unless later ones do. */
static void settle_metrics(struct thaw_delivery *delivery, const struct thaw_posting_answer *answer,
                           uint64_t now_ns)
{
    switch (answer->posted) {
    case THAW_POSTED_TAKEN:
        succeed(delivery);
        delivery->state.metrics_delivered++;
        break;
    case THAW_POSTED_TOO_LARGE:
    case THAW_POSTED_REFUSED:
        delivery->state.metrics_refused++;
        break;
    case THAW_POSTED_BROKEN:
    case THAW_POSTED_LATER:
        put_off(delivery, answer, now_ns);
        if (!delivery->metrics.text) {
            delivery->metrics = delivery->sending.body;
            delivery->sending.body = (struct thaw_otlp_body){0};
        }
    }
}

static int settle(struct thaw_delivery *delivery, const struct thaw_posting_answer *answer,
                  uint64_t now_ns, struct thaw_error *error)
{
    struct thaw_delivery_state *state = &delivery->state;
    int code = 0;

    state->requests++;
    state->rejected += answer->rejected;
    if (*answer->error)
        snprintf(state->last_error, sizeof(state->last_error), "%s", answer->error);
    else if (answer->rejected)
        snprintf(state->last_error, sizeof(state->last_error),
                 "the Collector took what it was sent without %llu spans or points",
                 (unsigned long long)answer->rejected);
    if (delivery->sending.signal == THAW_SIGNAL_TRACES)
        code = settle_traces(delivery, answer, now_ns, error);
    else
        settle_metrics(delivery, answer, now_ns);
    thaw_otlp_body_free(&delivery->sending.body);
    return code;
}

/* --- steps --- */

int thaw_delivery_step(struct thaw_delivery *delivery, uint64_t now_ns, struct thaw_error *error)
{
    struct thaw_posting_answer answer;
    int code = look_at_queue(delivery, error);

    if (!code && delivery->done_id)
        code = remove_up_to(delivery, delivery->done_id, error);
    if (!code && thaw_posting_step(delivery->posting, &answer))
        code = settle(delivery, &answer, now_ns, error);
    if (code || thaw_posting_is_busy(delivery->posting))
        return code;
    code = begin_what_is_due(delivery, now_ns, error);
    if (!code && thaw_posting_step(delivery->posting, &answer))
        code = settle(delivery, &answer, now_ns, error);
    return code;
}

int thaw_delivery_drain(struct thaw_delivery *delivery, uint64_t until_ns, struct thaw_error *error)
{
    uint64_t now_ns;
    int code = 0;

    delivery->draining = true;
    while (!code && (now_ns = thaw_clock_now_ns()) < until_ns) {
        code = thaw_delivery_step(delivery, now_ns, error);
        if (!thaw_posting_is_busy(delivery->posting) &&
            ((!delivery->state.queued && !delivery->metrics.text) ||
             delivery->not_before_ns >= until_ns))
            break;
        now_ns = thaw_clock_now_ns();
        if (!code && now_ns < until_ns)
            thaw_posting_wait(delivery->posting, until_ns - now_ns < DRAIN_WAIT_NS
                                                     ? until_ns - now_ns
                                                     : DRAIN_WAIT_NS);
    }
    delivery->draining = false;
    return code;
}

int thaw_delivery_change(struct thaw_delivery *delivery,
                         const struct thaw_delivery_settings *settings, struct thaw_error *error)
{
    struct thaw_posting *posting;
    int code = open_posting(settings, &posting, error);

    if (code)
        return code;
    if (thaw_posting_is_busy(delivery->posting) && delivery->sending.signal == THAW_SIGNAL_TRACES)
        lose_dropped(delivery);
    thaw_posting_close(delivery->posting);
    thaw_otlp_body_free(&delivery->sending.body);
    use(delivery, settings, posting);
    return 0;
}
