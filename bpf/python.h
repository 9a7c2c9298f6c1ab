/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_PYTHON_H
#define THAW_BPF_PYTHON_H

/*
 * Imports of CPython, from functions of every interpreter 3.8 to 3.15:
 * - "find": the C call of importlib's _find_and_load, made only when a module isn't loaded yet;
 * - "body": PyEval_EvalCode running `<module>` code, which also sees importlib.import_module;
 * - "init": extension and builtin modules being initialised, however they were asked for;
 * - "lazy": a lazy import of 3.15 that comes true.
 * Each function is probed where it begins and where its calls return to (src/native/calls.h); the
 * cookie of a probe is THAW_COOKIE.
 */
#include "frames.h"
#include "python_library.h"
#include "python_objects.h"

/* PyModuleDef.m_name, Include/moduleobject.h of 3.8 to 3.15: part of the stable ABI. */
#define PYTHON_DEFINITION_NAME 40

#define RATE_STEP 256

/* Read of most names and paths, with what stands in front of them (read_short_text()). */
#define SHORT_NAME 96
#define SHORT_PATH 160

/* What runs first at every entry: whose is it, and how does its Python look? */
struct probe {
    const struct thaw_python_layout *layout;
    struct thaw_kernel_process *process;
    __u64 pid_tgid;
};

/*
 * While probes in all processes are replaced by those in single ones, both are there: one of them
 * counts.
 */
static __always_inline bool probe_counts(__u64 cookie)
{
    __u32 interpreter = THAW_COOKIE_INTERPRETER(cookie);
    __u32 *narrow = bpf_map_lookup_elem(&narrowed, &interpreter);
    bool single = cookie & THAW_COOKIE_SINGLE;

    return single == (narrow && *narrow);
}

/* Counts a hit; a process that is traced has its own count, which is cheaper, and hands it on now
 * and then. Counts that two threads lose by coming at once do no harm. */
static __always_inline void count_rate(struct thaw_kernel_process *process,
                                       const struct thaw_kernel_rate *key)
{
    __u64 hits = process ? RATE_STEP : 1, *rate;

    if (process && ++process->hits % RATE_STEP)
        return;
    rate = bpf_map_lookup_elem(&rates, key);
    if (rate)
        *rate += hits;
    else
        bpf_map_update_elem(&rates, key, &hits, BPF_ANY);
}

static __always_inline bool probe_enter(void *ctx, struct probe *ret)
{
    __u64 cookie = bpf_get_attach_cookie(ctx);
    __u32 minor = THAW_COOKIE_MINOR(cookie);
    struct thaw_kernel_rate key;

    ret->pid_tgid = bpf_get_current_pid_tgid();
    key.tgid = ret->pid_tgid >> 32;
    key.interpreter = THAW_COOKIE_INTERPRETER(cookie);
    ret->process = traced_process(key.tgid);
    count_rate(ret->process, &key);
    if (!ret->process || ret->process->flags & THAW_PROCESS_WARM || !probe_counts(cookie))
        return false;
    ret->layout = bpf_map_lookup_elem(&python_layouts, &minor);
    return ret->layout != NULL;
}

/* The function's result: the register is the compiler's choice. All are read before one is chosen,
 * as the verifier wants constant offsets. */
static __always_inline __u64 call_result(struct pt_regs *ctx)
{
    __u32 number = THAW_COOKIE_RESULT(bpf_get_attach_cookie(ctx));
    __u64 result = ctx->ax, bx = ctx->bx, bp = ctx->bp, r12 = ctx->r12, r13 = ctx->r13,
          r14 = ctx->r14, r15 = ctx->r15;

    KEEP(bx);
    KEEP(bp);
    KEEP(r12);
    KEEP(r13);
    KEEP(r14);
    KEEP(r15);
    result = number == 3 ? bx : result;
    result = number == 5 ? bp : result;
    result = number == 12 ? r12 : result;
    result = number == 13 ? r13 : result;
    result = number == 14 ? r14 : result;
    return number == 15 ? r15 : result;
}

/* A module of that name is about to be loaded: from greenlet on, stacks may be switched. */
static __always_inline void watch_for_greenlet(const char *name, const struct text *text,
                                               struct thaw_kernel_process *process)
{
    if (text->bytes == 8 && *(const __u64 *)name == EIGHT('g', 'r', 'e', 'e', 'n', 'l', 'e', 't'))
        __sync_fetch_and_or(&process->flags, THAW_PROCESS_SWITCHES);
}

/* stack: the stack pointer at the function's entry. */
static __always_inline int find_call(struct pt_regs *ctx, __u64 stack)
{
    struct thaw_kernel_import_begin *event;
    enum method method = METHOD_FIND_AND_LOAD;
    struct frame *frame, *outer;
    struct text text = {};
    __u64 called = ctx->si;
    struct thread *thread;
    struct probe probe;
    struct place place;
    __u32 around, strand;

    KEEP(called);
    if (!probe_enter(ctx, &probe))
        return 0;
    thread = bpf_map_lookup_elem(&threads, &probe.pid_tgid);
    if (!thread || thread->find_name != called) /* one object, which stays where it is */
        method = method_of(probe.layout, called);
    if (!method || !place_in(thread, probe.process, probe.pid_tgid, stack, &place))
        return 0;
    if (method == METHOD_FIND_AND_LOAD)
        place.thread->find_name = called;
    around = frame_around(&place);
    strand = strand_for(&place, around);
    outer = frame_of(place.thread, around);
    event = (void *)place.thread->scratch;
    if (!is_lean() || !read_short_text(probe.layout, ctx->dx, event->name, SHORT_NAME, &text))
        read_text(probe.layout, ctx->dx, event->name, THAW_KERNEL_NAME_BYTES, &text);
    watch_for_greenlet(event->name, &text, probe.process);
    event->stack = stack;
    event->name_bytes = text.bytes;
    event->name_width = text.width;
    event->name_cut = text.cut;
    event->strand = strand;
    event->lazy = outer && outer->kind == FRAME_LAZY;
    event->reserved = 0;
    send_used(place.thread, event, THAW_KERNEL_IMPORT_BEGIN,
              104 + (text.bytes & (THAW_KERNEL_NAME_BYTES - 1)), probe.pid_tgid);
    lookups_begin(place.thread);
    frame = frame_push(&place, ctx->dx, FRAME_FIND, strand);
    if (frame)
        frame->none_fails = method == METHOD_LAZY_SUBMODULE;
    return 0;
}

static __always_inline int find_return(struct pt_regs *ctx)
{
    __u32 minor = THAW_COOKIE_MINOR(bpf_get_attach_cookie(ctx));
    const struct thaw_python_layout *layout;
    struct place place;
    struct frame frame;
    __u64 result;
    bool failed;

    if (!frame_return(STACK_AT_CALL(ctx), FRAME_FIND, &place, &frame))
        return 0;
    lookups_begin(place.thread);
    result = call_result(ctx);
    failed = result == 0;
    if (!failed && frame.none_fails) {
        layout = bpf_map_lookup_elem(&python_layouts, &minor);
        failed = layout && is_none(layout, result);
    }
    send_frame_mark(THAW_KERNEL_IMPORT_END, &place, frame.strand, failed);
    return 0;
}

/* Code: what it is called, and its file. */
struct body {
    __u64 name;
    __u64 file;
    __u32 strand;
    __u16 kind; /* of the record */
    bool own;
};

/* The texts are there already, the name first. */
static __always_inline void send_texts(const struct place *place, const struct body *body,
                                       const struct text *name, const struct text *file)
{
    struct thaw_kernel_body_begin *event = (void *)place->thread->scratch;
    __u32 name_bytes = name->bytes & (THAW_KERNEL_NAME_BYTES - 1);
    __u32 file_bytes = file->bytes & (THAW_KERNEL_PATH_BYTES - 1);

    event->stack = place->stack;
    event->name_bytes = name_bytes;
    event->name_width = name->width;
    event->name_cut = name->cut;
    event->file_bytes = file_bytes;
    event->file_width = file->width;
    event->own = body->own;
    event->strand = body->strand;
    event->reserved = 0;
    send_used(place->thread, event, body->kind, 104 + name_bytes + file_bytes, place->pid_tgid);
}

static __always_inline void send_body(const struct thaw_python_layout *layout,
                                      const struct place *place, const struct body *body)
{
    struct thaw_kernel_body_begin *event = (void *)place->thread->scratch;
    struct text name = {}, file = {};

    if (body->own && body->name)
        read_text(layout, body->name, event->texts, THAW_KERNEL_NAME_BYTES, &name);
    read_text(layout, body->file, event->texts + (name.bytes & (THAW_KERNEL_NAME_BYTES - 1)),
              THAW_KERNEL_PATH_BYTES, &file);
    send_texts(place, body, &name, &file);
}

/* Is what was just sent the program's own code? */
static __always_inline bool body_is_program(const struct place *place)
{
    const struct thaw_kernel_body_begin *event = (void *)place->thread->scratch;

    return event->name_bytes == 8 && event->name_width == 1 &&
           *(const __u64 *)event->texts == EIGHT('_', '_', 'm', 'a', 'i', 'n', '_', '_');
}

/* Nothing of it is open yet: `python -c TEXT` begins so, on the first thread. */
static __always_inline bool may_be_program(__u64 pid_tgid)
{
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);

    return (__u32)pid_tgid == pid_tgid >> 32 && (!thread || !thread->depth);
}

/*
 * In production most module code is that of the innermost import, which its globals tell, and
 * nothing but its file need be known of it. False: it is to be looked at.
 */
static __always_inline bool body_expected(struct pt_regs *ctx, const struct probe *probe,
                                          struct place *place, struct body *body)
{
    struct thaw_kernel_body_begin *event;
    struct text name = {}, file = {};
    struct frame *outer;

    place->pid_tgid = probe->pid_tgid;
    place->stack = ctx->sp;
    place->thread = bpf_map_lookup_elem(&threads, &place->pid_tgid);
    if (!place->thread || probe->process->flags & THAW_PROCESS_SWITCHES)
        return false;
    frames_prune(place->thread, place->stack);
    outer = frame_top(place->thread);
    event = (void *)place->thread->scratch;
    if (!outer || outer->kind != FRAME_FIND || outer->body_seen ||
        first_value(probe->layout, ctx->si, place->thread->scratch) != outer->name ||
        !read_user(&body->file, 8, ctx->di + probe->layout->code_filename) ||
        !read_short_text(probe->layout, body->file, event->texts, SHORT_PATH, &file))
        return false;
    outer->body_seen = 1;
    body->strand = 0;
    body->own = false;
    if (!is_of_library(place->thread, event->texts, file.bytes))
        send_texts(place, body, &name, &file);
    return true;
}

static __always_inline int body_call(struct pt_regs *ctx)
{
    struct body body = {.kind = THAW_KERNEL_BODY_BEGIN};
    struct code_texts code = {};
    struct probe probe;
    struct place place;
    struct frame *outer;
    __u32 around;

    if (!probe_enter(ctx, &probe))
        return 0;
    if (is_lean() && body_expected(ctx, &probe, &place, &body))
        return 0;
    if (!fetch_user(&code, sizeof(code), ctx->di + probe.layout->code_filename) ||
        !is_module_code(probe.layout, &code, may_be_program(probe.pid_tgid)) ||
        !place_of(probe.process, probe.pid_tgid, ctx->sp, &place))
        return 0;
    body.file = code.file;
    body.name = globals_name(probe.layout, ctx->si);
    around = frame_around(&place);
    outer = frame_of(place.thread, around);
    body.own = !outer || outer->kind != FRAME_FIND || outer->name != body.name || outer->body_seen;
    if (!body.own && outer) { /* the second is for the verifier */
        outer->body_seen = 1;
        body.strand = outer->strand;
    } else {
        body.strand = strand_for(&place, around);
    }
    send_body(probe.layout, &place, &body);
    if (!body.own)
        return 0;
    outer = frame_push(&place, body.name, FRAME_BODY, body.strand);
    if (outer)
        outer->program = body_is_program(&place);
    return 0;
}

static __always_inline int body_return(struct pt_regs *ctx)
{
    struct place place;
    struct frame frame;

    if (frame_return(STACK_AT_CALL(ctx), FRAME_BODY, &place, &frame))
        send_frame_mark(THAW_KERNEL_BODY_END, &place, frame.strand, call_result(ctx) == 0);
    return 0;
}

/*
 * marshal.loads, called for the module that is being loaded: finding and reading it is over, what
 * follows up to its code is making code objects of bytecode. Or marshal.dumps: it was compiled, and
 * what follows is writing its bytecode.
 */
static __always_inline int marshal_call(struct pt_regs *ctx, __u16 kind)
{
    struct probe probe;
    struct place place;
    struct frame *outer;

    if (!probe_enter(ctx, &probe) || !place_of(probe.process, probe.pid_tgid, ctx->sp, &place))
        return 0;
    outer = frame_of(place.thread, frame_around(&place));
    if (outer && outer->kind == FRAME_FIND && !outer->body_seen)
        send_frame_mark(kind, &place, outer->strand, 0);
    return 0;
}

enum init { INIT_CODE, INIT_CREATE, INIT_MADE };

/* Where the name is: of the module, of its definition, or an argument. */
static __always_inline __u64 init_name(struct pt_regs *ctx, const struct thaw_python_layout *layout,
                                       enum init init)
{
    __u64 object = ctx->di, argument = ctx->si, name = 0;
    __u32 offset = init == INIT_CREATE ? PYTHON_DEFINITION_NAME : layout->module_name;

    if (init == INIT_MADE)
        return argument;
    if (!fetch_user(&name, 8, object + offset))
        count(&losses, THAW_LOSS_NAME_UNREADABLE);
    return name;
}

static __always_inline void init_text(const struct thaw_python_layout *layout, __u64 name,
                                      enum init init, char *to, struct text *text)
{
    long bytes;

    if (init != INIT_CREATE) {
        read_text(layout, name, to, THAW_KERNEL_NAME_BYTES, text);
        return;
    }
    bytes = fetch_user_string(to, THAW_KERNEL_NAME_BYTES, name);
    text->bytes = bytes > 0 ? (bytes - 1) & (THAW_KERNEL_NAME_BYTES - 1) : 0;
    text->width = 1;
}

/*
 * PyModule_ExecDef(module, def) and PyModule_Exec(module) run an extension's or builtin's own
 * code; PyModule_Create2(def, version) makes one that is initialised in a single phase (PEP 489),
 * and _PyImport_FixupExtensionObject(module, name, …) is called when that is complete.
 */
static __always_inline int init_call(struct pt_regs *ctx, enum init init)
{
    struct thaw_kernel_module_init *event;
    struct text text = {};
    struct probe probe;
    struct place place;
    __u32 strand;
    __u64 name;

    if (!probe_enter(ctx, &probe) || !place_of(probe.process, probe.pid_tgid, ctx->sp, &place))
        return 0;
    event = (void *)place.thread->scratch;
    name = init_name(ctx, probe.layout, init);
    init_text(probe.layout, name, init, event->name, &text);
    strand = strand_for(&place, frame_around(&place));
    event->stack = place.stack;
    event->name_bytes = text.bytes;
    event->name_width = text.width;
    event->single_phase = init == INIT_CREATE;
    event->strand = strand;
    send_used(place.thread, event,
              init == INIT_MADE ? THAW_KERNEL_MODULE_MADE : THAW_KERNEL_MODULE_INIT,
              96 + (text.bytes & (THAW_KERNEL_NAME_BYTES - 1)), probe.pid_tgid);
    if (init == INIT_CODE)
        frame_push(&place, name, FRAME_INIT, strand);
    return 0;
}

/* It returns 0 or -1. */
static __always_inline int init_return(struct pt_regs *ctx)
{
    struct place place;
    struct frame frame;

    if (frame_return(STACK_AT_CALL(ctx), FRAME_INIT, &place, &frame))
        send_frame_mark(THAW_KERNEL_MODULE_INIT_END, &place, frame.strand,
                        (int)call_result(ctx) != 0);
    return 0;
}

/* What a thread (PyThreadState) executes: name and file of the code. */
static __always_inline void executed_code(const struct thaw_python_layout *layout, __u64 thread,
                                          struct body *ret)
{
    __u64 frame = 0, code = 0;

    if (!fetch_user(&frame, 8, thread + layout->thread_frame) ||
        !fetch_user(&code, 8, frame + layout->frame_code))
        return;
    code &= ~3ULL;
    fetch_user(&ret->name, 8, code + layout->code_qualname);
    fetch_user(&ret->file, 8, code + layout->code_filename);
}

/* _PyImport_LoadLazyImportTstate(thread, …): its frame is for find_call() to see. */
static __always_inline int lazy_call(struct pt_regs *ctx)
{
    struct body body = {.kind = THAW_KERNEL_LAZY_BEGIN, .own = true};
    struct probe probe;
    struct place place;

    if (!probe_enter(ctx, &probe) || !place_of(probe.process, probe.pid_tgid, ctx->sp, &place))
        return 0;
    executed_code(probe.layout, ctx->di, &body);
    body.strand = strand_for(&place, frame_around(&place));
    send_body(probe.layout, &place, &body);
    frame_push(&place, 0, FRAME_LAZY, body.strand);
    return 0;
}

static __always_inline int lazy_return(struct pt_regs *ctx)
{
    struct place place;
    struct frame frame;

    frame_return(STACK_AT_CALL(ctx), FRAME_LAZY, &place, &frame);
    return 0;
}

/*
 * A garbage collection, while an import is open on the thread: whose module it falls into is
 * chance, so its time is told apart. Seen at the function that collects, or at CPython's own
 * probes (USDT gc__start and gc__done) around it.
 */
static __always_inline int gc_call(struct pt_regs *ctx)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_process *process = traced_process(pid_tgid >> 32);
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    struct place place;
    __u32 strand;

    if (!process || !thread || !thread->depth || !probe_counts(bpf_get_attach_cookie(ctx)) ||
        !place_of(process, pid_tgid, ctx->sp, &place))
        return 0;
    strand = strand_for(&place, frame_around(&place));
    send_frame_mark(THAW_KERNEL_GC_BEGIN, &place, strand, 0);
    frame_push(&place, 0, FRAME_GC, strand);
    return 0;
}

static __always_inline int gc_return(__u64 stack)
{
    struct place place;
    struct frame frame;

    if (frame_return(stack, FRAME_GC, &place, &frame))
        send_frame_mark(THAW_KERNEL_GC_END, &place, frame.strand, 0);
    return 0;
}

#endif
