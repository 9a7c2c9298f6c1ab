/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "report/values.h"
#include "thaw/version.h"
#include "trend/series.h"
#include "trend/trend.h"

/* --- numbers: whole ones as such, others to three decimals --- */

static json_t *number(double value)
{
    return value == floor(value) ? json_integer((json_int_t)value)
                                 : json_real(round(value * 1000) / 1000);
}

static void set_number(struct thaw_values *values, json_t *object, const char *key, double value)
{
    thaw_values_set(values, object, key, number(value));
}

/* A share or a ratio, to four digits behind the point. */
static void set_share(struct thaw_values *values, json_t *object, const char *key, double value)
{
    thaw_values_set(values, object, key, json_real(round(value * 10000) / 10000));
}

static void set_optional(struct thaw_values *values, json_t *object, const char *key,
                         const char *text)
{
    if (text)
        thaw_values_set_text(values, object, key, text);
    else
        thaw_values_set_null(values, object, key);
}

/* --- entries --- */

static void set_time(struct thaw_values *values, json_t *object, int64_t time_ns)
{
    time_t seconds = (time_t)(time_ns / 1000000000);
    struct tm parts;
    char text[32] = "";

    if (gmtime_r(&seconds, &parts))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    thaw_values_set_signed(values, object, "time_ns", time_ns);
    thaw_values_set_text(values, object, "time", text);
}

static json_t *key_object(struct thaw_values *values, const char *const *parts, size_t count)
{
    json_t *object = thaw_values_object(values);

    for (size_t i = 0; i < count; i++)
        thaw_values_set_name(values, object, thaw_trend_key_names[i], parts[i]);
    return object;
}

static json_t *entry_list(struct thaw_values *values, const struct thaw_trend *trend)
{
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < trend->history->entries.count && !values->failed; i++) {
        const struct thaw_history_entry *entry = &trend->history->entries.items[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_signed(values, object, "id", entry->id);
        set_time(values, object, entry->time_ns);
        thaw_values_set_text(values, object, "name", entry->name);
        thaw_values_set_name(values, object, "commit", entry->commit);
        thaw_values_set_name(values, object, "branch", entry->branch);
        thaw_values_set_name(values, object, "verdict", entry->verdict);
        thaw_values_set(values, object, "key",
                        key_object(values, trend->keys[i], THAW_TREND_KEY_PARTS));
        thaw_values_append(values, list, object);
    }
    return list;
}

/* --- series --- */

struct building {
    struct thaw_values *values;
    const struct thaw_trend *trend;
    const struct thaw_series *series;
};

static int64_t id_of(const struct building *building, size_t point)
{
    size_t number = building->series->points.items[point].entry;

    return building->trend->history->entries.items[number].id;
}

static json_t *point_list(const struct building *building)
{
    struct thaw_values *values = building->values;
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < building->series->points.count && !values->failed; i++) {
        const struct thaw_point *point = &building->series->points.items[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_signed(values, object, "entry", id_of(building, i));
        set_number(values, object, "value", point->value);
        set_number(values, object, "least", point->least);
        set_number(values, object, "most", point->most);
        thaw_values_set_number(values, object, "runs", point->runs);
        thaw_values_append(values, list, object);
    }
    return list;
}

/* Parts of the key that were others at the point before: the change may be theirs. */
static json_t *differing_keys(const struct building *building, size_t point)
{
    const struct thaw_point *points = building->series->points.items;
    json_t *list = thaw_values_array(building->values);

    for (size_t i = 0; i < THAW_TREND_KEY_PARTS; i++) {
        if (strcmp(building->trend->keys[points[point].entry][i],
                   building->trend->keys[points[point - 1].entry][i]) != 0)
            thaw_values_append(building->values, list, json_string(thaw_trend_key_names[i]));
    }
    return list;
}

static json_t *step_list(const struct building *building)
{
    struct thaw_values *values = building->values;
    const struct thaw_point *points = building->series->points.items;
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < building->series->steps.count && !values->failed; i++) {
        size_t at = building->series->steps.items[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_signed(values, object, "entry", id_of(building, at));
        set_number(values, object, "before", points[at - 1].value);
        set_number(values, object, "value", points[at].value);
        set_number(values, object, "change", points[at].value - points[at - 1].value);
        thaw_values_set(values, object, "differing_keys", differing_keys(building, at));
        thaw_values_append(values, list, object);
    }
    return list;
}

static json_t *ratio_object(struct thaw_values *values, const struct thaw_interval *ratio)
{
    json_t *object;

    if (ratio->coverage == 0)
        return json_null();
    object = thaw_values_object(values);
    set_share(values, object, "low", ratio->low);
    set_share(values, object, "middle", ratio->middle);
    set_share(values, object, "high", ratio->high);
    return object;
}

static json_t *change_list(const struct building *building)
{
    struct thaw_values *values = building->values;
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < building->series->changes.count && !values->failed; i++) {
        const struct thaw_change *change = &building->series->changes.items[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_signed(values, object, "entry", id_of(building, change->at));
        thaw_values_set_text(values, object, "direction", change->up ? "up" : "down");
        set_number(values, object, "before", change->before);
        set_number(values, object, "value", change->after);
        thaw_values_set_number(values, object, "values_before", change->at - change->begin);
        thaw_values_set_number(values, object, "values_since", change->end - change->at);
        thaw_values_set(values, object, "ratio", ratio_object(values, &change->ratio));
        thaw_values_set(values, object, "probability", json_real(change->probability));
        thaw_values_set(values, object, "differing_keys", differing_keys(building, change->at));
        thaw_values_append(values, list, object);
    }
    return list;
}

static json_t *first_bad(const struct building *building)
{
    const struct thaw_series *series = building->series;
    const size_t places[] = {series->bad, series->good};
    json_t *objects[2];

    if (series->bad == THAW_TREND_NONE)
        return json_null();
    for (int i = 0; i < 2; i++) {
        objects[i] = thaw_values_object(building->values);
        thaw_values_set_signed(building->values, objects[i], "entry", id_of(building, places[i]));
        set_number(building->values, objects[i], "value", series->points.items[places[i]].value);
    }
    thaw_values_set(building->values, objects[0], "good", objects[1]);
    return objects[0];
}

static const char *up_or_down(double before, double after)
{
    return after > before ? "up" : after < before ? "down" : "level";
}

/* From the first value to the latest; of what is noise: as far as a test tells. */
static const char *direction(const struct thaw_series *series)
{
    size_t points = series->points.count, changes = series->changes.count;

    if (!strcmp(series->class, "exact"))
        return points < 2 ? "unknown"
                          : up_or_down(series->points.items[0].value,
                                       series->points.items[points - 1].value);
    if (changes)
        return up_or_down(series->changes.items[0].before,
                          series->changes.items[changes - 1].after);
    return points < THAW_CHANGE_LEAST_VALUES ? "unknown" : "level";
}

static void set_range(const struct building *building, json_t *object)
{
    const struct thaw_series *series = building->series;
    const struct thaw_point *points = series->points.items;
    size_t last = series->points.count - 1;
    double least = points[0].value, most = points[0].value;

    for (size_t i = 1; i <= last; i++) {
        least = fmin(least, points[i].value);
        most = fmax(most, points[i].value);
    }
    set_number(building->values, object, "latest", points[last].value);
    if (last) {
        set_number(building->values, object, "change", points[last].value - points[last - 1].value);
    } else {
        thaw_values_set_null(building->values, object, "change");
    }
    if (last && points[last - 1].value > 0)
        set_share(building->values, object, "share",
                  points[last].value / points[last - 1].value - 1);
    else
        thaw_values_set_null(building->values, object, "share");
    set_number(building->values, object, "least", least);
    set_number(building->values, object, "most", most);
}

static json_t *series_object(const struct building *building)
{
    const struct thaw_series *series = building->series;
    struct thaw_values *values = building->values;
    json_t *object = thaw_values_object(values), *part = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", series->name);
    thaw_values_set_text(values, object, "metric", series->metric);
    thaw_values_set_name(values, part, "module", series->module);
    thaw_values_set_name(values, part, "distribution", series->distribution);
    thaw_values_set_name(values, part, "phase", series->phase);
    thaw_values_set(values, object, "part", part);
    thaw_values_set_text(values, object, "class", series->class);
    thaw_values_set_text(values, object, "unit", series->unit);
    thaw_values_set(values, object, "key", key_object(values, series->key, THAW_TREND_MACHINE + 1));
    set_range(building, object);
    thaw_values_set_text(values, object, "direction", direction(series));
    thaw_values_set(values, object, "first_bad", first_bad(building));
    thaw_values_set(values, object, "steps", step_list(building));
    thaw_values_set(values, object, "changes", change_list(building));
    thaw_values_set(values, object, "points", point_list(building));
    return object;
}

/* --- all of it --- */

static json_t *asked_object(struct thaw_values *values,
                            const struct thaw_history_question *question)
{
    json_t *object = thaw_values_object(values);

    set_optional(values, object, "name", question->name);
    set_optional(values, object, "branch", question->branch);
    set_optional(values, object, "metric", question->metric);
    set_optional(values, object, "module", question->module);
    set_optional(values, object, "distribution", question->distribution);
    set_optional(values, object, "phase", question->phase);
    thaw_values_set_known(values, object, "last", question->most);
    return object;
}

static json_t *build(struct thaw_values *values, const struct thaw_trend *trend, const char *file,
                     const struct thaw_history_question *question)
{
    json_t *root = thaw_values_object(values), *tool = thaw_values_object(values);
    json_t *list = thaw_values_array(values);

    thaw_values_set_text(values, root, "schema", THAW_HISTORY_SCHEMA);
    thaw_values_set_text(values, tool, "name", "thaw");
    thaw_values_set_text(values, tool, "version", THAW_VERSION);
    thaw_values_set(values, root, "tool", tool);
    thaw_values_set_text(values, root, "file", file);
    thaw_values_set(values, root, "asked", asked_object(values, question));
    thaw_values_set_signed(values, root, "removed", trend->history->removed);
    for (size_t i = 0; i < trend->series.count && !values->failed; i++)
        thaw_values_append(values, list,
                           series_object(
                               &(const struct building){values, trend, &trend->series.items[i]}));
    thaw_values_set(values, root, "series", list);
    thaw_values_set(values, root, "entries", entry_list(values, trend));
    return root;
}

int thaw_trend_build(const struct thaw_history *history, const char *file,
                     const struct thaw_history_question *question, json_t **ret,
                     struct thaw_error *error)
{
    struct thaw_values values = {0};
    struct thaw_trend trend = {0};
    json_t *root = NULL;
    int code = thaw_trend_find(history, &trend);

    if (!code) {
        root = build(&values, &trend, file, question);
        code = values.failed ? -ENOMEM : 0;
    }
    thaw_trend_free(&trend);
    if (code) {
        json_decref(root);
        return thaw_error_memory(error);
    }
    *ret = root;
    return 0;
}
