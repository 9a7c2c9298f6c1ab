/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_H
#define THAW_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/concurrency.h"
#include "thaw/durable.h"
#include "thaw/critical_path.h"
#include "thaw/error.h"
#include "thaw/native_timeline.h"
#include "thaw/recording.h"
#include "thaw/virtual_machine.h"

/*
 * What happened, in order, on one clock (CLOCK_BOOTTIME, ns): processes, imports, messages'
 * meaning, tracks with their phases. Built from a recording alone. Ids count from 1 in order of
 * start; 0 means none. Texts belong to the timeline or its recording, which must outlive it.
 */

enum thaw_confidence { THAW_OBSERVED, THAW_DERIVED, THAW_ASSUMED };

struct thaw_timeline_process {
    uint32_t id;
    uint32_t pid;
    uint32_t parent;         /* id */
    const char *role;        /* "host", "worker", "monitor" (of a virtual machine), "process" */
    const char *platform;    /* of the role, "" none */
    const char *executable;  /* of the last exec */
    const char *python;      /* version, "" not Python or unknown */
    const char *coverage;    /* of the interpreter's probes: "from start", "late", "refused", "" */
    const char *directory;   /* of the worker's script, "" */
    struct thaw_texts signs; /* by which role and platform were told */
    uint64_t start_ns;       /* fork, or from /proc */
    uint64_t *execs;
    size_t exec_count;
    uint64_t end_ns;   /* 0: still running when the session ended */
    int64_t exit_code; /* -1: no exit code (still running, or a signal) */
    uint32_t exit_signal;
    uint64_t gc_count;      /* garbage collections during imports; all 0 where none were seen */
    uint64_t gc_ns;         /* of all of them */
    uint64_t gc_longest_ns; /* a full collection, where there was one */
    bool saw_usage;         /* faults and memory of its threads were seen */
    bool saw_waits;         /* and when they were off the CPU */
    bool saw_disk;          /* and what they brought from the disk */
    bool saw_lookups;       /* where modules were looked for, and when their files were read */
    const struct thaw_process_counts *counts; /* NULL: nothing was counted */
};

/* What a module's time went into, in the order in which it comes. */
enum thaw_part {
    THAW_PART_FIND,         /* looking for it, and setting it up */
    THAW_PART_READ,         /* reading its file */
    THAW_PART_UNMARSHAL,    /* making code objects of bytecode */
    THAW_PART_COMPILE,      /* making them of source */
    THAW_PART_WRITE,        /* writing the bytecode */
    THAW_PART_MAP,          /* in dlopen: mapping and relocating */
    THAW_PART_CONSTRUCTORS, /* in dlopen: what libraries do by themselves */
    THAW_PART_DLOPEN,       /* in dlopen, which of both is not known */
    THAW_PART_INIT,         /* an extension's or builtin's own code */
    THAW_PART_EXECUTE,      /* its Python code */
    THAW_PART_UNKNOWN,
    THAW_PART_GC, /* garbage collections, which are not part of a module's self time */
    THAW_PARTS,
};

/* A time, and what its thread did in it besides computing; all but ns are 0 where not measured. */
struct thaw_spent {
    uint64_t ns;
    uint64_t io_ns;       /* off the CPU, waiting for a disk */
    uint64_t runqueue_ns; /* ready, waiting for a CPU */
    uint64_t sleep_ns;    /* off the CPU for anything else */
    uint64_t minor_faults;
    uint64_t major_faults;
    uint64_t disk_bytes;  /* brought from the disk into the page cache */
    uint64_t read_bytes;  /* by read(2), of files or of anything else */
    int64_t memory_bytes; /* by which its process's own memory grew */
};

/* What was found of a module's bytecode. */
enum thaw_module_bytecode {
    THAW_MODULE_BYTECODE_UNKNOWN, /* not looked for, or that was not seen */
    THAW_MODULE_BYTECODE_USED,
    THAW_MODULE_BYTECODE_MISSING,
    THAW_MODULE_BYTECODE_STALE,      /* of another state of the source */
    THAW_MODULE_BYTECODE_REJECTED,   /* of another Python, or damaged */
    THAW_MODULE_BYTECODE_UNREADABLE, /* there, but could not be opened */
};

/* Was new bytecode written? */
enum thaw_writing { THAW_WRITING_NONE, THAW_WRITING_FAILED, THAW_WRITING_DONE };

/* A path that a module was looked for at in vain. */
struct thaw_failed_lookup {
    const char *path;
    int64_t error; /* negative errno */
    const struct thaw_failed_lookup *next;
};

/* A folder that modules were looked for in, and the one before it. */
struct thaw_search_folder {
    uint32_t id;    /* as the recording numbers them; 0 is none */
    uint32_t after; /* id, 0: it came first */
    const char *path;
};

enum thaw_module_status {
    THAW_MODULE_LOADED,
    THAW_MODULE_FAILED,     /* the import raised */
    THAW_MODULE_NOT_FOUND,  /* it raised, and nothing of such a module was there */
    THAW_MODULE_UNFINISHED, /* no end was seen: still running, process died, or session ended */
};

struct thaw_module {
    uint32_t id;
    uint32_t parent;  /* id of the module whose code asked for it; 0: none, or __main__ */
    uint32_t process; /* id */
    uint32_t tid;
    uint64_t strand; /* which of its thread's stacks it ran on, 0 the thread's own (greenlets) */
    const char *name;
    const char *kind;          /* "source", "bytecode", "extension", "builtin", "frozen", "zip",
                                  "namespace", "" unknown */
    const char *via;           /* "statement", "import_module", "implicit parent", "lazy" */
    const char *lazy_function; /* lazy: the code that used it, qualified; "" else, or unknown */
    const char *lazy_file;     /* and its file */
    const char *file;          /* absolute path of the source or shared object, "" none */
    const char *short_file;    /* relative to its import root, for people */
    const char *distribution;  /* "" none or unknown */
    const char *owner;         /* "app", "package", "worker", "stdlib", "" unknown */
    enum thaw_module_status status;
    bool inner;        /* made by an extension's code as a part of itself: no import asked for it */
    bool timed;        /* start_ns is a real instant (false: derived by the importtime backend) */
    bool end_inferred; /* the end was not seen but closed by the stack pointer: at most */
    uint64_t start_ns;
    uint64_t body_ns; /* start of its own code, 0 none seen */
    uint64_t total_ns;
    uint64_t self_ns; /* total less the totals of its children on the same strand, and gc_ns */
    uint64_t gc_ns;   /* garbage collections that fell into it, whoever made the garbage */
    struct thaw_spent parts[THAW_PARTS]; /* their ns sum to self_ns and gc_ns; all unknown unless
                                            timed */
    struct thaw_spent total;             /* of total_ns, with its children on the same strand */
    bool usage_known;                    /* of total and parts everything but ns has meaning */
    enum thaw_module_bytecode bytecode;
    enum thaw_writing writing;
    uint64_t opened_bytes; /* size of the files opened for it or by its code */
    uint64_t lookups;      /* paths it was looked for at */
    uint64_t lookups_failed;
    uint32_t searched; /* id of the last folder it was looked for in, 0 none or unknown */
    const struct thaw_failed_lookup *failed_lookups; /* NULL none */
};

/* Something a module did beside defining names, or what it started did later. */
struct thaw_timeline_effect {
    uint32_t module;  /* id: that was executed, or for which thread or process was started */
    uint32_t process; /* id: that did it */
    uint32_t tid;
    const char *kind;   /* as in thaw_effect_seen; "program": a child executed one more */
    const char *detail; /* for people; of a process, the program it executed first; "" none */
    uint64_t time_ns;
    uint64_t duration_ns; /* of a sleep */
    uint32_t error;       /* errno, 0 when it did not fail */
    bool more;            /* there may be more of that kind, which were not recorded */
    uint32_t order;       /* in the recording */
};

struct thaw_phase {
    const char *name; /* "worker", "worker.interpreter" */
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t before_ns; /* start_ns is 0 and it began so long before that ("vm") */
    bool counted;
    enum thaw_confidence confidence;
    const char *within;      /* "WorkerInitRequest..WorkerInitResponse", "" */
    const char *evidence[3]; /* NULL-terminated unless full */
    struct thaw_phase *children;
    size_t child_count;
};

/* What the CPUs of a track's process were denied while it started. */
struct thaw_track_cpu {
    const char *control_group;      /* folder of the one with the lowest limit, "" unknown */
    uint64_t limit_millis;          /* thousandths of a CPU; 0 none */
    uint64_t from_ns;               /* the counters below are of the time from here */
    uint64_t until_ns;              /* to here */
    const char *throttling_unknown; /* why the next three are not known, NULL they are */
    uint64_t periods;               /* of the control group, in which it wanted to run */
    uint64_t throttled_periods;
    uint64_t throttled_ns;     /* sum over the CPUs */
    const char *waits_unknown; /* why the next three are not known, NULL they are */
    uint64_t waits_over_ns;    /* the time they are of, to when they were read */
    uint64_t cpu_ns;           /* of the process's first thread */
    uint64_t wait_ns;          /* ready to run, or throttled */
    uint64_t pressure_ns;      /* some task of pressure_of waited; 0 also where not known */
    const char *pressure_of;   /* "control group", "machine", "" not known */
    struct thaw_texts signs;   /* of a platform, in the process's environment */
};

struct thaw_track {
    uint32_t id;
    uint32_t process;   /* worker's id */
    bool headline;      /* the track that answered first */
    bool answered;      /* a first reply was seen */
    uint32_t retry_of;  /* id of the track whose worker ended before it was ready, 0 none */
    const char *words;  /* what became of its start, for people; "" or NULL: nothing to tell */
    uint64_t start_ns;  /* what is not counted of the machine's boot may lie before it */
    uint64_t before_ns; /* start_ns is 0 and it began so long before that */
    uint64_t end_ns;    /* first reply, or the last instant known of this worker */
    uint64_t total_ns;  /* counted phases + unattributed_ns, exactly */
    uint64_t unattributed_ns;
    struct thaw_phase *phases;
    size_t phase_count;
    const struct thaw_track_cpu *cpu;         /* NULL: the recording has nothing of it */
    struct thaw_critical_step *critical_path; /* from start_ns to end_ns */
    size_t critical_step_count;
    struct thaw_beside *beside; /* of the headline's track only; by start */
    size_t beside_count;
};

struct thaw_invocation {
    uint32_t track;       /* id */
    const char *function; /* name, "" unknown */
    const char *kind;     /* "http", "timer", … from the trigger, "" unknown */
    const char *invocation_id;
    uint64_t start_ns;
    uint64_t end_ns;     /* 0: no answer seen */
    uint64_t running_ns; /* derived: its handler began, see concurrency.h; 0 not known, or never */
    const char *status;  /* "success", "failure", "cancelled", "" */
    bool cold;           /* first one of its worker */
    const struct thaw_message *request; /* its message in the recording */
};

/* What did not succeed, as worker and host had it. */
struct thaw_failure {
    uint32_t process;      /* id of the worker */
    uint64_t time_ns;      /* of the answer; where none came, of the last instant it could have */
    const char *message;   /* type of the answer */
    const char *status;    /* "failure", "cancelled", "unanswered" */
    const char *exception; /* its type, "" not told */
    const char *function;  /* name, "" none or unknown */
    uint32_t module;       /* id: the import that raised, 0 none or unknown */
    uint64_t waited_ns;    /* unanswered: since it was asked for; else 0 */
    const char *words;     /* what that means on the platform, "" nothing more */
};

struct thaw_loss {
    const char *cause;
    uint64_t count;
    const char *what;
    uint32_t process; /* id, 0 none */
};

struct thaw_not_visible {
    const char *what;
    const char *why;
    uint64_t typical_ns; /* 0: no typical figure */
    const char *source;  /* of the typical figure */
};

struct thaw_timeline {
    const struct thaw_recording *recording;
    const struct thaw_session_begin *session; /* NULL when the recording lacks it */
    uint64_t session_start_ns;
    uint64_t session_end_ns;                  /* of the last event when unfinished */
    const char *end_reason;                   /* "" unfinished */
    const char *platform;                     /* recognised, "" none */
    bool complete;                            /* finished and nothing lost */
    const struct thaw_machine_event *machine; /* NULL unknown */
    const struct thaw_machine_instant **boot; /* instants of the machine's boot, by time */
    size_t boot_count;
    const struct thaw_cost *cost; /* NULL unknown */
    bool shifted;                 /* it is a guest's, on its host's clock */
    struct thaw_timeline_process *processes;
    size_t process_count;
    struct thaw_module *modules; /* by start */
    size_t module_count;
    bool effects_observed;                /* else there are none because nobody looked */
    struct thaw_timeline_effect *effects; /* by module, then by time */
    size_t effect_count;
    struct thaw_track *tracks;
    size_t track_count;
    struct thaw_invocation *invocations;
    size_t invocation_count;
    struct thaw_host_load *host_loads; /* one for each host that has workers */
    size_t host_load_count;
    struct thaw_durable durable;
    struct thaw_failure *failures; /* by time */
    size_t failure_count;
    struct thaw_loss *losses;
    size_t loss_count;
    struct thaw_not_visible *not_visible;
    size_t not_visible_count;
    struct thaw_search_folder *folders;
    size_t folder_count;
    struct thaw_virtual_machine *virtual_machines;
    size_t virtual_machine_count;
    struct thaw_native native;
    struct thaw_timeline_memory *memory;
};

/* Builds the timeline of a recording, whatever its state; fails only for lack of memory. */
int thaw_timeline_build(const struct thaw_recording *recording, struct thaw_timeline **ret,
                        struct thaw_error *error);

/* The same without what a start is not reduced to (thaw/start.h): it has processes, modules (parts
 * of their time are not told apart), tracks, invocations and losses, and of all else nothing. */
int thaw_timeline_build_starts(const struct thaw_recording *recording, struct thaw_timeline **ret,
                               struct thaw_error *error);

/*
 * Lays a guest's timeline under that of the machine around it, by the marks that the recorder in
 * the guest wrote to its console: processes and tracks of guest move to host's clock, and the
 * virtual machine they belong to leads to it. guest must outlive host. -ENOENT, with what was
 * looked for, when host has no marks of it; -EINVAL when guest already is on another clock than its
 * own.
 */
int thaw_timeline_lay_guest(struct thaw_timeline *host, struct thaw_timeline *guest,
                            struct thaw_error *error);

/* The track that answered first, else the one that started first; NULL: there is none. */
const struct thaw_track *thaw_timeline_headline(const struct thaw_timeline *timeline);

/* The effects of the module with that id: *ret_count of them, NULL when there are none. */
const struct thaw_timeline_effect *
thaw_timeline_module_effects(const struct thaw_timeline *timeline, uint32_t module,
                             size_t *ret_count);

void thaw_timeline_free(struct thaw_timeline *timeline);

#endif
