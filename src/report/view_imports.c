/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/import_tree.h"
#include "report/import_words.h"
#include "report/target_view.h"
#include "report/writers.h"

/*
 * `--view tree`: who imported what, a process at a time, the headline's first. Of what a module
 * imported, all that took a hundredth of the process's imports is shown, with --top the costliest
 * ones; the rest is one line with its sum. What did not end or was asked to be shown is never
 * summed up.
 */

enum { least_share = 100, usual_columns = 9, most_columns = 10, share_columns = 7 };

#define TEN_COLUMNS_NS 10000000000000 /* thaw_summary_duration() of less needs no more than 9 */

struct imports {
    struct thaw_summary *summary;
    struct thaw_import_tree tree;
    struct thaw_view_tree branches;
    int number_columns; /* of times */
    uint64_t whole_ns;  /* of the process */
};

/* What stands before a line: columns of numbers. */
static void put_numbers(struct imports *it, const char *total, const char *self, const char *share)
{
    fprintf(it->summary->stream, "%*s  %*s  %*s  ", it->number_columns, total, it->number_columns,
            self, share_columns, share);
}

/* Is it worth a line of its own, whatever its place among its brothers? */
static bool is_shown(const struct imports *it, const struct thaw_import_node *node, size_t place)
{
    if (!json_is_integer(json_object_get(node->module, "total_ns")))
        return true;
    if (it->summary->view.top)
        return place < it->summary->view.top;
    return node->total_ns >= it->whole_ns / least_share;
}

/* The nodes from begin that have one parent, in the order to be shown; *ret_shown of them are, the
 * time of the others is *ret_rest_ns. NULL: memory is short. */
static struct thaw_import_rank *children(struct imports *it, size_t begin, size_t end,
                                         size_t *ret_shown, size_t *ret_count,
                                         uint64_t *ret_rest_ns)
{
    struct thaw_summary costliest = {0}; /* that is: nothing asked for */
    struct thaw_import_rank *items;
    size_t count = 0, shown = 0;

    for (size_t i = begin; i < end; i = it->tree.nodes[i].end)
        count++;
    items = calloc(count + 1, sizeof(*items));
    it->summary->failed |= !items;
    if (!items)
        return NULL;
    count = 0;
    for (size_t i = begin; i < end; i = it->tree.nodes[i].end)
        items[count++] = (struct thaw_import_rank){it->tree.nodes[i].module, i, 0};
    thaw_import_sort(&costliest, items, count, "total");
    *ret_rest_ns = 0;
    for (size_t i = 0; i < count; i++) {
        const struct thaw_import_node *node = &it->tree.nodes[items[i].place];
        struct thaw_import_rank swapped = items[shown];

        if (is_shown(it, node, i)) {
            items[shown++] = items[i];
            items[i] = swapped;
        } else {
            *ret_rest_ns += node->total_ns;
        }
    }
    if (!it->summary->view.top && count - shown == 1) { /* its sum would take a line, too */
        shown = count;
        *ret_rest_ns = 0;
    }
    thaw_import_sort(it->summary, items, shown, "total");
    *ret_shown = shown;
    *ret_count = count;
    return items;
}

/* Where it comes from, if that is not told above it; its thread, if that is not the one above's or
 * the process's first; and how many are below where those are not shown. */
static const char *note_of(struct imports *it, const struct thaw_import_node *node, bool cut)
{
    struct thaw_summary *summary = it->summary;
    const struct thaw_import_node *above =
        node->parent == THAW_IMPORT_NONE ? NULL : &it->tree.nodes[node->parent];
    const char *from = thaw_import_from(summary, node->module), *note = from;
    size_t below = node->end - (size_t)(node - it->tree.nodes) - 1;
    uint64_t first = above
                         ? above->tid
                         : thaw_summary_number(thaw_summary_process(summary, node->process), "pid");

    if (above && !strcmp(from, thaw_import_from(summary, above->module)))
        note = "";
    if (node->tid && node->tid != first)
        note =
            thaw_summary_format(summary, "%s%sthread %" PRIu64, note, *note ? ", " : "", node->tid);
    if (cut && below)
        note = thaw_summary_format(summary, "%s%s%s below", note, *note ? ", " : "",
                                   thaw_summary_count(summary, below));
    return note;
}

static void write_children(struct imports *it, size_t begin, size_t end, size_t level);

static void write_node(struct imports *it, size_t place, size_t level, bool is_last)
{
    const struct thaw_import_node *node = &it->tree.nodes[place];
    struct thaw_summary *summary = it->summary;
    bool goes_below = thaw_view_goes_below(summary, &it->branches, level);

    put_numbers(it, thaw_import_time(summary, node->module, "total_ns"),
                thaw_import_time(summary, node->module, "self_ns"),
                thaw_summary_share(summary, node->total_ns, it->whole_ns));
    thaw_view_branch(summary, &it->branches, level, is_last,
                     thaw_import_is_bad(node->module) ? THAW_STYLE_BAD
                     : level                          ? THAW_STYLE_PLAIN
                                                      : THAW_STYLE_STRONG,
                     thaw_import_name(summary, node->module,
                                      thaw_view_room(summary, &it->branches, level)),
                     THAW_STYLE_FAINT, note_of(it, node, !goes_below));
    if (goes_below)
        write_children(it, place + 1, node->end, level + 1);
}

static void write_children(struct imports *it, size_t begin, size_t end, size_t level)
{
    struct thaw_summary *summary = it->summary;
    size_t shown = 0, count = 0, rest;
    uint64_t rest_ns = 0;
    struct thaw_import_rank *items = children(it, begin, end, &shown, &count, &rest_ns);

    rest = count - shown;
    for (size_t i = 0; items && i < shown; i++)
        write_node(it, items[i].place, level, i + 1 == shown && !rest);
    free(items);
    if (!rest)
        return;
    put_numbers(it, thaw_summary_duration(summary, rest_ns), "",
                thaw_summary_share(summary, rest_ns, it->whole_ns));
    thaw_view_branch(summary, &it->branches, level, true, THAW_STYLE_FAINT,
                     thaw_summary_format(summary, "%s%s", thaw_summary_count(summary, rest),
                                         shown       ? " more"
                                         : rest == 1 ? " import"
                                                     : " imports"),
                     THAW_STYLE_FAINT, "");
}

/* The nodes of one process, begin to end. */
static void write_process(struct imports *it, size_t begin, size_t end)
{
    struct thaw_summary *summary = it->summary;

    it->whole_ns = 0;
    for (size_t i = begin; i < end; i = it->tree.nodes[i].end)
        it->whole_ns += it->tree.nodes[i].total_ns;
    it->number_columns = it->whole_ns < TEN_COLUMNS_NS ? usual_columns : most_columns;
    it->branches.lead_columns = 2 * ((size_t)it->number_columns + 2) + share_columns + 2;
    thaw_summary_title(
        summary, thaw_summary_format(summary, "%s: %s in %s",
                                     thaw_import_process(summary, it->tree.nodes[begin].process),
                                     thaw_view_many(summary, end - begin, "import", "imports"),
                                     thaw_summary_duration(summary, it->whole_ns)));
    put_numbers(it, "TOTAL", "SELF", "SHARE");
    fputs("MODULE, FROM\n", summary->stream);
    write_children(it, begin, end, 0);
}

/* The processes; only the headline's, or all others. */
static void write_processes(struct imports *it, bool headline)
{
    uint64_t first = thaw_summary_number(it->summary->track, "process");

    for (size_t begin = 0, end; begin < it->tree.count; begin = end) {
        uint64_t process = it->tree.nodes[begin].process;

        for (end = begin; end < it->tree.count && it->tree.nodes[end].process == process;)
            end = it->tree.nodes[end].end;
        if (headline == (first && process == first))
            write_process(it, begin, end);
    }
}

int thaw_write_import_tree(const json_t *report, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct imports it = {.summary = &summary};

    thaw_summary_begin(&summary, report, options, stream);
    summary.failed |= thaw_import_tree_build(report, &it.tree, error) != 0;
    write_processes(&it, true);
    write_processes(&it, false);
    if (!it.tree.count)
        thaw_summary_paragraph(&summary, THAW_STYLE_PLAIN, "", "No imports were recorded.");
    thaw_summary_incomplete(&summary, "--view summary");
    thaw_import_tree_free(&it.tree);
    return thaw_summary_end(&summary, error);
}
