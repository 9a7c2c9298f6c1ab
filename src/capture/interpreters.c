/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/clock.h"
#include "capture/interpreters.h"

/* Why imports of an interpreter that was attached to can't be seen, NULL they can. */
static const char *first_failure(const struct thaw_covered *covered, struct thaw_arena *arena)
{
    for (size_t i = 0; !covered->probes.attached && i < covered->probes.count; i++) {
        const struct thaw_error *failure = &covered->probes.attempts[i].failure;

        if (failure->code && failure->code != -ENOENT)
            return thaw_arena_string(arena, failure->message);
    }
    return covered->probes.attached ? NULL : "its functions can't be probed";
}

static void attach(struct thaw_interpreters *interpreters, size_t index)
{
    struct thaw_covered *covered = &interpreters->items[index];
    struct thaw_error failure = {0};

    if (!covered->info.row)
        covered->refusal = covered->info.reason;
    else if (thaw_python_places_find(&covered->info, interpreters->arena, &covered->places,
                                     &failure))
        covered->refusal = thaw_arena_string(interpreters->arena, failure.message);
    else {
        thaw_interpreter_probes_attach(interpreters->programs, &covered->info, &covered->places,
                                       (uint32_t)index + 1, 0, interpreters->probes,
                                       &covered->probes);
        covered->refusal = first_failure(covered, interpreters->arena);
    }
}

int thaw_interpreters_cover(struct thaw_interpreters *interpreters,
                            const struct thaw_interpreter_info *info, size_t *ret_index,
                            bool *ret_new, struct thaw_error *error)
{
    struct thaw_covered *covered;

    *ret_new = false;
    for (*ret_index = 0; *ret_index < interpreters->count; (*ret_index)++) {
        covered = &interpreters->items[*ret_index];
        if (covered->info.device == info->device && covered->info.inode == info->inode)
            return 0;
    }
    covered = thaw_array_add(interpreters);
    if (!covered)
        return thaw_error_memory(error);
    covered->info = *info;
    *ret_new = true;
    attach(interpreters, *ret_index);
    interpreters->items[*ret_index].since_ns = thaw_clock_now_ns();
    return 0;
}

void thaw_interpreters_attach_process(struct thaw_interpreters *interpreters, size_t index,
                                      pid_t process)
{
    struct thaw_covered *covered = &interpreters->items[index];
    struct thaw_interpreter_probes probes;

    if (!covered->refusal)
        thaw_interpreter_probes_attach(interpreters->programs, &covered->info, &covered->places,
                                       (uint32_t)index + 1, process, interpreters->probes, &probes);
}

void thaw_interpreters_split(struct thaw_interpreters *interpreters, bool on)
{
    struct thaw_interpreter_probes probes;

    for (size_t i = 0; i < interpreters->count; i++) {
        const struct thaw_covered *covered = &interpreters->items[i];

        if (!on)
            thaw_programs_withdraw(interpreters->programs, THAW_GROUP_OF_SPLIT(i + 1));
        else if (!covered->refusal && !covered->narrow)
            thaw_interpreter_probes_attach(interpreters->programs, &covered->info, &covered->places,
                                           (uint32_t)i + 1, 0, THAW_PROBES_SPLIT, &probes);
    }
}

void thaw_interpreters_narrow(struct thaw_interpreters *interpreters, size_t index)
{
    if (!interpreters->items[index].narrow)
        thaw_programs_narrow(interpreters->programs, (uint32_t)index + 1);
    interpreters->items[index].narrow = true;
}
