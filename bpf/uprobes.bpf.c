/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The probed places: functions at their begin, and where their calls return to. Programs may sleep,
 * so that a name whose page is not there is fetched. src/capture/attach.c chooses the way of
 * attaching.
 */
#include "account.h"
#include "loader.h"
#include "names.h"
#include "python.h"

#define PROBE(name, program, call)                                                                 \
    SEC("?uprobe.s/" #name)                                                                        \
    int name(struct pt_regs *ctx)                                                                  \
    {                                                                                              \
        ACCOUNTED(THAW_PROGRAM_##program, call);                                                   \
        return 0;                                                                                  \
    }

PROBE(python_find_call, FIND, find_call(ctx, ctx->sp))
/* The same at the calls, of which only those are probed that may be imports. */
PROBE(python_find_site, FIND, find_call(ctx, STACK_AT_CALL(ctx)))
PROBE(python_find_return, SITE, find_return(ctx))
PROBE(python_body_call, BODY, body_call(ctx))
PROBE(python_body_return, SITE, body_return(ctx))
PROBE(python_unmarshal_call, MARSHAL, marshal_call(ctx, THAW_KERNEL_UNMARSHAL))
PROBE(python_marshal_call, MARSHAL, marshal_call(ctx, THAW_KERNEL_MARSHAL))
PROBE(python_init_call, INIT, init_call(ctx, INIT_CODE))
PROBE(python_init_return, SITE, init_return(ctx))
PROBE(python_create_call, INIT, init_call(ctx, INIT_CREATE))
PROBE(python_made_call, INIT, init_call(ctx, INIT_MADE))
PROBE(python_lazy_call, LAZY, lazy_call(ctx))
PROBE(python_lazy_return, SITE, lazy_return(ctx))
PROBE(python_gc_call, GC, gc_call(ctx))
PROBE(python_gc_return, SITE, gc_return(STACK_AT_CALL(ctx)))
/* CPython's own probes stand inside one function: the stack pointer is the same at both. */
PROBE(python_gc_start, GC, gc_call(ctx))
PROBE(python_gc_done, SITE, gc_return(ctx->sp))
PROBE(loader_dlopen_call, DLOPEN, dlopen_call(ctx))
PROBE(loader_dlopen_return, RETURN, dlopen_return(ctx))
PROBE(effects_lookup_call, NAME, lookup_call(ctx))
PROBE(effects_lookup_address_call, NAME, lookup_address_call(ctx))
PROBE(effects_set_call, NAME, environment_call(ctx, THAW_KERNEL_EFFECT_SET))
PROBE(effects_unset_call, NAME, environment_call(ctx, THAW_KERNEL_EFFECT_UNSET))

char LICENSE[] SEC("license") = "Dual BSD/GPL";
