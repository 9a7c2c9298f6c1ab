/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_EVENTS_H
#define THAW_RECORDING_EVENTS_H

#include <stdint.h>

#include "thaw/count_events.h"
#include "thaw/inventory_events.h"
#include "thaw/link_events.h"
#include "thaw/machine_events.h"
#include "thaw/native_events.h"
#include "thaw/server_events.h"
#include "thaw/effect_events.h"
#include "thaw/vm_events.h"

/*
 * The events of a recording (recording.h). A new kind is one struct here, one member of the union
 * and one row in src/recording/kinds.c. Numbers are never reused.
 */

enum thaw_event_kind {
    THAW_EVENT_SESSION_BEGIN = 1,
    THAW_EVENT_SESSION_END = 2,
    THAW_EVENT_PROBE = 3,
    THAW_EVENT_LOSS = 4,
    THAW_EVENT_COST = 5,
    THAW_EVENT_MACHINE = 6,
    THAW_EVENT_MACHINE_INSTANT = 7,
    THAW_EVENT_CPU_ACCOUNT = 8,

    THAW_EVENT_PROCESS_PRESENT = 10,
    THAW_EVENT_PROCESS_FORK = 11,
    THAW_EVENT_PROCESS_EXEC = 12,
    THAW_EVENT_PROCESS_EXIT = 13,
    THAW_EVENT_PROCESS_ROLE = 14,
    THAW_EVENT_INTERPRETER = 15,
    THAW_EVENT_LIBRARY = 16,
    THAW_EVENT_PROCESS_COUNTS = 17,

    THAW_EVENT_IMPORT_BEGIN = 20,
    THAW_EVENT_IMPORT_END = 21,
    THAW_EVENT_BODY_BEGIN = 22,
    THAW_EVENT_BODY_END = 23,
    THAW_EVENT_DLOPEN_BEGIN = 24,
    THAW_EVENT_DLOPEN_END = 25,
    THAW_EVENT_FILE_OPEN = 26,
    THAW_EVENT_IMPORT_TIMED = 27,
    THAW_EVENT_GC_BEGIN = 28,
    THAW_EVENT_GC_END = 29,

    THAW_EVENT_CONNECT = 30,
    THAW_EVENT_MESSAGE = 31,
    THAW_EVENT_FUNCTION = 32,
    THAW_EVENT_LISTEN = 33,
    THAW_EVENT_ACCEPT = 34,
    THAW_EVENT_FIRST_BYTES = 35,
    THAW_EVENT_HOST_FILE = 36,

    THAW_EVENT_INVENTORY_INTERPRETER = 40,
    THAW_EVENT_INVENTORY_DISTRIBUTION = 41,
    THAW_EVENT_INVENTORY_FILE = 42,
    THAW_EVENT_INVENTORY_IMPORT = 43,
    THAW_EVENT_INVENTORY_STATEMENT = 44,
    THAW_EVENT_INVENTORY_DEFINITION = 45,
    THAW_EVENT_INVENTORY_LIBRARY = 46,
    THAW_EVENT_INVENTORY_REQUIREMENT = 47,

    THAW_EVENT_STRAND_BEGIN = 50,
    THAW_EVENT_MODULE_INIT = 51,
    THAW_EVENT_MODULE_INIT_END = 52,
    THAW_EVENT_MODULE_MADE = 53,
    THAW_EVENT_LAZY_BEGIN = 54,
    THAW_EVENT_FILE_CLOSE = 55,
    THAW_EVENT_FILE_LOOKUPS = 56,
    THAW_EVENT_FILE_LOOKUP = 57,
    THAW_EVENT_FILE_FOLDER = 58,
    THAW_EVENT_UNMARSHAL_BEGIN = 59,
    THAW_EVENT_DLOPEN_RELOCATED = 60,
    THAW_EVENT_MARSHAL_BEGIN = 61,
    THAW_EVENT_EFFECT = 62,

    THAW_EVENT_MAPPING = 70,
    THAW_EVENT_SAMPLE = 71,
    THAW_EVENT_SAMPLING = 72,
    THAW_EVENT_INVENTORY_SYMBOL = 73,
    THAW_EVENT_CALL = 74,
    THAW_EVENT_STACK = 75,

    THAW_EVENT_VM = 80,
    THAW_EVENT_VM_COUNT = 81,
    THAW_EVENT_CONSOLE_MARK = 84,
    THAW_EVENT_GUEST_MARK = 85,
};

/*
 * What a thread has used up to an event of its frames, since the first of them: times off the CPU
 * (for a disk, for a free CPU, for anything else), bytes it brought from the disk into the page
 * cache; page faults since it started. memory_bytes is what its process then has of anonymous
 * memory: as each CPU hands in its own changes only now and then, to within 128 KiB for each CPU.
 */
struct thaw_usage {
    uint64_t io_ns;
    uint64_t runqueue_ns;
    uint64_t sleep_ns;
    uint64_t disk_bytes;
    uint64_t memory_bytes;
    uint64_t minor_faults;
    uint64_t major_faults;
    uint64_t read_bytes; /* by read(2), of files or of anything else */
};

/* First event of every recording; its time_ns and realtime_ns are the same instant. */
struct thaw_session_begin {
    const char *tool_version;
    const char *backend; /* "ebpf" or "importtime" */
    const char *kernel;  /* uname -r */
    const char *arch;    /* uname -m */
    uint64_t cpus;
    uint64_t realtime_ns;      /* CLOCK_REALTIME at time_ns */
    struct thaw_texts command; /* as the user typed it; empty for attach */
    const char *directory;     /* working directory of the command */
    const char *until;         /* "first-reply", "exit" or "duration" */
    const char *platform;      /* --platform, or "auto" */
    const char *session;       /* random id of this recording, 32 hexadecimal digits; "" none */
    uint64_t trial;            /* which of repeated runs this is, from 1; 0: a single one */
    uint64_t trials;           /* how many of them are to be made */
    const char *cold;          /* "yes": what the run reads was put out of memory before, "no": it
                                  was not; "": not known */
};

/* Last event of a recording that was closed properly. */
struct thaw_session_end {
    const char *reason; /* "first-reply", "exit", "interrupted", "duration", "error" */
    int64_t
        exit_status; /* of the command, as a shell shows it; -1 when it did not exit by itself */
};

/* One row of the probe table as it went. */
struct thaw_probe {
    const char *name;    /* "python.find_and_load" */
    const char *target;  /* file or tracepoint */
    const char *status;  /* "attached", "failed", "missing" */
    const char *how;     /* "uprobe session", "uprobe multi", "perf uprobe", "tracepoint" … */
    const char *reason;  /* why not, "" when attached */
    const char *without; /* what a report lacks without it, "" when attached */
};

/* Something that was not recorded. pid 0: not tied to a process. */
struct thaw_loss_event {
    const char *cause; /* "ring-buffer-full", "name-not-resident", "late-interpreter", … */
    uint64_t count;
    const char *what; /* one line for people */
};

/* What thaw itself cost, for the whole session. */
struct thaw_cost {
    uint64_t bpf_ns;         /* run time of the BPF programs: of some runs, taken for all */
    uint64_t traps_ns;       /* hits of uprobes times the calibrated cost of a trap */
    uint64_t reader_cpu_ns;  /* CPU of the process that records, until the recording ended */
    uint64_t events;         /* events taken from the kernel */
    uint64_t closing_cpu_ns; /* CPU of that process afterwards: to detach, to read what is left */
    uint64_t calls_ns;       /* system calls times what watching one costs; 0 not known, or none */
};

/* A process that already ran when the session began. start from /proc, 10 ms steps. */
struct thaw_process_present {
    uint64_t parent;
    uint64_t start_ns;
    const char *executable;
};

/* pid is the new process. */
struct thaw_process_fork {
    uint64_t parent;
};

struct thaw_process_exec {
    const char *executable; /* resolved path where it could be had, else as given to execve */
    const char *folder;     /* last two parts of the working directory, "" not known */
    uint64_t control_group; /* the kernel's number of its control group (version 2), 0 not known */
};

struct thaw_process_exit {
    uint64_t code;   /* exit code, when signal is 0 */
    uint64_t signal; /* the signal that ended it, or 0 */
};

/*
 * What a platform file made of the process's command line; the command line is not kept. role "":
 * signs alone, which decide nothing.
 */
struct thaw_process_role {
    const char *role;     /* "host", "worker", "" */
    const char *platform; /* "azure_functions" */
    const char *worker_id;
    uint64_t port;         /* of the host's socket, 0 unknown */
    const char *directory; /* folder of the worker's own script, "" unknown */
    struct thaw_texts signs;
    const char
        *application; /* folder of the function's files, where the process tells it, else "" */
};

/* A Python interpreter in a process (pid), and how its probes came to it. */
struct thaw_interpreter {
    const char *executable;
    const char *library;  /* the object probed: executable or libpython */
    const char *version;  /* "3.11.2", or "3.11" where no more is known; "" unknown */
    const char *coverage; /* "from start", "late", "refused" */
    const char *reason;   /* why late or refused, else "" */
    uint64_t other_root;  /* 1: it had another root folder, or mounts, than the recorder */
};

/* A shared object that was mapped into the process when the session closed. */
struct thaw_library {
    const char *path;        /* as the process sees it */
    uint64_t resident_bytes; /* of it in memory for the process; 0 not known */
};

/*
 * C call of importlib's _find_and_load: a real load, never a cache hit. stack is the stack pointer
 * at entry; on one strand an open frame is gone as soon as another event shows stack >= its own.
 *
 * strand: which of its stacks the thread was on, here and in all events of frames. 0 is its own;
 * others begin with a thaw_strand_begin, where a program switches stacks (greenlet).
 */
struct thaw_import_begin {
    const char *name; /* absolute dotted name */
    uint64_t stack;
    uint64_t strand;
    uint64_t lazy; /* 1: a lazy import (3.15) that comes true */
};

struct thaw_import_end {
    uint64_t stack;  /* same as in the begin event */
    uint64_t failed; /* 1: it raised */
    uint64_t strand;
};

/*
 * A strand begins, inside the frame entered with parent_stack on the strand parent; 0 0: in none.
 * split 1: what is open inside that frame goes on as the new strand, as that frame ends.
 */
struct thaw_strand_begin {
    uint64_t strand; /* of the thread, from 1 on */
    uint64_t parent;
    uint64_t parent_stack;
    uint64_t split;
};

/*
 * An extension or builtin module runs its own code or (single_phase, PEP 489) is made; name is
 * absolute, or (single_phase) what the module's author calls it, often without its package.
 */
struct thaw_module_init {
    const char *name;
    uint64_t stack;
    uint64_t single_phase;
    uint64_t strand;
};

/* Of one that is not single_phase. */
struct thaw_module_init_end {
    uint64_t stack; /* same as in the begin event */
    uint64_t failed;
    uint64_t strand;
};

/* One that is single_phase is complete; told for CPython up to 3.12. */
struct thaw_module_made {
    const char *name; /* absolute */
    uint64_t stack;
    uint64_t strand;
};

/* A lazy import comes true, since this code uses its name; the imports that are marked lazy follow.
 */
struct thaw_lazy_begin {
    const char *function; /* qualified name, "<module>" for a module's own code */
    const char *file;     /* co_filename */
    uint64_t stack;
    uint64_t strand;
};

/*
 * Execution of module code (`<module>`). own = 0: it is the body of the innermost open import of
 * the same name and has no end event of its own; own = 1: it has a frame of its own (import_module,
 * __main__, runpy, exec).
 */
struct thaw_body_begin {
    const char *name; /* __name__ of its globals; "" when it could not be read */
    const char *file; /* co_filename */
    uint64_t stack;
    uint64_t own;
    uint64_t strand;
};

struct thaw_body_end {
    uint64_t stack;
    uint64_t failed;
    uint64_t strand;
};

struct thaw_dlopen_begin {
    const char *path; /* as passed, "" for the program itself */
    uint64_t stack;
    uint64_t strand;
};

struct thaw_dlopen_end {
    uint64_t stack;
    uint64_t failed;
    uint64_t strand;
};

/* A file opened (or not: result is a negative errno) by a thread that has an import open. */
struct thaw_file_open {
    const char *path; /* as passed to the system call */
    int64_t result;
    uint64_t stack; /* the program's stack pointer at the call */
    uint64_t strand;
    uint64_t bytes;       /* size of the file; 0 of what is no regular one */
    uint64_t for_writing; /* 1: not for reading alone */
    uint64_t is_folder;   /* 1: a folder was opened */
};

/*
 * The file that was opened last is closed: bytes were read of it. Told while a module is looked for
 * or loaded. The other four stood at its begin: of bytecode, what it was compiled by and from
 * (PEP 552; with bit 0 of flags set, mtime and size are the source's hash).
 */
struct thaw_file_close {
    uint64_t bytes;
    uint64_t magic;
    uint64_t flags;
    uint64_t source_mtime_s; /* its lower 32 bits, and so of the size */
    uint64_t source_bytes;
    uint64_t stack;
    uint64_t strand;
};

/*
 * A module was looked for, up to last_ns: count paths were looked up, failed of them were not
 * there; what was found last is a file of that size and time of change. searched is the number of
 * the last of the folders that were looked into (thaw_file_folder), 0 none.
 */
struct thaw_file_lookups {
    uint64_t last_ns;
    uint64_t count;
    uint64_t failed;
    uint64_t searched;
    uint64_t bytes;
    uint64_t mtime_s;
    uint64_t stack;
    uint64_t strand;
};

/* One of those that failed: result is a negative errno. */
struct thaw_file_lookup {
    const char *path;
    int64_t result;
    uint64_t stack;
    uint64_t strand;
};

/* A folder that modules are looked for in, after another one (its number, 0: as the first). */
struct thaw_file_folder {
    uint64_t number;
    uint64_t after;
    const char *path;
};

/* marshal.loads is called for the module that is being loaded: its bytecode was accepted. */
struct thaw_unmarshal_begin {
    uint64_t stack;
    uint64_t strand;
};

/* marshal.dumps is called for it: it was compiled, and its bytecode is to be written. */
struct thaw_marshal_begin {
    uint64_t stack;
    uint64_t strand;
};

/* A library that is opened, or one that it needs, was relocated: after the last one constructors
 * run. */
struct thaw_dlopen_relocated {
    uint64_t stack;
    uint64_t strand;
};

/*
 * One line of CPython's own import report (importtime backend). The event's time is when the line
 * arrived, that is shortly after the import's end.
 */
struct thaw_import_timed {
    const char *name;
    uint64_t depth; /* 0 = top level */
    uint64_t self_ns;
    uint64_t total_ns;
};

/*
 * A garbage collection on a thread that has an import open. It may lie in any module, whichever
 * made the object that filled the generation, so it is never part of a module's own time.
 */
struct thaw_gc_begin {
    uint64_t stack;
    uint64_t strand;
};

struct thaw_gc_end {
    uint64_t stack; /* same as in the begin event */
    uint64_t strand;
};

struct thaw_event {
    uint16_t kind; /* enum thaw_event_kind */
    uint64_t time_ns;
    uint32_t pid; /* thread group id, 0 when not about a process */
    uint32_t tid;
    struct thaw_usage usage; /* in events of frames and opened files */
    union {
        struct thaw_session_begin session_begin;
        struct thaw_session_end session_end;
        struct thaw_probe probe;
        struct thaw_loss_event loss;
        struct thaw_cost cost;
        struct thaw_machine_event machine;
        struct thaw_machine_instant machine_instant;
        struct thaw_cpu_account cpu_account;
        struct thaw_process_present process_present;
        struct thaw_process_fork process_fork;
        struct thaw_process_exec process_exec;
        struct thaw_process_exit process_exit;
        struct thaw_process_role process_role;
        struct thaw_interpreter interpreter;
        struct thaw_library library;
        struct thaw_process_counts process_counts;
        struct thaw_import_begin import_begin;
        struct thaw_import_end import_end;
        struct thaw_body_begin body_begin;
        struct thaw_body_end body_end;
        struct thaw_dlopen_begin dlopen_begin;
        struct thaw_dlopen_end dlopen_end;
        struct thaw_file_open file_open;
        struct thaw_import_timed import_timed;
        struct thaw_gc_begin gc_begin;
        struct thaw_gc_end gc_end;
        struct thaw_connect connect;
        struct thaw_message message;
        struct thaw_function function;
        struct thaw_listen listen;
        struct thaw_accept accept;
        struct thaw_first_bytes first_bytes;
        struct thaw_host_file host_file;
        struct thaw_inventory_interpreter inventory_interpreter;
        struct thaw_inventory_distribution inventory_distribution;
        struct thaw_inventory_file inventory_file;
        struct thaw_inventory_import inventory_import;
        struct thaw_inventory_statement inventory_statement;
        struct thaw_inventory_definition inventory_definition;
        struct thaw_inventory_library inventory_library;
        struct thaw_inventory_requirement inventory_requirement;
        struct thaw_strand_begin strand_begin;
        struct thaw_module_init module_init;
        struct thaw_module_init_end module_init_end;
        struct thaw_module_made module_made;
        struct thaw_lazy_begin lazy_begin;
        struct thaw_file_close file_close;
        struct thaw_file_lookups file_lookups;
        struct thaw_file_lookup file_lookup;
        struct thaw_file_folder file_folder;
        struct thaw_unmarshal_begin unmarshal_begin;
        struct thaw_dlopen_relocated dlopen_relocated;
        struct thaw_marshal_begin marshal_begin;
        struct thaw_effect_seen effect;
        struct thaw_code_mapping mapping;
        struct thaw_sample sample;
        struct thaw_sampling sampling;
        struct thaw_inventory_symbol inventory_symbol;
        struct thaw_call call;
        struct thaw_stack call_stack;
        struct thaw_vm_event vm;
        struct thaw_vm_count vm_count;
        struct thaw_console_mark console_mark;
        struct thaw_guest_mark guest_mark;
    };
};

#endif
