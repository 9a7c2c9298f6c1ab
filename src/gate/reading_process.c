/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/readers.h"
#include "report/keys.h"

/* What is told of the headline's process as a whole. */

static bool read_mapped(const struct thaw_gate_reading *reading, const char *key, double *ret,
                        const char **ret_why)
{
    const json_t *list = thaw_summary_list(reading->report, "libraries"), *library;
    struct thaw_gate_matcher matcher;
    struct thaw_summary summary;
    uint64_t sum = 0;
    size_t i;

    if (!thaw_gate_read_counted(reading, &summary, ret_why))
        return false;
    if (!list)
        return thaw_gate_untold(ret_why, "what was mapped is not in the recording: it is looked at "
                                         "when the first reply was given, by eBPF");
    thaw_gate_matcher_begin(&matcher, reading->part);
    json_array_foreach(list, i, library)
    {
        if (thaw_summary_is(library, "loaded") &&
            thaw_gate_matches_distribution(&matcher, library, "distribution"))
            sum += key ? thaw_summary_number(library, key) : 1;
    }
    *ret = (double)sum;
    return thaw_gate_matcher_end(&matcher) || thaw_gate_untold(ret_why, NULL);
}

THAW_GATE_READER(thaw_gate_read_libraries_mapped)
{
    return read_mapped(reading, NULL, ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_mapped_relocations)
{
    return read_mapped(reading, "relocations", ret, ret_why);
}

static const json_t *counts_of(const struct thaw_summary *summary)
{
    const json_t *process =
        thaw_summary_process(summary, thaw_summary_number(summary->track, "process"));

    return json_object_get(process, "counts");
}

static bool read_count(const struct thaw_gate_reading *reading, const char *key, double *ret,
                       const char **ret_why)
{
    struct thaw_summary summary;
    const json_t *value;

    if (!thaw_gate_read_counted(reading, &summary, ret_why))
        return false;
    value = json_object_get(counts_of(&summary), key);
    if (!json_is_integer(value))
        return thaw_gate_untold(ret_why, "its system calls were not counted");
    *ret = json_number_value(value);
    return true;
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

/* Of all its threads where that is known, else of the first one. */
THAW_GATE_READER(thaw_gate_read_cpu_time)
{
    struct thaw_summary summary;
    const json_t *value;

    if (!thaw_gate_read_timed(reading, &summary, ret_why))
        return false;
    value = json_object_get(counts_of(&summary), "cpu_ns");
    if (!json_is_integer(value))
        value = json_object_get(json_object_get(summary.track, "cpu"), "cpu_ns");
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
