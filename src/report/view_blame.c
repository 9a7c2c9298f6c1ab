/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/path_table.h"
#include "report/import_tree.h"
#include "report/import_words.h"
#include "report/keys.h"
#include "report/target_view.h"
#include "report/writers.h"

/*
 * `--view blame`: flat lists of what the imports' time went to, modules and then the packages they
 * are of. Looked at is what the summary's imports are (thaw_summary_is_counted()).
 */

enum { usual_modules = 25, usual_packages = 15, gap = 2, number_columns = 9, share_columns = 7 };

/* A distribution, or all modules of one owner that are of none. */
struct package {
    const json_t *module; /* one of it */
    uint64_t self_ns;
    uint64_t total_ns; /* with what its modules import, each instant once */
    size_t modules;
    size_t open; /* of its modules, those that the walk is below of */
    const char *name;
};

struct blame {
    struct thaw_summary *summary;
    struct thaw_import_tree tree;
    struct thaw_path_table by_key;
    struct package *packages; /* as many as modules at most */
    size_t *package_of;       /* of each node */
    struct thaw_import_rank *modules;
    size_t package_count, module_count;
    uint64_t self_ns, gc_ns;
    bool has_retained;
};

static struct package *package_of(struct blame *it, const json_t *module)
{
    struct thaw_arena *arena = &it->summary->arena;
    const char *key = thaw_key_text(arena, module, "distribution");
    size_t place;

    if (key && !*key) /* no name of a distribution begins so */
        key = thaw_arena_format(arena, "\n%s", thaw_key_string(module, "owner"));
    if (!key || thaw_path_table_add(&it->by_key, arena, key, strlen(key), it->package_count) < 0) {
        it->summary->failed = true;
        return NULL;
    }
    place = thaw_path_table_find(&it->by_key, key, strlen(key));
    if (place == it->package_count)
        it->packages[it->package_count++] =
            (struct package){.module = module, .name = thaw_import_from(it->summary, module)};
    return &it->packages[place];
}

static void add(struct blame *it, const struct thaw_import_node *node, struct package *package)
{
    if (!thaw_summary_is_counted(it->summary, node->module))
        return;
    it->modules[it->module_count] =
        (struct thaw_import_rank){.object = node->module, .place = it->module_count};
    it->module_count++;
    it->self_ns += node->self_ns;
    it->gc_ns += thaw_summary_number(node->module, "gc_ns");
    it->has_retained |= json_is_integer(json_object_get(node->module, "retained_ns"));
    package->self_ns += node->self_ns;
    package->total_ns += package->open ? 0 : node->total_ns;
    package->modules++;
}

/* In preorder, with how many modules of each package are above. False: memory is short. */
static bool collect(struct blame *it)
{
    size_t above = THAW_IMPORT_NONE;

    for (size_t i = 0; i < it->tree.count; i++) {
        const struct thaw_import_node *node = &it->tree.nodes[i];
        struct package *package = package_of(it, node->module);

        if (!package)
            return false;
        it->package_of[i] = (size_t)(package - it->packages);
        for (; above != THAW_IMPORT_NONE && above != node->parent;
             above = it->tree.nodes[above].parent)
            it->packages[it->package_of[above]].open--;
        add(it, node, package);
        package->open++;
        above = i;
    }
    return true;
}

/* What the columns of numbers leave for names, two columns of them where there is a second one. */
static size_t name_room(const struct blame *it, size_t numbers)
{
    size_t taken = numbers * (number_columns + gap) + share_columns + gap;

    return it->summary->width - taken;
}

static void write_modules(struct blame *it)
{
    struct thaw_summary *summary = it->summary;
    struct libscols_table *table = thaw_summary_table(summary, true);
    size_t most = thaw_view_rows(summary, usual_modules);
    size_t room = name_room(it, it->has_retained ? 3 : 2), from = room / 3 - gap;

    thaw_summary_column(summary, table, "SELF", true);
    thaw_summary_column(summary, table, "SHARE", true);
    thaw_summary_column(summary, table, "TOTAL", true);
    if (it->has_retained)
        thaw_summary_column(summary, table, "RETAINED", true);
    thaw_summary_column(summary, table, "MODULE", false);
    thaw_summary_column(summary, table, "FROM", false);
    for (size_t i = 0; i < it->module_count && i < most; i++) {
        const json_t *module = it->modules[i].object;
        const char *cells[6];
        size_t count = 0;

        cells[count++] = thaw_import_time(summary, module, "self_ns");
        cells[count++] =
            thaw_summary_share(summary, thaw_summary_number(module, "self_ns"), it->self_ns);
        cells[count++] = thaw_import_time(summary, module, "total_ns");
        if (it->has_retained)
            cells[count++] = thaw_import_time(summary, module, "retained_ns");
        cells[count++] = thaw_import_name(summary, module, room - from - gap);
        cells[count++] = thaw_summary_fit(summary, thaw_import_from(summary, module), from);
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_FAINT, cells, count);
    }
    thaw_summary_print(summary, table);
    thaw_view_rest(summary, most, it->module_count, "modules");
}

static int by_self(const void *left, const void *right)
{
    const struct package *a = left, *b = right;

    if (a->self_ns != b->self_ns)
        return a->self_ns > b->self_ns ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int by_total(const void *left, const void *right)
{
    const struct package *a = left, *b = right;

    return a->total_ns != b->total_ns ? a->total_ns > b->total_ns ? -1 : 1 : by_self(left, right);
}

static int by_name(const void *left, const void *right)
{
    const struct package *a = left, *b = right;

    return strcmp(a->name, b->name);
}

/* Those that have modules in it, in the order asked for where packages have one. */
static size_t sort_packages(struct blame *it)
{
    const char *sort = it->summary->view.sort ? it->summary->view.sort : "";
    size_t count = 0;

    for (size_t i = 0; i < it->package_count; i++) {
        if (it->packages[i].modules)
            it->packages[count++] = it->packages[i];
    }
    qsort(it->packages, count, sizeof(*it->packages),
          !strcmp(sort, "total")  ? by_total
          : !strcmp(sort, "name") ? by_name
                                  : by_self);
    return count;
}

static void write_packages(struct blame *it)
{
    struct thaw_summary *summary = it->summary;
    struct libscols_table *table = thaw_summary_table(summary, true);
    size_t most = thaw_view_rows(summary, usual_packages), count = sort_packages(it);

    thaw_summary_column(summary, table, "SELF", true);
    thaw_summary_column(summary, table, "SHARE", true);
    thaw_summary_column(summary, table, "TOTAL", true);
    thaw_summary_column(summary, table, "MODULES", true);
    thaw_summary_column(summary, table, "FROM", false);
    for (size_t i = 0; i < count && i < most; i++) {
        const struct package *package = &it->packages[i];
        const char *cells[] = {
            thaw_summary_duration(summary, package->self_ns),
            thaw_summary_share(summary, package->self_ns, it->self_ns),
            thaw_summary_duration(summary, package->total_ns),
            thaw_summary_count(summary, package->modules),
            thaw_summary_fit(summary, *package->name ? package->name : "(not known)",
                             name_room(it, 3)),
        };

        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 5);
    }
    thaw_summary_print(summary, table);
    thaw_view_rest(summary, most, count, "packages");
}

static void write_words(struct blame *it)
{
    struct thaw_summary *summary = it->summary;
    const char *text = "SELF: a module's own time. TOTAL: with all that it imported first.";

    if (it->has_retained)
        text = thaw_summary_format(summary,
                                   "%s RETAINED: what would go if nothing imported it, of all "
                                   "that is loaded; it may be more than TOTAL, as what it needs "
                                   "may have been loaded before.",
                                   text);
    if (it->gc_ns)
        text = thaw_summary_format(summary, "%s Garbage collections, %s, are in no module's SELF.",
                                   text, thaw_summary_duration(summary, it->gc_ns));
    thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "", text);
}

static void write_blame(struct blame *it)
{
    struct thaw_summary *summary = it->summary;

    if (!it->module_count) {
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "", "No imports were recorded.");
        return;
    }
    thaw_import_sort(summary, it->modules, it->module_count, "self");
    thaw_summary_title(summary, thaw_summary_format(summary, "The %s of %s, by module",
                                                    thaw_summary_duration(summary, it->self_ns),
                                                    thaw_view_many(summary, it->module_count,
                                                                   "import", "imports")));
    write_modules(it);
    thaw_summary_title(summary, "By package");
    write_packages(it);
    write_words(it);
}

int thaw_write_blame(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error)
{
    struct thaw_summary summary;
    struct blame it = {.summary = &summary};
    size_t most;

    thaw_summary_begin(&summary, report, options, stream);
    summary.failed |= thaw_import_tree_build(report, &it.tree, error) != 0;
    most = it.tree.count + 1;
    it.packages = calloc(most, sizeof(*it.packages));
    it.package_of = calloc(most, sizeof(*it.package_of));
    it.modules = calloc(most, sizeof(*it.modules));
    if (!it.packages || !it.package_of || !it.modules || !collect(&it))
        summary.failed = true;
    else
        write_blame(&it);
    thaw_summary_incomplete(&summary, "--view summary");
    thaw_path_table_clear(&it.by_key);
    free(it.modules);
    free(it.package_of);
    free(it.packages);
    thaw_import_tree_free(&it.tree);
    return thaw_summary_end(&summary, error);
}
