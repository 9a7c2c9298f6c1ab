/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "trend/change.h"
#include "trend/view.h"

/* Of each series; what is earlier is counted. */
enum { most_said = 3 };

static const char *const *list_of(struct thaw_trend_view *view, size_t most, const char ***ret)
{
    static const char *const none[] = {NULL};

    *ret = thaw_arena_allocate(&view->summary.arena, (most + 1) * sizeof(**ret));
    view->summary.failed |= !*ret;
    return *ret ? *ret : none;
}

/* "; the kernel is another one since then, too". */
static const char *with_keys(struct thaw_trend_view *view, const json_t *change)
{
    static const struct {
        const char *name, *words;
    } rows[] = {{"lock_file", "the lock file"},
                {"kernel", "the kernel"},
                {"machine", "the machine"},
                {"backend", "the backend"}};
    const json_t *list = json_object_get(change, "differing_keys");
    const char *text = "";
    size_t named = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));

        for (size_t j = 0; name && j < sizeof(rows) / sizeof(rows[0]); j++) {
            if (strcmp(rows[j].name, name) != 0)
                continue;
            text = thaw_summary_format(&view->summary, "%s%s%s", text, named++ ? " and " : "",
                                       rows[j].words);
        }
    }
    return named ? thaw_summary_format(&view->summary, "; %s changed with it, too", text) : "";
}

/* --- exact --- */

static bool is_same_entry(const json_t *one, const json_t *other)
{
    return json_equal(json_object_get(one, "entry"), json_object_get(other, "entry")) == 1;
}

/* Does the step alone say since when it is worse? */
static bool is_bad_step(const json_t *series, const json_t *step)
{
    const json_t *bad = json_object_get(series, "first_bad"), *good = json_object_get(bad, "good");

    return bad && is_same_entry(bad, step) &&
           thaw_trend_view_number(good, "value") == thaw_trend_view_number(step, "before");
}

static const char *step_sentence(struct thaw_trend_view *view, const json_t *series,
                                 const json_t *step)
{
    double before = thaw_trend_view_number(step, "before");
    double value = thaw_trend_view_number(step, "value");

    return thaw_summary_format(
        &view->summary, "%s: %s to %s (%s) with %s%s%s", thaw_trend_view_title(view, series),
        thaw_trend_view_value(view, series, before), thaw_trend_view_value(view, series, value),
        thaw_trend_view_signed(view, series, value - before),
        thaw_trend_view_where(view, thaw_trend_view_entry(view, step)),
        is_bad_step(series, step) ? ", and above what last passed since then" : "",
        with_keys(view, step));
}

static const char *bad_sentence(struct thaw_trend_view *view, const json_t *series)
{
    const json_t *bad = json_object_get(series, "first_bad"), *good = json_object_get(bad, "good");

    return thaw_summary_format(
        &view->summary, "%s: above the %s of the last gate that passed, %s, since %s",
        thaw_trend_view_title(view, series),
        thaw_trend_view_value(view, series, thaw_trend_view_number(good, "value")),
        thaw_trend_view_where(view, thaw_trend_view_entry(view, good)),
        thaw_trend_view_where(view, thaw_trend_view_entry(view, bad)));
}

/* Since when it is worse, unless a step that is said tells it; the latest steps up, the last one
 * first. */
static const char *const *exact_sentences(struct thaw_trend_view *view, const json_t *series)
{
    const json_t *steps = json_object_get(series, "steps");
    const char **texts;
    const char *const *list = list_of(view, most_said + 2, &texts);
    bool bad_is_said = !thaw_trend_view_is_bad(series);
    size_t used = 0, left = 0;

    if (!texts)
        return list;
    for (size_t i = json_array_size(steps), said = 0; i-- > 0;) {
        const json_t *step = json_array_get(steps, i);

        if (thaw_trend_view_number(step, "change") <= 0)
            continue;
        if (said++ >= most_said) {
            left++;
            continue;
        }
        bad_is_said |= is_bad_step(series, step);
        texts[used++] = step_sentence(view, series, step);
    }
    if (!bad_is_said) {
        memmove(texts + 1, texts, used * sizeof(*texts));
        texts[0] = bad_sentence(view, series);
        used++;
    }
    if (left)
        texts[used++] =
            thaw_summary_format(&view->summary, "%s: %zu earlier steps up (JSON has them)",
                                thaw_trend_view_title(view, series), left);
    return list;
}

/* --- what a test tells --- */

/* "31.3 % slower (95 %: 25.2 % to 35.2 %)" */
static const char *ratio_words(struct thaw_trend_view *view, const json_t *series,
                               const json_t *change)
{
    static const char *const words[2][2] = {{"fewer", "more"}, {"faster", "slower"}};
    const json_t *ratio = json_object_get(change, "ratio");
    const char *unit = thaw_summary_text(&view->summary, series, "unit");
    bool up = !strcmp(thaw_summary_text(&view->summary, change, "direction"), "up");
    const char *word = words[!strcmp(unit, "ns")][up];

    if (!strcmp(unit, "bytes") && !up)
        word = "less";
    if (!json_is_object(ratio))
        return word;
    return thaw_summary_format(
        &view->summary, "%s %s (95 %%: %s to %s)",
        thaw_trend_view_percent(view, fabs(thaw_trend_view_number(ratio, "middle") - 1), ""), word,
        thaw_trend_view_percent(view, fabs(thaw_trend_view_number(ratio, up ? "low" : "high") - 1),
                                ""),
        thaw_trend_view_percent(view, fabs(thaw_trend_view_number(ratio, up ? "high" : "low") - 1),
                                ""));
}

static const char *change_sentence(struct thaw_trend_view *view, const json_t *series,
                                   const json_t *change)
{
    struct thaw_summary *summary = &view->summary;
    double probability = thaw_trend_view_number(change, "probability");

    return thaw_summary_format(
        summary, "%s: %s since about %s: %s in %s gates before, %s in %s since (%s)%s",
        thaw_trend_view_title(view, series), ratio_words(view, series, change),
        thaw_trend_view_where(view, thaw_trend_view_entry(view, change)),
        thaw_trend_view_value(view, series, thaw_trend_view_number(change, "before")),
        thaw_summary_count(summary, thaw_summary_number(change, "values_before")),
        thaw_trend_view_value(view, series, thaw_trend_view_number(change, "value")),
        thaw_summary_count(summary, thaw_summary_number(change, "values_since")),
        probability < 0.0001
            ? "p below 0.0001"
            : thaw_summary_format(summary, "p = 0.%04d", (int)lround(probability * 10000)),
        with_keys(view, change));
}

static const char *const *tested_sentences(struct thaw_trend_view *view, const json_t *series)
{
    const json_t *changes = json_object_get(series, "changes");
    size_t count = json_array_size(changes), used = 0;
    const char **texts;
    const char *const *list = list_of(view, most_said, &texts);

    for (size_t i = count; texts && i-- > 0 && used < most_said;)
        texts[used++] = change_sentence(view, series, json_array_get(changes, i));
    return list;
}

const char *const *thaw_trend_view_sentences(struct thaw_trend_view *view, const json_t *series)
{
    return thaw_trend_view_is_exact(series) ? exact_sentences(view, series)
                                            : tested_sentences(view, series);
}

/* --- what there is nothing to say of --- */

static bool is_quiet(const json_t *series, const char *direction)
{
    const char *word = json_string_value(json_object_get(series, "direction"));

    return !thaw_trend_view_is_exact(series) && word && !strcmp(word, direction) &&
           !json_array_size(json_object_get(series, "changes"));
}

static const char *titles_of(struct thaw_trend_view *view, const char *direction)
{
    enum { most_named = 12 };
    const json_t *series;
    const char *text = "";
    size_t i, count = 0;

    json_array_foreach(json_object_get(view->summary.report, "series"), i, series)
    {
        if (!is_quiet(series, direction))
            continue;
        if (++count <= most_named)
            text = thaw_summary_format(&view->summary, "%s%s%s", text, *text ? ", " : "",
                                       thaw_trend_view_title(view, series));
    }
    return count <= most_named
               ? text
               : thaw_summary_format(&view->summary, "%s and %zu more", text, count - most_named);
}

const char *const *thaw_trend_view_rest(struct thaw_trend_view *view)
{
    const char *level = titles_of(view, "level"), *unknown = titles_of(view, "unknown");
    const char **texts;
    const char *const *list = list_of(view, 2, &texts);
    size_t used = 0;

    if (texts && *level)
        texts[used++] = thaw_summary_format(&view->summary, "no change told from noise: %s", level);
    if (texts && *unknown)
        texts[used++] =
            thaw_summary_format(&view->summary,
                                "too few gates to tell a change from noise (%d are needed): %s",
                                THAW_CHANGE_LEAST_VALUES, unknown);
    return list;
}
