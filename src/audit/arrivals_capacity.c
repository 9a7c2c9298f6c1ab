/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "audit/arrivals_private.h"
#include "timeline/worker_queue.h"

static int compare(const void *left, const void *right)
{
    const struct arrivals_call *a = left, *b = right;

    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    return a->begin_ns < b->begin_ns ? -1 : a->begin_ns > b->begin_ns;
}

static void fill(const struct arrivals_call *calls, size_t count, struct thaw_queued *ret)
{
    for (size_t i = 0; i < count; i++)
        ret[i] = (struct thaw_queued){
            .worker = calls[i].process,
            .function = (uint32_t)calls[i].function,
            .start_ns = calls[i].begin_ns,
            .end_ns = calls[i].end_ns,
        };
}

void thaw_arrivals_find_capacity(struct arrivals_app *app)
{
    struct thaw_capacity capacity = {0};
    struct thaw_queued *queued;

    if (app->call_count < CALLS_LEAST || app->calls_since < CALLS_KEPT / 2)
        return;
    app->calls_since = 0;
    queued = calloc(app->call_count, sizeof(*queued));
    if (!queued)
        return;
    qsort(app->calls, app->call_count, sizeof(app->calls[0]), compare);
    fill(app->calls, app->call_count, queued);
    if (thaw_worker_queue_find(queued, app->call_count, &capacity) &&
        capacity.status == THAW_CAPACITY_DERIVED)
        app->capacity = capacity.at_once;
    app->call_count = app->next_call = 0; /* they are in another order now */
    free(queued);
}
