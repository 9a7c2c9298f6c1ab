/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probes' own code (bpf/python.h) on objects as every supported CPython really has them. With
 * arguments, on those files instead: tests/live/test_probe_golden.py does so with fresh ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "capture/kernel_record.h"
#include "probe_golden.h"
#include "python/layouts.h"

#define OLDEST 8
#define NEWEST 15
#define FILES_MOST 16
#define STACK 0x7ffc00010000
#define RBX 3

/* How a row of the layouts is compared: all of it lies in memory as 32-bit numbers. */
#define MEMBERS (sizeof(struct thaw_python_layout) / sizeof(unsigned))

static struct golden goldens[FILES_MOST];
static size_t golden_count;
static char *const *paths; /* NULL: one for each version */

static int read_goldens(void **state)
{
    char path[64];

    (void)state;
    if (paths) {
        for (; paths[golden_count] && golden_count < FILES_MOST; golden_count++)
            golden_read(paths[golden_count], &goldens[golden_count]);
        return 0;
    }
    for (unsigned minor = OLDEST; minor <= NEWEST; minor++) {
        snprintf(path, sizeof(path), "tests/golden/python/3.%u.txt", minor);
        golden_read(path, &goldens[golden_count]);
        assert_int_equal(goldens[golden_count++].minor, minor);
    }
    return 0;
}

static const struct thaw_python_layout *layout_of(const struct golden *golden)
{
    const struct thaw_python_row *row = thaw_python_row(3, golden->minor);

    assert_non_null(row);
    return &row->layout;
}

/* A record as thaw stores it; the texts last until the next call. */
static struct thaw_event event_at(size_t n)
{
    static struct thaw_arena arena;
    struct thaw_event event = {0};
    size_t size;
    const void *bytes = replay_record(n, &size);
    const union thaw_kernel_record *record = thaw_kernel_record_check(bytes, size);

    assert_non_null(record);
    assert_int_equal(record->header.size, size);
    thaw_arena_free(&arena);
    assert_int_equal(thaw_kernel_record_event(record, &arena, &event), 1);
    assert_int_equal(event.pid, REPLAY_PROCESS);
    return event;
}

static void run(enum replay_probe probe, const struct golden_call *call, uint64_t stack)
{
    struct replay_registers registers = call->registers;

    registers.sp = stack;
    replay_run(probe, &registers, 0);
}

/* A probed call comes back with the result in the register of that number. */
static void come_back(enum replay_probe probe, uint64_t result, unsigned number, uint64_t stack)
{
    const struct replay_registers registers = {.ax = number ? 1 : result,
                                               .bx = number ? result : 1,
                                               .sp = stack + 8};

    replay_run(probe, &registers, number);
}

static bool is_silent(enum replay_probe probe, const struct golden_call *call)
{
    size_t before = replay_count(), open = replay_open_frames();

    run(probe, call, STACK);
    return replay_count() == before && replay_open_frames() == open;
}

static bool finds(const struct golden_call *call)
{
    size_t before = replay_count();
    struct thaw_event event;

    run(REPLAY_FIND_CALL, call, STACK);
    if (replay_count() != before + 1)
        return false;
    event = event_at(before);
    return event.kind == THAW_EVENT_IMPORT_BEGIN && event.import_begin.stack == STACK &&
           !strcmp(event.import_begin.name, call->name);
}

static bool begins_code(enum replay_probe probe, const struct golden_call *call)
{
    size_t before = replay_count();
    struct thaw_event event;

    run(probe, call, STACK);
    if (replay_count() != before + 1)
        return false;
    event = event_at(before);
    if (probe == REPLAY_LAZY_CALL)
        return event.kind == THAW_EVENT_LAZY_BEGIN &&
               !strcmp(event.lazy_begin.function, call->name) &&
               !strcmp(event.lazy_begin.file, call->file);
    return event.kind == THAW_EVENT_BODY_BEGIN && event.body_begin.own &&
           !strcmp(event.body_begin.name, call->name) && !strcmp(event.body_begin.file, call->file);
}

static bool initialises(enum replay_probe probe, const struct golden_call *call)
{
    size_t before = replay_count();
    struct thaw_event event;

    run(probe, call, STACK);
    if (replay_count() != before + 1)
        return false;
    event = event_at(before);
    if (probe == REPLAY_MADE_CALL)
        return event.kind == THAW_EVENT_MODULE_MADE && !strcmp(event.module_made.name, call->name);
    return event.kind == THAW_EVENT_MODULE_INIT &&
           event.module_init.single_phase == (probe == REPLAY_CREATE_CALL) &&
           !strcmp(event.module_init.name, call->name);
}

/* Does the probe say of the call what the interpreter does? */
static bool is_as_expected(const struct golden_call *call)
{
    if (!strcmp(call->probe, "find") || !strcmp(call->probe, "lazy_submodule"))
        return finds(call);
    if (!strcmp(call->probe, "other"))
        return is_silent(REPLAY_FIND_CALL, call);
    if (!strcmp(call->probe, "body") || !strcmp(call->probe, "program"))
        return begins_code(REPLAY_BODY_CALL, call);
    if (!strcmp(call->probe, "no_body"))
        return is_silent(REPLAY_BODY_CALL, call);
    if (!strcmp(call->probe, "init"))
        return initialises(REPLAY_INIT_CALL, call);
    if (!strcmp(call->probe, "create"))
        return initialises(REPLAY_CREATE_CALL, call);
    if (!strcmp(call->probe, "made"))
        return initialises(REPLAY_MADE_CALL, call);
    if (!strcmp(call->probe, "lazy"))
        return begins_code(REPLAY_LAZY_CALL, call);
    return replay_is_none(call->registers.ax) == !strcmp(call->probe, "none");
}

/* The first call of which the probes say something else; NULL none. */
static const struct golden_call *unexpected(const struct golden *golden,
                                            const struct thaw_python_layout *layout, bool cold)
{
    for (size_t i = 0; i < golden->call_count; i++) {
        golden_begin(golden, layout, SIZE_MAX);
        if (cold)
            replay_cold_memory();
        if (!is_as_expected(&golden->calls[i]))
            return &golden->calls[i];
    }
    return NULL;
}

static void compare_all(bool cold)
{
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden_call *call = unexpected(&goldens[i], layout_of(&goldens[i]), cold);

        if (call)
            fail_msg("3.%u: %s \"%s\" \"%s\"", goldens[i].minor, call->probe, call->name,
                     call->file);
        assert_int_equal(replay_lost(THAW_LOSS_NAME_UNREADABLE), 0);
    }
}

static void probes_say_what_the_interpreter_does(void **state)
{
    (void)state;
    compare_all(false);
}

static void pages_that_are_not_there_are_fetched(void **state)
{
    (void)state;
    compare_all(true);
}

/* Is the member used where imports of that version are read? */
static bool matters(const struct thaw_python_layout *layout, size_t member)
{
    const unsigned *value = (const unsigned *)layout + member;

    if (value == &layout->minor || value == &layout->dict_keys_format)
        return false;
    if (value == &layout->code_name || value == &layout->text_state ||
        value == &layout->keys_kind || value == &layout->entry_value ||
        value == &layout->entry_plain_value) /* read with what stands before (test_layouts.c) */
        return false;
    if (value == &layout->entry_plain_key)
        return layout->dict_keys_format == THAW_PYTHON_KEYS_LOG2;
    if (value == &layout->identifier || value == &layout->lazy_submodule)
        return *value != 0;
    if (value >= &layout->code_qualname)
        return layout->lazy_submodule;
    return true;
}

/* Each number of each row is needed: with another one, something is not as expected. */
static void a_wrong_row_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        for (size_t member = 0; member < MEMBERS; member++) {
            struct thaw_python_layout layout = *layout_of(&goldens[i]);
            unsigned *value = (unsigned *)&layout + member;

            if (!matters(&layout, member))
                continue;
            if (value == &layout.identifier || value == &layout.lazy_submodule)
                *value = 0;
            else
                *value +=
                    value == &layout.text_kind_shift || value == &layout.text_ascii_shift ? 1 : 8;
            if (!unexpected(&goldens[i], &layout, false))
                fail_msg("3.%u: member %zu", goldens[i].minor, member);
        }
    }
}

/* Whatever piece is missing, a name that is told is the right one; a loss is counted instead. */
static void what_cannot_be_read_is_not_guessed(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        for (size_t piece = 0; piece < goldens[i].piece_count; piece++) {
            const struct golden_call *call = golden_call(&goldens[i], "find", 1);
            struct thaw_event event;

            golden_begin(&goldens[i], layout_of(&goldens[i]), piece);
            if (finds(call) || !replay_count())
                continue;
            event = event_at(0);
            assert_string_equal(event.import_begin.name, "");
            assert_int_equal(replay_lost(THAW_LOSS_NAME_UNREADABLE), 1);
        }
    }
}

/* The import's own code: the name in its globals is the object that was to be found. */
static void code_of_an_import_is_its_own_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden_call *find = golden_call(&goldens[i], "find", 0);
        const struct golden_call *body = golden_call(&goldens[i], "body", 0);

        golden_begin(&goldens[i], layout_of(&goldens[i]), SIZE_MAX);
        run(REPLAY_FIND_CALL, find, STACK);
        run(REPLAY_BODY_CALL, body, STACK - 64);
        assert_false(event_at(1).body_begin.own);
        assert_string_equal(event_at(1).body_begin.file, body->file);
        assert_int_equal(replay_open_frames(), 1);
        run(REPLAY_BODY_CALL, body, STACK - 64); /* reload() in the module itself */
        assert_true(event_at(2).body_begin.own);
        come_back(REPLAY_BODY_RETURN, 1, 0, STACK - 64);
        assert_int_equal(event_at(3).kind, THAW_EVENT_BODY_END);
        come_back(REPLAY_BODY_RETURN, 1, 0, STACK - 64); /* of what was none */
        come_back(REPLAY_FIND_RETURN, 1, RBX, STACK);
        assert_int_equal(replay_count(), 5);
        assert_int_equal(event_at(4).kind, THAW_EVENT_IMPORT_END);
        assert_int_equal(event_at(4).import_end.stack, STACK);
        assert_int_equal(replay_open_frames(), 0);
    }
}

static void a_string_is_a_module_only_as_the_program(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden_call *program = golden_call(&goldens[i], "program", 0);

        golden_begin(&goldens[i], layout_of(&goldens[i]), SIZE_MAX);
        run(REPLAY_FIND_CALL, golden_call(&goldens[i], "find", 0), STACK + 64);
        assert_true(is_silent(REPLAY_BODY_CALL, program));
    }
}

static uint64_t failed_with(const struct golden *golden, const char *probe, uint64_t result,
                            unsigned number)
{
    golden_begin(golden, layout_of(golden), SIZE_MAX);
    run(REPLAY_FIND_CALL, golden_call(golden, probe, 0), STACK);
    come_back(REPLAY_FIND_RETURN, result, number, STACK);
    assert_int_equal(replay_count(), 2);
    return event_at(1).import_end.failed;
}

static void a_null_result_is_a_failure_and_none_where_it_stands_for_that(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        uint64_t none = golden_call(&goldens[i], "none", 0)->registers.ax;
        uint64_t other = golden_call(&goldens[i], "not_none", 0)->registers.ax;

        assert_true(failed_with(&goldens[i], "find", 0, 0));
        assert_true(failed_with(&goldens[i], "find", 0, RBX));
        assert_false(failed_with(&goldens[i], "find", other, RBX));
        assert_false(failed_with(&goldens[i], "find", none, 0));
        if (!golden_call(&goldens[i], "lazy_submodule", 0))
            continue;
        assert_true(failed_with(&goldens[i], "lazy_submodule", none, 0));
        assert_true(failed_with(&goldens[i], "lazy_submodule", 0, 0));
        assert_false(failed_with(&goldens[i], "lazy_submodule", other, RBX));
    }
}

/* What is found below a lazy import is lazy; the import's end is not told. */
static void imports_below_a_lazy_one_are_lazy(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden_call *lazy = golden_call(&goldens[i], "lazy", 0);
        const struct golden_call *find = golden_call(&goldens[i], "find", 0);

        if (!lazy)
            continue;
        golden_begin(&goldens[i], layout_of(&goldens[i]), SIZE_MAX);
        run(REPLAY_LAZY_CALL, lazy, STACK);
        run(REPLAY_FIND_CALL, find, STACK - 64);
        assert_true(event_at(1).import_begin.lazy);
        run(REPLAY_FIND_CALL, golden_call(&goldens[i], "find", 1), STACK - 128);
        assert_false(event_at(2).import_begin.lazy); /* asked for by the first one's code */
        come_back(REPLAY_LAZY_RETURN, 1, 0, STACK);
        run(REPLAY_FIND_CALL, find, STACK - 64);
        assert_false(event_at(3).import_begin.lazy);
        assert_int_equal(replay_count(), 4);
    }
}

static void init_code_ends_where_its_call_returns_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_count; i++) {
        const struct golden_call *init = golden_call(&goldens[i], "init", 0);

        for (unsigned failed = 0; failed < 2; failed++) {
            golden_begin(&goldens[i], layout_of(&goldens[i]), SIZE_MAX);
            run(REPLAY_INIT_CALL, init, STACK);
            come_back(REPLAY_INIT_RETURN, failed ? 0xffffffff : 0, 0, STACK);
            assert_int_equal(event_at(1).kind, THAW_EVENT_MODULE_INIT_END);
            assert_int_equal(event_at(1).module_init_end.failed, failed);
            run(REPLAY_CREATE_CALL, golden_call(&goldens[i], "create", 0), STACK);
            assert_int_equal(replay_open_frames(), 0);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_say_what_the_interpreter_does),
        cmocka_unit_test(pages_that_are_not_there_are_fetched),
        cmocka_unit_test(a_wrong_row_is_noticed),
        cmocka_unit_test(what_cannot_be_read_is_not_guessed),
        cmocka_unit_test(code_of_an_import_is_its_own_once),
        cmocka_unit_test(a_string_is_a_module_only_as_the_program),
        cmocka_unit_test(a_null_result_is_a_failure_and_none_where_it_stands_for_that),
        cmocka_unit_test(imports_below_a_lazy_one_are_lazy),
        cmocka_unit_test(init_code_ends_where_its_call_returns_to),
    };

    paths = argc > 1 ? argv + 1 : NULL;
    return cmocka_run_group_tests(tests, read_goldens, NULL);
}
