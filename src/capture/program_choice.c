/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/program_maps.h"

/* Only a process that opens it works with KVM. */
#define KVM_DEVICE "/dev/kvm"
#define KVM_MODULE_BTF "/sys/kernel/btf/kvm"

#define SETTINGS ".rodata.settings"
#define RING_BYTES_USUAL (8u << 20)
/* In production, importing at once; of 13 KB each. They are there from the beginning: to allocate
 * one, and to free it, takes the kernel an interrupt each, a twentieth of what a start costs. */
#define THREADS_MOST 1024

/* Maps that recordings have no use for. */
static const char *const production_maps[] = {"asked_sockets", "listeners", "heads",
                                              "executions",    "buckets",   "own_root"};

/* Are the tracepoints of KVM there? It may be built in, a module, or neither. */
static bool has_kvm(void)
{
    if (access(KVM_DEVICE, F_OK))
        return false;
    return !access(KVM_MODULE_BTF, F_OK) ||
           libbpf_find_vmlinux_btf_id("kvm_userspace_exit", BPF_TRACE_RAW_TP) > 0;
}

/* Is the tracepoint there that an optional program ("?tp_btf/sock_send_length") is for? */
static bool has_tracepoint(const struct bpf_program *program)
{
    const char *name = strrchr(bpf_program__section_name(program), '/');

    return name && libbpf_find_vmlinux_btf_id(name + 1, BPF_TRACE_RAW_TP) > 0;
}

static bool is_of_sockets(const struct bpf_program *program)
{
    return !strncmp(bpf_program__name(program), "sockets_", strlen("sockets_"));
}

/* libbpf is told the program type that goes with the way of attaching. */
static void choose_programs(struct thaw_programs *programs)
{
    struct bpf_program *program;
    bool kvm = has_kvm();

    bpf_object__for_each_program(program, programs->object)
    {
        enum bpf_prog_type type = bpf_program__type(program);

        if (type == BPF_PROG_TYPE_TRACING && !bpf_program__autoload(program))
            bpf_program__set_autoload(program, is_of_sockets(program)
                                                   ? programs->production && has_tracepoint(program)
                                                   : kvm);
        if (type == BPF_PROG_TYPE_SYSCALL)
            bpf_program__set_autoload(program, programs->production);
        if (type != BPF_PROG_TYPE_KPROBE)
            continue;
        bpf_program__set_autoload(program, true);
        bpf_program__set_expected_attach_type(program, thaw_attach_type(programs->way));
    }
}

static struct bpf_map *map_named(const struct thaw_programs *programs, const char *name)
{
    return bpf_object__find_map_by_name(programs->object, name);
}

/* Each of the linked objects has left a copy, of which the programs read one. */
static int fill_settings(const struct thaw_programs *programs,
                         const struct thaw_kernel_settings *settings, struct thaw_error *error)
{
    struct bpf_map *map = map_named(programs, SETTINGS);
    size_t bytes = map ? bpf_map__value_size(map) : 0;
    struct thaw_kernel_settings *copies = calloc(1, bytes + 1);
    int code;

    if (!copies)
        return thaw_error_memory(error);
    for (size_t i = 0; i < bytes / sizeof(*copies); i++)
        copies[i] = *settings;
    code = bytes ? bpf_map__set_initial_value(map, copies, bytes) : -ENOENT;
    free(copies);
    return code ? thaw_error_system(error, code, "setting up the BPF programs") : 0;
}

/* Files that nobody executes any more give way to others: a machine has more in a year than there
 * is room for. */
static int fit_maps(const struct thaw_programs *programs, uint32_t ring_bytes)
{
    struct bpf_map *files = map_named(programs, "files"), *threads = map_named(programs, "threads");
    int code = bpf_map__set_max_entries(map_named(programs, "events"), ring_bytes);

    if (!code)
        code = bpf_map__set_max_entries(threads, THREADS_MOST);
    if (!code)
        code = bpf_map__set_map_flags(threads, 0);
    if (!code)
        code = bpf_map__set_type(files, BPF_MAP_TYPE_LRU_HASH);
    return code ? code : bpf_map__set_map_flags(files, 0);
}

int thaw_program_prepare(struct thaw_programs *programs,
                         const struct thaw_programs_options *options, struct thaw_error *error)
{
    uint32_t ring_bytes =
        options && options->ring_bytes ? (uint32_t)options->ring_bytes : RING_BYTES_USUAL;
    struct thaw_kernel_settings settings = {.wake_bytes = ring_bytes / 4, .production = 1};
    int code = 0;

    programs->production = options && options->production;
    choose_programs(programs);
    if (!programs->production) {
        for (size_t i = 0; i < sizeof(production_maps) / sizeof(production_maps[0]); i++)
            bpf_map__set_autocreate(map_named(programs, production_maps[i]), false);
        return 0;
    }
    code = fit_maps(programs, ring_bytes);
    if (code)
        return thaw_error_system(error, code, "preparing the BPF maps");
    return fill_settings(programs, &settings, error);
}
