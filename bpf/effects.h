/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_EFFECTS_H
#define THAW_BPF_EFFECTS_H

/*
 * What code does beside defining names while a thread has an import open: it starts threads and
 * processes, opens sockets, connects, writes, sleeps, sets signal handlers. Whoever is started so
 * inherits, and what it does is told, too, for as long as system calls are observed.
 */
#include "files.h"

/* System call numbers of x86-64: arch/x86/entry/syscalls/syscall_64.tbl */
enum {
    CALL_POLL = 7,
    CALL_RT_SIGACTION = 13,
    CALL_SELECT = 23,
    CALL_NANOSLEEP = 35,
    CALL_SOCKET = 41,
    CALL_BIND = 49,
    CALL_LISTEN = 50,
    CALL_SOCKETPAIR = 53,
    CALL_RENAME = 82,
    CALL_MKDIR = 83,
    CALL_RMDIR = 84,
    CALL_CREAT = 85,
    CALL_LINK = 86,
    CALL_UNLINK = 87,
    CALL_SYMLINK = 88,
    CALL_RESTART = 219, /* goes on with a sleep that a stop interrupted: two parts are told */
    CALL_CLOCK_NANOSLEEP = 230,
    CALL_MKDIRAT = 258,
    CALL_UNLINKAT = 263,
    CALL_RENAMEAT = 264,
    CALL_LINKAT = 265,
    CALL_SYMLINKAT = 266,
    CALL_PSELECT6 = 270,
    CALL_PPOLL = 271,
    CALL_RENAMEAT2 = 316,
};

#define OPENED_FOR_WRITING 01103 /* O_WRONLY, O_RDWR, O_CREAT, O_TRUNC */
#define REMOVES_FOLDER 0x200     /* AT_REMOVEDIR */
#define BAD_ADDRESS (-14)        /* EFAULT */

/* Texts and numbers of an effect; addresses 0: none. */
struct effect {
    __u32 what; /* 0: it is none */
    __u32 address_bytes;
    __u64 address; /* of a socket */
    __u64 first;   /* paths, names */
    __u64 second;
    __u64 value;
    __u64 second_value;
    bool is_variable; /* first is "NAME=value" or "NAME" */
};

static __always_inline bool waits_for_time(const struct system_call *system_call)
{
    switch (system_call->number) {
    case CALL_NANOSLEEP:
    case CALL_CLOCK_NANOSLEEP:
    case CALL_RESTART:
        return true;
    case CALL_SELECT: /* without descriptors nothing but a sleep, as in CPython up to 3.10 */
    case CALL_PSELECT6:
        return (__u32)system_call->first == 0;
    case CALL_POLL:
    case CALL_PPOLL:
        return (__u32)system_call->second == 0;
    default:
        return false;
    }
}

static __always_inline void opened(__u64 path, __u64 flags, struct effect *ret)
{
    if (!(flags & OPENED_FOR_WRITING))
        return;
    ret->what = THAW_KERNEL_EFFECT_WRITE;
    ret->first = path;
}

static __always_inline void file_effect(const struct system_call *system_call, struct effect *ret)
{
    __u64 first = system_call->first, second = system_call->second, flags = 0;

    switch (system_call->number) {
    case FILE_CALL_OPEN:
        opened(first, second, ret);
        break;
    case FILE_CALL_OPENAT:
        opened(second, system_call->third, ret);
        break;
    case FILE_CALL_OPENAT2:
        read_user(&flags, sizeof(flags), system_call->third);
        opened(second, flags, ret);
        break;
    case CALL_CREAT:
        opened(first, OPENED_FOR_WRITING, ret);
        break;
    case CALL_RENAME:
    case CALL_LINK:
    case CALL_SYMLINK:
        ret->what = system_call->number == CALL_RENAME ? THAW_KERNEL_EFFECT_RENAME
                                                       : THAW_KERNEL_EFFECT_LINK;
        ret->first = first;
        ret->second = second;
        break;
    case CALL_RENAMEAT:
    case CALL_RENAMEAT2:
    case CALL_LINKAT:
        ret->what = system_call->number == CALL_LINKAT ? THAW_KERNEL_EFFECT_LINK
                                                       : THAW_KERNEL_EFFECT_RENAME;
        ret->first = second;
        ret->second = system_call->fourth;
        break;
    case CALL_SYMLINKAT:
        ret->what = THAW_KERNEL_EFFECT_LINK;
        ret->first = first;
        ret->second = system_call->third;
        break;
    }
}

static __always_inline void folder_effect(const struct system_call *system_call, struct effect *ret)
{
    ret->first = system_call->first;
    switch (system_call->number) {
    case CALL_UNLINK:
        ret->what = THAW_KERNEL_EFFECT_REMOVE;
        break;
    case CALL_RMDIR:
        ret->what = THAW_KERNEL_EFFECT_REMOVE_FOLDER;
        break;
    case CALL_MKDIR:
        ret->what = THAW_KERNEL_EFFECT_MAKE_FOLDER;
        break;
    case CALL_UNLINKAT:
        ret->what = system_call->third & REMOVES_FOLDER ? THAW_KERNEL_EFFECT_REMOVE_FOLDER
                                                        : THAW_KERNEL_EFFECT_REMOVE;
        ret->first = system_call->second;
        break;
    case CALL_MKDIRAT:
        ret->what = THAW_KERNEL_EFFECT_MAKE_FOLDER;
        ret->first = system_call->second;
        break;
    default:
        ret->first = 0;
    }
}

static __always_inline void socket_effect(const struct system_call *system_call, struct effect *ret)
{
    switch (system_call->number) {
    case CALL_SOCKET:
    case CALL_SOCKETPAIR:
        ret->what = system_call->number == CALL_SOCKET ? THAW_KERNEL_EFFECT_SOCKET
                                                       : THAW_KERNEL_EFFECT_SOCKET_PAIR;
        ret->value = (__u32)system_call->first;
        ret->second_value = (__u32)system_call->second;
        break;
    case CALL_BIND:
    case CALL_CONNECT:
        ret->what =
            system_call->number == CALL_BIND ? THAW_KERNEL_EFFECT_BIND : THAW_KERNEL_EFFECT_CONNECT;
        ret->address = system_call->second;
        ret->address_bytes = system_call->third;
        break;
    case CALL_LISTEN:
        ret->what = THAW_KERNEL_EFFECT_LISTEN;
        break;
    }
}

/* Asking for a handler changes nothing, and neither does a call that failed. */
static __always_inline void signal_effect(const struct system_call *system_call, __s64 result,
                                          struct effect *ret)
{
    if (system_call->number != CALL_RT_SIGACTION || !system_call->second || result)
        return;
    ret->what = THAW_KERNEL_EFFECT_SIGNAL;
    ret->value = (__u32)system_call->first;
    if (!read_user(&ret->second_value, sizeof(ret->second_value), system_call->second))
        ret->second_value = ~0ULL;
}

/* Is an import open in the thread, more than the program itself? stack: its stack pointer. */
static __always_inline bool imports_open(__u64 pid_tgid, __u64 stack)
{
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    struct frame *frame;

    if (!thread || !thread->depth)
        return false;
    frame = frame_of_call(thread, stack);
    return frame && !frame->program;
}

static __always_inline bool acts_for_import(__u64 pid_tgid, __u64 stack)
{
    return bpf_map_lookup_elem(&heirs, &pid_tgid) || imports_open(pid_tgid, stack);
}

/* Is one more effect of the kind told? ret_last: but no further one. */
static __always_inline bool effect_counts(struct thread *thread, __u32 what, __u8 *ret_last)
{
    struct frame *top = frame_top(thread);
    __u64 innermost = top ? top->stack ^ top->name : 0;
    __u16 told;

    if (thread->effect_frame != innermost) {
        __builtin_memset(thread->effects, 0, sizeof(thread->effects));
        thread->effect_frame = innermost;
    }
    what &= THAW_KERNEL_EFFECT_KINDS - 1;
    KEEP(what);
    told = thread->effects[what & (THAW_KERNEL_EFFECT_KINDS - 1)];
    if (told >= THAW_KERNEL_EFFECTS)
        return false;
    thread->effects[what & (THAW_KERNEL_EFFECT_KINDS - 1)] = told + 1;
    *ret_last = told + 1 == THAW_KERNEL_EFFECTS;
    return true;
}

static __always_inline __u32 text_bytes(long copied)
{
    __u32 bytes;

    if (copied < 0)
        count(&losses, THAW_LOSS_NAME_UNREADABLE);
    bytes = copied > 0 ? copied & (2 * THAW_KERNEL_PATH_BYTES - 1) : 0;
    return bytes > THAW_KERNEL_PATH_BYTES ? THAW_KERNEL_PATH_BYTES : bytes;
}

struct name_end {
    const char *name;
    __u32 bytes;
};

static long at_name(__u32 index, struct name_end *end)
{
    if (index >= THAW_KERNEL_PATH_BYTES || !end->name[index] || end->name[index] == '=')
        return 1;
    end->bytes = index + 1;
    return 0;
}

/* Bytes of a variable's name. Its value is never sent. */
static __always_inline __u32 variable_bytes(const char *text, __u32 bytes)
{
    struct name_end end = {.name = text};

    if (bytes)
        bpf_loop(THAW_KERNEL_PATH_BYTES, at_name, &end, 0);
    return end.bytes > THAW_KERNEL_PATH_BYTES ? THAW_KERNEL_PATH_BYTES : end.bytes;
}

/* Copies the texts behind the record; their bytes in all. */
static __always_inline __u32 effect_texts(struct thaw_kernel_effect *event,
                                          const struct effect *effect)
{
    __u32 first = 0, second = 0;

    if (effect->address && effect->address_bytes) {
        first = effect->address_bytes;
        if (first > THAW_KERNEL_ADDRESS_BYTES)
            first = THAW_KERNEL_ADDRESS_BYTES;
        KEEP(first);
        first &= 2 * THAW_KERNEL_ADDRESS_BYTES - 1; /* for the verifier */
        if (bpf_probe_read_user(event->texts, first, (void *)effect->address))
            first = 0;
    } else if (effect->first) {
        first = text_bytes(
            bpf_probe_read_user_str(event->texts, THAW_KERNEL_PATH_BYTES, (void *)effect->first));
        if (effect->is_variable)
            first = variable_bytes(event->texts, first);
    }
    if (effect->second)
        second = text_bytes(bpf_probe_read_user_str(event->texts + first, THAW_KERNEL_PATH_BYTES,
                                                    (void *)effect->second));
    event->first_bytes = first;
    event->second_bytes = second;
    return first + second;
}

/* Tells the effect of a thread that acts for an import; false: there were too many. */
static __always_inline bool effect_send(const struct effect *effect, __s64 result, __u64 pid_tgid,
                                        __u64 stack)
{
    struct thread *thread = thread_state(pid_tgid);
    struct thaw_kernel_effect *event;
    __u32 bytes;
    __u8 last;

    if (!thread || !effect_counts(thread, effect->what, &last))
        return false;
    event = (void *)thread->scratch;
    bytes = effect_texts(event, effect);
    event->stack = stack;
    event->result = result;
    event->value = effect->value;
    event->second_value = effect->second_value;
    event->strand = strand_of_call(thread, frame_of_call(thread, stack));
    event->what = effect->what;
    event->inherited = bpf_map_lookup_elem(&heirs, &pid_tgid) != NULL;
    event->last = last;
    event->reserved = 0;
    fill_header(&event->header, THAW_KERNEL_EFFECT, 72 + bytes, pid_tgid);
    send(event, 72 + bytes, false);
    return true;
}

static __always_inline void effect_enter(const struct system_call *system_call, __u64 pid_tgid,
                                         __u64 stack)
{
    struct thread *thread;

    if (!waits_for_time(system_call) || !acts_for_import(pid_tgid, stack))
        return;
    thread = thread_state(pid_tgid);
    if (thread)
        thread->sleep_ns = bpf_ktime_get_boot_ns();
}

/* How long the sleep was that is over; false: its begin was not seen. */
static __always_inline bool sleep_over(__u64 pid_tgid, __u64 *ret)
{
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);

    if (!thread || !thread->sleep_ns)
        return false;
    *ret = bpf_ktime_get_boot_ns() - thread->sleep_ns;
    thread->sleep_ns = 0;
    return true;
}

/* May a call be one? All calls of all processes come by here. */
static __always_inline bool is_effect_call(const struct pt_regs *regs, __u64 number)
{
    switch (number) {
    case FILE_CALL_OPEN:
        return regs->si & OPENED_FOR_WRITING;
    case FILE_CALL_OPENAT:
        return regs->dx & OPENED_FOR_WRITING;
    case FILE_CALL_OPENAT2:
    case CALL_POLL:
    case CALL_RT_SIGACTION:
    case CALL_SELECT:
    case CALL_NANOSLEEP:
    case CALL_SOCKET:
    case CALL_CONNECT:
    case CALL_BIND:
    case CALL_LISTEN:
    case CALL_SOCKETPAIR:
    case CALL_CLOCK_NANOSLEEP:
    case CALL_RESTART:
    case CALL_PSELECT6:
    case CALL_PPOLL:
    case CALL_RENAMEAT2:
        return true;
    default:
        return (number >= CALL_RENAME && number <= CALL_SYMLINK) ||
               (number >= CALL_MKDIRAT && number <= CALL_SYMLINKAT);
    }
}

/* May it be a sleep? */
static __always_inline bool is_effect_call_begun(__u64 number)
{
    return number == CALL_POLL || number == CALL_SELECT || number == CALL_NANOSLEEP ||
           number == CALL_CLOCK_NANOSLEEP || number == CALL_RESTART || number == CALL_PSELECT6 ||
           number == CALL_PPOLL;
}

static __always_inline void effect_exit(const struct system_call *system_call, __s64 result,
                                        __u64 pid_tgid, __u64 stack)
{
    struct effect effect = {};

    if (result == BAD_ADDRESS)
        return;
    if (waits_for_time(system_call)) {
        if (!sleep_over(pid_tgid, &effect.value))
            return;
        effect.what = THAW_KERNEL_EFFECT_SLEEP;
    }
    file_effect(system_call, &effect);
    if (!effect.what)
        folder_effect(system_call, &effect);
    if (!effect.what)
        socket_effect(system_call, &effect);
    if (!effect.what)
        signal_effect(system_call, result, &effect);
    if (effect.what && acts_for_import(pid_tgid, stack))
        effect_send(&effect, result, pid_tgid, stack);
}

#endif
