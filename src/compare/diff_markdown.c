/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "compare/diff.h"
#include "compare/diff_view.h"
#include "report/keys.h"
#include "report/markdown_page.h"
#include "report/summary_parts.h"
#include "report/target_view.h"
#include "report/writers.h"

/*
 * What a pull request's comment says of a comparison, in GitHub's Markdown. It begins with a
 * comment that is not shown, by which a step of a CI job finds the comment that it wrote before.
 */

#define MARKER "<!-- thaw:diff -->\n"

enum { usual_rows = 15, columns = 200 }; /* names are cut to what a terminal so wide shows */

static size_t rows_of(const struct thaw_summary *summary)
{
    return thaw_view_rows(summary, usual_rows);
}

/* Says how many rows are not shown. */
static void write_rest(struct thaw_summary *summary, size_t shown, size_t all)
{
    if (shown < all)
        fprintf(summary->stream, "\nand %zu more\n", all - shown);
}

static const char *bold(struct thaw_summary *summary, const json_t *measure, const char *text)
{
    return thaw_diff_view_verdict_style(measure) == THAW_STYLE_PLAIN || !*text
               ? text
               : thaw_summary_format(summary, "**%s**", text);
}

/* --- head --- */

static void write_side(struct thaw_summary *summary, const char *lead, const char *key)
{
    const json_t *side = json_object_get(summary->report, key);

    fprintf(summary->stream, "%s %s (%s)", lead,
            thaw_markdown_name(summary, thaw_summary_raw(summary, side, "name")),
            thaw_markdown_line(summary, thaw_diff_view_side(summary, side)));
}

static void notes_of(struct thaw_summary *summary, const json_t *item)
{
    (void)item;
    thaw_diff_view_notes(summary);
}

static void write_head(struct thaw_summary *summary)
{
    const char *const *notes = thaw_summary_written(summary, notes_of, NULL);
    bool is_cold = thaw_diff_view_cold(summary) != NULL;

    fprintf(summary->stream, MARKER "## %s\n\n",
            is_cold ? "Cold start, before and after" : "What is shipped, before and after");
    if (is_cold)
        fprintf(summary->stream, "**%s**\n\n",
                thaw_markdown_line(summary, thaw_diff_view_headline(summary)));
    write_side(summary, "From", "before");
    write_side(summary, " to", "after");
    fputs(".\n", summary->stream);
    for (size_t i = 0; notes[i]; i++)
        fprintf(summary->stream, "%s- %s\n", i ? "" : "\n",
                thaw_markdown_line(summary, thaw_summary_unled(notes[i])));
}

/* --- phases --- */

static void measure_row(struct thaw_summary *summary, const char *name, const json_t *measure,
                        const char *more)
{
    const char *verdict = thaw_diff_view_verdict(measure);

    fprintf(summary->stream, "| %s | %s | %s | %s | %s | %s%s%s |\n", name,
            thaw_diff_view_time(summary, measure, "before_ns"),
            thaw_diff_view_time(summary, measure, "after_ns"),
            bold(summary, measure, thaw_diff_view_change(summary, measure)),
            thaw_diff_view_percent(summary, measure), bold(summary, measure, verdict),
            *verdict && *more ? ", " : "", more);
}

static void write_phases(struct thaw_summary *summary)
{
    const json_t *cold = thaw_diff_view_cold(summary), *phase;
    size_t i;

    fputs("| Phase | Before | After | Change | | |\n| :-- | --: | --: | --: | --: | :-- |\n",
          summary->stream);
    json_array_foreach(json_object_get(cold, "phases"), i, phase)
    {
        if (thaw_diff_view_shows_phase(summary, phase))
            measure_row(summary,
                        thaw_summary_format(
                            summary, "%s%s", thaw_summary_number(phase, "level") ? "&emsp;" : "",
                            thaw_markdown_cell(summary, thaw_summary_text(summary, phase, "name"))),
                        json_object_get(phase, "ns"),
                        thaw_summary_is(phase, "counted") ? "" : "not counted");
    }
    if (thaw_summary_number(json_object_get(cold, "unattributed_ns"), "before_ns") ||
        thaw_summary_number(json_object_get(cold, "unattributed_ns"), "after_ns"))
        measure_row(summary, "unattributed", json_object_get(cold, "unattributed_ns"), "");
    measure_row(summary, "**total**", json_object_get(cold, "total_ns"), "");
    measure_row(summary, "all imports by themselves", json_object_get(cold, "imports_ns"), "");
}

static void write_workers(struct thaw_summary *summary)
{
    const json_t *tracks = json_object_get(thaw_diff_view_cold(summary), "tracks"), *track;
    size_t i;

    if (!json_array_size(tracks))
        return;
    fputs("| Further worker | Before | After | Change | | |\n| :-- | --: | --: | --: | --: | :-- "
          "|\n",
          summary->stream);
    json_array_foreach(tracks, i, track)
    {
        if (i < rows_of(summary))
            measure_row(summary,
                        thaw_summary_format(summary, "%llu",
                                            (unsigned long long)thaw_summary_number(track,
                                                                                    "number")),
                        json_object_get(track, "total_ns"), "");
    }
    write_rest(summary, rows_of(summary), i);
}

/* --- modules and packages --- */

static bool is_one_sided(const json_t *module)
{
    const char *word = thaw_key_string(module, "change");

    return !strcmp(word, "came") || !strcmp(word, "went");
}

static void module_row(struct thaw_summary *summary, const json_t *module)
{
    const json_t *total = json_object_get(module, "total_ns");
    const json_t *self = json_object_get(module, "self_ns");
    const char *word = thaw_key_string(module, "change"), *time, *what;
    bool came = !strcmp(word, "came");

    if (is_one_sided(module)) {
        time = thaw_summary_format(summary, "%s%s", came ? "+" : "-",
                                   thaw_diff_view_time(summary, total, came ? "after" : "before"));
        what = word;
    } else {
        time = thaw_diff_view_change(summary, self);
        what = thaw_diff_view_what(summary, module);
    }
    fprintf(summary->stream, "| %s | %s | %s | %s |\n",
            thaw_markdown_cell(summary, thaw_diff_view_module(summary, module)), time,
            thaw_markdown_cell(summary, what),
            thaw_markdown_name(summary, thaw_diff_view_chain(summary, module)));
}

static void write_modules(struct thaw_summary *summary)
{
    const json_t *modules = json_object_get(thaw_diff_view_cold(summary), "modules"), *module;
    size_t i, all = 0;

    fprintf(summary->stream, "**%s**\n", thaw_diff_view_modules_title(summary));
    json_array_foreach(modules, i, module)
    {
        if (!thaw_diff_view_shows_module(module))
            continue;
        if (!all)
            fputs("\n| Module | Time | | Brought by |\n| :-- | --: | :-- | :-- |\n",
                  summary->stream);
        if (all++ < rows_of(summary))
            module_row(summary, module);
    }
    write_rest(summary, rows_of(summary), all);
}

static void write_packages(struct thaw_summary *summary)
{
    const json_t *packages = json_object_get(thaw_diff_view_cold(summary), "packages"), *package;
    size_t i;

    if (!json_array_size(packages))
        return;
    fputs("| Package | Version | Modules | Change of their own time | |\n"
          "| :-- | :-- | --: | --: | :-- |\n",
          summary->stream);
    json_array_foreach(packages, i, package)
    {
        const json_t *self = json_object_get(package, "self_ns");

        if (i == rows_of(summary))
            break;
        fprintf(summary->stream, "| %s | %s | %s | %s | %s |\n",
                thaw_markdown_cell(summary, thaw_diff_view_package(summary, package)),
                thaw_markdown_cell(summary, thaw_diff_view_versions(summary, package)),
                thaw_diff_view_both(summary, json_object_get(package, "modules")),
                bold(summary, self, thaw_diff_view_change(summary, self)),
                bold(summary, self, thaw_diff_view_verdict(self)));
    }
    write_rest(summary, rows_of(summary), json_array_size(packages));
}

static void write_counts(struct thaw_summary *summary)
{
    const char *key;
    json_t *numbers;
    bool any = false;

    json_object_foreach((json_t *)json_object_get(thaw_diff_view_cold(summary), "counts"), key,
                        numbers)
    {
        if (!json_integer_value(json_object_get(numbers, "change")))
            continue;
        if (!any)
            fputs("| What is loaded | Before | After |\n| :-- | --: | --: |\n", summary->stream);
        any = true;
        fprintf(summary->stream, "| %s | %s | %s |\n", thaw_diff_view_count_name(key),
                thaw_diff_view_number(summary, key, numbers, "before"),
                thaw_diff_view_number(summary, key, numbers, "after"));
    }
}

/* --- what is shipped --- */

/* The longest run of backticks: a fence must be longer. */
static int longest_run(const char *text)
{
    int longest = 0, run = 0;

    for (; *text; text++) {
        run = *text == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void put_fence(FILE *stream, int marks, const char *language)
{
    while (marks-- > 0)
        fputc('`', stream);
    fprintf(stream, "%s\n", language);
}

/* Text of the terminal as it is, without empty lines. */
static void write_fenced(FILE *stream, char *text)
{
    int marks = longest_run(text) < 3 ? 3 : longest_run(text) + 1;
    char *rest, *line = strtok_r(text, "\n", &rest);
    bool any = line != NULL;

    if (any)
        put_fence(stream, marks, "text");
    for (; line; line = strtok_r(NULL, "\n", &rest))
        fprintf(stream, "%s\n", line);
    if (any)
        put_fence(stream, marks, "");
}

/* Sections of the terminal that are words and tables: as they are there. */
static void write_plain(struct thaw_summary *summary,
                        void (*const *sections)(const struct thaw_diff_view *), size_t count)
{
    FILE *stream = summary->stream;
    struct thaw_diff_view view = {summary, rows_of(summary)};
    char *text = NULL;
    size_t length;

    summary->stream = open_memstream(&text, &length);
    summary->failed |= !summary->stream;
    for (size_t i = 0; summary->stream && i < count; i++)
        sections[i](&view);
    if (summary->stream && fclose(summary->stream) != 0)
        summary->failed = true;
    summary->stream = stream;
    if (text && !summary->failed)
        write_fenced(stream, text);
    free(text);
}

static void write_shipped(struct thaw_summary *summary)
{
    static void (*const sections[])(const struct thaw_diff_view *) = {
        thaw_diff_view_totals,    thaw_diff_view_requirements, thaw_diff_view_distributions,
        thaw_diff_view_libraries, thaw_diff_view_missing,      thaw_diff_view_duplicates,
        thaw_diff_view_conflicts, thaw_diff_view_foreign,      thaw_diff_view_folders,
    };

    write_plain(summary, sections, sizeof(sections) / sizeof(sections[0]));
}

static void write_branches(struct thaw_summary *summary)
{
    static void (*const sections[])(const struct thaw_diff_view *) = {thaw_diff_view_branches};

    write_plain(summary, sections, 1);
}

static void write_foot(struct thaw_summary *summary)
{
    const char *method = thaw_diff_view_method(summary);
    const json_t *tool = json_object_get(summary->report, "tool");

    fprintf(summary->stream, "<sub>%s%sthaw %s</sub>\n", method, *method ? " " : "",
            thaw_markdown_line(summary, thaw_summary_text(summary, tool, "version")));
}

int thaw_write_diff_markdown(const json_t *diff, const struct thaw_report_options *options,
                             FILE *stream, struct thaw_error *error)
{
    struct thaw_markdown_page page = {0};
    struct thaw_summary summary;
    bool is_cold;

    thaw_summary_begin_texts(&summary, diff, stream);
    summary.width = columns;
    if (options)
        summary.view = options->view;
    is_cold = thaw_diff_view_cold(&summary) != NULL;
    thaw_markdown_section(&page, &summary, "Verdict", write_head);
    if (is_cold) {
        thaw_markdown_section(&page, &summary, "Phases", write_phases);
        thaw_markdown_section(&page, &summary, "Further workers", write_workers);
        thaw_markdown_section(&page, &summary, "Modules", write_modules);
        thaw_markdown_details(&page, &summary, "Packages", write_packages);
        thaw_markdown_details(&page, &summary, "What is loaded", write_counts);
        thaw_markdown_details(&page, &summary, "Branches that changed most", write_branches);
        thaw_markdown_details(&page, &summary, "What is shipped", write_shipped);
    } else {
        thaw_markdown_section(&page, &summary, "What is shipped", write_shipped);
    }
    thaw_markdown_section(&page, &summary, "How it was told", write_foot);
    thaw_markdown_page_end(&page, &summary);
    return thaw_summary_end(&summary, error);
}
