/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/durable.h"
#include "timeline/exchanges.h"
#include "timeline/spans.h"

/* By what a function is triggered, as thaw_invocation's kind has it. */
static const struct {
    const char *kind;
    enum thaw_durable_role role;
} roles[] = {
    {"orchestration", THAW_ORCHESTRATOR},
    {"activity", THAW_ACTIVITY},
    {"entity", THAW_ENTITY},
};

/* An invocation that takes part in an instance. */
struct member {
    uint64_t instance;
    uint32_t invocation; /* index */
    enum thaw_durable_role role;
};

/* When a worker was up, and when it had answered once. */
struct readiness {
    uint64_t start_ns; /* of its process */
    uint64_t ready_ns; /* last set-up answer before its first invocation */
    uint64_t answered_ns;
};

struct orchestrations {
    struct thaw_build *build;
    struct thaw_durable *durable;
    THAW_ARRAY(struct member) members;             /* by instance, then by start */
    THAW_ARRAY(struct thaw_durable_batch) batches; /* of the instance at hand */
    struct readiness *workers;                     /* by track - 1 */
    struct thaw_span_edge *edges;                  /* room for four a member */
};

/* The members of one instance. */
struct group {
    struct orchestrations *of;
    const struct member *members;
    size_t count;
    struct thaw_durable_instance *instance;
};

static const struct thaw_invocation *invocation_of(const struct orchestrations *of,
                                                   const struct member *member)
{
    return &of->build->memory->invocations.items[member->invocation];
}

static bool find_role(const struct thaw_invocation *invocation, enum thaw_durable_role *ret)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (!strcmp(roles[i].kind, invocation->kind)) {
            *ret = roles[i].role;
            return true;
        }
    }
    return false;
}

/* When it was answered, or was seen to be in flight last. */
static uint64_t end_of(const struct orchestrations *of, const struct thaw_invocation *invocation)
{
    return invocation->end_ns ? invocation->end_ns : of->build->observed_end_ns;
}

/* --- functions --- */

static struct thaw_durable_function *function_of(struct thaw_timeline_memory *memory,
                                                 const char *name, enum thaw_durable_role role)
{
    struct thaw_durable_function *function;

    for (size_t i = 0; i < memory->durable_functions.count; i++) {
        function = &memory->durable_functions.items[i];
        if (function->role == role && !strcmp(function->name, name))
            return function;
    }
    function = thaw_array_add(&memory->durable_functions);
    if (function)
        *function = (struct thaw_durable_function){.name = name, .role = role};
    return function;
}

static bool add_call(struct orchestrations *of, const struct thaw_invocation *invocation,
                     enum thaw_durable_role role)
{
    struct thaw_durable_function *function =
        function_of(of->build->memory, invocation->function, role);
    uint64_t ns = thaw_build_less(invocation->end_ns, invocation->start_ns);

    if (!function)
        return false;
    function->invocations++;
    function->failed += *invocation->status && strcmp(invocation->status, "success") != 0;
    function->total_ns += ns;
    if (ns > function->longest_ns)
        function->longest_ns = ns;
    return true;
}

/* --- members --- */

static int compare(const void *left, const void *right)
{
    const struct member *a = left, *b = right;

    if (a->instance != b->instance)
        return a->instance < b->instance ? -1 : 1;
    return a->invocation < b->invocation ? -1 : a->invocation > b->invocation;
}

static bool collect(struct orchestrations *of)
{
    const struct thaw_timeline_memory *memory = of->build->memory;

    for (size_t i = 0; i < memory->invocations.count; i++) {
        const struct thaw_invocation *invocation = &memory->invocations.items[i];
        enum thaw_durable_role role;
        struct member *member;

        if (!find_role(invocation, &role))
            continue;
        if (!add_call(of, invocation, role))
            return false;
        if (role == THAW_ENTITY)
            continue;
        member = thaw_array_add(&of->members);
        if (!member)
            return false;
        *member = (struct member){invocation->request->instance, (uint32_t)i, role};
    }
    return true;
}

/* Where there is only one instance, an activity that names none is its. */
static void settle(struct orchestrations *of)
{
    uint64_t only = 0;
    bool several = false;

    for (size_t i = 0; i < of->members.count; i++) {
        uint64_t instance = of->members.items[i].instance;

        several |= only && instance && instance != only;
        if (instance)
            only = instance;
    }
    for (size_t i = 0; i < of->members.count; i++) {
        struct member *member = &of->members.items[i];

        if (member->role == THAW_ACTIVITY && !member->instance && !several)
            member->instance = only;
        if (!member->instance && member->role == THAW_ORCHESTRATOR)
            of->durable->unknown_executions++;
        else if (!member->instance)
            of->durable->unknown_activities++;
    }
    if (of->members.count)
        qsort(of->members.items, of->members.count, sizeof(struct member), compare);
}

/* --- workers --- */

static void find_readiness(const struct thaw_build *build, const struct thaw_track *track,
                           struct readiness *ret)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, track->process);
    bool invoked = false;

    ret->start_ns = thaw_build_process(build, track->process)->start_ns;
    ret->answered_ns = UINT64_MAX;
    for (size_t i = 0; i < facts->exchange_count; i++) {
        const struct thaw_exchange *exchange = &build->exchanges.items[facts->first_exchange + i];
        uint64_t answered_ns = thaw_exchange_answered_ns(exchange);

        if (exchange->kind->role == THAW_EXCHANGE_INVOCATION) {
            invoked = true;
            if (answered_ns && answered_ns < ret->answered_ns)
                ret->answered_ns = answered_ns;
        } else if (!invoked && answered_ns > ret->ready_ns) {
            ret->ready_ns = answered_ns;
        }
    }
}

static bool find_workers(struct orchestrations *of)
{
    const struct thaw_timeline_memory *memory = of->build->memory;

    of->workers = calloc(memory->tracks.count + 1, sizeof(*of->workers));
    for (size_t i = 0; of->workers && i < memory->tracks.count; i++)
        find_readiness(of->build, &memory->tracks.items[i], &of->workers[i]);
    return of->workers != NULL;
}

/*
 * Its worker was not up when it was scheduled, and had answered nothing when it came: how long it
 * waited while the worker started. 0: it did not.
 */
static uint64_t cold_wait_of(const struct orchestrations *of,
                             const struct thaw_invocation *invocation, uint64_t scheduled_ns)
{
    const struct readiness *worker = invocation->track ? &of->workers[invocation->track - 1] : NULL;
    uint64_t from_ns = scheduled_ns;

    if (!worker || scheduled_ns >= worker->ready_ns || invocation->start_ns >= worker->answered_ns)
        return 0;
    if (worker->start_ns > from_ns)
        from_ns = worker->start_ns;
    return thaw_build_less(invocation->start_ns, from_ns);
}

/* --- instances --- */

static void add_execution(struct group *group, const struct thaw_invocation *invocation)
{
    struct thaw_durable_instance *instance = group->instance;
    const struct thaw_message *request = invocation->request;
    uint64_t ns = thaw_build_less(invocation->end_ns, invocation->start_ns);
    bool replays = instance->executions || request->scheduled || request->replaying;

    if (!instance->executions) {
        instance->orchestrator = invocation->function;
        instance->start_ns = invocation->start_ns;
    }
    instance->executions++;
    instance->replays += replays;
    instance->executions_ns += ns;
    instance->replays_ns += replays ? ns : 0;
    instance->request_bytes += request->bytes;
    if (request->history > instance->history)
        instance->history = request->history;
    if (end_of(group->of, invocation) > instance->end_ns)
        instance->end_ns = end_of(group->of, invocation);
}

/* The next execution of the orchestrator behind a member, NULL none. */
static const struct thaw_invocation *next_execution(const struct group *group, size_t after)
{
    for (size_t i = after + 1; i < group->count; i++)
        if (group->members[i].role == THAW_ORCHESTRATOR)
            return invocation_of(group->of, &group->members[i]);
    return NULL;
}

/* The next activity that no batch has yet, from *position on; NULL none. */
static const struct thaw_invocation *next_activity(const struct group *group, size_t *position)
{
    while (*position < group->count) {
        const struct member *member = &group->members[(*position)++];

        if (member->role == THAW_ACTIVITY)
            return invocation_of(group->of, member);
    }
    return NULL;
}

static void add_activity(struct group *group, const struct thaw_invocation *invocation,
                         struct thaw_durable_batch *batch, size_t *edges)
{
    struct orchestrations *of = group->of;
    uint64_t end_ns = end_of(of, invocation);
    uint64_t cold_ns = cold_wait_of(of, invocation, batch->scheduled_ns);

    batch->seen++;
    if (invocation->end_ns > batch->end_ns)
        batch->end_ns = invocation->end_ns;
    batch->cold += cold_ns > 0;
    if (cold_ns > batch->cold_longest_ns)
        batch->cold_longest_ns = cold_ns;
    *edges += thaw_spans_add(&of->edges[*edges], 0, invocation->start_ns, end_ns);
    if (invocation->running_ns)
        *edges += thaw_spans_add(&of->edges[*edges], 1, invocation->running_ns, end_ns);
}

/* The activities from *position on that belong to the batch, up to its number; 0: all others. */
static void fill_batch(struct group *group, struct thaw_durable_batch *batch, size_t *position)
{
    struct thaw_span_sum sums[THAW_SPAN_KINDS];
    const struct thaw_invocation *invocation;
    bool all_running = true;
    size_t edges = 0;

    while ((!batch->scheduled || batch->seen < batch->scheduled) &&
           (invocation = next_activity(group, position))) {
        add_activity(group, invocation, batch, &edges);
        all_running &= invocation->running_ns > 0;
    }
    thaw_spans_sum(group->of->edges, edges, sums);
    batch->most_in_flight = sums[0].most;
    batch->busy_ns = sums[0].any_ns;
    batch->most_running = all_running ? sums[1].most : 0;
    batch->running_ns = all_running ? sums[1].sum_ns : 0;
}

static bool add_batch(struct group *group, uint64_t scheduled, uint64_t scheduled_ns,
                      size_t *position)
{
    struct thaw_durable_batch batch = {.scheduled = scheduled, .scheduled_ns = scheduled_ns};
    struct thaw_durable_batch *added;

    fill_batch(group, &batch, position);
    if (!scheduled && !batch.seen)
        return true;
    added = thaw_array_add(&group->of->batches);
    if (added)
        *added = batch;
    return added != NULL;
}

/*
 * An execution scheduled what the next history has more than its own. Without executions that are
 * not known: else it would be what several have scheduled.
 */
static bool find_batches(struct group *group)
{
    struct orchestrations *of = group->of;
    struct thaw_durable_instance *instance = group->instance;
    size_t position = 0;
    bool enough = true;

    of->batches.count = 0;
    for (size_t i = 0; enough && i < group->count && !of->durable->unknown_executions; i++) {
        const struct thaw_invocation *execution = invocation_of(of, &group->members[i]), *next;
        uint64_t scheduled;

        if (group->members[i].role != THAW_ORCHESTRATOR)
            continue;
        next = next_execution(group, i);
        scheduled =
            next ? thaw_build_less(next->request->scheduled, execution->request->scheduled) : 0;
        if (scheduled || !next)
            enough = add_batch(group, scheduled, end_of(of, execution), &position);
    }
    instance->batch_count = of->batches.count;
    if (!enough || !of->batches.count)
        return enough;
    instance->batches = thaw_arena_allocate(&of->build->memory->arena,
                                            of->batches.count * sizeof(*instance->batches));
    if (instance->batches)
        memcpy(instance->batches, of->batches.items,
               of->batches.count * sizeof(*instance->batches));
    return instance->batches != NULL;
}

/* What the time from the first request to the last answer of the orchestrator went into. */
static void divide(struct group *group)
{
    struct orchestrations *of = group->of;
    struct thaw_durable_instance *instance = group->instance;
    struct thaw_span_sum sums[THAW_SPAN_KINDS];
    size_t count = 0;

    instance->divided = !of->durable->unknown_executions && !of->durable->unknown_activities;
    if (!instance->divided)
        return;
    for (size_t i = 0; i < group->count; i++) {
        const struct thaw_invocation *invocation = invocation_of(of, &group->members[i]);
        uint64_t start_ns = invocation->start_ns, end_ns = end_of(of, invocation);

        if (start_ns < instance->start_ns)
            start_ns = instance->start_ns;
        if (end_ns > instance->end_ns)
            end_ns = instance->end_ns;
        count += thaw_spans_add(&of->edges[count], group->members[i].role == THAW_ACTIVITY,
                                start_ns, end_ns);
    }
    thaw_spans_sum(of->edges, count, sums);
    instance->orchestrator_ns = sums[0].own_ns;
    instance->activities_ns = sums[1].own_ns;
    instance->outside_ns =
        thaw_build_less(instance->end_ns - instance->start_ns, sums[0].own_ns + sums[1].own_ns);
}

/* Activities alone are no instance: of an orchestrator that was asked before the recording. */
static bool add_instance(struct orchestrations *of, const struct member *members, size_t count)
{
    struct thaw_durable_instance instance = {.number = members->instance, .orchestrator = ""};
    struct group group = {of, members, count, &instance};
    struct thaw_durable_instance *added;

    for (size_t i = 0; i < count; i++)
        if (members[i].role == THAW_ORCHESTRATOR)
            add_execution(&group, invocation_of(of, &members[i]));
        else
            instance.activities++;
    if (!instance.executions) {
        of->durable->unknown_activities += instance.activities;
        return true;
    }
    if (!find_batches(&group))
        return false;
    divide(&group);
    added = thaw_array_add(&of->build->memory->durable_instances);
    if (added)
        *added = instance;
    return added != NULL;
}

static bool add_instances(struct orchestrations *of)
{
    const struct member *members = of->members.items;
    bool enough = true;

    of->edges = calloc(4 * (of->members.count + 1), sizeof(*of->edges));
    if (!of->edges)
        return false;
    for (size_t first = 0; enough && first < of->members.count;) {
        size_t end = first;

        while (end < of->members.count && members[end].instance == members[first].instance)
            end++;
        if (members[first].instance)
            enough = add_instance(of, &members[first], end - first);
        first = end;
    }
    return enough;
}

bool thaw_durable_build(struct thaw_build *build)
{
    struct orchestrations of = {.build = build, .durable = &build->timeline->durable};
    bool enough = collect(&of) && find_workers(&of);

    if (enough) {
        settle(&of);
        enough = add_instances(&of);
    }
    thaw_array_free(&of.members);
    thaw_array_free(&of.batches);
    free(of.workers);
    free(of.edges);
    return enough;
}
