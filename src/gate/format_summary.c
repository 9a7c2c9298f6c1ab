/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/formats.h"
#include "gate/view.h"
#include "report/summary.h"

/* A verdict for a terminal: in a line, as a table, then what is not as it should be, and why. */

enum {
    usual_offenders = 3,
    most_cells = 5,
    heading_columns = 7, /* "verdict" */
    least_title = 20,
};

static const char *const sides[][2] = {{"base", "before  "}, {"head", "now     "}};

static void write_head(struct thaw_summary *summary)
{
    const json_t *verdict = json_object_get(summary->report, "exit_code");

    thaw_summary_paragraph(summary, json_integer_value(verdict) ? THAW_STYLE_BAD : THAW_STYLE_GOOD,
                           "", thaw_gate_view_headline(summary));
    for (size_t i = 0; i < 2; i++) {
        const char *side = thaw_gate_view_side(summary, sides[i][0]);

        if (*side)
            thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, sides[i][1], side);
    }
}

/* Columns of the table; "before" only where there is a base. */
static size_t cells_of(struct thaw_summary *summary, const json_t *check, const char **cells)
{
    size_t count = 0;

    cells[count++] = thaw_gate_view_title(summary, check);
    if (thaw_gate_view_has_base(summary))
        cells[count++] = thaw_gate_view_value(summary, check, "before");
    cells[count++] = thaw_gate_view_value(summary, check, "value");
    cells[count++] = thaw_gate_view_limit(summary, check);
    cells[count++] = thaw_gate_view_word(check);
    return count;
}

/* Columns that are left for titles. */
static size_t title_columns(struct thaw_summary *summary, const json_t *checks)
{
    size_t widest[most_cells] = {0}, others = 0, i;
    const char *cells[most_cells];
    const json_t *check;

    json_array_foreach(checks, i, check)
    {
        size_t count = cells_of(summary, check, cells);

        for (size_t k = 1; k < count; k++) {
            size_t columns = thaw_summary_columns(cells[k]);

            widest[k] = columns > widest[k] ? columns : widest[k];
        }
    }
    for (i = 1; i < most_cells; i++)
        others += 2 + (widest[i] > heading_columns ? widest[i] : heading_columns);
    return summary->width > others + least_title ? summary->width - others : least_title;
}

static void write_table(struct thaw_summary *summary)
{
    const json_t *checks = json_object_get(summary->report, "checks"), *check;
    size_t titles = title_columns(summary, checks), i;
    struct libscols_table *table;

    if (!json_array_size(checks))
        return;
    fputc('\n', summary->stream);
    table = thaw_summary_table(summary, true);
    thaw_summary_column(summary, table, "what", false);
    if (thaw_gate_view_has_base(summary))
        thaw_summary_column(summary, table, "before", true);
    thaw_summary_column(summary, table, "now", true);
    thaw_summary_column(summary, table, "limit", true);
    thaw_summary_column(summary, table, "verdict", false);
    json_array_foreach(checks, i, check)
    {
        const char *cells[most_cells];
        size_t count = cells_of(summary, check, cells);

        cells[0] = thaw_summary_fit(summary, cells[0], titles);
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, thaw_gate_view_style(check), cells,
                         count);
    }
    thaw_summary_print(summary, table);
}

static void write_sentence(struct thaw_summary *summary, enum thaw_style style, const char *text)
{
    if (*text)
        thaw_summary_paragraph(summary, style, "  ", text);
}

static void write_offenders(struct thaw_summary *summary, const json_t *check)
{
    size_t shown = summary->view.top ? summary->view.top : usual_offenders, i;
    const json_t *offender;

    json_array_foreach(json_object_get(check, "offenders"), i, offender)
    {
        const char *chain = thaw_gate_view_chain(summary, offender);

        if (i == shown)
            break;
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "  - ",
                               thaw_gate_view_offender(summary, check, offender));
        if (*chain)
            thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "    ", chain);
    }
    if (thaw_gate_view_rest(check, shown))
        write_sentence(summary, THAW_STYLE_FAINT,
                       thaw_summary_format(summary, "and %zu more",
                                           thaw_gate_view_rest(check, shown)));
}

/* Of one check, or of several that could not be measured for one reason. */
static void write_checks(struct thaw_summary *summary, const json_t *const *told, size_t number,
                         size_t count)
{
    const json_t *check = told[number];
    const char *reason = thaw_gate_view_reason(summary, check);

    fputc('\n', summary->stream);
    thaw_summary_paragraph(summary, thaw_gate_view_style(check), "",
                           thaw_summary_format(summary, "%s: %s", thaw_gate_view_word(check),
                                               thaw_gate_view_titles(summary, told + number,
                                                                     count)));
    if (*reason)
        write_sentence(summary, THAW_STYLE_PLAIN, thaw_summary_format(summary, "%s.", reason));
    write_sentence(summary, THAW_STYLE_PLAIN, thaw_gate_view_test(summary, check));
    write_offenders(summary, check);
    write_sentence(summary, THAW_STYLE_PLAIN, thaw_gate_view_exception(summary, check));
    write_sentence(summary, THAW_STYLE_PLAIN, thaw_gate_view_next_advice(summary, told, number));
}

static void write_notes(struct thaw_summary *summary)
{
    const char *const *notes = thaw_gate_view_notes(summary);

    if (notes[0])
        thaw_summary_title(summary, "To know");
    for (size_t i = 0; notes[i]; i++)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN, notes[i]);
}

int thaw_gate_write_summary(const json_t *gate, const struct thaw_report_options *options,
                            FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    const json_t *const *told;

    thaw_summary_begin(&summary, gate, options, stream);
    write_head(&summary);
    write_table(&summary);
    told = thaw_gate_view_told(&summary);
    for (size_t i = 0, count; told[i]; i += count) {
        count = thaw_gate_view_alike(&summary, &told[i]);
        write_checks(&summary, told, i, count);
    }
    write_notes(&summary);
    return thaw_summary_end(&summary, error);
}
