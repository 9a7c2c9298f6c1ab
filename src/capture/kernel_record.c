/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "capture/effect_record.h"
#include "capture/kernel_record.h"
#include "capture/server_record.h"
#include "capture/vm_record.h"

/* Bytes of a record before its texts or data; 0: unknown kind. */
static size_t fixed_bytes(unsigned kind)
{
    switch (kind) {
    case THAW_KERNEL_FORK:
        return sizeof(struct thaw_kernel_fork);
    case THAW_KERNEL_EXEC:
        return offsetof(struct thaw_kernel_exec, texts);
    case THAW_KERNEL_EXIT:
        return sizeof(struct thaw_kernel_exit);
    case THAW_KERNEL_IMPORT_BEGIN:
        return offsetof(struct thaw_kernel_import_begin, name);
    case THAW_KERNEL_IMPORT_END:
    case THAW_KERNEL_BODY_END:
    case THAW_KERNEL_DLOPEN_END:
    case THAW_KERNEL_GC_BEGIN:
    case THAW_KERNEL_GC_END:
    case THAW_KERNEL_MODULE_INIT_END:
    case THAW_KERNEL_UNMARSHAL:
    case THAW_KERNEL_MARSHAL:
    case THAW_KERNEL_RELOCATED:
        return sizeof(struct thaw_kernel_frame_end);
    case THAW_KERNEL_LIBRARY_OPEN:
        return sizeof(struct thaw_kernel_library_open);
    case THAW_KERNEL_STRAND_BEGIN:
        return sizeof(struct thaw_kernel_strand_begin);
    case THAW_KERNEL_MODULE_INIT:
    case THAW_KERNEL_MODULE_MADE:
        return offsetof(struct thaw_kernel_module_init, name);
    case THAW_KERNEL_BODY_BEGIN:
    case THAW_KERNEL_LAZY_BEGIN:
        return offsetof(struct thaw_kernel_body_begin, texts);
    case THAW_KERNEL_DLOPEN_BEGIN:
        return offsetof(struct thaw_kernel_dlopen_begin, path);
    case THAW_KERNEL_FILE_OPEN:
        return offsetof(struct thaw_kernel_file_open, path);
    case THAW_KERNEL_FILE_CLOSE:
        return sizeof(struct thaw_kernel_file_close);
    case THAW_KERNEL_LOOKUPS:
        return sizeof(struct thaw_kernel_lookups);
    case THAW_KERNEL_LOOKUP:
        return offsetof(struct thaw_kernel_lookup, path);
    case THAW_KERNEL_FOLDER:
        return offsetof(struct thaw_kernel_folder, path);
    case THAW_KERNEL_EFFECT:
        return offsetof(struct thaw_kernel_effect, texts);
    case THAW_KERNEL_CONNECT:
        return sizeof(struct thaw_kernel_connect);
    case THAW_KERNEL_SOCKET_DATA:
        return offsetof(struct thaw_kernel_socket_data, bytes);
    case THAW_KERNEL_SAMPLE:
        return sizeof(struct thaw_kernel_sample);
    case THAW_KERNEL_LISTEN:
    case THAW_KERNEL_ACCEPT:
    case THAW_KERNEL_FIRST_BYTES:
        return sizeof(struct thaw_kernel_server);
    case THAW_KERNEL_HOST_FILE:
        return sizeof(struct thaw_kernel_host_file);
    case THAW_KERNEL_REQUEST_HEAD:
        return offsetof(struct thaw_kernel_request_head, head);
    case THAW_KERNEL_VM:
        return sizeof(struct thaw_kernel_vm_event);
    case THAW_KERNEL_CONSOLE_LINE:
        return offsetof(struct thaw_kernel_console_line, text);
    default:
        return 0;
    }
}

static size_t variable_bytes(const union thaw_kernel_record *record)
{
    switch (record->header.kind) {
    case THAW_KERNEL_EXEC:
        return (size_t)record->exec.filename_bytes + record->exec.argument_bytes;
    case THAW_KERNEL_IMPORT_BEGIN:
        return record->import_begin.name_bytes;
    case THAW_KERNEL_MODULE_INIT:
    case THAW_KERNEL_MODULE_MADE:
        return record->module_init.name_bytes;
    case THAW_KERNEL_BODY_BEGIN:
    case THAW_KERNEL_LAZY_BEGIN:
        return (size_t)record->body_begin.name_bytes + record->body_begin.file_bytes;
    case THAW_KERNEL_DLOPEN_BEGIN:
        return record->dlopen_begin.path_bytes;
    case THAW_KERNEL_FILE_OPEN:
        return record->file_open.path_bytes;
    case THAW_KERNEL_LOOKUP:
        return record->lookup.path_bytes;
    case THAW_KERNEL_FOLDER:
        return record->folder.path_bytes;
    case THAW_KERNEL_EFFECT:
        return (size_t)record->effect.first_bytes + record->effect.second_bytes;
    case THAW_KERNEL_SOCKET_DATA:
        return record->socket_data.captured;
    case THAW_KERNEL_CONSOLE_LINE:
        return record->console_line.text_bytes;
    case THAW_KERNEL_REQUEST_HEAD:
        return record->request_head.head_bytes;
    default:
        return 0;
    }
}

/* Bytes per character of Python's texts; 0 stands for one that could not be read. */
static bool known_width(unsigned width)
{
    return width == 0 || width == 1 || width == 2 || width == 4;
}

static bool known_widths(const union thaw_kernel_record *record)
{
    if (record->header.kind == THAW_KERNEL_IMPORT_BEGIN)
        return known_width(record->import_begin.name_width);
    if (record->header.kind == THAW_KERNEL_MODULE_INIT ||
        record->header.kind == THAW_KERNEL_MODULE_MADE)
        return known_width(record->module_init.name_width);
    if (record->header.kind == THAW_KERNEL_BODY_BEGIN ||
        record->header.kind == THAW_KERNEL_LAZY_BEGIN)
        return known_width(record->body_begin.name_width) &&
               known_width(record->body_begin.file_width);
    return true;
}

const union thaw_kernel_record *thaw_kernel_record_check(const void *bytes, size_t size)
{
    const union thaw_kernel_record *record = bytes;
    size_t fixed;

    if (size < sizeof(struct thaw_kernel_header))
        return NULL;
    fixed = fixed_bytes(record->header.kind);
    if (!fixed || size < fixed || size - fixed < variable_bytes(record) || !known_widths(record))
        return NULL;
    return record;
}

/* Python keeps a text in 1, 2 or 4 bytes per character; here it becomes UTF-8. */
static const char *python_text(struct thaw_arena *arena, const char *bytes, size_t length,
                               unsigned width)
{
    size_t characters = width ? length / width : 0, used = 0;
    const char *text;
    char *utf8;

    if (width <= 1 && thaw_text_is_ascii(bytes, characters))
        return thaw_arena_text(arena, bytes, characters);
    utf8 = malloc(characters * 4);
    if (!utf8)
        return NULL;
    for (size_t i = 0; i < characters; i++) {
        uint32_t codepoint = 0;

        memcpy(&codepoint, bytes + i * width, width); /* little endian, as the probed machine */
        if (codepoint > 0x10ffff || (codepoint >= 0xd800 && codepoint < 0xe000))
            codepoint = 0xfffd;
        used += thaw_text_encode(utf8 + used, codepoint);
    }
    text = thaw_arena_text(arena, utf8, used);
    free(utf8);
    return text;
}

/* A C string the kernel copied with its NUL. */
static const char *kernel_path(struct thaw_arena *arena, const char *bytes, size_t length)
{
    return thaw_arena_text(arena, bytes, strnlen(bytes, length));
}

/* Code that begins, or that uses a lazy import; NULL when memory is short. */
static const char *decode_code(const struct thaw_kernel_body_begin *record,
                               struct thaw_arena *arena, struct thaw_event *ret)
{
    const char *name = python_text(arena, record->texts, record->name_bytes, record->name_width);
    const char *file = python_text(arena, record->texts + record->name_bytes, record->file_bytes,
                                   record->file_width);

    if (record->header.kind == THAW_KERNEL_LAZY_BEGIN) {
        ret->kind = THAW_EVENT_LAZY_BEGIN;
        ret->lazy_begin = (struct thaw_lazy_begin){name, file, record->stack, record->strand};
    } else {
        ret->kind = THAW_EVENT_BODY_BEGIN;
        ret->body_begin =
            (struct thaw_body_begin){name, file, record->stack, record->own, record->strand};
    }
    return name ? file : NULL;
}

static void decode_exit(const struct thaw_kernel_exit *record, struct thaw_process_exit *ret)
{
    ret->signal = record->status & 0x7f;
    ret->code = ret->signal ? 0 : record->status >> 8 & 0xff;
}

/* What frames' ends and collections' begins have in common. */
static void decode_frame_mark(const struct thaw_kernel_frame_end *record, struct thaw_event *ret)
{
    switch (record->header.kind) {
    case THAW_KERNEL_IMPORT_END:
        ret->kind = THAW_EVENT_IMPORT_END;
        ret->import_end = (struct thaw_import_end){record->stack, record->failed, record->strand};
        break;
    case THAW_KERNEL_BODY_END:
        ret->kind = THAW_EVENT_BODY_END;
        ret->body_end = (struct thaw_body_end){record->stack, record->failed, record->strand};
        break;
    case THAW_KERNEL_DLOPEN_END:
        ret->kind = THAW_EVENT_DLOPEN_END;
        ret->dlopen_end = (struct thaw_dlopen_end){record->stack, record->failed, record->strand};
        break;
    case THAW_KERNEL_MODULE_INIT_END:
        ret->kind = THAW_EVENT_MODULE_INIT_END;
        ret->module_init_end =
            (struct thaw_module_init_end){record->stack, record->failed, record->strand};
        break;
    case THAW_KERNEL_MARSHAL:
        ret->kind = THAW_EVENT_MARSHAL_BEGIN;
        ret->marshal_begin = (struct thaw_marshal_begin){record->stack, record->strand};
        break;
    case THAW_KERNEL_UNMARSHAL:
        ret->kind = THAW_EVENT_UNMARSHAL_BEGIN;
        ret->unmarshal_begin = (struct thaw_unmarshal_begin){record->stack, record->strand};
        break;
    case THAW_KERNEL_RELOCATED:
        ret->kind = THAW_EVENT_DLOPEN_RELOCATED;
        ret->dlopen_relocated = (struct thaw_dlopen_relocated){record->stack, record->strand};
        break;
    case THAW_KERNEL_GC_BEGIN:
        ret->kind = THAW_EVENT_GC_BEGIN;
        ret->gc_begin = (struct thaw_gc_begin){record->stack, record->strand};
        break;
    default:
        ret->kind = THAW_EVENT_GC_END;
        ret->gc_end = (struct thaw_gc_end){record->stack, record->strand};
    }
}

/* A module that begins to be loaded; NULL when memory is short. */
static const char *decode_module(const union thaw_kernel_record *record, struct thaw_arena *arena,
                                 struct thaw_event *ret)
{
    const struct thaw_kernel_import_begin *begin = &record->import_begin;
    const struct thaw_kernel_module_init *init = &record->module_init;
    const char *name;

    if (record->header.kind == THAW_KERNEL_IMPORT_BEGIN) {
        name = python_text(arena, begin->name, begin->name_bytes, begin->name_width);
        ret->kind = THAW_EVENT_IMPORT_BEGIN;
        ret->import_begin =
            (struct thaw_import_begin){name, begin->stack, begin->strand, begin->lazy};
        return name;
    }
    name = python_text(arena, init->name, init->name_bytes, init->name_width);
    if (record->header.kind == THAW_KERNEL_MODULE_MADE) {
        ret->kind = THAW_EVENT_MODULE_MADE;
        ret->module_made = (struct thaw_module_made){name, init->stack, init->strand};
        return name;
    }
    ret->kind = THAW_EVENT_MODULE_INIT;
    ret->module_init =
        (struct thaw_module_init){name, init->stack, init->single_phase, init->strand};
    return name;
}

static const char *decode_path(const union thaw_kernel_record *record, struct thaw_arena *arena,
                               struct thaw_event *ret)
{
    const struct thaw_kernel_dlopen_begin *begin = &record->dlopen_begin;
    const struct thaw_kernel_file_open *open = &record->file_open;
    const char *path;

    if (record->header.kind == THAW_KERNEL_DLOPEN_BEGIN) {
        path = kernel_path(arena, begin->path, begin->path_bytes);
        ret->kind = THAW_EVENT_DLOPEN_BEGIN;
        ret->dlopen_begin = (struct thaw_dlopen_begin){path, begin->stack, begin->strand};
        return path;
    }
    path = kernel_path(arena, open->path, open->path_bytes);
    ret->kind = THAW_EVENT_FILE_OPEN;
    ret->file_open =
        (struct thaw_file_open){path,        open->result,      open->stack,    open->strand,
                                open->bytes, open->for_writing, open->is_folder};
    return path;
}

/* Where modules were looked for; NULL when memory is short. */
static const char *decode_lookup(const union thaw_kernel_record *record, struct thaw_arena *arena,
                                 struct thaw_event *ret)
{
    const struct thaw_kernel_lookup *lookup = &record->lookup;
    const struct thaw_kernel_folder *folder = &record->folder;
    const char *path;

    if (record->header.kind == THAW_KERNEL_FOLDER) {
        path = kernel_path(arena, folder->path, folder->path_bytes);
        ret->kind = THAW_EVENT_FILE_FOLDER;
        ret->file_folder = (struct thaw_file_folder){folder->number, folder->after, path};
        return path;
    }
    path = kernel_path(arena, lookup->path, lookup->path_bytes);
    ret->kind = THAW_EVENT_FILE_LOOKUP;
    ret->file_lookup =
        (struct thaw_file_lookup){path, lookup->result, lookup->stack, lookup->strand};
    return path;
}

static void decode_lookups(const struct thaw_kernel_lookups *record, struct thaw_event *ret)
{
    ret->kind = THAW_EVENT_FILE_LOOKUPS;
    ret->file_lookups = (struct thaw_file_lookups){
        .last_ns = record->last_ns,
        .count = record->count,
        .failed = record->failed,
        .searched = record->searched,
        .bytes = record->bytes,
        .mtime_s = record->mtime_s,
        .stack = record->stack,
        .strand = record->strand,
    };
}

static void decode_close(const struct thaw_kernel_file_close *record, struct thaw_event *ret)
{
    ret->kind = THAW_EVENT_FILE_CLOSE;
    ret->file_close = (struct thaw_file_close){
        .bytes = record->bytes,
        .magic = record->head[0],
        .flags = record->head[1],
        .source_mtime_s = record->head[2],
        .source_bytes = record->head[3],
        .stack = record->stack,
        .strand = record->strand,
    };
}

/* What the thread has used, where the record tells it. */
static const struct thaw_kernel_usage *usage_of(const union thaw_kernel_record *record)
{
    switch (record->header.kind) {
    case THAW_KERNEL_IMPORT_BEGIN:
        return &record->import_begin.usage;
    case THAW_KERNEL_MODULE_INIT:
    case THAW_KERNEL_MODULE_MADE:
        return &record->module_init.usage;
    case THAW_KERNEL_BODY_BEGIN:
    case THAW_KERNEL_LAZY_BEGIN:
        return &record->body_begin.usage;
    case THAW_KERNEL_DLOPEN_BEGIN:
        return &record->dlopen_begin.usage;
    case THAW_KERNEL_FILE_OPEN:
        return &record->file_open.usage;
    case THAW_KERNEL_FILE_CLOSE:
        return &record->file_close.usage;
    case THAW_KERNEL_LOOKUPS:
        return &record->lookups.usage;
    case THAW_KERNEL_IMPORT_END:
    case THAW_KERNEL_BODY_END:
    case THAW_KERNEL_DLOPEN_END:
    case THAW_KERNEL_GC_BEGIN:
    case THAW_KERNEL_GC_END:
    case THAW_KERNEL_MODULE_INIT_END:
    case THAW_KERNEL_UNMARSHAL:
    case THAW_KERNEL_MARSHAL:
    case THAW_KERNEL_RELOCATED:
        return &record->frame_end.usage;
    default:
        return NULL;
    }
}

static void decode_usage(const union thaw_kernel_record *record, struct thaw_usage *ret)
{
    const struct thaw_kernel_usage *usage = usage_of(record);

    if (usage)
        *ret = (struct thaw_usage){
            .io_ns = usage->io_ns,
            .runqueue_ns = usage->runqueue_ns,
            .sleep_ns = usage->sleep_ns,
            .disk_bytes = usage->disk_bytes,
            .read_bytes = usage->read_bytes,
            .memory_bytes = usage->memory_bytes,
            .minor_faults = usage->minor_faults,
            .major_faults = usage->major_faults,
        };
}

/* What has a file of its own. */
static int decode_other(const union thaw_kernel_record *record, struct thaw_arena *arena,
                        struct thaw_event *ret)
{
    switch (record->header.kind) {
    case THAW_KERNEL_LISTEN:
    case THAW_KERNEL_ACCEPT:
    case THAW_KERNEL_FIRST_BYTES:
        thaw_server_record_event(&record->server, ret);
        return 1;
    case THAW_KERNEL_HOST_FILE:
        return thaw_host_file_record_event(&record->host_file, ret);
    case THAW_KERNEL_EFFECT:
        ret->kind = THAW_EVENT_EFFECT;
        return thaw_effect_record_event(&record->effect, arena, &ret->effect);
    case THAW_KERNEL_VM:
        ret->kind = THAW_EVENT_VM;
        return thaw_vm_record_event(&record->vm, &ret->vm);
    case THAW_KERNEL_CONSOLE_LINE:
        ret->kind = THAW_EVENT_GUEST_MARK;
        return thaw_guest_mark_event(&record->console_line, arena, &ret->guest_mark);
    default:
        return 0;
    }
}

int thaw_kernel_record_event(const union thaw_kernel_record *record, struct thaw_arena *arena,
                             struct thaw_event *ret)
{
    const char *text = "";

    memset(ret, 0, sizeof(*ret));
    ret->time_ns = record->header.time_ns;
    ret->pid = record->header.tgid;
    ret->tid = record->header.tid;
    decode_usage(record, &ret->usage);
    switch (record->header.kind) {
    case THAW_KERNEL_FORK:
        ret->kind = THAW_EVENT_PROCESS_FORK;
        ret->process_fork.parent = record->fork.parent;
        break;
    case THAW_KERNEL_EXIT:
        ret->kind = THAW_EVENT_PROCESS_EXIT;
        decode_exit(&record->exit, &ret->process_exit);
        break;
    case THAW_KERNEL_STRAND_BEGIN:
        ret->kind = THAW_EVENT_STRAND_BEGIN;
        ret->strand_begin =
            (struct thaw_strand_begin){record->strand_begin.strand, record->strand_begin.parent,
                                       record->strand_begin.parent_stack,
                                       record->strand_begin.split};
        break;
    case THAW_KERNEL_SAMPLE:
        ret->kind = THAW_EVENT_SAMPLE;
        ret->sample = (struct thaw_sample){record->sample.address, record->sample.stack,
                                           record->sample.strand, record->sample.in_kernel};
        break;
    case THAW_KERNEL_IMPORT_BEGIN:
    case THAW_KERNEL_MODULE_INIT:
    case THAW_KERNEL_MODULE_MADE:
        text = decode_module(record, arena, ret);
        break;
    case THAW_KERNEL_BODY_BEGIN:
    case THAW_KERNEL_LAZY_BEGIN:
        text = decode_code(&record->body_begin, arena, ret);
        break;
    case THAW_KERNEL_DLOPEN_BEGIN:
    case THAW_KERNEL_FILE_OPEN:
        text = decode_path(record, arena, ret);
        break;
    case THAW_KERNEL_LOOKUP:
    case THAW_KERNEL_FOLDER:
        text = decode_lookup(record, arena, ret);
        break;
    case THAW_KERNEL_LOOKUPS:
        decode_lookups(&record->lookups, ret);
        break;
    case THAW_KERNEL_FILE_CLOSE:
        decode_close(&record->file_close, ret);
        break;
    case THAW_KERNEL_IMPORT_END:
    case THAW_KERNEL_BODY_END:
    case THAW_KERNEL_DLOPEN_END:
    case THAW_KERNEL_GC_BEGIN:
    case THAW_KERNEL_GC_END:
    case THAW_KERNEL_MODULE_INIT_END:
    case THAW_KERNEL_UNMARSHAL:
    case THAW_KERNEL_MARSHAL:
    case THAW_KERNEL_RELOCATED:
        decode_frame_mark(&record->frame_end, ret);
        break;
    default:
        return decode_other(record, arena, ret);
    }
    return text ? 1 : -ENOMEM;
}
