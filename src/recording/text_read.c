/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "recording/memory.h"
#include "recording/text_form.h"
#include "recording/text_scan.h"

/* What every event has besides the fields of its kind. */
struct common {
    uint64_t pid;
    uint64_t tid;
};

static const struct thaw_field common_fields[] = {
    {"pid", THAW_FIELD_U64, offsetof(struct common, pid)},
    {"tid", THAW_FIELD_U64, offsetof(struct common, tid)},
};

static const struct thaw_kind common_kind = {.fields = common_fields, .count = 2};

/* What a line is read into; common is NULL where there is nothing of that. */
struct target {
    const struct thaw_kind *kind;
    void *record;
    struct common *common;
    uint64_t seen; /* one bit a field: those of the kind, then those of common */
};

/* A word of the file for an error: short, and harmless on a terminal. */
struct shown {
    char text[64];
};

static struct shown show(const char *word, size_t length)
{
    struct shown shown;

    thaw_text_escape_terminal(shown.text, sizeof(shown.text), word, length);
    return shown;
}

static bool is_value_end(const struct thaw_scanner *scanner)
{
    return scanner->at == scanner->end || memchr(" \t\r", *scanner->at, 3);
}

/* name=value */
static int read_field(struct thaw_scanner *scanner, struct target *target)
{
    const struct thaw_kind *kind = target->kind;
    void *record = target->record;
    const char *name;
    size_t length = thaw_scan_word(scanner, &name);
    const struct thaw_field *field = thaw_kinds_field(kind, name, length);
    uint64_t bit;
    int result;

    if (!field && target->common) {
        record = target->common;
        kind = &common_kind;
        field = thaw_kinds_field(kind, name, length);
    }
    if (!field)
        return thaw_scan_fail(scanner, name, "%s has no field \"%s\"", target->kind->name,
                              show(name, length).text);
    bit = UINT64_C(1) << (field - kind->fields +
                          (record == target->common ? target->kind->count : 0));
    if (target->seen & bit)
        return thaw_scan_fail(scanner, name, "field \"%s\" is there twice", field->name);
    target->seen |= bit;
    if (scanner->at == scanner->end || *scanner->at != '=')
        return thaw_scan_fail(scanner, scanner->at, "\"=\" is missing after the field's name");
    scanner->at++;
    result = thaw_scan_value(scanner, field, record);
    if (result == 0 && !is_value_end(scanner))
        return thaw_scan_fail(scanner, scanner->at, "a blank is missing after the value");
    return result;
}

static int read_fields(struct thaw_scanner *scanner, struct target *target)
{
    while (thaw_scan_more(scanner)) {
        int result = read_field(scanner, target);

        if (result < 0)
            return result;
    }
    return 0;
}

/* TIME KIND field=value … */
static int read_event(struct thaw_scanner *scanner, struct thaw_event *event)
{
    struct common common = {0};
    struct target target = {.record = event, .common = &common};
    const char *name;
    size_t length;
    int result = thaw_scan_u64(scanner, &event->time_ns);

    if (result < 0)
        return result;
    if (!is_value_end(scanner))
        return thaw_scan_fail(scanner, scanner->at, "a time is a number of ns and nothing more");
    if (!thaw_scan_more(scanner))
        return thaw_scan_fail(scanner, scanner->at, "the event's kind is missing");
    length = thaw_scan_word(scanner, &name);
    target.kind = thaw_kinds_by_name(name, length);
    if (!target.kind)
        return thaw_scan_fail(scanner, name, "kind \"%s\" is not known", show(name, length).text);
    event->kind = target.kind->number;
    thaw_kinds_clear(target.kind, event);
    result = read_fields(scanner, &target);
    if (result < 0)
        return result;
    if (common.pid > UINT32_MAX || common.tid > UINT32_MAX)
        return thaw_scan_fail(scanner, name, "pid and tid have 32 bits");
    event->pid = (uint32_t)common.pid;
    event->tid = (uint32_t)common.tid;
    return 0;
}

static int read_summary(struct thaw_scanner *scanner, struct thaw_recording *recording)
{
    struct thaw_text_form_summary summary;
    struct target target = {.kind = &thaw_text_form_summary_kind, .record = &summary};
    const char *word;
    size_t length = thaw_scan_word(scanner, &word);
    int result;

    if (length != strlen(target.kind->name) || memcmp(word, target.kind->name, length) != 0)
        return thaw_scan_fail(scanner, word, "a line begins with a time in ns, not with \"%s\"",
                              show(word, length).text);
    thaw_kinds_clear(target.kind, &summary);
    summary.finished = 1;
    result = read_fields(scanner, &target);
    if (result < 0)
        return result;
    recording->finished = summary.finished != 0;
    recording->unknown_kinds = summary.unknown_kinds;
    snprintf(recording->defect, sizeof(recording->defect), "%s", summary.defect);
    return 0;
}

static int read_line(struct thaw_scanner *scanner, struct thaw_recording *recording)
{
    struct thaw_event *event;

    if (!thaw_scan_more(scanner))
        return 0;
    if (*scanner->at < '0' || *scanner->at > '9')
        return read_summary(scanner, recording);
    event = thaw_array_add(&recording->memory->events);
    if (!event)
        return thaw_error_memory(scanner->error);
    return read_event(scanner, event);
}

static int read_head(struct thaw_scanner *scanner)
{
    const char *word;
    size_t length = thaw_scan_word(scanner, &word);
    uint64_t version = 0;
    int result;

    if (length != strlen(THAW_TEXT_FORM_HEAD) || memcmp(word, THAW_TEXT_FORM_HEAD, length) != 0)
        return thaw_scan_fail(scanner, word, "the first line is not \"%s %d\"", THAW_TEXT_FORM_HEAD,
                              THAW_RECORDING_VERSION);
    if (!thaw_scan_more(scanner))
        return thaw_scan_fail(scanner, scanner->at, "the version is missing");
    result = thaw_scan_u64(scanner, &version);
    if (result < 0)
        return result;
    if (version == 0 || thaw_scan_more(scanner))
        return thaw_scan_fail(scanner, scanner->at, "the first line is not \"%s %d\"",
                              THAW_TEXT_FORM_HEAD, THAW_RECORDING_VERSION);
    if (version <= THAW_RECORDING_VERSION)
        return 0;
    return thaw_error_set(scanner->error, -ENOTSUP,
                          "text form of version %llu, this thaw reads up to %d; use a newer one",
                          (unsigned long long)version, THAW_RECORDING_VERSION);
}

bool thaw_text_form_is(const char *bytes, size_t length)
{
    if (length > strlen(THAW_TEXT_FORM_HEAD))
        length = strlen(THAW_TEXT_FORM_HEAD);
    return length > 0 && memcmp(bytes, THAW_TEXT_FORM_HEAD, length) == 0;
}

int thaw_text_form_read(const char *bytes, size_t length, struct thaw_recording *recording,
                        struct thaw_error *error)
{
    struct thaw_scanner scanner = {.arena = &recording->memory->arena, .error = error};
    const char *end = bytes + length;
    int result = 0;

    recording->finished = true;
    for (const char *line = bytes; line < end && result == 0;) {
        const char *line_break = memchr(line, '\n', (size_t)(end - line));

        scanner.line = scanner.at = line;
        scanner.end = line_break ? line_break : end;
        scanner.number++;
        result = scanner.number == 1 ? read_head(&scanner) : read_line(&scanner, recording);
        line = line_break ? line_break + 1 : end;
    }
    thaw_array_free(&scanner.items);
    return result;
}
