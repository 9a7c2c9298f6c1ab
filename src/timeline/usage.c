/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/lookup.h"
#include "timeline/usage.h"

static uint64_t thread_key(uint32_t process, uint32_t tid)
{
    return (uint64_t)process << 32 | tid;
}

bool thaw_usage_build(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;
    struct thaw_lookup switching = {0};
    bool enough = true;

    for (size_t i = 0; enough && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_STRAND_BEGIN)
            enough = thaw_lookup_set_number(
                &switching, thread_key(build->event_process[i], recording->events[i].tid), 1);
    for (size_t i = 0; i < build->memory->modules.count; i++) {
        struct thaw_module *module = &build->memory->modules.items[i];

        if (thaw_lookup_number(&switching, thread_key(module->process, module->tid), 0))
            module->usage_known = false;
    }
    thaw_lookup_free(&switching);
    return enough;
}
