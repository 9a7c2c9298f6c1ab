/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff.h"
#include "compare/diff_parts.h"
#include "compare/diff_view.h"
#include "report/keys.h"
#include "report/target_view.h"

/* What is said of two cold starts in words: the verdict, and what stands against it. */

enum { most_names = 5 };

const json_t *thaw_diff_view_cold(const struct thaw_summary *summary)
{
    const json_t *cold = json_object_get(summary->report, "cold_start");

    return json_is_object(cold) ? cold : NULL;
}

const char *thaw_diff_view_time(struct thaw_summary *summary, const json_t *object, const char *key)
{
    return json_is_integer(json_object_get(object, key))
               ? thaw_summary_duration(summary, thaw_summary_number(object, key))
               : "-";
}

static json_int_t change_of(const json_t *measure)
{
    return json_integer_value(json_object_get(measure, "change_ns"));
}

const char *thaw_diff_view_change(struct thaw_summary *summary, const json_t *measure)
{
    json_int_t change = change_of(measure);
    const char *size = thaw_summary_duration(summary, thaw_differ_weight(change));

    if (!json_is_integer(json_object_get(measure, "change_ns")))
        return "";
    if (*size == '<') /* so little that its sign says nothing */
        return size;
    return thaw_summary_format(summary, "%s%s", change < 0 ? "-" : change > 0 ? "+" : "", size);
}

/* "+12.3 %" of what was before; "" where nothing was. */
const char *thaw_diff_view_percent(struct thaw_summary *summary, const json_t *measure)
{
    double before = (double)thaw_summary_number(measure, "before_ns");
    double after = (double)thaw_summary_number(measure, "after_ns");

    if (before <= 0 || !json_is_integer(json_object_get(measure, "after_ns")))
        return "";
    return thaw_summary_format(summary, "%+.1f %%", (after - before) / before * 100);
}

static bool is_word(const json_t *object, const char *key, const char *word)
{
    return !strcmp(thaw_key_string(object, key), word);
}

const char *thaw_diff_view_verdict(const json_t *measure)
{
    static const struct {
        const char *verdict, *reason, *words;
    } rows[] = {
        {"slower", NULL, "slower"},     {"faster", NULL, "faster"},
        {"same", NULL, "within noise"}, {"unknown", "came", "new"},
        {"unknown", "went", "gone"},    {"unknown", "too-few-runs", "too few runs to tell"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (is_word(measure, "verdict", rows[i].verdict) &&
            (!rows[i].reason || is_word(measure, "reason", rows[i].reason)))
            return rows[i].words;
    return "";
}

enum thaw_style thaw_diff_view_verdict_style(const json_t *measure)
{
    if (is_word(measure, "verdict", "slower"))
        return THAW_STYLE_BAD;
    return is_word(measure, "verdict", "faster") ? THAW_STYLE_GOOD : THAW_STYLE_PLAIN;
}

/* "more than noise (95 % interval -36.1 to -31.0 %, p = 0.002; 6 and 6 runs)". */
static const char *certainty(struct thaw_summary *summary, const json_t *cold, const json_t *total)
{
    const json_t *method = json_object_get(cold, "method");
    const json_t *ratio = json_object_get(total, "ratio");
    const char *words = is_word(total, "verdict", "unknown") ? "too few runs to tell it from noise"
                        : is_word(total, "verdict", "same")  ? "no more than noise"
                                                             : "more than noise";
    const char *interval = "";

    if (is_word(total, "reason", "single-run"))
        return thaw_summary_format(summary, "one run %s: not told from noise",
                                   thaw_summary_number(method, "before_runs") ==
                                           thaw_summary_number(method, "after_runs")
                                       ? "each"
                                       : "on one side");
    if (is_word(total, "reason", "no-first-reply"))
        return "no run of one side has a total that can be used";
    if (json_is_object(ratio))
        interval = thaw_summary_format(summary, "95 %% interval %+.1f to %+.1f %%, ",
                                       (json_real_value(json_object_get(ratio, "low")) - 1) * 100,
                                       (json_real_value(json_object_get(ratio, "high")) - 1) * 100);
    return thaw_summary_format(summary, "%s (%sp = %.2g; %llu and %llu runs)", words, interval,
                               json_number_value(json_object_get(total, "probability")),
                               (unsigned long long)thaw_summary_number(method, "before_runs"),
                               (unsigned long long)thaw_summary_number(method, "after_runs"));
}

/* "1.28 s -> 0.85 s: 430 ms less (-34.0 %), more than noise (…)". */
const char *thaw_diff_view_headline(struct thaw_summary *summary)
{
    const json_t *cold = thaw_diff_view_cold(summary);
    const json_t *total = json_object_get(cold, "total_ns");
    json_int_t change = change_of(total);
    const char *percent = thaw_diff_view_percent(summary, total), *words;

    if (!json_is_integer(json_object_get(total, "before_ns")) ||
        !json_is_integer(json_object_get(total, "after_ns")))
        return json_is_integer(json_object_get(total, "before_ns")) ||
                       json_is_integer(json_object_get(total, "after_ns"))
                   ? "The totals can't be compared: one side has none."
                   : "The totals can't be compared: neither side has one.";
    words = change ? thaw_summary_format(summary, "%s %s%s%s%s",
                                         thaw_summary_duration(summary, thaw_differ_weight(change)),
                                         change > 0 ? "more" : "less", *percent ? " (" : "",
                                         percent, *percent ? ")" : "")
                   : "as long as before";
    return thaw_summary_format(summary, "%s -> %s: %s, %s",
                               thaw_diff_view_time(summary, total, "before_ns"),
                               thaw_diff_view_time(summary, total, "after_ns"), words,
                               certainty(summary, cold, total));
}

/* "kernel: 6.1 before, 6.12 after" */
static void write_unlike(struct thaw_summary *summary, const json_t *unlike)
{
    const char *sides[2];
    static const char *const keys[2] = {"before", "after"};

    for (int side = 0; side < 2; side++) {
        size_t count = json_array_size(json_object_get(unlike, keys[side]));

        sides[side] = count ? "" : "unknown";
        for (size_t i = 0; i < count && i < most_names; i++)
            sides[side] = thaw_summary_format(summary, "%s%s%s", sides[side], i ? " and " : "",
                                              thaw_summary_item(summary, unlike, keys[side], i));
    }
    thaw_summary_bullet(summary, THAW_STYLE_BAD,
                        thaw_summary_format(summary, "not alike: %s: %s before, %s after",
                                            thaw_summary_text(summary, unlike, "what"), sides[0],
                                            sides[1]));
}

/* The names of runs that a test is true of: "a, b and 3 more"; NULL: of none. */
static const char *names_of(struct thaw_summary *summary, const json_t *runs,
                            bool (*is)(const json_t *run), size_t *ret_count)
{
    const json_t *run;
    const char *names = NULL;
    size_t i;

    *ret_count = 0;
    json_array_foreach(runs, i, run)
    {
        if (!is(run))
            continue;
        if ((*ret_count)++ < most_names)
            names = thaw_summary_format(summary, "%s%s%s", names ? names : "", names ? ", " : "",
                                        thaw_summary_text(summary, run, "name"));
    }
    if (*ret_count > most_names)
        names = thaw_summary_format(summary, "%s and %zu more", names, *ret_count - most_names);
    return names;
}

static bool is_cut_off(const json_t *run)
{
    return !thaw_summary_is(run, "used") &&
           !strcmp(thaw_key_string(run, "reason"), THAW_COLD_CUT_OFF);
}

static bool is_left_out(const json_t *run)
{
    return !thaw_summary_is(run, "used") && !is_cut_off(run);
}

static bool is_incomplete(const json_t *run)
{
    return thaw_summary_is(run, "used") && !thaw_summary_is(run, "complete");
}

static bool is_outlier(const json_t *run)
{
    return thaw_summary_is(run, "outlier");
}

/* What must be known of a side's runs before their times are believed. */
static void write_runs(struct thaw_summary *summary, const char *key)
{
    static const struct {
        bool (*is)(const json_t *run);
        const char *words;
        enum thaw_style style;
    } rows[] = {
        {is_cut_off, "left out of the times, cut off: what would have followed is missing",
         THAW_STYLE_BAD},
        {is_left_out, "left out of the times, no first reply", THAW_STYLE_BAD},
        {is_incomplete, "incomplete", THAW_STYLE_BAD},
        {is_outlier, "far from the others (outliers, kept)", THAW_STYLE_PLAIN},
    };
    const json_t *runs = json_object_get(json_object_get(summary->report, key), "runs");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t count;
        const char *names = names_of(summary, runs, rows[i].is, &count);

        if (names)
            thaw_summary_bullet(summary, rows[i].style,
                                thaw_summary_format(summary, "%s, %zu of %zu %s %s: %s", key, count,
                                                    json_array_size(runs),
                                                    json_array_size(runs) == 1 ? "run" : "runs",
                                                    rows[i].words, names));
    }
}

static void write_not_compared(struct thaw_summary *summary)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "not_compared"), i, item)
    {
        const char *missing = thaw_key_string(item, "missing");

        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "not compared: %s (%s: %s)",
                                                thaw_summary_text(summary, item, "what"),
                                                !strcmp(missing, "both") ? "both sides" : missing,
                                                thaw_summary_text(summary, item, "why")));
    }
}

void thaw_diff_view_notes(struct thaw_summary *summary)
{
    const json_t *unlike;
    size_t i;

    write_not_compared(summary);
    json_array_foreach(json_object_get(thaw_diff_view_cold(summary), "unlike"), i, unlike)
        write_unlike(summary, unlike);
    write_runs(summary, "before");
    write_runs(summary, "after");
}

/* How it was told, where anything was tested. */
const char *thaw_diff_view_method(struct thaw_summary *summary)
{
    const json_t *method = json_object_get(thaw_diff_view_cold(summary), "method");

    if (!json_is_string(json_object_get(method, "test")))
        return "";
    return thaw_summary_format(
        summary,
        "Times are medians. slower, faster: by the test of Mann and Whitney, of %llu phases, %llu "
        "modules and %llu packages each corrected by Benjamini and Hochberg, so that one in 20 of "
        "what is called so is false on average.",
        (unsigned long long)thaw_summary_number(method, "phases"),
        (unsigned long long)thaw_summary_number(method, "modules"),
        (unsigned long long)thaw_summary_number(method, "packages"));
}
