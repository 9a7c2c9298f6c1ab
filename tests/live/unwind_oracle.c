/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command, samples its stacks as thaw does, and unwinds each with thaw's unwinder and with
 * libdwfl (elfutils), which thaw did not write. Prints as JSON how they compare, frame by frame:
 *
 *     unwind_oracle COMMAND [ARGUMENT…]
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <elfutils/libdwfl.h>

#include "base/array.h"
#include "capture/perf_ring.h"
#include "capture/stacks.h"
#include "native/image.h"

#define CPUS_MOST 256
#define RING_BYTES ((size_t)8 << 20)
#define STACK_BYTES 65528

/* A mapping, in order of time with the stacks. */
struct mapped {
    uint64_t time_ns;
    struct thaw_code_mapping mapping;
};

/* libdwfl's side of one stack. */
struct walk {
    const struct thaw_unwind_input *input;
    uint64_t frames[THAW_UNWIND_FRAMES_MOST];
    size_t count;
};

static THAW_ARRAY(struct mapped) mappings;
static struct thaw_stack_store *store;
static struct thaw_spaces spaces;
static Dwfl *dwfl;
static uint64_t reported_version;
static size_t image_bytes;
static struct walk walk;
static bool executed;
static uint64_t lost;

static void die(const char *what)
{
    fprintf(stderr, "unwind_oracle: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* --- sampling --- */

static int open_event(pid_t child, int cpu)
{
    struct perf_event_attr event = {
        .size = sizeof(event),
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_CPU_CLOCK,
        .sample_period = 1001001,
        .sample_type =
            PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER,
        .sample_regs_user = THAW_PERF_REGISTERS,
        .sample_stack_user = STACK_BYTES,
        .sample_id_all = 1,
        .inherit = 1,
        .use_clockid = 1,
        .clockid = CLOCK_BOOTTIME,
        .mmap = 1,
        .mmap2 = 1,
        .comm = 1,
        .comm_exec = 1,
    };

    return (int)syscall(SYS_perf_event_open, &event, child, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static void take(const struct thaw_perf_record *record, pid_t child)
{
    struct mapped *mapped;

    if (record->kind == THAW_PERF_LOST)
        lost += record->lost;
    if ((pid_t)record->pid != child)
        return;
    if (record->kind == THAW_PERF_EXEC)
        executed = true;
    if (record->kind == THAW_PERF_STACK && executed && thaw_stack_store_add(store, record))
        die("keeping a stack");
    if (record->kind != THAW_PERF_MAPPING)
        return;
    mapped = thaw_array_add(&mappings);
    if (!mapped)
        die("keeping a mapping");
    *mapped = (struct mapped){record->time_ns,
                              {.path = strdup(record->path),
                               .start = record->start,
                               .bytes = record->bytes,
                               .offset = record->offset}};
}

static int sample(char **command)
{
    struct thaw_perf_ring rings[CPUS_MOST];
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    struct thaw_perf_record record;
    int gate[2], status;
    pid_t child;

    if (pipe(gate) || cpus > CPUS_MOST)
        die("getting ready");
    child = fork();
    if (child < 0)
        die("fork");
    if (!child) {
        char go;

        close(gate[1]);
        if (read(gate[0], &go, 1) == 1)
            execvp(command[0], command);
        _exit(127);
    }
    for (int cpu = 0; cpu < cpus; cpu++) {
        int event = open_event(child, cpu);

        if (event < 0)
            die("perf_event_open");
        if (thaw_perf_ring_open(&rings[cpu], event, RING_BYTES, RING_BYTES / 16))
            die("mapping a ring");
        close(event);
    }
    if (write(gate[1], "", 1) != 1)
        die("letting go");
    for (bool over = false; !over;) {
        struct timespec pause = {.tv_nsec = 5000000};

        nanosleep(&pause, NULL);
        over = waitpid(child, &status, WNOHANG) == child;
        for (int cpu = 0; cpu < cpus; cpu++) {
            thaw_perf_ring_mark(&rings[cpu]);
            while (thaw_perf_ring_next(&rings[cpu], &record))
                take(&record, child);
        }
    }
    for (int cpu = 0; cpu < cpus; cpu++)
        thaw_perf_ring_close(&rings[cpu]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* --- libdwfl --- */

static pid_t next_thread(Dwfl *from, void *context, void **thread)
{
    (void)from;
    if (*thread)
        return 0;
    *thread = context;
    return 1;
}

static bool read_memory(Dwfl *from, Dwarf_Addr address, Dwarf_Word *ret, void *context)
{
    const struct thaw_unwind_input *input = walk.input;
    uint64_t inside = address - input->registers[THAW_UNWIND_STACK_POINTER];

    (void)from;
    (void)context;
    if (input->stack_bytes < sizeof(*ret) || inside > input->stack_bytes - sizeof(*ret))
        return false;
    memcpy(ret, input->stack + inside, sizeof(*ret));
    return true;
}

static bool set_registers(Dwfl_Thread *thread, void *context)
{
    (void)context;
    return dwfl_thread_state_registers(thread, 0, THAW_UNWIND_REGISTERS,
                                       (const Dwarf_Word *)walk.input->registers);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
    .next_thread = next_thread,
    .memory_read = read_memory,
    .set_initial_registers = set_registers,
};

static int no_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, char **file,
                  Elf **elf)
{
    (void)module, (void)data, (void)name, (void)base, (void)file, (void)elf;
    return -1;
}

static int no_debug_file(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                         const char *file, const char *link, GElf_Word crc, char **found)
{
    (void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc;
    (void)found;
    return -1; /* what thaw has is the file alone */
}

static const Dwfl_Callbacks callbacks = {.find_elf = no_elf, .find_debuginfo = no_debug_file};

/* The vdso as a file: without it, libdwfl takes rbp for a frame pointer there, which is a guess. */
static int vdso_file(void)
{
    const Elf64_Ehdr *vdso = (const void *)getauxval(AT_SYSINFO_EHDR); /* alike in all processes */
    int fd = memfd_create("vdso", MFD_CLOEXEC);
    size_t bytes;

    if (!vdso || fd < 0)
        die("the vdso");
    bytes = vdso->e_shoff + (size_t)vdso->e_shnum * vdso->e_shentsize;
    if (write(fd, vdso, bytes) != (ssize_t)bytes)
        die("copying the vdso");
    return fd;
}

static void report_modules(uint32_t process)
{
    size_t count;
    const struct thaw_space_piece *pieces = thaw_spaces_pieces(&spaces, process, &count);

    dwfl_end(dwfl);
    dwfl = dwfl_begin(&callbacks);
    dwfl_report_begin(dwfl);
    for (size_t i = 0; i < count; i++) {
        struct thaw_image *image;
        uint64_t address;

        if (!strcmp(pieces[i].path, "[vdso]") &&
            !dwfl_report_elf(dwfl, "[vdso]", "[vdso]", vdso_file(), pieces[i].start, false))
            fprintf(stderr, "[vdso]: %s\n", dwfl_errmsg(-1));
        if (pieces[i].path[0] != '/' || thaw_image_open(pieces[i].path, &image_bytes, &image))
            continue;
        if (thaw_image_address(image, pieces[i].offset, &address) &&
            !dwfl_report_elf(dwfl, pieces[i].path, pieces[i].path, -1, pieces[i].start - address,
                             false))
            fprintf(stderr, "%s: %s\n", pieces[i].path, dwfl_errmsg(-1));
        thaw_image_close(image);
    }
    dwfl_report_end(dwfl, NULL, NULL);
    if (!dwfl_attach_state(dwfl, NULL, 1, &thread_callbacks, &walk))
        fprintf(stderr, "dwfl_attach_state: %s\n", dwfl_errmsg(-1));
    reported_version = thaw_spaces_version(&spaces, process);
}

static int take_frame(Dwfl_Frame *frame, void *context)
{
    Dwarf_Addr address;
    bool activation;

    (void)context;
    if (walk.count >= THAW_UNWIND_FRAMES_MOST || !dwfl_frame_pc(frame, &address, &activation))
        return DWARF_CB_ABORT;
    walk.frames[walk.count++] = address;
    return DWARF_CB_OK;
}

static void walk_stack(uint32_t process, const struct thaw_unwind_input *input)
{
    if (!dwfl || reported_version != thaw_spaces_version(&spaces, process))
        report_modules(process);
    walk.input = input;
    walk.count = 0;
    dwfl_getthread_frames(dwfl, 1, take_frame, NULL);
}

/* --- both --- */

static struct {
    size_t stacks, same, shorter, longer, different;
    size_t frames, ends[4];
} result;

static void tell(const struct thaw_stored_stack *stack, const uint64_t *frames, size_t count,
                 enum thaw_unwind_end end)
{
    fprintf(stderr, "%s: %zu frames, libdwfl %zu\n", thaw_unwind_end_name(end), count, walk.count);
    for (size_t i = 0; i < count || i < walk.count; i++) {
        uint64_t ours = i < count ? frames[i] : 0, theirs = i < walk.count ? walk.frames[i] : 0;
        const struct thaw_space_piece *piece =
            thaw_spaces_find(&spaces, stack->pid, ours ? ours : theirs);

        if (i + 3 > count || ours != theirs)
            fprintf(stderr, "  %3zu %16llx %16llx %s+%llx\n", i, (unsigned long long)ours,
                    (unsigned long long)theirs, piece ? piece->path : "",
                    piece ? (unsigned long long)((ours ? ours : theirs) - piece->start +
                                                 piece->offset)
                          : 0);
    }
}

static void compare(struct thaw_unwinder *unwinder, const struct thaw_stored_stack *stack)
{
    static uint64_t frames[THAW_UNWIND_FRAMES_MOST];
    struct thaw_unwind_input input;
    enum thaw_unwind_end end;
    size_t count, common;

    thaw_stacks_input(stack, &input);
    count = thaw_unwind(unwinder, &spaces, stack->pid, &input, frames, &end);
    walk_stack(stack->pid, &input);
    common = count < walk.count ? count : walk.count;
    result.stacks++;
    result.frames += count;
    result.ends[end]++;
    if (memcmp(frames, walk.frames, common * sizeof(*frames)) != 0)
        result.different++;
    else if (count == walk.count)
        result.same++;
    else if (count < walk.count)
        result.shorter++;
    else
        result.longer++;
    if (getenv("TELL") && (count != walk.count || end != THAW_UNWIND_COMPLETE ||
                           memcmp(frames, walk.frames, common * sizeof(*frames)) != 0))
        tell(stack, frames, count, end);
}

static int by_time(const void *left, const void *right)
{
    const struct mapped *a = left, *b = right;

    return a->time_ns < b->time_ns ? -1 : a->time_ns > b->time_ns;
}

int main(int argc, char **argv)
{
    struct thaw_unwinder *unwinder;
    struct thaw_stored_stack stack;
    size_t count, mapped = 0;
    int status;

    if (argc < 2 || thaw_stack_store_open(&store, NULL) || thaw_unwinder_open(&unwinder, 0, NULL))
        die("getting ready");
    status = sample(argv + 1);
    qsort(mappings.items, mappings.count, sizeof(*mappings.items), by_time);
    count = thaw_stack_store_sort(store);
    for (size_t i = 0; i < count; i++) {
        if (!thaw_stack_store_read(store, i, &stack))
            die("reading a stack");
        for (; mapped < mappings.count && mappings.items[mapped].time_ns <= stack.time_ns; mapped++)
            thaw_spaces_map(&spaces, stack.pid, &mappings.items[mapped].mapping);
        compare(unwinder, &stack);
    }
    printf("{\"status\": %d, \"lost\": %llu, \"stacks\": %zu, \"frames\": %zu, \"same\": %zu, "
           "\"shorter\": %zu, \"longer\": %zu, \"different\": %zu, \"complete\": %zu, "
           "\"truncated\": %zu, \"broken\": %zu}\n",
           status, (unsigned long long)lost, result.stacks, result.frames, result.same,
           result.shorter, result.longer, result.different, result.ends[THAW_UNWIND_COMPLETE],
           result.ends[THAW_UNWIND_TRUNCATED], result.ends[THAW_UNWIND_BROKEN]);
    return 0;
}
