/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lint/formats.h"
#include "lint/view.h"
#include "report/keys.h"
#include "report/markdown_page.h"
#include "report/summary_parts.h"

/*
 * For the comment of a pull request and the summary of a job. It begins with a comment that is not
 * shown, by which a step of a CI job finds the one it wrote before.
 */

#define MARKER "<!-- thaw:lint -->\n"

enum {
    most_rows = 100, /* of the table */
    most_told = 30,  /* findings that are told of below it */
    columns = 200,
};

static void write_head(struct thaw_summary *summary)
{
    const char *incomplete = thaw_lint_view_incomplete(summary);

    fprintf(summary->stream, MARKER "## %s\n\n",
            thaw_markdown_line(summary, thaw_lint_view_headline(summary)));
    fprintf(summary->stream, "%s\n", thaw_markdown_line(summary, thaw_lint_view_context(summary)));
    if (*incomplete)
        fprintf(summary->stream, "\n**%s**\n", thaw_markdown_line(summary, incomplete));
}

static void write_row(struct thaw_summary *summary, const json_t *finding)
{
    const char *severity = thaw_key_string(finding, "severity");
    bool is_error = !strcmp(severity, "error");

    fprintf(summary->stream, "| %s%s%s | %s | %s | %s |\n", is_error ? "**" : "", severity,
            is_error ? "**" : "",
            thaw_markdown_name(summary, thaw_lint_view_place(summary, finding)),
            thaw_markdown_cell(summary, thaw_summary_text(summary, finding, "title")),
            thaw_markdown_name(summary, thaw_summary_text(summary, finding, "id")));
}

static void write_table(struct thaw_summary *summary)
{
    const json_t *findings = json_object_get(summary->report, "findings"), *finding;
    size_t count = json_array_size(findings), i;

    if (!count)
        return;
    fputs("| Severity | Where | What | Rule |\n| :-- | :-- | :-- | :-- |\n", summary->stream);
    json_array_foreach(findings, i, finding)
    {
        if (i < most_rows)
            write_row(summary, finding);
    }
    if (count > most_rows)
        fprintf(summary->stream, "\nand %zu more\n", count - most_rows);
}

static void write_bullet(struct thaw_summary *summary, const char *lead, const char *text)
{
    if (*text)
        fprintf(summary->stream, "- %s%s\n", lead, thaw_markdown_line(summary, text));
}

static void write_finding(struct thaw_summary *summary, const json_t *finding)
{
    const json_t *source;
    size_t count = json_array_size(json_object_get(finding, "evidence")), i;

    fprintf(summary->stream, "**%s:** %s\n\n", thaw_key_string(finding, "severity"),
            thaw_markdown_line(summary, thaw_summary_text(summary, finding, "title")));
    write_bullet(summary, "at ", thaw_lint_view_place(summary, finding));
    for (i = 0; i < count; i++)
        write_bullet(summary, "", thaw_lint_view_evidence(summary, finding, i));
    write_bullet(summary, "to do: ", thaw_summary_text(summary, finding, "fix"));
    json_array_foreach(json_object_get(finding, "sources"), i, source)
        write_bullet(summary, "source: ", thaw_lint_view_source(summary, source));
}

static void write_told(struct thaw_summary *summary)
{
    const json_t *findings = json_object_get(summary->report, "findings"), *finding;
    size_t count = json_array_size(findings), i;

    json_array_foreach(findings, i, finding)
    {
        if (i == most_told)
            break;
        fputs(i ? "\n" : "", summary->stream);
        write_finding(summary, finding);
    }
    if (count > most_told)
        fprintf(summary->stream, "\nand %zu more\n", count - most_told);
}

static void write_unchecked(struct thaw_summary *summary)
{
    const char *const *lines = thaw_lint_view_unchecked(summary);

    for (size_t i = 0; lines[i]; i++)
        write_bullet(summary, "", lines[i]);
}

static void write_notes(struct thaw_summary *summary)
{
    const char *const *notes = thaw_lint_view_notes(summary);

    for (size_t i = 0; notes[i]; i++)
        write_bullet(summary, "", notes[i]);
}

static void write_foot(struct thaw_summary *summary)
{
    const json_t *tool = json_object_get(summary->report, "tool");

    fprintf(summary->stream, "<sub>thaw %s</sub>\n",
            thaw_markdown_line(summary, thaw_summary_text(summary, tool, "version")));
}

int thaw_lint_write_markdown(const json_t *lint, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error)
{
    struct thaw_markdown_page page = {0};
    struct thaw_summary summary;

    (void)options;
    thaw_summary_begin_texts(&summary, lint, stream);
    summary.width = columns;
    summary.lists_all = true;
    thaw_markdown_section(&page, &summary, "Verdict", write_head);
    thaw_markdown_section(&page, &summary, "All findings", write_table);
    thaw_markdown_details(&page, &summary, "Evidence and what to do", write_told);
    thaw_markdown_details(&page, &summary, "Not checked, for want of", write_unchecked);
    thaw_markdown_section(&page, &summary, "To know", write_notes);
    thaw_markdown_section(&page, &summary, "By", write_foot);
    thaw_markdown_page_end(&page, &summary);
    return thaw_summary_end(&summary, error);
}
