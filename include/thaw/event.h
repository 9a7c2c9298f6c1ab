/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
#ifndef THAW_EVENT_H
#define THAW_EVENT_H

/*
 * Records from the BPF programs to the ring reader: included by both sides, so plain fixed-width
 * types, explicit padding, sizes asserted here and compared with the object's BTF by
 * tests/unit/test_event_layout.c. These records never reach a file (recording.h has the stored
 * ones), so they may change from version to version.
 *
 * Kinds have explicit numbers. A new kind stands here, in the program that emits it and in
 * src/capture/kernel_record.c.
 */
#include "thaw/kernel_account.h"
#include "thaw/probe_cookie.h"
#include "thaw/python_layout.h"

enum thaw_kernel_event_kind {
    THAW_KERNEL_FORK = 1,
    THAW_KERNEL_EXEC = 2,
    THAW_KERNEL_EXIT = 3,
    THAW_KERNEL_IMPORT_BEGIN = 4,
    THAW_KERNEL_IMPORT_END = 5,
    THAW_KERNEL_BODY_BEGIN = 6,
    THAW_KERNEL_BODY_END = 7,
    THAW_KERNEL_DLOPEN_BEGIN = 8,
    THAW_KERNEL_DLOPEN_END = 9,
    THAW_KERNEL_FILE_OPEN = 10,
    THAW_KERNEL_CONNECT = 11,
    THAW_KERNEL_SOCKET_DATA = 12,
    THAW_KERNEL_GC_BEGIN = 13,
    THAW_KERNEL_GC_END = 14,
    THAW_KERNEL_STRAND_BEGIN = 15,
    THAW_KERNEL_MODULE_INIT = 16,
    THAW_KERNEL_MODULE_INIT_END = 17,
    THAW_KERNEL_MODULE_MADE = 18,
    THAW_KERNEL_LIBRARY_OPEN = 19,
    THAW_KERNEL_LAZY_BEGIN = 20,
    THAW_KERNEL_FILE_CLOSE = 21,
    THAW_KERNEL_LOOKUPS = 22,
    THAW_KERNEL_LOOKUP = 23,
    THAW_KERNEL_FOLDER = 24,
    THAW_KERNEL_UNMARSHAL = 25,
    THAW_KERNEL_RELOCATED = 26,
    THAW_KERNEL_MARSHAL = 27,
    THAW_KERNEL_EFFECT = 30,
    THAW_KERNEL_SAMPLE = 40,
    THAW_KERNEL_LISTEN = 50,
    THAW_KERNEL_ACCEPT = 51,
    THAW_KERNEL_FIRST_BYTES = 52,
    THAW_KERNEL_HOST_FILE = 53,
    THAW_KERNEL_REQUEST_HEAD = 54,
    THAW_KERNEL_VM = 60,
    THAW_KERNEL_CONSOLE_LINE = 61,
};

/* Longest texts taken over, in bytes. Python's own longest module path here was 96. */
#define THAW_KERNEL_NAME_BYTES 256
#define THAW_KERNEL_PATH_BYTES 512
#define THAW_KERNEL_ARGUMENT_BYTES 2048
#define THAW_KERNEL_FOLDER_BYTES 64 /* with a NUL */
/* Bytes of a socket call that one record has room for; a power of two. */
#define THAW_KERNEL_SOCKET_BYTES 4096
/* Slots of the map of layouts, which is indexed by CPython's minor version. */
#define THAW_PYTHON_LAYOUTS 32
/* Open import frames kept per thread; deeper ones lose their end and are counted. CPython's own
 * recursion limit allows some 160 nested imports. */
#define THAW_KERNEL_FRAMES 256

/* What a record lacks: where its struct has it behind the header, what is next to it follows. */
#define THAW_KERNEL_WITHOUT_USAGE 1

struct thaw_kernel_header {
    thaw_u16 kind;
    thaw_u16 without;
    thaw_u32 size; /* of the whole record */
    thaw_u64 time_ns;
    thaw_u32 tgid;
    thaw_u32 tid;
};

/*
 * What a thread has used up to the record it is part of, since the first one of the thread: times
 * off the CPU, bytes it brought from the disk into the page cache, bytes it read; faults since the
 * thread's start. memory_bytes is what its process holds of memory of its own (anonymous pages that
 * are there).
 */
struct thaw_kernel_usage {
    thaw_u64 io_ns;
    thaw_u64 runqueue_ns;
    thaw_u64 sleep_ns;
    thaw_u64 disk_bytes;
    thaw_u64 read_bytes;
    thaw_u64 memory_bytes;
    thaw_u32 minor_faults;
    thaw_u32 major_faults;
};

/* header.tgid is the child. */
struct thaw_kernel_fork {
    struct thaw_kernel_header header;
    thaw_u32 parent;
    thaw_u32 reserved;
};

/*
 * What a file was when the kernel opened it: an inode is used again for other files, and one file
 * may be written anew.
 */
struct thaw_kernel_file {
    thaw_u64 inode;
    thaw_u64 ctime_ns;
    thaw_u64 size;
    thaw_u32 device; /* kernel's dev_t: major << 20 | minor */
    thaw_u32 reserved;
};

/* file tells which one runs, so that the reader knows whether it is probed already. The control
 * group's number and the file's class are those of `thaw audit`, and 0 in a recording. */
struct thaw_kernel_exec {
    struct thaw_kernel_header header;
    struct thaw_kernel_file file;
    thaw_u64 control_group; /* inode of its folder */
    thaw_u32 file_class;    /* enum thaw_kernel_executable */
    thaw_u32 held;          /* 1: it is stopped and waits to be continued */
    thaw_u32 root;          /* enum thaw_kernel_root */
    thaw_u16 filename_bytes;
    thaw_u16 argument_bytes;
    /* In production, of the working directory: its name and that of the folder above; "" unknown,
     * or too long. A mount's uppermost folder is called "/". */
    char folder[THAW_KERNEL_FOLDER_BYTES];
    char folder_above[THAW_KERNEL_FOLDER_BYTES];
    char texts[THAW_KERNEL_PATH_BYTES + THAW_KERNEL_ARGUMENT_BYTES]; /* filename, then argv */
};

/*
 * A file called libpython… was opened: a program that loads Python. descriptor is that of the
 * process; -1: it was loaded by dlopen, and is in the process's mappings (file is zero then).
 */
struct thaw_kernel_library_open {
    struct thaw_kernel_header header;
    struct thaw_kernel_file file;
    thaw_i64 descriptor;
    thaw_u32 held;
    thaw_u32 reserved;
};

/* The one entry of the map `hold`: processes of the traced tree are stopped when they start an
 * interpreter that nobody has looked at yet. */
struct thaw_kernel_hold {
    thaw_u32 enabled;
    thaw_u32 reserved;
};

/* Files that are known, and processes that can be held at once. */
#define THAW_KERNEL_FILES 16384
#define THAW_KERNEL_HELD 1024

#include "thaw/audit_record.h"

/* What a process did since since_ns (0: it is not counted); count_events.h says of what. */
struct thaw_kernel_counts {
    thaw_u64 since_ns; /* when it executed, or was forked */
    thaw_u64 system_calls;
    thaw_u64 files_opened;
    thaw_u64 failed_lookups;
    thaw_u64 read_bytes;
    thaw_u32 threads;
    thaw_u32 mapped_libraries;
    thaw_u32 mapped_beyond; /* mapped files that there was no room to remember */
    thaw_u32 reserved;
};

/* Files that are remembered as mapped executable, of all processes. */
#define THAW_KERNEL_MAPPED 65536

struct thaw_kernel_exit {
    struct thaw_kernel_header header;
    struct thaw_kernel_counts counts;
    struct thaw_kernel_requests requests;
    thaw_u32 status; /* as wait(2) gives it */
    thaw_u32 reserved;
};

/*
 * strand: which of its stacks the thread was on. 0 is its own; others appear where a program
 * switches stacks (greenlet), each with a thaw_kernel_strand_begin before its first record. The
 * frames of one strand are nested.
 */

/* name is a text object of CPython: bytes of 1, 2 or 4 per character. */
struct thaw_kernel_import_begin {
    struct thaw_kernel_header header;
    struct thaw_kernel_usage usage;
    thaw_u64 stack;
    thaw_u16 name_bytes;
    thaw_u8 name_width; /* 1, 2 or 4 bytes per character; 0: could not be read */
    thaw_u8 name_cut;
    thaw_u32 strand;
    thaw_u32 lazy; /* 1: a lazy import comes true */
    thaw_u32 reserved;
    char name[THAW_KERNEL_NAME_BYTES];
};

/*
 * A strand begins inside the frame that was entered with parent_stack on the strand parent; 0 0:
 * inside none. split: the frames inside that one go on as the new strand, without it.
 */
struct thaw_kernel_strand_begin {
    struct thaw_kernel_header header;
    thaw_u64 parent_stack;
    thaw_u32 parent;
    thaw_u32 strand;
    thaw_u32 split;
    thaw_u32 reserved;
};

/*
 * An extension or builtin module is initialised. single_phase: name is a C string, as the module's
 * author gave it, often without its package; else a text object, the absolute name. The same record
 * tells (MODULE_MADE) that a single-phase module is complete, by its absolute name.
 */
struct thaw_kernel_module_init {
    struct thaw_kernel_header header;
    struct thaw_kernel_usage usage;
    thaw_u64 stack;
    thaw_u16 name_bytes;
    thaw_u8 name_width;
    thaw_u8 single_phase;
    thaw_u32 strand;
    char name[THAW_KERNEL_NAME_BYTES];
};

/*
 * Also the begin of a collection; that code is unmarshalled, or marshalled, for the module that is
 * being loaded; and that a library which is opened was relocated (failed is 0 then).
 */
struct thaw_kernel_frame_end {
    struct thaw_kernel_header header;
    struct thaw_kernel_usage usage;
    thaw_u64 stack;
    thaw_u32 failed;
    thaw_u32 strand;
};

/* Also of a lazy import that comes true: what the code is called that used it, and its file. */
struct thaw_kernel_body_begin {
    struct thaw_kernel_header header;
    struct thaw_kernel_usage usage;
    thaw_u64 stack;
    thaw_u16 name_bytes;
    thaw_u16 file_bytes;
    thaw_u8 name_width;
    thaw_u8 name_cut;
    thaw_u8 file_width;
    thaw_u8 own; /* 1: has a frame and an end of its own */
    thaw_u32 strand;
    thaw_u32 reserved;
    char texts[THAW_KERNEL_NAME_BYTES + THAW_KERNEL_PATH_BYTES]; /* name, then file */
};

struct thaw_kernel_dlopen_begin {
    struct thaw_kernel_header header;
    struct thaw_kernel_usage usage;
    thaw_u64 stack;
    thaw_u16 path_bytes;
    thaw_u16 reserved;
    thaw_u32 strand;
    char path[THAW_KERNEL_PATH_BYTES];
};

struct thaw_kernel_file_open {
    struct thaw_kernel_header header;
    struct thaw_kernel_usage usage;
    thaw_i64 result;
    thaw_u64 stack; /* the program's stack pointer at the call */
    thaw_u64 bytes; /* size of the file; 0 of what is no regular one */
    thaw_u16 path_bytes;
    thaw_u8 for_writing;
    thaw_u8 is_folder;
    thaw_u32 strand;
    char path[THAW_KERNEL_PATH_BYTES];
};

/*
 * The file that was opened last while a module is looked for or loaded is closed. bytes were read
 * of it; head is what stood at its begin, of bytecode: four numbers of 32 bits (PEP 552).
 */
struct thaw_kernel_file_close {
    struct thaw_kernel_header header;
    struct thaw_kernel_usage usage;
    thaw_u64 stack;
    thaw_u64 bytes;
    thaw_u32 head[4];
    thaw_u32 strand;
    thaw_u32 reserved;
};

/*
 * A module was looked for: count paths were looked up (stat), failed of them were not there, what
 * was found last is a file of that size and time of change. searched is the last of the folders
 * that were looked into, each of which is told once with the one before (thaw_kernel_folder); 0
 * none.
 */
struct thaw_kernel_lookups {
    struct thaw_kernel_header header;
    struct thaw_kernel_usage usage; /* as of last_ns */
    thaw_u64 stack;                 /* the program's stack pointer at the last of them */
    thaw_u64 last_ns;
    thaw_u64 bytes;
    thaw_u64 mtime_s;
    thaw_u32 count;
    thaw_u32 failed;
    thaw_u32 searched;
    thaw_u32 strand;
};

/* One of those that failed, with a negative errno. */
struct thaw_kernel_lookup {
    struct thaw_kernel_header header;
    thaw_i64 result;
    thaw_u64 stack;
    thaw_u16 path_bytes;
    thaw_u16 reserved;
    thaw_u32 strand;
    char path[THAW_KERNEL_PATH_BYTES];
};

/* A folder that modules are looked for in, after another one has been searched (0: as the first).
 */
struct thaw_kernel_folder {
    struct thaw_kernel_header header;
    thaw_u32 number;
    thaw_u32 after;
    thaw_u16 path_bytes;
    thaw_u16 reserved[3];
    char path[THAW_KERNEL_PATH_BYTES];
};

/* Folders that can be told apart, each counted as often as others were searched before it. */
#define THAW_KERNEL_FOLDERS 16384
/* What a thread does beside importing while it has an import open, or afterwards when it was
 * started by one that had. first, second: the texts that follow. */
enum thaw_kernel_effect_what {
    THAW_KERNEL_EFFECT_THREAD = 1,  /* started: value is its tid */
    THAW_KERNEL_EFFECT_PROCESS = 2, /* the same with its pid */
    THAW_KERNEL_EFFECT_SOCKET = 3,  /* value: family, second_value: type */
    THAW_KERNEL_EFFECT_SOCKET_PAIR = 4,
    THAW_KERNEL_EFFECT_BIND = 5, /* first: the address, as the kernel has it */
    THAW_KERNEL_EFFECT_LISTEN = 6,
    THAW_KERNEL_EFFECT_CONNECT = 7, /* the same */
    THAW_KERNEL_EFFECT_WRITE = 8,   /* opened for writing: path */
    THAW_KERNEL_EFFECT_RENAME = 9,  /* from, to */
    THAW_KERNEL_EFFECT_REMOVE = 10,
    THAW_KERNEL_EFFECT_MAKE_FOLDER = 11,
    THAW_KERNEL_EFFECT_REMOVE_FOLDER = 12,
    THAW_KERNEL_EFFECT_LINK = 13,           /* to what, path */
    THAW_KERNEL_EFFECT_SLEEP = 14,          /* value: how long, in ns */
    THAW_KERNEL_EFFECT_SIGNAL = 15,         /* value: number, second_value: 0 default, 1 ignore */
    THAW_KERNEL_EFFECT_LOOKUP = 16,         /* first: a host's name */
    THAW_KERNEL_EFFECT_LOOKUP_ADDRESS = 17, /* first: an address, as above */
    THAW_KERNEL_EFFECT_SET = 18,            /* first: an environment variable's name */
    THAW_KERNEL_EFFECT_UNSET = 19,
    THAW_KERNEL_EFFECT_KINDS = 32,
};

/* Effects of one kind that are told of a thread until its innermost frame is another. */
#define THAW_KERNEL_EFFECTS 256
/* Largest socket address that is copied (struct sockaddr_storage). */
#define THAW_KERNEL_ADDRESS_BYTES 128

struct thaw_kernel_effect {
    struct thaw_kernel_header header; /* time_ns: the end of the call */
    thaw_u64 stack;                   /* as in thaw_kernel_file_open */
    thaw_i64 result;                  /* of the system call, 0 where it is not known */
    thaw_u64 value;
    thaw_u64 second_value;
    thaw_u32 strand;
    thaw_u16 what; /* enum thaw_kernel_effect_what */
    thaw_u16 first_bytes;
    thaw_u16 second_bytes;
    thaw_u8 inherited; /* 1: the thread was started by one that had an import open */
    thaw_u8 last;      /* 1: the last one of its kind that is told, for now */
    thaw_u32 reserved;
    char texts[2 * THAW_KERNEL_PATH_BYTES];
};

/* header.time_ns is the start of the call. */
struct thaw_kernel_connect {
    struct thaw_kernel_header header;
    thaw_i64 result;
    thaw_u64 socket;
    thaw_u16 port; /* host byte order */
    thaw_u16 family;
    thaw_u32 reserved;
};

/*
 * A part of what a send or receive call on a followed connection moved: length bytes, of which the
 * first captured were copied (bpf/framing.h says which). All parts of all calls in order are all
 * bytes of the connection, but for untold ones before this part, which the ring had no room for.
 * socket is an opaque key. The bytes never leave the process that reads the ring buffer.
 */
struct thaw_kernel_socket_data {
    struct thaw_kernel_header header; /* time_ns: end of the call */
    thaw_u64 enter_ns;                /* start of the call; 0 for receiving */
    thaw_u64 socket;
    thaw_u32 length;
    thaw_u32 captured;
    thaw_u16 port; /* of the peer, host byte order */
    thaw_u8 outgoing;
    thaw_u8 unsure; /* 1: frames could not be told apart here */
    thaw_u32 untold;
    thaw_u8 bytes[THAW_KERNEL_SOCKET_BYTES];
};

/* A thread with an import open, at a tick of its CPU's clock. */
struct thaw_kernel_sample {
    struct thaw_kernel_header header;
    thaw_u64 address; /* of the program's next instruction, also when it was in the kernel */
    thaw_u64 stack;   /* the program's stack pointer */
    thaw_u32 strand;
    thaw_u32 in_kernel;
};

#include "thaw/server_record.h"

/* The one entry of the map `sampling`: registers and stacks of those threads are wanted, too. */
struct thaw_kernel_sampling {
    thaw_u32 stacks;
    thaw_u32 reserved;
};

/* Flags of a traced process, in the map `processes`. */
#define THAW_PROCESS_SWITCHES 1 /* its threads may switch stacks: it has loaded greenlet */
#define THAW_PROCESS_LISTENS 2  /* it, or who forked it, listens */
#define THAW_PROCESS_ANSWERED 4 /* it has replied on a connection */
#define THAW_PROCESS_SERVED 8   /* to somebody outside: nothing more is to be seen of its start */
#define THAW_PROCESS_WARM 16    /* its start is over: only what it is asked counts */

/* A process that is traced: value of the map `processes`. */
struct thaw_kernel_process {
    thaw_u64 flags;   /* THAW_PROCESS_… */
    thaw_u64 hits;    /* of probes */
    thaw_u32 listens; /* calls that were told */
    thaw_u32 accepts;
    thaw_u32 waiting; /* accepted connections on which no first reply was seen yet */
    thaw_u32 host_files;
    struct thaw_kernel_counts counts;
    struct thaw_kernel_requests requests; /* of `thaw audit` only, as is root */
    thaw_u32 root;                        /* the process that its tree begins with */
    thaw_u32 reserved;
};

_Static_assert(sizeof(struct thaw_kernel_header) == 24, "header has no padding");
_Static_assert(sizeof(struct thaw_kernel_usage) == 56, "usage has no padding");
_Static_assert(sizeof(struct thaw_kernel_fork) == 32, "fork has no padding");
_Static_assert(sizeof(struct thaw_kernel_exec) == 24 + 56 + 128 + 512 + 2048,
               "exec has no padding");
_Static_assert(sizeof(struct thaw_kernel_library_open) == 72, "open has no padding");
_Static_assert(sizeof(struct thaw_kernel_file) == 32, "file has no padding");
_Static_assert(sizeof(struct thaw_kernel_exit) == 112, "exit has no padding");
_Static_assert(sizeof(struct thaw_kernel_import_begin) == 104 + 256, "import has no padding");
_Static_assert(sizeof(struct thaw_kernel_strand_begin) == 48, "strand has no padding");
_Static_assert(sizeof(struct thaw_kernel_module_init) == 96 + 256, "init has no padding");
_Static_assert(sizeof(struct thaw_kernel_frame_end) == 96, "frame end has no padding");
_Static_assert(sizeof(struct thaw_kernel_body_begin) == 104 + 256 + 512, "body has no padding");
_Static_assert(sizeof(struct thaw_kernel_dlopen_begin) == 96 + 512, "dlopen has no padding");
_Static_assert(sizeof(struct thaw_kernel_file_open) == 112 + 512, "open has no padding");
_Static_assert(sizeof(struct thaw_kernel_file_close) == 120, "close has no padding");
_Static_assert(sizeof(struct thaw_kernel_lookups) == 128, "lookups has no padding");
_Static_assert(sizeof(struct thaw_kernel_lookup) == 48 + 512, "lookup has no padding");
_Static_assert(sizeof(struct thaw_kernel_folder) == 40 + 512, "folder has no padding");
_Static_assert(sizeof(struct thaw_kernel_effect) == 72 + 1024, "effect has no padding");
_Static_assert(sizeof(struct thaw_kernel_connect) == 48, "connect has no padding");
_Static_assert(sizeof(struct thaw_kernel_counts) == 56, "counts has no padding");
_Static_assert(sizeof(struct thaw_kernel_process) == 120, "process has no padding");
_Static_assert(sizeof(struct thaw_kernel_sample) == 48, "sample has no padding");
_Static_assert(sizeof(struct thaw_kernel_socket_data) == 56 + 4096, "data has no padding");

#include "thaw/vm_kernel.h"

#endif
