/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/summary_parts.h"

#define FIRST_CALLS_MOST 3 /* the rest is in the report */
#define REASONS_MOST 3

/* "function_app.py:9", the file without its folders: it is one of the user's few. */
static const char *place(struct thaw_summary *summary, const json_t *finding)
{
    const json_t *location = json_object_get(finding, "location");
    const char *file = thaw_summary_text(summary, location, "file");
    const char *slash = strrchr(file, '/');
    uint64_t line = thaw_summary_number(location, "line");

    if (!*file)
        return "";
    file = slash ? slash + 1 : file;
    if (!line)
        return thaw_summary_format(summary, "%s: ", file);
    return thaw_summary_format(summary, "%s:%llu: ", file, (unsigned long long)line);
}

static void write_saving(struct thaw_summary *summary, const json_t *finding)
{
    const json_t *saving = json_object_get(finding, "saving");
    uint64_t ns = thaw_summary_number(saving, "ns");
    const char *share =
        thaw_summary_share(summary, ns, thaw_summary_number(summary->track, "total_ns"));

    if (!ns)
        return;
    thaw_summary_paragraph(
        summary, THAW_STYLE_PLAIN, "  ",
        thaw_summary_format(
            summary, "Saves about %s%s%s%s before the first reply (%s to %s, predicted).",
            thaw_summary_duration(summary, ns), *share ? " (" : "", share, *share ? ")" : "",
            thaw_summary_duration(summary, thaw_summary_number(saving, "low_ns")),
            thaw_summary_duration(summary, thaw_summary_number(saving, "high_ns"))));
}

static void write_first_calls(struct thaw_summary *summary, const json_t *finding)
{
    const json_t *calls = thaw_summary_list(finding, "first_calls");
    size_t count = json_array_size(calls);

    for (size_t i = 0; i < count && i < FIRST_CALLS_MOST; i++) {
        const json_t *call = json_array_get(calls, i);

        thaw_summary_paragraph(
            summary, THAW_STYLE_PLAIN, "  ",
            thaw_summary_format(summary, "The first call of %s() then pays %s.",
                                thaw_summary_text(summary, call, "function"),
                                thaw_summary_duration(summary, thaw_summary_number(call, "ns"))));
    }
}

static void write_reasons(struct thaw_summary *summary, const json_t *finding)
{
    const json_t *reasons = thaw_summary_list(finding, "reasons");

    for (size_t i = 0; i < json_array_size(reasons) && i < REASONS_MOST; i++)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "  ",
                               thaw_summary_format(summary, "Look at: %s.",
                                                   thaw_summary_item(summary, finding, "reasons",
                                                                     i)));
}

void thaw_summary_finding(struct thaw_summary *summary, const json_t *finding)
{
    const char *moves_to = thaw_summary_text(summary, finding, "moves_to");
    const char *fix = thaw_summary_text(summary, finding, "fix");
    const char *risk = thaw_summary_text(summary, finding, "risk");

    thaw_summary_bullet(summary, THAW_STYLE_STRONG,
                        thaw_summary_format(summary, "%s%s", place(summary, finding),
                                            thaw_summary_text(summary, finding, "title")));
    write_saving(summary, finding);
    thaw_summary_proof(summary, finding);
    if (*moves_to)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "  ",
                               thaw_summary_format(summary, "The time moves to: %s.", moves_to));
    write_first_calls(summary, finding);
    if (*fix)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "  ",
                               thaw_summary_format(summary, "To do: %s. Risk: %s.", fix,
                                                   *risk ? risk : "not known"));
    write_reasons(summary, finding);
}

#define SHOWN 4 /* the first one whole, the others in a line each */

/* One line, and what it would save. */
static void write_short(struct thaw_summary *summary, const json_t *finding)
{
    uint64_t ns = thaw_summary_number(json_object_get(finding, "saving"), "ns");
    const char *verdict = thaw_summary_text(summary, json_object_get(finding, "proof"), "verdict");

    thaw_summary_bullet(
        summary, THAW_STYLE_PLAIN,
        thaw_summary_format(summary, "%s%s%s%s%s%s (thaw explain %s)", place(summary, finding),
                            thaw_summary_text(summary, finding, "title"), ns ? ": " : "",
                            ns ? thaw_summary_duration(summary, ns) : "", *verdict ? ", " : "",
                            verdict, thaw_summary_text(summary, finding, "id")));
}

/* The first ones of the report's order: errors, then what saves most. */
void thaw_summary_findings(struct thaw_summary *summary)
{
    const json_t *findings = thaw_summary_list(summary->report, "findings");
    size_t count = json_array_size(findings);
    size_t suppressed = json_array_size(thaw_summary_list(summary->report, "suppressed"));

    if (!count && !suppressed)
        return;
    thaw_summary_title(summary, count > 1 ? "Suggestions" : "Suggestion");
    if (count) {
        const json_t *first = json_array_get(findings, 0);

        thaw_summary_finding(summary, first);
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "  ",
                               thaw_summary_format(summary, "More: thaw explain %s",
                                                   thaw_summary_text(summary, first, "id")));
    }
    for (size_t i = 1; i < count && i < SHOWN; i++)
        write_short(summary, json_array_get(findings, i));
    if (count > SHOWN)
        thaw_summary_bullet(summary, THAW_STYLE_FAINT,
                            thaw_summary_format(summary, "%zu more in the report", count - SHOWN));
    if (suppressed)
        thaw_summary_bullet(summary, THAW_STYLE_FAINT,
                            thaw_summary_format(summary, "%zu suppressed by thaw.json",
                                                suppressed));
}
