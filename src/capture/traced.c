/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include "capture/traced.h"

#include "base/clock.h"
#include "capture/counts.h"
#include "capture/small_file.h"
#include "capture/tree.h"
#include "native/maps.h"

/* The process that a thread is of; 0: it is gone. */
static pid_t process_of(pid_t tid)
{
    char path[64], text[1024];
    const char *line;
    int pid = 0;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
    if (thaw_small_file_read(path, text, sizeof(text)) <= 0)
        return 0;
    line = strstr(text, "\nTgid:");
    return line && sscanf(line, "\nTgid: %d", &pid) == 1 ? pid : 0;
}

static struct thaw_traced_process *find_process(const struct thaw_traced *traced, pid_t pid)
{
    struct thaw_traced_process *process = traced->processes;

    while (process && (process->pid != pid || !process->threads))
        process = process->next;
    return process;
}

/* Its threads are counted as they are found. */
static struct thaw_traced_process *add_process(struct thaw_traced *traced, pid_t pid)
{
    struct thaw_traced_process *process = calloc(1, sizeof(*process));

    if (!process)
        return NULL;
    process->pid = pid;
    process->next = traced->processes;
    traced->processes = process;
    return process;
}

static void free_files(struct thaw_traced_process *process)
{
    struct thaw_traced_file *file, *next;

    HASH_ITER(hh, process->files, file, next)
    {
        HASH_DEL(process->files, file);
        free(file);
    }
}

static void free_thread(struct thaw_traced *traced, struct thaw_traced_thread *thread)
{
    HASH_DEL(traced->threads, thread);
    free(thread);
}

/* Puts the thread into its process; false: memory is short. */
static bool join(struct thaw_traced *traced, struct thaw_traced_thread *thread, pid_t pid)
{
    struct thaw_traced_process *process = find_process(traced, pid);

    if (!process)
        process = add_process(traced, pid);
    if (!process)
        return false;
    process->threads++;
    process->counts.threads++;
    thread->process = process;
    thread->gone = thread->in_call = false;
    return true;
}

static struct thaw_traced_thread *find_thread(const struct thaw_traced *traced, pid_t tid)
{
    struct thaw_traced_thread *thread;

    HASH_FIND(hh, traced->threads, &tid, sizeof(tid), thread);
    return thread;
}

static struct thaw_traced_thread *add_thread(struct thaw_traced *traced, pid_t tid, pid_t pid)
{
    struct thaw_traced_thread *thread = calloc(1, sizeof(*thread));

    if (!thread)
        return NULL;
    thread->tid = tid;
    HASH_ADD(hh, traced->threads, tid, sizeof(thread->tid), thread);
    if (!thread->hh.tbl) {
        free(thread);
        return NULL;
    }
    if (join(traced, thread, pid))
        return thread;
    free_thread(traced, thread);
    return NULL;
}

struct thaw_traced_thread *thaw_traced_thread(struct thaw_traced *traced, pid_t tid)
{
    struct thaw_traced_thread *thread = find_thread(traced, tid);
    pid_t pid;

    if (thread && !thread->gone)
        return thread;
    if (thread) /* it ended, and its number is another's now */
        free_thread(traced, thread);
    pid = process_of(tid);
    thread = add_thread(traced, tid, pid ? pid : tid);
    if (thread)
        thread->announced = tid == traced->root;
    return thread;
}

/* Told by its parent and by its own first stop, in either order; it may even have ended between. */
void thaw_traced_started(struct thaw_traced *traced, struct thaw_traced_thread *parent, pid_t tid)
{
    struct thaw_traced_thread *thread = find_thread(traced, tid);
    pid_t pid;

    if (!tid)
        return;
    if (thread && !thread->announced && thread->gone) {
        free_thread(traced, thread);
        return;
    }
    if (!thread || thread->announced) {
        if (thread)
            free_thread(traced, thread);
        pid = process_of(tid);
        thread = add_thread(traced, tid, pid ? pid : parent->process->pid);
    }
    if (!thread)
        return;
    thread->announced = true;
    if (thread->process != parent->process && !thread->process->parent) {
        thread->process->parent = parent->process->pid;
        thread->process->start_ns = parent->forks_ns;
    }
}

/* It counts no more: its process has one thread less. */
static void leave(struct thaw_traced *traced, struct thaw_traced_thread *thread)
{
    if (thread->gone)
        return;
    thread->gone = true;
    thread->process->threads--;
    if (thread->announced)
        free_thread(traced, thread);
}

/* For people: where memory is short it is left out. */
static void note_exec(struct thaw_traced *traced, struct thaw_traced_process *process)
{
    const char *executable = thaw_tree_link(&traced->arena, (uint32_t)process->pid, "exe");
    struct thaw_traced_exec *exec = executable ? thaw_array_add(&process->execs) : NULL;

    if (exec)
        *exec = (struct thaw_traced_exec){thaw_clock_now_ns(), executable};
}

void thaw_traced_executed(struct thaw_traced *traced, struct thaw_traced_thread *thread)
{
    struct thaw_traced_process *process = thread->process;
    struct thaw_traced_thread *other, *next;

    HASH_ITER(hh, traced->threads, other, next)
    {
        if (other != thread && other->process == process)
            leave(traced, other);
    }
    free_files(process);
    process->mapped_beyond = false;
    note_exec(traced, process);
    process->counts = (struct thaw_process_counts){.threads = 1, .cpu_ns = process->counts.cpu_ns};
}

void thaw_traced_enter(struct thaw_traced_thread *thread, const struct thaw_call_entry *entry)
{
    thread->call = *entry;
    thread->in_call = true;
    if (entry->number == SYS_clone || entry->number == SYS_clone3 || entry->number == SYS_fork ||
        entry->number == SYS_vfork)
        thread->forks_ns = thaw_clock_now_ns(); /* before anybody can see what it starts */
    thaw_call_counts_enter(&thread->process->counts, entry);
}

static void count_mapped(struct thaw_traced_process *process, pid_t tid, int descriptor)
{
    struct thaw_traced_inode key;
    struct thaw_traced_file *file;
    struct stat status;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, descriptor);
    if (stat(path, &status) || !S_ISREG(status.st_mode))
        return;
    key = (struct thaw_traced_inode){.device = status.st_dev, .inode = status.st_ino};
    HASH_FIND(hh, process->files, &key, sizeof(key), file);
    if (file)
        return;
    file = calloc(1, sizeof(*file));
    if (file) {
        file->key = key;
        HASH_ADD(hh, process->files, key, sizeof(file->key), file);
    }
    if (!file || !file->hh.tbl) {
        free(file);
        process->mapped_beyond = true;
        return;
    }
    process->counts.mapped_libraries++;
}

void thaw_traced_leave(struct thaw_traced_thread *thread, int64_t result)
{
    if (!thread->in_call)
        return;
    thread->in_call = false;
    if (thaw_call_counts_leave(&thread->process->counts, &thread->call, result))
        count_mapped(thread->process, thread->tid, (int)thread->call.arguments[4]);
}

/* Of the first process, as it is the one that a gate is about. */
static void keep_maps(struct thaw_traced *traced, const struct thaw_traced_process *process)
{
    if (process->pid != traced->root || process->threads != 1)
        return;
    free(traced->maps);
    traced->maps = thaw_maps_read_resident((int)process->pid, &traced->maps_length);
}

void thaw_traced_exits(struct thaw_traced *traced, struct thaw_traced_thread *thread)
{
    struct thaw_traced_process *process = thread->process;

    thaw_counts_cpu((uint32_t)process->pid, &process->counts.cpu_ns);
    keep_maps(traced, process);
    leave(traced, thread);
}

void thaw_traced_gone(struct thaw_traced *traced, pid_t tid)
{
    struct thaw_traced_thread *thread = find_thread(traced, tid);

    if (!thread || thread->gone)
        return;
    thaw_counts_cpu((uint32_t)thread->process->pid, &thread->process->counts.cpu_ns);
    leave(traced, thread);
}

void thaw_traced_free(struct thaw_traced *traced)
{
    struct thaw_traced_thread *thread, *next;

    HASH_ITER(hh, traced->threads, thread, next) free_thread(traced, thread);
    while (traced->processes) {
        struct thaw_traced_process *process = traced->processes;

        traced->processes = process->next;
        free_files(process);
        thaw_array_free(&process->execs);
        free(process);
    }
    thaw_arena_free(&traced->arena);
    free(traced->maps);
}
