/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "capture/program_maps.h"

/* More than there are: the map has 16384, and some may come twice. */
#define PROCESSES_LISTED_MOST 32768
/* Threads of one process whose state is looked for. */
#define THREADS_MOST 65536

int thaw_programs_trace(struct thaw_programs *programs, pid_t process, uint64_t flags,
                        struct thaw_error *error)
{
    uint32_t key = (uint32_t)process;
    struct thaw_kernel_process value = {.flags = flags, .root = key};

    if (bpf_map_update_elem(thaw_program_map(programs, "processes"), &key, &value, BPF_ANY))
        return thaw_error_system(error, -errno, "tracing process %d", (int)process);
    return 0;
}

/* What the kernel keeps of the process's threads that import: 28 KB each. */
static void drop_threads(const struct thaw_programs *programs, uint32_t process)
{
    int map = thaw_program_map(programs, "threads");
    const struct dirent *entry;
    char path[32];
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%u/task", process);
    folder = opendir(path);
    if (!folder)
        return;
    for (int i = 0; i < THREADS_MOST && (entry = readdir(folder)); i++) {
        uint64_t key = (uint64_t)process << 32 | strtoul(entry->d_name, NULL, 10);

        if (isdigit((unsigned char)*entry->d_name))
            bpf_map_delete_elem(map, &key);
    }
    closedir(folder);
}

bool thaw_programs_learn_root(const struct thaw_programs *programs)
{
    const struct bpf_program *program =
        bpf_object__find_program_by_name(programs->object, "process_root");
    LIBBPF_OPTS(bpf_test_run_opts, options);

    return !bpf_prog_test_run_opts(bpf_program__fd(program), &options) && !options.retval;
}

/* The kernel answers in the same place. False: it is not traced. */
static bool change(const struct thaw_programs *programs, struct thaw_kernel_change *change)
{
    const struct bpf_program *program =
        bpf_object__find_program_by_name(programs->object, "process_change");
    LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = change, .ctx_size_in = sizeof(*change));

    return !bpf_prog_test_run_opts(bpf_program__fd(program), &options) && change->found;
}

void thaw_programs_warm(struct thaw_programs *programs, uint32_t process)
{
    struct thaw_kernel_change wish = {.tgid = process, .set = THAW_PROCESS_WARM};

    if (change(programs, &wish))
        drop_threads(programs, process);
}

bool thaw_programs_requests(const struct thaw_programs *programs, uint32_t process,
                            struct thaw_kernel_requests *ret)
{
    struct thaw_kernel_change wish = {.tgid = process, .take = 1};

    if (!change(programs, &wish))
        return false;
    *ret = wish.requests;
    return true;
}

void thaw_programs_untrace(struct thaw_programs *programs, uint32_t process)
{
    if (!bpf_map_delete_elem(thaw_program_map(programs, "processes"), &process))
        drop_threads(programs, process);
}

static int compare_processes(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* One that ends meanwhile makes the kernel begin anew, so that others come twice. */
int thaw_programs_processes(const struct thaw_programs *programs, struct thaw_process_list *ret)
{
    int map = thaw_program_map(programs, "processes");
    uint32_t key = 0, next, *slot;
    bool more = !bpf_map_get_next_key(map, NULL, &next);
    size_t kept = 0;

    while (more && ret->count < PROCESSES_LISTED_MOST) {
        slot = thaw_array_add(ret);
        if (!slot)
            return -ENOMEM;
        *slot = key = next;
        more = !bpf_map_get_next_key(map, &key, &next);
    }
    if (ret->count)
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_processes);
    for (size_t i = 0; i < ret->count; i++)
        if (!i || ret->items[i] != ret->items[i - 1])
            ret->items[kept++] = ret->items[i];
    ret->count = kept;
    return 0;
}

bool thaw_programs_process(const struct thaw_programs *programs, uint32_t process,
                           struct thaw_kernel_process *ret)
{
    return !bpf_map_lookup_elem(thaw_program_map(programs, "processes"), &process, ret);
}
