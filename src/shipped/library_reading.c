/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "shipped/library_object.h"
#include "shipped/library_reading.h"

static int copy_needed(struct thaw_library_reading *reading, const struct thaw_object *object,
                       struct thaw_arena *arena)
{
    const char *const *names;
    size_t count = thaw_object_needed(object, &names);

    reading->needed_all = count;
    count = count < THAW_LIBRARY_NEEDED_MAX ? count : THAW_LIBRARY_NEEDED_MAX;
    reading->needed = thaw_arena_allocate(arena, (count + 1) * sizeof(*reading->needed));
    if (!reading->needed)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        reading->needed[i] = thaw_arena_string(arena, names[i]);
        if (!reading->needed[i])
            return -ENOMEM;
    }
    reading->needed_count = count;
    return 0;
}

/* What an error says behind the name, which is always the same. */
static int keep_message(struct thaw_library_reading *reading, const struct thaw_error *error,
                        struct thaw_arena *arena)
{
    static const char name[] = THAW_LIBRARY_READING_NAME ": ";
    const char *text = error->message;

    if (strncmp(text, name, sizeof(name) - 1) == 0)
        text += sizeof(name) - 1;
    reading->message = thaw_arena_string(arena, text);
    return reading->message ? reading->code : -ENOMEM;
}

void thaw_library_reading_do(struct thaw_library_reading *reading, int fd, const char *name,
                             struct thaw_arena *arena)
{
    struct thaw_object *object;
    struct thaw_error error = {0};

    reading->is_opened = reading->is_done = true;
    reading->message = "";
    reading->code = thaw_object_take_descriptor(fd, THAW_LIBRARY_READING_NAME, &object, &error);
    if (reading->code == 0) {
        reading->is_object = true;
        reading->abi = thaw_object_abi(object);
        reading->code = thaw_library_describe(object, name, arena, &reading->library, &error);
        if (reading->code != -ENOMEM && copy_needed(reading, object, arena) < 0)
            reading->code = -ENOMEM;
        thaw_object_close(object);
    }
    if (reading->code < 0 && reading->code != -ENOMEM)
        reading->code = keep_message(reading, &error, arena);
}
