/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_BUILD_H
#define THAW_TIMELINE_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/array.h"
#include "platform/platform.h"
#include "thaw/recording.h"
#include "thaw/timeline.h"

/*
 * The inside of a timeline that is being built. Each step is one file with one function
 * `bool thaw_<file>_build(struct thaw_build *build)`, which reads what earlier steps left here and
 * adds its own; false means that memory was short, the only way to fail. build.c has their order.
 */

struct thaw_shares {
    THAW_ARRAY(struct thaw_native_share) list;
};

/* What the timeline owns; its public pointers lead in here. */
struct thaw_timeline_memory {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_timeline_process) processes;
    THAW_ARRAY(struct thaw_module) modules;
    THAW_ARRAY(struct thaw_timeline_effect) effects; /* until ids are given: module is index + 1 */
    THAW_ARRAY(struct thaw_track) tracks;
    THAW_ARRAY(struct thaw_invocation) invocations;
    THAW_ARRAY(struct thaw_host_load) host_loads;
    THAW_ARRAY(struct thaw_durable_function) durable_functions;
    THAW_ARRAY(struct thaw_durable_instance) durable_instances;
    THAW_ARRAY(struct thaw_failure) failures;
    THAW_ARRAY(struct thaw_loss) losses;
    THAW_ARRAY(struct thaw_not_visible) not_visible;
    THAW_ARRAY(struct thaw_search_folder) folders;
    THAW_ARRAY(const struct thaw_machine_instant *) boot;
    THAW_ARRAY(struct thaw_virtual_machine) virtual_machines;
    THAW_ARRAY(struct thaw_native_library) native_libraries;
    struct thaw_shares native_shares;
    THAW_ARRAY(struct thaw_native_function) native_functions;
    THAW_ARRAY(struct thaw_native_path) native_paths;
    struct thaw_shares native_path_shares;
};

/* How the start of a process is known, from the best to the worst. */
enum thaw_process_start {
    THAW_START_FORK,
    THAW_START_PRESENT, /* found running; its start is from /proc, in 10 ms steps */
    THAW_START_EXEC,    /* the command itself, or its fork was not seen */
    THAW_START_SEEN,    /* by some later event */
};

/* A folder and whose the files below it are. */
struct thaw_root {
    const char *directory; /* without a slash at the end */
    const char *owner;     /* as in struct thaw_module */
};

/* What is known of a process beside its row in the timeline. */
struct thaw_process_facts {
    enum thaw_process_start start;
    uint32_t parent_index; /* in the order of events + 1, 0 none: until ids are given */
    uint32_t parent_pid;   /* of a process that was present */
    bool role_told;
    const char *application; /* folder of its function's files, "" not told */
    bool was_running;        /* before the session: its start is over and was not seen */
    uint64_t last_ns;        /* last event of it, or last byte of a message */
    const struct thaw_interpreter *interpreter;            /* last one told, NULL none */
    const struct thaw_inventory_interpreter *installation; /* of that interpreter, NULL unknown */
    bool bodies_seen;                                      /* code of modules was seen beginning */
    bool imports_seen; /* an import was, or it ran before: importlib works */

    uint64_t main_ns; /* `__main__` began, after the last exec; 0 not seen */
    const char *main_file;
    uint64_t lost_begins;    /* ends of frames whose begin is not in the recording */
    uint64_t lost_importers; /* importtime: whose line never came */
    uint64_t next_root_ns;   /* importtime: while starts are told, when the next import from outside
                              * of any module began */
    bool has_next_root;
    uint64_t clock_faults;   /* times that contradicted each other */
    uint64_t sum_faults;     /* importtime: modules whose times are no sum, */
    uint64_t unexplained_ns; /* and how much of their totals that leaves */
    uint64_t magic;          /* of bytecode that its last program accepted, 0 unknown */
    size_t first_module; /* its modules: module_count of build->modules_by_process from there on */
    size_t module_count;
    const struct thaw_event *hello;   /* the first message of its link, NULL not seen */
    const struct thaw_event *connect; /* of the connection that carries the above, or the below */
    const struct thaw_event *ready;   /* it asks for work for the first time, NULL not seen */
    const struct thaw_event *failure; /* it gives up its set-up, NULL it does not */
    uint32_t retry_of;                /* id of the worker whose start it began anew, 0 none */
    size_t first_exchange;            /* likewise of build->exchanges */
    size_t exchange_count;
    uint64_t unasked; /* answers to invocations whose request is not in the recording */
    const struct thaw_event *listen;      /* the first one; these four of a server, NULL not seen */
    const struct thaw_event *accept;      /* of the connection that got the first reply, */
    const struct thaw_event *asked;       /* its first bytes received, */
    const struct thaw_event *reply;       /* and its first bytes sent */
    const struct thaw_event *host_accept; /* of a worker: its host took its connection */
    /* Of a host that was started, before its first worker; NULL not seen. */
    const struct thaw_event *host_runtime;       /* its .NET runtime was loaded, */
    const struct thaw_event *host_configuration; /* the first file of its configuration opened, */
    const struct thaw_event *host_bundle;        /* and of its extension bundle */
    uint64_t host_opened_ns;                     /* the last of the latter two */
    uint32_t first_worker; /* of a host: id of the worker it started first, 0 none */
    uint32_t track;        /* id, 0 none */
    uint32_t vm;           /* of a monitor: its virtual machine's id, 0 none */
    THAW_ARRAY(struct thaw_root) roots;
};

/* Why a module has no end. */
enum thaw_module_cut {
    THAW_CUT_NOT,
    THAW_CUT_EXEC, /* its process became another program */
    THAW_CUT_EXIT, /* its process ended */
    THAW_CUT_OPEN, /* its process still ran when the recording ended */
};

/* What is known of a module beside its row in the timeline; same index. */
struct thaw_module_facts {
    enum thaw_module_cut cut;
    uint32_t parent_index;       /* + 1, 0 none: until ids are given */
    uint32_t depth;              /* how many modules are above it, and 1; 0 not yet known */
    bool inside_parent;          /* on the stack of the module above it, whichever that is */
    const char *body_file;       /* co_filename of its code, NULL not seen */
    const char *opened_bytecode; /* .pyc and .py opened for it before its code began */
    const char *opened_source;
    bool source_last; /* the .py after the .pyc: it was compiled */
    bool bytecode_accepted;
    int64_t bytecode_result; /* of opening the .pyc: a descriptor, or a negative errno */
    uint64_t bytecode_bytes; /* of what was opened so */
    bool bytecode_is_folder;
    const struct thaw_file_close *bytecode_read;   /* what was read of it, NULL nothing */
    const struct thaw_file_lookups *source_status; /* the source as it was found, NULL unknown */
    const char *library;                           /* shared object opened for it */
    bool initialised;                              /* an extension's or builtin's own code ran */
    bool found;        /* something of it was there, whatever came of it */
    bool child_failed; /* so did a module below it */
    uint64_t below;    /* importtime: lines directly below its own, and their totals */
    uint64_t below_ns;
    uint64_t told_self_ns; /* its own time as its line has it */
    bool lines_missing;    /* a line between its own and one below it */
};

struct thaw_exchange {
    const struct thaw_platform_exchange *kind;
    uint32_t process; /* id */
    const struct thaw_event *request;
    const struct thaw_event *response;  /* NULL: none seen */
    uint32_t next_of_key, next_of_kind; /* index + 1, while they are being paired */
};

struct thaw_build {
    const struct thaw_recording *recording;
    struct thaw_timeline *timeline;
    struct thaw_timeline_memory *memory; /* the timeline's */
    uint64_t observed_end_ns;            /* last event that is not about the closing itself */
    uint32_t *event_process;             /* for each event: id of its process, 0 none */
    struct thaw_process_facts *facts;    /* by id - 1; free with thaw_process_tree_release() */
    size_t facts_count;
    THAW_ARRAY(struct thaw_module_facts) module_facts;
    THAW_ARRAY(uint32_t) sample_modules;        /* of each sample, in order: index + 1, 0 none */
    uint32_t *modules_by_process;               /* indexes of modules, by process, then by start */
    THAW_ARRAY(struct thaw_exchange) exchanges; /* by process, then by request */
};

/* The facts and the row of the process with that id, which must not be 0. */
static inline struct thaw_process_facts *thaw_build_facts(const struct thaw_build *build,
                                                          uint32_t id)
{
    return &build->facts[id - 1];
}

static inline struct thaw_timeline_process *thaw_build_process(const struct thaw_build *build,
                                                               uint32_t id)
{
    return &build->memory->processes.items[id - 1];
}

/* The n-th module of a process in order of start, n < its module_count. */
static inline const struct thaw_module *
thaw_build_module(const struct thaw_build *build, const struct thaw_process_facts *facts, size_t n)
{
    return &build->memory->modules.items[build->modules_by_process[facts->first_module + n]];
}

/* Is none of the modules above it of the kind? */
static inline bool thaw_build_is_outermost(const struct thaw_build *build,
                                           const struct thaw_module *module,
                                           bool (*of_kind)(const struct thaw_module *module))
{
    while (module->parent) {
        module = &build->memory->modules.items[module->parent - 1];
        if (of_kind(module))
            return false;
    }
    return true;
}

/* Is it added when capture closes? Then its time says nothing about the processes. */
bool thaw_build_is_closing(uint16_t kind);

/* Is it no recording, but what -X importtime wrote? Nothing else is known of the processes then. */
bool thaw_build_is_log(const struct thaw_build *build);

/* left - right, 0 when that is negative. */
static inline uint64_t thaw_build_less(uint64_t left, uint64_t right)
{
    return left > right ? left - right : 0;
}

#endif
