/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/json_parts.h"

static json_t *process_exit(struct thaw_values *values, const struct thaw_timeline_process *process)
{
    json_t *object;

    if (!process->end_ns)
        return json_null();
    object = thaw_values_object(values);
    if (process->exit_code < 0)
        thaw_values_set_null(values, object, "code");
    else
        thaw_values_set_signed(values, object, "code", process->exit_code);
    thaw_values_set_known(values, object, "signal", process->exit_signal);
    return object;
}

static json_t *process_execs(struct thaw_values *values,
                             const struct thaw_timeline_process *process)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < process->exec_count; i++)
        thaw_values_append_number(values, array, process->execs[i]);
    return array;
}

bool thaw_json_saw_collections(const struct thaw_timeline *timeline)
{
    const struct thaw_recording *recording = timeline->recording;

    for (size_t i = 0; recording && i < recording->count; i++) {
        const struct thaw_probe *probe = &recording->events[i].probe;

        if (recording->events[i].kind == THAW_EVENT_PROBE &&
            strcmp(probe->name, "python.gc") == 0 && strcmp(probe->status, "attached") == 0)
            return true;
    }
    return false;
}

static json_t *process_gc(struct thaw_values *values, const struct thaw_timeline_process *process,
                          bool seen)
{
    json_t *object;

    if (!seen || !*process->python)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_number(values, object, "count", process->gc_count);
    thaw_values_set_number(values, object, "ns", process->gc_ns);
    thaw_values_set_number(values, object, "longest_ns", process->gc_longest_ns);
    return object;
}

static void set_counted(struct thaw_values *values, json_t *object, const char *key,
                        const struct thaw_process_counts *counts, uint64_t bit, uint64_t value)
{
    if (counts->known & bit)
        thaw_values_set_number(values, object, key, value);
    else
        thaw_values_set_null(values, object, key);
}

static json_t *process_counts(struct thaw_values *values, const struct thaw_process_counts *counts)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "by", counts->by);
    thaw_values_set_text(values, object, "until", counts->until);
    set_counted(values, object, "system_calls", counts, THAW_COUNTED_SYSTEM_CALLS,
                counts->system_calls);
    set_counted(values, object, "files_opened", counts, THAW_COUNTED_FILES_OPENED,
                counts->files_opened);
    set_counted(values, object, "failed_lookups", counts, THAW_COUNTED_FAILED_LOOKUPS,
                counts->failed_lookups);
    set_counted(values, object, "read_bytes", counts, THAW_COUNTED_READ_BYTES, counts->read_bytes);
    set_counted(values, object, "threads", counts, THAW_COUNTED_THREADS, counts->threads);
    set_counted(values, object, "mapped_libraries", counts, THAW_COUNTED_MAPPED_LIBRARIES,
                counts->mapped_libraries);
    set_counted(values, object, "cpu_ns", counts, THAW_COUNTED_CPU, counts->cpu_ns);
    return object;
}

static json_t *process_object(struct thaw_values *values,
                              const struct thaw_timeline_process *process, bool saw_collections)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_number(values, object, "id", process->id);
    thaw_values_set_number(values, object, "pid", process->pid);
    thaw_values_set_known(values, object, "parent", process->parent);
    thaw_values_set_name(values, object, "role", process->role);
    thaw_values_set_name(values, object, "platform", process->platform);
    if (process->signs.count)
        thaw_values_set_texts(values, object, "signs", process->signs.items, process->signs.count);
    thaw_values_set_name(values, object, "executable", process->executable);
    thaw_values_set_name(values, object, "python", process->python);
    thaw_values_set_name(values, object, "coverage", process->coverage);
    thaw_values_set_name(values, object, "directory", process->directory);
    thaw_values_set_number(values, object, "start_ns", process->start_ns);
    thaw_values_set(values, object, "execs", process_execs(values, process));
    thaw_values_set_known(values, object, "end_ns", process->end_ns);
    thaw_values_set(values, object, "exit", process_exit(values, process));
    thaw_values_set(values, object, "gc", process_gc(values, process, saw_collections));
    if (process->counts)
        thaw_values_set(values, object, "counts", process_counts(values, process->counts));
    return object;
}

json_t *thaw_json_processes(struct thaw_values *values, const struct thaw_timeline *timeline)
{
    json_t *array = thaw_values_array(values);
    bool seen = thaw_json_saw_collections(timeline);

    for (size_t i = 0; i < timeline->process_count; i++)
        thaw_values_append(values, array, process_object(values, &timeline->processes[i], seen));
    return array;
}
