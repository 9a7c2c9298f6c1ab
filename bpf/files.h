/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_FILES_H
#define THAW_BPF_FILES_H

/*
 * What a thread that has an import open does with files: opens them; and, while a module is looked
 * for and loaded, looks them up, reads and closes them; in dlopen, that a library was relocated.
 * Arguments still stand in the registers when the call returns, so the exit alone tells everything.
 */
#include "descriptor.h"
#include "frames.h"
#include "hold.h"
#include "host_files.h"
#include "system_call.h"

#define LIBRARY_NAME_BYTES 10 /* "libpython" and a NUL */
#define BYTECODE_HEAD_BYTES 16
#define BYTECODE_MAGIC 0x0a0d /* how every magic number of CPython ends */
#define MODE_REGULAR 0100000

/* System call numbers of x86-64: arch/x86/entry/syscalls/syscall_64.tbl. Reading and closing are
 * told from wire.h's, which are the same calls. */
enum {
    FILE_CALL_READ = 0,
    FILE_CALL_OPEN = 2,
    FILE_CALL_CLOSE = 3,
    FILE_CALL_STAT = 4,
    FILE_CALL_LSTAT = 6,
    FILE_CALL_MPROTECT = 10,
    FILE_CALL_DUP2 = 33,
    FILE_CALL_OPENAT = 257,
    FILE_CALL_NEWFSTATAT = 262,
    FILE_CALL_DUP3 = 292,
    FILE_CALL_STATX = 332,
    FILE_CALL_CLOSE_RANGE = 436,
    FILE_CALL_OPENAT2 = 437,
};

#define AT_EMPTY_PATH 0x1000
#define OPEN_ACCESS 3  /* O_RDONLY is 0 */
#define PROTECT_READ 1 /* PROT_READ alone: what the loader does to relocated data (RELRO) */

/*
 * Programs that embed Python may load it at any time, under a name of their own. Told for each
 * process; who loads one that is not known is held, and the reader comes at once.
 */
static __always_inline void library_open(struct file *file, __s64 descriptor, __u64 pid_tgid)
{
    static const char wanted[LIBRARY_NAME_BYTES] = "libpython";
    struct thaw_kernel_library_open event = {};
    char name[LIBRARY_NAME_BYTES] = {};
    bool known;

    if (bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name)))
        return;
    for (int i = 0; i < LIBRARY_NAME_BYTES - 1; i++)
        if (name[i] != wanted[i])
            return;
    file_identity(file, &event.file);
    known = file_is_known(&event.file);
    event.descriptor = descriptor;
    event.held = !known && hold_process(pid_tgid >> 32);
    fill_header(&event.header, THAW_KERNEL_LIBRARY_OPEN, sizeof(event), pid_tgid);
    send(&event, sizeof(event), !known);
}

/* A call of a thread with open frames. */
struct file_call {
    const struct system_call *system_call;
    struct thread *thread;
    struct file *file;   /* that was opened, NULL none */
    struct frame *frame; /* the innermost one, NULL unknown */
    __u64 pid_tgid;
    __u64 stack;
    __s64 result;
    __u32 strand;
};

/* The frame that made the call: where stacks are switched, the program's stack pointer tells it. */
static __always_inline struct frame *frame_of_call(struct thread *thread, __u64 stack)
{
    return thread->switches ? frame_of(thread, frame_running(thread, stack)) : frame_top(thread);
}

/* The strand that the frame belongs to (NULL: unknown). */
static __always_inline __u32 strand_of_call(const struct thread *thread, const struct frame *frame)
{
    return frame && thread->switches ? frame->strand : 0;
}

/* Is a module being looked for or loaded, whose code has not begun? */
static __always_inline bool is_loading(const struct file_call *call)
{
    return call->frame && call->frame->kind == FRAME_FIND && !call->frame->body_seen;
}

/* What it is, and the size of a file; of a folder or a device that says nothing. */
static __always_inline void describe_file(struct file *file, struct thaw_kernel_file_open *event)
{
    struct inode *inode = BPF_CORE_READ(file, f_inode);
    __u32 kind = BPF_CORE_READ(inode, i_mode) & MODE_KIND;

    event->is_folder = kind == MODE_FOLDER;
    if (kind == MODE_REGULAR)
        event->bytes = BPF_CORE_READ(inode, i_size);
}

/* ".pyc" and a NUL at the end of so many bytes? */
static __always_inline bool is_bytecode(const char *path, __u32 bytes)
{
    __u32 at = bytes - 5;

    KEEP(at);
    if (bytes < 5 || at > THAW_KERNEL_PATH_BYTES - 5)
        return false;
    return path[at] == '.' && path[at + 1] == 'p' && path[at + 2] == 'y' && path[at + 3] == 'c';
}

static __always_inline void file_opened(const struct file_call *call, __u64 path, __u64 flags)
{
    struct thaw_kernel_file_open *event = (void *)call->thread->scratch;
    struct opened_file *opened = &call->thread->file;
    struct file *file = call->file;
    __u32 bytes;

    lookups_tell(call->thread, call->pid_tgid);
    bytes = copy_path(event->path, path);
    event->result = call->result;
    event->stack = call->stack;
    event->bytes = 0;
    event->is_folder = 0;
    event->path_bytes = bytes;
    event->for_writing = (flags & OPEN_ACCESS) != 0;
    if (file && !event->for_writing)
        describe_file(file, event);
    event->strand = call->strand;
    fill_header(&event->header, THAW_KERNEL_FILE_OPEN, 112 + bytes, call->pid_tgid);
    fill_usage(&event->usage, call->thread);
    send(event, 112 + bytes, false);
    if (call->result < 0 || !is_loading(call))
        return;
    opened->number = call->result + 1;
    opened->bytes = 0;
    opened->head[0] = 0;
    opened->is_bytecode = is_bytecode(event->path, bytes);
}

static __always_inline bool is_open_file(const struct file_call *call)
{
    return call->thread->file.number &&
           (__u32)call->system_call->first + 1 == call->thread->file.number;
}

/* The page was just written: it is there. True: it was the file that was opened last. */
static __always_inline bool file_read(const struct file_call *call)
{
    struct opened_file *file = &call->thread->file;

    if (call->result <= 0)
        return false;
    call->thread->usage.read_bytes += call->result;
    if (!is_open_file(call))
        return false;
    if (file->is_bytecode && !file->bytes && call->result >= BYTECODE_HEAD_BYTES)
        read_user(file->head, BYTECODE_HEAD_BYTES, call->system_call->second);
    file->bytes += call->result;
    return true;
}

static __always_inline void file_closed(const struct file_call *call)
{
    struct thaw_kernel_file_close *event = (void *)call->thread->scratch;
    struct opened_file *file = &call->thread->file;
    bool known;

    if (!is_open_file(call))
        return;
    event->stack = call->stack;
    event->bytes = file->bytes;
    /* What does not begin as bytecode does is nobody's business. */
    known = file->head[0] >> 16 == BYTECODE_MAGIC;
    for (int i = 0; i < 4; i++)
        event->head[i] = known ? file->head[i] : 0;
    event->strand = call->strand;
    event->reserved = 0;
    fill_header(&event->header, THAW_KERNEL_FILE_CLOSE, sizeof(*event), call->pid_tgid);
    fill_usage(&event->usage, call->thread);
    send(event, sizeof(*event), false);
    file->number = 0;
}

static __always_inline void file_looked_up(const struct file_call *call, __u64 path, __u64 status)
{
    const struct lookup lookup = {.path = path,
                                  .status = status,
                                  .result = call->result,
                                  .stack = call->stack,
                                  .strand = call->strand};

    if (is_loading(call))
        lookups_add(call->thread, call->pid_tgid, &lookup);
}

/* Behind the last one in a dlopen, constructors run. */
static __always_inline void library_protected(const struct file_call *call)
{
    struct place place = {.thread = call->thread, .pid_tgid = call->pid_tgid, .stack = call->stack};

    if (call->system_call->third == PROTECT_READ && !call->result && call->frame &&
        call->frame->kind == FRAME_DLOPEN)
        send_frame_mark(THAW_KERNEL_RELOCATED, &place, call->strand, 0);
}

/* May a descriptor stand for another file behind it, or for none? */
static __always_inline bool changes_numbers(__u64 number)
{
    return number == FILE_CALL_DUP2 || number == FILE_CALL_DUP3 || number == FILE_CALL_CLOSE_RANGE;
}

/* All calls of all processes come by here, so the number is looked at first. */
static __always_inline bool is_file_call(const struct pt_regs *regs, __u64 number)
{
    if (number == FILE_CALL_NEWFSTATAT) /* else it asks about a file that is open */
        return !(regs->r10 & AT_EMPTY_PATH);
    return number == FILE_CALL_READ || number == FILE_CALL_CLOSE || number == FILE_CALL_OPENAT ||
           number == FILE_CALL_MPROTECT || number == FILE_CALL_STAT || number == FILE_CALL_LSTAT ||
           number == FILE_CALL_OPEN || number == FILE_CALL_STATX || number == FILE_CALL_OPENAT2;
}

static __always_inline bool is_open(__u64 number)
{
    return number == FILE_CALL_OPEN || number == FILE_CALL_OPENAT || number == FILE_CALL_OPENAT2;
}

static __always_inline bool file_call_over(const struct file_call *call)
{
    const struct system_call *arguments = call->system_call;

    switch (arguments->number) {
    case FILE_CALL_READ:
        return file_read(call);
    case FILE_CALL_CLOSE:
        file_closed(call);
        break;
    case FILE_CALL_OPEN:
        file_opened(call, arguments->first, arguments->second);
        break;
    case FILE_CALL_OPENAT:
    case FILE_CALL_OPENAT2: /* its flags are in memory: taken for reading */
        file_opened(call, arguments->second,
                    arguments->number == FILE_CALL_OPENAT ? arguments->third : 0);
        break;
    case FILE_CALL_STAT:
    case FILE_CALL_LSTAT:
        file_looked_up(call, arguments->first, arguments->second);
        break;
    case FILE_CALL_NEWFSTATAT:
        file_looked_up(call, arguments->second, arguments->third);
        break;
    case FILE_CALL_STATX:
        file_looked_up(call, arguments->second, 0);
        break;
    case FILE_CALL_MPROTECT:
        library_protected(call);
        break;
    default: /* changes_numbers() */
        call->thread->file.number = 0;
    }
    return false;
}

/* True: it surely was not about a socket. */
static __always_inline bool file_exit(const struct system_call *system_call, __s64 result,
                                      __u64 pid_tgid, __u64 stack)
{
    struct file_call call = {
        .system_call = system_call, .pid_tgid = pid_tgid, .stack = stack, .result = result};

    if (is_open(system_call->number) && result >= 0 && traced_process(pid_tgid >> 32))
        call.file = file_of(result);
    if (call.file) {
        library_open(call.file, result, pid_tgid);
        host_file_opened(call.file, pid_tgid);
    }
    call.thread = bpf_map_lookup_elem(&threads, &pid_tgid);
    if (!call.thread || !call.thread->depth)
        return false;
    call.frame = frame_of_call(call.thread, stack);
    call.strand = strand_of_call(call.thread, call.frame);
    return file_call_over(&call);
}

#endif
