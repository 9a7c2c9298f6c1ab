/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/summary.h"
#include "report/writers.h"

/*
 * What modules did beside defining names, by module: each with the chain of those that imported it,
 * and its effects in order of time, equal ones in one row.
 */

enum { most_rows = 24, most_links = 8, kind_columns = 11 };

/* Effects of a module that say the same. */
struct row {
    const json_t *effect; /* the first of them */
    uint64_t count;
    uint64_t duration_ns; /* of all of them */
    bool more;
};

struct rows {
    struct row items[most_rows];
    size_t count;
    uint64_t left_out; /* effects that have no row */
};

/* The modules of a report by their ids, which are ascending. */
static const json_t *find_module(const json_t *modules, uint64_t id)
{
    size_t low = 0, high = json_array_size(modules);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (thaw_summary_number(json_array_get(modules, middle), "id") < id)
            low = middle + 1;
        else
            high = middle;
    }
    return thaw_summary_number(json_array_get(modules, low), "id") == id
               ? json_array_get(modules, low)
               : NULL;
}

/* "numpy.core.multiarray <- numpy.core <- numpy": who imported whom, outwards. */
static const char *chain_of(struct thaw_summary *summary, const json_t *modules,
                            const json_t *module)
{
    const char *arrow = summary->utf8 ? "\xE2\x86\x90" : "<-";
    const char *chain = thaw_summary_text(summary, module, "name");
    uint64_t id = thaw_summary_number(module, "id");
    const json_t *above;

    for (size_t links = 0; links < most_links; links++) {
        uint64_t parent = thaw_summary_number(module, "parent");

        above = parent && parent < id ? find_module(modules, parent) : NULL;
        if (!above)
            return thaw_summary_fit(summary, chain, summary->width);
        chain = thaw_summary_format(summary, "%s %s %s", chain, arrow,
                                    thaw_summary_text(summary, above, "name"));
        if (thaw_summary_columns(chain) > summary->width)
            return thaw_summary_fit(summary, chain, summary->width);
        module = above;
        id = parent;
    }
    if (thaw_summary_number(module, "parent"))
        chain = thaw_summary_format(summary, "%s %s ...", chain, arrow);
    return thaw_summary_fit(summary, chain, summary->width);
}

static bool same(const json_t *left, const json_t *right)
{
    static const char *const keys[] = {"kind", "detail", "process", "error"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const json_t *a = json_object_get(left, keys[i]), *b = json_object_get(right, keys[i]);

        if (a != b && !json_equal((json_t *)a, (json_t *)b))
            return false;
    }
    return true;
}

static void take_effect(struct rows *rows, const json_t *effect)
{
    size_t i = 0;

    while (i < rows->count && !same(rows->items[i].effect, effect))
        i++;
    if (i == most_rows) {
        rows->left_out++;
        return;
    }
    if (i == rows->count)
        rows->items[rows->count++] = (struct row){.effect = effect};
    rows->items[i].count++;
    rows->items[i].duration_ns += thaw_summary_number(effect, "duration_ns");
    rows->items[i].more |= thaw_summary_is(effect, "more");
}

/* Whose it is when it is not the module's own process. */
static const char *actor(struct thaw_summary *summary, const json_t *module, const json_t *effect)
{
    uint64_t id = thaw_summary_number(effect, "process");
    const json_t *process = thaw_summary_process(summary, id);

    if (!process || id == thaw_summary_number(module, "process"))
        return "";
    return thaw_summary_format(summary, " (in process %llu, which it started)",
                               (unsigned long long)thaw_summary_number(process, "pid"));
}

static const char *row_text(struct thaw_summary *summary, const json_t *module,
                            const struct row *row)
{
    const char *error = thaw_summary_text(summary, row->effect, "error");
    const char *text = thaw_summary_text(summary, row->effect, "detail");

    if (json_object_get(row->effect, "duration_ns"))
        text = thaw_summary_format(summary, "%s%s%s", text, *text ? ", " : "",
                                   thaw_summary_duration(summary, row->duration_ns));
    if (!strcmp(error, "EINPROGRESS"))
        text = thaw_summary_format(summary, "%s, in progress", text);
    else if (*error)
        text = thaw_summary_format(summary, "%s, failed: %s", text, error);
    if (row->count > 1)
        text = thaw_summary_format(summary, "%s%s%llu times", text, *text ? ", " : "",
                                   (unsigned long long)row->count);
    if (row->more)
        text = thaw_summary_format(summary, "%s, perhaps more", text);
    return thaw_summary_format(summary, "%s%s", text, actor(summary, module, row->effect));
}

static void write_row(struct thaw_summary *summary, const json_t *module, const struct row *row,
                      uint64_t start_ns)
{
    const char *kind = thaw_summary_text(summary, row->effect, "kind"), *at = "", *lead;
    const char *text = row_text(summary, module, row);
    uint64_t time_ns = thaw_summary_number(row->effect, "time_ns");
    size_t gap;

    kind = thaw_summary_fit(summary, kind, kind_columns);
    gap = kind_columns - thaw_summary_columns(kind);
    if (time_ns >= start_ns)
        at = thaw_summary_duration(summary, time_ns - start_ns);
    lead = thaw_summary_format(summary, "  %*s%s  %s", (int)(10 - thaw_summary_columns(at)), "", at,
                               kind);
    if (*text)
        lead = thaw_summary_format(summary, "%s%*s  ", lead, (int)gap, "");
    thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, lead, text);
}

static void write_module(struct thaw_summary *summary, const json_t *modules, const json_t *module,
                         uint64_t start_ns)
{
    const json_t *effects = thaw_summary_list(module, "effects"), *effect;
    struct rows rows = {.count = 0};
    size_t i;

    json_array_foreach(effects, i, effect) take_effect(&rows, effect);
    thaw_summary_title(summary, chain_of(summary, modules, module));
    for (i = 0; i < rows.count; i++)
        write_row(summary, module, &rows.items[i], start_ns);
    if (rows.left_out)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "  ",
                               thaw_summary_format(summary, "and %llu more, which --json has",
                                                   (unsigned long long)rows.left_out));
}

/* When the times begin: with the process that is reported on, else with the recording. */
static uint64_t origin_of(const struct thaw_summary *summary)
{
    uint64_t start_ns = thaw_summary_number(summary->track, "start_ns");

    return start_ns ? start_ns
                    : thaw_summary_number(json_object_get(summary->report, "run"), "start_ns");
}

/* Why it was not looked for effects, "" unknown. */
static const char *reason_of(struct thaw_summary *summary)
{
    const json_t *probes = thaw_summary_list(summary->report, "probes"), *probe;
    size_t i;

    json_array_foreach(probes, i, probe)
    {
        const char *name = json_string_value(json_object_get(probe, "name"));

        if (name && !strcmp(name, "effects.calls"))
            return thaw_summary_text(summary, probe, "reason");
    }
    return "the recording is one of importtime, or of an older thaw";
}

static void write_unobserved(struct thaw_summary *summary)
{
    const char *reason = reason_of(summary);

    thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                           thaw_summary_format(summary, "Effects were not observed%s%s",
                                               *reason ? ": " : "", reason));
}

/* What lacks although system calls were seen, and what never can be seen. */
static void write_limits(struct thaw_summary *summary)
{
    const json_t *probes = thaw_summary_list(summary->report, "probes"), *probe;
    size_t i;

    thaw_summary_title(summary, "Not seen");
    json_array_foreach(probes, i, probe)
    {
        const char *name = json_string_value(json_object_get(probe, "name"));
        const char *without = thaw_summary_text(summary, probe, "without");

        if (name && !strncmp(name, "effects.", 8) && *without)
            thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                                thaw_summary_format(summary, "%s: %s", without,
                                                    thaw_summary_text(summary, probe, "reason")));
    }
    thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                        "what goes through io_uring, mappings of files, or descriptors that were "
                        "open before; lookups and environment changes that pass by the C library; "
                        "waits for events or locks (--view split has their time)");
}

static void write_all(struct thaw_summary *summary)
{
    const json_t *modules = thaw_summary_list(summary->report, "modules"), *module;
    bool observed = false, any = false;
    uint64_t start_ns = origin_of(summary);
    size_t i;

    json_array_foreach(modules, i, module)
    {
        const json_t *effects = thaw_summary_list(module, "effects");

        observed |= effects != NULL;
        if (!json_array_size(effects))
            continue;
        if (!any)
            thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                                   "What modules did while they were executed, beside defining "
                                   "names; each with those that imported it");
        any = true;
        write_module(summary, modules, module, start_ns);
    }
    if (!json_array_size(modules))
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "", "No imports were seen.");
    else if (!observed)
        write_unobserved(summary);
    else if (!any)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                               "No module did anything but define names, as far as can be seen.");
    if (observed)
        write_limits(summary);
}

int thaw_write_effects(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;

    thaw_summary_begin(&summary, report, options, stream);
    write_all(&summary);
    thaw_summary_incomplete(&summary, "--view summary");
    return thaw_summary_end(&summary, error);
}
