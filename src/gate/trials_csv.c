/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/trials_parts.h"
#include "report/csv_text.h"
#include "report/keys.h"
#include "report/summary.h"

/*
 * A row for each run, by RFC 4180 (csv_text.h). What a run does not have is an empty cell. The
 * metrics' columns are those of all commands, "phase_time:import" of a phase.
 */
static const struct {
    const char *column, *object, *key; /* object NULL: the run's own */
} own[] = {
    {"number", NULL, "number"},
    {"warmup", NULL, "warmup"},
    {"counting", NULL, "counting"},
    {"file", NULL, "file"},
    {"end", NULL, "end"},
    {"complete", NULL, "complete"},
    {"exit_status", NULL, "exit_status"},
    {"reason", NULL, "reason"},
    {"wall_ns", NULL, "wall_ns"},
    {"cpu_ns", NULL, "cpu_ns"},
    {"cold.bytes", "cold", "bytes"},
    {"cold.left_bytes", "cold", "left_bytes"},
    {"cold.unknown_bytes", "cold", "unknown_bytes"},
    {"cold.too_much", "cold", "too_much"},
};

enum { own_count = sizeof(own) / sizeof(own[0]) };

static void write_number(const json_t *value, FILE *stream)
{
    if (json_is_integer(value))
        fprintf(stream, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        fprintf(stream, "%.17g", json_real_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "true" : "false", stream);
}

static bool is_same(const json_t *one, const json_t *other)
{
    return !strcmp(thaw_key_string(one, "metric"), thaw_key_string(other, "metric")) &&
           !strcmp(thaw_key_string(one, "phase"), thaw_key_string(other, "phase"));
}

/* The first metric of its kind, over all commands, has the column. */
static bool has_column(const json_t *commands, size_t command, size_t index, const json_t *metric)
{
    for (size_t i = 0; i <= command; i++) {
        const json_t *metrics = json_object_get(json_array_get(commands, i), "metrics"), *other;
        size_t j;

        json_array_foreach(metrics, j, other)
        {
            if (i == command && j == index)
                return true;
            if (is_same(other, metric))
                return false;
        }
    }
    return false;
}

/* The value of a run of a command; NULL: it has none. */
static const json_t *value_of(const json_t *command, const json_t *run, const json_t *metric)
{
    const json_t *candidate, *number;
    json_int_t wanted = json_integer_value(json_object_get(run, "number"));
    size_t i, j;

    if (json_is_true(json_object_get(run, "warmup")))
        return NULL;
    json_array_foreach(json_object_get(command, "metrics"), i, candidate)
    {
        if (!is_same(candidate, metric) || json_is_true(json_object_get(candidate, "counting")) !=
                                               json_is_true(json_object_get(run, "counting")))
            continue;
        json_array_foreach(json_object_get(candidate, "runs"), j, number)
        {
            if (json_integer_value(number) == wanted)
                return json_array_get(json_object_get(candidate, "samples"), j);
        }
    }
    return NULL;
}

static void write_own(struct thaw_summary *summary, const json_t *run)
{
    for (size_t i = 0; i < own_count; i++) {
        const json_t *object = own[i].object ? json_object_get(run, own[i].object) : run;
        const json_t *value = json_object_get(object, own[i].key);

        fputc(',', summary->stream);
        if (json_is_string(value))
            thaw_csv_text(thaw_summary_text(summary, object, own[i].key), summary->stream);
        else
            write_number(value, summary->stream);
    }
}

/* run NULL: the headings. */
static void write_metrics(struct thaw_summary *summary, const json_t *command, const json_t *run)
{
    const json_t *commands = thaw_summary_list(summary->report, "commands"), *other, *metric;
    size_t i, j;

    json_array_foreach(commands, i, other)
    {
        json_array_foreach(json_object_get(other, "metrics"), j, metric)
        {
            const char *phase = thaw_summary_text(summary, metric, "phase");

            if (!has_column(commands, i, j, metric))
                continue;
            fputc(',', summary->stream);
            if (run)
                write_number(value_of(command, run, metric), summary->stream);
            else
                thaw_csv_text(thaw_summary_format(summary, "%s%s%s",
                                                  thaw_summary_text(summary, metric, "metric"),
                                                  *phase ? ":" : "", phase),
                              summary->stream);
        }
    }
}

int thaw_trials_write_csv(const json_t *trials, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    const json_t *command, *run;
    size_t i, j;

    thaw_summary_begin(&summary, trials, options, stream);
    fputs("command", stream);
    for (i = 0; i < own_count; i++)
        fprintf(stream, ",%s", own[i].column);
    write_metrics(&summary, NULL, NULL);
    fputs("\r\n", stream);
    json_array_foreach(thaw_summary_list(trials, "commands"), i, command)
    {
        json_array_foreach(json_object_get(command, "runs"), j, run)
        {
            fprintf(stream, "%zu", i + 1);
            write_own(&summary, run);
            write_metrics(&summary, command, run);
            fputs("\r\n", stream);
        }
    }
    return thaw_summary_end(&summary, error);
}
