/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "platform/http1.h"

enum {
    SIZE_DIGITS = 15, /* of a chunk, hexadecimal: more are no size */
    LENGTH_DIGITS = 18,
    START_LINE_LEAST = 12, /* "HTTP/1.1 200"; a request's is longer */
};

static const char VERSION[] = "HTTP/1.";

void thaw_http1_begin(struct thaw_http1 *reader, bool from_start)
{
    memset(reader, 0, sizeof(*reader));
    reader->state = from_start ? THAW_HTTP1_START : THAW_HTTP1_LOST;
}

/* The words of a line: runs of anything but spaces. */
static struct thaw_http1_text word_of(const char *line, size_t length, unsigned index)
{
    struct thaw_http1_text word = {0};
    size_t position = 0;

    for (unsigned i = 0; i <= index; i++) {
        while (position < length && line[position] == ' ')
            position++;
        word.bytes = line + position;
        while (position < length && line[position] != ' ')
            position++;
        word.length = (size_t)(line + position - word.bytes);
    }
    return word.length ? word : (struct thaw_http1_text){0};
}

static size_t line_length(const char *text, size_t length)
{
    const char *end = memchr(text, '\n', length);
    size_t result = end ? (size_t)(end - text) : length;

    return result && text[result - 1] == '\r' ? result - 1 : result;
}

static bool begins_with(struct thaw_http1_text text, const char *start)
{
    size_t length = strlen(start);

    return text.length >= length && !memcmp(text.bytes, start, length);
}

struct thaw_http1_text thaw_http1_start_word(const struct thaw_http1_message *message,
                                             unsigned index)
{
    return word_of(message->head, line_length(message->head, message->head_bytes), index);
}

struct thaw_http1_text thaw_http1_header(const struct thaw_http1_message *message, const char *name)
{
    const char *line = message->head, *end = line + message->head_bytes;
    size_t name_length = strlen(name);

    while ((line = memchr(line, '\n', (size_t)(end - line)))) {
        size_t length;

        line++;
        length = line_length(line, (size_t)(end - line));
        if (length <= name_length || line[name_length] != ':' ||
            strncasecmp(line, name, name_length) != 0)
            continue;
        /* A line that was cut off may have lost the end of its value. */
        if (message->head_cut && !memchr(line, '\n', (size_t)(end - line)))
            break;
        line += name_length + 1;
        length -= name_length + 1;
        while (length && (*line == ' ' || *line == '\t')) {
            line++;
            length--;
        }
        while (length && (line[length - 1] == ' ' || line[length - 1] == '\t'))
            length--;
        return (struct thaw_http1_text){line, length};
    }
    return (struct thaw_http1_text){0};
}

/* Is this a start line's beginning? "GET /…", "POST /…", "HTTP/1.1 2…" */
static bool begins_message(const uint8_t *bytes, uint32_t length)
{
    struct thaw_http1_text text = {(const char *)bytes, length};

    return length >= START_LINE_LEAST &&
           (begins_with(text, "GET /") || begins_with(text, "POST /") ||
            begins_with(text, "PUT /") || begins_with(text, "DELETE /") ||
            begins_with(text, VERSION));
}

/* Whether a first line, complete but for its end, is one of HTTP/1.x. */
static bool is_start_line(const struct thaw_http1_message *message)
{
    struct thaw_http1_text first = thaw_http1_start_word(message, 0);
    struct thaw_http1_text third = thaw_http1_start_word(message, 2);

    return first.bytes &&
           (begins_with(first, VERSION) || (third.bytes && begins_with(third, VERSION)));
}

static bool is_decimal(struct thaw_http1_text text, uint64_t *ret)
{
    *ret = 0;
    if (!text.length || text.length > LENGTH_DIGITS)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        *ret = *ret * 10 + (uint64_t)(text.bytes[i] - '0');
    }
    return true;
}

static bool is_chunked(const struct thaw_http1_message *message)
{
    static const char chunked[] = "chunked";
    struct thaw_http1_text coding = thaw_http1_header(message, "transfer-encoding");
    size_t length = sizeof(chunked) - 1;

    return coding.length >= length &&
           !strncasecmp(coding.bytes + coding.length - length, chunked, length);
}

/* Answers that never have a body: 1xx, 204, 304 (RFC 9112 section 6.3). */
static bool is_bodiless(struct thaw_http1_text status)
{
    return status.length == 3 && (status.bytes[0] == '1' || !memcmp(status.bytes, "204", 3) ||
                                  !memcmp(status.bytes, "304", 3));
}

/* The head is complete: what follows it? */
static void choose_body(struct thaw_http1 *reader)
{
    const struct thaw_http1_message *message = &reader->message;
    struct thaw_http1_text length = thaw_http1_header(message, "content-length");
    bool answer = begins_with(thaw_http1_start_word(message, 0), VERSION);

    reader->left = 0;
    reader->state = THAW_HTTP1_BODY;
    if (answer && is_bodiless(thaw_http1_start_word(message, 1)))
        return;
    if (is_chunked(message))
        reader->state = THAW_HTTP1_CHUNK_SIZE;
    else if (length.bytes)
        reader->state = is_decimal(length, &reader->left) ? THAW_HTTP1_BODY : THAW_HTTP1_LOST;
    else if (answer)
        reader->state = THAW_HTTP1_TO_THE_END;
}

/* Takes count bytes of the input, captured or not, as the message's. */
static void take(struct thaw_http1 *reader, struct thaw_http1_input *input, uint32_t count)
{
    uint32_t captured = count < input->captured ? count : input->captured;

    input->bytes += captured;
    input->captured -= captured;
    input->length -= count;
    input->call_start = false;
    reader->message.bytes += count;
    reader->message.last_byte_ns = input->time_ns;
}

static void keep_body(struct thaw_http1 *reader, const struct thaw_http1_input *input,
                      uint32_t count)
{
    struct thaw_http1_message *message = &reader->message;
    uint32_t captured = count < input->captured ? count : input->captured;
    uint32_t room = THAW_HTTP1_BODY_BYTES - message->body_kept;

    if (message->body_kept == message->body_bytes) { /* nothing is missing so far */
        captured = captured < room ? captured : room;
        memcpy(reader->body + message->body_kept, input->bytes, captured);
        message->body_kept += captured;
    }
    message->body_bytes += count;
}

static void start_message(struct thaw_http1 *reader, const struct thaw_http1_input *input)
{
    reader->state = THAW_HTTP1_HEAD;
    reader->told = false;
    reader->size_digits = 0;
    reader->size_over = reader->last_chunk = false;
    reader->message = (struct thaw_http1_message){.first_byte_ns = input->time_ns};
}

static enum thaw_http1_result tell(struct thaw_http1 *reader, enum thaw_http1_result result,
                                   struct thaw_http1_message *ret)
{
    reader->head[reader->message.head_bytes] = '\0';
    reader->message.head = reader->head;
    reader->message.body = reader->body;
    *ret = reader->message;
    return result;
}

static enum thaw_http1_result end_message(struct thaw_http1 *reader, struct thaw_http1_message *ret)
{
    reader->state = THAW_HTTP1_START;
    return tell(reader, THAW_HTTP1_MESSAGE, ret);
}

/* Where the message at hand ends is not known any more; the rest of this input is passed over. */
static enum thaw_http1_result lose(struct thaw_http1 *reader, struct thaw_http1_input *input,
                                   struct thaw_http1_message *ret)
{
    reader->state = THAW_HTTP1_LOST;
    reader->message.head_cut |= !reader->told;
    reader->message.last_byte_estimated = true;
    take(reader, input, input->length);
    return tell(reader, THAW_HTTP1_LOSS, ret);
}

/* Reads head bytes; true when the empty line is there. */
static bool read_head(struct thaw_http1 *reader, struct thaw_http1_input *input)
{
    struct thaw_http1_message *message = &reader->message;

    while (input->captured && message->head_bytes < THAW_HTTP1_HEAD_BYTES) {
        char byte = (char)*input->bytes;
        uint32_t count = message->head_bytes;

        take(reader, input, 1);
        if (!count && (byte == '\r' || byte == '\n'))
            continue; /* an empty line in front of a start line means nothing */
        if (byte == '\n' && count &&
            (reader->head[count - 1] == '\n' ||
             (count > 1 && reader->head[count - 1] == '\r' && reader->head[count - 2] == '\n'))) {
            message->head_bytes -= reader->head[count - 1] == '\r';
            return true;
        }
        reader->head[message->head_bytes++] = byte;
    }
    return false;
}

static enum thaw_http1_result next_in_head(struct thaw_http1 *reader,
                                           struct thaw_http1_input *input,
                                           struct thaw_http1_message *ret)
{
    if (!read_head(reader, input)) {
        if (!input->length && reader->message.head_bytes < THAW_HTTP1_HEAD_BYTES)
            return THAW_HTTP1_MORE;
        return lose(reader, input, ret);
    }
    tell(reader, THAW_HTTP1_HEADED, ret);
    if (!is_start_line(&reader->message)) {
        lose(reader, input, ret);
        reader->state = THAW_HTTP1_FOREIGN;
        return THAW_HTTP1_STRANGE;
    }
    choose_body(reader);
    if (reader->state == THAW_HTTP1_LOST)
        return lose(reader, input, ret);
    reader->told = true;
    return THAW_HTTP1_HEADED;
}

static int hexadecimal(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The line with a chunk's size; an empty one ends the chunk before it. False: it is no such line.
 */
static bool read_size(struct thaw_http1 *reader, struct thaw_http1_input *input)
{
    while (input->captured) {
        uint8_t byte = *input->bytes;
        int digit = reader->size_over ? -1 : hexadecimal(byte);

        take(reader, input, 1);
        if (byte == '\n') {
            if (!reader->size_digits)
                continue;
            reader->last_chunk = !reader->left;
            reader->state = reader->last_chunk ? THAW_HTTP1_TRAILER : THAW_HTTP1_CHUNK;
            reader->line_empty = true;
            reader->size_digits = 0;
            reader->size_over = false;
            return true;
        }
        if (digit >= 0) {
            if (reader->size_digits++ == SIZE_DIGITS)
                return false;
            reader->left = reader->left << 4 | (uint64_t)digit;
        } else if (byte != '\r') {
            if (!reader->size_digits)
                return false;
            reader->size_over = true; /* an extension */
        }
    }
    return true;
}

/* The lines behind the last chunk, up to an empty one; true when that is there. */
static bool read_trailer(struct thaw_http1 *reader, struct thaw_http1_input *input)
{
    while (input->captured) {
        uint8_t byte = *input->bytes;

        take(reader, input, 1);
        if (byte == '\n' && reader->line_empty)
            return true;
        if (byte != '\r')
            reader->line_empty = byte == '\n';
    }
    return false;
}

/* Bytes of a body or a chunk, as many as there are. */
static void read_body(struct thaw_http1 *reader, struct thaw_http1_input *input)
{
    uint32_t count = reader->left < input->length ? (uint32_t)reader->left : input->length;

    keep_body(reader, input, count);
    take(reader, input, count);
    reader->left -= count;
}

static enum thaw_http1_result next_while_lost(struct thaw_http1 *reader,
                                              struct thaw_http1_input *input,
                                              struct thaw_http1_message *ret)
{
    bool open = reader->message.first_byte_ns != 0;

    if (input->call_start && begins_message(input->bytes, input->captured)) {
        reader->state = THAW_HTTP1_START;
        if (open)
            return tell(reader, THAW_HTTP1_MESSAGE, ret);
        return THAW_HTTP1_MORE;
    }
    take(reader, input, input->length);
    return THAW_HTTP1_MORE;
}

/* One step; MORE with something left of the input means: go on. */
static enum thaw_http1_result step(struct thaw_http1 *reader, struct thaw_http1_input *input,
                                   struct thaw_http1_message *ret)
{
    bool is_hole = !input->captured;

    switch (reader->state) {
    case THAW_HTTP1_START:
        start_message(reader, input);
        return is_hole ? lose(reader, input, ret) : THAW_HTTP1_MORE;
    case THAW_HTTP1_HEAD:
        return next_in_head(reader, input, ret);
    case THAW_HTTP1_BODY:
    case THAW_HTTP1_CHUNK:
    case THAW_HTTP1_TO_THE_END:
        if (reader->state == THAW_HTTP1_TO_THE_END)
            reader->left = input->length;
        read_body(reader, input);
        if (reader->state == THAW_HTTP1_CHUNK && !reader->left)
            reader->state = THAW_HTTP1_CHUNK_SIZE;
        return THAW_HTTP1_MORE;
    case THAW_HTTP1_CHUNK_SIZE:
        return is_hole || !read_size(reader, input) ? lose(reader, input, ret) : THAW_HTTP1_MORE;
    case THAW_HTTP1_TRAILER:
        if (is_hole)
            return lose(reader, input, ret);
        return read_trailer(reader, input) ? end_message(reader, ret) : THAW_HTTP1_MORE;
    case THAW_HTTP1_LOST:
        return next_while_lost(reader, input, ret);
    case THAW_HTTP1_FOREIGN:
        take(reader, input, input->length);
        break;
    }
    return THAW_HTTP1_MORE;
}

enum thaw_http1_result thaw_http1_next(struct thaw_http1 *reader, struct thaw_http1_input *input,
                                       struct thaw_http1_message *ret_message)
{
    enum thaw_http1_result result = THAW_HTTP1_MORE;

    while (!result) {
        if (reader->state == THAW_HTTP1_BODY && !reader->left)
            return end_message(reader, ret_message);
        if (!input->length)
            break;
        result = step(reader, input, ret_message);
    }
    return result;
}

bool thaw_http1_finish(struct thaw_http1 *reader, struct thaw_http1_message *ret_message)
{
    bool open = reader->state != THAW_HTTP1_START && reader->state != THAW_HTTP1_FOREIGN &&
                reader->message.first_byte_ns;

    if (!open)
        return false;
    reader->message.unfinished = reader->state != THAW_HTTP1_TO_THE_END;
    reader->message.head_cut |= !reader->told;
    tell(reader, THAW_HTTP1_MESSAGE, ret_message);
    reader->state = THAW_HTTP1_LOST;
    reader->message.first_byte_ns = 0;
    return true;
}
