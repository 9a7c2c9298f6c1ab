/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lint/formats.h"
#include "lint/lint.h"
#include "lint/view.h"
#include "report/keys.h"
#include "report/summary.h"

/*
 * For a terminal: the verdict in a line and what it was inferred from, findings by severity, then
 * area, then what could not be checked. A finding's first line is of the form that editors know
 * from compilers, and is not broken: "host.json:12:5: error: TITLE [ID]".
 */

static const char *const severities[][2] = {{"error", "Errors"},
                                            {"warning", "Warnings"},
                                            {"note", "Notes"}};

static void write_head(struct thaw_summary *summary)
{
    const char *incomplete = thaw_lint_view_incomplete(summary);

    thaw_summary_paragraph(summary, thaw_lint_view_headline_style(summary), "",
                           thaw_lint_view_headline(summary));
    thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "", thaw_lint_view_context(summary));
    if (*incomplete)
        thaw_summary_paragraph(summary, THAW_STYLE_BAD, "", incomplete);
}

static void write_first_line(struct thaw_summary *summary, const json_t *finding)
{
    const char *place = thaw_lint_view_place(summary, finding);
    const char *begin = thaw_summary_style(summary, thaw_lint_view_style(finding));
    const char *end = *begin ? "\033[0m" : "";

    fprintf(summary->stream, "%s%s%s%s: %s%s [%s]\n", place, *place ? ": " : "", begin,
            thaw_key_string(finding, "severity"), thaw_summary_text(summary, finding, "title"), end,
            thaw_summary_text(summary, finding, "id"));
}

/* An address that is broken can't be clicked on. */
static void write_source(struct thaw_summary *summary, const json_t *source)
{
    const char *url = thaw_summary_text(summary, source, "url"),
               *doubt = thaw_summary_text(summary, source, "doubt");
    const char *begin = thaw_summary_style(summary, THAW_STYLE_FAINT);

    if (!*url)
        return;
    fprintf(summary->stream, "    %ssource of %s: %s%s\n", begin,
            thaw_summary_text(summary, source, "dated"), url, *begin ? "\033[0m" : "");
    if (*doubt)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "    ",
                               thaw_summary_format(summary, "(%s)", doubt));
}

static void write_finding(struct thaw_summary *summary, const json_t *finding)
{
    const json_t *evidence = json_object_get(finding, "evidence"), *source;
    const char *fix = thaw_summary_text(summary, finding, "fix");
    const char *confidence = thaw_key_string(finding, "confidence");
    size_t i;

    write_first_line(summary, finding);
    for (i = 0; i < json_array_size(evidence); i++)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "    ",
                               thaw_lint_view_evidence(summary, finding, i));
    if (*fix)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "    to do: ", fix);
    if (strcmp(confidence, "high") != 0)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "    ",
                               thaw_summary_format(summary, "confidence: %s", confidence));
    json_array_foreach(json_object_get(finding, "sources"), i, source)
        write_source(summary, source);
}

static bool is_of(const json_t *finding, const char *severity, const char *area)
{
    return !strcmp(thaw_key_string(finding, "severity"), severity) &&
           !strcmp(thaw_key_string(finding, "area"), area);
}

static void write_group(struct thaw_summary *summary, const char *const severity[2],
                        const char *area)
{
    bool has_title = false;
    const json_t *finding;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "findings"), i, finding)
    {
        if (!is_of(finding, severity[0], area))
            continue;
        if (!has_title)
            thaw_summary_title(summary, thaw_summary_format(summary, "%s: %s", severity[1], area));
        has_title = true;
        write_finding(summary, finding);
    }
}

static void write_findings(struct thaw_summary *summary)
{
    const char *const *areas = thaw_lint_areas();

    for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
        for (size_t k = 0; areas[k]; k++)
            write_group(summary, severities[i], areas[k]);
}

static void write_notes(struct thaw_summary *summary)
{
    const char *const *notes = thaw_lint_view_notes(summary);

    fputc('\n', summary->stream);
    for (size_t i = 0; notes[i]; i++)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "", notes[i]);
}

int thaw_lint_write_summary(const json_t *lint, const struct thaw_report_options *options,
                            FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;

    thaw_summary_begin(&summary, lint, options, stream);
    summary.whole_words = true;
    write_head(&summary);
    write_findings(&summary);
    write_notes(&summary);
    return thaw_summary_end(&summary, error);
}
