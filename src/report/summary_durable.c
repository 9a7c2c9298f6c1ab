/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "report/summary.h"

enum { most_rows = 8, columns = 8, name_columns = 14 };

static const char *count_text(struct thaw_summary *summary, const json_t *object, const char *key)
{
    return json_is_integer(json_object_get(object, key))
               ? thaw_summary_format(summary, "%" PRIu64, thaw_summary_number(object, key))
               : "?";
}

static const char *name_of(struct thaw_summary *summary, const json_t *instance)
{
    const char *name = thaw_summary_text(summary, instance, "orchestrator");

    return thaw_summary_format(summary, "  %" PRIu64 " %s",
                               thaw_summary_number(instance, "instance"),
                               thaw_summary_fit(summary, *name ? name : "?", name_columns));
}

/* The batch with the most activities, NULL: there is none. */
static const json_t *widest_batch(const json_t *instance)
{
    const json_t *batches = thaw_summary_list(instance, "batches"), *batch, *widest = NULL;
    size_t i;

    json_array_foreach(batches, i, batch) if (!widest || thaw_summary_number(batch, "seen") >
                                                             thaw_summary_number(widest, "seen"))
        widest = batch;
    return widest;
}

/* How many ran; where that is not known, what were in flight are the most it can have been. */
static const char *at_once(struct thaw_summary *summary, const json_t *batch)
{
    if (!batch)
        return "-";
    if (json_is_integer(json_object_get(batch, "most_running")))
        return count_text(summary, batch, "most_running");
    return thaw_summary_format(summary, "<= %" PRIu64,
                               thaw_summary_number(batch, "most_in_flight"));
}

static void write_instance(struct thaw_summary *summary, struct libscols_table *table,
                           const json_t *instance)
{
    const json_t *widest = widest_batch(instance), *divided = json_object_get(instance, "divided");
    uint64_t ns =
        thaw_summary_number(instance, "end_ns") - thaw_summary_number(instance, "start_ns");
    const char *cells[columns] = {
        name_of(summary, instance),
        count_text(summary, instance, "replays"),
        thaw_summary_duration(summary, thaw_summary_number(instance, "replays_ns")),
        count_text(summary, instance, "history"),
        widest ? count_text(summary, widest, "seen") : "-",
        at_once(summary, widest),
        thaw_summary_duration(summary, ns),
        json_is_object(divided)
            ? thaw_summary_duration(summary, thaw_summary_number(divided, "outside_ns"))
            : "?",
    };

    thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, columns);
}

static void write_instances(struct thaw_summary *summary, const json_t *instances)
{
    static const char *const names[columns] = {"  ORCHESTRATION", "REPLAYS", "TOOK", "HISTORY",
                                               "FAN-OUT",         "AT ONCE", "ALL",  "OUTSIDE"};
    struct libscols_table *table = thaw_summary_table(summary, true);
    const json_t *instance;
    size_t i;

    for (size_t column = 0; column < columns; column++)
        thaw_summary_column(summary, table, names[column], column > 0);
    json_array_foreach(instances, i, instance)
    {
        if (i == most_rows)
            break;
        write_instance(summary, table, instance);
    }
    thaw_summary_print(summary, table);
    if (json_array_size(instances) > most_rows)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "and %zu more",
                                                json_array_size(instances) - most_rows));
}

/* Activities that had to wait until a worker was up. */
static void write_cold(struct thaw_summary *summary, const json_t *instances)
{
    uint64_t cold = 0, longest_ns = 0;
    const json_t *instance, *batch;
    size_t i, j;

    json_array_foreach(instances, i, instance)
    {
        json_array_foreach(json_object_get(instance, "batches"), j, batch)
        {
            uint64_t ns = thaw_summary_number(batch, "cold_longest_ns");

            cold += thaw_summary_number(batch, "cold");
            longest_ns = ns > longest_ns ? ns : longest_ns;
        }
    }
    if (cold)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary,
                                                "%" PRIu64 " activit%s waited for a worker to "
                                                "start, %s at most",
                                                cold, cold == 1 ? "y" : "ies",
                                                thaw_summary_duration(summary, longest_ns)));
}

static void write_unknown(struct thaw_summary *summary, const json_t *durable)
{
    uint64_t executions = thaw_summary_number(durable, "unknown_executions");
    uint64_t activities = thaw_summary_number(durable, "unknown_activities");

    if (executions)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary,
                                                "%" PRIu64 " invocations of orchestrators can't be "
                                                "told to an instance: too little of their requests "
                                                "was seen",
                                                executions));
    if (activities)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary,
                                                "%" PRIu64 " invocations of activities can't be "
                                                "told to an instance: the host did not name it",
                                                activities));
}

void thaw_summary_durable(struct thaw_summary *summary)
{
    const json_t *durable = json_object_get(summary->report, "durable");
    const json_t *instances = thaw_summary_list(durable, "instances");

    if (!durable)
        return;
    thaw_summary_title(summary, "Orchestrations");
    if (json_array_size(instances))
        write_instances(summary, instances);
    write_cold(summary, instances);
    if (json_array_size(instances))
        thaw_summary_bullet(summary, THAW_STYLE_FAINT,
                            "outside: neither the orchestrator nor an activity was in a worker "
                            "(queues, storage, the host, workers that start)");
    write_unknown(summary, durable);
}
