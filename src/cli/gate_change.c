/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/gate_change.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/statistics.h"
#include "gate/metrics.h"
#include "report/keys.h"
#include "report/summary.h"

#define ROWS_MOST 40
#define IMPORTS_MOST 8

/* --- entries --- */

static bool is_same_text(const json_t *one, const json_t *other, const char *key)
{
    return !strcmp(thaw_key_string(one, key), thaw_key_string(other, key));
}

/* The entry that the other took the place of: of the same way to measure. */
static const json_t *entry_before(const json_t *old, const json_t *entry)
{
    const json_t *key = json_object_get(entry, "key"), *other, *other_key;
    size_t i;

    json_array_foreach(json_object_get(old, "entries"), i, other)
    {
        other_key = json_object_get(other, "key");
        if (is_same_text(key, other_key, "interpreter") &&
            is_same_text(key, other_key, "architecture") && is_same_text(key, other_key, "backend"))
            return other;
    }
    return NULL;
}

/* --- rows --- */

/* Modules of a top-level package. */
struct import {
    const json_t *before, *after; /* one may be NULL */
    json_int_t was, is;
};

struct telling {
    struct thaw_summary summary;
    struct libscols_table *table;
    size_t rows, more;
    THAW_ARRAY(struct import) imports;
};

static void add_row(struct telling *telling, const char *const cells[4])
{
    if (telling->rows == ROWS_MOST) {
        telling->more++;
        return;
    }
    telling->rows++;
    thaw_summary_row(&telling->summary, telling->table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells,
                     4);
}

/* The median; false: there are no samples. */
static bool median_of(const json_t *value, double *ret)
{
    const json_t *samples = json_object_get(value, "samples"), *sample;
    size_t count = json_array_size(samples), i;
    double *numbers = count ? calloc(count, sizeof(*numbers)) : NULL;
    bool known = numbers;

    json_array_foreach(samples, i, sample)
    {
        if (numbers)
            numbers[i] = json_number_value(sample);
    }
    known = known && thaw_statistics_median(numbers, count, ret) == 0;
    free(numbers);
    return known;
}

static const char *amount(struct thaw_summary *summary, enum thaw_gate_unit unit, double value)
{
    uint64_t whole = (uint64_t)llround(fabs(value));

    return unit == THAW_GATE_BYTES ? thaw_summary_size(summary, whole)
           : unit == THAW_GATE_NS  ? thaw_summary_duration(summary, whole)
                                   : thaw_summary_count(summary, whole);
}

static const char *shown(struct thaw_summary *summary, enum thaw_gate_unit unit, bool known,
                         double value)
{
    return known ? amount(summary, unit, value) : "-";
}

/* "modules loaded of pandas" */
static const char *title_of(struct thaw_summary *summary, const json_t *value)
{
    static const char *const parts[] = {"module", "distribution", "phase"};
    const struct thaw_gate_metric *metric = thaw_gate_metric_find(thaw_key_string(value, "metric"));
    const char *title = metric ? metric->title : thaw_summary_text(summary, value, "metric");

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *part = thaw_summary_text(summary, value, parts[i]);

        if (*part)
            title = thaw_summary_format(summary, "%s, %s %s", title, parts[i], part);
    }
    return title;
}

static const json_t *value_of(const json_t *entry, const json_t *value)
{
    const json_t *other;
    size_t i;

    json_array_foreach(json_object_get(entry, "values"), i, other)
    {
        if (is_same_text(value, other, "metric") && is_same_text(value, other, "module") &&
            is_same_text(value, other, "distribution") && is_same_text(value, other, "phase"))
            return other;
    }
    return NULL;
}

static bool is_of_all(const json_t *value)
{
    return !*thaw_key_string(value, "module") && !*thaw_key_string(value, "distribution") &&
           !*thaw_key_string(value, "phase");
}

static void add_value(struct telling *telling, const json_t *before, const json_t *after)
{
    struct thaw_summary *summary = &telling->summary;
    const json_t *value = after ? after : before;
    const struct thaw_gate_metric *metric = thaw_gate_metric_find(thaw_key_string(value, "metric"));
    enum thaw_gate_unit unit = metric ? metric->unit : THAW_GATE_COUNT;
    double old = 0, new = 0;
    bool was = median_of(before, &old), is = median_of(after, &new);
    const char *change = "";

    if (was && is && old == new)
        return;
    if (was && is)
        change = thaw_summary_format(summary, "%s%s", new > old ? "+" : "-",
                                     amount(summary, unit, new - old));
    add_row(telling, (const char *const[]){title_of(summary, value), shown(summary, unit, was, old),
                                           shown(summary, unit, is, new), change});
}

/* Both lists of an entry have things by their names. */
#define CONTENTS "contents" /* distributions */
#define IMPORTS "imports"   /* modules loaded, by their top-level package */

static const json_t *named_like(const json_t *entry, const char *list, const json_t *item)
{
    const json_t *other;
    size_t i;

    json_array_foreach(json_object_get(entry, list), i, other)
    {
        if (is_same_text(item, other, "name"))
            return other;
    }
    return NULL;
}

static const char *version_of(struct thaw_summary *summary, const json_t *content)
{
    const char *version = thaw_summary_text(summary, content, "version");

    return !content ? "-" : *version ? version : "there";
}

/* A distribution that came, went, or has another version. */
static void add_content(struct telling *telling, const json_t *before, const json_t *after)
{
    struct thaw_summary *summary = &telling->summary;

    if (before && after && is_same_text(before, after, "version"))
        return;
    add_row(telling,
            (const char *const[]){thaw_summary_text(summary, after ? after : before, "name"),
                                  version_of(summary, before), version_of(summary, after),
                                  !before  ? "came"
                                  : !after ? "went"
                                           : "other version"});
}

static int by_change(const void *one, const void *other)
{
    const struct import *a = one, *b = other;
    json_int_t left = llabs(a->is - a->was), right = llabs(b->is - b->was);

    if (left != right)
        return left < right ? 1 : -1;
    return strcmp(thaw_key_string(a->after ? a->after : a->before, "name"),
                  thaw_key_string(b->after ? b->after : b->before, "name"));
}

static void note_import(struct telling *telling, const json_t *before, const json_t *after)
{
    struct import *import;
    json_int_t was = json_integer_value(json_object_get(before, "modules"));
    json_int_t is = json_integer_value(json_object_get(after, "modules"));

    if (was == is)
        return;
    import = thaw_array_add(&telling->imports);
    telling->summary.failed |= !import;
    if (import)
        *import = (struct import){before, after, was, is};
}

/* "  of xml   -  8  +8", those that changed most; in the order of the baseline else. */
static void add_imports(struct telling *telling)
{
    struct thaw_summary *summary = &telling->summary;
    size_t count = telling->imports.count;

    if (count)
        qsort(telling->imports.items, count, sizeof(struct import), by_change);
    for (size_t i = 0; i < count && i < IMPORTS_MOST; i++) {
        const struct import *import = &telling->imports.items[i];
        const char *name =
            thaw_summary_text(summary, import->after ? import->after : import->before, "name");

        add_row(telling,
                (const char *const[]){
                    thaw_summary_format(summary, "  of %s", name),
                    shown(summary, THAW_GATE_COUNT, import->before, (double)import->was),
                    shown(summary, THAW_GATE_COUNT, import->after, (double)import->is),
                    thaw_summary_format(summary, "%+lld", (long long)(import->is - import->was))});
    }
    if (count > IMPORTS_MOST)
        add_row(telling, (const char *const[]){thaw_summary_format(summary, "  of %zu more",
                                                                   count - IMPORTS_MOST),
                                               "", "", ""});
    thaw_array_free(&telling->imports);
}

typedef void add_named(struct telling *telling, const json_t *before, const json_t *after);

static void add_list(struct telling *telling, const char *list, add_named *add,
                     const json_t *before, const json_t *after)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(after, list), i, item)
        add(telling, named_like(before, list, item), item);
    json_array_foreach(json_object_get(before, list), i, item)
    {
        if (!named_like(after, list, item))
            add(telling, item, NULL);
    }
}

static void add_entry(struct telling *telling, const json_t *before, const json_t *after)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(after, "values"), i, item)
    {
        add_value(telling, value_of(before, item), item);
        if (before && !strcmp(thaw_key_string(item, "metric"), "modules") && is_of_all(item)) {
            add_list(telling, IMPORTS, note_import, before, after);
            add_imports(telling);
        }
    }
    json_array_foreach(json_object_get(before, "values"), i, item)
    {
        if (!value_of(after, item))
            add_value(telling, item, NULL);
    }
    if (before) /* else all of it came: the values say enough */
        add_list(telling, CONTENTS, add_content, before, after);
}

static void tell_entry(struct telling *telling, const json_t *before, const json_t *entry)
{
    struct thaw_summary *summary = &telling->summary;
    const json_t *key = json_object_get(entry, "key");
    const char *interpreter = thaw_summary_text(summary, key, "interpreter");

    telling->rows = telling->more = 0;
    telling->table = thaw_summary_table(summary, true);
    thaw_summary_column(summary, telling->table,
                        thaw_summary_format(summary, "%s%s on %s", *interpreter ? "CPython " : "",
                                            *interpreter ? interpreter : "any Python",
                                            thaw_summary_text(summary, key, "architecture")),
                        false);
    thaw_summary_column(summary, telling->table, "before", true);
    thaw_summary_column(summary, telling->table, "now", true);
    thaw_summary_column(summary, telling->table, "change", false);
    add_entry(telling, before, entry);
    thaw_summary_print(summary, telling->table);
    if (telling->more)
        fprintf(summary->stream, "and %zu more\n", telling->more);
}

int thaw_gate_change_tell(const json_t *old, const json_t *baseline,
                          const struct thaw_report_options *style, FILE *stream,
                          struct thaw_error *error)
{
    struct telling telling = {0};
    const json_t *entry, *before;
    size_t i;

    thaw_summary_begin(&telling.summary, NULL, style, stream);
    json_array_foreach(json_object_get(baseline, "entries"), i, entry)
    {
        before = entry_before(old, entry);
        if (!before || !json_equal(before, entry))
            tell_entry(&telling, before, entry);
    }
    return thaw_summary_end(&telling.summary, error);
}
