/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/markdown.h"
#include "report/summary_parts.h"
#include "report/target_view.h"

#define MARKER "<!-- thaw:target -->\n"

enum { costliest = 10, most_packages = 30, most_imports = 30 };

static void target_lines(struct thaw_summary *summary, const json_t *unused)
{
    (void)unused;
    thaw_target_head(summary);
}

static void fault_lines(struct thaw_summary *summary, const json_t *unused)
{
    (void)unused;
    thaw_target_faults(summary, most_packages);
}

void thaw_markdown_target_head(struct thaw_summary *summary)
{
    const struct thaw_issues *issues = &((struct thaw_markdown *)summary)->issues;
    const char *const *lines = thaw_summary_written(summary, target_lines, NULL);
    const char *const *faults = thaw_summary_written(summary, fault_lines, NULL);

    fputs(MARKER "## What is deployed\n", summary->stream);
    for (size_t i = 0; lines[i]; i++)
        fprintf(summary->stream, "\n%s\n", thaw_markdown_line(summary, lines[i]));
    fprintf(summary->stream, "\n**Errors: %zu, warnings: %zu, notes: %zu**\n",
            thaw_issues_count(issues, THAW_ISSUE_ERROR),
            thaw_issues_count(issues, THAW_ISSUE_WARNING),
            thaw_issues_count(issues, THAW_ISSUE_NOTE));
    if (faults[0]) { /* the first line is their title */
        fputc('\n', summary->stream);
        thaw_markdown_bullets(summary, faults + 1);
    }
}

void thaw_markdown_kinds(struct thaw_summary *summary)
{
    const json_t *totals = json_object_get(summary->report, "totals");
    uint64_t whole = thaw_summary_number(totals, "disk_bytes");
    const char *key;
    json_t *amount;

    if (!json_object_size(json_object_get(totals, "kinds")))
        return;
    fputs("| Kind | On disk | Share | Files |\n| :-- | --: | --: | --: |\n", summary->stream);
    json_object_foreach(json_object_get(totals, "kinds"), key, amount)
    {
        uint64_t disk = thaw_summary_number(amount, "disk_bytes");

        fprintf(summary->stream, "| %s | %s | %s | %s |\n", thaw_markdown_cell(summary, key),
                thaw_summary_size(summary, disk), thaw_summary_share(summary, disk, whole),
                thaw_summary_count(summary, thaw_summary_number(amount, "files")));
    }
}

static void write_module(struct thaw_summary *summary, const json_t *module)
{
    const char *from = thaw_summary_text(summary, module, "distribution");

    if (!*from)
        from = thaw_summary_text(summary, module, "owner");
    fprintf(summary->stream, "| %s | %s | %s | %s | %s |\n",
            thaw_summary_duration(summary, thaw_summary_number(module, "total_ns")),
            thaw_summary_duration(summary, thaw_summary_number(module, "self_ns")),
            thaw_markdown_name(summary, thaw_summary_text(summary, module, "name")),
            thaw_markdown_name(summary, from),
            thaw_markdown_name(summary, thaw_summary_text(summary, module, "file")));
}

static void write_module_heading(struct thaw_summary *summary)
{
    fputs("| Total | Self | Module | From | File |\n| --: | --: | :-- | :-- | :-- |\n",
          summary->stream);
}

void thaw_markdown_costliest(struct thaw_summary *summary)
{
    const json_t *modules[costliest];
    size_t all, count = thaw_summary_costliest(summary, modules, costliest, &all);

    if (!count)
        return;
    fprintf(summary->stream,
            "Costliest of %s imports, one row per package (total: with all it imports)\n\n",
            thaw_summary_count(summary, all));
    write_module_heading(summary);
    for (size_t i = 0; i < count; i++)
        write_module(summary, modules[i]);
}

void thaw_markdown_imports(struct thaw_summary *summary)
{
    const json_t *list = json_object_get(summary->report, "modules");
    const json_t **sorted = thaw_view_sorted(summary, list, "self_ns");
    size_t shown = 0;

    if (!sorted || !json_array_size(list))
        return;
    fputs("Modules that took most time themselves, without what they import\n\n", summary->stream);
    write_module_heading(summary);
    for (size_t i = 0; i < json_array_size(list) && shown < most_imports; i++) {
        if (!thaw_summary_is_counted(summary, sorted[i]))
            continue;
        write_module(summary, sorted[i]);
        shown++;
    }
}

static void write_shipped_package(struct thaw_summary *summary, const json_t *package)
{
    uint64_t alone = thaw_summary_number(package, "exclusive_disk_bytes");

    fprintf(summary->stream, "| %s | %s | %s | %s | %s |\n",
            thaw_markdown_name(summary, thaw_view_package(summary, package)),
            thaw_summary_size(summary, thaw_summary_number(package, "disk_bytes")),
            alone ? thaw_summary_size(summary, alone) : "",
            thaw_markdown_cell(summary, thaw_view_why_more(summary, package)),
            thaw_markdown_cell(summary, thaw_summary_text(summary, package, "license")));
}

/* With it: with what only it requires. */
static void write_shipped(struct thaw_summary *summary, const json_t *list)
{
    const json_t **sorted = thaw_view_sorted(summary, list, "disk_bytes");
    size_t count = json_array_size(list);

    fputs("| Package | On disk | With it | Asked for by | Licence |\n"
          "| :-- | --: | --: | :-- | :-- |\n",
          summary->stream);
    for (size_t i = 0; sorted && i < count && i < most_packages; i++)
        write_shipped_package(summary, sorted[i]);
    if (count > most_packages)
        fprintf(summary->stream, "\n%zu smaller ones are in the JSON report.\n",
                count - most_packages);
}

/* Only those that took time: of the others it is not said whether they were used. */
static void write_imported(struct thaw_summary *summary, const json_t *list)
{
    const json_t **sorted = thaw_view_sorted(summary, list, "import_ns");
    size_t count = json_array_size(list);

    if (!sorted || !count || !thaw_summary_number(sorted[0], "import_ns"))
        return;
    fputs("| Package | Own imports | Size |\n| :-- | --: | --: |\n", summary->stream);
    for (size_t i = 0; i < count && i < most_packages; i++) {
        uint64_t ns = thaw_summary_number(sorted[i], "import_ns");
        uint64_t bytes = thaw_summary_number(sorted[i], "bytes");

        if (ns)
            fprintf(summary->stream, "| %s | %s | %s |\n",
                    thaw_markdown_name(summary, thaw_view_package(summary, sorted[i])),
                    thaw_summary_duration(summary, ns),
                    bytes ? thaw_summary_size(summary, bytes) : "");
    }
}

void thaw_markdown_packages(struct thaw_summary *summary)
{
    const json_t *list = json_object_get(summary->report, "distributions");

    if (!json_array_size(list))
        return;
    if (json_is_object(json_object_get(summary->report, "target")))
        write_shipped(summary, list);
    else
        write_imported(summary, list);
}
