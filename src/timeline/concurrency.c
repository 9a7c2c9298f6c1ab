/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/concurrency.h"
#include "timeline/lookup.h"
#include "timeline/worker_queue.h"
#include "timeline/spans.h"

enum { IN_FLIGHT, RUNNING, WAITING };

/* The calls of all workers of one host, in the order that thaw_worker_queue_find() wants. */
struct host_calls {
    struct thaw_build *build;
    struct thaw_host_load *host;
    struct thaw_queued *calls;
    uint32_t *invocations; /* index of each call's */
    size_t count;
    struct thaw_span_edge *edges; /* room for six a call */
};

static const char unseen_reason[] =
    "invocations were in flight whose requests the recording does not have";

/* The host of a worker; 0 none was seen. */
static uint32_t host_of(const struct thaw_build *build, uint32_t worker)
{
    uint32_t parent = thaw_build_process(build, worker)->parent;

    return parent && !strcmp(thaw_build_process(build, parent)->role, "host") ? parent : 0;
}

static struct thaw_host_load *add_host(struct thaw_build *build, uint32_t host)
{
    struct thaw_host_load *load;

    for (size_t i = 0; i < build->memory->host_loads.count; i++)
        if (build->memory->host_loads.items[i].host == host)
            return &build->memory->host_loads.items[i];
    load = thaw_array_add(&build->memory->host_loads);
    if (load)
        load->host = host;
    return load;
}

static void add_phases(const struct thaw_track *track, struct thaw_worker_load *worker)
{
    worker->cold_start_ns = track->total_ns;
    for (size_t i = 0; i < track->phase_count; i++)
        if (!strcmp(track->phases[i].name, "import"))
            worker->import_phase_ns += track->phases[i].end_ns - track->phases[i].start_ns;
}

/* Of modules that began before the track's end; nested imports are in their own module. */
static void add_imports(const struct thaw_build *build, const struct thaw_track *track,
                        struct thaw_worker_load *worker)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, worker->process);
    bool waits = thaw_build_process(build, worker->process)->saw_waits;

    worker->imports_known = worker->imports_cpu_known = facts->module_count > 0;
    for (size_t i = 0; i < facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(build, facts, i);

        if (module->timed && module->start_ns >= track->end_ns)
            continue;
        worker->imports_ns += module->self_ns + module->gc_ns;
        worker->imports_cpu_known &= waits && module->timed && module->usage_known;
        for (size_t part = 0; part < THAW_PARTS; part++) {
            const struct thaw_spent *spent = &module->parts[part];

            worker->imports_cpu_ns +=
                thaw_build_less(spent->ns, spent->io_ns + spent->runqueue_ns + spent->sleep_ns);
        }
    }
    if (!worker->imports_cpu_known)
        worker->imports_cpu_ns = 0;
}

static bool add_worker(struct thaw_build *build, const struct thaw_track *track)
{
    struct thaw_host_load *host = add_host(build, host_of(build, track->process));
    struct thaw_worker_load *workers;

    if (!host)
        return false;
    /* Few and far between: the arena forgets the shorter lists. */
    workers =
        thaw_arena_allocate(&build->memory->arena, (host->worker_count + 1) * sizeof(*workers));
    if (!workers)
        return false;
    if (host->worker_count)
        memcpy(workers, host->workers, host->worker_count * sizeof(*workers));
    workers[host->worker_count] = (struct thaw_worker_load){.process = track->process,
                                                            .track = track->id,
                                                            .further = host->worker_count > 0};
    add_phases(track, &workers[host->worker_count]);
    add_imports(build, track, &workers[host->worker_count]);
    host->workers = workers;
    host->worker_count++;
    return true;
}

static bool add_workers(struct thaw_build *build)
{
    for (size_t i = 0; i < build->memory->tracks.count; i++) {
        const struct thaw_track *track = &build->memory->tracks.items[i];

        if (!strcmp(thaw_build_process(build, track->process)->role, "worker") &&
            !add_worker(build, track))
            return false;
    }
    return true;
}

static void add_up_further(struct thaw_host_load *host)
{
    host->further_known = host->further_cpu_known = host->worker_count > 1;
    for (size_t i = 0; i < host->worker_count; i++) {
        const struct thaw_worker_load *worker = &host->workers[i];

        if (!worker->further)
            continue;
        host->further_imports_ns += worker->imports_ns;
        host->further_imports_cpu_ns += worker->imports_cpu_ns;
        host->further_known &= worker->imports_known;
        host->further_cpu_known &= worker->imports_cpu_known;
    }
}

/* --- calls --- */

/* Invocations are in order of start already. */
static bool take_worker(struct host_calls *of, const struct thaw_worker_load *worker,
                        struct thaw_lookup *functions)
{
    const struct thaw_timeline_memory *memory = of->build->memory;

    for (size_t i = 0; i < memory->invocations.count; i++) {
        const struct thaw_invocation *invocation = &memory->invocations.items[i];
        uint32_t function;

        if (invocation->track != worker->track)
            continue;
        function = thaw_lookup_text(functions, invocation->function, (uint32_t)i);
        if (!thaw_lookup_set_text(functions, invocation->function, function))
            return false;
        of->invocations[of->count] = (uint32_t)i;
        of->calls[of->count++] = (struct thaw_queued){
            .worker = worker->process,
            .function = function,
            .cold = invocation->cold,
            .start_ns = invocation->start_ns,
            .end_ns = invocation->end_ns ? invocation->end_ns : UINT64_MAX,
        };
    }
    return true;
}

static bool take_calls(struct host_calls *of)
{
    size_t most = of->build->memory->invocations.count;
    struct thaw_lookup functions = {0};
    bool enough;

    of->calls = calloc(most + 1, sizeof(*of->calls));
    of->invocations = calloc(most + 1, sizeof(*of->invocations));
    of->edges = calloc(6 * (most + 1), sizeof(*of->edges));
    enough = of->calls && of->invocations && of->edges;
    for (size_t i = 0; enough && i < of->host->worker_count; i++)
        enough = take_worker(of, &of->host->workers[i], &functions);
    thaw_lookup_free(&functions);
    return enough;
}

/* Answers whose request is not there: how many invocations run is not known, then. */
static bool has_unseen(const struct host_calls *of)
{
    for (size_t i = 0; i < of->host->worker_count; i++)
        if (thaw_build_facts(of->build, of->host->workers[i].process)->unasked)
            return true;
    return false;
}

static bool find_capacity(struct host_calls *of)
{
    struct thaw_capacity *capacity = &of->host->capacity;
    struct thaw_timeline_memory *memory = of->build->memory;

    if (!thaw_worker_queue_find(of->calls, of->count, capacity))
        return false;
    if (has_unseen(of))
        *capacity = (struct thaw_capacity){.reason = unseen_reason};
    for (size_t i = 0; capacity->at_once && i < of->count; i++)
        if (of->calls[i].running_ns != UINT64_MAX)
            memory->invocations.items[of->invocations[i]].running_ns = of->calls[i].running_ns;
    return true;
}

/* --- loads --- */

/* What is not answered is in flight as long as its worker can be seen. */
static uint64_t end_of(const struct host_calls *of, const struct thaw_queued *call)
{
    uint64_t end_ns = thaw_build_process(of->build, call->worker)->end_ns;

    if (call->end_ns != UINT64_MAX)
        return call->end_ns;
    return end_ns ? end_ns : of->build->observed_end_ns;
}

/* Of one worker, or (0) of all. */
static void make_load(struct host_calls *of, uint32_t worker, struct thaw_load *load)
{
    bool known = of->host->capacity.at_once > 0;
    struct thaw_span_sum sums[THAW_SPAN_KINDS];
    size_t count = 0;

    for (size_t i = 0; i < of->count; i++) {
        const struct thaw_queued *call = &of->calls[i];
        uint64_t end_ns = end_of(of, call);
        uint64_t from_ns = call->running_ns < end_ns ? call->running_ns : end_ns;

        if (worker && call->worker != worker)
            continue;
        load->invocations++;
        load->unanswered += call->end_ns == UINT64_MAX;
        count += thaw_spans_add(&of->edges[count], IN_FLIGHT, call->start_ns, end_ns);
        if (!known)
            continue;
        count += thaw_spans_add(&of->edges[count], RUNNING, from_ns, end_ns);
        count += thaw_spans_add(&of->edges[count], WAITING, call->start_ns, from_ns);
        if (from_ns <= call->start_ns)
            continue;
        load->waited++;
        load->waited_ns += from_ns - call->start_ns;
        if (from_ns - call->start_ns > load->waited_longest_ns)
            load->waited_longest_ns = from_ns - call->start_ns;
    }
    thaw_spans_sum(of->edges, count, sums);
    load->most_in_flight = sums[IN_FLIGHT].most;
    load->busy_ns = sums[IN_FLIGHT].any_ns;
    load->in_flight_ns = sums[IN_FLIGHT].sum_ns;
    load->most_running = sums[RUNNING].most;
    load->running_ns = sums[RUNNING].sum_ns;
    load->saturated_ns = sums[WAITING].any_ns;
}

static bool build_host(struct thaw_build *build, struct thaw_host_load *host)
{
    struct host_calls of = {.build = build, .host = host};
    bool enough = take_calls(&of) && find_capacity(&of);

    if (enough) {
        make_load(&of, 0, &host->load);
        for (size_t i = 0; i < host->worker_count; i++) {
            make_load(&of, host->workers[i].process, &host->workers[i].load);
            host->serving += host->workers[i].load.invocations > 0;
        }
        add_up_further(host);
    }
    free(of.calls);
    free(of.invocations);
    free(of.edges);
    return enough;
}

bool thaw_concurrency_build(struct thaw_build *build)
{
    bool enough = add_workers(build);

    for (size_t i = 0; enough && i < build->memory->host_loads.count; i++)
        enough = build_host(build, &build->memory->host_loads.items[i]);
    return enough;
}
