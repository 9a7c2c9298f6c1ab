/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "audit/served.h"

static size_t find(const struct thaw_served *served, uint32_t process)
{
    size_t i = 0;

    while (i < served->processes.count && served->processes.items[i] != process)
        i++;
    return i;
}

bool thaw_served_has(const struct thaw_served *served, uint32_t process)
{
    return find(served, process) < served->processes.count;
}

int thaw_served_add(struct thaw_served *served, uint32_t process)
{
    uint32_t *slot;

    if (find(served, process) < served->processes.count ||
        served->processes.count >= THAW_SERVED_MOST)
        return 0;
    slot = thaw_array_add(&served->processes);
    if (!slot)
        return -ENOMEM;
    *slot = process;
    return 0;
}

bool thaw_served_remove(struct thaw_served *served, uint32_t process)
{
    size_t at = find(served, process);

    if (at == served->processes.count)
        return false;
    served->processes.items[at] = served->processes.items[--served->processes.count];
    return true;
}

void thaw_served_free(struct thaw_served *served)
{
    thaw_array_free(&served->processes);
}
