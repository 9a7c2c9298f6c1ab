/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "recording/kinds.h"
#include "recording/text_form.h"

static const struct thaw_field summary_fields[] = {
    {"finished", THAW_FIELD_U64, offsetof(struct thaw_text_form_summary, finished)},
    {"defect", THAW_FIELD_TEXT, offsetof(struct thaw_text_form_summary, defect)},
    {"unknown_kinds", THAW_FIELD_U64, offsetof(struct thaw_text_form_summary, unknown_kinds)},
};

const struct thaw_kind thaw_text_form_summary_kind = {
    .name = "recording",
    .size = sizeof(struct thaw_text_form_summary),
    .fields = summary_fields,
    .count = sizeof(summary_fields) / sizeof(summary_fields[0]),
};

static void write_codepoint(FILE *stream, uint32_t codepoint)
{
    if (codepoint < 0x80) {
        fprintf(stream, "\\x%02" PRIx32, codepoint);
    } else if (codepoint < 0x10000) {
        fprintf(stream, "\\u%04" PRIx32, codepoint);
    } else {
        codepoint -= 0x10000;
        fprintf(stream, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xD800 + (codepoint >> 10),
                0xDC00 + (codepoint & 0x3FF));
    }
}

/* One character, or one byte that is none; returns how many bytes that was. */
static size_t write_unit(FILE *stream, const char *bytes, size_t length)
{
    static const char escaped[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *place = strchr(escaped, bytes[0]);
    uint32_t codepoint = 0;
    size_t used = thaw_text_decode(bytes, length, &codepoint);

    if (place)
        fprintf(stream, "\\%c", letters[place - escaped]);
    else if (used == 0)
        fprintf(stream, "\\x%02x", (unsigned char)bytes[0]);
    else if (thaw_text_is_plain(codepoint))
        fwrite(bytes, 1, used, stream);
    else
        write_codepoint(stream, codepoint);
    return used ? used : 1;
}

static void write_text(FILE *stream, const char *text)
{
    size_t length = text ? strlen(text) : 0;

    putc('"', stream);
    for (size_t i = 0; i < length;)
        i += write_unit(stream, text + i, length - i);
    putc('"', stream);
}

static void write_texts(FILE *stream, const struct thaw_texts *texts)
{
    putc('[', stream);
    for (uint64_t i = 0; i < texts->count; i++) {
        if (i > 0)
            putc(',', stream);
        write_text(stream, texts->items[i]);
    }
    putc(']', stream);
}

static void write_field(FILE *stream, const struct thaw_field *field, const void *record)
{
    fprintf(stream, " %s=", field->name);
    switch (field->type) {
    case THAW_FIELD_U64:
        fprintf(stream, "%" PRIu64, *thaw_field_u64(field, record));
        return;
    case THAW_FIELD_I64:
        fprintf(stream, "%" PRId64, *thaw_field_i64(field, record));
        return;
    case THAW_FIELD_TEXT:
        write_text(stream, *thaw_field_text(field, record));
        return;
    case THAW_FIELD_TEXTS:
        write_texts(stream, thaw_field_texts(field, record));
        return;
    }
}

static void write_fields(FILE *stream, const struct thaw_kind *kind, const void *record)
{
    for (size_t i = 0; i < kind->count; i++)
        if (!thaw_kinds_field_is_empty(&kind->fields[i], record))
            write_field(stream, &kind->fields[i], record);
    putc('\n', stream);
}

static void write_summary(FILE *stream, const struct thaw_recording *recording)
{
    struct thaw_text_form_summary summary = {
        .finished = recording->finished,
        .defect = recording->defect,
        .unknown_kinds = recording->unknown_kinds,
    };

    if (summary.finished && !*summary.defect && !summary.unknown_kinds)
        return;
    fputs(thaw_text_form_summary_kind.name, stream);
    if (!summary.finished)
        fputs(" finished=0", stream);
    write_fields(stream, &thaw_text_form_summary_kind, &summary);
}

static void write_event(FILE *stream, const struct thaw_event *event)
{
    const struct thaw_kind *kind = thaw_kinds_by_number(event->kind);

    if (!kind)
        return; /* a loaded recording has none */
    fprintf(stream, "%" PRIu64 " %s", event->time_ns, kind->name);
    if (event->pid)
        fprintf(stream, " pid=%" PRIu32, event->pid);
    if (event->tid)
        fprintf(stream, " tid=%" PRIu32, event->tid);
    write_fields(stream, kind, event);
}

int thaw_recording_write_text(const struct thaw_recording *recording, FILE *stream,
                              struct thaw_error *error)
{
    errno = 0;
    fprintf(stream, "%s %d\n", THAW_TEXT_FORM_HEAD, THAW_RECORDING_VERSION);
    write_summary(stream, recording);
    for (size_t i = 0; i < recording->count && !ferror(stream); i++)
        write_event(stream, &recording->events[i]);
    if (!ferror(stream) && fflush(stream) == 0)
        return 0;
    return thaw_error_system(error, errno ? -errno : -EIO, "the text form cannot be written");
}
