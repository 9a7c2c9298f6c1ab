/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_DESCRIPTOR_H
#define THAW_BPF_DESCRIPTOR_H

#include "emit.h"

/* The open file behind a descriptor of the current task, NULL none. */
static __always_inline struct file *file_of(__u64 descriptor)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct files_struct *opened = BPF_CORE_READ(task, files); /* a helper reads: see memory_of() */
    struct fdtable *table = opened ? BPF_CORE_READ(opened, fdt) : NULL;
    struct file *file = NULL, **files;

    if (!table || descriptor >= BPF_CORE_READ(table, max_fds))
        return NULL;
    files = BPF_CORE_READ(table, fd);
    if (bpf_probe_read_kernel(&file, sizeof(file), &files[descriptor]))
        return NULL;
    return file;
}

#endif
