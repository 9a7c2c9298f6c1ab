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

#include "capture/program_maps.h"
#include "python/layouts.h"

extern const char thaw_bpf_object[];
extern const char thaw_bpf_object_end[];

/* libbpf writes paragraphs to stderr; thaw says what failed in one line of its own. */
static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
    if (level == LIBBPF_WARN && getenv("THAW_DEBUG"))
        return vfprintf(stderr, format, arguments);
    return 0;
}

int thaw_program_map(const struct thaw_programs *programs, const char *name)
{
    return bpf_object__find_map_fd_by_name(programs->object, name);
}

static int fill_layouts(struct thaw_programs *programs, struct thaw_error *error)
{
    int map = thaw_program_map(programs, "python_layouts");

    for (unsigned minor = 0; minor < THAW_PYTHON_LAYOUTS; minor++) {
        const struct thaw_python_row *row = thaw_python_row(3, minor);

        if (row && bpf_map_update_elem(map, &minor, &row->layout, BPF_ANY))
            return thaw_error_system(error, -errno, "filling the table of Python layouts");
    }
    return 0;
}

int thaw_programs_load(const struct thaw_kernel_support *support,
                       const struct thaw_programs_options *wishes, struct thaw_programs **ret,
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
    code = thaw_program_prepare(programs, wishes, error);
    if (code)
        goto fail;
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
    thaw_array_free(&programs->tracepoint_groups);
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
                                    thaw_link_group group, struct thaw_error *error)
{
    struct bpf_program *program = bpf_object__find_program_by_name(programs->object, name);
    thaw_link_group *slot;
    struct bpf_link **link;

    if (program && !bpf_program__autoload(program))
        return thaw_error_set(error, -ENOENT, "this kernel has no such tracepoint");
    slot = thaw_array_add(&programs->tracepoint_groups);
    link = slot ? thaw_array_add(&programs->tracepoints) : NULL;
    programs->tracepoint_groups.count = programs->tracepoints.count;
    if (!link)
        return thaw_error_memory(error);
    *slot = group;
    *link = program ? bpf_program__attach(program) : NULL;
    if (!*link) {
        programs->tracepoint_groups.count = --programs->tracepoints.count;
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

    if (bpf_map_update_elem(thaw_program_map(programs, "sampling"), &zero, &sampling, BPF_ANY))
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

static void withdraw_tracepoints(struct thaw_programs *programs, thaw_link_group group)
{
    size_t kept = 0;

    for (size_t i = 0; i < programs->tracepoints.count; i++) {
        struct bpf_link *link = programs->tracepoints.items[i];

        if (programs->tracepoint_groups.items[i] == group) {
            bpf_link__destroy(link);
            continue;
        }
        programs->tracepoints.items[kept] = link;
        programs->tracepoint_groups.items[kept++] = programs->tracepoint_groups.items[i];
    }
    programs->tracepoints.count = programs->tracepoint_groups.count = kept;
}

void thaw_programs_widen(struct thaw_programs *programs, uint32_t interpreter)
{
    uint32_t no = 0;

    bpf_map_update_elem(thaw_program_map(programs, "narrowed"), &interpreter, &no, BPF_ANY);
}

static bool is_among(const thaw_link_group *groups, size_t count, thaw_link_group group)
{
    for (size_t i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    return false;
}

void thaw_programs_withdraw_groups(struct thaw_programs *programs, const thaw_link_group *groups,
                                   size_t count)
{
    size_t kept = 0;

    /* Those to stay come first, then the others are closed together. */
    for (size_t i = 0; i < programs->links.count; i++) {
        if (!is_among(groups, count, programs->groups.items[i]))
            swap_links(programs, i, kept++);
    }
    thaw_attach_close(programs->links.items + kept, programs->links.count - kept);
    programs->links.count = programs->groups.count = kept;
}

void thaw_programs_withdraw(struct thaw_programs *programs, thaw_link_group group)
{
    withdraw_tracepoints(programs, group);
    thaw_programs_withdraw_groups(programs, &group, 1);
}

void thaw_programs_split(struct thaw_programs *programs, bool on)
{
    uint32_t zero = 0, wanted = on;

    bpf_map_update_elem(thaw_program_map(programs, "split"), &zero, &wanted, BPF_ANY);
}

void thaw_programs_listens(struct thaw_programs *programs, uint16_t port)
{
    int map = thaw_program_map(programs, "listeners");
    uint32_t key = port, sockets = 0;

    if (bpf_map_lookup_elem(map, &key, &sockets))
        return;
    sockets++;
    bpf_map_update_elem(map, &key, &sockets, BPF_ANY);
}

void thaw_programs_narrow(struct thaw_programs *programs, uint32_t interpreter)
{
    uint32_t yes = 1;

    bpf_map_update_elem(thaw_program_map(programs, "narrowed"), &interpreter, &yes, BPF_ANY);
    thaw_programs_withdraw(programs, interpreter);
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
    if (bpf_map_update_elem(thaw_program_map(programs, "openings"), &zero, &openings, BPF_ANY))
        return thaw_error_system(error, -errno, "telling how platforms' connections begin");
    return 0;
}

int thaw_programs_follow_port(struct thaw_programs *programs, uint16_t port,
                              struct thaw_error *error)
{
    uint8_t followed = 1;

    if (bpf_map_update_elem(thaw_program_map(programs, "ports"), &port, &followed, BPF_ANY))
        return thaw_error_system(error, -errno, "following port %u", port);
    return 0;
}

void thaw_programs_ignore_connection(struct thaw_programs *programs, uint64_t socket)
{
    static const uint32_t ignore[2] = {1, 0}; /* struct connection, bpf/emit.h */

    bpf_map_update_elem(thaw_program_map(programs, "connections"), &socket, ignore, BPF_EXIST);
}

void thaw_programs_forget_connection(struct thaw_programs *programs, uint64_t socket)
{
    bpf_map_delete_elem(thaw_program_map(programs, "connections"), &socket);
    bpf_map_delete_elem(thaw_program_map(programs, "framings"), &socket);
}

void thaw_programs_copy_whole_connection(struct thaw_programs *programs, uint64_t socket)
{
    static const uint32_t whole[2] = {0, 1};

    bpf_map_update_elem(thaw_program_map(programs, "connections"), &socket, whole, BPF_EXIST);
}

void thaw_programs_copy_begins_of_connection(struct thaw_programs *programs, uint64_t socket)
{
    static const uint32_t begins[2] = {0, 0};

    bpf_map_update_elem(thaw_program_map(programs, "connections"), &socket, begins, BPF_EXIST);
}

int thaw_programs_know_file(struct thaw_programs *programs, const struct thaw_kernel_file *file,
                            enum thaw_kernel_executable class, struct thaw_error *error)
{
    uint8_t known = (uint8_t) class;

    /* With no room left, also for a moment (ENOMEM, where old ones give way), it is looked at again
     * each time: slower, not wrong. */
    if (bpf_map_update_elem(thaw_program_map(programs, "files"), file, &known, BPF_ANY) &&
        errno != E2BIG && errno != ENOMEM)
        return thaw_error_system(error, -errno, "remembering a file");
    return 0;
}

void thaw_programs_forget_file(struct thaw_programs *programs, const struct thaw_kernel_file *file)
{
    bpf_map_delete_elem(thaw_program_map(programs, "files"), file);
}

void thaw_programs_hold_maps(const struct thaw_programs *programs, int *ret_hold, int *ret_held)
{
    *ret_hold = thaw_program_map(programs, "hold");
    *ret_held = thaw_program_map(programs, "held");
}

bool thaw_programs_take_vm(struct thaw_programs *programs, uint32_t process,
                           struct thaw_kernel_vm *ret)
{
    int map = thaw_program_map(programs, "vms");

    return !bpf_map_lookup_elem(map, &process, ret) && !bpf_map_delete_elem(map, &process);
}

int thaw_programs_rates(const struct thaw_programs *programs)
{
    return thaw_program_map(programs, "rates");
}

int thaw_programs_ring(const struct thaw_programs *programs)
{
    return thaw_program_map(programs, "events");
}

static void read_counters(const struct thaw_programs *programs, const char *map, uint64_t *ret,
                          uint32_t count)
{
    int descriptor = thaw_program_map(programs, map);

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
    int cpus = libbpf_num_possible_cpus(), map = thaw_program_map(programs, "accounts");
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
