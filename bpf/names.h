/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_NAMES_H
#define THAW_BPF_NAMES_H

/*
 * Effects that no system call tells: hosts that are looked up, environment variables that change.
 * Functions of the C library, seen where they begin. Values of variables are not copied.
 */
#include "effects.h"

/* Fetches the page of a text, as what tells effects reads only what is there. */
static __always_inline void fetch_page(__u64 address)
{
    char touched;

    fetch_user(&touched, 1, address);
}

/* A function was called whose argument tells an effect; 0: it has none. */
static __always_inline int name_call(struct pt_regs *ctx, struct effect *effect, __u64 argument)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();

    if (!argument || !traced_process(pid_tgid >> 32) || !acts_for_import(pid_tgid, ctx->sp))
        return 0;
    fetch_page(argument);
    effect_send(effect, 0, pid_tgid, ctx->sp);
    return 0;
}

/* Without a name it is the machine itself that is asked for. */
static __always_inline int lookup_call(struct pt_regs *ctx)
{
    struct effect effect = {.what = THAW_KERNEL_EFFECT_LOOKUP, .first = ctx->di};

    return name_call(ctx, &effect, ctx->di);
}

static __always_inline int lookup_address_call(struct pt_regs *ctx)
{
    struct effect effect = {
        .what = THAW_KERNEL_EFFECT_LOOKUP_ADDRESS,
        .address = ctx->di,
        .address_bytes = ctx->si,
    };

    return name_call(ctx, &effect, ctx->di);
}

static __always_inline int environment_call(struct pt_regs *ctx, __u32 what)
{
    struct effect effect = {.what = what, .first = ctx->di, .is_variable = true};

    return name_call(ctx, &effect, ctx->di);
}

#endif
