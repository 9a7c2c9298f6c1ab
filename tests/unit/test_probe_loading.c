/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probes tell of a module while it is looked for and loaded (bpf/lookups.h, marshal_call()
 * of bpf/python.h), on memory made by hand.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "probe_replay.h"
#include "python/layouts.h"

#define METHOD 0x10000
#define NAME 0x20000
#define INNER 0x21000
#define MODULE_TEXT 0x22000
#define FILE_TEXT 0x23000
#define DUNDER_NAME 0x24000
#define PATH 0x30000
#define FOLDER 0x40000 /* statuses */
#define OTHER_FOLDER 0x41000
#define FOUND 0x42000
#define CODE 0x50000
#define GLOBALS 0x51000
#define KEYS 0x52000
#define STACK 0x7ffc00010000

static const struct thaw_python_layout *layout;

static int begin(void **state)
{
    (void)state;
    layout = &thaw_python_row(3, 15)->layout;
    replay_begin(layout);
    replay_ascii(METHOD, "_find_and_load");
    replay_ascii(NAME, "m");
    replay_ascii(INNER, "inner");
    replay_memory(PATH, "/s/m.py", 8);
    replay_status(FOLDER, S_IFDIR | 0755, 11, 4096, 0);
    replay_status(OTHER_FOLDER, S_IFDIR | 0755, 12, 4096, 0);
    replay_status(FOUND, S_IFREG | 0644, 13, 200, 7);
    return 0;
}

static void run(enum replay_probe probe, uint64_t stack)
{
    replay_run(probe, &(struct replay_registers){.ax = 1, .sp = stack}, 0);
}

static void call_find(uint64_t name, uint64_t stack)
{
    replay_run(REPLAY_FIND_CALL, &(struct replay_registers){.si = METHOD, .dx = name, .sp = stack},
               0);
}

static void return_find(uint64_t stack)
{
    run(REPLAY_FIND_RETURN, stack + 8);
}

/* PyEval_EvalCode() of `<module>` code, whose globals have that __name__. */
static void call_body(uint64_t name, uint64_t stack)
{
    const uint64_t texts[2] = {FILE_TEXT, MODULE_TEXT}, keys = KEYS, entry[2] = {DUNDER_NAME, name};
    const uint8_t head[2] = {3, 1};

    replay_ascii(MODULE_TEXT, "<module>");
    replay_ascii(FILE_TEXT, "/s/m.py");
    replay_ascii(DUNDER_NAME, "__name__");
    replay_memory(CODE + layout->code_filename, texts, sizeof(texts));
    replay_memory(GLOBALS + layout->dict_keys, &keys, sizeof(keys));
    replay_memory(KEYS + layout->keys_size, head, sizeof(head));
    replay_memory(KEYS + layout->keys_indices + 8 + layout->entry_plain_key, entry, sizeof(entry));
    replay_run(REPLAY_BODY_CALL, &(struct replay_registers){.di = CODE, .si = GLOBALS, .sp = stack},
               0);
}

/* The kinds of all records, in order. */
static void assert_kinds(const uint16_t *expected, size_t count)
{
    for (size_t i = 0; i < count && i < replay_count(); i++) {
        size_t size;
        const struct thaw_kernel_header *header = replay_record(i, &size);

        if (header->kind != expected[i])
            fail_msg("record %zu is of kind %u", i, header->kind);
    }
    assert_int_equal(replay_count(), count);
}

#define ASSERT_KINDS(...)                                                                          \
    assert_kinds((const uint16_t[]){__VA_ARGS__},                                                  \
                 sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static const void *record(size_t n)
{
    size_t size;

    assert_true(n < replay_count());
    return replay_record(n, &size);
}

static void lookups_are_told_once_before_what_follows(void **state)
{
    const struct thaw_kernel_lookups *told;
    const struct thaw_kernel_lookup *failed;
    uint64_t last_ns;

    (void)state;
    call_find(NAME, STACK);
    replay_lookup(PATH, FOLDER, 0, STACK - 64, 0);
    replay_lookup(PATH, 0, -ENOENT, STACK - 64, 0);
    replay_lookup(PATH, FOUND, 0, STACK - 72, 0);
    last_ns = replay_time();
    run(REPLAY_UNMARSHAL_CALL, STACK - 80);
    run(REPLAY_MARSHAL_CALL, STACK - 80);
    return_find(STACK);
    ASSERT_KINDS(THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_FOLDER, THAW_KERNEL_LOOKUP,
                 THAW_KERNEL_LOOKUPS, THAW_KERNEL_UNMARSHAL, THAW_KERNEL_MARSHAL,
                 THAW_KERNEL_IMPORT_END);
    failed = record(2);
    assert_int_equal(failed->result, -ENOENT);
    assert_int_equal(failed->path_bytes, 8);
    assert_string_equal(failed->path, "/s/m.py");
    told = record(3);
    assert_int_equal(told->count, 3);
    assert_int_equal(told->failed, 1);
    assert_int_equal(told->searched, 1);
    assert_int_equal(told->bytes, 200);
    assert_int_equal(told->mtime_s, 7);
    assert_int_equal(told->stack, STACK - 72);
    assert_int_equal(told->last_ns, last_ns);
    assert_int_equal(told->usage.minor_faults, REPLAY_FAULTS);
    assert_true(told->last_ns < told->header.time_ns);
}

/* What an earlier module found is not this one's. */
static void what_was_not_found_has_no_time(void **state)
{
    const struct thaw_kernel_lookups *told;

    (void)state;
    call_find(NAME, STACK);
    replay_lookup(PATH, FOUND, 0, STACK - 64, 0);
    return_find(STACK);
    call_find(INNER, STACK);
    replay_lookup(PATH, FOLDER, 0, STACK - 64, 0);
    replay_lookup(PATH, 0, -ENOENT, STACK - 64, 0);
    replay_lookup(PATH, 0, 0, STACK - 64, 0);     /* statx: nobody looks */
    replay_lookup(PATH, 0x999, 0, STACK - 64, 0); /* or it can't be read */
    return_find(STACK);
    ASSERT_KINDS(THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_LOOKUPS, THAW_KERNEL_IMPORT_END,
                 THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_FOLDER, THAW_KERNEL_LOOKUP,
                 THAW_KERNEL_LOOKUPS, THAW_KERNEL_IMPORT_END);
    told = record(6);
    assert_int_equal(told->count, 4);
    assert_int_equal(told->failed, 1);
    assert_int_equal(told->last_ns, 0);
    assert_int_equal(told->bytes, 0);
    assert_int_equal(told->mtime_s, 0);
    assert_int_equal(told->usage.minor_faults, 0);
}

static uint32_t searched(size_t n)
{
    const struct thaw_kernel_lookups *told = record(n);

    assert_int_equal(told->header.kind, THAW_KERNEL_LOOKUPS);
    return told->searched;
}

static void folders_are_told_once_for_each_that_came_before(void **state)
{
    const struct thaw_kernel_folder *second, *alone;

    (void)state;
    for (int i = 0; i < 2; i++) {
        call_find(NAME, STACK);
        replay_lookup(PATH, FOLDER, 0, STACK - 64, 0);
        replay_lookup(PATH, OTHER_FOLDER, 0, STACK - 64, 0);
        return_find(STACK);
    }
    call_find(NAME, STACK);
    replay_lookup(PATH, OTHER_FOLDER, 0, STACK - 64, 0);
    return_find(STACK);
    ASSERT_KINDS(THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_FOLDER, THAW_KERNEL_FOLDER,
                 THAW_KERNEL_LOOKUPS, THAW_KERNEL_IMPORT_END, THAW_KERNEL_IMPORT_BEGIN,
                 THAW_KERNEL_LOOKUPS, THAW_KERNEL_IMPORT_END, THAW_KERNEL_IMPORT_BEGIN,
                 THAW_KERNEL_FOLDER, THAW_KERNEL_LOOKUPS, THAW_KERNEL_IMPORT_END);
    second = record(2);
    assert_int_equal(second->number, 2);
    assert_int_equal(second->after, 1);
    alone = record(9);
    assert_int_equal(alone->number, 3);
    assert_int_equal(alone->after, 0);
    assert_int_equal(searched(3), 2);
    assert_int_equal(searched(6), 2);
    assert_int_equal(searched(10), 3);
}

/* A package that is asked for on the way: each has its own. */
static void lookups_are_of_the_innermost_module(void **state)
{
    (void)state;
    call_find(NAME, STACK);
    replay_lookup(PATH, FOLDER, 0, STACK - 64, 0);
    call_find(INNER, STACK - 128);
    replay_lookup(PATH, OTHER_FOLDER, 0, STACK - 192, 0);
    return_find(STACK - 128);
    replay_lookup(PATH, FOUND, 0, STACK - 64, 0);
    return_find(STACK);
    ASSERT_KINDS(THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_FOLDER, THAW_KERNEL_LOOKUPS,
                 THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_FOLDER, THAW_KERNEL_LOOKUPS,
                 THAW_KERNEL_IMPORT_END, THAW_KERNEL_LOOKUPS, THAW_KERNEL_IMPORT_END);
    assert_int_equal(((const struct thaw_kernel_folder *)record(4))->after, 0);
    assert_int_equal(searched(2), 1);
    assert_int_equal(searched(5), 2);
    assert_int_equal(searched(7), 0); /* since, nothing was searched */
}

static void each_strand_has_its_own(void **state)
{
    (void)state;
    call_find(NAME, STACK);
    replay_lookup(PATH, FOUND, 0, STACK - 64, 0);
    replay_lookup(PATH, FOUND, 0, STACK - 64, 3);
    return_find(STACK);
    ASSERT_KINDS(THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_LOOKUPS, THAW_KERNEL_LOOKUPS,
                 THAW_KERNEL_IMPORT_END);
    assert_int_equal(((const struct thaw_kernel_lookups *)record(1))->strand, 0);
    assert_int_equal(((const struct thaw_kernel_lookups *)record(2))->strand, 3);
}

static void a_path_that_cannot_be_read_is_counted(void **state)
{
    const struct thaw_kernel_lookup *failed;

    (void)state;
    call_find(NAME, STACK);
    replay_lookup(0x999, 0, -ENOENT, STACK - 64, 0);
    failed = record(1);
    assert_int_equal(failed->path_bytes, 0);
    assert_int_equal(replay_lost(THAW_LOSS_NAME_UNREADABLE), 1);
}

/* Whoever unmarshals: a module's own code, a collection's finalizer, or nobody's. */
static void only_the_module_that_is_loaded_unmarshals(void **state)
{
    (void)state;
    run(REPLAY_UNMARSHAL_CALL, STACK - 64); /* nothing is open */
    call_find(NAME, STACK);
    run(REPLAY_GC_CALL, STACK - 32);
    run(REPLAY_UNMARSHAL_CALL, STACK - 64);
    run(REPLAY_GC_RETURN, STACK - 32 + 8);
    call_body(NAME, STACK - 32);
    run(REPLAY_UNMARSHAL_CALL, STACK - 64);
    run(REPLAY_MARSHAL_CALL, STACK - 64);
    call_find(INNER, STACK - 128);
    run(REPLAY_UNMARSHAL_CALL, STACK - 192);
    call_body(INNER, STACK - 160);
    run(REPLAY_UNMARSHAL_CALL, STACK - 192);
    return_find(STACK - 128);
    run(REPLAY_UNMARSHAL_CALL, STACK - 64);
    return_find(STACK);
    ASSERT_KINDS(THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_GC_BEGIN, THAW_KERNEL_GC_END,
                 THAW_KERNEL_BODY_BEGIN, THAW_KERNEL_IMPORT_BEGIN, THAW_KERNEL_UNMARSHAL,
                 THAW_KERNEL_BODY_BEGIN, THAW_KERNEL_IMPORT_END, THAW_KERNEL_IMPORT_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lookups_are_told_once_before_what_follows, begin),
        cmocka_unit_test_setup(what_was_not_found_has_no_time, begin),
        cmocka_unit_test_setup(folders_are_told_once_for_each_that_came_before, begin),
        cmocka_unit_test_setup(lookups_are_of_the_innermost_module, begin),
        cmocka_unit_test_setup(each_strand_has_its_own, begin),
        cmocka_unit_test_setup(a_path_that_cannot_be_read_is_counted, begin),
        cmocka_unit_test_setup(only_the_module_that_is_loaded_unmarshals, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
