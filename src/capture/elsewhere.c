/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "capture/elsewhere.h"

static bool is_elsewhere(const struct thaw_elsewhere *elsewhere, const struct thaw_event *event)
{
    if (event->kind == THAW_EVENT_INTERPRETER)
        return event->interpreter.other_root;
    return event->kind == THAW_EVENT_PROCESS_FORK &&
           thaw_elsewhere_holds(elsewhere, (uint32_t)event->process_fork.parent);
}

int thaw_elsewhere_find(const struct thaw_recording *recording, struct thaw_elsewhere *ret)
{
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        uint32_t *slot;

        if (!is_elsewhere(ret, event) || thaw_elsewhere_holds(ret, event->pid))
            continue;
        slot = thaw_array_add(&ret->processes);
        if (!slot)
            return -ENOMEM;
        *slot = event->pid;
    }
    return 0;
}

bool thaw_elsewhere_holds(const struct thaw_elsewhere *elsewhere, uint32_t pid)
{
    for (size_t i = 0; i < elsewhere->processes.count; i++)
        if (elsewhere->processes.items[i] == pid)
            return true;
    return false;
}

void thaw_elsewhere_free(struct thaw_elsewhere *elsewhere)
{
    thaw_array_free(&elsewhere->processes);
}
