/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/encode.h"
#include "recording/file.h"
#include "thaw/recording.h"

/*
 * Recordings in both forms. What can be read is written again in both forms and must read as the
 * same text. Checksums are put right first (in a copy), or nothing behind them would be reached.
 */

static void require(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static char *text_of(const struct thaw_recording *recording, size_t *length)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, length);

    require(stream != NULL, "a stream in memory");
    require(thaw_recording_write_text(recording, stream, NULL) == 0, "the text form is written");
    require(fclose(stream) == 0, "the stream closes");
    return text;
}

static void require_same(const void *bytes, size_t length, const char *text, size_t text_length)
{
    struct thaw_recording *recording = NULL;
    size_t again_length;
    char *again;

    require(thaw_recording_parse(bytes, length, &recording, NULL) == 0, "what was written is read");
    again = text_of(recording, &again_length);
    require(again_length == text_length && memcmp(again, text, text_length) == 0,
            "what is read is what was written");
    free(again);
    thaw_recording_free(recording);
}

/* One chunk and the closing mark. The recording's own words about itself are text only. */
static void check_binary(const struct thaw_recording *recording)
{
    struct thaw_recording events = *recording;
    struct thaw_encoder encoder = {0};
    struct thaw_file_chunk mark = {.magic = THAW_FILE_CLOSE_MAGIC, .sequence = 1};
    size_t head = THAW_FILE_HEADER_BYTES + THAW_FILE_CHUNK_HEAD_BYTES;
    size_t length;
    char *text;

    require(thaw_encode_begin(&encoder, head, NULL) == 0, "the encoder begins");
    for (size_t i = 0; i < recording->count; i++)
        require(thaw_encode_event(&encoder, &recording->events[i], NULL) == 0, "an event encodes");
    struct thaw_file_chunk chunk = {
        .magic = THAW_FILE_CHUNK_MAGIC,
        .length = (uint32_t)(encoder.length - head),
        .records = encoder.records,
    };
    encoder.bytes = realloc(encoder.bytes, encoder.length + THAW_FILE_CHUNK_HEAD_BYTES);
    require(encoder.bytes != NULL, "memory");
    thaw_file_put_header(encoder.bytes, THAW_RECORDING_VERSION);
    thaw_file_put_chunk(encoder.bytes + THAW_FILE_HEADER_BYTES, &chunk, encoder.bytes + head);
    thaw_file_put_chunk(encoder.bytes + encoder.length, &mark, encoder.bytes + encoder.length);
    events.finished = true;
    events.defect[0] = '\0';
    events.unknown_kinds = 0;
    text = text_of(&events, &length);
    require_same(encoder.bytes, encoder.length + THAW_FILE_CHUNK_HEAD_BYTES, text, length);
    free(text);
    thaw_encode_free(&encoder);
}

static void check(const void *bytes, size_t length)
{
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};
    size_t text_length;
    char *text;

    if (thaw_recording_parse(bytes, length, &recording, &error) < 0) {
        require(recording == NULL && error.code < 0 && error.message[0], "an error says why");
        return;
    }
    require(recording->finished || recording->defect[0] || *(const char *)bytes == 't',
            "a recording that is not finished says why");
    text = text_of(recording, &text_length);
    require_same(text, text_length, text, text_length);
    check_binary(recording);
    free(text);
    thaw_recording_free(recording);
}

/* Makes the chunks of a binary form right: sequence and checksum, nothing else. */
static void repair(unsigned char *bytes, size_t length)
{
    size_t position = THAW_FILE_HEADER_BYTES;

    for (uint32_t sequence = 0; length - position >= THAW_FILE_CHUNK_HEAD_BYTES; sequence++) {
        unsigned char *payload = bytes + position + THAW_FILE_CHUNK_HEAD_BYTES;
        struct thaw_file_chunk chunk = thaw_file_chunk(bytes + position);

        position += THAW_FILE_CHUNK_HEAD_BYTES;
        if (chunk.length > length - position)
            return;
        chunk.sequence = sequence;
        thaw_file_put_chunk(payload - THAW_FILE_CHUNK_HEAD_BYTES, &chunk, payload);
        position += chunk.length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *copy;

    check(data, size);
    if (size < THAW_FILE_HEADER_BYTES || memcmp(data, THAW_FILE_MAGIC, THAW_FILE_MAGIC_BYTES) != 0)
        return 0;
    copy = malloc(size);
    require(copy != NULL, "memory");
    memcpy(copy, data, size);
    repair(copy, size);
    check(copy, size);
    free(copy);
    return 0;
}
