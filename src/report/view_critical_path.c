/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "report/summary.h"
#include "report/writers.h"

/* `--view critical-path`: what the first reply waited for, moment by moment, and what ran beside.
 */

enum {
    most_beside = 20,
    phase_columns = 18,
    columns = 6,
    /* two times and "worker 4194304", the phase, a time, and the gaps between them */
    before_module = 8 + 8 + 14 + phase_columns + 8 + 5 * 2,
    least_module_columns = 12,
};

static uint64_t length_of(const json_t *span)
{
    uint64_t start_ns = thaw_summary_number(span, "start_ns");
    uint64_t end_ns = thaw_summary_number(span, "end_ns");

    return end_ns > start_ns ? end_ns - start_ns : 0;
}

/* "worker 7887", "outside" */
static const char *waited_for(struct thaw_summary *summary, const json_t *step)
{
    const json_t *process = thaw_summary_process(summary, thaw_summary_number(step, "process"));
    const char *who = thaw_summary_text(summary, step, "waited_for");

    if (!process)
        return who;
    return thaw_summary_format(summary, "%s %" PRIu64, who, thaw_summary_number(process, "pid"));
}

/* The module whose id it is, "" none: ids count from 1 in the order of the list. */
static const char *module_name(struct thaw_summary *summary, uint64_t id)
{
    const json_t *module =
        id ? json_array_get(json_object_get(summary->report, "modules"), (size_t)id - 1) : NULL;

    return thaw_summary_text(summary, module, "name");
}

/* "function_app", "grpc._channel (thread 7889)"; where there is no room for it, no thread */
static const char *importing(struct thaw_summary *summary, const json_t *step)
{
    const json_t *process = thaw_summary_process(summary, thaw_summary_number(step, "process"));
    uint64_t thread = thaw_summary_number(step, "thread");
    const char *name = module_name(summary, thaw_summary_number(step, "module")), *words = name;
    size_t left = summary->width > before_module + least_module_columns
                      ? summary->width - before_module
                      : least_module_columns;

    if (thread && thread != thaw_summary_number(process, "pid"))
        words = thaw_summary_format(summary, "%s (thread %" PRIu64 ")", words, thread);
    return thaw_summary_fit_end(summary, thaw_summary_columns(words) > left ? name : words, left);
}

/* Of the imports; "" not measured, or nothing was imported. */
static const char *waiting(struct thaw_summary *summary, const json_t *step)
{
    const json_t *wait = json_object_get(step, "wait");

    return wait ? thaw_summary_duration(summary, thaw_summary_number(wait, "io_ns") +
                                                     thaw_summary_number(wait, "runqueue_ns") +
                                                     thaw_summary_number(wait, "sleep_ns"))
                : "";
}

static void write_steps(struct thaw_summary *summary)
{
    static const struct {
        const char *name;
        bool right;
    } headings[columns] = {
        {"AT", true},  {"TIME", true},    {"WAITED FOR", false},
        {"IN", false}, {"OFF CPU", true}, {"IMPORTING", false},
    };
    const json_t *steps = json_object_get(summary->track, "critical_path"), *step;
    struct libscols_table *table = thaw_summary_table(summary, true);
    uint64_t start_ns = thaw_summary_number(summary->track, "start_ns");
    size_t i;

    for (i = 0; i < columns; i++)
        thaw_summary_column(summary, table, headings[i].name, headings[i].right);
    json_array_foreach(steps, i, step)
    {
        uint64_t at_ns = thaw_summary_number(step, "start_ns");
        const char *cells[columns] = {
            thaw_summary_duration(summary, at_ns > start_ns ? at_ns - start_ns : 0),
            thaw_summary_duration(summary, length_of(step)),
            waited_for(summary, step),
            thaw_summary_fit_end(summary, thaw_summary_text(summary, step, "phase"), phase_columns),
            waiting(summary, step),
            importing(summary, step),
        };

        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, columns);
    }
    thaw_summary_print(summary, table);
}

static void write_beside_line(struct thaw_summary *summary, const json_t *beside)
{
    const json_t *process = thaw_summary_process(summary, thaw_summary_number(beside, "process"));
    uint64_t thread = thaw_summary_number(beside, "thread");
    const char *took = thaw_summary_duration(summary, thaw_summary_number(beside, "ns"));

    if (thread)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "thread %" PRIu64 " imported for %s",
                                                thread, took));
    else
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "%s %" PRIu64 " (%s) ran for %s",
                                                thaw_summary_text(summary, process, "role"),
                                                thaw_summary_number(process, "pid"),
                                                thaw_summary_text(summary, process, "executable"),
                                                took));
}

static void write_beside(struct thaw_summary *summary)
{
    const json_t *list = thaw_summary_list(summary->track, "beside"), *beside;
    size_t count = json_array_size(list), i;

    thaw_summary_title(summary, "Beside it");
    if (!count)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                               "Nothing else was seen to run in that time.");
    json_array_foreach(list, i, beside)
    {
        if (i == most_beside) {
            thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                                thaw_summary_format(summary, "and %zu more", count - i));
            break;
        }
        write_beside_line(summary, beside);
    }
}

static void write_view(struct thaw_summary *summary)
{
    if (!json_array_size(json_object_get(summary->track, "critical_path"))) {
        thaw_summary_title(summary, "Critical path");
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                               "No start of a worker or program was recorded.");
        return;
    }
    thaw_summary_title(summary,
                       thaw_summary_is(summary->track, "answered")
                           ? thaw_summary_format(summary, "What the first reply waited for, in %s",
                                                 thaw_summary_duration(summary,
                                                                       length_of(summary->track)))
                           : "What the start waited for, up to the last that is known of it");
    write_steps(summary);
    write_beside(summary);
    thaw_summary_paragraph(
        summary, THAW_STYLE_FAINT, "",
        "The worker is waited for while it starts or owes its host an answer, the host while the "
        "worker has answered all. IMPORTING: the costliest module that began there. What a "
        "worker's "
        "other threads and children do outside of imports is not seen.");
}

int thaw_write_critical_path(const json_t *report, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;

    thaw_summary_begin(&summary, report, options, stream);
    write_view(&summary);
    thaw_summary_incomplete(&summary, "--view summary");
    return thaw_summary_end(&summary, error);
}
