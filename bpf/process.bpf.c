/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The traced tree: who forked, what was executed, who ended. */
#include "account.h"
#include "counts.h"
#include "filter.h"
#include "heirs.h"
#include "hold.h"
#include "root.h"

/* It may wait until the child executes. */
static __always_inline void mark_forked(struct task_struct *parent)
{
    __u64 pid_tgid = (__u64)parent->tgid << 32 | (__u32)parent->pid;
    struct thread *thread = bpf_map_lookup_elem(&threads, &pid_tgid);

    if (thread)
        thread->usage.forked = 1;
}

static __always_inline void forked(struct task_struct *parent, struct task_struct *child)
{
    struct thaw_kernel_process *traced = traced_process(parent->tgid);
    struct thaw_kernel_fork event = {};
    struct thaw_kernel_process process = {};
    __u32 tgid = child->tgid;

    if (!traced)
        return;
    if ((__u32)child->pid != tgid) { /* a thread */
        __sync_fetch_and_add(&traced->counts.threads, 1);
        if (!is_lean())
            heir_started(parent, child);
        return;
    }
    /* It has loaded what its parent has, and has its sockets; its own start is not over. */
    process.flags =
        traced->flags & ~(THAW_PROCESS_SERVED | THAW_PROCESS_ANSWERED | THAW_PROCESS_WARM);
    if (settings.production) {
        process.root = traced->root;
    } else {
        process.waiting = traced->waiting;
        counts_begin(&process.counts);
    }
    if (bpf_map_update_elem(&processes, &tgid, &process, BPF_ANY)) {
        count(&losses, THAW_LOSS_PROCESSES_FULL);
        return;
    }
    fill_header(&event.header, THAW_KERNEL_FORK, sizeof(event), (__u64)tgid << 32 | tgid);
    event.parent = parent->tgid;
    send(&event, sizeof(event), false);
    if (is_lean())
        return;
    mark_forked(parent);
    heir_started(parent, child);
}

SEC("tp_btf/sched_process_fork")
int process_fork(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_PROCESS, forked((void *)ctx[0], (void *)ctx[1]));
    return 0;
}

static __always_inline void exec_texts(struct thaw_kernel_exec *event, struct linux_binprm *binprm,
                                       struct task_struct *task)
{
    struct mm_struct *mm = task->mm;
    __u64 from = mm->arg_start;
    __u64 bytes = mm->arg_end - from;
    __u32 filename;
    long copied;

    copied = bpf_probe_read_kernel_str(event->texts, THAW_KERNEL_PATH_BYTES, binprm->interp);
    filename = copied > 0 ? copied : 0;
    if (bytes > THAW_KERNEL_ARGUMENT_BYTES)
        bytes = THAW_KERNEL_ARGUMENT_BYTES;
    filename &= 1023; /* for the verifier: copied is at most THAW_KERNEL_PATH_BYTES */
    if (filename > THAW_KERNEL_PATH_BYTES)
        return;
    event->filename_bytes = filename;
    if (bpf_probe_read_user(event->texts + filename, bytes, (void *)from)) {
        count(&losses, THAW_LOSS_ARGUMENTS_UNREADABLE);
        bytes = 0;
    }
    event->argument_bytes = bytes;
}

/* A name that is cut is none. */
static __always_inline void folder_name(char to[THAW_KERNEL_FOLDER_BYTES], struct dentry *folder)
{
    const unsigned char *name = BPF_CORE_READ(folder, d_name.name);
    long bytes = bpf_probe_read_kernel_str(to, THAW_KERNEL_FOLDER_BYTES, name);

    if (bytes <= 0 || bytes == THAW_KERNEL_FOLDER_BYTES)
        to[0] = 0;
}

/* Where the process is: it may be gone before anybody can ask /proc. */
static __always_inline void exec_folder(struct thaw_kernel_exec *event, struct task_struct *task)
{
    struct dentry *folder = BPF_CORE_READ(task, fs, pwd.dentry);

    folder_name(event->folder, folder);
    folder_name(event->folder_above, BPF_CORE_READ(folder, d_parent));
}

/* Where an execution is put together: its program can't be interrupted by another one. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct thaw_kernel_exec);
} executions SEC(".maps");

/* A process that executes becomes another: what it was is forgotten. */
static __always_inline void process_begins_anew(struct thaw_kernel_process *process, __u64 old,
                                                __u64 pid_tgid)
{
    process->flags = 0;
    process->waiting = 0;
    heir_executes(old, pid_tgid);
    bpf_map_delete_elem(&threads, &old); /* its stack is gone, also when a thread other than the */
    bpf_map_delete_elem(&threads, &pid_tgid); /* first one executed */
}

/* In production: from now on it is traced; false (counted) when there is no room. */
static __always_inline bool process_joins(__u32 tgid)
{
    struct thaw_kernel_process fresh = {.root = tgid};

    if (!bpf_map_update_elem(&processes, &tgid, &fresh, BPF_ANY))
        return true;
    count(&losses, THAW_LOSS_PROCESSES_FULL);
    return false;
}

static __always_inline void send_execution(struct task_struct *task, struct linux_binprm *binprm,
                                           const struct thaw_kernel_file *identity, __u32 class)
{
    struct thaw_kernel_exec *event;
    __u32 zero = 0, size;

    event = bpf_map_lookup_elem(&executions, &zero);
    if (!event)
        return;
    event->file = *identity;
    event->control_group = bpf_get_current_cgroup_id();
    event->file_class = class == THAW_EXECUTABLE_TOLD ? THAW_EXECUTABLE_UNKNOWN : class;
    event->root = root_beside_own(task);
    event->filename_bytes = 0;
    event->argument_bytes = 0;
    exec_folder(event, task);
    exec_texts(event, binprm, task);
    size = 208 + event->filename_bytes + event->argument_bytes;
    fill_header(&event->header, THAW_KERNEL_EXEC, size, bpf_get_current_pid_tgid());
    if (size <= sizeof(*event)) /* for the verifier */
        send(event, size, execution_wakes(class));
}

/*
 * In production: strangers come here more often than all others. A process that was traced because
 * its parent is, and is nothing itself, is told a last time.
 */
static __always_inline void executed_anywhere(struct task_struct *task, __u32 old_tid,
                                              struct linux_binprm *binprm)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    __u32 tgid = pid_tgid >> 32, class;
    struct thaw_kernel_process *process = traced_process(tgid);
    struct thaw_kernel_file identity;

    executed_identity(binprm->file, &identity);
    class = file_class(&identity);
    if (process) {
        process_begins_anew(process, (pid_tgid & ~0xffffffffULL) | old_tid, pid_tgid);
    } else {
        if (class == THAW_EXECUTABLE_NOTHING)
            return;
        if ((class == THAW_EXECUTABLE_UNKNOWN && !unknown_passes(binprm->file, &identity)) ||
            !process_joins(tgid))
            return;
    }
    send_execution(task, binprm, &identity, class);
    if (class == THAW_EXECUTABLE_NOTHING)
        bpf_map_delete_elem(&processes, &tgid);
}

/* thaw looks at the command line to tell a worker or a host, and forgets it: urgent. */
static __always_inline void executed(struct task_struct *task, __u32 old_tid,
                                     struct linux_binprm *binprm)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    __u64 old = (pid_tgid & ~0xffffffffULL) | old_tid;
    struct thaw_kernel_file identity;
    struct thaw_kernel_exec *event;
    __u32 tgid = pid_tgid >> 32;
    struct thaw_kernel_process *process = traced_process(tgid);

    if (!process)
        return;
    process_begins_anew(process, old, pid_tgid);
    counts_begin(&process->counts);
    event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        count(&losses, THAW_LOSS_RING_FULL);
        return;
    }
    fill_header(&event->header, THAW_KERNEL_EXEC, sizeof(*event), pid_tgid);
    file_identity(binprm->file, &identity);
    event->file = identity;
    event->control_group = 0;
    event->file_class = THAW_EXECUTABLE_UNKNOWN;
    event->root = THAW_ROOT_UNKNOWN;
    event->held = !file_is_known(&identity) && hold_process(tgid);
    event->filename_bytes = 0;
    event->argument_bytes = 0;
    event->folder[0] = event->folder_above[0] = 0;
    exec_texts(event, binprm, task);
    bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

SEC("tp_btf/sched_process_exec")
int process_exec(__u64 *ctx)
{
    struct linux_binprm *binprm = (void *)ctx[2];

    if (settings.production)
        ACCOUNTED(THAW_PROGRAM_PROCESS, executed_anywhere((void *)ctx[0], (__u32)ctx[1], binprm));
    else
        ACCOUNTED(THAW_PROGRAM_PROCESS, executed((void *)ctx[0], (__u32)ctx[1], binprm));
    return 0;
}

static __always_inline void exited(struct task_struct *task)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_process *process;
    struct thaw_kernel_exit event = {};
    __u32 tgid = pid_tgid >> 32;

    bpf_map_delete_elem(&threads, &pid_tgid);
    if (settings.production && !traced_process(tgid))
        return;
    bpf_map_delete_elem(&heirs, &pid_tgid);
    bpf_map_delete_elem(&calls, &pid_tgid);
    if (task->signal->live.counter != 0)
        return;
    bpf_map_delete_elem(&held, &tgid);
    process = traced_process(tgid);
    if (process) {
        event.counts = process->counts;
        event.requests = process->requests;
    }
    if (bpf_map_delete_elem(&processes, &tgid))
        return; /* not traced, or two last threads at once: the first one tells */
    fill_header(&event.header, THAW_KERNEL_EXIT, sizeof(event), pid_tgid);
    event.status = task->signal->group_exit_code;
    if (!event.status)
        event.status = task->exit_code;
    send(&event, sizeof(event), !settings.production);
}

SEC("tp_btf/sched_process_exit")
int process_exit(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_PROCESS, exited((void *)ctx[0]));
    return 0;
}

/* Flags change while programs run, so user space does not write entries of `processes` anew. */
SEC("?syscall")
int process_change(struct thaw_kernel_change *change)
{
    struct thaw_kernel_process *process = traced_process(change->tgid);

    change->found = process != NULL;
    if (!process)
        return 0;
    if (change->set)
        __sync_fetch_and_or(&process->flags, change->set);
    change->requests.requests = process->requests.requests;
    change->requests.busy_ns = process->requests.busy_ns;
    change->requests.in_flight = process->requests.in_flight;
    change->requests.most_in_flight = process->requests.most_in_flight;
    if (change->take)
        process->requests.most_in_flight = process->requests.in_flight;
    return 0;
}

SEC("?syscall")
int process_root(void *context)
{
    (void)context;
    return root_learn();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
