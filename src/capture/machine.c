/* SPDX-License-Identifier: Apache-2.0 */
#include <cpuid.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "capture/machine.h"

#define SIGNS_MOST 6

/* CPUID's vendor of a hypervisor (leaf 0x40000000), and the name people know it by. */
static const struct {
    const char *vendor;
    const char *name;
} hypervisors[] = {
    {"KVMKVMKVM", "kvm"},     {"Microsoft Hv", "hyper-v"},  {"VMwareVMware", "vmware"},
    {"XenVMMXenVMM", "xen"},  {"TCGTCGTCGTCG", "qemu-tcg"}, {"bhyve bhyve ", "bhyve"},
    {"ACRNACRNACRN", "acrn"},
};

struct signs {
    struct thaw_arena arena;
    const char *items[SIGNS_MOST];
    uint64_t count;
};

static void add_sign(struct signs *signs, const char *kind, const char *value)
{
    const char *sign = thaw_arena_format(&signs->arena, "%s:%s", kind, value);

    if (sign && signs->count < SIGNS_MOST)
        signs->items[signs->count++] = sign;
}

static const char *hypervisor(struct signs *signs)
{
    unsigned eax, registers[3];
    char vendor[13] = "";

    if (!__get_cpuid(1, &eax, &registers[0], &registers[1], &registers[2]) || !(registers[1] >> 31))
        return "";
    __cpuid(0x40000000, eax, registers[0], registers[1], registers[2]);
    memcpy(vendor, registers, 12);
    add_sign(signs, "cpuid", vendor);
    for (size_t i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++) {
        if (strcmp(vendor, hypervisors[i].vendor) == 0)
            return hypervisors[i].name;
    }
    return "unknown";
}

/* First line of a small file of the system; false when there is none. */
static bool first_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    bool got;

    if (!file)
        return false;
    got = fgets(line, (int)size, file) != NULL;
    fclose(file);
    if (got)
        line[strcspn(line, "\n")] = '\0';
    return got;
}

static void container_signs(struct signs *signs)
{
    char vendor[64];

    if (first_line("/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor)))
        add_sign(signs, "dmi", vendor);
    if (access("/.dockerenv", F_OK) == 0)
        add_sign(signs, "file", "/.dockerenv");
    if (access("/run/.containerenv", F_OK) == 0)
        add_sign(signs, "file", "/run/.containerenv");
}

/* Thousandths of a CPU this cgroup may use; 0: no limit. */
static uint64_t cpu_limit_millis(void)
{
    char line[64];
    unsigned long long quota, period;

    if (first_line("/sys/fs/cgroup/cpu.max", line, sizeof(line)) &&
        sscanf(line, "%llu %llu", &quota, &period) == 2 && period)
        return quota * 1000 / period;
    if (first_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", line, sizeof(line)) &&
        sscanf(line, "%llu", &quota) == 1 && line[0] != '-' &&
        first_line("/sys/fs/cgroup/cpu/cpu.cfs_period_us", line, sizeof(line)) &&
        sscanf(line, "%llu", &period) == 1 && period)
        return quota * 1000 / period;
    return 0;
}

/* Bytes this cgroup may use; 0: no limit (cgroup v1 says so by a number near 2^63). */
static uint64_t memory_limit_bytes(void)
{
    static const char *const files[] = {
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    };
    char line[64];
    unsigned long long limit;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (first_line(files[i], line, sizeof(line)) && sscanf(line, "%llu", &limit) == 1)
            return limit >= 1ULL << 62 ? 0 : limit;
    }
    return 0;
}

int thaw_machine_store(struct thaw_recording_writer *writer, struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_MACHINE, .time_ns = thaw_clock_now_ns()};
    struct signs signs = {0};
    int code;

    event.machine.hypervisor = hypervisor(&signs);
    container_signs(&signs);
    event.machine.cpu_limit_millis = cpu_limit_millis();
    event.machine.memory_limit_bytes = memory_limit_bytes();
    event.machine.signs.items = signs.items;
    event.machine.signs.count = signs.count;
    code = thaw_recording_writer_append(writer, &event, error);
    thaw_arena_free(&signs.arena);
    return code;
}
