/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <xxhash.h>

#include "recording/file.h"

static void put_u32(unsigned char *out, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        out[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t get_u32(const unsigned char *in)
{
    uint32_t value = 0;

    for (size_t i = 0; i < 4; i++)
        value |= (uint32_t)in[i] << 8 * i;
    return value;
}

static void put_u64(unsigned char *out, uint64_t value)
{
    put_u32(out, (uint32_t)value);
    put_u32(out + 4, (uint32_t)(value >> 32));
}

static uint64_t get_u64(const unsigned char *in)
{
    return get_u32(in) | (uint64_t)get_u32(in + 4) << 32;
}

void thaw_file_put_header(unsigned char out[THAW_FILE_HEADER_BYTES], uint32_t version)
{
    memcpy(out, THAW_FILE_MAGIC, THAW_FILE_MAGIC_BYTES);
    put_u32(out + 8, version);
    put_u32(out + 12, 0);
}

uint32_t thaw_file_version(const unsigned char header[THAW_FILE_HEADER_BYTES])
{
    return get_u32(header + 8);
}

uint64_t thaw_file_checksum(const unsigned char head[THAW_FILE_CHUNK_HEAD_BYTES],
                            const unsigned char *payload, size_t length)
{
    return XXH3_64bits_withSeed(payload, length, XXH3_64bits(head, 16));
}

void thaw_file_put_chunk(unsigned char out[THAW_FILE_CHUNK_HEAD_BYTES],
                         const struct thaw_file_chunk *chunk, const unsigned char *payload)
{
    put_u32(out, chunk->magic);
    put_u32(out + 4, chunk->length);
    put_u32(out + 8, chunk->records);
    put_u32(out + 12, chunk->sequence);
    put_u64(out + 16, thaw_file_checksum(out, payload, chunk->length));
}

struct thaw_file_chunk thaw_file_chunk(const unsigned char head[THAW_FILE_CHUNK_HEAD_BYTES])
{
    return (struct thaw_file_chunk){
        .magic = get_u32(head),
        .length = get_u32(head + 4),
        .records = get_u32(head + 8),
        .sequence = get_u32(head + 12),
        .checksum = get_u64(head + 16),
    };
}
