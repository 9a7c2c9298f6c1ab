/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The probed places: functions at their begin, and where their calls return to. Programs may sleep,
 * so that a name whose page is not there is fetched. src/capture/attach.c chooses the way of
 * attaching.
 */
#include "loader.h"
#include "python.h"

#define PROBE(name, call)                                                                          \
    SEC("?uprobe.s/" #name)                                                                        \
    int name(struct pt_regs *ctx)                                                                  \
    {                                                                                              \
        return call;                                                                               \
    }

PROBE(python_find_call, find_call(ctx, ctx->sp))
/* The same at the calls, of which only those are probed that may be imports. */
PROBE(python_find_site, find_call(ctx, STACK_AT_CALL(ctx)))
PROBE(python_find_return, find_return(ctx))
PROBE(python_body_call, body_call(ctx))
PROBE(python_body_return, body_return(ctx))
PROBE(python_init_call, init_call(ctx, INIT_CODE))
PROBE(python_init_return, init_return(ctx))
PROBE(python_create_call, init_call(ctx, INIT_CREATE))
PROBE(python_made_call, init_call(ctx, INIT_MADE))
PROBE(python_lazy_call, lazy_call(ctx))
PROBE(python_lazy_return, lazy_return(ctx))
PROBE(python_gc_call, gc_call(ctx))
PROBE(python_gc_return, gc_return(STACK_AT_CALL(ctx)))
/* CPython's own probes stand inside one function: the stack pointer is the same at both. */
PROBE(python_gc_start, gc_call(ctx))
PROBE(python_gc_done, gc_return(ctx->sp))
PROBE(loader_dlopen_call, dlopen_call(ctx))
PROBE(loader_dlopen_return, dlopen_return(ctx))

char LICENSE[] SEC("license") = "Dual BSD/GPL";
