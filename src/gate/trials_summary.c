/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/trials_parts.h"
#include "gate/trials_words.h"

static void tell(struct thaw_summary *summary, bool bad, const char *line)
{
    thaw_summary_bullet(summary, bad ? THAW_STYLE_BAD : THAW_STYLE_PLAIN, line);
}

static void write_command(struct thaw_summary *summary, size_t index, const json_t *command)
{
    struct libscols_table *table = thaw_summary_table(summary, true);
    const char *cells[THAW_TRIALS_CELLS];
    const json_t *metric;
    size_t i;

    thaw_summary_title(summary, thaw_trials_head(summary, index));
    for (i = 0; i < THAW_TRIALS_CELLS; i++)
        thaw_summary_column(summary, table, thaw_trials_headings[i], i > 0 && i < 4);
    json_array_foreach(thaw_summary_list(command, "metrics"), i, metric)
    {
        if (thaw_trials_row(summary, metric, cells))
            thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_BAD, cells,
                             THAW_TRIALS_CELLS);
    }
    thaw_summary_print(summary, table);
    thaw_trials_notes(summary, index, tell);
}

static void write_comparison(struct thaw_summary *summary)
{
    const json_t *differences = thaw_summary_list(summary->report, "comparison"), *difference;
    const char *cells[THAW_TRIALS_PAIR_CELLS];
    struct libscols_table *table;
    size_t i;

    if (!json_array_size(differences))
        return;
    thaw_summary_title(summary, "the second beside the first");
    table = thaw_summary_table(summary, true);
    for (i = 0; i < THAW_TRIALS_PAIR_CELLS; i++)
        thaw_summary_column(summary, table, thaw_trials_pair_headings[i], i == 1);
    json_array_foreach(differences, i, difference)
    {
        thaw_trials_pair_row(summary, difference, cells);
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_STRONG, cells,
                         THAW_TRIALS_PAIR_CELLS);
    }
    thaw_summary_print(summary, table);
}

int thaw_trials_write_summary(const json_t *trials, const struct thaw_report_options *options,
                              FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    const json_t *command;
    size_t i;

    thaw_summary_begin(&summary, trials, options, stream);
    json_array_foreach(thaw_summary_list(trials, "commands"), i, command)
        write_command(&summary, i, command);
    write_comparison(&summary);
    return thaw_summary_end(&summary, error);
}
