/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_FILE_H
#define THAW_RECORDING_FILE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The frame of the binary form. All numbers are little-endian.
 *
 *   header:  magic (8 bytes), version u32, reserved u32 (0; readers ignore it)
 *   chunks:  magic u32, length u32, records u32, sequence u32, checksum u64, length bytes of
 *            records (encode.h); sequence counts from 0
 *   closing mark: the same with another magic, the next sequence, no records and length 0
 *
 * The checksum is XXH3-64 of the records, seeded with the XXH3-64 of the 16 bytes before it, so
 * that it covers the whole chunk. The magic's first byte is no ASCII and it holds CR LF: a file
 * mangled as text is noticed.
 */
#define THAW_FILE_MAGIC "\x89THAW\r\n\x1a"
#define THAW_FILE_MAGIC_BYTES 8U
#define THAW_FILE_HEADER_BYTES 16U
#define THAW_FILE_CHUNK_HEAD_BYTES 24U

#define THAW_FILE_CHUNK_MAGIC 0x4B4E4843U /* "CHNK" */
#define THAW_FILE_CLOSE_MAGIC 0x45534C43U /* "CLSE" */

struct thaw_file_chunk {
    uint32_t magic;
    uint32_t length; /* bytes of records that follow the head */
    uint32_t records;
    uint32_t sequence;
    uint64_t checksum;
};

void thaw_file_put_header(unsigned char out[THAW_FILE_HEADER_BYTES], uint32_t version);

/* The version in a header that begins with the magic. */
uint32_t thaw_file_version(const unsigned char header[THAW_FILE_HEADER_BYTES]);

/* Writes the head of a chunk whose records are at payload; chunk->checksum is worked out here. */
void thaw_file_put_chunk(unsigned char out[THAW_FILE_CHUNK_HEAD_BYTES],
                         const struct thaw_file_chunk *chunk, const unsigned char *payload);

struct thaw_file_chunk thaw_file_chunk(const unsigned char head[THAW_FILE_CHUNK_HEAD_BYTES]);

/* What the checksum of the chunk with this head and these records must be. */
uint64_t thaw_file_checksum(const unsigned char head[THAW_FILE_CHUNK_HEAD_BYTES],
                            const unsigned char *payload, size_t length);

#endif
