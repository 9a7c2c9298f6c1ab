/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trend/chart.h"
#include "trend/page_head.h"
#include "trend/trend.h"

/* Of the style below: tests/live/test_history.py checks it. Every text is escaped. */
#define STYLE_DIGEST "sha256-iFdEqN59ygTqFCSC7yFF85jcaavLm5qGiDkam1uSXJA="

static const char style[] =
    ":root{color-scheme:light dark;--page:#fff;--card:#f4f6f8;--ink:#14181e;--faint:#565f6b;"
    "--line:#d5dae0;--mark:#0b57c2;--bad:#a11f16;font:1rem/1.5 system-ui,sans-serif}"
    "@media screen and (prefers-color-scheme:dark){:root{--page:#14181e;--card:#1d232b;"
    "--ink:#e8ebef;--faint:#a3adb9;--line:#39424d;--mark:#7fb2ff;--bad:#ff9a8f}}"
    "body{margin:0 auto;padding:1rem;max-width:60rem;background:var(--page);color:var(--ink)}"
    "h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.1rem;margin:2rem 0 .5rem;"
    "overflow-wrap:anywhere}h3{font-size:1rem;margin:0;overflow-wrap:anywhere}"
    "p,li{overflow-wrap:anywhere}p.faint,li.faint{color:var(--faint)}.bad{color:var(--bad)}"
    "section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;"
    "padding:.75rem 1rem;margin:.75rem 0}"
    "dl{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:.25rem 0;color:var(--faint)}"
    "dl div{display:flex;gap:.4rem}dd{margin:0;color:var(--ink);font-variant-numeric:tabular-nums}"
    "svg{display:block;width:100%;height:auto;margin:.5rem 0}"
    "svg text{font-size:12px;fill:var(--faint)}svg .date{text-anchor:end}"
    ".line{fill:none;stroke:var(--mark);stroke-width:2;stroke-linejoin:round}"
    ".point{fill:var(--mark)}.failed{fill:var(--page);stroke:var(--bad);stroke-width:2}"
    ".axis{stroke:var(--line)}line.bad{stroke:var(--bad);stroke-dasharray:4 4}"
    "summary{cursor:pointer;color:var(--faint)}.scroll{overflow-x:auto}"
    "table{border-collapse:collapse;font-size:.875rem}th,td{padding:.15rem .75rem .15rem 0;"
    "text-align:start;font-weight:400;border-bottom:1px solid var(--line)}"
    "thead th{font-weight:600}caption{text-align:start;color:var(--faint)}"
    "td.number,th.number{text-align:end;font-variant-numeric:tabular-nums}";

static void write_head(struct thaw_trend_view *view)
{
    const char *const *notes = thaw_trend_view_notes(view);
    FILE *stream = view->summary.stream;

    thaw_page_head_write(stream, &(struct thaw_page_head){.title = "cold starts over time",
                                                          .heading = "Cold starts over time",
                                                          .style = style,
                                                          .digest = STYLE_DIGEST});
    fprintf(stream, "<p>%s</p>\n", thaw_trend_html_text(view, thaw_trend_view_head(view)));
    for (; *notes; notes++)
        fprintf(stream, "<p class=\"faint\">%s</p>\n", thaw_trend_html_text(view, *notes));
    fputs("<p class=\"faint\">In the charts a hollow point is a gate that failed, and a dashed "
          "line is "
          "where it became worse.</p>\n",
          stream);
}

static void write_item(struct thaw_trend_view *view, const char *class, const char *text)
{
    fprintf(view->summary.stream, "<li class=\"%s\">%s</li>\n", class,
            thaw_trend_html_text(view, text));
}

static void write_sentences(struct thaw_trend_view *view)
{
    const char *const *rest = thaw_trend_view_rest(view);
    const json_t *series;
    size_t i;

    fputs("<h2>What changed, and with which commit</h2>\n<ul>\n", view->summary.stream);
    json_array_foreach(thaw_summary_list(view->summary.report, "series"), i, series)
    {
        const char *const *texts = thaw_trend_view_sentences(view, series);

        for (; *texts; texts++)
            write_item(view, thaw_trend_view_is_bad(series) ? "bad" : "changed", *texts);
    }
    for (; *rest; rest++)
        write_item(view, "faint", *rest);
    fputs("</ul>\n", view->summary.stream);
}

static void write_figure(struct thaw_trend_view *view, const char *name, const char *value)
{
    if (*value)
        fprintf(view->summary.stream, "<div><dt>%s</dt><dd>%s</dd></div>\n", name,
                thaw_trend_html_text(view, value));
}

static void write_values(struct thaw_trend_view *view, const json_t *series)
{
    const json_t *points = json_object_get(series, "points");
    size_t count = json_array_size(points);
    size_t first = count > THAW_CHART_POINTS_MAX ? count - THAW_CHART_POINTS_MAX : 0;
    FILE *stream = view->summary.stream;

    fprintf(stream, "<details><summary>%s%zu values</summary>\n<div class=\"scroll\"><table>\n",
            first ? "the latest " : "", count - first);
    fprintf(stream, "<caption>%s, the latest first</caption>\n",
            thaw_trend_html_text(view, thaw_trend_view_title(view, series)));
    fputs("<thead><tr><th scope=\"col\">Gate</th><th scope=\"col\" class=\"number\">Value</th>"
          "<th scope=\"col\" class=\"number\">Least</th><th scope=\"col\" class=\"number\">Most"
          "</th><th scope=\"col\" class=\"number\">Runs</th><th scope=\"col\">Verdict</th></tr>"
          "</thead>\n<tbody>\n",
          stream);
    for (size_t i = count; i-- > first;) {
        static const char *const keys[] = {"value", "least", "most"};
        const json_t *point = json_array_get(points, i),
                     *entry = thaw_trend_view_entry(view, point);

        fprintf(stream, "<tr><th scope=\"row\">%s</th>",
                thaw_trend_html_text(view, thaw_trend_view_where(view, entry)));
        for (size_t j = 0; j < sizeof(keys) / sizeof(keys[0]); j++)
            fprintf(stream, "<td class=\"number\">%s</td>",
                    thaw_trend_html_text(
                        view, thaw_trend_view_value(view, series,
                                                    thaw_trend_view_number(point, keys[j]))));
        fprintf(stream, "<td class=\"number\">%s</td><td>%s</td></tr>\n",
                thaw_summary_count(&view->summary, thaw_summary_number(point, "runs")),
                thaw_trend_html_text(view, thaw_summary_text(&view->summary, entry, "verdict")));
    }
    fputs("</tbody></table></div></details>\n", stream);
}

static void write_series(struct thaw_trend_view *view, const json_t *series)
{
    FILE *stream = view->summary.stream;
    static const char *const keys[] = {"latest", "least", "most"};

    fprintf(stream, "<section><h3%s>%s</h3>\n<dl>\n",
            thaw_trend_view_is_bad(series) ? " class=\"bad\"" : "",
            thaw_trend_html_text(view, thaw_trend_view_title(view, series)));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        write_figure(view, keys[i],
                     thaw_trend_view_value(view, series, thaw_trend_view_number(series, keys[i])));
        if (i == 0)
            write_figure(view, "change", thaw_trend_view_change(view, series));
    }
    fputs("</dl>\n", stream);
    thaw_trend_chart(view, series);
    write_values(view, series);
    fputs("</section>\n", stream);
}

int thaw_write_trend_html(const json_t *trend, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct thaw_trend_view view;
    const char *group = NULL;
    const json_t *series;
    size_t i;

    (void)options;
    thaw_trend_view_begin(&view, trend, true, NULL, stream);
    write_head(&view);
    write_sentences(&view);
    json_array_foreach(thaw_summary_list(trend, "series"), i, series)
    {
        const char *own = thaw_trend_view_group(&view, series);

        if (!group || strcmp(own, group) != 0)
            fprintf(stream, "<h2>%s</h2>\n", thaw_trend_html_text(&view, own));
        group = own;
        write_series(&view, series);
    }
    fputs("</main>\n</body>\n</html>\n", stream);
    return thaw_trend_view_end(&view, error);
}
