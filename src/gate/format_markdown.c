/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/formats.h"
#include "gate/view.h"
#include "report/keys.h"
#include "report/markdown_page.h"
#include "report/summary_parts.h"

/*
 * A verdict in GitHub's Markdown, for the comment of a pull request and the summary of a job. It
 * begins with a comment that is not shown, by which a step of a CI job finds the one it wrote
 * before.
 */

#define MARKER "<!-- thaw:gate -->\n"

enum {
    most_rows = 100,     /* of the table */
    most_told = 20,      /* checks that are told of */
    few_offenders = 3,   /* with each of them */
    most_offenders = 25, /* of a check, in the list of all */
    columns = 200,
};

static void write_side(struct thaw_summary *summary, const char *lead, const char *key)
{
    const char *side = thaw_gate_view_side(summary, key);

    if (*side)
        fprintf(summary->stream, "%s: %s\n", lead, thaw_markdown_line(summary, side));
}

static void write_head(struct thaw_summary *summary)
{
    fprintf(summary->stream, MARKER "## %s\n\n",
            thaw_markdown_line(summary, thaw_gate_view_headline(summary)));
    if (thaw_gate_view_has_base(summary)) {
        write_side(summary, "Before", "base");
        fputc('\n', summary->stream);
    }
    write_side(summary, "Now", "head");
}

static const char *bold(struct thaw_summary *summary, const json_t *check, const char *text)
{
    return strcmp(thaw_key_string(check, "status"), "fail") != 0 || !*text
               ? text
               : thaw_summary_format(summary, "**%s**", text);
}

static void write_row(struct thaw_summary *summary, const json_t *check, bool has_base)
{
    fprintf(summary->stream, "| %s | ",
            thaw_markdown_cell(summary, thaw_gate_view_title(summary, check)));
    if (has_base)
        fprintf(summary->stream, "%s | ", thaw_gate_view_value(summary, check, "before"));
    fprintf(summary->stream, "%s | ", thaw_gate_view_value(summary, check, "value"));
    if (has_base)
        fprintf(summary->stream, "%s | ",
                bold(summary, check, thaw_gate_view_change(summary, check)));
    fprintf(summary->stream, "%s | %s |\n", thaw_gate_view_limit(summary, check),
            bold(summary, check, thaw_gate_view_word(check)));
}

static void write_table(struct thaw_summary *summary)
{
    const json_t *checks = json_object_get(summary->report, "checks"), *check;
    bool has_base = thaw_gate_view_has_base(summary);
    size_t i;

    if (!json_array_size(checks))
        return;
    fputs(has_base ? "| What | Before | Now | Change | Limit | Verdict |\n"
                     "| :-- | --: | --: | --: | --: | :-- |\n"
                   : "| What | Now | Limit | Verdict |\n| :-- | --: | --: | :-- |\n",
          summary->stream);
    json_array_foreach(checks, i, check)
    {
        if (i < most_rows)
            write_row(summary, check, has_base);
    }
    if (i > most_rows)
        fprintf(summary->stream, "\nand %zu more\n", i - most_rows);
}

static void write_offender(struct thaw_summary *summary, const json_t *check,
                           const json_t *offender)
{
    const char *chain = thaw_gate_view_chain(summary, offender);

    fprintf(summary->stream, "- %s\n",
            thaw_markdown_line(summary, thaw_gate_view_offender(summary, check, offender)));
    if (*chain)
        fprintf(summary->stream, "  (%s)\n", thaw_markdown_name(summary, chain));
}

static void write_sentence(struct thaw_summary *summary, const char *text)
{
    if (*text)
        fprintf(summary->stream, "%s\n", thaw_markdown_line(summary, text));
}

/* Of one check, or of several that could not be measured for one reason. Some offenders: the others
 * stand below all. */
static void write_checks(struct thaw_summary *summary, const json_t *const *told, size_t number,
                         size_t count)
{
    const json_t *check = told[number];
    const char *reason = thaw_gate_view_reason(summary, check);
    const json_t *offender;
    size_t i;

    fprintf(summary->stream, "**%s:** %s\n\n", thaw_gate_view_word(check),
            thaw_markdown_line(summary, thaw_gate_view_titles(summary, told + number, count)));
    if (*reason)
        write_sentence(summary, thaw_summary_format(summary, "%s.", reason));
    write_sentence(summary, thaw_gate_view_test(summary, check));
    json_array_foreach(json_object_get(check, "offenders"), i, offender)
    {
        if (i == few_offenders)
            break;
        fputs(i ? "" : "\n", summary->stream);
        write_offender(summary, check, offender);
    }
    if (thaw_gate_view_rest(check, few_offenders))
        fprintf(summary->stream, "- and %zu more\n", thaw_gate_view_rest(check, few_offenders));
    fputc('\n', summary->stream);
    write_sentence(summary, thaw_gate_view_exception(summary, check));
    write_sentence(summary, thaw_gate_view_next_advice(summary, told, number));
}

static void write_told(struct thaw_summary *summary)
{
    const json_t *const *told = thaw_gate_view_told(summary);
    size_t shown = 0, i, count;

    for (i = 0; told[i]; i += count) {
        count = thaw_gate_view_alike(summary, &told[i]);
        if (shown == most_told)
            break;
        fputs(shown++ ? "\n" : "", summary->stream);
        write_checks(summary, told, i, count);
    }
    for (count = i; told[count];)
        count++;
    if (count > i)
        fprintf(summary->stream, "\nand %zu more\n", count - i);
}

/* Those of which there are more than were shown. */
static void write_all_offenders(struct thaw_summary *summary)
{
    const json_t *const *told = thaw_gate_view_told(summary), *offender;
    size_t j;

    for (size_t i = 0; told[i]; i++) {
        const json_t *check = told[i];

        if (json_array_size(json_object_get(check, "offenders")) <= few_offenders)
            continue;
        fprintf(summary->stream, "\n%s\n\n",
                thaw_markdown_line(summary, thaw_gate_view_title(summary, check)));
        json_array_foreach(json_object_get(check, "offenders"), j, offender)
        {
            if (j < most_offenders)
                write_offender(summary, check, offender);
        }
        if (thaw_gate_view_rest(check, most_offenders))
            fprintf(summary->stream, "- and %zu more\n",
                    thaw_gate_view_rest(check, most_offenders));
    }
}

static void write_notes(struct thaw_summary *summary)
{
    const char *const *notes = thaw_gate_view_notes(summary);

    for (size_t i = 0; notes[i]; i++)
        fprintf(summary->stream, "- %s\n", thaw_markdown_line(summary, notes[i]));
}

static void write_foot(struct thaw_summary *summary)
{
    const json_t *tool = json_object_get(summary->report, "tool");

    fprintf(summary->stream, "<sub>thaw %s</sub>\n",
            thaw_markdown_line(summary, thaw_summary_text(summary, tool, "version")));
}

int thaw_gate_write_markdown(const json_t *gate, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error)
{
    struct thaw_markdown_page page = {0};
    struct thaw_summary summary;

    (void)options;
    thaw_summary_begin_texts(&summary, gate, stream);
    summary.width = columns;
    thaw_markdown_section(&page, &summary, "Verdict", write_head);
    thaw_markdown_section(&page, &summary, "All budgets", write_table);
    thaw_markdown_section(&page, &summary, "What is broken", write_told);
    thaw_markdown_details(&page, &summary, "Who brought it", write_all_offenders);
    thaw_markdown_section(&page, &summary, "To know", write_notes);
    thaw_markdown_section(&page, &summary, "By", write_foot);
    thaw_markdown_page_end(&page, &summary);
    return thaw_summary_end(&summary, error);
}
