/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "report/markdown_page.h"
#include "trend/trend.h"
#include "trend/view.h"

/* In GitHub's Markdown. It begins with a comment that is not shown, by which a step of a CI job
 * finds the comment that it wrote before. */
#define MARKER "<!-- thaw:history -->\n"

enum { sparkline_columns = 30, most_rows = 200, most_sentences = 50 };

/* The sections of a page are handed the summary alone, which is the view's first member. */
_Static_assert(offsetof(struct thaw_trend_view, summary) == 0, "a summary is a view");

static struct thaw_trend_view *view_of(struct thaw_summary *summary)
{
    return (struct thaw_trend_view *)summary;
}

static void write_head(struct thaw_summary *summary)
{
    const char *const *notes = thaw_trend_view_notes(view_of(summary));

    fprintf(summary->stream, MARKER "## Cold starts over time\n\n%s\n",
            thaw_markdown_line(summary, thaw_trend_view_head(view_of(summary))));
    for (size_t i = 0; notes[i]; i++)
        fprintf(summary->stream, "%s- %s\n", i ? "" : "\n", thaw_markdown_line(summary, notes[i]));
}

static void write_sentences(struct thaw_summary *summary)
{
    const char *const *rest = thaw_trend_view_rest(view_of(summary));
    const json_t *series;
    size_t i, written = 0;

    json_array_foreach(thaw_summary_list(summary->report, "series"), i, series)
    {
        const char *const *texts = thaw_trend_view_sentences(view_of(summary), series);

        for (; *texts; texts++) {
            if (written++ < most_sentences)
                fprintf(summary->stream, "- %s\n", thaw_markdown_line(summary, *texts));
        }
    }
    if (written > most_sentences)
        fprintf(summary->stream, "- and %zu more\n", written - most_sentences);
    for (; *rest; rest++)
        fprintf(summary->stream, "- %s\n", thaw_markdown_line(summary, *rest));
}

static void write_table(struct thaw_summary *summary)
{
    struct thaw_trend_view *view = view_of(summary);
    const char *group = NULL;
    const json_t *series;
    size_t i;

    json_array_foreach(thaw_summary_list(summary->report, "series"), i, series)
    {
        const char *own = thaw_trend_view_group(view, series);

        if (i == most_rows) {
            fprintf(summary->stream, "\nand %zu more\n",
                    json_array_size(json_object_get(summary->report, "series")) - i);
            return;
        }
        if (!group || strcmp(own, group) != 0)
            fprintf(summary->stream,
                    "%s%s\n\n| Metric | Latest | Change | Least | Most | Trend |\n"
                    "| :-- | --: | --: | --: | --: | :-- |\n",
                    group ? "\n" : "", thaw_markdown_line(summary, own));
        group = own;
        fprintf(summary->stream, "| %s | %s | %s | %s | %s | %s |\n",
                thaw_markdown_cell(summary, thaw_trend_view_title(view, series)),
                thaw_trend_view_value(view, series, thaw_trend_view_number(series, "latest")),
                thaw_trend_view_change(view, series),
                thaw_trend_view_value(view, series, thaw_trend_view_number(series, "least")),
                thaw_trend_view_value(view, series, thaw_trend_view_number(series, "most")),
                thaw_trend_view_sparkline(view, series, sparkline_columns));
    }
}

int thaw_write_trend_markdown(const json_t *trend, const struct thaw_report_options *options,
                              FILE *stream, struct thaw_error *error)
{
    struct thaw_trend_view view;
    struct thaw_markdown_page page = {0};

    (void)options;
    thaw_trend_view_begin(&view, trend, true, NULL, stream);
    thaw_markdown_section(&page, &view.summary, "Head", write_head);
    thaw_markdown_section(&page, &view.summary, "What changed", write_sentences);
    thaw_markdown_section(&page, &view.summary, "All values", write_table);
    thaw_markdown_page_end(&page, &view.summary);
    return thaw_trend_view_end(&view, error);
}
