/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/keys.h"
#include "report/target_view.h"
#include "report/writers.h"

/*
 * `--view native`: the CPU time of imports by shared object, by function, and by what called them.
 */

enum { usual_libraries = 15, usual_functions = 15, most_paths = 12, few_samples = 10 };

/* In whole percents: samples are not so exact that more would mean something. */
static const char *share_of(struct thaw_summary *summary, const json_t *part, const char *key,
                            const json_t *whole)
{
    uint64_t samples = thaw_summary_number(part, key);
    uint64_t all = thaw_summary_number(whole, "samples");
    uint64_t percent = all ? (200 * samples + all) / (2 * all) : 0;

    return samples && !percent ? "<1 %" : thaw_summary_format(summary, "%d %%", (int)percent);
}

static const char *time_of(struct thaw_summary *summary, const json_t *item)
{
    return thaw_summary_duration(summary, thaw_summary_number(item, "time_ns"));
}

/* By how much the time may be off, as samples are drawn: one standard error, in whole percents
 * upwards. */
static const char *error_of(struct thaw_summary *summary, const json_t *item)
{
    uint64_t samples = thaw_summary_number(item, "samples");
    uint64_t percent = 1;

    if (samples < few_samples)
        return samples == 1 ? "1 sample" : thaw_summary_format(summary, "%d samples", (int)samples);
    while (percent * percent * samples < 10000) /* 100 / root of samples, few_samples: 32 */
        percent++;
    return thaw_summary_format(summary, "%s%d %%", summary->utf8 ? "\xC2\xB1" : "+-", (int)percent);
}

static const char *module_name(struct thaw_summary *summary, uint64_t id)
{
    const json_t *module;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "modules"), i,
                       module) if (thaw_summary_number(module, "id") ==
                                   id) return thaw_summary_text(summary, module, "name");
    return "";
}

/* The module with the most of its samples. */
static const char *first_module(struct thaw_summary *summary, const json_t *item)
{
    const json_t *first = json_array_get(json_object_get(item, "modules"), 0);

    return module_name(summary, thaw_summary_number(first, "module"));
}

/* Its name, or where it lies: never the name of what happens to be near. */
static const char *function_name(struct thaw_summary *summary, const json_t *function)
{
    const char *name = thaw_summary_text(summary, function, "name");

    if (*name)
        return name;
    return thaw_summary_format(summary, "%s+0x%llx",
                               thaw_key_last_part(thaw_summary_text(summary, function, "library")),
                               (unsigned long long)thaw_summary_number(function, "offset"));
}

/* Its file's name; an extension module's without what all of a Python's have at their ends. */
static const char *library_name(struct thaw_summary *summary, const json_t *library)
{
    const char *name = thaw_key_last_part(thaw_summary_text(summary, library, "path"));
    const char *tag = strstr(name, ".cpython-");
    const char *kind = json_string_value(json_object_get(library, "kind"));

    if (kind && !strcmp(kind, "probe"))
        return "thaw's own probes";
    if (!tag || tag == name || strcmp(tag + strlen(tag) - 3, ".so") != 0)
        return name;
    return thaw_summary_format(summary, "%.*s.so", (int)(tag - name), name);
}

static void write_libraries(struct thaw_summary *summary, const json_t *native)
{
    static const char *const names[] = {"TIME",    "ERROR", "SHARE",        "KERNEL",
                                        "LIBRARY", "FROM",  "MOST OF IT IN"};
    enum { columns = sizeof(names) / sizeof(names[0]) };
    /* at 80 columns: 36 for the figures with their gaps, 4 for two more gaps */
    size_t more = summary->width - 80, i;
    struct libscols_table *table = thaw_summary_table(summary, true);
    const json_t *library;

    for (i = 0; i < columns; i++)
        thaw_summary_column(summary, table, names[i], i < 4);
    json_array_foreach(json_object_get(native, "libraries"), i, library)
    {
        const char *cells[columns] = {
            time_of(summary, library),
            error_of(summary, library),
            share_of(summary, library, "samples", native),
            share_of(summary, library, "kernel_samples", library),
            thaw_summary_fit(summary, library_name(summary, library), 19 + more / 3),
            thaw_summary_fit(summary, thaw_summary_text(summary, library, "distribution"),
                             8 + more / 6),
            thaw_summary_fit_end(summary, first_module(summary, library), 13 + more / 3),
        };

        if (i >= thaw_view_rows(summary, usual_libraries))
            break;
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_FAINT, cells, columns);
    }
    thaw_summary_print(summary, table);
}

static void write_functions(struct thaw_summary *summary, const json_t *native)
{
    static const char *const names[] = {"TIME", "ERROR", "KERNEL", "FUNCTION", "LIBRARY"};
    enum { columns = sizeof(names) / sizeof(names[0]) };
    size_t more = summary->width - 80, i;
    struct libscols_table *table = thaw_summary_table(summary, true);
    const json_t *function;

    for (i = 0; i < columns; i++)
        thaw_summary_column(summary, table, names[i], i < 3);
    json_array_foreach(json_object_get(native, "functions"), i, function)
    {
        const char *cells[columns] = {
            time_of(summary, function),
            error_of(summary, function),
            share_of(summary, function, "kernel_samples", function),
            thaw_summary_fit(summary, function_name(summary, function), 29 + more / 2),
            thaw_summary_fit(summary,
                             thaw_key_last_part(thaw_summary_text(summary, function, "library")),
                             20 + more / 3),
        };

        if (i >= thaw_view_rows(summary, usual_functions))
            break;
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_FAINT, cells, columns);
    }
    thaw_summary_print(summary, table);
}

/* "memcpy < do_init < PyInit_x", innermost first. */
static void write_path(struct thaw_summary *summary, const json_t *path)
{
    const char *arrow = summary->utf8 ? " \xE2\x86\x90 " : " <- ", *text = "", *library = "";
    const json_t *frame;
    size_t i;

    json_array_foreach(json_object_get(path, "frames"), i, frame)
    {
        const char *from = thaw_key_last_part(thaw_summary_text(summary, frame, "library"));
        const char *name = function_name(summary, frame);
        bool told = !*thaw_summary_text(summary, frame, "name") || !strcmp(from, library);

        text = thaw_summary_format(summary, "%s%s%s%s%s", text, i ? arrow : "", told ? "" : from,
                                   told ? "" : "!", name);
        library = from;
    }
    thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "  ",
                           thaw_summary_format(summary, "%s (%s): %s, most in %s",
                                               time_of(summary, path), error_of(summary, path),
                                               text, first_module(summary, path)));
}

static void write_stacks(struct thaw_summary *summary, const json_t *stacks)
{
    uint64_t complete = thaw_summary_number(stacks, "complete");
    uint64_t truncated = thaw_summary_number(stacks, "truncated");
    uint64_t probed = thaw_summary_number(stacks, "probed");
    uint64_t broken = thaw_summary_number(stacks, "broken");
    const json_t *path;
    size_t i;

    if (!json_is_object(stacks))
        return;
    thaw_summary_title(summary, "Calls that led there, innermost first, up to the interpreter");
    json_array_foreach(json_object_get(stacks, "paths"), i, path)
    {
        if (i >= most_paths)
            break;
        write_path(summary, path);
    }
    thaw_summary_bullet(
        summary, THAW_STYLE_FAINT,
        thaw_summary_format(summary,
                            "of %llu stacks, %llu were followed to the thread's start, %llu to "
                            "dlopen, whose return is probed; %llu are longer than what was "
                            "copied, %llu end elsewhere",
                            (unsigned long long)(complete + truncated + probed + broken),
                            (unsigned long long)complete, (unsigned long long)probed,
                            (unsigned long long)truncated, (unsigned long long)broken));
}

static uint64_t unnamed_samples(const json_t *native)
{
    const json_t *function;
    uint64_t samples = 0;
    size_t i;

    json_array_foreach(json_object_get(native, "functions"), i,
                       function) if (json_is_null(json_object_get(function, "name"))) samples +=
        thaw_summary_number(function, "samples");
    return samples;
}

static void write_unknown(struct thaw_summary *summary, const json_t *native)
{
    uint64_t unnamed = unnamed_samples(native);
    uint64_t unattributed = thaw_summary_number(native, "unattributed_samples");
    size_t libraries = json_array_size(json_object_get(native, "libraries"));
    size_t functions = json_array_size(json_object_get(native, "functions"));

    thaw_view_rest(summary, thaw_view_rows(summary, usual_libraries), libraries, "libraries");
    thaw_view_rest(summary, thaw_view_rows(summary, usual_functions), functions, "functions");
    if (unnamed)
        thaw_summary_bullet(
            summary, THAW_STYLE_FAINT,
            thaw_summary_format(summary,
                                "%s of the samples are in functions that their files have no "
                                "name for (library+offset)",
                                thaw_summary_share(summary, unnamed,
                                                   thaw_summary_number(native, "samples"))));
    if (unattributed)
        thaw_summary_bullet(summary, THAW_STYLE_FAINT,
                            thaw_summary_format(summary,
                                                "%llu samples are in no code that was seen mapped",
                                                (unsigned long long)unattributed));
}

/* What was lost of the whole recording: samples may be among it. */
static void write_losses(struct thaw_summary *summary)
{
    const json_t *loss;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "losses"), i, loss) thaw_summary_bullet(
        summary, THAW_STYLE_BAD,
        thaw_summary_format(summary, "%llu: %s",
                            (unsigned long long)thaw_summary_number(loss, "count"),
                            thaw_summary_text(summary, loss, "what")));
}

/* Why there is nothing: as the probe's row says. */
static void write_nothing(struct thaw_summary *summary)
{
    const char *reason = "";
    const json_t *probe;
    size_t i;

    json_array_foreach(json_object_get(summary->report, "probes"), i, probe)
    {
        const char *name = json_string_value(json_object_get(probe, "name"));

        if (name && !strcmp(name, "native.sample"))
            reason = thaw_summary_text(summary, probe, "reason");
    }
    thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                           thaw_summary_format(summary,
                                               "Native code was not sampled in this recording%s%s.",
                                               *reason ? ": " : "", reason));
}

static void write_native(struct thaw_summary *summary, const json_t *native)
{
    uint64_t samples = thaw_summary_number(native, "samples");

    if (json_is_null(native) || !native) {
        write_nothing(summary);
        return;
    }
    thaw_summary_paragraph(
        summary, THAW_STYLE_STRONG, "",
        thaw_summary_format(
            summary,
            "Native code of imports in all processes: %s on a CPU (%llu samples, %s "
            "apart; %s of them in the kernel)",
            time_of(summary, native), (unsigned long long)samples,
            thaw_summary_duration(summary, thaw_summary_number(native, "period_ns")),
            share_of(summary, native, "kernel_samples", native)));
    if (samples) {
        thaw_summary_title(summary, "Libraries (a library's functions, without what they call)");
        write_libraries(summary, native);
        thaw_summary_title(summary, "Functions");
        write_functions(summary, native);
        write_stacks(summary, json_object_get(native, "stacks"));
    }
    write_unknown(summary, native);
    write_losses(summary);
}

int thaw_write_native(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                      struct thaw_error *error)
{
    struct thaw_summary summary;

    thaw_summary_begin(&summary, report, options, stream);
    write_native(&summary, json_object_get(report, "native"));
    thaw_summary_incomplete(&summary, "--view summary");
    return thaw_summary_end(&summary, error);
}
