/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/diff_cold.h"

/* The runs of both sides: which of them have times that can be compared. */

static bool open_run(struct thaw_cold *cold, struct thaw_cold_run *run,
                     const struct thaw_diff_run *given)
{
    run->name = given->name;
    run->report = given->report;
    thaw_summary_begin(&run->summary, given->report, NULL, NULL);
    run->total_ns =
        run->summary.track ? thaw_summary_number(run->summary.track, "total_ns") : THAW_COLD_ABSENT;
    cold->has_track |= run->summary.track != NULL;
    if (thaw_import_tree_build(given->report, &run->tree, NULL) < 0)
        return false;
    run->nodes = malloc((run->tree.count + 1) * sizeof(*run->nodes));
    return run->nodes != NULL;
}

static bool is_answered(const struct thaw_cold_run *run)
{
    return run->summary.track && thaw_summary_is(run->summary.track, "answered");
}

/* Its figures reach only as far as the recording does. */
static bool is_cut_off(const struct thaw_cold_run *run)
{
    return json_is_false(json_object_get(json_object_get(run->report, "recording"), "finished")) &&
           !is_answered(run);
}

/* A run without a first reply ends anywhere: beside others that have one it is left out. One that
 * was cut off ends anywhere, too, and before its time. */
static void choose(struct thaw_cold *cold)
{
    bool any_answered = false;

    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < cold->counts[side]; i++)
            any_answered |= is_answered(&cold->runs[side][i]);
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < cold->counts[side]; i++) {
            struct thaw_cold_run *run = &cold->runs[side][i];

            if (cold->has_track && !run->summary.track)
                run->reason = "it has no worker";
            else if (is_cut_off(run))
                run->reason = THAW_COLD_CUT_OFF;
            else if (any_answered && !is_answered(run))
                run->reason = "no first reply was seen";
            run->used = !run->reason;
            cold->used[side] += run->used;
        }
}

/* Beyond Tukey's fences (statistics.h), by the totals of the runs that are used. */
static void find_outliers(struct thaw_cold *cold, int side)
{
    double *totals = thaw_cold_allocate(cold, cold->counts[side], sizeof(*totals));
    struct thaw_fences fences;
    size_t count = 0;
    int code;

    for (size_t i = 0; totals && i < cold->counts[side]; i++)
        if (cold->runs[side][i].used && cold->runs[side][i].total_ns != THAW_COLD_ABSENT)
            totals[count++] = (double)cold->runs[side][i].total_ns;
    code = totals ? thaw_statistics_fences(totals, count, &fences) : -ENOMEM;
    cold->differ->values.failed |= code == -ENOMEM;
    if (code)
        return;
    for (size_t i = 0; i < cold->counts[side]; i++) {
        struct thaw_cold_run *run = &cold->runs[side][i];

        run->outlier = run->used && run->total_ns != THAW_COLD_ABSENT &&
                       ((double)run->total_ns < fences.low || (double)run->total_ns > fences.high);
    }
}

bool thaw_cold_open_runs(struct thaw_cold *cold)
{
    for (int side = 0; side < 2; side++) {
        const struct thaw_diff_side *given = cold->differ->sides[side];
        struct thaw_diff_run alone = {given->name, given->report};
        size_t count = given->run_count ? given->run_count : 1;

        if (!thaw_differ_is_recording(cold->differ, side))
            continue;
        cold->runs[side] = thaw_cold_allocate(cold, count, sizeof(**cold->runs));
        for (size_t i = 0; cold->runs[side] && i < count; i++) {
            cold->counts[side] = i + 1;
            cold->differ->values.failed |=
                !open_run(cold, &cold->runs[side][i], given->run_count ? &given->runs[i] : &alone);
        }
    }
    if (thaw_cold_failed(cold))
        return false;
    choose(cold);
    find_outliers(cold, 0);
    find_outliers(cold, 1);
    return !thaw_cold_failed(cold);
}

void thaw_cold_close_runs(struct thaw_cold *cold)
{
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < cold->counts[side]; i++) {
            thaw_import_tree_free(&cold->runs[side][i].tree);
            thaw_arena_free(&cold->runs[side][i].summary.arena);
            free(cold->runs[side][i].nodes);
        }
}

/* A plain command has a track, too, but nobody to reply to. */
static bool is_worker(const struct thaw_cold_run *run)
{
    return run->summary.track &&
           (is_answered(run) ||
            thaw_summary_is_worker(&run->summary,
                                   thaw_summary_number(run->summary.track, "process")));
}

static json_t *run_object(const struct thaw_cold *cold, const struct thaw_cold_run *run)
{
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *object = thaw_values_object(values);
    const json_t *track = run->summary.track;

    thaw_values_set_text(values, object, "name", run->name);
    thaw_differ_copy(cold->differ, object, json_object_get(run->report, "run"), "started");
    thaw_values_set_boolean(values, object, "complete", thaw_summary_is(run->report, "complete"));
    if (is_worker(run))
        thaw_values_set_boolean(values, object, "answered", thaw_summary_is(track, "answered"));
    else
        thaw_values_set_null(values, object, "answered");
    thaw_values_set_boolean(values, object, "used", run->used);
    thaw_values_set_name(values, object, "reason", run->reason);
    if (track)
        thaw_values_set_number(values, object, "total_ns", run->total_ns);
    else
        thaw_values_set_null(values, object, "total_ns");
    thaw_values_set_boolean(values, object, "outlier", run->outlier);
    return object;
}

json_t *thaw_cold_runs_list(const struct thaw_cold *cold, int side)
{
    json_t *list = thaw_values_array(thaw_cold_values(cold));

    for (size_t i = 0; i < cold->counts[side]; i++)
        thaw_values_append(thaw_cold_values(cold), list, run_object(cold, &cold->runs[side][i]));
    return list;
}
