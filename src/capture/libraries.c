/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "capture/libraries.h"
#include "native/maps.h"

static int store_mapping(uint32_t pid, const struct thaw_mapping *mapping,
                         struct thaw_recording_writer *writer, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_LIBRARY,
        .time_ns = thaw_clock_now_ns(),
        .pid = pid,
        .tid = pid,
    };
    struct thaw_arena arena = {0};
    int code = 0;

    event.library.path = thaw_arena_text(&arena, mapping->path, mapping->path_bytes);
    if (!event.library.path)
        code = thaw_error_memory(error);
    else if (strstr(event.library.path, ".so"))
        code = thaw_recording_writer_append(writer, &event, error);
    thaw_arena_free(&arena);
    return code;
}

int thaw_libraries_store(uint32_t pid, struct thaw_recording_writer *writer,
                         struct thaw_error *error)
{
    size_t length;
    char *maps = thaw_maps_read((int)pid, &length);
    const char *cursor = maps;
    struct thaw_mapping mapping;
    int code = 0;

    if (!maps)
        return 0;
    /* An object has several mappings, one of them (in most of them) executable. */
    while (!code && thaw_maps_next(&cursor, maps + length, &mapping)) {
        if (mapping.inode && mapping.executable)
            code = store_mapping(pid, &mapping, writer, error);
    }
    free(maps);
    return code;
}
