/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/counts.h"
#include "capture/libraries.h"
#include "capture/traced.h"

static int store_start(const struct thaw_traced_process *process,
                       struct thaw_recording_writer *writer, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_PROCESS_FORK,
        .time_ns = process->start_ns,
        .pid = (uint32_t)process->pid,
        .tid = (uint32_t)process->pid,
        .process_fork.parent = (uint64_t)process->parent,
    };
    int code = process->parent ? thaw_recording_writer_append(writer, &event, error) : 0;

    for (size_t i = 0; !code && i < process->execs.count; i++) {
        event.kind = THAW_EVENT_PROCESS_EXEC;
        event.time_ns = process->execs.items[i].time_ns;
        event.process_exec.executable = process->execs.items[i].executable;
        event.process_exec.folder = "";
        code = thaw_recording_writer_append(writer, &event, error);
    }
    return code;
}

static int store_counts(const struct thaw_traced_process *process, const char *until,
                        struct thaw_recording_writer *writer, struct thaw_error *error)
{
    struct thaw_process_counts counts = process->counts;

    counts.by = "ptrace";
    counts.until = process->threads ? until : "exit";
    counts.known = THAW_COUNTED_SYSTEM_CALLS | THAW_COUNTED_FILES_OPENED |
                   THAW_COUNTED_FAILED_LOOKUPS | THAW_COUNTED_READ_BYTES | THAW_COUNTED_THREADS;
    if (!process->mapped_beyond)
        counts.known |= THAW_COUNTED_MAPPED_LIBRARIES;
    else
        counts.mapped_libraries = 0;
    if (process->threads)
        thaw_counts_cpu((uint32_t)process->pid, &counts.cpu_ns);
    if (counts.cpu_ns)
        counts.known |= THAW_COUNTED_CPU;
    return thaw_counts_store(writer, (uint32_t)process->pid, &counts, error);
}

/* The earliest first: of processes that had the same number the last one is the one to be shown. */
int thaw_traced_store(const struct thaw_traced *traced, const char *until,
                      struct thaw_recording_writer *writer, struct thaw_error *error)
{
    const struct thaw_traced_process *done = NULL, *process;
    int code = 0;

    while (!code && done != traced->processes) {
        for (process = traced->processes; process->next != done;)
            process = process->next;
        code = store_start(process, writer, error);
        if (!code)
            code = store_counts(process, until, writer, error);
        done = process;
    }
    if (!code && traced->maps)
        code = thaw_libraries_store_maps((uint32_t)traced->root, traced->maps, traced->maps_length,
                                         writer, error);
    return code;
}
