/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/readers.h"
#include "report/keys.h"

/* What is told of the headline's process as a whole. */

static const json_t *counts_of(const struct thaw_summary *summary)
{
    const json_t *process =
        thaw_summary_process(summary, thaw_summary_number(summary->track, "process"));
    const json_t *counts = json_object_get(process, "counts");

    return json_is_object(counts) ? counts : NULL;
}

/* What was looked up in /proc in the end is no count of what happened. */
static bool read_count(const struct thaw_gate_reading *reading, const char *key, double *ret,
                       const char **ret_why)
{
    const json_t *counts, *value;
    struct thaw_summary summary;

    if (!thaw_gate_read_counted(reading, &summary, ret_why))
        return false;
    counts = counts_of(&summary);
    value = json_object_get(counts, key);
    if (!json_is_integer(value) || !strcmp(thaw_key_string(counts, "by"), "proc"))
        return thaw_gate_untold(ret_why, "its system calls were not counted, which takes eBPF or "
                                         "a counting run");
    if (thaw_summary_is(summary.track, "answered") &&
        !strcmp(thaw_key_string(counts, "until"), "duration"))
        return thaw_gate_untold(ret_why, "it was counted on after its first reply");
    *ret = json_number_value(value);
    return true;
}

/* Of a distribution alone: those that were mapped in the end, by their paths. */
static bool read_mapped(const struct thaw_gate_reading *reading, const char *key, double *ret,
                        const char **ret_why)
{
    const json_t *list = thaw_summary_list(reading->report, "libraries"), *library;
    const char *unknown = NULL;
    struct thaw_gate_matcher matcher;
    struct thaw_summary summary;
    uint64_t sum = 0;
    size_t i;

    if (!thaw_gate_read_counted(reading, &summary, ret_why))
        return false;
    if (!list)
        return thaw_gate_untold(ret_why, "which libraries were mapped is not in the recording: "
                                         "eBPF sees that, of a process that still runs when the "
                                         "recording ends");
    thaw_gate_matcher_begin(&matcher, reading->part);
    json_array_foreach(list, i, library)
    {
        if (!thaw_summary_is(library, "loaded") ||
            !thaw_gate_matches_distribution(&matcher, library, "distribution"))
            continue;
        sum += key ? thaw_summary_number(library, key) : 1;
        if (key && !json_object_get(library, key))
            unknown = thaw_key_string(library, "path");
    }
    *ret = (double)sum;
    if (!thaw_gate_matcher_end(&matcher))
        return thaw_gate_untold(ret_why, NULL);
    return !unknown ||
           thaw_gate_untold(ret_why,
                            thaw_arena_format(reading->arena, "%s could not be read", unknown));
}

/* The count of all has those that were mapped and are gone, too, and needs no list. */
THAW_GATE_READER(thaw_gate_read_libraries_mapped)
{
    return thaw_gate_names_distribution(reading)
               ? read_mapped(reading, NULL, ret, ret_why)
               : read_count(reading, "mapped_libraries", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_mapped_relocations)
{
    return read_mapped(reading, "relocations", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_files_opened)
{
    return read_count(reading, "files_opened", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_failed_lookups)
{
    return read_count(reading, "failed_lookups", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_system_calls)
{
    return read_count(reading, "system_calls", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_read_bytes)
{
    return read_count(reading, "read_bytes", ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_threads)
{
    return read_count(reading, "threads", ret, ret_why);
}

/* Of all its threads where its counts tell it, else of the first one. */
THAW_GATE_READER(thaw_gate_read_cpu_time)
{
    struct thaw_summary summary;
    const json_t *value;

    if (!thaw_gate_read_timed(reading, &summary, ret_why))
        return false;
    value = json_object_get(counts_of(&summary) ? counts_of(&summary)
                                                : json_object_get(summary.track, "cpu"),
                            "cpu_ns");
    if (!json_is_integer(value))
        return thaw_gate_untold(ret_why, "the CPU time of its process is not known");
    *ret = json_number_value(value);
    return true;
}

/* They are counted by a program of their own, whose result is in no report. */
THAW_GATE_READER(thaw_gate_read_instructions)
{
    (void)reading;
    (void)ret;
    return thaw_gate_untold(ret_why, "instructions are counted by runs under callgrind alone");
}
