/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "python/debug_offsets.h"

#define COOKIE "xdebugpy"
#define FIELD_BYTES sizeof(uint64_t)

/* How every block begins. */
struct block_start {
    char cookie[8];
    uint64_t version;       /* PY_VERSION_HEX */
    uint64_t free_threaded; /* 1: without the GIL */
};

/* Where a minor's block keeps what is compared, in bytes from its start; 0: it does not say. */
struct block_positions {
    unsigned minor;
    size_t code_filename;
    size_t code_name;
    size_t text_state;
    size_t text_length;
    size_t text_ascii_data;
    size_t dict_keys;
};

/* offsetof(_Py_DebugOffsets, …) of CPython 3.13.0, 3.14.8 and 3.15.0. */
static const struct block_positions blocks[] = {
    {13, 280, 288, 544, 552, 560, 0},
    {14, 320, 328, 624, 632, 640, 536},
    {15, 384, 392, 720, 728, 736, 632},
};

#define BLOCK_BYTES 744 /* up to the last of the positions */

static bool block_says(const uint8_t *block, size_t position, unsigned expected)
{
    uint64_t value;

    memcpy(&value, block + position, FIELD_BYTES);
    return !position || value == expected;
}

static bool block_agrees(const uint8_t *block, const struct block_positions *positions,
                         const struct thaw_python_layout *layout)
{
    return block_says(block, positions->code_filename, layout->code_filename) &&
           block_says(block, positions->code_name, layout->code_name) &&
           block_says(block, positions->text_state, layout->text_state) &&
           block_says(block, positions->text_length, layout->text_length) &&
           block_says(block, positions->text_ascii_data, layout->text_ascii_data) &&
           block_says(block, positions->dict_keys, layout->dict_keys);
}

enum thaw_debug_offsets thaw_debug_offsets_check(const struct thaw_object *object,
                                                 const struct thaw_python_layout *layout)
{
    struct block_start start;
    uint8_t block[BLOCK_BYTES];

    if (thaw_object_data(object, "_PyRuntime", &start, sizeof(start), NULL) < 0 ||
        memcmp(start.cookie, COOKIE, sizeof(start.cookie)) != 0)
        return THAW_DEBUG_OFFSETS_ABSENT;
    if (start.free_threaded)
        return THAW_DEBUG_OFFSETS_FREE_THREADED;
    if (start.version >> 16 != (0x0300 | layout->minor))
        return THAW_DEBUG_OFFSETS_DIFFER;
    if (thaw_object_data(object, "_PyRuntime", block, sizeof(block), NULL) < 0)
        return THAW_DEBUG_OFFSETS_DIFFER;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        if (blocks[i].minor == layout->minor)
            return block_agrees(block, &blocks[i], layout) ? THAW_DEBUG_OFFSETS_AGREE
                                                           : THAW_DEBUG_OFFSETS_DIFFER;
    }
    return THAW_DEBUG_OFFSETS_ABSENT;
}
