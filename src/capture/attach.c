/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "capture/attach.h"

#define LINKS_AT_ONCE 64
#define UPROBE_TYPE_FILE "/sys/bus/event_source/devices/uprobe/type"
#define UPROBE_RETURN_FILE "/sys/bus/event_source/devices/uprobe/format/retprobe"
/* format/ref_ctr_offset is "config:32-63" since Linux 4.20. */
#define REFERENCE_COUNTER_SHIFT 32

/*
 * BPF_LINK_CREATE for uprobe multi, as in include/uapi/linux/bpf.h of Linux 6.6; the headers of
 * Debian 12 end earlier.
 */
struct uprobe_multi_attributes {
    uint32_t program;
    uint32_t target;
    uint32_t attach_type;
    uint32_t link_flags;
    uint64_t path;
    uint64_t offsets;
    uint64_t reference_counters;
    uint64_t cookies;
    uint32_t count;
    uint32_t flags;
    uint32_t pid;
    uint32_t reserved;
};

#define UPROBE_MULTI_RETURN 1

static int attach_link(int program, const struct thaw_attach_place *place)
{
    uint64_t offsets[THAW_ATTACH_POINTS_MAX], counters[THAW_ATTACH_POINTS_MAX],
        cookies[THAW_ATTACH_POINTS_MAX];
    struct uprobe_multi_attributes attributes = {
        .program = (uint32_t)program,
        .attach_type = THAW_ATTACH_UPROBE_MULTI,
        .path = (uint64_t)(uintptr_t)place->path,
        .offsets = (uint64_t)(uintptr_t)offsets,
        .cookies = (uint64_t)(uintptr_t)cookies,
        .count = (uint32_t)place->count,
        .flags = place->at_return ? UPROBE_MULTI_RETURN : 0,
        .pid = (uint32_t)place->process,
    };
    bool counted = false;
    long link;

    for (size_t i = 0; i < place->count; i++) {
        offsets[i] = place->points[i].offset;
        counters[i] = place->points[i].reference_counter;
        cookies[i] = place->points[i].cookie;
        counted = counted || counters[i];
    }
    if (counted)
        attributes.reference_counters = (uint64_t)(uintptr_t)counters;
    link = syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));
    return link < 0 ? -errno : (int)link;
}

/* Reads a small number after an optional prefix ("config:0") from a file of sysfs. */
static int read_number(const char *path, const char *format, unsigned *ret)
{
    FILE *file = fopen(path, "re");
    int matched;

    if (!file)
        return -errno;
    matched = fscanf(file, format, ret);
    fclose(file);
    return matched == 1 ? 0 : -EINVAL;
}

/* The event of a perf uprobe; its form is told by the kernel in sysfs. */
static int fill_event(const struct thaw_attach_place *place, const struct thaw_attach_point *point,
                      struct perf_event_attr *ret)
{
    unsigned type, return_bit;
    int code = read_number(UPROBE_TYPE_FILE, "%u", &type);

    if (!code)
        code = read_number(UPROBE_RETURN_FILE, "config:%u", &return_bit);
    if (code)
        return code;
    ret->type = type;
    ret->config = place->at_return ? 1ULL << (return_bit & 63) : 0;
    ret->config |= point->reference_counter << REFERENCE_COUNTER_SHIFT;
    ret->uprobe_path = (uint64_t)(uintptr_t)place->path;
    ret->probe_offset = point->offset;
    return 0;
}

static int attach_perf(int program, const struct thaw_attach_place *place,
                       const struct thaw_attach_point *point)
{
    LIBBPF_OPTS(bpf_link_create_opts, options, .perf_event.bpf_cookie = point->cookie);
    struct perf_event_attr event = {.size = sizeof(event)};
    int code = fill_event(place, point, &event);
    pid_t process = place->process ? place->process : -1;
    int descriptor, link;

    if (code)
        return code;
    descriptor = (int)syscall(SYS_perf_event_open, &event, process, place->process ? -1 : 0, -1,
                              PERF_FLAG_FD_CLOEXEC);
    if (descriptor < 0)
        return -errno;
    link = bpf_link_create(program, descriptor, BPF_PERF_EVENT, &options);
    if (link < 0)
        link = -errno;
    else if (ioctl(descriptor, PERF_EVENT_IOC_ENABLE, 0) < 0) {
        code = -errno;
        close(link);
        link = code;
    }
    close(descriptor); /* the link keeps the event */
    return link;
}

int thaw_attach_uprobe(int program, enum thaw_uprobe_way way, const struct thaw_attach_place *place,
                       int *links, size_t *ret_count)
{
    int link = 0;

    *ret_count = 0;
    if (way == THAW_UPROBE_NONE || !place->count || place->count > THAW_ATTACH_POINTS_MAX)
        return way == THAW_UPROBE_NONE ? -EOPNOTSUPP : -EINVAL;
    if (way == THAW_UPROBE_MULTI) {
        link = attach_link(program, place);
        if (link >= 0)
            links[(*ret_count)++] = link;
        return link < 0 ? link : 0;
    }
    for (size_t i = 0; i < place->count; i++) {
        link = attach_perf(program, place, &place->points[i]);
        if (link < 0) {
            thaw_attach_close(links, *ret_count);
            *ret_count = 0;
            return link;
        }
        links[(*ret_count)++] = link;
    }
    return 0;
}

enum bpf_attach_type thaw_attach_type(enum thaw_uprobe_way way)
{
    return way == THAW_UPROBE_MULTI ? (enum bpf_attach_type)THAW_ATTACH_UPROBE_MULTI : 0;
}

static void *close_link(void *link)
{
    close((int)(intptr_t)link);
    return NULL;
}

void thaw_attach_close(const int *links, size_t count)
{
    pthread_t threads[LINKS_AT_ONCE];

    while (count) {
        size_t batch = count < LINKS_AT_ONCE ? count : LINKS_AT_ONCE, started = 0;

        while (started < batch && !pthread_create(&threads[started], NULL, close_link,
                                                  (void *)(intptr_t)links[started]))
            started++;
        for (size_t i = 0; i < started; i++)
            pthread_join(threads[i], NULL);
        if (!started) { /* no threads to be had: one by one */
            close(links[0]);
            started = 1;
        }
        links += started;
        count -= started;
    }
}
