/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_HOST_FILES_H
#define THAW_BPF_HOST_FILES_H

/*
 * Files by which the start of a platform's host is told: the libraries of a .NET runtime, and the
 * configuration of the Functions host. Whatever a traced process opens is compared by its base
 * name; only which of these it was is told.
 */
#include "emit.h"

#define HOST_FILE_BYTES 24      /* the longest name of the table and a NUL, at least */
#define RUNTIME_CONFIG_BYTES 19 /* ".runtimeconfig.json" */

static __always_inline bool same_text(const char *text, const char *wanted, __u32 bytes)
{
    for (__u32 i = 0; i < bytes; i++)
        if (text[i] != wanted[i])
            return false;
    return true;
}

#define IS_NAME(name, wanted) same_text(name, wanted, sizeof(wanted))

/* As the loader maps what it has opened, the file's name stands for that. */
static __always_inline __u32 host_file_named(const char *name)
{
    if (IS_NAME(name, "libcoreclr.so"))
        return THAW_KERNEL_HOST_RUNTIME;
    if (IS_NAME(name, "libhostfxr.so"))
        return THAW_KERNEL_HOST_RESOLVER;
    if (IS_NAME(name, "libhostpolicy.so"))
        return THAW_KERNEL_HOST_POLICY;
    if (IS_NAME(name, "host.json"))
        return THAW_KERNEL_HOST_CONFIGURATION;
    if (IS_NAME(name, "worker.config.json"))
        return THAW_KERNEL_HOST_WORKER_CONFIGURATION;
    if (IS_NAME(name, "bundle.json"))
        return THAW_KERNEL_HOST_BUNDLE;
    if (IS_NAME(name, "extensions.json"))
        return THAW_KERNEL_HOST_EXTENSIONS;
    return 0;
}

/* "func.runtimeconfig.json" and the like. */
static __always_inline bool is_runtime_config(const unsigned char *name, __u32 length)
{
    char end[RUNTIME_CONFIG_BYTES + 1] = {};

    if (length <= RUNTIME_CONFIG_BYTES ||
        bpf_probe_read_kernel(end, RUNTIME_CONFIG_BYTES, name + length - RUNTIME_CONFIG_BYTES))
        return false;
    return IS_NAME(end, ".runtimeconfig.json");
}

static __always_inline void host_file_opened(struct file *file, __u64 pid_tgid)
{
    struct thaw_kernel_process *process = traced_process(pid_tgid >> 32);
    const unsigned char *name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
    struct thaw_kernel_host_file event = {};
    char text[HOST_FILE_BYTES] = {};

    if (!process || bpf_probe_read_kernel(text, sizeof(text), name))
        return;
    event.what = host_file_named(text);
    if (!event.what && is_runtime_config(name, BPF_CORE_READ(file, f_path.dentry, d_name.len)))
        event.what = THAW_KERNEL_HOST_RUNTIME_CONFIGURATION;
    if (!event.what)
        return;
    if (process->host_files >= THAW_KERNEL_HOST_FILES_MOST) {
        count(&losses, THAW_LOSS_HOST_FILES_FULL);
        return;
    }
    process->host_files++;
    fill_header(&event.header, THAW_KERNEL_HOST_FILE, sizeof(event), pid_tgid);
    send(&event, sizeof(event), false);
}

#endif
