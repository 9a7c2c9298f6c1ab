/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/code_names.h"
#include "capture/loss.h"
#include "capture/mapped_files.h"
#include "native/spaces.h"
#include "native/symbols.h"

/* Files that are named as replaced; of others only how many there are is told. */
#define TOLD_MOST 16

/* A place in a file that is to be named. */
struct place {
    const char *path;
    uint64_t offset;
};

struct collector {
    const struct thaw_elsewhere *elsewhere;
    struct thaw_spaces spaces; /* by process number: one that is given anew is forked anew */
    THAW_ARRAY(struct place) places;
    struct thaw_mapped_files mapped;
    uint64_t replaced;
};

static int add_place(struct collector *collector, const char *path, uint64_t offset)
{
    struct place *place;

    if (path[0] != '/' || path[1] == '/')
        return 0; /* no file's */
    place = thaw_array_add(&collector->places);
    if (!place)
        return -ENOMEM;
    *place = (struct place){path, offset};
    return 0;
}

static int take(struct collector *collector, const struct thaw_event *event)
{
    const struct thaw_space_piece *piece;

    switch (event->kind) {
    case THAW_EVENT_PROCESS_FORK:
        return thaw_spaces_fork(&collector->spaces, event->pid,
                                (uint32_t)event->process_fork.parent)
                   ? 0
                   : -ENOMEM;
    case THAW_EVENT_MAPPING:
        return thaw_spaces_map(&collector->spaces, event->pid, &event->mapping) ? 0 : -ENOMEM;
    case THAW_EVENT_SAMPLE:
        piece = thaw_spaces_find(&collector->spaces, event->pid, event->sample.address);
        if (!piece || thaw_elsewhere_holds(collector->elsewhere, event->pid))
            return 0;
        return add_place(collector, piece->path,
                         event->sample.address - piece->start + piece->offset);
    case THAW_EVENT_CALL:
        return event->call.offset ? add_place(collector, event->call.path, event->call.offset - 1)
                                  : 0;
    default:
        return 0;
    }
}

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = strcmp(a->path, b->path);

    if (order)
        return order;
    return a->offset == b->offset ? 0 : a->offset < b->offset ? -1 : 1;
}

static int store_symbol(const char *path, const struct thaw_symbol *symbol,
                        struct thaw_recording_writer *writer, struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_INVENTORY_SYMBOL, .time_ns = thaw_clock_now_ns()};

    event.inventory_symbol.path = path;
    event.inventory_symbol.offset = symbol->offset;
    event.inventory_symbol.bytes = symbol->bytes;
    event.inventory_symbol.name = symbol->name;
    return thaw_recording_writer_append(writer, &event, error);
}

static int store_replaced(struct collector *collector, const char *path,
                          struct thaw_recording_writer *writer, struct thaw_error *error)
{
    char what[PATH_MAX + 128];

    if (++collector->replaced > TOLD_MOST)
        return 0;
    snprintf(what, sizeof(what),
             "%.*s was replaced after it was mapped: its functions are not named", PATH_MAX, path);
    return thaw_loss_store(writer, "file-replaced", 1, what, error);
}

/* Names the places of one file, which are in order. */
static int name_in_object(const struct thaw_object *object, const struct place *places,
                          size_t count, struct thaw_recording_writer *writer,
                          struct thaw_error *error)
{
    struct thaw_symbols *symbols = NULL;
    struct thaw_symbol last = {0};
    int code = thaw_symbols_open(object, &symbols, error);

    for (size_t i = 0; !code && i < count; i++) {
        struct thaw_symbol symbol;

        if (!thaw_symbols_find(symbols, places[i].offset, &symbol) ||
            (last.name && last.offset == symbol.offset && last.bytes == symbol.bytes))
            continue;
        last = symbol;
        code = store_symbol(places[0].path, &symbol, writer, error);
    }
    thaw_symbols_close(symbols);
    return code;
}

/* Those of a file that is gone, or another by now, stay unnamed. */
static int name_places(struct collector *collector, const struct place *places, size_t count,
                       struct thaw_recording_writer *writer, struct thaw_error *error)
{
    const char *path = places[0].path;
    struct thaw_object *object = NULL;
    int code = thaw_object_open(path, &object, NULL);

    if (code)
        return code == -ENOMEM ? thaw_error_memory(error) : 0;
    code = thaw_mapped_files_replaced(&collector->mapped, path, object)
               ? store_replaced(collector, path, writer, error)
               : name_in_object(object, places, count, writer, error);
    thaw_object_close(object);
    return code;
}

static int name_all(struct collector *collector, struct thaw_recording_writer *writer,
                    struct thaw_error *error)
{
    struct place *places = collector->places.items;
    size_t count = collector->places.count, end;
    int code = 0;

    if (count)
        qsort(places, count, sizeof(*places), compare_places);
    for (size_t begin = 0; !code && begin < count; begin = end) {
        for (end = begin + 1; end < count && !strcmp(places[end].path, places[begin].path);)
            end++;
        code = name_places(collector, places + begin, end - begin, writer, error);
    }
    return code || collector->replaced <= TOLD_MOST
               ? code
               : thaw_loss_store(writer, "file-replaced", collector->replaced - TOLD_MOST,
                                 "further files that were replaced after they were mapped", error);
}

int thaw_code_names_store(const struct thaw_recording *recording,
                          const struct thaw_elsewhere *elsewhere,
                          struct thaw_recording_writer *writer, struct thaw_error *error)
{
    struct collector collector = {.elsewhere = elsewhere};
    int code = 0;

    for (size_t i = 0; !code && i < recording->count; i++)
        code = take(&collector, &recording->events[i]);
    if (!code)
        code = thaw_mapped_files_find(recording, elsewhere, &collector.mapped);
    if (code)
        thaw_error_memory(error);
    else
        code = name_all(&collector, writer, error);
    thaw_array_free(&collector.places);
    thaw_mapped_files_free(&collector.mapped);
    thaw_spaces_free(&collector.spaces);
    return code;
}
