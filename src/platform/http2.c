/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "platform/http2.h"
#include "platform/http2_frame.h"

struct thaw_http2 thaw_http2_reader(bool from_start)
{
    return (struct thaw_http2){
        .state = from_start ? THAW_HTTP2_START : THAW_HTTP2_LOST,
        .first_frame_due = from_start,
    };
}

struct thaw_http2_input thaw_http2_input(const uint8_t *bytes, uint32_t captured, uint32_t length)
{
    return (struct thaw_http2_input){
        .bytes = bytes, .captured = captured, .length = length, .call_start = true};
}

/* Uses up the next length bytes, at hand or not, and returns how many of them are at hand. */
static uint32_t take(struct thaw_http2_input *input, uint32_t length)
{
    uint32_t at_hand = length < input->captured ? length : input->captured;

    if (at_hand)
        input->bytes += at_hand;
    input->captured -= at_hand;
    input->length -= length;
    input->call_start = false;
    return at_hand;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The rest of the call is of no use. */
static bool pass_over(struct thaw_http2_input *input, struct thaw_http2_event *event,
                      enum thaw_http2_event_kind kind)
{
    event->kind = kind;
    event->length = input->length;
    take(input, input->length);
    return true;
}

static bool lose(struct thaw_http2 *reader, struct thaw_http2_input *input,
                 struct thaw_http2_event *event, bool malformed)
{
    uint32_t of_header = reader->state == THAW_HTTP2_HEADER ? reader->have : 0;

    reader->state = THAW_HTTP2_LOST;
    reader->first_frame_due = false;
    pass_over(input, event, THAW_HTTP2_EVENT_LOST);
    event->malformed = malformed;
    event->length += of_header;
    return true;
}

static bool foreign(struct thaw_http2 *reader, struct thaw_http2_input *input,
                    struct thaw_http2_event *event)
{
    reader->state = THAW_HTTP2_FOREIGN;
    return pass_over(input, event, THAW_HTTP2_EVENT_FOREIGN);
}

static void expect_header(struct thaw_http2 *reader)
{
    reader->state = THAW_HTTP2_HEADER;
    reader->have = 0;
}

/* A client begins with the preface, a server with a frame (RFC 9113, section 3.4). */
static bool read_start(struct thaw_http2 *reader, struct thaw_http2_input *input,
                       struct thaw_http2_event *event)
{
    if (!input->captured)
        return lose(reader, input, event, false);
    if (input->bytes[0] == THAW_HTTP2_PREFACE[0]) {
        reader->state = THAW_HTTP2_PREFACE_PART;
        reader->have = 0;
    } else {
        expect_header(reader);
    }
    return false;
}

static bool read_preface(struct thaw_http2 *reader, struct thaw_http2_input *input,
                         struct thaw_http2_event *event)
{
    uint32_t wanted = smaller(THAW_HTTP2_PREFACE_BYTES - reader->have, input->captured);

    if (!wanted)
        return lose(reader, input, event, false);
    if (memcmp(input->bytes, &THAW_HTTP2_PREFACE[reader->have], wanted) != 0)
        return foreign(reader, input, event);
    take(input, wanted);
    reader->have = (uint8_t)(reader->have + wanted);
    if (reader->have == THAW_HTTP2_PREFACE_BYTES)
        expect_header(reader);
    else if (input->length)
        return lose(reader, input, event, false);
    return false;
}

/* Sets out to read a frame's payload. False if its header is nothing that can come here. */
static bool enter_frame(struct thaw_http2 *reader)
{
    struct thaw_http2_frame frame = thaw_http2_frame_read(reader->header);

    if (!thaw_http2_frame_is_valid(&frame) ||
        (reader->first_frame_due && !thaw_http2_frame_is_plausible(&frame, 0)))
        return false;
    reader->type = frame.type;
    reader->flags = frame.flags;
    reader->stream_id = frame.stream_id & 0x7fffffff;
    reader->frame_length = frame.length;
    reader->frame_started = false;
    reader->data_left = 0;
    reader->skip_left = 0;
    if (frame.type == THAW_HTTP2_FRAME_DATA && (frame.flags & THAW_HTTP2_FLAG_PADDED)) {
        reader->state = THAW_HTTP2_PADDING_LENGTH;
    } else if (frame.type == THAW_HTTP2_FRAME_DATA) {
        reader->state = THAW_HTTP2_DATA;
        reader->data_left = frame.length;
    } else {
        reader->state = THAW_HTTP2_SKIP;
        reader->skip_left = frame.length;
    }
    if (frame.type <= THAW_HTTP2_FRAME_HEADERS && reader->stream_id > reader->highest_stream_id)
        reader->highest_stream_id = reader->stream_id;
    return true;
}

/* The event, if any, that a frame's header is by itself. */
static bool announce_frame(const struct thaw_http2 *reader, struct thaw_http2_event *event)
{
    event->stream_id = reader->stream_id;
    if (reader->type == THAW_HTTP2_FRAME_HEADERS) {
        event->kind = THAW_HTTP2_EVENT_OPEN;
        event->end_stream = reader->flags & THAW_HTTP2_FLAG_END_STREAM;
        return true;
    }
    event->kind = THAW_HTTP2_EVENT_RESET;
    return reader->type == THAW_HTTP2_FRAME_RST_STREAM;
}

static bool read_header(struct thaw_http2 *reader, struct thaw_http2_input *input,
                        struct thaw_http2_event *event)
{
    uint32_t wanted = smaller(THAW_HTTP2_HEADER_BYTES - reader->have, input->captured);

    if (wanted)
        memcpy(reader->header + reader->have, input->bytes, wanted);
    take(input, wanted);
    reader->have = (uint8_t)(reader->have + wanted);
    if (reader->have < THAW_HTTP2_HEADER_BYTES)
        return input->length ? lose(reader, input, event, false) : false;
    if (!enter_frame(reader))
        return reader->first_frame_due ? foreign(reader, input, event)
                                       : lose(reader, input, event, true);
    reader->first_frame_due = false;
    return announce_frame(reader, event);
}

static bool read_padding_length(struct thaw_http2 *reader, struct thaw_http2_input *input,
                                struct thaw_http2_event *event)
{
    uint32_t padding;

    if (!input->captured)
        return lose(reader, input, event, false);
    padding = input->bytes[0];
    take(input, 1);
    if (padding >= reader->frame_length)
        return lose(reader, input, event, true);
    reader->data_left = reader->frame_length - 1 - padding;
    reader->skip_left = padding;
    reader->state = THAW_HTTP2_DATA;
    return false;
}

static bool read_data(struct thaw_http2 *reader, struct thaw_http2_input *input,
                      struct thaw_http2_event *event)
{
    *event = (struct thaw_http2_event){
        .kind = THAW_HTTP2_EVENT_DATA,
        .stream_id = reader->stream_id,
        .frame_start = !reader->frame_started,
        .bytes = input->bytes,
        .length = smaller(reader->data_left, input->length),
        .frame_length = reader->frame_length,
    };
    event->captured = take(input, event->length);
    reader->frame_started = true;
    reader->data_left -= event->length;
    if (reader->data_left == 0)
        reader->state = THAW_HTTP2_SKIP;
    return event->length > 0;
}

static bool read_skip(struct thaw_http2 *reader, struct thaw_http2_input *input)
{
    uint32_t length = smaller(reader->skip_left, input->length);

    take(input, length);
    reader->skip_left -= length;
    if (reader->skip_left == 0)
        expect_header(reader);
    return false;
}

static bool starts_with_preface(const struct thaw_http2_input *input)
{
    return input->captured >= THAW_HTTP2_PREFACE_BYTES &&
           !memcmp(input->bytes, THAW_HTTP2_PREFACE, THAW_HTTP2_PREFACE_BYTES);
}

static bool read_lost(struct thaw_http2 *reader, struct thaw_http2_input *input,
                      struct thaw_http2_event *event)
{
    if (input->call_start && starts_with_preface(input)) {
        reader->state = THAW_HTTP2_PREFACE_PART;
        reader->have = 0;
        return false;
    }
    if (!input->call_start ||
        !thaw_http2_frame_chain(input->bytes, input->captured, reader->highest_stream_id))
        return pass_over(input, event, THAW_HTTP2_EVENT_SKIPPED);
    expect_header(reader);
    return false;
}

static bool read_state(struct thaw_http2 *reader, struct thaw_http2_input *input,
                       struct thaw_http2_event *event)
{
    switch (reader->state) {
    case THAW_HTTP2_START:
        return read_start(reader, input, event);
    case THAW_HTTP2_PREFACE_PART:
        return read_preface(reader, input, event);
    case THAW_HTTP2_HEADER:
        return read_header(reader, input, event);
    case THAW_HTTP2_PADDING_LENGTH:
        return read_padding_length(reader, input, event);
    case THAW_HTTP2_DATA:
        return read_data(reader, input, event);
    case THAW_HTTP2_SKIP:
        return read_skip(reader, input);
    case THAW_HTTP2_LOST:
        return read_lost(reader, input, event);
    case THAW_HTTP2_FOREIGN:
        break;
    }
    return pass_over(input, event, THAW_HTTP2_EVENT_FOREIGN);
}

/* An empty rest of a frame (no data, no padding) needs no further byte to be finished. */
static bool needs_no_input(const struct thaw_http2 *reader)
{
    return (reader->state == THAW_HTTP2_DATA && reader->data_left == 0) ||
           (reader->state == THAW_HTTP2_SKIP && reader->skip_left == 0);
}

bool thaw_http2_next(struct thaw_http2 *reader, struct thaw_http2_input *input,
                     struct thaw_http2_event *ret_event)
{
    while (input->length || needs_no_input(reader)) {
        *ret_event = (struct thaw_http2_event){0};
        if (read_state(reader, input, ret_event))
            return true;
    }
    return false;
}
