/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/first_reply.h"
#include "analysis/memory.h"

/*
 * Predictions were within 5 points of the imports' whole cost for all sets that were proved
 * (facts: advice.md, table of savings); a full collection may vanish as well, or not.
 */
#define POINTS_OFF 5

static uint64_t imports_ns(const struct thaw_timeline *timeline, uint32_t process)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < timeline->module_count; i++) {
        if (timeline->modules[i].process == process)
            sum += timeline->modules[i].self_ns;
    }
    return sum;
}

static uint64_t longest_gc_ns(const struct thaw_timeline *timeline, uint32_t process)
{
    uint64_t longest = 0;

    for (size_t i = 0; i < timeline->process_count; i++) {
        if (timeline->processes[i].id == process)
            longest = timeline->processes[i].gc_longest_ns;
    }
    return longest;
}

bool thaw_saving_of(const struct thaw_timeline *timeline, const struct thaw_track *track,
                    const struct thaw_needs *needs, const bool *statements, struct thaw_saving *ret,
                    bool *lost)
{
    uint64_t off;

    memset(ret, 0, sizeof(*ret));
    ret->proof = "predicted";
    if (!thaw_graph_cut(&needs->graph, statements, &ret->ns, lost))
        return false;
    if (!ret->ns)
        return true;
    off = imports_ns(timeline, needs->process) / 100 * POINTS_OFF;
    ret->low_ns = ret->ns > off ? ret->ns - off : 0;
    ret->high_ns = ret->ns + off + longest_gc_ns(timeline, needs->process);
    if (track && track->total_ns)
        ret->share = (double)ret->ns / (double)track->total_ns;
    return true;
}

/* Does the statement ask for this module, or for something below it? */
static bool asks_for(const struct thaw_inventory_statement *statement, const char *name)
{
    size_t length = strlen(name);

    return statement->level == 0 && strncmp(statement->module, name, length) == 0 &&
           (statement->module[length] == '\0' || statement->module[length] == '.');
}

static int mark(const struct thaw_needs *needs, const char *name, bool *statements,
                struct thaw_error *error)
{
    bool found = false;

    for (size_t i = 0; i < needs->statements.count; i++) {
        if (asks_for(needs->statements.items[i], name))
            statements[i] = found = true;
    }
    if (found)
        return 0;
    return thaw_error_set(error, -ENOENT, "no import of %s in the recorded app's own files", name);
}

/* Does the first reply need one of the marked statements' names? false when memory is short. */
static bool needed_early(const struct thaw_timeline *timeline, const struct thaw_track *track,
                         const struct thaw_needs *needs, const bool *statements, bool *ret)
{
    struct thaw_first_reply *first_reply = thaw_first_reply_open(timeline, track);

    *ret = false;
    if (!first_reply)
        return false;
    for (size_t i = 0; track->answered && i < needs->statements.count; i++) {
        const struct thaw_inventory_statement *row = needs->statements.items[i];

        if (statements[i] && (strcmp(row->use, "functions") ||
                              thaw_first_reply_needs(first_reply, row->file, &row->functions)))
            *ret = true;
    }
    thaw_first_reply_close(first_reply);
    return true;
}

int thaw_analysis_defer(const struct thaw_timeline *timeline, const char *const *names,
                        size_t count, struct thaw_saving *ret, bool *ret_needed,
                        struct thaw_error *error)
{
    const struct thaw_track *track = thaw_timeline_headline(timeline);
    struct thaw_needs needs;
    bool *statements;
    int code = 0;

    if (!track || !thaw_needs_known(timeline))
        return thaw_error_set(error, -ENODATA,
                              "the recording doesn't hold which module imports "
                              "which; record again with eBPF");
    if (!thaw_needs_open(&needs, timeline, track->process))
        return thaw_error_memory(error);
    statements = calloc(needs.statements.count + 1, sizeof(*statements));
    if (!statements)
        code = thaw_error_memory(error);
    for (size_t i = 0; !code && i < count; i++)
        code = mark(&needs, names[i], statements, error);
    if (!code && (!thaw_saving_of(timeline, track, &needs, statements, ret, NULL) ||
                  !needed_early(timeline, track, &needs, statements, ret_needed)))
        code = thaw_error_memory(error);
    free(statements);
    thaw_needs_close(&needs);
    return code;
}
