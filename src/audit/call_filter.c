/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include <seccomp.h>

#include "audit/call_filter.h"
#include "base/late_library.h"

static struct {
    __typeof__(seccomp_init) *seccomp_init;
    __typeof__(seccomp_rule_add) *seccomp_rule_add;
    __typeof__(seccomp_attr_set) *seccomp_attr_set;
    __typeof__(seccomp_load) *seccomp_load;
    __typeof__(seccomp_release) *seccomp_release;
    __typeof__(seccomp_syscall_resolve_name) *seccomp_syscall_resolve_name;
    __typeof__(seccomp_syscall_resolve_num_arch) *seccomp_syscall_resolve_num_arch;
} library;

#define LIBRARY_NAMES                                                                              \
    "seccomp_init", "seccomp_rule_add", "seccomp_attr_set", "seccomp_load", "seccomp_release",     \
        "seccomp_syscall_resolve_name", "seccomp_syscall_resolve_num_arch"

/* --- what is refused --- */

enum { CALLS = 1024 };

/* The signal's own: which calls were refused, in any thread. */
static struct {
    atomic_ullong count;
    atomic_uchar calls[CALLS]; /* 1 refused, 2 told */
} refused;

/* SECCOMP_RET_TRAP: the call was not made, and what is put here is what it returns. */
static void refuse(int signal, siginfo_t *info, void *context)
{
    ucontext_t *machine = context;
    unsigned char untold = 0;

    (void)signal;
    if (info->si_code != 1 /* SYS_SECCOMP */)
        return;
    machine->uc_mcontext.gregs[REG_RAX] = -EPERM;
    atomic_fetch_add_explicit(&refused.count, 1, memory_order_relaxed);
    if (info->si_syscall >= 0 && info->si_syscall < CALLS)
        atomic_compare_exchange_strong(&refused.calls[info->si_syscall], &untold, 1);
}

uint64_t thaw_call_filter_refused(void)
{
    return atomic_load_explicit(&refused.count, memory_order_relaxed);
}

const char *thaw_call_filter_news(void)
{
    static char name[64];

    for (int i = 0; i < CALLS; i++) {
        char *resolved;

        if (atomic_load_explicit(&refused.calls[i], memory_order_relaxed) != 1)
            continue;
        atomic_store(&refused.calls[i], 2);
        resolved = library.seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);
        strncpy(name, resolved ? resolved : "of an unknown number", sizeof(name) - 1);
        free(resolved);
        return name;
    }
    return NULL;
}

/* --- what is allowed --- */

static const char *const allowed[] = {
    /* files: the store, /proc, interpreters, certificates, names of hosts */
    "access",
    "close",
    "close_range",
    "creat",
    "dup",
    "dup2",
    "dup3",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fallocate",
    "fchmod",
    "fchown",
    "fcntl",
    "fdatasync",
    "flock",
    "fstat",
    "fstatfs",
    "fsync",
    "ftruncate",
    "getcwd",
    "getdents",
    "getdents64",
    "getxattr",
    "fgetxattr",
    "lseek",
    "lstat",
    "mkdir",
    "mkdirat",
    "newfstatat",
    "open",
    "open_by_handle_at",
    "openat",
    "openat2",
    "pread64",
    "preadv",
    "preadv2",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "stat",
    "statfs",
    "statx",
    "truncate",
    "umask",
    "unlink",
    "unlinkat",
    "utimensat",
    "write",
    "writev",
    "copy_file_range",
    "name_to_handle_at",
    /* memory, threads, time */
    "brk",
    "madvise",
    "membarrier",
    "mincore",
    "mremap",
    "munmap",
    "msync",
    "memfd_create",
    "arch_prctl",
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "exit",
    "exit_group",
    "futex",
    "get_robust_list",
    "getcpu",
    "getitimer",
    "gettimeofday",
    "nanosleep",
    "restart_syscall",
    "rseq",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "sched_getaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    "setitimer",
    "sigaltstack",
    "time",
    "timer_create",
    "timer_delete",
    "timer_settime",
    "alarm",
    "prctl",
    /* who and what this process is */
    "capget",
    "getegid",
    "geteuid",
    "getgid",
    "getgroups",
    "getpgrp",
    "getpid",
    "getppid",
    "getpriority",
    "getresgid",
    "getresuid",
    "getrlimit",
    "getrusage",
    "gettid",
    "getuid",
    "prlimit64",
    "sysinfo",
    "times",
    "uname",
    "getrandom",
    "getsid",
    "getpgid",
    /* waiting */
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_ctl_old",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "eventfd",
    "eventfd2",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "pselect6",
    "select",
    "signalfd",
    "signalfd4",
    "timerfd_create",
    "timerfd_gettime",
    "timerfd_settime",
    /* sockets (families below) */
    "accept",
    "accept4",
    "bind",
    "connect",
    "getpeername",
    "getsockname",
    "getsockopt",
    "listen",
    "recvfrom",
    "recvmmsg",
    "recvmsg",
    "sendfile",
    "sendmmsg",
    "sendmsg",
    "sendto",
    "setsockopt",
    "shutdown",
    "ioctl",
    /* observing: interpreters that appear later are attached to, processes are known to be there */
    "bpf",
    "perf_event_open",
    "pidfd_open",
};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

static int allow(scmp_filter_ctx filter, const char *name, unsigned count,
                 struct scmp_arg_cmp argument)
{
    int number = library.seccomp_syscall_resolve_name(name);

    if (number == __NR_SCMP_ERROR)
        return 0; /* libseccomp is older than the call */
    return library.seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, count, argument);
}

#define NO_ARGUMENT ((struct scmp_arg_cmp){0})

/* Not by libseccomp's own macros, which clang takes for initialisers that were forgotten. */
static struct scmp_arg_cmp is(unsigned argument, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value};
}

static struct scmp_arg_cmp has(unsigned argument, scmp_datum_t bits)
{
    return (struct scmp_arg_cmp){
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = bits};
}

/* Of some calls only what is harmless: threads, memory that is not both written and executed,
 * signals to thaw itself (abort()). clone3(2)'s flags are in memory, where no filter sees them:
 * where it does not exist, clone(2) is used. */
static int allow_parts(scmp_filter_ctx filter)
{
    int code = 0;

    for (size_t i = 0; !code && i < sizeof(families) / sizeof(families[0]); i++) {
        code = allow(filter, "socket", 1, is(0, (scmp_datum_t)families[i]));
        if (!code)
            code = allow(filter, "socketpair", 1, is(0, (scmp_datum_t)families[i]));
    }
    for (int protection = 0; !code && protection < 8; protection++) {
        if ((protection & (PROT_WRITE | PROT_EXEC)) == (PROT_WRITE | PROT_EXEC))
            continue;
        code = allow(filter, "mmap", 1, is(2, (scmp_datum_t)protection));
        if (!code)
            code = allow(filter, "mprotect", 1, is(2, (scmp_datum_t)protection));
    }
    if (!code)
        code = allow(filter, "clone", 1, has(0, CLONE_THREAD | CLONE_VM));
    if (!code)
        code = allow(filter, "tgkill", 1, is(0, (scmp_datum_t)getpid()));
    if (!code) /* is it still there? */
        code = allow(filter, "kill", 1, is(1, 0));
    if (!code)
        code = library.seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    return code;
}

static int load_library(void)
{
    static const char *const names[] = {LIBRARY_NAMES};
    static struct thaw_late_library late = {
        .soname = THAW_SONAME_LIBSECCOMP,
        .names = names,
        .functions = &library,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&late);
}

static int build(scmp_filter_ctx filter)
{
    int code = library.seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

    if (!code) /* a binary tree of comparisons: some 8 for a call instead of 150 */
        code = library.seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; !code && i < sizeof(allowed) / sizeof(allowed[0]); i++)
        code = allow(filter, allowed[i], 0, NO_ARGUMENT);
    if (!code)
        code = allow_parts(filter);
    return code ? code : library.seccomp_load(filter);
}

int thaw_call_filter_load(struct thaw_error *error)
{
    struct sigaction action = {.sa_sigaction = refuse, .sa_flags = SA_SIGINFO | SA_NODEFER};
    scmp_filter_ctx filter;
    int code;

    if (load_library())
        return thaw_error_set(error, -ENOSYS, "%s is not installed: system calls are not filtered",
                              THAW_SONAME_LIBSECCOMP);
    filter = library.seccomp_init(SCMP_ACT_TRAP);
    if (!filter)
        return thaw_error_memory(error);
    if (sigaction(SIGSYS, &action, NULL))
        code = -errno;
    else
        code = build(filter);
    library.seccomp_release(filter);
    if (code)
        return thaw_error_system(error, code == -EINVAL ? -ENOSYS : code,
                                 "the filter of system calls could not be loaded");
    return 0;
}
