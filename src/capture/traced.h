/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_TRACED_H
#define THAW_CAPTURE_TRACED_H

#include <sys/types.h>

#include <uthash.h>

#include "base/arena.h"
#include "base/array.h"
#include "capture/call_counts.h"
#include "thaw/error.h"

/* What a tracer (tracer.h) knows of the threads and processes that it traces. */

/* A file that a process has mapped executable. */
struct thaw_traced_file {
    struct thaw_traced_inode {
        uint64_t device, inode;
    } key;
    UT_hash_handle hh;
};

struct thaw_traced_exec {
    uint64_t time_ns;
    const char *executable; /* the arena's */
};

struct thaw_traced_process {
    pid_t pid, parent; /* 0: nobody has told of it */
    uint64_t start_ns;
    THAW_ARRAY(struct thaw_traced_exec) execs;
    size_t threads; /* that have not ended */
    struct thaw_process_counts counts;
    struct thaw_traced_file *files;
    bool mapped_beyond;               /* memory was short for one more */
    struct thaw_traced_process *next; /* that was found before it */
};

struct thaw_traced_thread {
    pid_t tid;
    struct thaw_traced_process *process;
    bool announced; /* its parent has told of it */
    bool gone;
    bool in_call;
    uint64_t forks_ns; /* when it last entered a call that starts a thread or process */
    struct thaw_call_entry call;
    UT_hash_handle hh;
};

struct thaw_traced {
    pid_t root;
    struct thaw_arena arena;
    struct thaw_traced_process *processes; /* the latest first */
    struct thaw_traced_thread *threads;
    char *maps; /* of the first process when it ended, NULL not known */
    size_t maps_length;
};

/* The thread that has stopped; NULL: memory is short. */
struct thaw_traced_thread *thaw_traced_thread(struct thaw_traced *traced, pid_t tid);

/* It has started another thread, or a process. */
void thaw_traced_started(struct thaw_traced *traced, struct thaw_traced_thread *parent, pid_t tid);

/* It has executed a program. Of its process only this thread is left. */
void thaw_traced_executed(struct thaw_traced *traced, struct thaw_traced_thread *thread);

void thaw_traced_enter(struct thaw_traced_thread *thread, const struct thaw_call_entry *entry);
void thaw_traced_leave(struct thaw_traced_thread *thread, int64_t result);

/* It is about to end: its process's memory is still there. */
void thaw_traced_exits(struct thaw_traced *traced, struct thaw_traced_thread *thread);

/* It has ended, and waits for that to be taken. */
void thaw_traced_gone(struct thaw_traced *traced, pid_t tid);

/* Stores who was started by whom, what each executed, and what it did; and the libraries that the
 * first process had mapped in the end. */
int thaw_traced_store(const struct thaw_traced *traced, const char *until,
                      struct thaw_recording_writer *writer, struct thaw_error *error);
void thaw_traced_free(struct thaw_traced *traced);

#endif
