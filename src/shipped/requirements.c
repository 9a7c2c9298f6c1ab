/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packaging/name.h"
#include "shipped/build.h"
#include "shipped/conda_requirements.h"
#include "shipped/content.h"
#include "shipped/dependency_graph.h"
#include "shipped/evaluation.h"
#include "shipped/sites.h"

#define EXTRA_NAME_MAX 128
#define EXTRAS_MAX 20000                    /* asked for in all */
#define EXTRA_EVALUATIONS_MAX 200000        /* of markers with an extra */
#define CHAIN_TEXTS_MAX ((size_t)256 << 10) /* of all chains together */
#define CHAIN_MIN 8

/* Somebody asks for an extra of a distribution. */
struct extra {
    uint32_t distribution;
    const char *name;
};

struct work {
    struct thaw_shipped *shipped;
    struct thaw_evaluation evaluation;
    struct thaw_dependency_specifier **parsed; /* of each distribution's requires */
    struct thaw_path_table known;              /* "distribution extra" that were asked for */
    THAW_ARRAY(struct extra) extras;           /* each once, in the order they were asked for */
    size_t evaluations;
    bool is_cut;
    struct thaw_graph graph;
    struct thaw_chains chains;
    const char **heads;   /* the line or file that a chain of a distribution begins with, or NULL */
    const char **lines;   /* "requirements.txt:2" of each request that names one, or NULL */
    uint32_t *requesters; /* of each distribution: how many */
    uint32_t *asked;      /* of each: the number behind that of who asked for it last */
};

static int cut(struct work *work)
{
    if (work->is_cut)
        return 0;
    work->is_cut = true;
    return thaw_shipped_fault(work->shipped, "",
                              "the distributions ask for too many extras of each other: "
                              "requirements of the rest are taken as not asked for");
}

static int ask_extra(struct work *work, uint32_t distribution, const char *extra)
{
    struct thaw_arena *arena = &work->evaluation.arena;
    const char *name = thaw_name_normalise(arena, extra, strlen(extra));
    const char *key = name ? thaw_arena_format(arena, "%u %s", distribution, name) : NULL;
    struct extra *added;
    int result = key ? thaw_path_table_add(&work->known, arena, key, strlen(key), 0) : -ENOMEM;

    if (result <= 0)
        return result;
    if (work->extras.count == EXTRAS_MAX)
        return cut(work);
    added = thaw_array_add(&work->extras);
    if (!added)
        return -ENOMEM;
    *added = (struct extra){distribution, name};
    return 0;
}

static int ask_extras(struct work *work, const struct thaw_shipped_requirement *requirement,
                      const struct thaw_dependency_specifier *parsed)
{
    int result = 0;

    if (requirement->distribution == THAW_SHIPPED_NONE)
        return 0;
    for (uint64_t i = 0; result == 0 && i < parsed->extras.count; i++)
        result = ask_extra(work, requirement->distribution, parsed->extras.items[i]);
    return result;
}

/* Which extra it needs, as its metadata writes it. */
static int name_extra(struct work *work, const struct thaw_dependency_specifier *parsed,
                      struct thaw_shipped_requirement *requirement)
{
    char extra[EXTRA_NAME_MAX];

    if (!thaw_evaluation_needs_extra(&work->evaluation, parsed, extra, sizeof(extra)))
        return 0;
    requirement->extra = thaw_arena_string(&work->shipped->memory->arena, extra);
    return requirement->extra ? 0 : -ENOMEM;
}

static void note_asked(struct work *work, uint32_t distribution,
                       const struct thaw_shipped_requirement *requirement)
{
    if (requirement->applies && requirement->distribution != THAW_SHIPPED_NONE)
        work->asked[requirement->distribution] = distribution + 1;
}

static int read_metadata(struct work *work, uint32_t distribution, const struct thaw_texts *texts)
{
    struct thaw_shipped_distribution *own = &work->shipped->distributions[distribution];
    bool is_shadowed = thaw_evaluation_is_shadowed(&work->evaluation, distribution);

    for (uint64_t i = 0; i < texts->count; i++) {
        struct thaw_shipped_requirement *requirement = &own->requires[i];
        struct thaw_dependency_specifier *parsed = &work->parsed[distribution][i];
        int result = thaw_evaluation_requirement(&work->evaluation, texts->items[i], distribution,
                                                 parsed, requirement);

        own->require_count = i + 1;
        if (result == 0 && requirement->unreadable)
            result =
                thaw_shipped_remark(work->shipped, own->info,
                                    "Requires-Dist is no requirement: \"%.100s\"", texts->items[i]);
        else if (result == 0 && !requirement->applies)
            result = name_extra(work, parsed, requirement);
        else if (result == 0 && !is_shadowed)
            result = ask_extras(work, requirement, parsed);
        if (result < 0)
            return result;
        note_asked(work, distribution, requirement);
    }
    return 0;
}

static int read_requires(struct work *work, uint32_t distribution)
{
    const struct thaw_texts *texts = thaw_sites_requires(work->shipped, distribution);
    struct thaw_shipped_distribution *own = &work->shipped->distributions[distribution];
    uint64_t count = texts->count + thaw_conda_depend_count(work->shipped, distribution);
    int result;

    if (!count)
        return 0;
    own->requires =
        thaw_arena_allocate(&work->shipped->memory->arena, count * sizeof(*own->requires));
    work->parsed[distribution] =
        thaw_arena_allocate(&work->evaluation.arena, count * sizeof(**work->parsed));
    if (!own->requires || !work->parsed[distribution])
        return -ENOMEM;
    result = read_metadata(work, distribution, texts);
    return result == 0 ? thaw_conda_requires(&work->evaluation, distribution, work->asked) : result;
}

static int read_request(struct work *work, const struct thaw_shipped_request *request)
{
    struct thaw_shipped_requirement again;
    struct thaw_dependency_specifier parsed;

    if (!request->requirement.applies || request->is_constraint)
        return 0;
    if (thaw_evaluation_requirement(&work->evaluation, request->requirement.text, THAW_SHIPPED_NONE,
                                    &parsed, &again) < 0)
        return -ENOMEM;
    return again.unreadable ? 0 : ask_extras(work, &again, &parsed);
}

/* What applies only with an extra: as long as there are some that nobody has looked at. */
static int spread_extras(struct work *work)
{
    int result = 0;

    for (size_t next = 0; result == 0 && next < work->extras.count; next++) {
        struct extra extra = work->extras.items[next];
        struct thaw_shipped_distribution *own = &work->shipped->distributions[extra.distribution];

        for (size_t i = 0; result == 0 && i < own->require_count; i++) {
            struct thaw_shipped_requirement *requirement = &own->requires[i];
            const struct thaw_dependency_specifier *parsed = &work->parsed[extra.distribution][i];

            if (requirement->applies || !*requirement->extra)
                continue;
            if (work->evaluations++ >= EXTRA_EVALUATIONS_MAX)
                return cut(work);
            requirement->applies =
                thaw_evaluation_applies_with(&work->evaluation, parsed, requirement, extra.name);
            if (requirement->applies)
                result = ask_extras(work, requirement, parsed);
        }
    }
    return result;
}

static int connect(struct work *work)
{
    const struct thaw_shipped *shipped = work->shipped;

    if (!thaw_graph_open(&work->graph, shipped->distribution_count))
        return -ENOMEM;
    for (uint32_t i = 0; i < shipped->distribution_count; i++) {
        const struct thaw_shipped_distribution *own = &shipped->distributions[i];

        if (thaw_evaluation_is_shadowed(&work->evaluation, i))
            continue; /* no import leads to it: it asks for nothing */
        for (size_t k = 0; k < own->require_count; k++) {
            uint32_t to = own->requires[k].distribution;

            if (own->requires[k].applies && to != THAW_SHIPPED_NONE &&
                !thaw_graph_connect(&work->graph, i, to, THAW_GRAPH_NO_STATEMENT))
                return -ENOMEM;
        }
    }
    return thaw_graph_index(&work->graph) ? 0 : -ENOMEM;
}

static void begin_chain(struct work *work, uint32_t distribution, const char *head)
{
    if (!work->graph.roots[distribution])
        work->heads[distribution] = head;
    work->graph.roots[distribution] = true;
    thaw_chains_root(&work->chains, distribution);
}

/* 1: some line names a distribution; 0; -ENOMEM. */
static int begin_with_requests(struct work *work)
{
    struct thaw_shipped *shipped = work->shipped;
    int result = 0;

    for (size_t i = 0; i < shipped->request_count; i++) {
        const struct thaw_shipped_request *request = &shipped->requests[i];
        uint32_t distribution = request->requirement.distribution;

        if (request->is_constraint || !request->requirement.applies ||
            distribution == THAW_SHIPPED_NONE)
            continue;
        work->lines[i] =
            thaw_arena_format(&shipped->memory->arena, "%s:%lu", request->file, request->line);
        if (!work->lines[i])
            return -ENOMEM;
        begin_chain(work, distribution, work->lines[i]);
        shipped->distributions[distribution].is_direct = true;
        result = 1;
    }
    thaw_chains_follow(&work->chains, &work->graph);
    return result;
}

static void begin_with_imports(struct work *work)
{
    for (uint32_t i = 0; i < work->shipped->distribution_count; i++) {
        struct thaw_shipped_distribution *own = &work->shipped->distributions[i];

        if (!own->is_imported_by_app)
            continue;
        own->is_direct = true;
        begin_chain(work, i, own->required_by.items[0]);
    }
    thaw_chains_follow(&work->chains, &work->graph);
}

/*
 * PEP 376: an installer leaves REQUESTED with what it was asked for by name. In conda's packages it
 * is left over from when they were built: conda itself knows better. 1, 0, -ENOMEM.
 */
static int is_requested(struct work *work, uint32_t distribution)
{
    const char *info = work->shipped->distributions[distribution].info;
    const char *path = thaw_arena_format(&work->evaluation.arena, "%s/REQUESTED", info);

    if (!path)
        return -ENOMEM;
    if (thaw_evaluation_is_shadowed(&work->evaluation, distribution))
        return 0;
    return thaw_sites_package(work->shipped, distribution)
               ? thaw_conda_is_requested(work->shipped, distribution)
               : thaw_content_find(work->shipped, path) != THAW_SHIPPED_NONE;
}

/* Where no line names any: see is_direct. */
static int begin_with_installer(struct work *work, bool has_lines)
{
    bool has_requested = false;

    for (uint32_t i = 0; !has_lines && i < work->shipped->distribution_count; i++) {
        int requested = is_requested(work, i);

        if (requested < 0)
            return requested;
        if (!requested)
            continue;
        has_requested = true;
        work->shipped->distributions[i].is_direct = true;
        begin_chain(work, i, NULL);
    }
    thaw_chains_follow(&work->chains, &work->graph);
    return has_requested;
}

/* Marks in requesters which distributions are required by another one. */
static void mark_required(struct work *work)
{
    memset(work->requesters, 0, work->graph.node_count * sizeof(*work->requesters));
    for (size_t i = 0; i < work->graph.edges.count; i++)
        work->requesters[work->graph.edges.items[i].to]++;
}

/* What nobody has asked for so far: chains begin with those that nobody requires. */
static void begin_with_rest(struct work *work, bool is_evidence)
{
    mark_required(work);
    for (uint32_t i = 0; i < work->graph.node_count; i++) {
        if (work->chains.depths[i] != THAW_SHIPPED_NONE || work->requesters[i] ||
            thaw_evaluation_is_shadowed(&work->evaluation, i))
            continue;
        begin_chain(work, i, NULL);
        work->shipped->distributions[i].is_direct = is_evidence;
    }
    thaw_chains_follow(&work->chains, &work->graph);
    /* Cycles that nothing leads to: each of them may be what was wanted. */
    for (uint32_t i = 0; i < work->graph.node_count; i++)
        work->graph.roots[i] |= work->chains.depths[i] == THAW_SHIPPED_NONE;
}

static int begin_chains(struct work *work)
{
    int has_lines = begin_with_requests(work), has_requested;

    if (has_lines < 0)
        return has_lines;
    begin_with_imports(work);
    has_requested = begin_with_installer(work, has_lines);
    if (has_requested < 0)
        return has_requested;
    begin_with_rest(work, !has_lines && !has_requested);
    return 0;
}

/* The chain of a distribution, of at most limit names; "…" stands for those in its middle. */
static int write_chain(struct work *work, uint32_t distribution, size_t limit)
{
    const struct thaw_chains *chains = &work->chains;
    struct thaw_shipped_distribution *all = work->shipped->distributions;
    uint32_t node = distribution, first;
    size_t length, kept = 0;
    const char **names;

    if (chains->depths[distribution] == THAW_SHIPPED_NONE)
        return 0;
    first = chains->begins[distribution];
    length = (size_t)chains->depths[distribution] + 1;
    if (length > limit) {
        length = limit;
        kept = 2;
    }
    names = thaw_arena_allocate(&work->shipped->memory->arena, (length + 1) * sizeof(*names));
    if (!names)
        return -ENOMEM;
    names[0] = work->heads[first];
    for (size_t at = length; at > kept; at--) {
        names[at] = all[node].name;
        node = chains->parents[node];
    }
    if (kept) {
        names[1] = all[first].name;
        names[2] = "…";
    }
    all[distribution].why.items = names[0] ? names : names + 1;
    all[distribution].why.count = names[0] ? length + 1 : length;
    return 0;
}

static int write_chains(struct work *work)
{
    size_t count = work->shipped->distribution_count;
    size_t limit = count ? CHAIN_TEXTS_MAX / count : 0;
    int result = 0;

    for (uint32_t i = 0; result == 0 && i < count; i++)
        result = write_chain(work, i, limit < CHAIN_MIN ? CHAIN_MIN : limit);
    return result;
}

/* Room for all that ask for each: what is there already (files of the app) comes behind lines. */
static int make_room(struct work *work, struct thaw_texts *files)
{
    struct thaw_shipped *shipped = work->shipped;

    mark_required(work);
    for (size_t i = 0; i < shipped->request_count; i++) {
        if (work->lines[i])
            work->requesters[shipped->requests[i].requirement.distribution]++;
    }
    for (size_t i = 0; i < shipped->distribution_count; i++) {
        struct thaw_texts *required_by = &shipped->distributions[i].required_by;

        files[i] = *required_by;
        required_by->items =
            thaw_arena_allocate(&shipped->memory->arena, (work->requesters[i] + files[i].count) *
                                                             sizeof(*required_by->items));
        required_by->count = 0;
        if (!required_by->items)
            return -ENOMEM;
    }
    return 0;
}

static void add_requester(struct work *work, uint32_t distribution, const char *requester)
{
    struct thaw_texts *required_by = &work->shipped->distributions[distribution].required_by;

    required_by->items[required_by->count++] = requester;
}

static int write_requesters(struct work *work)
{
    struct thaw_shipped *shipped = work->shipped;
    struct thaw_texts *files = calloc(shipped->distribution_count + 1, sizeof(*files));
    int result = files ? make_room(work, files) : -ENOMEM;

    for (size_t i = 0; result == 0 && i < shipped->request_count; i++) {
        if (work->lines[i])
            add_requester(work, shipped->requests[i].requirement.distribution, work->lines[i]);
    }
    for (uint32_t i = 0; result == 0 && i < shipped->distribution_count; i++) {
        for (uint64_t k = 0; k < files[i].count; k++)
            add_requester(work, i, files[i].items[k]);
    }
    for (size_t i = 0; result == 0 && i < work->graph.edges.count; i++) {
        const struct thaw_graph_edge *edge = &work->graph.edges.items[i];

        add_requester(work, edge->to, shipped->distributions[edge->from].name);
    }
    free(files);
    return result;
}

static int work_begin(struct work *work)
{
    struct thaw_shipped *shipped = work->shipped;
    int result = thaw_evaluation_begin(&work->evaluation, shipped);

    if (result < 0)
        return result;
    work->parsed = thaw_arena_allocate(&work->evaluation.arena,
                                       shipped->distribution_count * sizeof(*work->parsed));
    work->heads = thaw_arena_allocate(&work->evaluation.arena,
                                      shipped->distribution_count * sizeof(*work->heads));
    work->lines =
        thaw_arena_allocate(&work->evaluation.arena, shipped->request_count * sizeof(*work->lines));
    work->requesters = thaw_arena_allocate(&work->evaluation.arena,
                                           shipped->distribution_count * sizeof(*work->requesters));
    work->asked = thaw_arena_allocate(&work->evaluation.arena,
                                      shipped->distribution_count * sizeof(*work->asked));
    if (!work->parsed || !work->heads || !work->lines || !work->requesters || !work->asked ||
        !thaw_chains_open(&work->chains, shipped->distribution_count))
        return -ENOMEM;
    return 0;
}

static int evaluate(struct work *work)
{
    const struct thaw_shipped *shipped = work->shipped;
    int result = 0;

    for (uint32_t i = 0; result == 0 && i < shipped->distribution_count; i++)
        result = read_requires(work, i);
    for (size_t i = 0; result == 0 && i < shipped->request_count; i++)
        result = read_request(work, &shipped->requests[i]);
    return result == 0 ? spread_extras(work) : result;
}

int thaw_shipped_requirements(struct thaw_shipped *shipped, struct thaw_error *error)
{
    struct work work = {.shipped = shipped};
    int result;

    if (!shipped->distribution_count)
        return 0;
    result = work_begin(&work);
    if (result == 0)
        result = evaluate(&work);
    if (result == 0)
        result = connect(&work);
    if (result == 0)
        result = begin_chains(&work);
    if (result == 0)
        result = write_chains(&work);
    if (result == 0)
        result = write_requesters(&work);
    if (result == 0 && !thaw_dependency_exclusive(&work.graph, shipped->distributions))
        result = -ENOMEM;
    thaw_chains_close(&work.chains);
    thaw_graph_close(&work.graph);
    thaw_array_free(&work.extras);
    thaw_path_table_clear(&work.known);
    thaw_evaluation_end(&work.evaluation);
    return result < 0 ? thaw_error_memory(error) : 0;
}
