/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "base/clock.h"
#include "capture/elsewhere.h"
#include "capture/loss.h"
#include "capture/mapped_files.h"
#include "capture/stacks.h"

/* Different calls of one session; a program of endless recursion ends it. */
#define CALLS_MOST ((uint64_t)1 << 20)

/* Which call it is: no padding, it is hashed. */
struct key {
    uint64_t caller;
    uint64_t offset;
    const char *path; /* of its piece: one pointer for each mapping event */
};

struct call {
    struct key key;
    uint64_t number;
    UT_hash_handle hh;
};

struct stacks {
    struct thaw_stack_store *store;
    const struct thaw_recording *recording;
    struct thaw_recording_writer *writer;
    struct thaw_elsewhere elsewhere;
    struct thaw_unwinder *unwinder;
    struct thaw_spaces spaces; /* by process number */
    struct call *calls;
    uint64_t call_count;
    uint64_t skipped;    /* stacks of processes whose files are elsewhere */
    uint64_t unreadable; /* in the store */
    uint64_t replaced;   /* stacks that end in a file in whose place there is another */
    uint64_t beyond;     /* stacks cut at the most calls */
    uint64_t frames[THAW_UNWIND_FRAMES_MOST];
};

void thaw_stacks_input(const struct thaw_stored_stack *stack, struct thaw_unwind_input *ret)
{
    static const unsigned char order[THAW_UNWIND_REGISTERS] = {
        THAW_PERF_AX,     THAW_PERF_DX,     THAW_PERF_CX,     THAW_PERF_BX,     THAW_PERF_SI,
        THAW_PERF_DI,     THAW_PERF_BP,     THAW_PERF_SP,     THAW_PERF_R8,     THAW_PERF_R8 + 1,
        THAW_PERF_R8 + 2, THAW_PERF_R8 + 3, THAW_PERF_R8 + 4, THAW_PERF_R8 + 5, THAW_PERF_R8 + 6,
        THAW_PERF_R8 + 7, THAW_PERF_IP,
    };

    for (size_t i = 0; i < THAW_UNWIND_REGISTERS; i++)
        ret->registers[i] = stack->registers[order[i]];
    ret->stack = stack->stack;
    ret->stack_bytes = stack->stack_bytes;
}

static int store_call(struct stacks *stacks, const struct call *call, struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_CALL, .time_ns = thaw_clock_now_ns()};

    event.call.number = call->number;
    event.call.caller = call->key.caller;
    event.call.path = call->key.path;
    event.call.offset = call->key.offset;
    return thaw_recording_writer_append(stacks->writer, &event, error);
}

/* The number of a call, which is stored when it is new. */
static int number_of(struct stacks *stacks, const struct key *key, uint64_t *ret,
                     struct thaw_error *error)
{
    struct call *call;

    HASH_FIND(hh, stacks->calls, key, sizeof(*key), call);
    if (call) {
        *ret = call->number;
        return 0;
    }
    call = calloc(1, sizeof(*call));
    if (!call)
        return thaw_error_memory(error);
    call->key = *key;
    HASH_ADD(hh, stacks->calls, key, sizeof(call->key), call);
    if (!call->hh.tbl) {
        free(call);
        return thaw_error_memory(error);
    }
    *ret = call->number = ++stacks->call_count;
    return store_call(stacks, call, error);
}

/* Where a call returns to. */
static struct key key_of(const struct stacks *stacks, uint32_t process, uint64_t address,
                         uint64_t caller)
{
    const struct thaw_space_piece *piece = thaw_spaces_find(&stacks->spaces, process, address - 1);

    if (!piece)
        return (struct key){caller, address, ""};
    return (struct key){caller, address - piece->start + piece->offset, piece->path};
}

static int store_stack(struct stacks *stacks, const struct thaw_stored_stack *stack, size_t count,
                       enum thaw_unwind_end end, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_STACK, .time_ns = stack->time_ns, .pid = stack->pid, .tid = stack->tid};
    uint64_t number = 0;
    int code = 0;

    if (stacks->call_count >= CALLS_MOST) {
        stacks->beyond++;
        return 0;
    }
    for (size_t i = count; !code && i-- > 1;) { /* callers first */
        struct key key = key_of(stacks, stack->pid, stacks->frames[i], number);

        code = number_of(stacks, &key, &number, error);
    }
    event.call_stack.call = number;
    event.call_stack.address = stacks->frames[0];
    event.call_stack.end = thaw_unwind_end_name(end);
    return code ? code : thaw_recording_writer_append(stacks->writer, &event, error);
}

static int unwind(struct stacks *stacks, size_t number, struct thaw_error *error)
{
    struct thaw_unwind_input input;
    struct thaw_stored_stack stack;
    enum thaw_unwind_end end;
    size_t count;

    if (!thaw_stack_store_read(stacks->store, number, &stack)) {
        stacks->unreadable++;
        return 0;
    }
    if (thaw_elsewhere_holds(&stacks->elsewhere, stack.pid)) {
        stacks->skipped++;
        return 0;
    }
    thaw_stacks_input(&stack, &input);
    count = thaw_unwind(stacks->unwinder, &stacks->spaces, stack.pid, &input, stacks->frames, &end);
    stacks->replaced += end == THAW_UNWIND_BROKEN &&
                        thaw_unwinder_replaced(stacks->unwinder, &stacks->spaces, stack.pid,
                                               stacks->frames[count - 1] - (count > 1));
    return store_stack(stacks, &stack, count, end, error);
}

static bool take_event(struct stacks *stacks, const struct thaw_event *event)
{
    if (event->kind == THAW_EVENT_PROCESS_FORK)
        return thaw_spaces_fork(&stacks->spaces, event->pid, (uint32_t)event->process_fork.parent);
    return event->kind != THAW_EVENT_MAPPING ||
           thaw_spaces_map(&stacks->spaces, event->pid, &event->mapping);
}

/* What was mapped at the time of each stack. */
static int unwind_all(struct stacks *stacks, struct thaw_error *error)
{
    size_t count = thaw_stack_store_sort(stacks->store), next = 0;
    const struct thaw_recording *recording = stacks->recording;
    int code = 0;

    for (size_t i = 0; !code && i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind != THAW_EVENT_MAPPING && event->kind != THAW_EVENT_PROCESS_FORK)
            continue;
        while (!code && next < count && thaw_stack_store_time(stacks->store, next) < event->time_ns)
            code = unwind(stacks, next++, error);
        if (!code && !take_event(stacks, event))
            code = thaw_error_memory(error);
    }
    while (!code && next < count)
        code = unwind(stacks, next++, error);
    return code;
}

static int store_losses(struct stacks *stacks, struct thaw_error *error)
{
    struct thaw_recording_writer *writer = stacks->writer;
    int code = thaw_loss_store(writer, "stacks-refused", thaw_stack_store_refused(stacks->store),
                               "stacks that found no room in the temporary file (TMPDIR)", error);

    if (!code)
        code = thaw_loss_store(writer, "stacks-unreadable", stacks->unreadable,
                               "stacks that could not be read back from the temporary file", error);
    if (!code)
        code = thaw_loss_store(writer, "stacks-elsewhere", stacks->skipped,
                               "stacks of processes with another root folder, whose files are not "
                               "read",
                               error);
    if (!code)
        code = thaw_loss_store(writer, "stacks-replaced", stacks->replaced,
                               "stacks that end in a file that was replaced after it was mapped",
                               error);
    if (!code)
        code = thaw_loss_store(writer, "too-many-calls-in-stacks", stacks->beyond,
                               "stacks behind the most different calls that are recorded", error);
    return code;
}

static void stacks_free(struct stacks *stacks)
{
    struct call *call, *next;

    HASH_ITER(hh, stacks->calls, call, next)
    {
        HASH_DEL(stacks->calls, call);
        free(call);
    }
    thaw_unwinder_close(stacks->unwinder);
    thaw_spaces_free(&stacks->spaces);
    thaw_elsewhere_free(&stacks->elsewhere);
    free(stacks);
}

int thaw_stacks_store(struct thaw_stack_store *store, const struct thaw_recording *recording,
                      struct thaw_recording_writer *writer, struct thaw_error *error)
{
    struct stacks *stacks = calloc(1, sizeof(*stacks));
    int code;

    if (!stacks)
        return thaw_error_memory(error);
    stacks->store = store;
    stacks->recording = recording;
    stacks->writer = writer;
    code = thaw_elsewhere_find(recording, &stacks->elsewhere) ? thaw_error_memory(error) : 0;
    if (!code)
        code = thaw_unwinder_open(&stacks->unwinder, thaw_mapped_files_since(recording), error);
    if (!code)
        code = unwind_all(stacks, error);
    if (!code)
        code = store_losses(stacks, error);
    stacks_free(stacks);
    return code;
}
