/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "capture/libraries.h"
#include "native/maps.h"

/* An object that is mapped: it has several mappings, one after the other, of which one (in most of
 * them) is executable. */
struct mapped {
    const char *path; /* not NUL-terminated, NULL none */
    size_t path_bytes;
    bool executable;
    uint64_t resident_bytes;
};

static int store(uint32_t pid, const struct mapped *mapped, struct thaw_recording_writer *writer,
                 struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_LIBRARY,
        .time_ns = thaw_clock_now_ns(),
        .pid = pid,
        .tid = pid,
        .library.resident_bytes = mapped->resident_bytes,
    };
    struct thaw_arena arena = {0};
    int code = 0;

    if (!mapped->path || !mapped->executable)
        return 0;
    event.library.path = thaw_arena_text(&arena, mapped->path, mapped->path_bytes);
    if (!event.library.path)
        code = thaw_error_memory(error);
    else if (strstr(event.library.path, ".so"))
        code = thaw_recording_writer_append(writer, &event, error);
    thaw_arena_free(&arena);
    return code;
}

static bool is_same(const struct mapped *mapped, const struct thaw_mapping *mapping)
{
    return mapped->path && mapped->path_bytes == mapping->path_bytes &&
           !memcmp(mapped->path, mapping->path, mapping->path_bytes);
}

int thaw_libraries_store_maps(uint32_t pid, const char *maps, size_t length,
                              struct thaw_recording_writer *writer, struct thaw_error *error)
{
    const char *cursor = maps;
    struct mapped mapped = {0};
    struct thaw_mapping mapping;
    bool of_file = false; /* the mapping that is described now */
    int code = 0;

    while (!code && thaw_maps_next(&cursor, maps + length, &mapping)) {
        if (mapping.inode && !is_same(&mapped, &mapping)) {
            code = store(pid, &mapped, writer, error);
            mapped = (struct mapped){.path = mapping.path, .path_bytes = mapping.path_bytes};
        }
        of_file = mapping.inode || (of_file && !mapping.anonymous);
        mapped.executable |= mapping.inode && mapping.executable;
        mapped.resident_bytes += of_file ? mapping.resident_bytes : 0;
    }
    return code ? code : store(pid, &mapped, writer, error);
}

int thaw_libraries_store(uint32_t pid, struct thaw_recording_writer *writer,
                         struct thaw_error *error)
{
    size_t length;
    char *maps = thaw_maps_read_resident((int)pid, &length);
    int code = maps ? thaw_libraries_store_maps(pid, maps, length, writer, error) : 0;

    free(maps);
    return code;
}
