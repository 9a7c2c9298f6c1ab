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

static int attach_link(int program, enum thaw_uprobe_way way, const struct thaw_attach_place *place)
{
    struct uprobe_multi_attributes attributes = {
        .program = (uint32_t)program,
        .attach_type =
            way == THAW_UPROBE_SESSION ? THAW_ATTACH_UPROBE_SESSION : THAW_ATTACH_UPROBE_MULTI,
        .path = (uint64_t)(uintptr_t)place->path,
        .offsets = (uint64_t)(uintptr_t)&place->offset,
        .cookies = (uint64_t)(uintptr_t)&place->cookie,
        .count = 1,
        .flags = place->at_return ? UPROBE_MULTI_RETURN : 0,
    };
    long link;

    if (place->reference_counter)
        attributes.reference_counters = (uint64_t)(uintptr_t)&place->reference_counter;
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
static int fill_event(const struct thaw_attach_place *place, struct perf_event_attr *ret)
{
    unsigned type, return_bit;
    int code = read_number(UPROBE_TYPE_FILE, "%u", &type);

    if (!code)
        code = read_number(UPROBE_RETURN_FILE, "config:%u", &return_bit);
    if (code)
        return code;
    ret->type = type;
    ret->config = place->at_return ? 1ULL << (return_bit & 63) : 0;
    ret->config |= place->reference_counter << REFERENCE_COUNTER_SHIFT;
    ret->uprobe_path = (uint64_t)(uintptr_t)place->path;
    ret->probe_offset = place->offset;
    return 0;
}

static int attach_perf(int program, const struct thaw_attach_place *place)
{
    LIBBPF_OPTS(bpf_link_create_opts, options, .perf_event.bpf_cookie = place->cookie);
    struct perf_event_attr event = {.size = sizeof(event)};
    int code = fill_event(place, &event);
    int descriptor, link;

    if (code)
        return code;
    descriptor = (int)syscall(SYS_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
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

int thaw_attach_uprobe(int program, enum thaw_uprobe_way way, const struct thaw_attach_place *place)
{
    if (way == THAW_UPROBE_NONE)
        return -EOPNOTSUPP;
    return way == THAW_UPROBE_PERF ? attach_perf(program, place) : attach_link(program, way, place);
}

enum bpf_attach_type thaw_attach_type(enum thaw_uprobe_way way)
{
    if (way == THAW_UPROBE_SESSION)
        return (enum bpf_attach_type)THAW_ATTACH_UPROBE_SESSION;
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
