/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "native/object_private.h"

/* A file's time of change is that of the kernel's latest tick. */
#define TICK_NS ((uint64_t)20000000)

static bool is_anonymous(uint64_t device)
{
    return major((dev_t)device) == 0;
}

/* Overlays and btrfs have devices of no hardware, and tell stat(2) of others than the kernel maps
 * by. */
static bool has_other_numbers(const struct thaw_object *object, uint64_t device)
{
    return is_anonymous(object->device) || is_anonymous(device);
}

static bool has_changed(const struct thaw_object *object, uint64_t since_ns)
{
    struct stat status;
    uint64_t changed_ns;

    if (fstat(object->fd, &status) < 0 || status.st_ctim.tv_sec < 0)
        return true;
    changed_ns = (uint64_t)status.st_ctim.tv_sec * 1000000000 + (uint64_t)status.st_ctim.tv_nsec;
    return changed_ns + TICK_NS >= since_ns;
}

bool thaw_object_is_other(const struct thaw_object *object, uint64_t device, uint64_t inode,
                          uint64_t since_ns)
{
    if (!inode)
        return false;
    if (!device)
        return true;
    if (has_other_numbers(object, device))
        return object->inode != inode && has_changed(object, since_ns);
    return object->inode != inode || object->device != device;
}
