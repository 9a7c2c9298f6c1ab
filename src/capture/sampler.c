/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/clock.h"
#include "capture/loss.h"
#include "capture/perf_ring.h"
#include "capture/sampler.h"
#include "capture/session_probes.h"
#include "capture/stacks.h"
#include "native/maps.h"

#define RING_BYTES ((size_t)128 << 10)
#define RING_LEAST_BYTES ((size_t)16 << 10)
/* With stacks: each takes its whole room of 64 KiB in the ring. */
#define STACK_RING_BYTES ((size_t)16 << 20)
#define STACK_RING_LEAST_BYTES ((size_t)512 << 10)
#define STACK_BYTES 65528 /* the most, in steps of 8 */
/* Mappings that are stored in one session: a program that maps and unmaps code all day ends it. */
#define MAPPINGS_MOST 262144

struct process {
    uint32_t pid;
    bool executed; /* the next mapping is the first of a program */
    bool left;
    UT_hash_handle hh;
};

struct thaw_sampler {
    struct thaw_programs *programs;
    struct thaw_recording_writer *writer;
    THAW_ARRAY(struct thaw_perf_ring) rings; /* empty: nothing is sampled */
    struct thaw_stack_store *stacks;         /* NULL: not asked for */
    struct process *processes;
    uint64_t mappings;
    uint64_t lost, throttled, beyond;
};

static void fill_event(struct perf_event_attr *event, bool stacks)
{
    memset(event, 0, sizeof(*event));
    event->size = sizeof(*event);
    event->type = PERF_TYPE_SOFTWARE;
    event->config = PERF_COUNT_SW_CPU_CLOCK;
    event->sample_period = THAW_SAMPLE_PERIOD_NS;
    event->sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
    if (stacks) {
        event->sample_type |= PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
        event->sample_regs_user = THAW_PERF_REGISTERS;
        event->sample_stack_user = STACK_BYTES;
    }
    event->sample_id_all = 1;
    event->disabled = 1;
    event->exclude_idle = 1;
    event->use_clockid = 1;
    event->clockid = CLOCK_BOOTTIME;
    event->mmap = 1;
    event->mmap2 = 1;
    event->comm = 1;
    event->comm_exec = 1;
    event->watermark = 1; /* nobody waits for it */
    event->wakeup_watermark = UINT32_MAX;
}

static int open_event(int cpu, bool stacks)
{
    struct perf_event_attr event;
    int descriptor;

    fill_event(&event, stacks);
    descriptor = (int)syscall(SYS_perf_event_open, &event, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

/* Not allowed, or not there: no fault of anybody's. */
static const char *refusal(int code)
{
    switch (code) {
    case -EPERM:
    case -EACCES:
        return "perf events of all CPUs are refused to this process: they take CAP_PERFMON (or "
               "root), and a seccomp filter that lets perf_event_open through";
    case -ENOSYS:
        return "this kernel has no perf_event_open, or a seccomp filter hides it";
    default:
        return NULL;
    }
}

const char *thaw_sampler_refusal(void)
{
    int event = open_event(0, false);

    if (event >= 0) {
        close(event);
        return NULL;
    }
    return refusal(event) ? refusal(event) : "this kernel has no clock events of CPUs";
}

static int open_cpu(struct thaw_sampler *sampler, int cpu)
{
    struct thaw_perf_ring *ring;
    int event = open_event(cpu, sampler->stacks != NULL), code;

    if (event == -ENODEV)
        return 0; /* it is offline */
    if (event < 0)
        return event;
    ring = thaw_array_add(&sampler->rings);
    code = !ring ? -ENOMEM
           : sampler->stacks
               ? thaw_perf_ring_open(ring, event, STACK_RING_BYTES, STACK_RING_LEAST_BYTES)
               : thaw_perf_ring_open(ring, event, RING_BYTES, RING_LEAST_BYTES);
    if (!code)
        code = thaw_programs_attach_event(sampler->programs, "sample_tick", event);
    close(event); /* link and mapping keep it */
    return code;
}

static void close_rings(struct thaw_sampler *sampler)
{
    for (size_t i = 0; i < sampler->rings.count; i++)
        thaw_perf_ring_close(&sampler->rings.items[i]);
    thaw_array_free(&sampler->rings);
}

static void open_cpus(struct thaw_sampler *sampler, struct thaw_error *failure)
{
    long count = sysconf(_SC_NPROCESSORS_CONF);
    int code = 0;

    for (int cpu = 0; !code && cpu < count; cpu++)
        code = open_cpu(sampler, cpu);
    if (!code && sampler->rings.count)
        return;
    thaw_programs_withdraw(sampler->programs, THAW_LINKS_OF_EVENTS);
    close_rings(sampler);
    if (refusal(code))
        thaw_error_set(failure, -ENOENT, "%s", refusal(code));
    else
        thaw_error_system(failure, code ? code : -ENODEV, "sampling CPUs");
}

static int store_row(struct thaw_sampler *sampler, const struct thaw_error *failure,
                     struct thaw_error *error)
{
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);
    int code = 0;

    for (size_t i = 0; !code && i < count; i++)
        if (rows[i].kind == THAW_PROBE_CLOCK)
            code = thaw_probe_store(sampler->writer, &rows[i], rows[i].target, "perf event",
                                    failure, error);
    return code;
}

static int store_begin(struct thaw_sampler *sampler, struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_SAMPLING, .time_ns = thaw_clock_now_ns()};

    event.sampling.period_ns = THAW_SAMPLE_PERIOD_NS;
    event.sampling.stacks = sampler->stacks != NULL;
    return sampler->rings.count ? thaw_recording_writer_append(sampler->writer, &event, error) : 0;
}

static int open_stacks(struct thaw_sampler *sampler, struct thaw_error *failure)
{
    int code = thaw_stack_store_open(&sampler->stacks, failure);

    return code ? code : thaw_programs_sample_stacks(sampler->programs, failure);
}

int thaw_sampler_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                      const struct thaw_record_options *options, struct thaw_sampler **ret,
                      struct thaw_error *error)
{
    struct thaw_sampler *sampler = calloc(1, sizeof(*sampler));
    struct thaw_error failure = {0};
    int code;

    if (!sampler)
        return thaw_error_memory(error);
    sampler->programs = programs;
    sampler->writer = writer;
    if (options->observe == THAW_OBSERVE_IMPORTS)
        thaw_error_set(&failure, -ENOENT, "left out, as --observe imports asks");
    else if (!options->stacks || !open_stacks(sampler, &failure))
        open_cpus(sampler, &failure);
    code = store_row(sampler, &failure, error);
    if (!code)
        code = store_begin(sampler, error);
    if (code)
        thaw_sampler_free(sampler);
    else
        *ret = sampler;
    return code;
}

static struct process *find_process(struct thaw_sampler *sampler, uint32_t pid)
{
    struct process *process;

    HASH_FIND(hh, sampler->processes, &pid, sizeof(pid), process);
    return process;
}

int thaw_sampler_trace(struct thaw_sampler *sampler, uint32_t pid, struct thaw_error *error)
{
    struct process *process = find_process(sampler, pid);

    if (process || !sampler->rings.count) {
        if (process) /* its number was given anew */
            process->left = process->executed = false;
        return 0;
    }
    process = calloc(1, sizeof(*process));
    if (!process)
        return thaw_error_memory(error);
    process->pid = pid;
    HASH_ADD(hh, sampler->processes, pid, sizeof(process->pid), process);
    if (process->hh.tbl)
        return 0;
    free(process);
    return thaw_error_memory(error);
}

void thaw_sampler_left(struct thaw_sampler *sampler, uint32_t pid)
{
    struct process *process = find_process(sampler, pid);

    if (process)
        process->left = true;
}

static int store_mapping(struct thaw_sampler *sampler, struct thaw_event *event,
                         struct thaw_error *error)
{
    if (++sampler->mappings > MAPPINGS_MOST) {
        sampler->beyond++;
        return 0;
    }
    event->kind = THAW_EVENT_MAPPING;
    return thaw_recording_writer_append(sampler->writer, event, error);
}

static int store_present(struct thaw_sampler *sampler, uint32_t pid,
                         const struct thaw_mapping *mapping, bool first, struct thaw_error *error)
{
    struct thaw_event event = {.time_ns = thaw_clock_now_ns(), .pid = pid, .tid = pid};
    struct thaw_arena arena = {0};
    int code;

    event.mapping.path = thaw_arena_text(&arena, mapping->path, mapping->path_bytes);
    event.mapping.start = mapping->start;
    event.mapping.bytes = mapping->end - mapping->start;
    event.mapping.offset = mapping->offset;
    event.mapping.first = first;
    event.mapping.device = mapping->deleted ? 0 : mapping->device;
    event.mapping.inode = mapping->inode;
    code = event.mapping.path ? store_mapping(sampler, &event, error) : thaw_error_memory(error);
    thaw_arena_free(&arena);
    return code;
}

/* The kernel's own code in a process has no file. */
static int store_vdso(struct thaw_sampler *sampler, uint32_t pid, const char *maps, size_t length,
                      struct thaw_error *error)
{
    static const char name[] = "[vdso]\n";
    const char *found = memmem(maps, length, name, sizeof(name) - 1), *line = found;
    struct thaw_mapping mapping = {.path = name, .path_bytes = sizeof(name) - 2};
    char *end;

    while (line && line > maps && line[-1] != '\n')
        line--;
    if (!line) /* what is found stands behind the numbers, which end there */
        return 0;
    mapping.start = strtoull(line, &end, 16);
    if (*end != '-')
        return 0;
    mapping.end = strtoull(end + 1, NULL, 16);
    return mapping.end > mapping.start ? store_present(sampler, pid, &mapping, false, error) : 0;
}

int thaw_sampler_present(struct thaw_sampler *sampler, uint32_t pid, struct thaw_error *error)
{
    struct thaw_mapping mapping;
    bool first = true;
    const char *cursor;
    size_t length;
    char *maps;
    int code = thaw_sampler_trace(sampler, pid, error);

    if (code || !sampler->rings.count)
        return code;
    maps = thaw_maps_read((int)pid, &length);
    cursor = maps;
    while (!code && maps && thaw_maps_next(&cursor, maps + length, &mapping)) {
        if (!mapping.inode || !mapping.executable || mapping.end <= mapping.start)
            continue;
        code = store_present(sampler, pid, &mapping, first, error);
        first = false;
    }
    if (!code && maps)
        code = store_vdso(sampler, pid, maps, length, error);
    free(maps); /* where there are none it may not be looked at, which coverage says */
    return code;
}

static int take_mapping(struct thaw_sampler *sampler, struct process *process,
                        const struct thaw_perf_record *record, struct thaw_error *error)
{
    struct thaw_event event = {.time_ns = record->time_ns, .pid = record->pid, .tid = record->tid};

    event.mapping.path = record->path;
    event.mapping.start = record->start;
    event.mapping.bytes = record->bytes;
    event.mapping.offset = record->offset;
    event.mapping.first = process->executed;
    event.mapping.device = record->device;
    event.mapping.inode = record->inode;
    process->executed = false;
    return store_mapping(sampler, &event, error);
}

static int take(struct thaw_sampler *sampler, const struct thaw_perf_record *record,
                struct thaw_error *error)
{
    struct process *process;

    if (record->kind == THAW_PERF_LOST)
        sampler->lost += record->lost;
    if (record->kind == THAW_PERF_THROTTLE)
        sampler->throttled++;
    if (record->kind < THAW_PERF_EXEC)
        return 0;
    process = find_process(sampler, record->pid);
    if (!process)
        return 0; /* a stranger */
    if (record->kind == THAW_PERF_EXEC)
        process->executed = true;
    if (record->kind == THAW_PERF_MAPPING)
        return take_mapping(sampler, process, record, error);
    if (record->kind == THAW_PERF_STACK && sampler->stacks &&
        thaw_stack_store_add(sampler->stacks, record))
        return thaw_error_memory(error);
    return 0;
}

void thaw_sampler_mark(struct thaw_sampler *sampler)
{
    for (size_t i = 0; i < sampler->rings.count; i++)
        thaw_perf_ring_mark(&sampler->rings.items[i]);
}

static void forget_left(struct thaw_sampler *sampler)
{
    struct process *process, *next;

    HASH_ITER(hh, sampler->processes, process, next)
    {
        if (!process->left)
            continue;
        HASH_DEL(sampler->processes, process);
        free(process);
    }
}

int thaw_sampler_drain(struct thaw_sampler *sampler, struct thaw_error *error)
{
    struct thaw_perf_record record;
    int code = 0;

    for (size_t i = 0; i < sampler->rings.count; i++)
        while (!code && thaw_perf_ring_next(&sampler->rings.items[i], &record))
            code = take(sampler, &record, error);
    forget_left(sampler);
    return code;
}

int thaw_sampler_finish(struct thaw_sampler *sampler, struct thaw_error *error)
{
    struct thaw_recording_writer *writer = sampler->writer;
    uint64_t malformed = 0;
    int code;

    for (size_t i = 0; i < sampler->rings.count; i++)
        malformed += sampler->rings.items[i].malformed;
    code =
        thaw_loss_store(writer, "mappings-lost", sampler->lost,
                        "records of mapped code, or stacks, that found no room: samples may not be "
                        "named, or wrongly",
                        error);
    if (!code)
        code = thaw_loss_store(writer, "samples-throttled", sampler->throttled,
                               "times the kernel held back samples, as it was too busy", error);
    if (!code)
        code = thaw_loss_store(writer, "too-many-mappings", sampler->beyond,
                               "mappings of code beyond the most that are recorded", error);
    if (!code)
        code = thaw_loss_store(writer, "perf-malformed", malformed,
                               "records of perf events that could not be understood", error);
    return code;
}

/* The mappings are in the recording, in order of their times. */
int thaw_sampler_unwind(struct thaw_sampler *sampler, const char *path, struct thaw_error *error)
{
    struct thaw_recording *recording = NULL;
    int code;

    if (!sampler->stacks)
        return 0;
    code = thaw_recording_writer_flush(sampler->writer, error);
    if (!code)
        code = thaw_recording_load(path, &recording, error);
    if (!code)
        code = thaw_stacks_store(sampler->stacks, recording, sampler->writer, error);
    thaw_recording_free(recording);
    return code;
}

void thaw_sampler_free(struct thaw_sampler *sampler)
{
    struct process *process, *next;

    if (!sampler)
        return;
    HASH_ITER(hh, sampler->processes, process, next)
    {
        HASH_DEL(sampler->processes, process);
        free(process);
    }
    close_rings(sampler);
    thaw_stack_store_close(sampler->stacks);
    free(sampler);
}
