/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/array.h"
#include "capture/programs.h"
#include "python/layouts.h"

extern const char thaw_bpf_object[];
extern const char thaw_bpf_object_end[];

struct thaw_programs {
    struct bpf_object *object;
    enum thaw_uprobe_way way;
    THAW_ARRAY(struct bpf_link *) tracepoints;
    THAW_ARRAY(int) links;
    THAW_ARRAY(thaw_link_group) groups; /* of links, same index */
};

/* More than there are: the map has 16384, and some may come twice. */
#define PROCESSES_LISTED_MOST 32768

/* libbpf writes paragraphs to stderr; thaw says what failed in one line of its own. */
static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
    if (level == LIBBPF_WARN && getenv("THAW_DEBUG"))
        return vfprintf(stderr, format, arguments);
    return 0;
}

/* Only a process that opens it works with KVM. */
#define KVM_DEVICE "/dev/kvm"
#define KVM_MODULE_BTF "/sys/kernel/btf/kvm"

/* Are the tracepoints of KVM there? It may be built in, a module, or neither. */
static bool has_kvm(void)
{
    if (access(KVM_DEVICE, F_OK))
        return false;
    return !access(KVM_MODULE_BTF, F_OK) ||
           libbpf_find_vmlinux_btf_id("kvm_userspace_exit", BPF_TRACE_RAW_TP) > 0;
}

/* libbpf is told the program type that goes with the way of attaching. */
static void choose_programs(struct bpf_object *object, enum thaw_uprobe_way way)
{
    struct bpf_program *program;
    bool kvm = has_kvm();

    bpf_object__for_each_program(program, object)
    {
        if (bpf_program__type(program) == BPF_PROG_TYPE_TRACING && !bpf_program__autoload(program))
            bpf_program__set_autoload(program, kvm);
        if (bpf_program__type(program) != BPF_PROG_TYPE_KPROBE)
            continue;
        bpf_program__set_autoload(program, true);
        bpf_program__set_expected_attach_type(program, thaw_attach_type(way));
    }
}

static int map_descriptor(const struct thaw_programs *programs, const char *name)
{
    return bpf_object__find_map_fd_by_name(programs->object, name);
}

static int fill_layouts(struct thaw_programs *programs, struct thaw_error *error)
{
    int map = map_descriptor(programs, "python_layouts");

    for (unsigned minor = 0; minor < THAW_PYTHON_LAYOUTS; minor++) {
        const struct thaw_python_row *row = thaw_python_row(3, minor);

        if (row && bpf_map_update_elem(map, &minor, &row->layout, BPF_ANY))
            return thaw_error_system(error, -errno, "filling the table of Python layouts");
    }
    return 0;
}

int thaw_programs_load(const struct thaw_kernel_support *support, struct thaw_programs **ret,
                       struct thaw_error *error)
{
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "thaw");
    struct thaw_programs *programs = calloc(1, sizeof(*programs));
    int code;

    if (!programs)
        return thaw_error_memory(error);
    programs->way = support->way;
    libbpf_set_print(quiet);
    programs->object =
        bpf_object__open_mem(thaw_bpf_object, (size_t)(thaw_bpf_object_end - thaw_bpf_object),
                             &options);
    if (!programs->object) {
        code = thaw_error_system(error, -errno, "opening the built-in BPF object");
        goto fail;
    }
    choose_programs(programs->object, programs->way);
    code = bpf_object__load(programs->object);
    if (code) {
        thaw_error_system(error, code,
                          "this kernel refuses thaw's BPF programs (THAW_DEBUG=1 shows its words)");
        goto fail;
    }
    code = fill_layouts(programs, error);
    if (code)
        goto fail;
    *ret = programs;
    return 0;
fail:
    thaw_programs_free(programs);
    return code;
}

void thaw_programs_detach(struct thaw_programs *programs)
{
    thaw_attach_close(programs->links.items, programs->links.count);
    for (size_t i = 0; i < programs->tracepoints.count; i++)
        bpf_link__destroy(programs->tracepoints.items[i]);
    thaw_array_free(&programs->links);
    thaw_array_free(&programs->groups);
    thaw_array_free(&programs->tracepoints);
}

void thaw_programs_free(struct thaw_programs *programs)
{
    if (!programs)
        return;
    thaw_programs_detach(programs);
    bpf_object__close(programs->object);
    free(programs);
}

int thaw_programs_attach_tracepoint(struct thaw_programs *programs, const char *name,
                                    struct thaw_error *error)
{
    struct bpf_program *program = bpf_object__find_program_by_name(programs->object, name);
    struct bpf_link **slot;

    if (program && !bpf_program__autoload(program))
        return thaw_error_set(error, -ENOENT, "this kernel has no such tracepoint");
    slot = thaw_array_add(&programs->tracepoints);
    if (!slot)
        return thaw_error_memory(error);
    *slot = program ? bpf_program__attach(program) : NULL;
    if (!*slot) {
        programs->tracepoints.count--;
        return thaw_error_system(error, program ? -errno : -ENOENT, "attaching %s", name);
    }
    return 0;
}

/* Room for more links; false when memory is short. */
static bool reserve_links(struct thaw_programs *programs, size_t more)
{
    size_t links = programs->links.count, groups = programs->groups.count;
    bool enough = true;

    for (size_t i = 0; enough && i < more; i++)
        enough = thaw_array_add(&programs->links) && thaw_array_add(&programs->groups);
    programs->links.count = links;
    programs->groups.count = groups;
    return enough;
}

int thaw_programs_attach(struct thaw_programs *programs, const char *name,
                         const struct thaw_attach_place *place, thaw_link_group group,
                         struct thaw_error *error)
{
    struct bpf_program *program = bpf_object__find_program_by_name(programs->object, name);
    size_t count = 0;
    int code;

    if (!program)
        return thaw_error_set(error, -ENOENT, "no BPF program %s", name);
    if (!reserve_links(programs, place->count))
        return thaw_error_memory(error);
    code = thaw_attach_uprobe(bpf_program__fd(program), programs->way, place,
                              programs->links.items + programs->links.count, &count);
    if (code)
        return thaw_error_system(error, code, "attaching %s to %s", name, place->path);
    for (size_t i = 0; i < count; i++)
        programs->groups.items[programs->groups.count++] = group;
    programs->links.count += count;
    return 0;
}

int thaw_programs_attach_event(struct thaw_programs *programs, const char *name, int event)
{
    struct bpf_program *program = bpf_object__find_program_by_name(programs->object, name);
    int link;

    if (!program)
        return -ENOENT;
    if (!reserve_links(programs, 1))
        return -ENOMEM;
    link = bpf_link_create(bpf_program__fd(program), event, BPF_PERF_EVENT, NULL);
    if (link < 0)
        return -errno;
    programs->links.items[programs->links.count++] = link;
    programs->groups.items[programs->groups.count++] = THAW_LINKS_OF_EVENTS;
    return ioctl(event, PERF_EVENT_IOC_ENABLE, 0) < 0 ? -errno : 0;
}

int thaw_programs_sample_stacks(struct thaw_programs *programs, struct thaw_error *error)
{
    struct thaw_kernel_sampling sampling = {.stacks = 1};
    uint32_t zero = 0;

    if (bpf_map_update_elem(map_descriptor(programs, "sampling"), &zero, &sampling, BPF_ANY))
        return thaw_error_system(error, -errno, "asking for stacks");
    return 0;
}

/* Changes the places of two links. */
static void swap_links(struct thaw_programs *programs, size_t left, size_t right)
{
    int link = programs->links.items[left];
    thaw_link_group group = programs->groups.items[left];

    programs->links.items[left] = programs->links.items[right];
    programs->groups.items[left] = programs->groups.items[right];
    programs->links.items[right] = link;
    programs->groups.items[right] = group;
}

void thaw_programs_withdraw(struct thaw_programs *programs, thaw_link_group group)
{
    size_t kept = 0;

    /* Those to stay come first, then the others are closed together. */
    for (size_t i = 0; i < programs->links.count; i++) {
        if (programs->groups.items[i] != group)
            swap_links(programs, i, kept++);
    }
    thaw_attach_close(programs->links.items + kept, programs->links.count - kept);
    programs->links.count = programs->groups.count = kept;
}

void thaw_programs_narrow(struct thaw_programs *programs, uint32_t interpreter)
{
    uint32_t yes = 1;

    bpf_map_update_elem(map_descriptor(programs, "narrowed"), &interpreter, &yes, BPF_ANY);
    thaw_programs_withdraw(programs, interpreter);
}

int thaw_programs_trace(struct thaw_programs *programs, pid_t process, uint64_t flags,
                        struct thaw_error *error)
{
    struct thaw_kernel_process value = {.flags = flags};
    uint32_t key = (uint32_t)process;

    if (bpf_map_update_elem(map_descriptor(programs, "processes"), &key, &value, BPF_ANY))
        return thaw_error_system(error, -errno, "tracing process %d", (int)process);
    return 0;
}

/* False: it is one too many. */
static bool add_opening(struct thaw_kernel_openings *openings,
                        const struct thaw_platform_signature *signature)
{
    size_t length = signature->length < THAW_KERNEL_OPENING_BYTES ? signature->length
                                                                  : THAW_KERNEL_OPENING_BYTES;
    struct thaw_kernel_opening *opening;

    if (openings->count == THAW_KERNEL_OPENINGS)
        return false;
    opening = &openings->items[openings->count++];
    memcpy(opening->bytes, signature->bytes, length);
    memset(opening->mask, 0xff, length);
    return true;
}

int thaw_programs_follow_platform(struct thaw_programs *programs, const struct thaw_platform *only,
                                  struct thaw_error *error)
{
    struct thaw_kernel_openings openings = {0};
    uint32_t zero = 0;
    size_t count;
    const struct thaw_platform *const *platforms = thaw_platforms_all(&count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < platforms[i]->signature_count; j++) {
            if ((!only || platforms[i] == only) &&
                !add_opening(&openings, &platforms[i]->signatures[j]))
                return thaw_error_set(error, -E2BIG,
                                      "platforms' connections begin in more ways "
                                      "than the %d there is room for",
                                      THAW_KERNEL_OPENINGS);
        }
    }
    if (bpf_map_update_elem(map_descriptor(programs, "openings"), &zero, &openings, BPF_ANY))
        return thaw_error_system(error, -errno, "telling how platforms' connections begin");
    return 0;
}

int thaw_programs_follow_port(struct thaw_programs *programs, uint16_t port,
                              struct thaw_error *error)
{
    uint8_t followed = 1;

    if (bpf_map_update_elem(map_descriptor(programs, "ports"), &port, &followed, BPF_ANY))
        return thaw_error_system(error, -errno, "following port %u", port);
    return 0;
}

void thaw_programs_ignore_connection(struct thaw_programs *programs, uint64_t socket)
{
    static const uint32_t ignore[2] = {1, 0}; /* struct connection, bpf/emit.h */

    bpf_map_update_elem(map_descriptor(programs, "connections"), &socket, ignore, BPF_EXIST);
}

void thaw_programs_forget_connection(struct thaw_programs *programs, uint64_t socket)
{
    bpf_map_delete_elem(map_descriptor(programs, "connections"), &socket);
    bpf_map_delete_elem(map_descriptor(programs, "framings"), &socket);
}

void thaw_programs_copy_whole_connection(struct thaw_programs *programs, uint64_t socket)
{
    static const uint32_t whole[2] = {0, 1};

    bpf_map_update_elem(map_descriptor(programs, "connections"), &socket, whole, BPF_EXIST);
}

void thaw_programs_copy_begins_of_connection(struct thaw_programs *programs, uint64_t socket)
{
    static const uint32_t begins[2] = {0, 0};

    bpf_map_update_elem(map_descriptor(programs, "connections"), &socket, begins, BPF_EXIST);
}

int thaw_programs_know_file(struct thaw_programs *programs, const struct thaw_kernel_file *file,
                            struct thaw_error *error)
{
    uint8_t known = 1;

    /* With no room left it is looked at again each time: slower, not wrong. */
    if (bpf_map_update_elem(map_descriptor(programs, "files"), file, &known, BPF_ANY) &&
        errno != E2BIG)
        return thaw_error_system(error, -errno, "remembering a file");
    return 0;
}

void thaw_programs_forget_file(struct thaw_programs *programs, const struct thaw_kernel_file *file)
{
    bpf_map_delete_elem(map_descriptor(programs, "files"), file);
}

void thaw_programs_hold_maps(const struct thaw_programs *programs, int *ret_hold, int *ret_held)
{
    *ret_hold = map_descriptor(programs, "hold");
    *ret_held = map_descriptor(programs, "held");
}

bool thaw_programs_take_vm(struct thaw_programs *programs, uint32_t process,
                           struct thaw_kernel_vm *ret)
{
    int map = map_descriptor(programs, "vms");

    return !bpf_map_lookup_elem(map, &process, ret) && !bpf_map_delete_elem(map, &process);
}

static int compare_processes(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* One that ends meanwhile makes the kernel begin anew, so that others come twice. */
int thaw_programs_processes(const struct thaw_programs *programs, struct thaw_process_list *ret)
{
    int map = map_descriptor(programs, "processes");
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
    return !bpf_map_lookup_elem(map_descriptor(programs, "processes"), &process, ret);
}

int thaw_programs_rates(const struct thaw_programs *programs)
{
    return map_descriptor(programs, "rates");
}

int thaw_programs_ring(const struct thaw_programs *programs)
{
    return map_descriptor(programs, "events");
}

static void read_counters(const struct thaw_programs *programs, const char *map, uint64_t *ret,
                          uint32_t count)
{
    int descriptor = map_descriptor(programs, map);

    for (uint32_t i = 0; i < count; i++) {
        if (bpf_map_lookup_elem(descriptor, &i, &ret[i]))
            ret[i] = 0;
    }
}

void thaw_programs_losses(const struct thaw_programs *programs, uint64_t ret[THAW_LOSS_KINDS])
{
    read_counters(programs, "losses", ret, THAW_LOSS_KINDS);
}

void thaw_programs_accounts(const struct thaw_programs *programs,
                            struct thaw_kernel_account ret[THAW_PROGRAM_KINDS])
{
    int cpus = libbpf_num_possible_cpus(), map = map_descriptor(programs, "accounts");
    struct thaw_kernel_account *parts = cpus > 0 ? calloc((size_t)cpus, sizeof(*parts)) : NULL;

    memset(ret, 0, THAW_PROGRAM_KINDS * sizeof(*ret));
    for (uint32_t i = 0; parts && i < THAW_PROGRAM_KINDS; i++) {
        if (bpf_map_lookup_elem(map, &i, parts))
            continue;
        for (int cpu = 0; cpu < cpus; cpu++) {
            ret[i].runs += parts[cpu].runs;
            ret[i].timed += parts[cpu].timed;
            ret[i].timed_ns += parts[cpu].timed_ns;
        }
    }
    free(parts);
}
