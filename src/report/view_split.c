/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/split_sums.h"
#include "report/target_view.h"
#include "report/writers.h"

/* `--view split`: what each module's own time went into, in ms, those with the most first. */

enum { usual_modules = 40, least_name_columns = 12 };

/* Which parts (split_sums.h) stand in one column. */
static const struct {
    const char *name;
    size_t first, last;
} groups[] = {
    {"FIND", 0, 0}, {"READ", 1, 1}, {"CODE", 2, 4}, {"LOAD", 5, 7},
    {"INIT", 8, 8}, {"EXEC", 9, 9}, {"GC", 10, 10},
};

enum { group_count = sizeof(groups) / sizeof(groups[0]), columns = group_count + 3 };

struct row {
    const json_t *module;
    uint64_t self_ns; /* with collections */
};

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;

    if (a->self_ns != b->self_ns)
        return a->self_ns > b->self_ns ? -1 : 1;
    return thaw_summary_number(a->module, "id") < thaw_summary_number(b->module, "id") ? -1 : 1;
}

/* "12.34", "." for nothing: the heading says ms. */
static const char *milliseconds(struct thaw_summary *summary, uint64_t ns)
{
    uint64_t tenths = (ns + 50000) / 100000;

    if (!ns)
        return ".";
    if (!tenths)
        return "<.1";
    return thaw_summary_format(summary, "%llu.%llu", (unsigned long long)(tenths / 10),
                               (unsigned long long)(tenths % 10));
}

static uint64_t waited_ns(const json_t *module)
{
    uint64_t ns = 0;

    for (size_t i = 0; i < thaw_split_part_count; i++) {
        const struct thaw_split_sum part = thaw_split_part_of(module, i);

        ns += part.io_ns + part.runqueue_ns + part.sleep_ns;
    }
    return ns;
}

static uint64_t group_ns(const json_t *module, size_t group)
{
    uint64_t ns = 0;

    for (size_t part = groups[group].first; part <= groups[group].last; part++)
        ns += thaw_split_part_of(module, part).ns;
    return ns;
}

static void set_cells(struct thaw_summary *summary, const struct row *row,
                      const char *cells[static columns])
{
    size_t count = 0;

    cells[count++] = milliseconds(summary, row->self_ns);
    for (size_t i = 0; i < group_count; i++)
        cells[count++] = milliseconds(summary, group_ns(row->module, i));
    cells[count++] = json_object_get(row->module, "cpu_ns")
                         ? milliseconds(summary, waited_ns(row->module))
                         : "?";
    cells[count] = thaw_summary_text(summary, row->module, "name");
}

/* What the other columns leave for the modules' names. */
static size_t name_columns(const struct thaw_summary *summary, const char *const *headings,
                           const char *(*cells)[columns], size_t count)
{
    size_t left = summary->width, gap = 2;

    for (size_t column = 0; column + 1 < columns; column++) {
        size_t widest = strlen(headings[column]);

        for (size_t i = 0; i < count; i++)
            if (strlen(cells[i][column]) > widest)
                widest = strlen(cells[i][column]);
        left -= left > widest + gap ? widest + gap : 0;
    }
    return left > least_name_columns ? left : least_name_columns;
}

static void write_modules(struct thaw_summary *summary, const struct row *rows, size_t count)
{
    const char *headings[columns] = {[0] = "SELF",
                                     [columns - 2] = "WAIT",
                                     [columns - 1] = "MODULE"};
    const char *(*cells)[columns] =
        thaw_arena_allocate(&summary->arena, (count + 1) * sizeof(*cells));
    struct libscols_table *table = thaw_summary_table(summary, true);
    size_t left;

    summary->failed |= !cells;
    count = cells ? count : 0;
    for (size_t i = 0; i < group_count; i++)
        headings[i + 1] = groups[i].name;
    for (size_t i = 0; i < columns; i++)
        thaw_summary_column(summary, table, headings[i], i + 1 < columns);
    for (size_t i = 0; i < count; i++)
        set_cells(summary, &rows[i], cells[i]);
    left = name_columns(summary, headings, cells, count);
    for (size_t i = 0; i < count; i++) {
        cells[i][columns - 1] = thaw_summary_fit_end(summary, cells[i][columns - 1], left);
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells[i], columns);
    }
    thaw_summary_print(summary, table);
}

/* The modules that count, costliest first; NULL when memory is short. */
static struct row *collect(const struct thaw_summary *summary, size_t *ret_count)
{
    const json_t *modules = json_object_get(summary->report, "modules"), *module;
    struct row *rows = calloc(json_array_size(modules) + 1, sizeof(*rows));
    size_t i;

    *ret_count = 0;
    if (!rows)
        return NULL;
    json_array_foreach(modules, i, module) if (thaw_summary_is_counted(summary, module))
        rows[(*ret_count)++] = (struct row){
            .module = module,
            .self_ns =
                thaw_summary_number(module, "self_ns") + thaw_summary_number(module, "gc_ns"),
        };
    qsort(rows, *ret_count, sizeof(*rows), compare_rows);
    return rows;
}

static void write_explanation(struct thaw_summary *summary, const struct thaw_split_sums *sums)
{
    const char *text = "";

    for (size_t i = 0; i < group_count; i++) {
        text = thaw_summary_format(summary, "%s%s:", text, groups[i].name);
        for (size_t part = groups[i].first; part <= groups[i].last; part++)
            text = thaw_summary_format(summary, "%s %s%s", text, sums->names[part],
                                       part < groups[i].last ? "," : ". ");
    }
    text = thaw_summary_format(summary, "%sWAIT: of all that, %s, %s and %s.", text,
                               sums->wait_names[0], sums->wait_names[1], sums->wait_names[2]);
    thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "", text);
    if (!sums->split)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "",
                               "System calls were not observed: finding, reading and compiling "
                               "are unattributed, and stand in SELF alone.");
}

static void write_split(struct thaw_summary *summary)
{
    struct thaw_split_sums sums;
    size_t count, most = thaw_view_rows(summary, usual_modules);
    struct row *rows = collect(summary, &count);

    summary->failed |= !rows;
    thaw_split_sums_make(summary, &sums);
    thaw_summary_title(summary, thaw_summary_format(summary, "What the %s of %s went into",
                                                    thaw_summary_duration(summary, sums.all.ns),
                                                    thaw_view_many(summary, sums.modules, "import",
                                                                   "imports")));
    if (sums.all.ns) {
        thaw_summary_split_table(summary, &sums);
        thaw_summary_split_notes(summary, &sums);
        thaw_summary_title(summary, count > most
                                        ? "By module, in ms: those with the most time of their own"
                                        : "By module, in ms");
        write_modules(summary, rows, count < most ? count : most);
        thaw_view_rest(summary, most, count, "modules");
        write_explanation(summary, &sums);
    }
    free(rows);
    thaw_summary_probes(summary);
}

int thaw_write_split(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error)
{
    struct thaw_summary summary;

    thaw_summary_begin(&summary, report, options, stream);
    write_split(&summary);
    thaw_summary_incomplete(&summary, "--view summary");
    return thaw_summary_end(&summary, error);
}
