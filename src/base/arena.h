/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BASE_ARENA_H
#define THAW_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/texts.h"

/*
 * Memory that lives and dies together: strings and small structs of one recording, one timeline.
 * Nothing is freed alone; addresses never move.
 */
struct thaw_arena {
    struct thaw_arena_block *blocks;
};

/* Zeroed, 8-byte aligned memory, or NULL when memory is short. */
void *thaw_arena_allocate(struct thaw_arena *arena, size_t size);

/* The same, but whatever was there before: for what is written over at once, as a file's bytes. */
void *thaw_arena_bytes(struct thaw_arena *arena, size_t size);

/* A NUL-terminated copy of length bytes (a NUL inside becomes '?'), or NULL. */
const char *thaw_arena_text(struct thaw_arena *arena, const char *bytes, size_t length);

/* A copy of a C string (NULL is taken as ""), or NULL. */
const char *thaw_arena_string(struct thaw_arena *arena, const char *string);

/* printf into the arena, or NULL. */
const char *thaw_arena_format(struct thaw_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *thaw_arena_format_list(struct thaw_arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Adds a copy to a list of the arena's that has at most that many texts; what is beyond is left
 * out. 0 or -ENOMEM. */
int thaw_arena_add_text(struct thaw_arena *arena, struct thaw_texts *texts, size_t most,
                        const char *bytes, size_t length);

/* Frees everything; the arena is empty and usable afterwards. */
/* All that is other's becomes arena's, where it stays; other is empty then. */
void thaw_arena_take_over(struct thaw_arena *arena, struct thaw_arena *other);

void thaw_arena_free(struct thaw_arena *arena);

#endif
