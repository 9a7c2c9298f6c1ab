/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/trials_words.h"

#include <math.h>
#include <string.h>

#include "report/keys.h"

enum { most_named = 8, most_words = 24 };

const char *const thaw_trials_headings[THAW_TRIALS_CELLS] = {"metric", "median", "interval",
                                                             "range", ""};
const char *const thaw_trials_pair_headings[THAW_TRIALS_PAIR_CELLS] = {"metric", "second to first",
                                                                       "second is"};

static const json_t *command_of(const struct thaw_summary *summary, size_t index)
{
    return json_array_get(thaw_summary_list(summary->report, "commands"), index);
}

static size_t command_count(const struct thaw_summary *summary)
{
    return json_array_size(thaw_summary_list(summary->report, "commands"));
}

/* "the first one's run 3", "warm-up 1". */
static const char *run_name(struct thaw_summary *summary, const json_t *run)
{
    const char *kind = thaw_summary_is(run, "warmup")     ? "warm-up"
                       : thaw_summary_is(run, "counting") ? "counting run"
                                                          : "run";

    return thaw_summary_format(summary, "%s %s", kind,
                               thaw_summary_count(summary, thaw_summary_number(run, "number")));
}

static const char *counted(struct thaw_summary *summary, uint64_t count, const char *thing)
{
    return thaw_summary_format(summary, "%s %s%s", thaw_summary_count(summary, count), thing,
                               count == 1 ? "" : "s");
}

static const char *words(struct thaw_summary *summary, const json_t *command)
{
    size_t count = json_array_size(thaw_summary_list(command, "command"));
    const char *line = "";

    for (size_t i = 0; i < count && i < most_words; i++)
        line = thaw_summary_format(summary, "%s%s%s", line, i ? " " : "",
                                   thaw_summary_item(summary, command, "command", i));
    return thaw_summary_fit_end(summary, line, 200);
}

static uint64_t runs_made(const json_t *command)
{
    const json_t *run;
    uint64_t made = 0;
    size_t i;

    json_array_foreach(thaw_summary_list(command, "runs"), i, run) made +=
        !thaw_summary_is(run, "warmup") && !thaw_summary_is(run, "counting");
    return made;
}

const char *thaw_trials_head(struct thaw_summary *summary, size_t index)
{
    static const char *const which[] = {"first: ", "second: "};
    const json_t *plan = json_object_get(summary->report, "plan");
    const json_t *command = command_of(summary, index);
    uint64_t made = runs_made(command), wanted = thaw_summary_number(plan, "runs");
    const char *of = made < wanted
                         ? thaw_summary_format(summary, "%s of ", thaw_summary_count(summary, made))
                         : "";

    return thaw_summary_format(
        summary, "%s%s%s of %s", command_count(summary) > 1 ? which[index % 2] : "", of,
        counted(summary, wanted, thaw_summary_is(plan, "cold") ? "cold run" : "run"),
        words(summary, command));
}

const char *thaw_trials_title(struct thaw_summary *summary, const json_t *metric)
{
    const char *phase = thaw_summary_text(summary, metric, "phase");

    if (*phase)
        return thaw_summary_format(summary, "phase %s", phase);
    return thaw_summary_text(summary, metric, "title");
}

static const char *value_text(struct thaw_summary *summary, const json_t *metric, double value)
{
    const char *unit = thaw_key_string(metric, "unit");
    uint64_t whole = value > 0 ? (uint64_t)llround(value) : 0;

    if (!strcmp(unit, "ns"))
        return thaw_summary_duration(summary, whole);
    if (!strcmp(unit, "bytes"))
        return thaw_summary_size(summary, whole);
    return value == floor(value) ? thaw_summary_count(summary, whole)
                                 : thaw_summary_format(summary, "%.1f", value);
}

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* "1.20 to 1.31 s", "980.0 ms to 1.05 s"; both the same: nothing. */
static const char *span(struct thaw_summary *summary, const json_t *metric, const json_t *value,
                        const char *low, const char *high)
{
    const char *least, *most, *least_unit, *most_unit;

    if (number(value, low) == number(value, high))
        return "";
    least = value_text(summary, metric, number(value, low));
    most = value_text(summary, metric, number(value, high));
    least_unit = strrchr(least, ' ');
    most_unit = strrchr(most, ' ');
    if (least_unit && most_unit && !strcmp(least_unit, most_unit))
        least = thaw_summary_format(summary, "%.*s", (int)(least_unit - least), least);
    return thaw_summary_format(summary, "%s to %s", least, most);
}

/* "noisy, in 3 runs". */
static const char *remark(struct thaw_summary *summary, const json_t *metric)
{
    size_t samples = json_array_size(thaw_summary_list(metric, "samples"));
    uint64_t of = thaw_summary_number(metric, "of");
    const char *noisy =
        thaw_summary_is(json_object_get(metric, "noise"), "too_noisy") ? "noisy" : "";

    if (samples >= of)
        return noisy;
    return thaw_summary_format(summary, "%s%sin %s", noisy, *noisy ? ", " : "",
                               counted(summary, samples, "run"));
}

bool thaw_trials_row(struct thaw_summary *summary, const json_t *metric,
                     const char *cells[THAW_TRIALS_CELLS])
{
    const json_t *value = json_object_get(metric, "value");

    if (!json_is_object(value))
        return false;
    cells[0] = thaw_trials_title(summary, metric);
    cells[1] = value_text(summary, metric, number(value, "median"));
    cells[2] = span(summary, metric, value, "low", "high");
    cells[3] = span(summary, metric, value, "least", "most");
    cells[4] = remark(summary, metric);
    if (!*cells[3] && json_array_size(thaw_summary_list(metric, "samples")) > 1)
        cells[3] = "always";
    return true;
}

void thaw_trials_pair_row(struct thaw_summary *summary, const json_t *difference,
                          const char *cells[THAW_TRIALS_PAIR_CELLS])
{
    const json_t *ratio = json_object_get(difference, "ratio");

    cells[0] = thaw_trials_title(summary, difference);
    cells[1] = json_is_object(ratio)
                   ? thaw_summary_format(summary, "%.3f (%.3f to %.3f)", number(ratio, "middle"),
                                         number(ratio, "low"), number(ratio, "high"))
                   : "";
    cells[2] = thaw_summary_text(summary, difference, "verdict");
}

/* --- notes --- */

static void tell_failed(struct thaw_summary *summary, const json_t *command, thaw_trials_tell *tell)
{
    const json_t *run;
    size_t i, told = 0;

    json_array_foreach(thaw_summary_list(command, "runs"), i, run)
    {
        const char *reason = thaw_summary_text(summary, run, "reason");

        if (!*reason || told++ >= most_named)
            continue;
        tell(summary, true, thaw_summary_format(summary, "%s: %s", run_name(summary, run), reason));
    }
    if (told > most_named)
        tell(summary, true,
             thaw_summary_format(summary, "%s more failed",
                                 counted(summary, told - most_named, "run")));
}

/* Those that ended well, but not all of them was seen. */
static void tell_incomplete(struct thaw_summary *summary, const json_t *command,
                            thaw_trials_tell *tell)
{
    const char *line = "", *file = "";
    const json_t *run;
    size_t i, told = 0;

    json_array_foreach(thaw_summary_list(command, "runs"), i, run)
    {
        if (thaw_summary_is(run, "complete") || thaw_summary_is(run, "warmup") ||
            !json_is_null(json_object_get(run, "reason")))
            continue;
        if (told++ >= most_named)
            continue;
        if (told == 1)
            file = thaw_summary_text(summary, run, "file");
        line =
            thaw_summary_format(summary, "%s%s%s", line, *line ? ", " : "", run_name(summary, run));
    }
    if (told)
        tell(summary, true,
             thaw_summary_format(
                 summary, "%s %s not complete (%s): `thaw report` of %s says what is missing",
                 counted(summary, told, "recording"), told == 1 ? "is" : "are", line, file));
}

static void tell_outliers(struct thaw_summary *summary, const json_t *command,
                          thaw_trials_tell *tell)
{
    const json_t *metric, *run;
    size_t i, j;

    json_array_foreach(thaw_summary_list(command, "metrics"), i, metric)
    {
        const char *line = "";

        json_array_foreach(thaw_summary_list(metric, "outliers"), j, run) line =
            j < most_named ? thaw_summary_format(summary, "%s%s%lld", line, j ? ", " : "",
                                                 (long long)json_integer_value(run))
                           : line;
        if (*line)
            tell(summary, false,
                 thaw_summary_format(summary, "%s: run%s %s lie%s apart from the others; kept",
                                     thaw_trials_title(summary, metric), j > 1 ? "s" : "", line,
                                     j > 1 ? "" : "s"));
    }
}

static void tell_noise(struct thaw_summary *summary, const json_t *command, thaw_trials_tell *tell)
{
    const json_t *metric;
    double worst = 0;
    size_t i;

    json_array_foreach(thaw_summary_list(command, "metrics"), i, metric)
    {
        const json_t *noise = json_object_get(metric, "noise");

        if (thaw_summary_is(noise, "too_noisy"))
            worst = fmax(worst, number(noise, "width"));
    }
    if (worst > 0)
        tell(summary, true,
             thaw_summary_format(summary,
                                 "the machine was too noisy for so few runs: where it says so, an "
                                 "interval of two commands' ratio would be up to %.0f %% wide",
                                 worst * 100));
}

/* The run with the largest share left stands for all. */
static const json_t *worst_residue(const json_t *command, uint64_t *ret_runs, uint64_t *ret_warm)
{
    const json_t *run, *worst = NULL;
    double most = -1;
    size_t i;

    *ret_runs = *ret_warm = 0;
    json_array_foreach(thaw_summary_list(command, "runs"), i, run)
    {
        const json_t *cold = json_object_get(run, "cold");
        double bytes = number(cold, "bytes"), share;

        if (!json_is_object(cold))
            continue;
        share = bytes > 0 ? number(cold, "left_bytes") / bytes : 0;
        *ret_runs += 1;
        *ret_warm += thaw_summary_is(cold, "too_much");
        if (share > most)
            worst = cold;
        most = fmax(most, share);
    }
    return worst;
}

static void tell_unknown(struct thaw_summary *summary, const json_t *cold, thaw_trials_tell *tell)
{
    if (thaw_summary_number(cold, "unknown_files"))
        tell(summary, false,
             thaw_summary_format(
                 summary, "of %s (%s) the kernel doesn't tell us whether they were in memory",
                 counted(summary, thaw_summary_number(cold, "unknown_files"), "file"),
                 thaw_summary_size(summary, thaw_summary_number(cold, "unknown_bytes"))));
    if (thaw_summary_is(cold, "cut"))
        tell(summary, false, "there are more files than were put out of memory");
}

static void tell_residue(struct thaw_summary *summary, const json_t *command,
                         thaw_trials_tell *tell)
{
    uint64_t runs, warm;
    const json_t *cold = worst_residue(command, &runs, &warm);
    uint64_t left = thaw_summary_number(cold, "left_bytes");
    uint64_t stuck = thaw_summary_number(cold, "unevictable_bytes");
    const char *largest = thaw_summary_text(summary, cold, "largest"), *why = "";

    if (!cold)
        return;
    if (left)
        why = thaw_summary_format(summary, ": %s%s%s, most of %s",
                                  left > stuck ? "others use their pages" : "",
                                  left > stuck && stuck ? ", or " : "",
                                  stuck ? "they are on a file system in memory" : "", largest);
    if (left && !stuck)
        why = thaw_summary_format(summary, ": others use these pages, most of %s", largest);
    tell(summary, warm > 0,
         thaw_summary_format(summary, "put out of memory: %s in %s; left at most: %s in %s%s",
                             thaw_summary_size(summary, thaw_summary_number(cold, "bytes")),
                             counted(summary, thaw_summary_number(cold, "files"), "file"),
                             thaw_summary_size(summary, left),
                             counted(summary, thaw_summary_number(cold, "left_files"), "file"),
                             why));
    if (warm)
        tell(summary, true,
             thaw_summary_format(summary,
                                 "%s of %s not quite cold: more than 5 %% was left in memory",
                                 thaw_summary_count(summary, warm), counted(summary, runs, "run")));
    tell_unknown(summary, cold, tell);
}

static bool has_value(const json_t *metric)
{
    return json_is_object(json_object_get(metric, "value"));
}

static bool is_same(const json_t *one, const json_t *other)
{
    return !strcmp(thaw_key_string(one, "metric"), thaw_key_string(other, "metric")) &&
           !strcmp(thaw_key_string(one, "phase"), thaw_key_string(other, "phase"));
}

/* Not if a counting run tells it; of the second command only what the first one tells: the rest was
 * said. */
static bool is_untold(const struct thaw_summary *summary, size_t command, const json_t *metric)
{
    const json_t *other;
    size_t i;

    json_array_foreach(thaw_summary_list(command_of(summary, command), "metrics"), i, other)
    {
        if (is_same(other, metric) && has_value(other))
            return false;
    }
    json_array_foreach(thaw_summary_list(command_of(summary, 0), "metrics"), i, other)
    {
        if (command && is_same(other, metric) && !has_value(other))
            return false;
    }
    return true;
}

/* What no run tells, by why. */
static void tell_untold(struct thaw_summary *summary, size_t index, thaw_trials_tell *tell)
{
    const json_t *metrics = thaw_summary_list(command_of(summary, index), "metrics");
    const json_t *metric, *other;
    size_t i, j;

    json_array_foreach(metrics, i, metric)
    {
        const char *why = thaw_key_string(metric, "why"), *line = "";

        if (!is_untold(summary, index, metric))
            continue;
        json_array_foreach(metrics, j, other)
        {
            if (strcmp(thaw_key_string(other, "why"), why) != 0 ||
                !is_untold(summary, index, other))
                continue;
            if (j < i) /* said with that one */
                break;
            line = thaw_summary_format(summary, "%s%s%s", line, *line ? ", " : "",
                                       thaw_trials_title(summary, other));
        }
        if (*line)
            tell(summary, false,
                 thaw_summary_format(summary, "not known: %s (%s)", line,
                                     thaw_summary_text(summary, metric, "why")));
    }
}

void thaw_trials_notes(struct thaw_summary *summary, size_t index, thaw_trials_tell *tell)
{
    const json_t *command = command_of(summary, index);

    tell_failed(summary, command, tell);
    tell_incomplete(summary, command, tell);
    tell_outliers(summary, command, tell);
    tell_noise(summary, command, tell);
    tell_residue(summary, command, tell);
    tell_untold(summary, index, tell);
}
