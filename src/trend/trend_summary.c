/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trend/trend.h"
#include "trend/view.h"

enum { sparkline_least = 12, sparkline_most = 40, figure_columns = 46, title_columns = 40 };

static void write_row(struct thaw_trend_view *view, struct libscols_table *table,
                      const json_t *series, size_t columns)
{
    struct thaw_summary *summary = &view->summary;
    const char *cells[] = {
        thaw_summary_format(summary, "  %s",
                            thaw_summary_fit(summary, thaw_trend_view_title(view, series),
                                             title_columns)),
        thaw_trend_view_value(view, series, thaw_trend_view_number(series, "latest")),
        thaw_trend_view_change(view, series),
        thaw_trend_view_value(view, series, thaw_trend_view_number(series, "least")),
        thaw_trend_view_value(view, series, thaw_trend_view_number(series, "most")),
        thaw_trend_view_sparkline(view, series, columns),
    };

    thaw_summary_row(summary, table,
                     thaw_trend_view_is_bad(series) ? THAW_STYLE_BAD : THAW_STYLE_PLAIN,
                     THAW_STYLE_BAR, cells, sizeof(cells) / sizeof(cells[0]));
}

static struct libscols_table *begin_table(struct thaw_summary *summary)
{
    static const char *const names[] = {"  metric", "latest", "change", "least", "most", "trend"};
    struct libscols_table *table = thaw_summary_table(summary, true);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        thaw_summary_column(summary, table, names[i], i > 0 && i < 5);
    return table;
}

/* What titles and figures leave. */
static size_t sparkline_columns(struct thaw_trend_view *view)
{
    size_t most = 0, i;
    const json_t *series;

    json_array_foreach(thaw_summary_list(view->summary.report, "series"), i, series)
    {
        size_t columns = thaw_summary_columns(thaw_trend_view_title(view, series));

        most = columns > most ? columns : most;
    }
    most = figure_columns + (most < title_columns ? most : title_columns);
    if (view->summary.width < most + sparkline_least)
        return sparkline_least;
    most = view->summary.width - most;
    return most < sparkline_most ? most : sparkline_most;
}

/* A table for each thing that was measured, and what it was measured on. */
static void write_tables(struct thaw_trend_view *view)
{
    struct thaw_summary *summary = &view->summary;
    size_t columns = sparkline_columns(view);
    struct libscols_table *table = NULL;
    const char *group = "";
    const json_t *series;
    size_t i;

    json_array_foreach(thaw_summary_list(summary->report, "series"), i, series)
    {
        const char *own = thaw_trend_view_group(view, series);

        if (!table || strcmp(own, group) != 0) {
            if (table)
                thaw_summary_print(summary, table);
            thaw_summary_title(summary, thaw_summary_fit(summary, own, summary->width));
            table = begin_table(summary);
            group = own;
        }
        write_row(view, table, series, columns);
    }
    if (table)
        thaw_summary_print(summary, table);
}

static void write_list(struct thaw_summary *summary, const char *const *texts,
                       enum thaw_style style)
{
    for (; *texts; texts++)
        thaw_summary_bullet(summary, style, *texts);
}

static void write_sentences(struct thaw_trend_view *view)
{
    struct thaw_summary *summary = &view->summary;
    const char *const *rest = thaw_trend_view_rest(view);
    bool titled = false;
    const json_t *series;
    size_t i;

    json_array_foreach(thaw_summary_list(summary->report, "series"), i, series)
    {
        const char *const *texts = thaw_trend_view_sentences(view, series);

        if (*texts && !titled)
            thaw_summary_title(summary, "What changed, and with which commit");
        titled |= *texts != NULL;
        write_list(summary, texts,
                   thaw_trend_view_is_bad(series) ? THAW_STYLE_BAD : THAW_STYLE_PLAIN);
    }
    if (*rest && !titled)
        fputc('\n', summary->stream);
    write_list(summary, rest, THAW_STYLE_FAINT);
}

int thaw_write_trend_summary(const json_t *trend, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error)
{
    struct thaw_trend_view view;

    thaw_trend_view_begin(&view, trend, false, options, stream);
    thaw_summary_paragraph(&view.summary, THAW_STYLE_STRONG, "",
                           thaw_summary_format(&view.summary, "%s: %s",
                                               thaw_summary_text(&view.summary, trend, "file"),
                                               thaw_trend_view_head(&view)));
    write_list(&view.summary, thaw_trend_view_notes(&view), THAW_STYLE_PLAIN);
    write_tables(&view);
    write_sentences(&view);
    return thaw_trend_view_end(&view, error);
}
