/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "timeline_fixture.h"
#include "timeline_rules.h"

#define HEAD "thaw-recording-text 1\n"

/* Events that are of some process; the others stay as they are. */
static bool is_of_process(const char *kind)
{
    static const char *const kinds[] = {"process.", "interpreter", "effect",   "import.",
                                        "body.",    "dlopen.",     "gc.",      "file.",
                                        "connect ", "message",     "function", "strand.",
                                        "module.",  "lazy.",       "mapping ", "sample ",
                                        "stack ",   "unmarshal",   "marshal",  "listen ",
                                        "accept ",  "first.bytes", "host.file"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!strncmp(kind, kinds[i], strlen(kinds[i])))
            return true;
    return false;
}

static bool has(const char *line, size_t length, const char *field)
{
    return memmem(line, length, field, strlen(field)) != NULL;
}

static void write_line(FILE *stream, const char *line, size_t length)
{
    const char *kind = memchr(line, ' ', length);

    fwrite(line, 1, length, stream);
    if (kind && is_of_process(kind + 1) && !has(line, length, " pid="))
        fputs(" pid=1 tid=1", stream);
    if (kind && !strncmp(kind, " message ", 9)) {
        if (!has(line, length, " last_ns="))
            fprintf(stream, " last_ns=%.*s", (int)(kind - line), line);
        if (!has(line, length, " connection="))
            fputs(" connection=1", stream);
    }
    fputs("\n", stream);
}

static void write_lines(FILE *stream, const char *lines)
{
    fputs(HEAD, stream);
    while (*lines) {
        size_t length = strcspn(lines, "\n");

        write_line(stream, lines, length);
        lines += length + (lines[length] == '\n');
    }
}

void timeline_fixture_build(struct timeline_fixture *fixture, const char *lines)
{
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    write_lines(stream, lines);
    assert_int_equal(fclose(stream), 0);
    memset(fixture, 0, sizeof(*fixture));
    if (thaw_recording_parse(text, length, &fixture->recording, &error))
        fail_msg("%s", error.message);
    free(text);
    assert_int_equal(thaw_timeline_build(fixture->recording, &fixture->timeline, &error), 0);
    timeline_assert_sound(fixture->timeline);
}

void timeline_fixture_free(struct timeline_fixture *fixture)
{
    thaw_timeline_free(fixture->timeline);
    thaw_recording_free(fixture->recording);
    memset(fixture, 0, sizeof(*fixture));
}

void timeline_assert_sound(const struct thaw_timeline *timeline)
{
    const char *broken = timeline_broken_rule(timeline);

    if (broken)
        fail_msg("does not hold: %s", broken);
}

const struct thaw_timeline_process *timeline_process(const struct timeline_fixture *fixture,
                                                     uint32_t pid, size_t n)
{
    for (size_t i = 0; i < fixture->timeline->process_count; i++)
        if (fixture->timeline->processes[i].pid == pid && n-- == 0)
            return &fixture->timeline->processes[i];
    fail_msg("there are too few processes with the pid %u", pid);
    return NULL;
}

const struct thaw_module *timeline_module(const struct timeline_fixture *fixture, const char *name,
                                          size_t n)
{
    for (size_t i = 0; i < fixture->timeline->module_count; i++)
        if (!strcmp(fixture->timeline->modules[i].name, name) && n-- == 0)
            return &fixture->timeline->modules[i];
    fail_msg("there are too few modules called %s", name);
    return NULL;
}

void timeline_assert_spent(const struct thaw_spent *spent, const char *expected)
{
    const struct {
        const char *name;
        uint64_t number;
    } rows[] = {
        {"io", spent->io_ns},           {"runqueue", spent->runqueue_ns},
        {"sleep", spent->sleep_ns},     {"minor", spent->minor_faults},
        {"major", spent->major_faults}, {"disk", spent->disk_bytes},
        {"read", spent->read_bytes},
    };
    char text[256] = "";
    size_t length = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].number)
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %" PRIu64,
                                       length ? " " : "", rows[i].name, rows[i].number);
    if (spent->memory_bytes)
        snprintf(text + length, sizeof(text) - length, "%smemory %" PRId64, length ? " " : "",
                 spent->memory_bytes);
    assert_string_equal(text, expected);
}

const struct thaw_phase *timeline_phase(const struct thaw_track *track, const char *name, size_t n)
{
    for (size_t i = 0; i < track->phase_count; i++)
        if (!strcmp(track->phases[i].name, name) && n-- == 0)
            return &track->phases[i];
    fail_msg("there are too few phases called %s", name);
    return NULL;
}

const struct thaw_phase *timeline_part(const struct thaw_phase *phase, const char *name)
{
    for (size_t i = 0; i < phase->child_count; i++)
        if (!strcmp(phase->children[i].name, name))
            return &phase->children[i];
    return NULL;
}

uint64_t timeline_lost(const struct timeline_fixture *fixture, const char *cause)
{
    uint64_t count = 0;

    for (size_t i = 0; i < fixture->timeline->loss_count; i++)
        if (!strcmp(fixture->timeline->losses[i].cause, cause))
            count += fixture->timeline->losses[i].count;
    return count;
}
