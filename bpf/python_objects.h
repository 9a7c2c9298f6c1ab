/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_PYTHON_OBJECTS_H
#define THAW_BPF_PYTHON_OBJECTS_H

/* CPython's objects as they lie in a traced program's memory, read by a layout of its version. */
#include "emit.h"
#include "user_memory.h"

/* Reads a text object into bytes[limit]: width of a character, length in bytes, whether cut. */
struct text {
    __u16 bytes;
    __u8 width;
    __u8 cut;
};

static __always_inline __u64 text_data(const struct thaw_python_layout *layout, __u64 object,
                                       struct text *text, __u64 *length)
{
    struct {
        __u64 length, hash;
        __u32 state;
    } head = {};

    if (!object || !fetch_user(&head, 20, object + layout->text_length))
        return 0;
    *length = head.length;
    text->width = (head.state >> (layout->text_kind_shift & 31)) & 7;
    if (head.state >> (layout->text_ascii_shift & 31) & 1)
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
        if (fetch_user(bytes, size, data)) {
            text->bytes = size;
            return;
        }
    }
    text->width = 0;
    count(&losses, THAW_LOSS_NAME_UNREADABLE);
}

/* At most, from where a text object has its length to its characters. */
#define TEXT_HEAD_BYTES 56

/*
 * The same by one read, of a short ASCII text that is there: false, it may be another one. What
 * stands in front of bytes is overwritten, TEXT_HEAD_BYTES at most; ahead is how much is read.
 */
static __always_inline bool read_short_text(const struct thaw_python_layout *layout, __u64 object,
                                            char *bytes, __u32 ahead, struct text *text)
{
    __u32 before = layout->text_ascii_data - layout->text_length, state;
    __u64 from = TEXT_HEAD_BYTES - before, length;
    char *head;

    KEEP(from);
    if (!object || from > TEXT_HEAD_BYTES)
        return false;
    head = bytes - TEXT_HEAD_BYTES + from;
    if (!read_user(head, ahead, object + layout->text_length))
        return false;
    length = *(const __u64 *)head;
    state = *(const __u32 *)(head + 16);
    if (!(state >> (layout->text_ascii_shift & 31) & 1) || length > ahead - before)
        return false;
    text->bytes = length;
    text->width = 1;
    text->cut = 0;
    return true;
}

/* Eight characters of an ASCII text object, from index on; 0 when they can't be read. */
static __always_inline __u64 text_eight(const struct thaw_python_layout *layout, __u64 object,
                                        __u32 index)
{
    __u64 eight = 0;

    fetch_user(&eight, 8, object + layout->text_ascii_data + index);
    return eight;
}

enum method { METHOD_OTHER, METHOD_FIND_AND_LOAD, METHOD_LAZY_SUBMODULE };

/* `_find_and_load`, or (3.15) `_find_and_load_lazy_submodule`. */
static __always_inline enum method method_of(const struct thaw_python_layout *layout, __u64 method)
{
    __u64 text = method + layout->text_ascii_data;
    struct {
        __u64 head, tail;
    } name = {};
    __u8 next;

    if (layout->identifier != THAW_PYTHON_NAME_STR &&
        !fetch_user(&text, 8, method + (layout->identifier == THAW_PYTHON_NAME_IDENTIFIER ? 0 : 8)))
        return METHOD_OTHER;
    if (!fetch_user(&name, 15, text) || name.head != EIGHT('_', 'f', 'i', 'n', 'd', '_', 'a', 'n'))
        return METHOD_OTHER;
    next = name.tail >> 48;
    if ((name.tail & 0xffffffffffffULL) != EIGHT('d', '_', 'l', 'o', 'a', 'd', 0, 0))
        return METHOD_OTHER;
    if (next == '_')
        return layout->lazy_submodule ? METHOD_LAZY_SUBMODULE : METHOD_OTHER;
    return next == 0 ? METHOD_FIND_AND_LOAD : METHOD_OTHER;
}

/* Is the object None? Its type is called NoneType. */
static __always_inline bool is_none(const struct thaw_python_layout *layout, __u64 object)
{
    __u64 type = 0, name = 0, eight = 0;

    return fetch_user(&type, 8, object + 8) && fetch_user(&name, 8, type + layout->type_name) &&
           fetch_user(&eight, 8, name) && eight == EIGHT('N', 'o', 'n', 'e', 'T', 'y', 'p', 'e');
}

/* Read of a dict's keys at once: its first entry is within, where it has few. */
#define KEYS_READ 128

/* The first value of a dict, by two reads: 0, there is none, or they would not do. */
static __always_inline __u64 first_value(const struct thaw_python_layout *layout, __u64 dict,
                                         void *room)
{
    const __u8 *head = room + (layout->keys_size & 63);
    __u64 keys = 0, at;

    if (layout->dict_keys_format != THAW_PYTHON_KEYS_LOG2 ||
        !read_user(&keys, 8, dict + layout->dict_keys) || !read_user(room, KEYS_READ, keys))
        return 0;
    at = layout->keys_indices + (1ULL << (head[0] & 31)) +
         (head[1] ? layout->entry_plain_key : layout->entry_key) + 8;
    KEEP(at);
    return at > KEYS_READ - 8 ? 0 : *(const __u64 *)(room + at);
}

/* The value under `__name__`, which is the first entry of every module's globals; 0: not there. */
static __always_inline __u64 globals_name(const struct thaw_python_layout *layout, __u64 globals)
{
    __u64 keys = 0, entries;
    struct {
        __u64 key, value;
    } entry = {};
    struct {
        __u8 log2_bytes, kind;
    } head = {};

    if (!fetch_user(&keys, 8, globals + layout->dict_keys))
        return 0;
    if (layout->dict_keys_format == THAW_PYTHON_KEYS_LOG2) {
        fetch_user(&head, 2, keys + layout->keys_size);
        entries = keys + layout->keys_indices + (1ULL << (head.log2_bytes & 31));
    } else {
        __u64 slots = 0;

        fetch_user(&slots, 8, keys + layout->keys_size);
        entries = keys + layout->keys_indices +
                  slots * (slots <= 0xff     ? 1
                           : slots <= 0xffff ? 2
                                             : 4);
    }
    fetch_user(&entry, 16, entries + (head.kind ? layout->entry_plain_key : layout->entry_key));
    if (!entry.key ||
        text_eight(layout, entry.key, 0) != EIGHT('_', '_', 'n', 'a', 'm', 'e', '_', '_'))
        return 0;
    return entry.value;
}

/* What code is called, and the file it was compiled from. */
struct code_texts {
    __u64 file, name;
};

/* Module code is named `<module>`; what exec() runs from a string has the file `<string>`, which is
 * a module only where it is the program itself (python -c). */
static __always_inline bool is_module_code(const struct thaw_python_layout *layout,
                                           const struct code_texts *code, bool named)
{
    if (text_eight(layout, code->name, 0) != EIGHT('<', 'm', 'o', 'd', 'u', 'l', 'e', '>'))
        return false;
    return named ||
           text_eight(layout, code->file, 0) != EIGHT('<', 's', 't', 'r', 'i', 'n', 'g', '>');
}

#endif
