/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "shipped/bytecode_header.h"

#define FLAG_HASHED 1u
#define FLAG_CHECKED 2u

/* importlib.util.MAGIC_NUMBER of each version, as its interpreters say (3.15: as its own bytecode
 * says); tests/live/test_shipped.py asks those at hand. */
static const struct {
    const char *version;
    uint16_t magic;
} magics[] = {
    {"3.8", 3413},  {"3.9", 3425},  {"3.10", 3439}, {"3.11", 3495},
    {"3.12", 3531}, {"3.13", 3571}, {"3.14", 3627}, {"3.15", 3666},
};

static uint32_t number_at(const char *bytes)
{
    const unsigned char *byte = (const unsigned char *)bytes;

    return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

/* 0: a version that is not in the table; then any magic number will do. */
static uint16_t magic_of(const char *version)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        if (strcmp(magics[i].version, version) == 0)
            return magics[i].magic;
    }
    return 0;
}

enum thaw_bytecode_state thaw_bytecode_header_state(const char *bytes, size_t length,
                                                    const struct thaw_bytecode_source *source,
                                                    bool *is_hashed)
{
    uint16_t wanted = magic_of(source->version);
    uint32_t flags;

    *is_hashed = false;
    if (length < THAW_BYTECODE_HEADER_BYTES || memcmp(bytes + 2, "\r\n", 2) != 0)
        return THAW_BYTECODE_DAMAGED;
    if (wanted && (uint16_t)number_at(bytes) != wanted)
        return THAW_BYTECODE_FOREIGN;
    flags = number_at(bytes + 4);
    if (flags & ~(FLAG_HASHED | FLAG_CHECKED))
        return THAW_BYTECODE_DAMAGED;
    if (flags & FLAG_HASHED) {
        *is_hashed = true;
        return THAW_BYTECODE_FRESH;
    }
    return number_at(bytes + 8) == source->seconds &&
                   (!source->size_is_known || number_at(bytes + 12) == source->bytes)
               ? THAW_BYTECODE_FRESH
               : THAW_BYTECODE_STALE;
}
