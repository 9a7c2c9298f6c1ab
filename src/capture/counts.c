/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <time.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/counts.h"

#define NS_PER_S UINT64_C(1000000000)

bool thaw_counts_cpu(uint32_t process, uint64_t *ret)
{
    struct timespec spent;
    clockid_t clock;
    uint64_t ns;

    if (clock_getcpuclockid((pid_t)process, &clock) || clock_gettime(clock, &spent))
        return false;
    ns = (uint64_t)spent.tv_sec * NS_PER_S + (uint64_t)spent.tv_nsec;
    if (ns == 0)
        return false;
    *ret = ns;
    return true;
}

const char *thaw_counts_until(const struct thaw_record_result *result)
{
    return result->end == THAW_END_EXIT ? "command-exit" : thaw_record_end_name(result->end);
}

int thaw_counts_store(struct thaw_recording_writer *writer, uint32_t process,
                      const struct thaw_process_counts *counts, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_PROCESS_COUNTS,
        .time_ns = thaw_clock_now_ns(),
        .pid = process,
        .tid = process,
        .process_counts = *counts,
    };

    return thaw_recording_writer_append(writer, &event, error);
}

/* Without the tracepoints of system calls zeros would pass for counts. */
static bool watches(struct thaw_counts *counts)
{
    struct thaw_kernel_account accounts[THAW_PROGRAM_KINDS];

    if (counts->watched)
        return true;
    thaw_programs_accounts(counts->programs, accounts);
    counts->watched =
        accounts[THAW_PROGRAM_CALL_BEGIN].runs > 0 && accounts[THAW_PROGRAM_CALL_END].runs > 0;
    return counts->watched;
}

static int store(struct thaw_counts *counts, uint32_t process,
                 const struct thaw_kernel_counts *kernel, const char *until,
                 struct thaw_error *error)
{
    struct thaw_process_counts stored = {
        .by = "ebpf",
        .until = until,
        .known = THAW_COUNTED_SYSTEM_CALLS | THAW_COUNTED_FILES_OPENED |
                 THAW_COUNTED_FAILED_LOOKUPS | THAW_COUNTED_READ_BYTES | THAW_COUNTED_THREADS,
        .system_calls = kernel->system_calls,
        .files_opened = kernel->files_opened,
        .failed_lookups = kernel->failed_lookups,
        .read_bytes = kernel->read_bytes,
        .threads = kernel->threads,
    };

    if (!kernel->since_ns || !watches(counts))
        return 0;
    if (!kernel->mapped_beyond) {
        stored.known |= THAW_COUNTED_MAPPED_LIBRARIES;
        stored.mapped_libraries = kernel->mapped_libraries;
    }
    if (thaw_counts_cpu(process, &stored.cpu_ns))
        stored.known |= THAW_COUNTED_CPU;
    return thaw_counts_store(counts->writer, process, &stored, error);
}

int thaw_counts_left(struct thaw_counts *counts, uint32_t process,
                     const struct thaw_kernel_counts *kernel, struct thaw_error *error)
{
    return counts->over ? 0 : store(counts, process, kernel, "exit", error);
}

int thaw_counts_end(struct thaw_counts *counts, const char *until, struct thaw_error *error)
{
    struct thaw_process_list list = {0};
    int code = 0;

    if (counts->over)
        return 0;
    counts->over = true;
    if (thaw_programs_processes(counts->programs, &list))
        code = thaw_error_memory(error);
    for (size_t i = 0; !code && i < list.count; i++) {
        struct thaw_kernel_process process;

        if (thaw_programs_process(counts->programs, list.items[i], &process))
            code = store(counts, list.items[i], &process.counts, until, error);
    }
    thaw_array_free(&list);
    return code;
}
