/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_PROGRAMS_H
#define THAW_CAPTURE_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/attach.h"
#include "capture/kernel.h"
#include "platform/platform.h"
#include "thaw/error.h"
#include "thaw/event.h"
#include "thaw/openings.h"

/* The BPF programs and maps of one session, loaded into the kernel. */
struct thaw_programs;

struct thaw_programs_options {
    /*
     * For a whole machine and for good, not for a recording: processes are traced when they execute
     * what is Python, what may be a platform's host, or a file that nobody has looked at
     * (thaw_programs_know_file()); what threads use is not looked at, unless a split is asked for;
     * requests of servers are counted.
     */
    bool production;
    size_t ring_bytes; /* a power of two, in production; 0: 8 MiB */
};

/*
 * Loads the object with the programs that go with the kernel's way of attaching, fills the map of
 * layouts, and attaches nothing yet. options: NULL for a recording. Everything in the kernel goes
 * away with thaw_programs_free(), or with the process, however it ends: nothing is pinned.
 */
int thaw_programs_load(const struct thaw_kernel_support *support,
                       const struct thaw_programs_options *options, struct thaw_programs **ret,
                       struct thaw_error *error);

/* Detaches and unloads everything; NULL is fine. */
void thaw_programs_free(struct thaw_programs *programs);

/* Which links belong together: of one interpreter, see interpreter_probes.h; 0 none. */
typedef uint32_t thaw_link_group;

/* The group of tracepoints that a split needs, and nothing else. */
#define THAW_LINKS_OF_SPLIT (UINT32_MAX - 1)

/* Attaches a tracepoint program by its name ("process_fork"). -ENOENT: this kernel has none. */
int thaw_programs_attach_tracepoint(struct thaw_programs *programs, const char *name,
                                    thaw_link_group group, struct thaw_error *error);

/* Detaches everything; what is in the ring buffer stays to be read. */
void thaw_programs_detach(struct thaw_programs *programs);

/* Attaches an uprobe program by its name ("python_find_call"), to all points of a place or none. */
int thaw_programs_attach(struct thaw_programs *programs, const char *name,
                         const struct thaw_attach_place *place, thaw_link_group group,
                         struct thaw_error *error);

/* The group of the perf events. */
#define THAW_LINKS_OF_EVENTS UINT32_MAX

/* Attaches a program by its name to an open perf event, and lets that begin. Negative errno. */
int thaw_programs_attach_event(struct thaw_programs *programs, const char *name, int event);

/* What is sampled of threads with an import open: also registers and stacks. */
int thaw_programs_sample_stacks(struct thaw_programs *programs, struct thaw_error *error);

/* Detaches a group. */
void thaw_programs_withdraw(struct thaw_programs *programs, thaw_link_group group);

/*
 * From now on an interpreter's probes in single processes count, those in all of them do not, and
 * go away: its group is withdrawn.
 */
void thaw_programs_narrow(struct thaw_programs *programs, uint32_t interpreter);

/* Undoes that: probes in all processes count again, if they are attached. */
void thaw_programs_widen(struct thaw_programs *programs, uint32_t interpreter);

/* Detaches several groups, all links of which are closed together. */
void thaw_programs_withdraw_groups(struct thaw_programs *programs, const thaw_link_group *groups,
                                   size_t count);

/* Puts a process into the traced tree; its children follow by themselves. flags: THAW_PROCESS_…. */
int thaw_programs_trace(struct thaw_programs *programs, pid_t process, uint64_t flags,
                        struct thaw_error *error);

/* The processes that are traced, each once; -ENOMEM. The list is to be freed in either case. */
struct thaw_process_list {
    uint32_t *items;
    size_t count, capacity;
};
int thaw_programs_processes(const struct thaw_programs *programs, struct thaw_process_list *ret);

/* What the kernel has of one; false: it is not traced any more. */
bool thaw_programs_process(const struct thaw_programs *programs, uint32_t process,
                           struct thaw_kernel_process *ret);

/* In production: whoever calls is the one beside whose root those of others are told
 * (thaw_kernel_exec.root); false: they are not told. */
bool thaw_programs_learn_root(const struct thaw_programs *programs);

/* In production: its start is over. Its imports and first bytes are not told any more, and new
 * connections of a platform's not found; what it is asked is counted, and the messages of
 * connections that are followed are told. What it forks begins anew. */
void thaw_programs_warm(struct thaw_programs *programs, uint32_t process);

/* In production: nothing is told of it, and of what it forks, until it executes something. */
void thaw_programs_untrace(struct thaw_programs *programs, uint32_t process);

/* In production: what a process was asked since it began; false: it is not traced. The most at once
 * are counted from one call to the next. */
bool thaw_programs_requests(const struct thaw_programs *programs, uint32_t process,
                            struct thaw_kernel_requests *ret);

/* In production: a socket that listens on that port was there before. */
void thaw_programs_listens(struct thaw_programs *programs, uint16_t port);

/* In production: whether what threads use is looked at (struct thaw_kernel_usage). */
void thaw_programs_split(struct thaw_programs *programs, bool on);

/* A file that was looked at: who opens it is not held; in production its class says what becomes of
 * who executes it. */
int thaw_programs_know_file(struct thaw_programs *programs, const struct thaw_kernel_file *file,
                            enum thaw_kernel_executable class, struct thaw_error *error);

/* Undoes that. */
void thaw_programs_forget_file(struct thaw_programs *programs, const struct thaw_kernel_file *file);

/* The maps `hold` and `held` (event.h). */
void thaw_programs_hold_maps(const struct thaw_programs *programs, int *ret_hold, int *ret_held);

/* Takes what was counted of a monitor, and forgets it; false: that process is none. */
bool thaw_programs_take_vm(struct thaw_programs *programs, uint32_t process,
                           struct thaw_kernel_vm *ret);

/* The map of hits by process (struct thaw_kernel_rate to u64), for the watchdog. */
int thaw_programs_rates(const struct thaw_programs *programs);

/*
 * Follows connections that begin as those of the platform do, or (NULL) of any. -E2BIG when there
 * are more ways to begin than THAW_KERNEL_OPENINGS.
 */
int thaw_programs_follow_platform(struct thaw_programs *programs, const struct thaw_platform *only,
                                  struct thaw_error *error);

/* Follows connections to this port of processes that are traced, from wherever they are. */
int thaw_programs_follow_port(struct thaw_programs *programs, uint16_t port,
                              struct thaw_error *error);

/* Stops copying the bytes of a connection (the opaque key of its events). */
void thaw_programs_ignore_connection(struct thaw_programs *programs, uint64_t socket);

/* Gives it up: it is not followed any more, unless it begins anew. */
void thaw_programs_forget_connection(struct thaw_programs *programs, uint64_t socket);

/* Copies all bytes of it from now on, up to 256 KiB a call, not only the begins of messages. */
void thaw_programs_copy_whole_connection(struct thaw_programs *programs, uint64_t socket);

/* Only those again. */
void thaw_programs_copy_begins_of_connection(struct thaw_programs *programs, uint64_t socket);

/* The ring buffer's descriptor, for the reader. */
int thaw_programs_ring(const struct thaw_programs *programs);

/* Events lost in the kernel so far, per enum thaw_kernel_loss. */
void thaw_programs_losses(const struct thaw_programs *programs, uint64_t ret[THAW_LOSS_KINDS]);

/* How often the programs ran so far, and how long those runs that were timed, on all CPUs: per enum
 * thaw_kernel_program. Zeros where memory is short. */
void thaw_programs_accounts(const struct thaw_programs *programs,
                            struct thaw_kernel_account ret[THAW_PROGRAM_KINDS]);

#endif
