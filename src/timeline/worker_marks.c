/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/exchanges.h"
#include "timeline/import_windows.h"
#include "timeline/mark_collector.h"

static bool add_link(struct thaw_mark_collector *collector)
{
    const struct thaw_process_facts *facts = collector->facts;

    if (facts->connect &&
        !thaw_mark_collector_add(collector, THAW_MARK_CONNECT, facts->connect->time_ns,
                                 THAW_OBSERVED, "connect"))
        return false;
    if (facts->ready && !thaw_mark_collector_add(collector, THAW_MARK_READY, facts->ready->time_ns,
                                                 THAW_OBSERVED, facts->ready->message.type))
        return false;
    return !facts->hello ||
           thaw_mark_collector_add(collector, THAW_MARK_HELLO, facts->hello->time_ns, THAW_OBSERVED,
                                   facts->hello->message.type);
}

static void find_turning_points(struct thaw_mark_collector *collector)
{
    for (size_t i = 0; i < collector->facts->exchange_count; i++) {
        const struct thaw_exchange *exchange = &collector->exchanges[i];

        if (!collector->reload && exchange->kind->role == THAW_EXCHANGE_SPECIALIZE) {
            collector->reload = exchange;
            collector->invocation = NULL; /* those before warmed the placeholder up */
        }
        if (!collector->invocation && exchange->kind->role == THAW_EXCHANGE_INVOCATION)
            collector->invocation = exchange;
    }
    collector->marks->specialized = collector->reload != NULL;
}

static bool add_exchange_mark(struct thaw_mark_collector *collector, enum thaw_mark_kind kind,
                              const struct thaw_exchange *exchange, uint64_t time_ns)
{
    bool request = kind == THAW_MARK_REQUEST;

    if (!thaw_mark_collector_add(collector, kind, time_ns, THAW_OBSERVED,
                                 request ? exchange->kind->request : exchange->kind->response))
        return false;
    collector->marks->marks.items[collector->marks->marks.count - 1].exchange = exchange->kind;
    return true;
}

/* One pair of marks for each run of exchanges of one kind: an app may have fifty loads. */
static bool add_set_up(struct thaw_mark_collector *collector)
{
    const struct thaw_platform_exchange *kind = NULL;
    const struct thaw_exchange *last = NULL;
    uint64_t answered_ns = 0;

    for (size_t i = 0; i <= collector->facts->exchange_count; i++) {
        const struct thaw_exchange *exchange =
            i < collector->facts->exchange_count ? &collector->exchanges[i] : NULL;

        if (exchange && !thaw_mark_collector_sets_up(collector, exchange))
            continue;
        if (last && (!exchange || exchange->kind != kind) && answered_ns &&
            !add_exchange_mark(collector, THAW_MARK_RESPONSE, last, answered_ns))
            return false;
        if (!exchange)
            break;
        if (exchange->kind != kind) {
            answered_ns = 0;
            if (!add_exchange_mark(collector, THAW_MARK_REQUEST, exchange,
                                   exchange->request->time_ns))
                return false;
        }
        kind = exchange->kind;
        last = exchange;
        if (thaw_exchange_answered_ns(exchange) > answered_ns)
            answered_ns = thaw_exchange_answered_ns(exchange);
    }
    return true;
}

static bool asks_before(const struct thaw_mark_collector *collector, uint64_t time_ns)
{
    return collector->facts->ready && collector->facts->ready->time_ns <= time_ns;
}

/* From when on a placeholder only waited. */
static bool add_specialization(struct thaw_mark_collector *collector)
{
    const struct thaw_exchange *reload = collector->reload, *before;
    const char *words = collector->start.words;
    uint64_t time_ns = collector->start.time_ns;
    bool observed;

    if (!reload)
        return true;
    before = thaw_mark_collector_last_answer(collector, 0, reload->request->time_ns);
    observed = before != NULL;
    if (before) {
        time_ns = thaw_exchange_answered_ns(before);
        words = before->kind->response;
    } else if (asks_before(collector, reload->request->time_ns)) {
        time_ns = collector->facts->ready->time_ns;
        words = collector->facts->ready->message.type;
        observed = true;
    } else if (collector->facts->hello) {
        time_ns = collector->facts->hello->time_ns;
        words = collector->facts->hello->message.type;
    }
    return thaw_mark_collector_add(collector, THAW_MARK_POOL, time_ns,
                                   observed ? THAW_OBSERVED : THAW_DERIVED, words) &&
           thaw_mark_collector_add(collector, THAW_MARK_SPECIALIZE, reload->request->time_ns,
                                   THAW_OBSERVED, reload->kind->request);
}

static const char *window_within(struct thaw_mark_collector *collector,
                                 const struct thaw_import_window *window)
{
    if (!window->exchange)
        return "";
    return thaw_arena_format(&collector->build->memory->arena, "%s..%s",
                             window->exchange->kind->request,
                             window->exchange->response ? window->exchange->kind->response : "");
}

static bool add_window(struct thaw_mark_collector *collector,
                       const struct thaw_import_window *window, bool late)
{
    enum thaw_confidence confidence = window->inferred ? THAW_DERIVED : THAW_OBSERVED;
    const char *within = window_within(collector, window);
    const char *words =
        thaw_arena_format(&collector->build->memory->arena, "execute %s", window->name);

    if (!within ||
        !thaw_mark_collector_add(collector, late ? THAW_MARK_LATE_IMPORT : THAW_MARK_IMPORT,
                                 window->start_ns, THAW_OBSERVED, words))
        return false;
    collector->marks->marks.items[collector->marks->marks.count - 1].within = within;
    return thaw_mark_collector_add(collector, late ? THAW_MARK_LATE_IMPORTED : THAW_MARK_IMPORTED,
                                   window->end_ns, confidence,
                                   window->cut ? thaw_process_marks_last_words(collector)
                                               : "return");
}

/* Of the windows of an invocation only those of the first, and only when there are no others. */
static bool add_windows(struct thaw_mark_collector *collector, size_t *ret_early, size_t *ret_late)
{
    const struct thaw_exchange *invocation = collector->invocation;
    struct thaw_import_windows windows = {0};
    uint64_t from_ns = collector->facts->hello ? collector->facts->hello->time_ns : 0;
    uint64_t first_ns = invocation ? invocation->request->time_ns : UINT64_MAX;
    bool enough;

    if (collector->reload)
        from_ns = collector->reload->request->time_ns;
    enough = thaw_import_windows_find(collector->build, collector->id, from_ns, &windows);
    *ret_early = *ret_late = 0;
    for (size_t i = 0; enough && i < windows.windows.count; i++) {
        const struct thaw_import_window *window = &windows.windows.items[i];
        bool late = window->start_ns >= first_ns;

        if (late && (*ret_early || window->exchange != invocation))
            break;
        enough = add_window(collector, window, late);
        ++*(late ? ret_late : ret_early);
    }
    thaw_array_free(&windows.windows);
    return enough;
}

static bool imports_are_visible(const struct thaw_mark_collector *collector)
{
    if (!collector->facts->interpreter)
        return collector->facts->module_count > 0;
    return !strcmp(collector->facts->interpreter->coverage, "from start");
}

/* A worker that says nothing before it asks for work has imported the user's file by then. */
static bool add_set_up_by_asking(struct thaw_mark_collector *collector)
{
    const struct thaw_event *ready = collector->facts->ready;

    return !ready || thaw_mark_collector_add(collector, THAW_MARK_SET_UP, ready->time_ns,
                                             THAW_DERIVED, ready->message.type);
}

/* Where the worker's own start ends when no execution of the user's file shows it. */
static bool add_without_import(struct thaw_mark_collector *collector, bool visible)
{
    uint64_t from_ns = collector->reload ? collector->reload->request->time_ns : 0;
    const struct thaw_exchange *last =
        thaw_mark_collector_last_answer(collector, from_ns, UINT64_MAX);
    const struct thaw_event *hello = collector->facts->hello;
    const struct thaw_exchange *reload = collector->reload;

    if (visible && !last)
        return add_set_up_by_asking(collector);
    if (visible)
        return thaw_mark_collector_add(collector, THAW_MARK_SET_UP, thaw_exchange_answered_ns(last),
                                       THAW_DERIVED, last->kind->response);
    if (reload)
        return !reload->response || thaw_mark_collector_add(collector, THAW_MARK_BLIND,
                                                            thaw_exchange_answered_ns(reload),
                                                            THAW_OBSERVED, reload->kind->response);
    if (hello)
        return thaw_mark_collector_add(collector, THAW_MARK_BLIND, hello->time_ns, THAW_OBSERVED,
                                       hello->message.type);
    if (!collector->facts->ready)
        return true;
    return thaw_mark_collector_add(collector, THAW_MARK_BLIND, collector->start.time_ns,
                                   collector->start.confidence, collector->start.words) &&
           add_set_up_by_asking(collector);
}

static bool add_invocation(struct thaw_mark_collector *collector)
{
    const struct thaw_exchange *invocation = collector->invocation, *last;
    const struct thaw_event *reply = NULL;
    uint64_t reply_ns = 0;
    size_t first;

    if (!invocation)
        return true;
    last = thaw_mark_collector_last_answer(collector, 0, invocation->request->time_ns);
    if (last && !thaw_mark_collector_add(collector, THAW_MARK_IDLE, thaw_exchange_answered_ns(last),
                                         THAW_OBSERVED, last->response->message.type))
        return false;
    if (!last && asks_before(collector, invocation->request->time_ns) &&
        !thaw_mark_collector_add(collector, THAW_MARK_IDLE, collector->facts->ready->time_ns,
                                 THAW_OBSERVED, collector->facts->ready->message.type))
        return false;
    if (!thaw_mark_collector_add(collector, THAW_MARK_INVOCATION, invocation->request->time_ns,
                                 THAW_OBSERVED, invocation->kind->request))
        return false;
    first = (size_t)(invocation - collector->exchanges);
    for (size_t i = first; i < collector->facts->exchange_count; i++) {
        uint64_t answered_ns = thaw_exchange_answered_ns(&collector->exchanges[i]);

        if (collector->exchanges[i].kind->role == THAW_EXCHANGE_INVOCATION && answered_ns &&
            (!reply_ns || answered_ns < reply_ns)) {
            reply_ns = answered_ns;
            reply = collector->exchanges[i].response;
        }
    }
    collector->marks->answered = reply_ns != 0;
    return !reply || thaw_mark_collector_add(collector, THAW_MARK_REPLY, reply_ns, THAW_OBSERVED,
                                             reply->message.type);
}

/* While the worker starts, its host waits for it: as far as the thread tells that then accepts. */
static bool tell_waiting_host(struct thaw_mark_collector *collector, size_t worker)
{
    const struct thaw_event *accept = collector->facts->host_accept;
    struct thaw_mark *mark = &collector->marks->marks.items[worker];
    uint64_t since_ns = accept ? accept->accept.idle_since_ns : 0;

    if (!since_ns || since_ns >= accept->time_ns)
        return true;
    mark->beside = thaw_arena_format(&collector->build->memory->arena,
                                     "the host's thread waits for it, from %.1f ms on",
                                     (double)thaw_build_less(since_ns, mark->time_ns) / 1e6);
    return mark->beside != NULL;
}

static bool is_warm(const struct thaw_mark_collector *collector)
{
    return collector->facts->was_running && !collector->facts->hello && !collector->facts->ready &&
           !collector->facts->failure && !collector->reload &&
           (collector->invocation == collector->exchanges || !collector->facts->exchange_count);
}

bool thaw_worker_marks_collect(struct thaw_mark_collector *collector)
{
    struct thaw_mark interpreter;
    size_t early, late, worker;

    find_turning_points(collector);
    collector->warm = is_warm(collector);
    if (!thaw_process_marks_host(collector))
        return false;
    worker = collector->marks->marks.count; /* what comes next */
    if (!thaw_process_marks_start(collector) || !tell_waiting_host(collector, worker))
        return false;
    if (collector->warm)
        return true;
    if (!thaw_process_marks_interpreter(collector, &interpreter) || !add_link(collector) ||
        !add_set_up(collector) || !add_specialization(collector) ||
        !add_windows(collector, &early, &late))
        return false;
    if (!early && !add_without_import(collector, late || imports_are_visible(collector)))
        return false;
    return add_invocation(collector) &&
           (collector->marks->answered || thaw_process_marks_end(collector));
}
