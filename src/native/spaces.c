/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "base/array.h"
#include "native/spaces.h"

/* Pieces by address, without overlaps; shared by processes until one of them changes it. */
struct space {
    size_t users;
    uint64_t version;
    THAW_ARRAY(struct thaw_space_piece) pieces;
};

struct thaw_spaces_process {
    uint32_t number;
    struct space *space; /* NULL: nothing is mapped */
    UT_hash_handle hh;
};

static struct thaw_spaces_process *find_process(const struct thaw_spaces *spaces, uint32_t number)
{
    struct thaw_spaces_process *process;

    HASH_FIND(hh, spaces->processes, &number, sizeof(number), process);
    return process;
}

static struct thaw_spaces_process *process_of(struct thaw_spaces *spaces, uint32_t number)
{
    struct thaw_spaces_process *process = find_process(spaces, number);

    if (process)
        return process;
    process = calloc(1, sizeof(*process));
    if (!process)
        return NULL;
    process->number = number;
    HASH_ADD(hh, spaces->processes, number, sizeof(process->number), process);
    if (process->hh.tbl)
        return process;
    free(process);
    return NULL;
}

static void space_drop(struct space *space)
{
    if (!space || --space->users)
        return;
    thaw_array_free(&space->pieces);
    free(space);
}

bool thaw_spaces_fork(struct thaw_spaces *spaces, uint32_t child, uint32_t parent)
{
    const struct thaw_spaces_process *from = find_process(spaces, parent);
    struct space *space = from ? from->space : NULL;
    struct thaw_spaces_process *process = process_of(spaces, child);

    if (!process)
        return false;
    if (space)
        space->users++;
    space_drop(process->space);
    process->space = space;
    return true;
}

static bool add_piece(struct space *space, struct thaw_space_piece piece)
{
    struct thaw_space_piece *slot;

    if (piece.start >= piece.end)
        return true;
    slot = thaw_array_add(&space->pieces);
    if (slot)
        *slot = piece;
    return slot != NULL;
}

/* What is left of a piece where another one takes its place: below it, and above. */
static bool add_rest(struct space *space, struct thaw_space_piece old,
                     const struct thaw_space_piece *taken, bool below)
{
    struct thaw_space_piece rest = old;

    if (below) {
        rest.end = old.end < taken->start ? old.end : taken->start;
    } else {
        rest.start = old.start > taken->end ? old.start : taken->end;
        rest.offset += rest.start - old.start;
    }
    return add_piece(space, rest);
}

/* A new space: the old one's pieces with another among them. NULL when memory is short. */
static struct space *space_with(const struct space *old, const struct thaw_space_piece *piece)
{
    struct space *space = calloc(1, sizeof(*space));
    size_t count = old ? old->pieces.count : 0;
    bool enough = space != NULL;

    if (!space)
        return NULL;
    space->users = 1;
    for (size_t i = 0; enough && i < count; i++)
        enough = add_rest(space, old->pieces.items[i], piece, true);
    enough = enough && add_piece(space, *piece);
    for (size_t i = 0; enough && i < count; i++)
        enough = add_rest(space, old->pieces.items[i], piece, false);
    if (enough)
        return space;
    space_drop(space);
    return NULL;
}

bool thaw_spaces_map(struct thaw_spaces *spaces, uint32_t number,
                     const struct thaw_code_mapping *mapping)
{
    struct thaw_spaces_process *process = process_of(spaces, number);
    struct thaw_space_piece piece = {.start = mapping->start,
                                     .end = mapping->start + mapping->bytes,
                                     .offset = mapping->offset,
                                     .path = mapping->path};
    struct space *space;

    if (!process)
        return false;
    if (piece.end <= piece.start) /* empty, or around the end of all addresses */
        return true;
    space = space_with(mapping->first ? NULL : process->space, &piece);
    if (!space)
        return false;
    space->version = ++spaces->versions;
    space_drop(process->space);
    process->space = space;
    return true;
}

const struct thaw_space_piece *thaw_spaces_pieces(const struct thaw_spaces *spaces, uint32_t number,
                                                  size_t *ret_count)
{
    const struct thaw_spaces_process *process = find_process(spaces, number);

    *ret_count = process && process->space ? process->space->pieces.count : 0;
    return *ret_count ? process->space->pieces.items : NULL;
}

const struct thaw_space_piece *thaw_spaces_find(const struct thaw_spaces *spaces, uint32_t number,
                                                uint64_t address)
{
    size_t low = 0, high;
    const struct thaw_space_piece *pieces = thaw_spaces_pieces(spaces, number, &high);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (address < pieces[middle].start)
            high = middle;
        else if (address >= pieces[middle].end)
            low = middle + 1;
        else
            return &pieces[middle];
    }
    return NULL;
}

uint64_t thaw_spaces_version(const struct thaw_spaces *spaces, uint32_t number)
{
    const struct thaw_spaces_process *process = find_process(spaces, number);

    return process && process->space ? process->space->version : 0;
}

void thaw_spaces_free(struct thaw_spaces *spaces)
{
    struct thaw_spaces_process *process, *next;

    HASH_ITER(hh, spaces->processes, process, next)
    {
        HASH_DEL(spaces->processes, process);
        space_drop(process->space);
        free(process);
    }
}
