/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_view.h"
#include "report/keys.h"
#include "report/target_view.h"

/* Modules and packages of two cold starts that changed, each with what brought it. */

enum { name_columns = 40, most_links = 6 };

static bool is_word(const json_t *object, const char *key, const char *word)
{
    return !strcmp(thaw_key_string(object, key), word);
}

/* "function_app.py:8 > pandas > numpy"; long chains without their middle. */
const char *thaw_diff_view_chain(struct thaw_summary *summary, const json_t *change)
{
    const json_t *importer = json_object_get(change, "importer");
    size_t count = json_array_size(json_object_get(change, "chain"));
    const char *text = "";

    if (json_is_object(importer)) {
        text = thaw_summary_text(summary, importer, "file");
        if (json_is_integer(json_object_get(importer, "line")))
            text = thaw_summary_format(summary, "%s:%llu", text,
                                       (unsigned long long)thaw_summary_number(importer, "line"));
    }
    for (size_t i = 0; i < count; i++) {
        const char *link = thaw_summary_item(summary, change, "chain", i);

        if (count > most_links && i == most_links / 2) {
            i = count - most_links / 2 - 1;
            link = "...";
        }
        text = thaw_summary_format(summary, "%s%s%s", text, *text ? " > " : "", link);
    }
    return text;
}

/* The larger total of both sides, of which only one is there for what came or went. */
static const char *cost(struct thaw_summary *summary, const json_t *module)
{
    const json_t *total = json_object_get(module, "total_ns");
    bool came = is_word(module, "change", "came"), went = is_word(module, "change", "went");

    if (!came && !went)
        return thaw_diff_view_change(summary, json_object_get(module, "self_ns"));
    return thaw_summary_format(summary, "%s%s", came ? "+" : "-",
                               thaw_diff_view_time(summary, total, came ? "after" : "before"));
}

/* "its files have 12.3 kB more". */
static const char *other_bytes(struct thaw_summary *summary, const json_t *before,
                               const json_t *after)
{
    uint64_t old = thaw_summary_number(before, "bytes"), new = thaw_summary_number(after, "bytes");

    return thaw_summary_format(summary, "its files have %s %s",
                               thaw_summary_size(summary, new > old ? new - old : old - new),
                               new > old ? "more" : "less");
}

/* "moved from numpy to pandas", "kind: bytecode -> source". */
const char *thaw_diff_view_what(struct thaw_summary *summary, const json_t *module)
{
    static const char *const keys[] = {"status", "kind", "bytecode"};
    const json_t *before = json_object_get(module, "before");
    const json_t *after = json_object_get(module, "after");
    const char *text = "";

    if (is_word(module, "change", "time"))
        return thaw_diff_view_verdict(json_object_get(module, "self_ns"));
    if (is_word(module, "change", "moved"))
        return thaw_summary_format(summary, "moved from %s to %s",
                                   *thaw_key_string(before, "parent")
                                       ? thaw_summary_text(summary, before, "parent")
                                       : "the program",
                                   *thaw_key_string(after, "parent")
                                       ? thaw_summary_text(summary, after, "parent")
                                       : "the program");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *old = thaw_summary_text(summary, before, keys[i]);
        const char *new = thaw_summary_text(summary, after, keys[i]);

        if (*old && *new &&strcmp(old, new) != 0)
            text = thaw_summary_format(summary, "%s%s%s -> %s", text, *text ? ", " : "", old, new);
    }
    if (is_word(module, "change", "bytes"))
        text = other_bytes(summary, before, after);
    return text;
}

/* "numpy and 130 below it". */
const char *thaw_diff_view_module(struct thaw_summary *summary, const json_t *module)
{
    const char *name = thaw_summary_fit(summary, thaw_summary_text(summary, module, "name"),
                                        summary->width - name_columns);
    uint64_t below = thaw_summary_number(module, "below");
    const json_t *side =
        json_object_get(module,
                        json_is_null(json_object_get(module, "after")) ? "before" : "after");

    if (!is_word(side, "status", "loaded"))
        name = thaw_summary_format(summary, "%s (%s)", name,
                                   thaw_summary_text(summary, side, "status"));
    return below ? thaw_summary_format(summary, "%s and %s below it", name,
                                       thaw_summary_count(summary, below))
                 : name;
}

bool thaw_diff_view_shows_module(const json_t *module)
{
    return thaw_summary_is(module, "top") ||
           (!is_word(module, "change", "came") && !is_word(module, "change", "went"));
}

static void write_module(const struct thaw_diff_view *view, const json_t *module)
{
    struct thaw_summary *summary = view->summary;
    const char *word = thaw_key_string(module, "change");
    const char *what = "", *chain = thaw_diff_view_chain(summary, module);
    bool one_side = !strcmp(word, "came") || !strcmp(word, "went");

    if (!one_side)
        what = thaw_diff_view_what(summary, module);
    fprintf(summary->stream, "%12s  %-6s %s%s%s\n", cost(summary, module), one_side ? word : "",
            thaw_diff_view_module(summary, module), *what ? ": " : "", what);
    if (json_is_object(json_object_get(module, "importer")) ||
        json_array_size(json_object_get(module, "chain")) > 1)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT,
                               !strcmp(word, "came") ? "                     brought by "
                                                     : "                     by ",
                               chain);
}

static size_t count_of(const json_t *changes, const char *word)
{
    const json_t *change;
    size_t i, count = 0;

    json_array_foreach(changes, i, change) count += is_word(change, "change", word);
    return count;
}

const char *thaw_diff_view_modules_title(struct thaw_summary *summary)
{
    const json_t *cold = thaw_diff_view_cold(summary);
    const json_t *modules = json_object_get(cold, "modules");

    return thaw_summary_format(
        summary, "Modules: %zu came, %zu went, %zu moved, %zu are otherwise, %s as before",
        count_of(modules, "came"), count_of(modules, "went"), count_of(modules, "moved"),
        count_of(modules, "status") + count_of(modules, "kind") + count_of(modules, "bytes"),
        thaw_summary_count(summary,
                           thaw_summary_number(cold, "modules_same") + count_of(modules, "time")));
}

void thaw_diff_view_modules(const struct thaw_diff_view *view)
{
    struct thaw_summary *summary = view->summary;
    const json_t *modules = json_object_get(thaw_diff_view_cold(summary), "modules"), *module;
    size_t i, shown = 0, all = 0;

    if (!modules)
        return;
    thaw_summary_title(summary, thaw_diff_view_modules_title(summary));
    json_array_foreach(modules, i, module)
    {
        if (!thaw_diff_view_shows_module(module))
            continue;
        if (all++ < view->top) {
            write_module(view, module);
            shown++;
        }
    }
    thaw_view_rest(summary, shown, all, "modules");
}

const char *thaw_diff_view_package(struct thaw_summary *summary, const json_t *package)
{
    static const char *const owners[][2] = {
        {"app", "the app's own files"},
        {"stdlib", "the standard library"},
        {"worker", "the platform's worker"},
        {"package", "packages of no distribution"},
    };

    if (json_is_string(json_object_get(package, "name")))
        return thaw_summary_text(summary, package, "name");
    for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
        if (is_word(package, "owner", owners[i][0]))
            return owners[i][1];
    return "of no known owner";
}

const char *thaw_diff_view_versions(struct thaw_summary *summary, const json_t *package)
{
    const char *before = thaw_summary_text(summary, package, "version_before");
    const char *after = thaw_summary_text(summary, package, "version_after");

    if (!*before || !*after || !strcmp(before, after))
        return *after ? after : before;
    return thaw_summary_format(summary, "%s -> %s", before, after);
}

/* "12 -> 14" */
const char *thaw_diff_view_both(struct thaw_summary *summary, const json_t *numbers)
{
    const char *before = thaw_summary_count(summary, thaw_summary_number(numbers, "before"));
    const char *after = thaw_summary_count(summary, thaw_summary_number(numbers, "after"));

    return strcmp(before, after) != 0 ? thaw_summary_format(summary, "%s -> %s", before, after)
                                      : after;
}

void thaw_diff_view_import_packages(const struct thaw_diff_view *view)
{
    static const char *const headings[] = {"CHANGE", "PACKAGE", "VERSION", "MODULES", ""};
    struct thaw_summary *summary = view->summary;
    const json_t *packages = json_object_get(thaw_diff_view_cold(summary), "packages"), *package;
    struct libscols_table *table;
    size_t i;

    if (!json_array_size(packages))
        return;
    thaw_summary_title(summary, "Packages, by what their modules take by themselves");
    table = thaw_summary_table(summary, true);
    for (i = 0; i < sizeof(headings) / sizeof(headings[0]); i++)
        thaw_summary_column(summary, table, headings[i], i == 0 || i == 3);
    json_array_foreach(packages, i, package)
    {
        const json_t *self = json_object_get(package, "self_ns");
        const char *cells[] = {thaw_diff_view_change(summary, self),
                               thaw_summary_fit(summary, thaw_diff_view_package(summary, package),
                                                summary->width - 2 * name_columns + 30),
                               thaw_summary_fit(summary, thaw_diff_view_versions(summary, package),
                                                20),
                               thaw_diff_view_both(summary, json_object_get(package, "modules")),
                               thaw_diff_view_verdict(self)};

        if (i == view->top)
            break;
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, thaw_diff_view_verdict_style(self),
                         cells, 5);
    }
    thaw_summary_print(summary, table);
    thaw_diff_view_rest(view, packages, "packages");
}
