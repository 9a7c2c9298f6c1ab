/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* The first block is small, as many arenas hold little; each one behind is twice the size of the
 * one before. All stay below the 64 KiB from which on glibc's free() tidies the whole heap
 * (malloc.c, FASTBIN_CONSOLIDATION_THRESHOLD). */
#define FIRST_BLOCK_SIZE ((size_t)2000)
#define BLOCK_SIZE ((size_t)65000)

struct thaw_arena_block {
    struct thaw_arena_block *next;
    size_t used;
    size_t size;
    _Alignas(8) char bytes[];
};

static struct thaw_arena_block *arena_block(struct thaw_arena *arena, size_t size)
{
    size_t wanted = arena->blocks ? arena->blocks->size : FIRST_BLOCK_SIZE / 2;
    struct thaw_arena_block *block;

    wanted = wanted < BLOCK_SIZE / 2 ? wanted * 2 : BLOCK_SIZE;
    if (wanted < size)
        wanted = size;

    if (wanted > SIZE_MAX - sizeof(*block))
        return NULL;
    block = malloc(sizeof(*block) + wanted);
    if (!block)
        return NULL;
    block->used = 0;
    block->size = wanted;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *thaw_arena_bytes(struct thaw_arena *arena, size_t size)
{
    struct thaw_arena_block *block = arena->blocks;
    void *memory;

    if (size > SIZE_MAX - 8)
        return NULL;
    size = (size + 7) & ~(size_t)7;
    if (!block || block->size - block->used < size)
        block = arena_block(arena, size);
    if (!block)
        return NULL;
    memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

void *thaw_arena_allocate(struct thaw_arena *arena, size_t size)
{
    void *memory = thaw_arena_bytes(arena, size);

    return memory ? memset(memory, 0, size) : NULL;
}

const char *thaw_arena_text(struct thaw_arena *arena, const char *bytes, size_t length)
{
    char *copy;

    if (length == SIZE_MAX)
        return NULL;
    copy = thaw_arena_bytes(arena, length + 1);
    if (!copy)
        return NULL;
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    for (size_t i = strlen(copy); i < length; i += strlen(copy + i))
        copy[i] = '?';
    return copy;
}

const char *thaw_arena_string(struct thaw_arena *arena, const char *string)
{
    return string ? thaw_arena_text(arena, string, strlen(string)) : thaw_arena_text(arena, "", 0);
}

const char *thaw_arena_format(struct thaw_arena *arena, const char *format, ...)
{
    va_list arguments;
    const char *text;

    va_start(arguments, format);
    text = thaw_arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

const char *thaw_arena_format_list(struct thaw_arena *arena, const char *format, va_list arguments)
{
    va_list again;
    char *text = NULL;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length >= 0)
        text = thaw_arena_bytes(arena, (size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

int thaw_arena_add_text(struct thaw_arena *arena, struct thaw_texts *texts, size_t most,
                        const char *bytes, size_t length)
{
    const char *text;

    if (texts->count >= most)
        return 0;
    if (!texts->items)
        texts->items = thaw_arena_allocate(arena, most * sizeof(*texts->items));
    text = thaw_arena_text(arena, bytes, length);
    if (!texts->items || !text)
        return -ENOMEM;
    texts->items[texts->count++] = text;
    return 0;
}

void thaw_arena_take_over(struct thaw_arena *arena, struct thaw_arena *other)
{
    struct thaw_arena_block **end = &arena->blocks;

    while (*end)
        end = &(*end)->next;
    *end = other->blocks;
    other->blocks = NULL;
}

void thaw_arena_free(struct thaw_arena *arena)
{
    while (arena->blocks) {
        struct thaw_arena_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
}
