/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/trials_parts.h"
#include "gate/trials_words.h"
#include "report/markdown_page.h"

#define MARKER "<!-- thaw:trials -->\n"

static void write_row(struct thaw_summary *summary, const char *const *cells, size_t count)
{
    fputc('|', summary->stream);
    for (size_t i = 0; i < count; i++)
        fprintf(summary->stream, " %s |", thaw_markdown_cell(summary, cells[i]));
    fputc('\n', summary->stream);
}

/* The columns but for the first are numbers. */
static void write_head(struct thaw_summary *summary, const char *const *cells, size_t count)
{
    write_row(summary, cells, count);
    fputs("|:---|", summary->stream);
    for (size_t i = 1; i < count; i++)
        fputs("---:|", summary->stream);
    fputc('\n', summary->stream);
}

static void tell(struct thaw_summary *summary, bool bad, const char *line)
{
    const char *mark = bad ? "**" : "";

    fprintf(summary->stream, "- %s%s%s\n", mark, thaw_markdown_line(summary, line), mark);
}

static void write_command(struct thaw_summary *summary, size_t index, const json_t *command)
{
    const char *cells[THAW_TRIALS_CELLS];
    const json_t *metric;
    size_t i;

    fprintf(summary->stream, "\n### %s\n\n",
            thaw_markdown_line(summary, thaw_trials_head(summary, index)));
    write_head(summary, thaw_trials_headings, THAW_TRIALS_CELLS);
    json_array_foreach(thaw_summary_list(command, "metrics"), i, metric)
    {
        if (thaw_trials_row(summary, metric, cells))
            write_row(summary, cells, THAW_TRIALS_CELLS);
    }
    fputc('\n', summary->stream);
    thaw_trials_notes(summary, index, tell);
}

static void write_comparison(struct thaw_summary *summary)
{
    const json_t *differences = thaw_summary_list(summary->report, "comparison"), *difference;
    const char *cells[THAW_TRIALS_PAIR_CELLS];
    size_t i;

    if (!json_array_size(differences))
        return;
    fputs("\n### the second beside the first\n\n", summary->stream);
    write_head(summary, thaw_trials_pair_headings, THAW_TRIALS_PAIR_CELLS);
    json_array_foreach(differences, i, difference)
    {
        thaw_trials_pair_row(summary, difference, cells);
        write_row(summary, cells, THAW_TRIALS_PAIR_CELLS);
    }
}

int thaw_trials_write_markdown(const json_t *trials, const struct thaw_report_options *options,
                               FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    const json_t *command;
    size_t i;

    thaw_summary_begin(&summary, trials, options, stream);
    fputs(MARKER "## Repeated cold starts\n", stream);
    json_array_foreach(thaw_summary_list(trials, "commands"), i, command)
        write_command(&summary, i, command);
    write_comparison(&summary);
    return thaw_summary_end(&summary, error);
}
