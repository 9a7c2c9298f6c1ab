/* SPDX-License-Identifier: Apache-2.0 */
#include <cpuid.h>
#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/machine_signs.h"
#include "capture/small_file.h"

#define ENVIRONMENT_BYTES (256 * 1024)
#define WORD_BYTES 64

/* CPUID's vendor of a hypervisor (leaf 0x40000000), and the name people know it by. */
static const struct {
    const char *vendor;
    const char *name;
} hypervisors[] = {
    {"KVMKVMKVM", "kvm"},     {"Microsoft Hv", "hyper-v"},  {"VMwareVMware", "vmware"},
    {"XenVMMXenVMM", "xen"},  {"TCGTCGTCGTCG", "qemu-tcg"}, {"bhyve bhyve ", "bhyve"},
    {"ACRNACRNACRN", "acrn"},
};

/* Variables that platforms set for what they run. */
static const char *const variables[] = {
    "WEBSITE_INSTANCE_ID",
    "CONTAINER_NAME", /* Azure Functions, Flex Consumption */
    "AWS_LAMBDA_FUNCTION_NAME",
    "K_SERVICE",
};

/* ACPI devices that let a snapshot be told (VM generation id, VMClock). */
static const char *const snapshot_devices[] = {"VMGENCTR", "AMZNC10C"};

static void add_sign(struct thaw_signs *signs, const char *kind, const char *value)
{
    const char *sign = NULL;

    if (signs->count < THAW_SIGNS_MOST)
        sign = thaw_arena_format(&signs->arena, "%s:%s", kind, value);
    if (sign)
        signs->items[signs->count++] = sign;
}

static const char *hypervisor(struct thaw_signs *signs)
{
    unsigned eax, registers[3];
    char vendor[13] = "";

    if (!__get_cpuid(1, &eax, &registers[0], &registers[1], &registers[2]) || !(registers[1] >> 31))
        return "";
    add_sign(signs, "cpuid", "hypervisor bit");
    __cpuid(0x40000000, eax, registers[0], registers[1], registers[2]);
    memcpy(vendor, registers, 12);
    add_sign(signs, "cpuid", vendor);
    for (size_t i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++) {
        if (strcmp(vendor, hypervisors[i].vendor) == 0)
            return hypervisors[i].name;
    }
    return "unknown";
}

/* Names of products and makers; no serial number, no id. */
static void dmi_signs(struct thaw_signs *signs)
{
    static const char *const names[] = {"sys_vendor", "product_name", "board_vendor", "bios_vendor",
                                        "chassis_asset_tag"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64], kind[32], value[WORD_BYTES];

        snprintf(path, sizeof(path), "/sys/class/dmi/id/%s", names[i]);
        snprintf(kind, sizeof(kind), "dmi %s", names[i]);
        if (thaw_small_file_line(path, value, sizeof(value)) && *value)
            add_sign(signs, kind, value);
    }
}

/* The maker of a table of ACPI: 6 bytes from the tenth on (ACPI 6.5, 5.2.6). */
static void acpi_signs(const struct thaw_boot_log *log, struct thaw_signs *signs)
{
    char table[36 + 1], oem[7] = "";

    if (thaw_small_file_read("/sys/firmware/acpi/tables/FACP", table, sizeof(table)) >= 16) {
        memcpy(oem, table + 10, 6);
        for (size_t i = 6; i-- > 0 && (oem[i] == ' ' || !isprint((unsigned char)oem[i]));)
            oem[i] = '\0';
    }
    if (*oem)
        add_sign(signs, "acpi oem", oem);
    else if (*log->log.acpi_oem)
        add_sign(signs, "acpi oem", log->log.acpi_oem);
    for (size_t i = 0; i < sizeof(snapshot_devices) / sizeof(snapshot_devices[0]); i++) {
        char pattern[64];
        glob_t found = {0};

        snprintf(pattern, sizeof(pattern), "/sys/bus/acpi/devices/%s:*", snapshot_devices[i]);
        if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc)
            add_sign(signs, "acpi device", snapshot_devices[i]);
        globfree(&found);
    }
    if (access("/dev/vmclock0", F_OK) == 0)
        add_sign(signs, "file", "/dev/vmclock0");
}

/* Words of the machine's first process that name what started it. */
static void init_signs(struct thaw_signs *signs)
{
    static const char *const words[] = {"--firecracker-init"};
    char line[4096];
    long length = 0;

    if (thaw_boot_is_initial_namespace("pid"))
        length = thaw_small_file_read("/proc/1/cmdline", line, sizeof(line));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (const char *next = line; length > 0 && next < line + length; next += strlen(next) + 1)
            if (!strcmp(next, words[i])) {
                add_sign(signs, "init", words[i]);
                break;
            }
}

static void container_signs(const struct thaw_control_groups *groups, struct thaw_signs *signs)
{
    static const char *const files[] = {"/.dockerenv", "/run/.containerenv"};
    static const char *const namespaces[] = {"pid", "cgroup"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (access(files[i], F_OK) == 0)
            add_sign(signs, "file", files[i]);
    for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
        if (!thaw_boot_is_initial_namespace(namespaces[i]))
            add_sign(signs, "namespace", namespaces[i]);
    if (groups->sign)
        add_sign(signs, "control group", groups->sign);
}

const char *thaw_machine_signs(const struct thaw_boot_log *log,
                               const struct thaw_control_groups *groups, struct thaw_signs *signs)
{
    const char *name = hypervisor(signs);

    if (*log->log.hypervisor)
        add_sign(signs, "kernel", log->log.hypervisor);
    dmi_signs(signs);
    acpi_signs(log, signs);
    init_signs(signs);
    container_signs(groups, signs);
    return name;
}

void thaw_environment_signs(pid_t process, struct thaw_signs *signs)
{
    char path[64], *bytes = malloc(ENVIRONMENT_BYTES);
    long length = 0;

    snprintf(path, sizeof(path), "/proc/%d/environ", (int)process);
    if (bytes)
        length = thaw_small_file_read(path, bytes, ENVIRONMENT_BYTES);
    for (size_t i = 0; length > 0 && i < sizeof(variables) / sizeof(variables[0]); i++) {
        size_t name_bytes = strlen(variables[i]);

        for (const char *next = bytes; next < bytes + length; next += strlen(next) + 1)
            if (!strncmp(next, variables[i], name_bytes) && next[name_bytes] == '=') {
                add_sign(signs, "environment", variables[i]);
                break;
            }
    }
    if (bytes)
        explicit_bzero(bytes, ENVIRONMENT_BYTES);
    free(bytes);
}
