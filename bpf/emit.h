/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_EMIT_H
#define THAW_BPF_EMIT_H

/*
 * What all programs share: the maps, the way an event is sent, and how losses are counted.
 * The maps are weak so that every object may define them and the linker keeps one.
 */
#include "kernel_types.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "thaw/event.h"
#include "thaw/openings.h"

/* One open frame of the import machinery on a thread's stack. */
enum frame_kind {
    FRAME_OVER = 0, /* it has returned, later ones have not */
    FRAME_FIND = 1,
    FRAME_BODY = 2,
    FRAME_DLOPEN = 3,
    FRAME_GC = 4,
    FRAME_INIT = 6,
    FRAME_LAZY = 5, /* a lazy import that comes true: what is imported below it is lazy */
};

struct frame {
    __u64 stack; /* stack pointer at entry */
    __u64 seal;  /* of what lies there, where programs switch stacks (frames.h) */
    __u64 name;  /* address of the module's name object (FRAME_FIND, FRAME_BODY) */
    __u32 kind;
    __u32 strand;
    __u16 body_seen;
    __u16 none_fails; /* returning None means failure, too */
    __u32 program;    /* the program's own code: what it does is no import */
};

/* Why a thread left the CPU. */
enum leave { LEFT_PREEMPTED, LEFT_FOR_IO, LEFT_TO_SLEEP };

/* What a thread has used so far (usage.h). */
struct usage {
    __u64 io_ns;
    __u64 runqueue_ns;
    __u64 sleep_ns;
    __u64 disk_pages;
    __u64 read_bytes;
    __u64 left_ns;   /* when it left the CPU, 0: it runs */
    __u64 absent_ns; /* how long it was off the CPU last, until that is taken apart */
    __u64 delay_ns;  /* what the kernel had counted of waiting for a CPU at the last look */
    __u32 reason;
    __u32 begun;   /* there was a look */
    __u32 forked;  /* it has just started a process, and may wait until that executes (vfork) */
    __u32 writing; /* a system call that writes is under way */
};

/* The file that was opened last for a module that is looked for or loaded. */
struct opened_file {
    __u32 number; /* its descriptor + 1, 0 none */
    __u32 is_bytecode;
    __u64 bytes; /* read of it */
    __u32 head[4];
};

/* Where a module was looked for so far. */
struct lookups {
    struct thaw_kernel_usage usage; /* by last_ns */
    __u64 stack;
    __u64 last_ns;
    __u64 bytes;
    __u64 mtime_s;
    __u32 count; /* 0: nothing is to be told */
    __u32 failed;
    __u32 searched; /* number of the last folder, 0 none */
    __u32 strand;
};

/* A folder that is searched after another one (lookups.searched). */
struct folder {
    __u64 device;
    __u64 inode;
    __u64 after;
};

/*
 * State of a thread that imports or opens libraries: its open frames, the latest last. scratch is
 * where its events are put together: a thread runs one probe at a time, while a per-CPU buffer
 * could be overwritten by another thread's probe, as uprobe programs can be preempted.
 */
struct thread {
    __u32 depth;
    __u32 strands;   /* begun so far, beside the thread's own */
    __u32 switches;  /* it may switch stacks */
    __u32 library;   /* where the path of a module last named the library (python_library.h) */
    __u64 find_name; /* where "_find_and_load" lies in its program, 0 not known */
    __u64 packages;  /* the folder of packages that was told last, likewise */
    struct usage usage;
    struct opened_file file;
    struct lookups lookups;
    struct frame frames[THAW_KERNEL_FRAMES];
    __u64 sleep_ns;     /* when the sleep began that is under way (effects.h) */
    __u64 effect_frame; /* the innermost frame that effects were counted in */
    __u16 effects[THAW_KERNEL_EFFECT_KINDS];
    __u8 scratch[sizeof(struct thaw_kernel_exec)];
};

/* A socket call under way. */
struct call {
    __u64 enter_ns;
    __u64 socket; /* its key */
    __u16 port;   /* of the peer, host byte order */
    __u16 reserved[3];
};

/* A connection that is followed: what thaw (the command) wants of it. */
struct connection {
    __u32 ignore; /* it is a stranger's */
    __u32 whole;  /* all of its bytes are needed */
};

#define WEAK __attribute__((weak))

/* Keeps a value in one register from here on, so that bounds checked stay known to the verifier. */
#define KEEP(value) asm volatile("" : "+r"(value))

/* A section of its own, which thaw (the command) fills before loading. */
const volatile struct thaw_kernel_settings settings SEC(".rodata.settings") WEAK = {
    .wake_bytes = 4 << 20,
};

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 16 << 20);
} events SEC(".maps") WEAK;

/* Processes that are traced, by thread group id. Put in by thaw (the command) and by fork. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __type(key, __u32);
    __type(value, struct thaw_kernel_process);
} processes SEC(".maps") WEAK;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u64);
    __type(value, struct thread);
} threads SEC(".maps") WEAK;

/* One zeroed thread, never written: what a new entry of `threads` is copied from. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct thread);
} blank_thread SEC(".maps") WEAK;

/* Threads, also the first ones of processes, that were started while an import was open. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u64);
    __type(value, __u8);
} heirs SEC(".maps") WEAK;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u64);
    __type(value, struct call);
} calls SEC(".maps") WEAK;

/* thaw (the command) removes those that it gives up, when they are more than half of these. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 8192);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u64);
    __type(value, struct connection);
} connections SEC(".maps") WEAK;

/* How platforms' connections begin. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct thaw_kernel_openings);
} openings SEC(".maps") WEAK;

/* Ports of hosts that workers were connected to before thaw came: followed in mid-stream. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u16);
    __type(value, __u8);
} ports SEC(".maps") WEAK;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, THAW_PYTHON_LAYOUTS);
    __type(key, __u32);
    __type(value, struct thaw_python_layout);
} python_layouts SEC(".maps") WEAK;

/* Hits of processes, whoever's they are: a server that is no longer starting may hit probes all
 * day, and thaw then withdraws them (src/capture/watchdog.c). */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, THAW_KERNEL_RATES);
    __type(key, struct thaw_kernel_rate);
    __type(value, __u64);
} rates SEC(".maps") WEAK;

/* By interpreter: 1 when it is probed in single processes only. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, THAW_KERNEL_INTERPRETERS);
    __type(key, __u32);
    __type(value, __u32);
} narrowed SEC(".maps") WEAK;

/* Programs and libraries that thaw has looked at: their class (enum thaw_kernel_executable). In
 * production those that nobody executes any more give way (src/capture/programs.c). */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, THAW_KERNEL_FILES);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct thaw_kernel_file);
    __type(value, __u8);
} files SEC(".maps") WEAK;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct thaw_kernel_hold);
} hold SEC(".maps") WEAK;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct thaw_kernel_sampling);
} sampling SEC(".maps") WEAK;

/* Processes that were stopped, by thread group id, and when. Whoever continues one removes it. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, THAW_KERNEL_HELD);
    __type(key, __u32);
    __type(value, __u64);
} held SEC(".maps") WEAK;

/* Numbers of the folders that modules are looked for in, from 1 on. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, THAW_KERNEL_FOLDERS);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct folder);
    __type(value, __u32);
} folders SEC(".maps") WEAK;

/* How many there are. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} folder_count SEC(".maps") WEAK;

/* 1: what threads use is looked at, in production, too. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} split SEC(".maps") WEAK;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, THAW_LOSS_KINDS);
    __type(key, __u32);
    __type(value, __u64);
} losses SEC(".maps") WEAK;

static __always_inline void count(void *map, __u32 slot)
{
    __u64 *value = bpf_map_lookup_elem(map, &slot);

    if (value)
        __sync_fetch_and_add(value, 1);
}

/* Is nothing looked at but what is told anyway? */
static __always_inline bool is_lean(void)
{
    __u32 zero = 0, *wanted;

    if (!settings.production)
        return false;
    wanted = bpf_map_lookup_elem(&split, &zero);
    return !wanted || !*wanted;
}

static __always_inline struct thaw_kernel_process *traced_process(__u32 tgid)
{
    return bpf_map_lookup_elem(&processes, &tgid);
}

/* The thread's state, made when it is new; NULL (counted) when there is no room. */
static __always_inline struct thread *thread_state(__u64 pid_tgid)
{
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    __u32 zero = 0;
    void *blank;

    if (thread)
        return thread;
    blank = bpf_map_lookup_elem(&blank_thread, &zero);
    if (!blank)
        return NULL;
    bpf_map_update_elem(&threads, &pid_tgid, blank, BPF_NOEXIST);
    thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    if (!thread)
        count(&losses, THAW_LOSS_THREADS_FULL);
    return thread;
}

static __always_inline void fill_header(struct thaw_kernel_header *header, __u16 kind, __u32 size,
                                        __u64 pid_tgid)
{
    header->kind = kind;
    header->without = 0;
    header->size = size;
    header->time_ns = bpf_ktime_get_boot_ns();
    header->tgid = pid_tgid >> 32;
    header->tid = (__u32)pid_tgid;
}

/*
 * A wake-up per event costs ten times the event (facts: imports.md Q4), so the reader polls;
 * it is woken only for events it must act on at once, and when the buffer fills.
 */
static __always_inline __u64 wakeup(bool urgent)
{
    if (urgent || bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > settings.wake_bytes)
        return BPF_RB_FORCE_WAKEUP;
    return BPF_RB_NO_WAKEUP;
}

/* In production what is unread is asked for at one event of eight, by chance: the reader writes
 * there, too, and that look took a tenth of all. */
#define LOOKS_AT_UNREAD 7

static __always_inline void send(void *event, __u64 size, bool urgent)
{
    const struct thaw_kernel_header *header = event;
    __u64 flags = BPF_RB_NO_WAKEUP;

    if (urgent || !settings.production || !(header->time_ns & LOOKS_AT_UNREAD))
        flags = wakeup(urgent);
    if (bpf_ringbuf_output(&events, event, size, flags))
        count(&losses, THAW_LOSS_RING_FULL);
}

#endif
