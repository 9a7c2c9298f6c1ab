/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The probed functions and their three ways in. A uprobe session (kernel 6.13 and later) asks at
 * the entry whether the return is wanted, so no return probe is spent on calls that aren't ours;
 * an entry and a return program serve uprobe multi (6.6) and perf uprobes. src/capture/attach.c
 * chooses; what isn't chosen isn't loaded.
 */
#include "loader.h"
#include "python.h"

extern bool bpf_session_is_return(void) __ksym WEAK;

/* At a return probe the return address has been popped: entry had the stack pointer 8 lower. */
#define ENTRY_STACK(ctx) ((ctx)->sp - 8)

/* In a session 1 declines the return probe of this call. fails: returning 0 means failure. */
#define PROBE(name, entry, frame, fails)                                                           \
    SEC("?kprobe/" #name "_session")                                                               \
    int name##_session(struct pt_regs *ctx)                                                        \
    {                                                                                              \
        if (!bpf_session_is_return())                                                              \
            return entry(ctx) ? 0 : 1;                                                             \
        frame_return(ENTRY_STACK(ctx), fails && ctx->ax == 0, frame);                              \
        return 0;                                                                                  \
    }                                                                                              \
                                                                                                   \
    SEC("?kprobe/" #name "_entry")                                                                 \
    int name##_entry(struct pt_regs *ctx)                                                          \
    {                                                                                              \
        entry(ctx);                                                                                \
        return 0;                                                                                  \
    }                                                                                              \
                                                                                                   \
    SEC("?kprobe/" #name "_return")                                                                \
    int name##_return(struct pt_regs *ctx)                                                         \
    {                                                                                              \
        frame_return(ENTRY_STACK(ctx), fails && ctx->ax == 0, frame);                              \
        return 0;                                                                                  \
    }

PROBE(python_find, find_entry, FRAME_FIND, true)
PROBE(python_body, body_entry, FRAME_BODY, true)
PROBE(python_gc, gc_entry, FRAME_GC, false)
PROBE(loader_dlopen, dlopen_entry, FRAME_DLOPEN, true)

/* CPython's own probes stand inside one function: the stack pointer is the same at both. */
SEC("?kprobe/python_gc_start")
int python_gc_start(struct pt_regs *ctx)
{
    gc_entry(ctx);
    return 0;
}

SEC("?kprobe/python_gc_done")
int python_gc_done(struct pt_regs *ctx)
{
    frame_return(ctx->sp, 0, FRAME_GC);
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
