/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probes' open frames where a program switches stacks (bpf/frames.h), on a model of greenlet:
 * all stacks share the same addresses, and the part of one that another needs is copied away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/kernel_record.h"
#include "probe_replay.h"
#include "python/layouts.h"
#include "timeline_rules.h"

#define METHOD 0x10000
#define NAME 0x20000
#define STACK_TOP 0x7ffc00010000
#define STACK_BYTES 16384
#define FRAME_LEAST 160 /* more than is sealed (SEALED_WORDS) */
#define GREENLETS 4
#define DEPTH 6
#define SEEDS 400

/* An import that is open. */
struct open {
    size_t module; /* its name is that number */
    size_t sp;     /* at its call, in bytes from the lowest address */
    size_t before; /* the caller's */
};

struct greenlet {
    size_t start, sp; /* it has the bytes between */
    struct open open[DEPTH];
    size_t depth;
    uint8_t saved[STACK_BYTES];
};

/* When an import began and ended, and inside which one on the same stack; -1 none. */
struct truth {
    uint64_t begin, end;
    int inside;
};

static uint8_t stack[STACK_BYTES];
static struct greenlet greenlets[GREENLETS];
static size_t started, running, modules;
static struct truth truths[256];
static uint64_t random_state;

static uint64_t below(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

static uint64_t address_of(size_t offset)
{
    return STACK_TOP - STACK_BYTES + offset;
}

/* The process's memory as it is now. */
static void show_memory(const char *name)
{
    replay_forget_memory();
    replay_ascii(METHOD, "_find_and_load");
    replay_ascii(NAME, name);
    replay_memory(address_of(0), stack, sizeof(stack));
}

static void call_find(const char *name, size_t sp)
{
    show_memory(name);
    replay_run(REPLAY_FIND_CALL,
               &(struct replay_registers){.si = METHOD, .dx = NAME, .sp = address_of(sp)}, 0);
}

static void return_find(size_t sp)
{
    show_memory("");
    replay_run(REPLAY_FIND_RETURN, &(struct replay_registers){.ax = 1, .sp = address_of(sp) + 8},
               0);
}

/* A program that has loaded greenlet, its thread's own stack running. */
static void begin(uint64_t seed)
{
    random_state = seed * UINT64_C(0x9E3779B97F4A7C15);
    replay_begin(&thaw_python_row(3, 11)->layout);
    memset(stack, 0xee, sizeof(stack));
    call_find("greenlet", STACK_BYTES - 512);
    return_find(STACK_BYTES - 512);
    assert_true(replay_switches());
    greenlets[0].start = greenlets[0].sp = STACK_BYTES - 512;
    greenlets[0].depth = 0;
    started = 1;
    running = modules = 0;
}

/* The call's frame is new: what lay there is overwritten. */
static void begin_import(void)
{
    struct greenlet *now = &greenlets[running];
    size_t sp = now->sp - FRAME_LEAST - 16 * below(12);
    char name[16];

    for (size_t i = sp; i < now->sp; i++)
        stack[i] = (uint8_t)below(256);
    snprintf(name, sizeof(name), "m%zu", modules);
    call_find(name, sp);
    truths[modules] = (struct truth){
        .begin = replay_time(),
        .inside = now->depth ? (int)now->open[now->depth - 1].module : -1,
    };
    now->open[now->depth++] = (struct open){modules++, sp, now->sp};
    now->sp = sp;
}

static void end_import(void)
{
    struct greenlet *now = &greenlets[running];
    const struct open *last = &now->open[--now->depth];

    return_find(last->sp);
    now->sp = last->before;
    truths[last->module].end = replay_time();
}

static void leave(void)
{
    struct greenlet *now = &greenlets[running];

    memcpy(now->saved, stack + now->sp, now->start - now->sp);
}

static void enter(size_t next)
{
    struct greenlet *now = &greenlets[next];

    memcpy(stack + now->sp, now->saved, now->start - now->sp);
    running = next;
}

/* A new one's stack begins where the one that starts it is. */
static void start(void)
{
    size_t sp = greenlets[running].sp;

    leave();
    greenlets[started].start = greenlets[started].sp = sp;
    greenlets[started].depth = 0;
    running = started++;
}

static void switch_to(size_t next)
{
    leave();
    enter(next);
}

/* The records as thaw stores them: their timeline, which ends with the arena. */
static struct thaw_timeline *timeline_of(struct thaw_arena *arena)
{
    static struct thaw_event events[REPLAY_RECORDS];
    static struct thaw_recording recording;
    struct thaw_timeline *timeline = NULL;
    const char *broken;

    recording = (struct thaw_recording){.events = events, .finished = true};
    for (size_t i = 0; i < replay_count(); i++) {
        size_t size;
        const union thaw_kernel_record *record = replay_record(i, &size);

        assert_ptr_equal(thaw_kernel_record_check(record, size), record);
        assert_int_equal(thaw_kernel_record_event(record, arena, &events[recording.count++]), 1);
    }
    assert_int_equal(thaw_timeline_build(&recording, &timeline, NULL), 0);
    broken = timeline_broken_rule(timeline);
    if (broken)
        fail_msg("does not hold: %s", broken);
    return timeline;
}

static const struct thaw_module *module(const struct thaw_timeline *timeline, size_t number)
{
    char name[16];

    snprintf(name, sizeof(name), "m%zu", number);
    for (size_t i = 0; i < timeline->module_count; i++)
        if (!strcmp(timeline->modules[i].name, name))
            return &timeline->modules[i];
    fail_msg("%s is not there", name);
    return NULL;
}

static void assert_below(const struct thaw_timeline *timeline, size_t child, size_t parent)
{
    assert_int_equal(module(timeline, child)->parent, module(timeline, parent)->id);
}

/* m0 imports m1; meanwhile a greenlet that was started in m0 imports m2 and m3. */
static void a_stack_that_was_started_in_an_import_hangs_below_it(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_timeline *timeline;

    (void)state;
    begin(1);
    begin_import(); /* m0 */
    start();
    switch_to(0);
    begin_import(); /* m1 */
    switch_to(1);
    begin_import(); /* m2 */
    begin_import(); /* m3 */
    switch_to(0);
    end_import(); /* m1, while m2 and m3 are open */
    switch_to(1);
    end_import();
    end_import();
    switch_to(0);
    end_import();
    assert_int_equal(replay_open_frames(), 0);
    timeline = timeline_of(&arena);
    assert_true(timeline->complete);
    assert_below(timeline, 1, 0);
    assert_below(timeline, 2, 0);
    assert_below(timeline, 3, 2);
    assert_int_equal(module(timeline, 1)->strand, 0);
    assert_int_equal(module(timeline, 2)->strand, 1);
    assert_int_equal(module(timeline, 3)->strand, 1);
    thaw_timeline_free(timeline);
    thaw_arena_free(&arena);
}

/* m0 ends before m1, which runs on a stack that was started in it. */
static void what_outlives_the_import_it_was_started_in_is_split_off(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_timeline *timeline;

    (void)state;
    begin(2);
    begin_import(); /* m0 */
    start();
    begin_import(); /* m1 */
    switch_to(0);
    end_import();
    begin_import(); /* m2 */
    switch_to(1);
    begin_import(); /* m3 */
    end_import();
    end_import(); /* m1 */
    switch_to(0);
    end_import();
    assert_int_equal(replay_open_frames(), 0);
    timeline = timeline_of(&arena);
    assert_true(timeline->complete);
    assert_below(timeline, 1, 0);
    assert_below(timeline, 3, 1);
    assert_int_equal(module(timeline, 2)->parent, 0);
    assert_int_not_equal(module(timeline, 1)->strand, module(timeline, 0)->strand);
    assert_false(module(timeline, 1)->end_inferred);
    thaw_timeline_free(timeline);
    thaw_arena_free(&arena);
}

static void act(void)
{
    struct greenlet *now = &greenlets[running];

    switch (below(8)) {
    case 0:
        if (started < GREENLETS && now->sp > 4096)
            start();
        break;
    case 1:
    case 2:
        switch_to(below(started));
        break;
    case 3:
    case 4:
    case 5:
        if (now->depth < DEPTH && now->sp > 2048)
            begin_import();
        break;
    default:
        if (now->depth)
            end_import();
    }
}

static void end_all(void)
{
    for (size_t i = 0; i < started; i++) {
        if (i != running)
            switch_to(i);
        while (greenlets[i].depth)
            end_import();
    }
}

/* However stacks are switched: each import begins and ends when it does, inside the one that it is
 * inside on its own stack, and none is lost. */
static void imports_have_their_times_however_stacks_are_switched(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct thaw_arena arena = {0};
        struct thaw_timeline *timeline;

        begin(seed);
        for (int i = 0; i < 150; i++)
            act();
        end_all();
        assert_int_equal(replay_open_frames(), 0);
        timeline = timeline_of(&arena);
        assert_int_equal(timeline->module_count, modules + 1);
        for (size_t i = 0; i < modules; i++) {
            const struct thaw_module *found = module(timeline, i);

            if (found->start_ns != truths[i].begin ||
                found->start_ns + found->total_ns != truths[i].end || found->end_inferred)
                fail_msg("seed %d: m%zu", (int)seed, i);
            if (truths[i].inside >= 0)
                assert_below(timeline, i, (size_t)truths[i].inside);
        }
        assert_true(timeline->complete);
        thaw_timeline_free(timeline);
        thaw_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_that_was_started_in_an_import_hangs_below_it),
        cmocka_unit_test(what_outlives_the_import_it_was_started_in_is_split_off),
        cmocka_unit_test(imports_have_their_times_however_stacks_are_switched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
