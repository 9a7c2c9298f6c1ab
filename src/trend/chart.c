/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "report/xml_text.h"
#include "trend/chart.h"

/* In the SVG's own units. */
enum { width = 720, height = 170, left = 8, right = 8, top = 24, bottom = 24 };

const char *thaw_trend_html_text(struct thaw_trend_view *view, const char *text)
{
    const char *safe = thaw_xml_text(&view->summary.arena, text);

    view->summary.failed |= !safe;
    return safe ? safe : "";
}

/* What of the values goes where. */
struct scale {
    const json_t *points;
    size_t first, count;
    double least, most;
};

static struct scale scale_of(const json_t *series)
{
    struct scale scale = {.points = json_object_get(series, "points"), .least = INFINITY};
    size_t all = json_array_size(scale.points);

    scale.first = all > THAW_CHART_POINTS_MAX ? all - THAW_CHART_POINTS_MAX : 0;
    scale.count = all - scale.first;
    for (size_t i = scale.first; i < all; i++) {
        double value = thaw_trend_view_number(json_array_get(scale.points, i), "value");

        scale.least = fmin(scale.least, value);
        scale.most = fmax(scale.most, value);
    }
    return scale;
}

/* Tenths of a unit, whole: a locale's decimal comma has no place here. */
static long tenths_across(const struct scale *scale, size_t number)
{
    double share = scale->count > 1 ? (double)number / (double)(scale->count - 1) : 0.5;

    return lround((left + share * (width - left - right)) * 10);
}

static long tenths_down(const struct scale *scale, double value)
{
    double range = scale->most - scale->least;
    double share = range > 0 ? (value - scale->least) / range : 0.5;

    return lround((height - bottom - share * (height - top - bottom)) * 10);
}

static void put(FILE *stream, const char *before, long tenths, const char *behind)
{
    fprintf(stream, "%s%ld.%ld%s", before, tenths / 10, tenths % 10, behind);
}

static const json_t *point_at(const struct scale *scale, size_t number)
{
    return json_array_get(scale->points, scale->first + number);
}

static void draw_line(const struct scale *scale, FILE *stream)
{
    fputs("<polyline class=\"line\" points=\"", stream);
    for (size_t i = 0; i < scale->count; i++) {
        put(stream, i ? " " : "", tenths_across(scale, i), ",");
        put(stream, "", tenths_down(scale, thaw_trend_view_number(point_at(scale, i), "value")),
            "");
    }
    fputs("\"/>\n", stream);
}

static json_int_t bad_entry(const json_t *series)
{
    return json_integer_value(json_object_get(json_object_get(series, "first_bad"), "entry"));
}

/* Where it changed for the worse, between this point and the one before. */
static void draw_bad(struct thaw_trend_view *view, const struct scale *scale, const json_t *series)
{
    FILE *stream = view->summary.stream;

    if (!thaw_trend_view_is_bad(series))
        return;
    for (size_t i = 1; i < scale->count; i++) {
        long across;

        if (json_integer_value(json_object_get(point_at(scale, i), "entry")) != bad_entry(series))
            continue;
        across = (tenths_across(scale, i - 1) + tenths_across(scale, i)) / 2;
        put(stream, "<line class=\"bad\" x1=\"", across, "\" y1=\"16\" ");
        put(stream, "x2=\"", across, "\" y2=\"150\"/>\n");
    }
}

static void draw_points(struct thaw_trend_view *view, const struct scale *scale,
                        const json_t *series)
{
    FILE *stream = view->summary.stream;

    for (size_t i = 0; i < scale->count; i++) {
        const json_t *point = point_at(scale, i), *entry = thaw_trend_view_entry(view, point);
        double value = thaw_trend_view_number(point, "value");
        const char *verdict = json_string_value(json_object_get(entry, "verdict"));
        const char *shown = thaw_summary_text(&view->summary, entry, "verdict");

        fprintf(stream, "<circle class=\"%s\" r=\"4\"",
                verdict && !strcmp(verdict, "fail") ? "point failed" : "point");
        put(stream, " cx=\"", tenths_across(scale, i), "\"");
        put(stream, " cy=\"", tenths_down(scale, value), "\">");
        fprintf(stream, "<title>%s: %s%s%s</title></circle>\n",
                thaw_trend_html_text(view, thaw_trend_view_where(view, entry)),
                thaw_trend_html_text(view, thaw_trend_view_value(view, series, value)),
                *shown ? ", " : "", thaw_trend_html_text(view, shown));
    }
}

static void draw_labels(struct thaw_trend_view *view, const struct scale *scale,
                        const json_t *series)
{
    FILE *stream = view->summary.stream;
    const json_t *ends[] = {thaw_trend_view_entry(view, point_at(scale, 0)),
                            thaw_trend_view_entry(view, point_at(scale, scale->count - 1))};

    fprintf(stream, "<text x=\"%d\" y=\"12\">%s</text>\n", left,
            thaw_trend_html_text(view, thaw_trend_view_value(view, series, scale->most)));
    if (scale->most > scale->least)
        fprintf(stream, "<text x=\"%d\" y=\"%d\">%s</text>\n", left, height - 6,
                thaw_trend_html_text(view, thaw_trend_view_value(view, series, scale->least)));
    fprintf(stream, "<text class=\"date\" x=\"%d\" y=\"%d\">%.10s to %.10s</text>\n", width - right,
            height - 6,
            thaw_trend_html_text(view, thaw_summary_text(&view->summary, ends[0], "time")),
            thaw_trend_html_text(view, thaw_summary_text(&view->summary, ends[1], "time")));
}

void thaw_trend_chart(struct thaw_trend_view *view, const json_t *series)
{
    struct scale scale = scale_of(series);
    FILE *stream = view->summary.stream;

    if (!scale.count)
        return;
    fprintf(stream, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s: %zu values from %s",
            width, height, thaw_trend_html_text(view, thaw_trend_view_title(view, series)),
            scale.count,
            thaw_trend_html_text(view, thaw_trend_view_value(view, series, scale.least)));
    fprintf(stream, " to %s; the table below has them\">\n",
            thaw_trend_html_text(view, thaw_trend_view_value(view, series, scale.most)));
    fprintf(stream, "<line class=\"axis\" x1=\"0\" y1=\"%d.5\" x2=\"%d\" y2=\"%d.5\"/>\n",
            height - bottom + 5, width, height - bottom + 5);
    draw_bad(view, &scale, series);
    draw_line(&scale, stream);
    draw_points(view, &scale, series);
    draw_labels(view, &scale, series);
    fputs("</svg>\n", stream);
}
