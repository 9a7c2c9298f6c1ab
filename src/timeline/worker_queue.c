/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "timeline/worker_queue.h"

enum {
    MOST_TRIED = 128,     /* numbers of servers; the worker's threads are 32 at most by default */
    MOST_COMPARED = 4096, /* calls; a longer recording is judged by each worker's first ones */
    FEWEST_WAITED = 4,    /* calls that waited, to tell anything by */
};

/* Shares of a median. The bench's table against its oracle, tests/bench, is where these come from.
 */
static const double MOST_SPREAD = 0.25;   /* handlers whose times differ more can't be compared */
static const double SPREAD_MARGIN = 0.05; /* above the best: as good, as far as can be told */
static const double SHORTEST = 0.25;      /* a call of less time is not believed */
static const double LEAST_TIME = 0.1;     /* of all time: functions of less are not compared */
static const double CONTROL = 0.2;  /* by how much calls that waited may differ from the others */
static const double CLEARLY = 0.15; /* by how much no limit must fit worse */

/* One call's time by the model at hand. */
struct service {
    uint32_t function;
    uint32_t call;
    double ns;
};

struct servers {
    struct thaw_queued *calls;
    size_t count;
    uint64_t *ends; /* of each worker's calls, sorted */
    struct service *services;
    double *ratios; /* of each call to its function's median; < 0: none */
    double *sorted; /* for a median */
};

/* How well a number of servers fits. */
struct fit {
    double spread;
    double shortest; /* ratio to the median */
    double control;  /* how far calls that waited are from the others, 0 when there are none */
    uint64_t compared;
    uint64_t waited;
    double waited_spread;
};

static int compare_times(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return a < b ? -1 : a > b;
}

static int compare_services(const void *left, const void *right)
{
    const struct service *a = left, *b = right;

    if (a->function != b->function)
        return a->function < b->function ? -1 : 1;
    return a->ns < b->ns ? -1 : a->ns > b->ns;
}

/* Where the calls of the worker at first end. */
static size_t worker_end(const struct servers *servers, size_t first)
{
    size_t end = first;

    while (end < servers->count && servers->calls[end].worker == servers->calls[first].worker)
        end++;
    return end;
}

static void sort_ends(struct servers *servers)
{
    for (size_t first = 0; first < servers->count;) {
        size_t end = worker_end(servers, first);

        for (size_t i = first; i < end; i++)
            servers->ends[i] = servers->calls[i].end_ns;
        qsort(&servers->ends[first], end - first, sizeof(*servers->ends), compare_times);
        first = end;
    }
}

/* When each call begins, where a worker serves so many at once: as soon as all calls that came
 * before it but so many less one are answered. */
static void begin_calls(struct servers *servers, size_t at_once)
{
    for (size_t first = 0; first < servers->count;) {
        size_t end = worker_end(servers, first);

        for (size_t i = first; i < end; i++) {
            struct thaw_queued *call = &servers->calls[i];

            call->running_ns = call->start_ns;
            if (i - first >= at_once && servers->ends[i - at_once] > call->start_ns)
                call->running_ns = servers->ends[i - at_once];
        }
        first = end;
    }
}

/* The most calls in flight at once in any worker. */
static size_t most_in_flight(const struct servers *servers)
{
    size_t most = 0;

    for (size_t first = 0; first < servers->count;) {
        size_t end = worker_end(servers, first), over = first;

        for (size_t i = first; i < end; i++) {
            while (over < i && servers->ends[over] <= servers->calls[i].start_ns)
                over++;
            if (i - over + 1 > most)
                most = i - over + 1;
        }
        first = end;
    }
    return most;
}

/* The answered calls' times by the model at hand, in order of function and time; how many. */
static size_t take_services(struct servers *servers, double *ret_sum_ns)
{
    size_t count = 0;

    *ret_sum_ns = 0;
    for (size_t i = 0; i < servers->count; i++) {
        const struct thaw_queued *call = &servers->calls[i];
        double ns = 0;

        servers->ratios[i] = -1;
        if (call->end_ns == UINT64_MAX || call->running_ns == UINT64_MAX)
            continue;
        if (call->end_ns > call->running_ns)
            ns = (double)(call->end_ns - call->running_ns);
        servers->services[count++] = (struct service){call->function, (uint32_t)i, ns};
        *ret_sum_ns += ns;
    }
    qsort(servers->services, count, sizeof(*servers->services), compare_services);
    return count;
}

/*
 * Each answered call's time as a ratio to its function's median. One of a kind has nothing to be
 * compared with, and functions that take next to none of the time tell nothing about the rest.
 */
static void find_ratios(struct servers *servers)
{
    double sum_ns;
    size_t count = take_services(servers, &sum_ns);

    for (size_t first = 0; first < count;) {
        const struct service *services = &servers->services[first];
        double median, of_function_ns = 0;
        size_t calls = 0;

        while (first + calls < count && services[calls].function == services->function)
            of_function_ns += services[calls++].ns;
        median = services[calls / 2].ns;
        for (size_t i = 0; i < calls && calls > 1 && of_function_ns >= sum_ns * LEAST_TIME; i++)
            servers->ratios[services[i].call] = median > 0 ? services[i].ns / median : 0;
        first += calls;
    }
}

/* The median ratio of the calls that waited, or of those that did not; < 0: there are none. */
static double median_ratio(struct servers *servers, bool waited, bool cold)
{
    size_t count = 0;

    for (size_t i = 0; i < servers->count; i++) {
        const struct thaw_queued *call = &servers->calls[i];

        if (servers->ratios[i] >= 0 && (cold || !call->cold) &&
            (call->running_ns > call->start_ns) == waited)
            servers->sorted[count++] = servers->ratios[i];
    }
    if (!count)
        return -1;
    qsort(servers->sorted, count, sizeof(*servers->sorted), compare_doubles);
    return servers->sorted[count / 2];
}

/* A first call of a worker tells less than the others, but better that than nothing. */
static double control_of(struct servers *servers)
{
    double waited = median_ratio(servers, true, false);
    double others = median_ratio(servers, false, false);

    if (others < 0)
        others = median_ratio(servers, false, true);
    if (waited < 0 || others < 0)
        return 0;
    return others > 0 ? fabs(waited / others - 1) : INFINITY;
}

static struct fit try(struct servers *servers, size_t at_once)
{
    struct fit fit = {.shortest = INFINITY};

    begin_calls(servers, at_once);
    find_ratios(servers);
    fit.control = control_of(servers);
    for (size_t i = 0; i < servers->count; i++) {
        const struct thaw_queued *call = &servers->calls[i];
        double ratio = servers->ratios[i];

        if (ratio < 0)
            continue;
        if (ratio < fit.shortest)
            fit.shortest = ratio;
        if (call->cold)
            continue;
        fit.compared++;
        fit.spread += fabs(ratio - 1);
        if (call->running_ns > call->start_ns) {
            fit.waited++;
            fit.waited_spread += fabs(ratio - 1);
        }
    }
    if (fit.compared)
        fit.spread /= (double)fit.compared;
    if (fit.waited)
        fit.waited_spread /= (double)fit.waited;
    return fit;
}

/*
 * How far the calls that wait by the model at hand would be from their function's median by that
 * model, if none of them had waited.
 */
static double spread_unlimited(const struct servers *servers)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < servers->count; i++) {
        const struct thaw_queued *call = &servers->calls[i];
        double served, whole;

        if (servers->ratios[i] <= 0 || call->cold || call->running_ns <= call->start_ns)
            continue;
        served = (double)(call->end_ns - call->running_ns);
        whole = (double)(call->end_ns - call->start_ns);
        sum += fabs(servers->ratios[i] * whole / served - 1);
        count++;
    }
    return count ? sum / (double)count : 0;
}

static bool is_believable(const struct fit *fit, double best)
{
    return fit->spread <= best + SPREAD_MARGIN && fit->shortest >= SHORTEST &&
           fit->control <= CONTROL;
}

static void give_up(struct thaw_capacity *ret, const char *reason)
{
    ret->status = THAW_CAPACITY_UNKNOWN;
    ret->at_once = 0;
    ret->reason = reason;
}

/* The smallest number that is believable, 0 none; most is always tried. */
static size_t choose(struct servers *servers, size_t most, double *ret_best)
{
    struct fit fits[MOST_TRIED + 1];
    size_t tried = most < MOST_TRIED ? most : MOST_TRIED;
    struct fit unlimited = try(servers, most);

    *ret_best = unlimited.spread;
    for (size_t i = 1; i <= tried; i++) {
        fits[i] = try(servers, i);
        if (fits[i].spread < *ret_best)
            *ret_best = fits[i].spread;
    }
    for (size_t i = 1; i <= tried && *ret_best <= MOST_SPREAD; i++)
        if (is_believable(&fits[i], *ret_best))
            return i;
    return *ret_best <= MOST_SPREAD && is_believable(&unlimited, *ret_best) ? most : 0;
}

static void judge(struct servers *servers, size_t most, struct thaw_capacity *ret)
{
    double best;
    size_t chosen = choose(servers, most, &best);
    struct fit fit;

    ret->spread = best;
    if (!chosen) {
        give_up(ret, best > MOST_SPREAD ? "handlers took too different times to compare them"
                                        : "no number of servers explains all times");
        return;
    }
    fit = try(servers, chosen);
    ret->spread = fit.spread;
    ret->compared = fit.compared;
    ret->waited = fit.waited;
    ret->spread_unlimited = spread_unlimited(servers);
    ret->at_once = (uint32_t)chosen;
    if (chosen == most)
        ret->status = THAW_CAPACITY_AT_LEAST;
    else if (fit.waited >= FEWEST_WAITED && ret->spread_unlimited >= fit.waited_spread + CLEARLY)
        ret->status = THAW_CAPACITY_DERIVED;
    else
        give_up(ret, "too few invocations waited for others to tell");
}

static void settle(struct servers *servers, const struct thaw_capacity *found)
{
    if (found->at_once) {
        begin_calls(servers, found->at_once);
        return;
    }
    for (size_t i = 0; i < servers->count; i++)
        servers->calls[i].running_ns = servers->calls[i].start_ns;
}

/* Room for that many calls; false when memory is short. close_servers() in any case. */
static bool open_servers(struct servers *servers, struct thaw_queued *calls, size_t count)
{
    *servers = (struct servers){.calls = calls, .count = count};
    servers->ends = calloc(count + 1, sizeof(*servers->ends));
    servers->services = calloc(count + 1, sizeof(*servers->services));
    servers->ratios = calloc(count + 1, sizeof(*servers->ratios));
    servers->sorted = calloc(count + 1, sizeof(*servers->sorted));
    return servers->ends && servers->services && servers->ratios && servers->sorted;
}

static void close_servers(struct servers *servers)
{
    free(servers->ends);
    free(servers->services);
    free(servers->ratios);
    free(servers->sorted);
}

/* Each worker's first calls, so many in all at most (or one of each); how many there are. */
static size_t take_first(const struct thaw_queued *calls, size_t count, struct thaw_queued *ret)
{
    size_t workers = 0, taken = 0, of_worker = 0, most;

    for (size_t i = 0; i < count; i++)
        workers += !i || calls[i].worker != calls[i - 1].worker;
    most = workers < MOST_COMPARED ? MOST_COMPARED / (workers ? workers : 1) : 1;
    for (size_t i = 0; i < count; i++) {
        of_worker = i && calls[i].worker == calls[i - 1].worker ? of_worker + 1 : 0;
        if (count <= MOST_COMPARED || of_worker < most)
            ret[taken++] = calls[i];
    }
    return taken;
}

static void find(struct servers *servers, struct thaw_capacity *ret)
{
    size_t most;

    sort_ends(servers);
    most = most_in_flight(servers);
    if (most > 1) {
        judge(servers, most, ret);
        return;
    }
    ret->status = most ? THAW_CAPACITY_AT_LEAST : THAW_CAPACITY_UNKNOWN;
    ret->at_once = (uint32_t)most;
    ret->reason = most ? "" : "there was no invocation";
}

bool thaw_worker_queue_find(struct thaw_queued *calls, size_t count, struct thaw_capacity *ret)
{
    struct thaw_queued *first = calloc(count + 1, sizeof(*first));
    struct servers sample = {0}, all = {0};
    bool enough = first && open_servers(&sample, first, take_first(calls, count, first)) &&
                  open_servers(&all, calls, count);

    *ret = (struct thaw_capacity){.reason = ""};
    if (enough) {
        find(&sample, ret);
        sort_ends(&all);
        settle(&all, ret);
    }
    close_servers(&sample);
    close_servers(&all);
    free(first);
    return enough;
}
