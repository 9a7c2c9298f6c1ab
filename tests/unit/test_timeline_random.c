/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recording/kinds.h"
#include "timeline_rules.h"

/*
 * Events of any kind with any fields, in any order but that of time: whatever comes, the timeline
 * is sound. The seeds are fixed, so a failure can be repeated.
 */

#define SEEDS 4000
#define EVENTS_MOST 400

/* Marsaglia's xorshift64: the same everywhere. */
static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static uint64_t below(uint64_t *random, uint64_t limit)
{
    return next_random(random) % limit;
}

#define ONE_OF(random, list) ((list)[below(random, sizeof(list) / sizeof((list)[0]))])

static const char *random_text(uint64_t *random, const char *field)
{
    static const char *const names[] = {"",  "a",    "a.b",      "a.b.c",        "site",
                                        "b", "os.x", "__main__", "namedtuple_X", "c"};
    static const char *const paths[] = {"",
                                        "/app/a.py",
                                        "/app/a/b.py",
                                        "/w/a.py",
                                        "/app/__pycache__/a.cpython-311.pyc",
                                        "/app/__pycache__/a.cpython-311.pyc.7",
                                        "<frozen a>",
                                        "<string>",
                                        "/s/site-packages/a.so",
                                        "/x.zip/a.py"};
    static const char *const types[] = {"StartStream",
                                        "WorkerInitRequest",
                                        "WorkerInitResponse",
                                        "FunctionEnvironmentReloadRequest",
                                        "FunctionEnvironmentReloadResponse",
                                        "FunctionLoadRequest",
                                        "FunctionLoadResponse",
                                        "InvocationRequest",
                                        "InvocationResponse",
                                        "RpcLog"};
    static const char *const words[] = {"",           "worker",  "host",       "azure_functions",
                                        "from start", "refused", "importtime", "first-reply",
                                        "attached",   "/app",    "success",    "i"};

    if (!strcmp(field, "name"))
        return ONE_OF(random, names);
    if (!strcmp(field, "path") || !strcmp(field, "file"))
        return ONE_OF(random, paths);
    return !strcmp(field, "type") ? ONE_OF(random, types) : ONE_OF(random, words);
}

static uint64_t random_number(uint64_t *random, uint64_t time_ns)
{
    switch (below(random, 12)) {
    case 0:
        return UINT64_MAX - below(random, 3);
    case 1:
        return next_random(random);
    case 2:
        return time_ns + below(random, 100);
    default:
        return below(random, 8);
    }
}

static void fill_field(uint64_t *random, const struct thaw_field *field, struct thaw_event *event)
{
    static const char *list[] = {"a", "/app", ""};

    switch (field->type) {
    case THAW_FIELD_U64:
        *thaw_field_u64(field, event) = random_number(random, event->time_ns);
        break;
    case THAW_FIELD_I64:
        *thaw_field_i64(field, event) = (int64_t)random_number(random, event->time_ns);
        break;
    case THAW_FIELD_TEXT:
        *thaw_field_text(field, event) = random_text(random, field->name);
        break;
    case THAW_FIELD_TEXTS:
        *thaw_field_texts(field, event) = (struct thaw_texts){list, below(random, 4)};
        break;
    }
}

/* Mostly imports and messages: they make the structure. */
static const struct thaw_kind *random_kind(uint64_t *random)
{
    static const uint16_t common[] = {
        THAW_EVENT_IMPORT_BEGIN,    THAW_EVENT_IMPORT_END,    THAW_EVENT_BODY_BEGIN,
        THAW_EVENT_BODY_END,        THAW_EVENT_MESSAGE,       THAW_EVENT_IMPORT_TIMED,
        THAW_EVENT_DLOPEN_BEGIN,    THAW_EVENT_DLOPEN_END,    THAW_EVENT_GC_BEGIN,
        THAW_EVENT_GC_END,          THAW_EVENT_MESSAGE,       THAW_EVENT_PROCESS_ROLE,
        THAW_EVENT_FILE_OPEN,       THAW_EVENT_STRAND_BEGIN,  THAW_EVENT_MODULE_INIT,
        THAW_EVENT_MODULE_INIT_END, THAW_EVENT_MODULE_MADE,   THAW_EVENT_LAZY_BEGIN,
        THAW_EVENT_FILE_CLOSE,      THAW_EVENT_FILE_LOOKUPS,  THAW_EVENT_FILE_LOOKUP,
        THAW_EVENT_UNMARSHAL_BEGIN, THAW_EVENT_MARSHAL_BEGIN, THAW_EVENT_DLOPEN_RELOCATED,
    };
    size_t count;
    const struct thaw_kind *kinds = thaw_kinds_all(&count);

    return below(random, 4) ? thaw_kinds_by_number(ONE_OF(random, common))
                            : &kinds[below(random, count)];
}

static size_t fill_events(uint64_t *random, struct thaw_event *events)
{
    size_t count = below(random, EVENTS_MOST);
    uint64_t time_ns = below(random, 2) ? 1000 : 0;
    uint64_t pids = 1 + below(random, 4), tids = 1 + below(random, 2);

    for (size_t i = 0; i < count; i++) {
        const struct thaw_kind *kind = random_kind(random);

        time_ns += below(random, 4) ? below(random, 20) : 0;
        memset(&events[i], 0, sizeof(events[i]));
        events[i].kind = kind->number;
        events[i].time_ns = time_ns;
        events[i].pid = (uint32_t)below(random, pids + 1);
        events[i].tid = (uint32_t)below(random, tids);
        for (size_t j = 0; j < kind->count; j++)
            fill_field(random, &kind->fields[j], &events[i]);
    }
    return count;
}

static void whatever_comes_the_timeline_is_sound(void **state)
{
    static struct thaw_event events[EVENTS_MOST];

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15);
        struct thaw_recording recording = {.events = events, .finished = seed % 2};
        struct thaw_timeline *timeline = NULL;
        const char *broken;

        recording.count = fill_events(&random, events);
        assert_int_equal(thaw_timeline_build(&recording, &timeline, NULL), 0);
        broken = timeline_broken_rule(timeline);
        if (broken)
            fail_msg("seed %d, %zu events: %s", (int)seed, recording.count, broken);
        thaw_timeline_free(timeline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_the_timeline_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
