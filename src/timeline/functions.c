/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/functions.h"

/* A function may be told of several times, each time with less or more. */
static bool take(struct thaw_functions *functions, const struct thaw_function *function,
                 uint32_t row)
{
    return (!*function->name ||
            thaw_lookup_set_text(&functions->names, function->function_id, row)) &&
           (!*function->trigger ||
            thaw_lookup_set_text(&functions->triggers, function->function_id, row));
}

bool thaw_functions_collect(struct thaw_functions *ret, const struct thaw_recording *recording)
{
    bool enough = true;

    *ret = (struct thaw_functions){.recording = recording};
    for (size_t i = 0; enough && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_FUNCTION)
            enough = take(ret, &recording->events[i].function, (uint32_t)i + 1);
    return enough;
}

void thaw_functions_free(struct thaw_functions *functions)
{
    thaw_lookup_free(&functions->names);
    thaw_lookup_free(&functions->triggers);
}

const char *thaw_functions_name(const struct thaw_functions *functions, const char *function_id)
{
    uint32_t row = thaw_lookup_text(&functions->names, function_id, 0);

    return row ? functions->recording->events[row - 1].function.name : "";
}

const char *thaw_functions_trigger(const struct thaw_functions *functions, const char *function_id)
{
    uint32_t row = thaw_lookup_text(&functions->triggers, function_id, 0);

    return row ? functions->recording->events[row - 1].function.trigger : "";
}
