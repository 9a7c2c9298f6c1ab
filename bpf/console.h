/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_CONSOLE_H
#define THAW_BPF_CONSOLE_H

/*
 * Marks of a guest that is recorded, too: lines "thaw-mark …" on its console, which its monitor
 * writes to a terminal, pipe, file or socket, most of them byte by byte (QEMU: writev or sendmsg of
 * one byte each).
 * Only what stands behind that word leaves the kernel.
 */
#include "wire.h"

#define CONSOLE_WRITE_BYTES 64 /* a longer write is no console's */
#define CONSOLE_MARK_BYTES (sizeof(THAW_CONSOLE_MARK) - 1)

/* How far the line goes that a file is at. */
struct console {
    __u64 first_ns; /* when its first byte had been written */
    __u32 matched;  /* bytes of the word */
    __u32 used;     /* bytes behind it */
    char text[THAW_KERNEL_LINE_BYTES];
};

/* By open file. One that falls out of the map may lose the mark it is at. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, struct console);
} consoles SEC(".maps") WEAK;

struct console_write {
    struct console *console;
    __u64 pid_tgid;
    __u64 now_ns;
    __u32 count;
    __u32 reserved;
    char bytes[CONSOLE_WRITE_BYTES];
};

/* Byte number index of the word: from two constants, as there is no table to look it up in. */
static __always_inline char console_mark_byte(__u32 index)
{
    const __u64 first = 0x72616d2d77616874, rest = 0x206b; /* "thaw-mar", "k " */

    return index < 8 ? first >> (8 * index) & 0xff : rest >> (8 * (index & 7)) & 0xff;
}

static __always_inline void console_send(const struct console *console, __u64 now_ns,
                                         __u64 pid_tgid)
{
    struct thaw_kernel_console_line *line = bpf_ringbuf_reserve(&events, sizeof(*line), 0);

    if (!line) {
        count(&losses, THAW_LOSS_RING_FULL);
        return;
    }
    fill_header(&line->header, THAW_KERNEL_CONSOLE_LINE, sizeof(*line), pid_tgid);
    line->header.time_ns = console->first_ns;
    line->last_ns = now_ns;
    line->text_bytes = console->used;
    line->reserved = 0;
    __builtin_memcpy(line->text, console->text, sizeof(line->text));
    bpf_ringbuf_submit(line, wakeup(false));
}

static long console_take(__u32 index, struct console_write *write)
{
    struct console *console = write->console;
    __u32 matched = console->matched, used = console->used;
    char byte;

    if (index >= write->count || index >= CONSOLE_WRITE_BYTES)
        return 1;
    byte = write->bytes[index & (CONSOLE_WRITE_BYTES - 1)];
    if (matched < CONSOLE_MARK_BYTES) {
        if (byte != console_mark_byte(matched))
            matched = 0;
        if (byte == console_mark_byte(matched)) {
            if (!matched)
                console->first_ns = write->now_ns;
            matched++;
        }
        console->matched = matched;
        return 0;
    }
    if (byte == '\r' || byte == '\n') {
        console_send(console, write->now_ns, write->pid_tgid);
        used = matched = 0;
    } else if (used < THAW_KERNEL_LINE_BYTES) {
        console->text[used & (THAW_KERNEL_LINE_BYTES - 1)] = byte;
        used++;
    } else {
        used = matched = 0; /* no mark is that long */
    }
    console->matched = matched;
    console->used = used;
    return 0;
}

static __always_inline struct console *console_of(__u64 descriptor)
{
    __u64 file = (__u64)file_of(descriptor);
    struct console *console = bpf_map_lookup_elem(&consoles, &file);
    struct console fresh = {};

    if (console || !file)
        return console;
    bpf_map_update_elem(&consoles, &file, &fresh, BPF_NOEXIST);
    return bpf_map_lookup_elem(&consoles, &file);
}

/* Of several buffers the first, where all of it went through. */
static __always_inline void console_exit(const struct system_call *system_call, __s64 result,
                                         __u64 pid_tgid)
{
    struct console_write write = {.pid_tgid = pid_tgid, .count = result};
    struct user_iovec buffer = {};

    if (result <= 0 || result > CONSOLE_WRITE_BYTES)
        return;
    if (!first_buffer(system_call, &buffer) || buffer.length < (__u64)result)
        return;
    write.console = console_of(system_call->first);
    if (!write.console || bpf_probe_read_user(write.bytes, write.count & 127, (void *)buffer.base))
        return;
    write.now_ns = bpf_ktime_get_boot_ns();
    bpf_loop(CONSOLE_WRITE_BYTES, console_take, &write, 0);
}

#endif
