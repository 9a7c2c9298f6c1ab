/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "recording/decode.h"
#include "recording/file.h"
#include "recording/memory.h"
#include "recording/reader.h"

struct reader {
    const unsigned char *bytes;
    size_t length;
    size_t position; /* of the chunk being read */
    uint32_t sequence;
    struct thaw_recording *recording;
};

/* Says what is wrong with the chunk being read. Nothing behind it is read: it can't be trusted to
 * begin where it seems to, and events after a gap would be taken for neighbours of those before. */
static int defect(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int defect(struct reader *reader, const char *format, ...)
{
    struct thaw_recording *recording = reader->recording;
    va_list arguments;
    char words[96];

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    snprintf(recording->defect, sizeof(recording->defect), "byte %zu: %s (%zu bytes not read)",
             reader->position, words, reader->length - reader->position);
    return -EBADMSG;
}

static int decode_records(struct reader *reader, const struct thaw_file_chunk *chunk,
                          struct thaw_decoder *decoder)
{
    struct thaw_recording_memory *memory = reader->recording->memory;
    uint32_t records = 0;

    while (decoder->position < decoder->length) {
        struct thaw_event *slot, event;
        int result = thaw_decode_event(decoder, &event);

        if (result == -EBADMSG) {
            reader->position += THAW_FILE_CHUNK_HEAD_BYTES + decoder->position;
            return defect(reader, "%s", decoder->defect);
        }
        if (result < 0)
            return result;
        records++;
        if (result == 0) {
            reader->recording->unknown_kinds++;
            continue;
        }
        slot = thaw_array_add(&memory->events);
        if (!slot)
            return -ENOMEM;
        *slot = event;
    }
    if (records != chunk->records)
        return defect(reader, "chunk %u has %u records instead of %u", chunk->sequence, records,
                      chunk->records);
    return 0;
}

static int check_chunk(struct reader *reader, const struct thaw_file_chunk *chunk)
{
    const unsigned char *head = reader->bytes + reader->position;
    size_t left = reader->length - reader->position - THAW_FILE_CHUNK_HEAD_BYTES;

    if (chunk->magic != THAW_FILE_CHUNK_MAGIC && chunk->magic != THAW_FILE_CLOSE_MAGIC)
        return defect(reader, "neither a chunk nor the closing mark");
    if (chunk->length > left)
        return defect(reader, "chunk %u is cut short, %zu of %u bytes are there", chunk->sequence,
                      left, chunk->length);
    if (chunk->checksum !=
        thaw_file_checksum(head, head + THAW_FILE_CHUNK_HEAD_BYTES, chunk->length))
        return defect(reader, "the checksum of chunk %u does not match", chunk->sequence);
    if (chunk->sequence != reader->sequence)
        return defect(reader, "chunk %u stands where %u belongs", chunk->sequence,
                      reader->sequence);
    return 0;
}

/* Returns 1 after the closing mark, 0 when there may be more, a negative errno at a defect. */
static int read_chunk(struct reader *reader)
{
    size_t left = reader->length - reader->position;
    struct thaw_decoder decoder = {.arena = &reader->recording->memory->arena};
    struct thaw_file_chunk chunk;
    int result;

    if (left == 0)
        return defect(reader, "the recording ends without its closing mark");
    if (left < THAW_FILE_CHUNK_HEAD_BYTES)
        return defect(reader, "cut short inside the head of a chunk");
    chunk = thaw_file_chunk(reader->bytes + reader->position);
    result = check_chunk(reader, &chunk);
    if (result < 0)
        return result;
    decoder.bytes = reader->bytes + reader->position + THAW_FILE_CHUNK_HEAD_BYTES;
    decoder.length = chunk.length;
    if (chunk.magic == THAW_FILE_CHUNK_MAGIC)
        result = decode_records(reader, &chunk, &decoder);
    if (result < 0)
        return result;
    reader->position += THAW_FILE_CHUNK_HEAD_BYTES + chunk.length;
    reader->sequence++;
    return chunk.magic == THAW_FILE_CLOSE_MAGIC;
}

static int read_header(const unsigned char *bytes, size_t length, struct thaw_error *error)
{
    uint32_t version;

    if (length < THAW_FILE_HEADER_BYTES)
        return thaw_error_set(error, -EBADMSG,
                              "cut short inside its header (%zu of %u bytes), nothing can be read",
                              length, THAW_FILE_HEADER_BYTES);
    version = thaw_file_version(bytes);
    if (version > THAW_RECORDING_VERSION)
        return thaw_error_set(error, -ENOTSUP,
                              "a recording of version %u, this thaw reads up to %u; use the thaw "
                              "that made it, or a newer one",
                              version, THAW_RECORDING_VERSION);
    if (version == 0)
        return thaw_error_set(error, -EBADMSG, "its header is damaged (version 0)");
    return 0;
}

bool thaw_reader_is_binary(const unsigned char *bytes, size_t length)
{
    if (length > THAW_FILE_MAGIC_BYTES)
        length = THAW_FILE_MAGIC_BYTES;
    return length > 0 && memcmp(bytes, THAW_FILE_MAGIC, length) == 0;
}

int thaw_reader_read(const unsigned char *bytes, size_t length, struct thaw_recording *recording,
                     struct thaw_error *error)
{
    struct reader reader = {
        .bytes = bytes,
        .length = length,
        .position = THAW_FILE_HEADER_BYTES,
        .recording = recording,
    };
    int result = read_header(bytes, length, error);

    if (result < 0)
        return result;
    while (result == 0)
        result = read_chunk(&reader);
    if (result == -ENOMEM)
        return thaw_error_memory(error);
    if (result < 0)
        return 0; /* told in recording->defect */
    recording->finished = true;
    if (reader.position < length)
        defect(&reader, "something follows the closing mark");
    return 0;
}
