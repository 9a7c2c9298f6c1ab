/* SPDX-License-Identifier: Apache-2.0 */
#include "report/csv_text.h"
#include "report/writers.h"
#include "trend/trend.h"
#include "trend/view.h"

/* A row for each value; numbers as JSON has them, in the metric's unit. */
static const char header[] =
    "time,entry,name,commit,branch,verdict,metric,module,distribution,phase,"
    "class,unit,interpreter,architecture,backend,machine,value,least,most,"
    "runs\r\n";

static void write_texts(struct thaw_trend_view *view, const json_t *object, const char *const *keys)
{
    for (; *keys; keys++) {
        thaw_csv_text(thaw_summary_text(&view->summary, object, *keys), view->summary.stream);
        fputc(',', view->summary.stream);
    }
}

static void write_number(const json_t *object, const char *key, const char *behind, FILE *stream)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_integer(value))
        fprintf(stream, "%" JSON_INTEGER_FORMAT "%s", json_integer_value(value), behind);
    else
        fprintf(stream, "%.3f%s", json_real_value(value), behind);
}

static void write_point(struct thaw_trend_view *view, const json_t *series, const json_t *point)
{
    static const char *const of_entry[] = {"name", "commit", "branch", "verdict", NULL};
    static const char *const of_part[] = {"module", "distribution", "phase", NULL};
    static const char *const of_series[] = {"class", "unit", NULL};
    static const char *const of_key[] = {"interpreter", "architecture", "backend", "machine", NULL};
    FILE *stream = view->summary.stream;
    const json_t *entry = thaw_trend_view_entry(view, point);

    write_texts(view, entry, (const char *const[]){"time", NULL});
    write_number(entry, "id", ",", stream);
    write_texts(view, entry, of_entry);
    write_texts(view, series, (const char *const[]){"metric", NULL});
    write_texts(view, json_object_get(series, "part"), of_part);
    write_texts(view, series, of_series);
    write_texts(view, json_object_get(entry, "key"), of_key);
    write_number(point, "value", ",", stream);
    write_number(point, "least", ",", stream);
    write_number(point, "most", ",", stream);
    write_number(point, "runs", "\r\n", stream);
}

int thaw_write_trend_csv(const json_t *trend, const struct thaw_report_options *options,
                         FILE *stream, struct thaw_error *error)
{
    struct thaw_trend_view view;
    const json_t *series, *point;
    size_t i, j;

    (void)options;
    thaw_trend_view_begin(&view, trend, true, NULL, stream);
    fputs(header, stream);
    json_array_foreach(json_object_get(trend, "series"), i, series)
    {
        json_array_foreach(json_object_get(series, "points"), j, point)
            write_point(&view, series, point);
    }
    return thaw_trend_view_end(&view, error);
}
