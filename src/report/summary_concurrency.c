/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/summary.h"

enum { most_rows = 8, columns = 8 };

static const char *count_text(struct thaw_summary *summary, const json_t *object, const char *key)
{
    return thaw_summary_format(summary, "%" PRIu64, thaw_summary_number(object, key));
}

static const char *derived_text(struct thaw_summary *summary, const json_t *derived,
                                const char *key)
{
    return json_is_object(derived) ? count_text(summary, derived, key) : "?";
}

static const char *average(struct thaw_summary *summary, const json_t *derived)
{
    const json_t *value = json_object_get(derived, "running_average");

    return json_is_number(value) ? thaw_summary_format(summary, "%.2f", json_number_value(value))
                                 : "?";
}

static const char *longest(struct thaw_summary *summary, const json_t *derived)
{
    if (!json_is_object(derived))
        return "?";
    return thaw_summary_number(derived, "waited")
               ? thaw_summary_duration(summary, thaw_summary_number(derived, "waited_longest_ns"))
               : "-";
}

static void write_row(struct thaw_summary *summary, struct libscols_table *table, const char *name,
                      const json_t *load)
{
    const json_t *derived = json_object_get(load, "derived");
    bool known = json_is_object(derived);
    const char *cells[columns] = {
        name,
        count_text(summary, load, "invocations"),
        count_text(summary, load, "most_in_flight"),
        derived_text(summary, derived, "most_running"),
        average(summary, derived),
        derived_text(summary, derived, "waited"),
        longest(summary, derived),
        known ? thaw_summary_share(summary, thaw_summary_number(derived, "saturated_ns"),
                                   thaw_summary_number(load, "busy_ns"))
              : "?",
    };

    thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, columns);
}

static const char *worker_name(struct thaw_summary *summary, const json_t *worker)
{
    const json_t *process = thaw_summary_process(summary, thaw_summary_number(worker, "process"));

    return thaw_summary_format(summary, "  worker %" PRIu64 " (pid %" PRIu64 ")",
                               thaw_summary_number(worker, "track"),
                               thaw_summary_number(process, "pid"));
}

static void write_table(struct thaw_summary *summary, const json_t *host)
{
    static const char *const names[columns] = {"  WORKER", "CALLS",  "IN FLIGHT", "RAN",
                                               "MEAN",     "WAITED", "LONGEST",   "SATURATED"};
    const json_t *workers = thaw_summary_list(host, "workers"), *worker;
    struct libscols_table *table = thaw_summary_table(summary, true);
    size_t i;

    for (size_t column = 0; column < columns; column++)
        thaw_summary_column(summary, table, names[column], column > 0);
    json_array_foreach(workers, i, worker)
    {
        if (i == most_rows)
            break;
        write_row(summary, table, worker_name(summary, worker), json_object_get(worker, "load"));
    }
    if (json_array_size(workers) > 1)
        write_row(summary, table, "  together", json_object_get(host, "load"));
    thaw_summary_print(summary, table);
    if (json_array_size(workers) > most_rows)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "and %zu more workers",
                                                json_array_size(workers) - most_rows));
}

static double real(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* How many ran is derived: from what, and what speaks for it. */
static void write_capacity(struct thaw_summary *summary, const json_t *host)
{
    const json_t *capacity = json_object_get(host, "capacity");
    const char *status = thaw_summary_text(summary, capacity, "status");
    uint64_t at_once = thaw_summary_number(capacity, "at_once");
    uint64_t of_host = thaw_summary_number(capacity, "host_at_once");
    const char *text;

    if (!strcmp(status, "derived"))
        text = thaw_summary_format(
            summary,
            "each worker ran %" PRIu64 " at once (%" PRIu64 " in all), derived from %" PRIu64
            " calls: so, the times of alike ones differ by %.1f %%; if nothing had limited the "
            "%" PRIu64 " of them that waited, theirs would by %.0f %%",
            at_once, of_host, thaw_summary_number(capacity, "compared"),
            real(capacity, "spread") * 100, thaw_summary_number(capacity, "waited"),
            real(capacity, "spread_unlimited") * 100);
    else if (!strcmp(status, "at-least"))
        text =
            thaw_summary_format(summary,
                                "no call waited, as far as can be derived: a worker runs %" PRIu64
                                " or more at once",
                                at_once);
    else
        text = thaw_summary_format(summary, "how many ran at once can't be derived: %s",
                                   thaw_summary_text(summary, capacity, "reason"));
    thaw_summary_bullet(summary, THAW_STYLE_PLAIN, text);
}

static void write_imports(struct thaw_summary *summary, const json_t *host)
{
    size_t further = json_array_size(json_object_get(host, "workers"));
    const json_t *cpu = json_object_get(host, "further_imports_cpu_ns");

    if (further < 2 || !json_is_integer(json_object_get(host, "further_imports_ns")))
        return;
    thaw_summary_bullet(
        summary, THAW_STYLE_PLAIN,
        thaw_summary_format(
            summary, "repeating the imports took %s in %zu further worker%s%s%s",
            thaw_summary_duration(summary, thaw_summary_number(host, "further_imports_ns")),
            further - 1, further == 2 ? "" : "s", json_is_integer(cpu) ? ", on the CPU " : "",
            json_is_integer(cpu) ? thaw_summary_duration(summary, (uint64_t)json_integer_value(cpu))
                                 : ""));
}

void thaw_summary_concurrency(struct thaw_summary *summary)
{
    const json_t *hosts =
        thaw_summary_list(json_object_get(summary->report, "concurrency"), "hosts");
    const json_t *host;
    size_t i;

    json_array_foreach(hosts, i, host)
    {
        if (thaw_summary_number(json_object_get(host, "load"), "invocations") < 2)
            continue;
        thaw_summary_title(summary, "What ran at once");
        write_table(summary, host);
        write_capacity(summary, host);
        write_imports(summary, host);
    }
}
