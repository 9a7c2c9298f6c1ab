/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"

static const struct thaw_finding_row *const rows[] = {
    &thaw_finding_compiled_at_start,    &thaw_finding_costly_relocation,
    &thaw_finding_cpu_starved,          &thaw_finding_duplicate_library,
    &thaw_finding_executed_twice,       &thaw_finding_import_garbage,
    &thaw_finding_import_in_first_call, &thaw_finding_init_near_limit,
    &thaw_finding_lazy_import,          &thaw_finding_lazy_import_set,
    &thaw_finding_lighter_alternative,  &thaw_finding_network_at_import,
    &thaw_finding_process_at_import,    &thaw_finding_sdk_instead_of_binding,
    &thaw_finding_slow_constructors,    &thaw_finding_tracing_agent,
    &thaw_finding_unstripped_library,   &thaw_finding_unused_import,
    &thaw_finding_unused_requirement,   &thaw_finding_worker_dominates,
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const struct thaw_finding_row *const *thaw_finding_rows(size_t *ret_count)
{
    *ret_count = ROWS;
    return rows;
}

const struct thaw_finding_kind *const *thaw_finding_kinds(size_t *ret_count)
{
    static const struct thaw_finding_kind *kinds[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        kinds[i] = &rows[i]->kind;
    *ret_count = ROWS;
    return kinds;
}

static int severity_rank(const struct thaw_finding *finding)
{
    return !strcmp(finding->severity, "error") ? 0 : !strcmp(finding->severity, "warning") ? 1 : 2;
}

/* Errors first: they stop the app. Then what saves most; what saves no time is told last. */
static int by_value(const void *left, const void *right)
{
    const struct thaw_finding *a = left, *b = right;
    int a_rank = severity_rank(a), b_rank = severity_rank(b);

    if ((a_rank == 0) != (b_rank == 0))
        return a_rank - b_rank;
    if (a->saving.ns != b->saving.ns)
        return a->saving.ns > b->saving.ns ? -1 : 1;
    return a_rank != b_rank ? a_rank - b_rank : strcmp(a->title, b->title);
}

static bool note_unsought(struct thaw_analysis *analysis, const struct thaw_finding_kind *kind)
{
    const struct thaw_finding_kind **row = thaw_array_add(&analysis->memory->unsought);

    if (row)
        *row = kind;
    return row != NULL;
}

bool thaw_findings_find(struct thaw_analysis *analysis)
{
    struct thaw_analysis_memory *memory = analysis->memory;

    for (size_t i = 0; i < ROWS; i++) {
        bool sought = memory->track && rows[i]->can_find(analysis);
        bool done = sought ? !rows[i]->find || rows[i]->find(analysis)
                           : note_unsought(analysis, &rows[i]->kind);

        if (!done || memory->short_of_memory)
            return false;
    }
    if (memory->findings.count)
        qsort(memory->findings.items, memory->findings.count, sizeof(*memory->findings.items),
              by_value);
    analysis->findings = memory->findings.items;
    analysis->finding_count = memory->findings.count;
    analysis->unsought = memory->unsought.items;
    analysis->unsought_count = memory->unsought.count;
    analysis->sought_count = ROWS - memory->unsought.count;
    return true;
}
