/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/control_group.h"
#include "platform/kernel_log.h"

/*
 * What the kernel tells of the machine, of any content: records of its log, one a line ('\0' stands
 * for the lines within one), and the whole as each of the files of control groups.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_log(const char *bytes, size_t size)
{
    struct thaw_kernel_log log = {0};
    const char *next = bytes, *end = bytes + size;

    while (next < end) {
        const char *stop = memchr(next, '\n', (size_t)(end - next));
        size_t length = (size_t)((stop ? stop : end) - next);
        char *record = malloc(length ? length : 1);

        if (!record)
            return;
        memcpy(record, next, length);
        for (size_t i = 0; i < length; i++)
            if (!record[i])
                record[i] = '\n';
        thaw_kernel_log_take(&log, record, length);
        free(record);
        next = stop ? stop + 1 : end;
    }
    if (strlen(log.acpi_oem) >= sizeof(log.acpi_oem) ||
        strlen(log.hypervisor) >= sizeof(log.hypervisor) || (log.resumes && !log.records))
        abort();
}

static void read_groups(const char *bytes, size_t size)
{
    for (unsigned version = 1; version <= 2; version++) {
        struct thaw_control_group_mount mount;
        const char *path;
        size_t length;

        if (thaw_control_group_mount(bytes, size, version, THAW_CONTROLLER_MEMORY, &mount) &&
            (mount.point < bytes || mount.point + mount.point_bytes > bytes + size ||
             mount.root < bytes || mount.root + mount.root_bytes > bytes + size))
            abort();
        if (thaw_control_group_path(bytes, size, version, THAW_CONTROLLER_CPU, &path, &length) &&
            (path < bytes || path + length > bytes + size || *path != '/'))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct thaw_control_group_cpu used;

    read_log(bytes, size);
    read_groups(bytes, size);
    thaw_control_group_cpu_stat(bytes, size, &used);
    thaw_control_group_cpu_max(bytes, size);
    thaw_control_group_cpu_quota(bytes, size / 2, bytes + size / 2, size - size / 2);
    thaw_control_group_memory(bytes, size);
    thaw_control_group_sign(bytes, size);
    return 0;
}
