/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_PYTHON_H
#define THAW_BPF_PYTHON_H

/*
 * Imports of CPython, from two functions of every interpreter 3.8 to 3.15:
 * - "find": the C call of importlib's _find_and_load, made only when a module isn't loaded yet;
 * - "body": PyEval_EvalCode running `<module>` code, which also sees importlib.import_module.
 *
 * The cookie of the attachment is CPython's minor version, the index of the layout.
 */
#include "frames.h"

/* Reads a text object into bytes[limit]: width of a character, length in bytes, whether cut. */
struct text {
    __u16 bytes;
    __u8 width;
    __u8 cut;
};

static __always_inline bool read_user(void *to, __u32 size, __u64 address)
{
    return bpf_probe_read_user(to, size, (void *)address) == 0;
}

static __always_inline __u64 text_data(const struct thaw_python_layout *layout, __u64 object,
                                       struct text *text, __u64 *length)
{
    __u32 state = 0;

    if (!object || !read_user(length, 8, object + layout->text_length) ||
        !read_user(&state, 4, object + layout->text_state))
        return 0;
    text->width = (state >> (layout->text_kind_shift & 31)) & 7;
    if (state >> (layout->text_ascii_shift & 31) & 1)
        return object + layout->text_ascii_data;
    return object + layout->text_compact_data;
}

/* limit is a power of two. On failure the text has width 0, and the loss is counted. */
static __always_inline void read_text(const struct thaw_python_layout *layout, __u64 object,
                                      void *bytes, __u32 limit, struct text *text)
{
    __u64 length = 0;
    __u64 data = text_data(layout, object, text, &length);

    text->bytes = 0;
    text->cut = 0;
    if (data && (text->width == 1 || text->width == 2 || text->width == 4)) {
        __u64 size = length * text->width;

        if (size > limit - 4) {
            size = limit - 4;
            text->cut = 1;
        }
        size &= limit - 1;
        if (bpf_probe_read_user(bytes, size, (void *)data) == 0) {
            text->bytes = size;
            return;
        }
    }
    text->width = 0;
    count(&losses, THAW_LOSS_NAME_UNREADABLE);
}

/* Eight characters of an ASCII text object, from index on; 0 when they can't be read. */
static __always_inline __u64 text_eight(const struct thaw_python_layout *layout, __u64 object,
                                        __u32 index)
{
    __u64 eight = 0;

    read_user(&eight, 8, object + layout->text_ascii_data + index);
    return eight;
}

#define EIGHT(a, b, c, d, e, f, g, h)                                                              \
    ((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |       \
     (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

/* Is the method called `_find_and_load`, or (3.15) `_find_and_load_lazy_submodule`? */
static __always_inline bool is_find_and_load(const struct thaw_python_layout *layout, __u64 method)
{
    __u64 text = method + layout->text_ascii_data;
    __u64 head = 0, tail = 0;
    __u8 next;

    if (layout->identifier != THAW_PYTHON_NAME_STR &&
        !read_user(&text, 8, method + (layout->identifier == THAW_PYTHON_NAME_IDENTIFIER ? 0 : 8)))
        return false;
    if (!read_user(&head, 8, text) || head != EIGHT('_', 'f', 'i', 'n', 'd', '_', 'a', 'n'))
        return false;
    if (!read_user(&tail, 7, text + 8))
        return false;
    next = tail >> 48;
    tail &= 0xffffffffffffULL;
    if (tail != EIGHT('d', '_', 'l', 'o', 'a', 'd', 0, 0))
        return false;
    return next == 0 || (layout->lazy_submodule && next == '_');
}

/* What runs first at every probe: whose is it, and how does its Python look? */
static __always_inline const struct thaw_python_layout *probe_layout(void *ctx, __u32 hit)
{
    __u32 minor = bpf_get_attach_cookie(ctx);

    count(&hits, hit);
    if (!traced_process(bpf_get_current_pid_tgid() >> 32))
        return NULL;
    return bpf_map_lookup_elem(&python_layouts, &minor);
}

static __always_inline bool find_entry(struct pt_regs *ctx)
{
    const struct thaw_python_layout *layout = probe_layout(ctx, THAW_HIT_FIND);
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_import_begin *event;
    struct thread *thread;
    struct text text = {};

    if (!layout || !is_find_and_load(layout, ctx->si))
        return false;
    thread = thread_state(pid_tgid);
    if (!thread)
        return false;
    frames_prune(thread, ctx->sp);
    event = (void *)thread->scratch;
    read_text(layout, ctx->dx, event->name, THAW_KERNEL_NAME_BYTES, &text);
    event->stack = ctx->sp;
    event->name_bytes = text.bytes;
    event->name_width = text.width;
    event->name_cut = text.cut;
    event->reserved = 0;
    fill_header(&event->header, THAW_KERNEL_IMPORT_BEGIN, 40 + text.bytes, pid_tgid);
    send(event, 40 + (text.bytes & (THAW_KERNEL_NAME_BYTES - 1)), false);
    return frame_push(thread, ctx->sp, ctx->dx, FRAME_FIND);
}

/* The value under `__name__`, which is the first entry of every module's globals; 0: not there. */
static __always_inline __u64 globals_name(const struct thaw_python_layout *layout, __u64 globals)
{
    __u64 keys = 0, entries, key = 0, value = 0;
    __u8 log2_bytes = 0, kind = 0;

    if (!read_user(&keys, 8, globals + layout->dict_keys))
        return 0;
    if (layout->dict_keys_format == THAW_PYTHON_KEYS_LOG2) {
        read_user(&log2_bytes, 1, keys + layout->keys_size);
        read_user(&kind, 1, keys + layout->keys_kind);
        entries = keys + layout->keys_indices + (1ULL << (log2_bytes & 31));
    } else {
        __u64 slots = 0;

        read_user(&slots, 8, keys + layout->keys_size);
        entries = keys + layout->keys_indices +
                  slots * (slots <= 0xff     ? 1
                           : slots <= 0xffff ? 2
                                             : 4);
    }
    read_user(&key, 8, entries + (kind ? layout->entry_plain_key : layout->entry_key));
    read_user(&value, 8, entries + (kind ? layout->entry_plain_value : layout->entry_value));
    if (!key || text_eight(layout, key, 0) != EIGHT('_', '_', 'n', 'a', 'm', 'e', '_', '_'))
        return 0;
    return value;
}

/* Module code is named `<module>`; what exec() runs from a string has the file `<string>`. */
static __always_inline bool is_module_code(const struct thaw_python_layout *layout, __u64 code,
                                           __u64 file, bool nested)
{
    __u64 name = 0;

    if (!read_user(&name, 8, code + layout->code_name) ||
        text_eight(layout, name, 0) != EIGHT('<', 'm', 'o', 'd', 'u', 'l', 'e', '>'))
        return false;
    return !nested || text_eight(layout, file, 0) != EIGHT('<', 's', 't', 'r', 'i', 'n', 'g', '>');
}

static __always_inline void send_body(const struct thaw_python_layout *layout,
                                      struct thread *thread, __u64 stack, __u64 name, __u64 file,
                                      bool own, __u64 pid_tgid)
{
    struct thaw_kernel_body_begin *event = (void *)thread->scratch;
    struct text name_text = {}, file_text = {};
    __u32 name_bytes, file_bytes;

    if (own && name)
        read_text(layout, name, event->texts, THAW_KERNEL_NAME_BYTES, &name_text);
    name_bytes = name_text.bytes & (THAW_KERNEL_NAME_BYTES - 1);
    read_text(layout, file, event->texts + name_bytes, THAW_KERNEL_PATH_BYTES, &file_text);
    file_bytes = file_text.bytes & (THAW_KERNEL_PATH_BYTES - 1);
    event->stack = stack;
    event->name_bytes = name_bytes;
    event->name_width = name_text.width;
    event->name_cut = name_text.cut;
    event->file_bytes = file_bytes;
    event->file_width = file_text.width;
    event->own = own;
    fill_header(&event->header, THAW_KERNEL_BODY_BEGIN, 40 + name_bytes + file_bytes, pid_tgid);
    send(event, 40 + name_bytes + file_bytes, false);
}

static __always_inline bool body_entry(struct pt_regs *ctx)
{
    const struct thaw_python_layout *layout = probe_layout(ctx, THAW_HIT_BODY);
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thread *thread;
    struct frame *top;
    __u64 file = 0, name;
    bool own;

    if (!layout || !read_user(&file, 8, ctx->di + layout->code_filename))
        return false;
    thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    if (!is_module_code(layout, ctx->di, file, thread && thread->depth))
        return false;
    thread = thread_state(pid_tgid);
    if (!thread)
        return false;
    frames_prune(thread, ctx->sp);
    name = globals_name(layout, ctx->si);
    top = frame_top(thread);
    own = !top || top->kind != FRAME_FIND || top->name != name || top->body_seen;
    if (!own)
        top->body_seen = 1;
    send_body(layout, thread, ctx->sp, name, file, own, pid_tgid);
    return own && frame_push(thread, ctx->sp, name, FRAME_BODY);
}

/*
 * A garbage collection, while an import is open on the thread: whose module it falls into is
 * chance, so its time is told apart. Seen at the function that collects, or at CPython's own
 * probes (USDT gc__start and gc__done) around it.
 */
static __always_inline bool gc_entry(struct pt_regs *ctx)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thread *thread;

    count(&hits, THAW_HIT_GC);
    thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    if (!thread || !thread->depth)
        return false;
    frames_prune(thread, ctx->sp);
    send_frame_mark(THAW_KERNEL_GC_BEGIN, ctx->sp, 0, pid_tgid);
    return frame_push(thread, ctx->sp, 0, FRAME_GC);
}

#endif
