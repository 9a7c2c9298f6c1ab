/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Savings don't add up: what two imports share vanishes only when both are gone, and what the one
 * loads by the way the other may rely on. So a set is weighed and judged as a whole.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/lazy_sets.h"

#define TRIED_MOST 64 /* one by one; the dearest come first */

static void mark(struct thaw_lazy *lazy, const struct thaw_lazy_statement *statement, bool cut)
{
    for (size_t i = statement->first; i < statement->end; i++)
        lazy->cut[i] = cut;
}

static bool is_allowed(struct thaw_lazy *lazy, enum thaw_lazy_verdict worst)
{
    thaw_lazy_weigh(lazy);
    return !lazy->failed && thaw_lazy_judge(lazy, true) <= worst;
}

/* Is something of what it asks for lost? Else it changes nothing whether it is cut. */
static bool bears(struct thaw_lazy *lazy, const struct thaw_lazy_statement *statement)
{
    const struct thaw_graph *graph = &lazy->needs->graph;

    for (size_t i = 0; i < graph->edges.count; i++) {
        const struct thaw_graph_edge *edge = &graph->edges.items[i];

        if (edge->statement >= statement->first && edge->statement < statement->end &&
            lazy->lost[edge->to])
            return true;
    }
    return false;
}

/* Takes those that bear on nothing out of the set. */
static size_t prune(struct thaw_lazy *lazy, const struct thaw_lazy_statement *statements,
                    size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (!lazy->cut[statements[i].first])
            continue;
        if (bears(lazy, &statements[i]))
            kept++;
        else
            mark(lazy, &statements[i], false);
    }
    return kept;
}

static int dearest_first(const void *left, const void *right)
{
    const struct thaw_lazy_statement *a = left, *b = right;

    if (a->ns != b->ns)
        return a->ns > b->ns ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

void thaw_lazy_best_set(struct thaw_lazy *lazy, struct thaw_lazy_statement *statements,
                        size_t count, enum thaw_lazy_verdict worst, size_t *ret_count)
{
    memset(lazy->cut, 0, lazy->needs->statements.count * sizeof(*lazy->cut));
    if (count)
        qsort(statements, count, sizeof(*statements), dearest_first);
    for (size_t i = 0; i < count; i++)
        mark(lazy, &statements[i], true);
    if (!is_allowed(lazy, worst)) {
        size_t tried = 0;
        bool *wanted = calloc(count + 1, sizeof(*wanted));

        lazy->failed |= !wanted;
        for (size_t i = 0; wanted && i < count; i++)
            wanted[i] = bears(lazy, &statements[i]);
        for (size_t i = 0; i < count; i++)
            mark(lazy, &statements[i], false);
        for (size_t i = 0; wanted && i < count && tried < TRIED_MOST && !lazy->failed; i++) {
            if (!wanted[i])
                continue;
            tried++;
            mark(lazy, &statements[i], true);
            if (!is_allowed(lazy, worst))
                mark(lazy, &statements[i], false);
        }
        free(wanted);
        thaw_lazy_weigh(lazy);
    }
    *ret_count = prune(lazy, statements, count);
}
