/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/place.h"
#include "platform/control_group_identity.h"

/* A /proc/PID/cgroup with any bytes in its paths, and a host name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *groups = (const char *)data, *path;
    struct thaw_control_group_identity identity;
    char name[64];
    size_t length;

    if (thaw_control_group_telling_path(groups, size, &path, &length)) {
        if (path < groups || path + length > groups + size || !length)
            abort();
        thaw_control_group_identify(path, length, &identity);
        if (strlen(identity.pod) != 0 && strlen(identity.pod) != 32 && strlen(identity.pod) != 36)
            abort();
    }
    thaw_control_group_identify(groups, size, &identity);
    length = size < sizeof(name) ? size : sizeof(name) - 1;
    memcpy(name, data, length);
    name[length] = '\0';
    if (thaw_place_host_name_length(name) > strlen(name))
        abort();
    return 0;
}
