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

static void space_drop(struct thaw_spaces *spaces, struct space *space)
{
    if (!space || --space->users)
        return;
    spaces->held -= space->pieces.count;
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
    space_drop(spaces, process->space);
    process->space = space;
    return true;
}

/* Another space with the same pieces, where they are not too many. NULL when memory is short. */
static struct space *copy_space(struct thaw_spaces *spaces, const struct space *old)
{
    size_t count = old ? old->pieces.count : 0;
    struct space *space = calloc(1, sizeof(*space));

    if (!space)
        return NULL;
    space->users = 1;
    if (count > THAW_SPACES_PIECES_MOST - spaces->held) {
        spaces->beyond += count;
        count = 0;
    }
    if (!count)
        return space;
    if (!thaw_array_reserve(&space->pieces, count)) {
        free(space);
        return NULL;
    }
    memcpy(space->pieces.items, old->pieces.items, count * sizeof(*old->pieces.items));
    space->pieces.count = count;
    spaces->held += count;
    return space;
}

/* The process's own space, which may be changed where it stands. NULL when memory is short. */
static struct space *own_space(struct thaw_spaces *spaces, struct thaw_spaces_process *process,
                               bool empty)
{
    struct space *space = process->space;

    if (!space || space->users > 1) {
        space = copy_space(spaces, empty ? NULL : space);
        if (!space)
            return NULL;
        space_drop(spaces, process->space);
        process->space = space;
    } else if (empty) {
        spaces->held -= space->pieces.count;
        space->pieces.count = 0;
    }
    return space;
}

/* The first piece that ends behind an address. */
static size_t first_behind(const struct space *space, uint64_t address)
{
    size_t low = 0, high = space->pieces.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (space->pieces.items[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first piece that begins at an address or behind. */
static size_t first_from(const struct space *space, uint64_t address)
{
    size_t low = 0, high = space->pieces.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (space->pieces.items[middle].start < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many pieces there may be in the place of so many of the space. */
static size_t room_for(const struct thaw_spaces *spaces, const struct space *space, size_t taken)
{
    size_t here = THAW_SPACE_PIECES_MOST - (space->pieces.count - taken);
    size_t all = THAW_SPACES_PIECES_MOST - (spaces->held - taken);

    return here < all ? here : all;
}

/* Puts pieces in the place of those from begin to end. False when memory is short. */
static bool replace_pieces(struct thaw_spaces *spaces, struct space *space, size_t begin,
                           size_t end, const struct thaw_space_piece *parts, size_t count)
{
    size_t rest = space->pieces.count - end, room = room_for(spaces, space, end - begin);
    size_t size = sizeof(*parts);

    if (count > room) {
        spaces->beyond += count - room;
        count = room;
    }
    if (!thaw_array_reserve(&space->pieces, begin + count + rest))
        return false;
    if (count != end - begin && rest)
        memmove(space->pieces.items + begin + count, space->pieces.items + end, rest * size);
    if (count)
        memcpy(space->pieces.items + begin, parts, count * size);
    space->pieces.count = begin + count + rest;
    spaces->held += count;
    spaces->held -= end - begin;
    return true;
}

/* Puts a piece where others lie: what is left of the outer two stays around it. */
static bool put_piece(struct thaw_spaces *spaces, struct space *space,
                      const struct thaw_space_piece *piece)
{
    size_t begin = first_behind(space, piece->start), end = first_from(space, piece->end);
    const struct thaw_space_piece *old = space->pieces.items;
    struct thaw_space_piece parts[3];
    size_t count = 0;

    if (begin < end && old[begin].start < piece->start) {
        parts[count] = old[begin];
        parts[count++].end = piece->start;
    }
    parts[count++] = *piece;
    if (begin < end && old[end - 1].end > piece->end) {
        parts[count] = old[end - 1];
        parts[count].offset += piece->end - parts[count].start;
        parts[count++].start = piece->end;
    }
    return replace_pieces(spaces, space, begin, end, parts, count);
}

bool thaw_spaces_map(struct thaw_spaces *spaces, uint32_t number,
                     const struct thaw_code_mapping *mapping)
{
    struct thaw_spaces_process *process = process_of(spaces, number);
    struct thaw_space_piece piece = {.start = mapping->start,
                                     .end = mapping->start + mapping->bytes,
                                     .offset = mapping->offset,
                                     .path = mapping->path,
                                     .device = mapping->device,
                                     .inode = mapping->inode};
    struct space *space;

    if (!process)
        return false;
    if (piece.end <= piece.start) /* empty, or around the end of all addresses */
        return true;
    space = own_space(spaces, process, mapping->first);
    if (!space)
        return false;
    space->version = ++spaces->versions;
    return put_piece(spaces, space, &piece);
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
        space_drop(spaces, process->space);
        free(process);
    }
}
