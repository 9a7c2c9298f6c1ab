/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_SPACES_H
#define THAW_NATIVE_SPACES_H

#include <stdbool.h>
#include <stdint.h>

#include "thaw/recording_events.h"

/*
 * What code processes have mapped, as a recording's events tell it one after another. Processes are
 * told apart by whatever number the caller gives them. A forked one has what its parent had then.
 */
struct thaw_spaces {
    struct thaw_spaces_process *processes;
    uint64_t versions;
    size_t held;     /* pieces of all */
    uint64_t beyond; /* pieces that were left out, as there were the most */
};

/* Of one process; the kernel's own limit is 65,530 (vm.max_map_count). And of all. */
#define THAW_SPACE_PIECES_MOST 65536
#define THAW_SPACES_PIECES_MOST ((size_t)2 << 20)

/* A piece of code that is mapped; path belongs to the event it came from. */
struct thaw_space_piece {
    uint64_t start;
    uint64_t end;
    uint64_t offset; /* in the file, of start */
    const char *path;
    uint64_t device, inode; /* as of the event */
};

/* False when memory is short. */
bool thaw_spaces_fork(struct thaw_spaces *spaces, uint32_t child, uint32_t parent);
bool thaw_spaces_map(struct thaw_spaces *spaces, uint32_t process,
                     const struct thaw_code_mapping *mapping);

/* The piece that holds an address, NULL none; good until the next change. */
const struct thaw_space_piece *thaw_spaces_find(const struct thaw_spaces *spaces, uint32_t process,
                                                uint64_t address);

/* All pieces of a process, by address; *ret_count of them. */
const struct thaw_space_piece *thaw_spaces_pieces(const struct thaw_spaces *spaces,
                                                  uint32_t process, size_t *ret_count);

/* A number that is another one whenever a process's pieces are others; 0 none. */
uint64_t thaw_spaces_version(const struct thaw_spaces *spaces, uint32_t process);

void thaw_spaces_free(struct thaw_spaces *spaces);

#endif
