/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/keys.h"
#include "report/markdown.h"
#include "report/summary_parts.h"

enum { most_rows = 30, most_advice = 15, most_evidence = 4 };

static const struct thaw_issues *issues_of(struct thaw_summary *summary)
{
    return &((struct thaw_markdown *)summary)->issues;
}

static uint64_t saving_ns(const struct thaw_issue *issue)
{
    return thaw_summary_number(json_object_get(issue->finding, "saving"), "ns");
}

static bool is_refuted(const struct thaw_issue *issue)
{
    return !strcmp(thaw_key_string(json_object_get(issue->finding, "proof"), "verdict"), "refuted");
}

/* A note that saves nothing is only to be known. */
static bool is_to_do(const struct thaw_issue *issue)
{
    return !issue->suppressed && !is_refuted(issue) &&
           (issue->level > THAW_ISSUE_NOTE || saving_ns(issue));
}

/* An error is worth more than any saving. */
static bool is_better(const struct thaw_issue *issue, const struct thaw_issue *than)
{
    bool error = issue->level == THAW_ISSUE_ERROR;

    if (!than || error != (than->level == THAW_ISSUE_ERROR))
        return !than || error;
    return saving_ns(issue) > saving_ns(than);
}

static const struct thaw_issue *first_to_do(struct thaw_summary *summary)
{
    const struct thaw_issues *issues = issues_of(summary);
    const struct thaw_issue *best = NULL;

    for (size_t i = 0; i < issues->list.count; i++) {
        const struct thaw_issue *issue = &issues->list.items[i];

        if (is_to_do(issue) && is_better(issue, best))
            best = issue;
    }
    return best;
}

/* "`function_app.py:9`", "" nowhere of its own */
static const char *place(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    if (issue->elsewhere)
        return "";
    if (!issue->line)
        return thaw_markdown_name(summary, issue->path);
    return thaw_markdown_name(summary, thaw_summary_format(summary, "%s:%" PRIu64, issue->path,
                                                           issue->line));
}

void thaw_markdown_first(struct thaw_summary *summary)
{
    const struct thaw_issue *issue = first_to_do(summary);
    const char *where = issue ? place(summary, issue) : "";
    const char *saying;

    if (!issue && json_is_null(json_object_get(summary->report, "findings")))
        fputs("No findings: none were looked for.\n", summary->stream);
    else if (!issue)
        fputs("Nothing was found that has to be done.\n", summary->stream);
    if (!issue)
        return;
    saying = thaw_issue_sentences(summary, issue);
    fprintf(summary->stream, "**First:** %s%s%s\n", where, *where ? ": " : "",
            thaw_markdown_line(summary, saying));
}

static const char *saving_words(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    uint64_t ns = saving_ns(issue), total = thaw_summary_number(summary->track, "total_ns");

    if (!ns)
        return "";
    return total ? thaw_summary_format(summary, "%s (%s)", thaw_summary_duration(summary, ns),
                                       thaw_summary_share(summary, ns, total))
                 : thaw_summary_duration(summary, ns);
}

static const char *proof_words(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    const char *verdict =
        thaw_summary_text(summary, json_object_get(issue->finding, "proof"), "verdict");

    return *verdict
               ? verdict
               : thaw_summary_text(summary, json_object_get(issue->finding, "saving"), "proof");
}

static void write_row(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    fprintf(summary->stream, "| %s | %s | %s | %s | %s | %s |\n",
            thaw_issue_level_word(issue->level), thaw_markdown_cell(summary, issue->text),
            place(summary, issue), saving_words(summary, issue),
            thaw_markdown_cell(summary, proof_words(summary, issue)),
            thaw_markdown_cell(summary, thaw_summary_text(summary, issue->finding, "risk")));
}

/* Errors first, then warnings, then notes, each in the report's order. */
static void write_rows(struct thaw_summary *summary, const struct thaw_issues *issues)
{
    size_t shown = 0;

    for (int level = THAW_ISSUE_ERROR; level >= THAW_ISSUE_NOTE; level--) {
        for (size_t i = 0; i < issues->list.count && shown < most_rows; i++) {
            const struct thaw_issue *issue = &issues->list.items[i];

            if (issue->level != (enum thaw_issue_level)level || issue->suppressed)
                continue;
            write_row(summary, issue);
            shown++;
        }
    }
}

void thaw_markdown_findings(struct thaw_summary *summary)
{
    const struct thaw_issues *issues = issues_of(summary);
    size_t count = 0;

    for (int level = THAW_ISSUE_NOTE; level <= THAW_ISSUE_ERROR; level++)
        count += thaw_issues_count(issues, (enum thaw_issue_level)level);
    if (count) {
        fputs("Findings\n\n| Level | What | Where | Saves | Proof | Risk |\n"
              "| :-- | :-- | :-- | --: | :-- | :-- |\n",
              summary->stream);
        write_rows(summary, issues);
    }
    if (count > most_rows)
        fprintf(summary->stream, "\n%zu more are in the JSON report.\n", count - most_rows);
    if (issues->list.count > count)
        fprintf(summary->stream, "\n%zu more %s suppressed in `thaw.json`.\n",
                issues->list.count - count, issues->list.count - count == 1 ? "is" : "are");
}

static void write_advice(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    const char *const *lines = thaw_summary_written(summary, thaw_summary_finding, issue->finding);
    const json_t *evidence = json_object_get(issue->finding, "evidence");

    fprintf(summary->stream, "- **%s** (%s)\n", thaw_markdown_line(summary, issue->text),
            thaw_markdown_line(summary, issue->id));
    for (size_t i = 1; lines[0] && lines[i]; i++)
        fprintf(summary->stream, "  - %s\n",
                thaw_markdown_line(summary, thaw_summary_unled(lines[i])));
    for (size_t i = 0; i < json_array_size(evidence) && i < most_evidence; i++)
        fprintf(summary->stream, "  - Seen: %s.\n",
                thaw_markdown_line(summary,
                                   thaw_summary_item(summary, issue->finding, "evidence", i)));
}

void thaw_markdown_advice(struct thaw_summary *summary)
{
    const struct thaw_issues *issues = issues_of(summary);
    size_t shown = 0;

    for (size_t i = 0; i < issues->list.count; i++) {
        const struct thaw_issue *issue = &issues->list.items[i];

        if (issue->finding && !issue->suppressed && shown++ < most_advice)
            write_advice(summary, issue);
    }
    if (shown > most_advice)
        fprintf(summary->stream, "- and %zu more in the JSON report\n", shown - most_advice);
}
