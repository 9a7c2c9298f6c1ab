/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/markdown.h"
#include "report/summary_parts.h"
#include "report/writers.h"

/*
 * What a pull request's comment or a job's summary says of a report, in GitHub's Markdown. It
 * begins with a comment that is not shown, by which a step of a CI job finds the comment that it
 * wrote before.
 */

#define MARKER "<!-- thaw:report -->\n"

enum { most_workers = 8 };

static bool is_recorded(const struct thaw_summary *summary)
{
    return json_is_object(json_object_get(summary->report, "run"));
}

static bool is_target(const struct thaw_summary *summary)
{
    return json_is_object(json_object_get(summary->report, "target"));
}

void thaw_markdown_bullets(struct thaw_summary *summary, const char *const *lines)
{
    for (size_t i = 0; lines[i]; i++)
        fprintf(summary->stream, "- %s\n",
                thaw_markdown_line(summary, thaw_summary_unled(lines[i])));
}

static void write_verdict(struct thaw_summary *summary)
{
    const char *verdict = thaw_summary_verdict(summary, NULL);

    if (thaw_summary_is(summary->report, "complete"))
        fprintf(summary->stream, "%s\n", verdict);
    else
        fprintf(summary->stream, "> [!WARNING]\n> %s\n", verdict);
}

static void write_recording_head(struct thaw_summary *summary)
{
    const char *const *context = thaw_summary_written(summary, thaw_summary_context, NULL);
    const char *const *problems = thaw_summary_written(summary, thaw_summary_problems, NULL);

    fprintf(summary->stream, "%s## Cold start\n\n**%s**\n\n", is_target(summary) ? "" : MARKER,
            thaw_markdown_line(summary, thaw_summary_headline(summary)));
    if (problems[0])
        thaw_markdown_bullets(summary, problems);
    if (problems[0])
        fputc('\n', summary->stream);
    write_verdict(summary);
    for (size_t i = 0; context[i]; i++)
        fprintf(summary->stream, "\n%s\n", thaw_markdown_line(summary, context[i]));
}

/* --- phases --- */

static void phase_row(struct thaw_summary *summary, const json_t *phase, const char *indent,
                      uint64_t total_ns)
{
    uint64_t ns = thaw_summary_phase_ns(phase);
    bool counted = !json_is_false(json_object_get(phase, "counted"));

    fprintf(summary->stream, "| %s%s | %s | %s |\n", indent,
            thaw_markdown_cell(summary, thaw_summary_text(summary, phase, "name")),
            thaw_summary_duration(summary, ns),
            counted ? thaw_summary_share(summary, ns, total_ns) : "not counted");
}

static void write_phase_table(struct thaw_summary *summary, bool divided)
{
    const json_t *phases = json_object_get(summary->track, "phases"), *phase, *child;
    uint64_t total_ns = thaw_summary_number(summary->track, "total_ns");
    uint64_t rest_ns = thaw_summary_number(summary->track, "unattributed_ns");
    size_t i, j;

    if (!json_array_size(phases))
        return;
    fputs("| Phase | Time | Share |\n| :-- | --: | --: |\n", summary->stream);
    json_array_foreach(phases, i, phase)
    {
        phase_row(summary, phase, "", total_ns);
        if (!divided)
            continue;
        json_array_foreach(json_object_get(phase, "children"), j, child)
            phase_row(summary, child, "&emsp;", total_ns);
    }
    if (rest_ns)
        fprintf(summary->stream, "| unattributed | %s | %s |\n",
                thaw_summary_duration(summary, rest_ns),
                thaw_summary_share(summary, rest_ns, total_ns));
    fprintf(summary->stream, "| **total** | **%s** | |\n",
            thaw_summary_duration(summary, total_ns));
}

static void write_phases(struct thaw_summary *summary)
{
    write_phase_table(summary, false);
}

/* Only where it says more. */
static void write_divided_phases(struct thaw_summary *summary)
{
    const json_t *phase;
    size_t children = 0, i;

    json_array_foreach(json_object_get(summary->track, "phases"), i, phase) children +=
        json_array_size(json_object_get(phase, "children"));
    if (children)
        write_phase_table(summary, true);
}

static void write_workers(struct thaw_summary *summary)
{
    const json_t *tracks = json_object_get(summary->report, "tracks"), *track;
    size_t i, shown = 0;

    json_array_foreach(tracks, i, track)
    {
        if (track == summary->track)
            continue;
        if (shown++ == most_workers)
            break;
        fprintf(summary->stream, "- worker %" PRIu64 ": %s %s\n", thaw_summary_number(track, "id"),
                thaw_summary_duration(summary, thaw_summary_number(track, "total_ns")),
                thaw_summary_is(track, "answered") ? "to its first reply"
                                                   : "and no first reply seen");
    }
    if (shown > most_workers)
        fprintf(summary->stream, "- and %zu more\n", json_array_size(tracks) - 1 - most_workers);
}

/* --- all --- */

static void write_not_seen(struct thaw_summary *summary)
{
    thaw_markdown_bullets(summary, thaw_summary_written(summary, thaw_summary_not_seen, NULL));
}

static void write_not_looked_for(struct thaw_summary *summary)
{
    const json_t *unsought;
    size_t i;

    if (json_is_null(json_object_get(summary->report, "findings")))
        fputs("- findings of any kind\n", summary->stream);
    else
        json_array_foreach(json_object_get(summary->report, "not_looked_for"), i, unsought)
            fprintf(summary->stream, "- %s needs: %s\n",
                    thaw_markdown_line(summary, thaw_summary_text(summary, unsought, "id")),
                    thaw_markdown_line(summary, thaw_summary_text(summary, unsought, "needs")));
}

static void write_foot(struct thaw_summary *summary)
{
    const json_t *tool = json_object_get(summary->report, "tool");

    fprintf(summary->stream, "<sub>thaw %s%s</sub>\n",
            thaw_markdown_line(summary, thaw_summary_text(summary, tool, "version")),
            is_recorded(summary) ? "; `thaw explain` tells more of what is found" : "");
}

static void write_sections(struct thaw_markdown_page *page, struct thaw_markdown *markdown)
{
    struct thaw_summary *summary = &markdown->summary;
    bool recorded = is_recorded(summary) || !is_target(summary);

    if (is_target(summary))
        thaw_markdown_section(page, summary, "Target", thaw_markdown_target_head);
    if (recorded)
        thaw_markdown_section(page, summary, "Cold start", write_recording_head);
    thaw_markdown_section(page, summary, "What to do first", thaw_markdown_first);
    if (recorded) {
        thaw_markdown_section(page, summary, "Phases", write_phases);
        thaw_markdown_section(page, summary, "Further workers", write_workers);
        thaw_markdown_section(page, summary, "Costliest packages", thaw_markdown_costliest);
    }
    thaw_markdown_section(page, summary, "Findings", thaw_markdown_findings);
    thaw_markdown_details(page, summary, "What is to be done, and what it rests on",
                          thaw_markdown_advice);
    if (recorded) {
        thaw_markdown_details(page, summary, "Phases and their parts", write_divided_phases);
        thaw_markdown_details(page, summary, "Not seen", write_not_seen);
        thaw_markdown_details(page, summary, "Not looked for", write_not_looked_for);
    }
    if (is_target(summary))
        thaw_markdown_details(page, summary, "What the bytes are for", thaw_markdown_kinds);
    thaw_markdown_details(page, summary, "Packages", thaw_markdown_packages);
    if (recorded)
        thaw_markdown_details(page, summary, "Imports", thaw_markdown_imports);
    thaw_markdown_section(page, summary, "Version", write_foot);
}

int thaw_write_markdown(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error)
{
    struct thaw_markdown markdown = {0};
    struct thaw_markdown_page page = {0};

    (void)options;
    thaw_summary_begin_texts(&markdown.summary, report, stream);
    if (thaw_issues_find(&markdown.summary, &markdown.issues)) {
        write_sections(&page, &markdown);
        thaw_markdown_page_end(&page, &markdown.summary);
    }
    thaw_issues_free(&markdown.issues);
    return thaw_summary_end(&markdown.summary, error);
}
