/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probes' own code (bpf/python.h) on memory made by hand: texts that are too long, of no known
 * form or not there, and states that test_python_probes.c's interpreters don't come into.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probe_replay.h"
#include "python/layouts.h"

#define METHOD 0x10000
#define NAME 0x20000
#define STACK 0x7ffc00010000
#define PAGE 0x1000

static const struct thaw_python_layout *layout;

static int begin(void **state)
{
    (void)state;
    layout = &thaw_python_row(3, 15)->layout;
    replay_begin(layout);
    return 0;
}

static void call_find(uint64_t stack)
{
    replay_run(REPLAY_FIND_CALL, &(struct replay_registers){.si = METHOD, .dx = NAME, .sp = stack},
               0);
}

static const struct thaw_kernel_import_begin *found(size_t n)
{
    size_t size;
    const struct thaw_kernel_import_begin *record = replay_record(n, &size);

    assert_true(n < replay_count());
    assert_int_equal(record->header.kind, THAW_KERNEL_IMPORT_BEGIN);
    assert_int_equal(size, 104 + record->name_bytes);
    return record;
}

static void long_names_are_cut_at_whole_characters(void **state)
{
    static const unsigned widths[] = {1, 2, 4};
    char text[600];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < 3; i++) {
        replay_begin(layout);
        replay_ascii(METHOD, "_find_and_load");
        replay_text(NAME, text, sizeof(text), widths[i], false);
        call_find(STACK);
        assert_int_equal(found(0)->name_bytes, THAW_KERNEL_NAME_BYTES - 4);
        assert_int_equal(found(0)->name_width, widths[i]);
        assert_true(found(0)->name_cut);
    }
    replay_text(NAME, text, THAW_KERNEL_NAME_BYTES - 4, 4, false); /* fits exactly */
    call_find(STACK - 8);
    assert_int_equal(found(1)->name_bytes, THAW_KERNEL_NAME_BYTES - 4);
    assert_false(found(1)->name_cut);
}

static void hostile_lengths_are_cut(void **state)
{
    static const uint64_t lengths[] = {UINT64_MAX, (uint64_t)1 << 63, (uint64_t)1 << 62, 1 << 20};
    char text[300] = {'h'};

    (void)state;
    replay_ascii(METHOD, "_find_and_load");
    replay_text(NAME, text, sizeof(text), 2, false);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        replay_memory(NAME + layout->text_length, &lengths[i], 8);
        call_find(STACK - 8 * i);
        assert_true(found(i)->name_bytes <= THAW_KERNEL_NAME_BYTES - 4);
    }
}

static void texts_of_no_known_width_are_lost(void **state)
{
    (void)state;
    replay_ascii(METHOD, "_find_and_load");
    for (unsigned width = 0; width < 8; width++) {
        bool known = width == 1 || width == 2 || width == 4;

        replay_text(NAME, "abcdefgh", 8, width, false);
        call_find(STACK - 8 * width);
        assert_int_equal(found(width)->name_width, known ? width : 0);
        assert_int_equal(found(width)->name_bytes != 0, known);
    }
    assert_int_equal(replay_lost(THAW_LOSS_NAME_UNREADABLE), 5);
}

static void a_name_that_is_not_there_is_lost(void **state)
{
    uint8_t head[64] = {0};

    (void)state;
    replay_ascii(METHOD, "_find_and_load");
    call_find(STACK);
    assert_int_equal(found(0)->name_bytes, 0);
    replay_text(NAME, "abc", 3, 1, true);
    replay_memory(NAME + layout->text_length, &(uint64_t){200}, 8); /* more than is there */
    call_find(STACK - 8);
    assert_int_equal(found(1)->name_bytes, 0);
    assert_int_equal(found(1)->name_width, 0);
    assert_int_equal(replay_lost(THAW_LOSS_NAME_UNREADABLE), 2);
    replay_memory(NAME, head, sizeof(head));
    assert_int_equal(replay_open_frames(), 2); /* both imports end, whatever they are called */
}

/* Only the two methods, and of those the second only where imports may be lazy. */
static void other_methods_are_passed_over(void **state)
{
    static const char *const names[] = {"_find_and_loa",    "_find_and_loads",
                                        "_find_and_Load",   "_find_and",
                                        "_handle_fromlist", "x_find_and_load",
                                        "_Find_and_load",   ""};

    (void)state;
    replay_ascii(NAME, "name");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        replay_ascii(METHOD, names[i]);
        call_find(STACK);
        assert_int_equal(replay_count(), 0);
    }
    replay_ascii(METHOD, "_find_and_load_lazy_submodule");
    call_find(STACK);
    assert_int_equal(replay_count(), 1);
    layout = &thaw_python_row(3, 14)->layout;
    replay_begin(layout);
    replay_ascii(NAME, "name");
    replay_ascii(METHOD, "_find_and_load_lazy_submodule");
    call_find(STACK);
    assert_int_equal(replay_count(), 0);
}

/* From then on stacks may be switched; only that very module switches them. */
static void greenlet_is_watched_for(void **state)
{
    static const char *const others[] = {"greenlets", "greenle", "Greenlet", "greenlet.x"};

    (void)state;
    replay_ascii(METHOD, "_find_and_load");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        replay_ascii(NAME, others[i]);
        call_find(STACK);
        assert_false(replay_switches());
    }
    replay_ascii(NAME, "greenlet");
    call_find(STACK);
    assert_true(replay_switches());
}

/* A C string of a module's definition: what it goes on with on the next page is fetched, too. */
static void strings_over_two_pages_are_fetched(void **state)
{
    const uint64_t definition = NAME, string = METHOD + PAGE - 4;
    const struct thaw_kernel_module_init *record;
    size_t size;

    (void)state;
    replay_memory(definition + 40, &string, 8);
    replay_memory(string, "definition", 11);
    replay_cold_memory();
    replay_run(REPLAY_CREATE_CALL, &(struct replay_registers){.di = definition, .sp = STACK}, 0);
    record = replay_record(0, &size);
    assert_int_equal(record->name_bytes, 10);
    assert_memory_equal(record->name, "definition", 10);
    assert_true(record->single_phase);
}

/* The two low bits of what a frame executes are marks. */
static void marks_of_a_frames_code_are_taken_off(void **state)
{
    const uint64_t thread = 0x30000, frame = 0x40000, code = 0x50000, name = NAME;
    const struct thaw_kernel_body_begin *record;
    size_t size;

    (void)state;
    replay_ascii(NAME, "User.method");
    replay_memory(thread + layout->thread_frame, &frame, 8);
    replay_memory(code + layout->code_filename, &name, 8);
    replay_memory(code + layout->code_qualname, &name, 8);
    for (uint64_t marks = 0; marks < 4; marks++) {
        replay_memory(frame + layout->frame_code, &(uint64_t){code | marks}, 8);
        replay_run(REPLAY_LAZY_CALL,
                   &(struct replay_registers){.di = thread, .sp = STACK - 8 * marks}, 0);
        record = replay_record(marks, &size);
        assert_int_equal(record->header.kind, THAW_KERNEL_LAZY_BEGIN);
        assert_int_equal(record->name_bytes, strlen("User.method"));
        assert_int_equal(record->file_bytes, strlen("User.method"));
    }
}

/* Deeper imports than there is room for are told, and counted; no frame is overwritten. */
static void too_many_open_imports_are_counted(void **state)
{
    (void)state;
    replay_ascii(METHOD, "_find_and_load");
    replay_ascii(NAME, "name");
    for (unsigned i = 0; i < THAW_KERNEL_FRAMES + 3; i++)
        call_find(STACK - 64 * i);
    assert_int_equal(replay_lost(THAW_LOSS_TOO_DEEP), 3);
    assert_int_equal(replay_open_frames(), THAW_KERNEL_FRAMES);
    call_find(STACK); /* all of them have returned */
    assert_int_equal(replay_open_frames(), 1);
}

/* The library's are not told, of a folder of packages the first one, the app's all. */
static void known_libraries_are_recognised(void **state)
{
    static const struct {
        const char *path;
        bool known;
    } rows[] = {
        {"/usr/lib/python3.11/encodings/__init__.py", true},
        {"/usr/lib/python3.11/os.py", true},
        {"/usr/local/lib/python3.13t/asyncio/events.py", true},
        {"/srv/app/function_app.py", false},
        {"/srv/app/lib/python_helpers/rates.py", false},
        {"/srv/app/lib/python3x/rates.py", false},
        {"/usr/lib/python3/dist-packages/yaml/__init__.py", false},
        {"/usr/lib/python3/dist-packages/yaml/error.py", true},
        {"/srv/app/.python_packages/lib/site-packages/azure/functions/__init__.py", false},
        {"/srv/app/.python_packages/lib/site-packages/azure/functions/_http.py", true},
        {"/srv/app/.python_packages/lib/site-packages/a.py", true},
        {"/srv/one/.venv/lib/python3.9/site-packages/a.py", false},
        {"/srv/two/.venv/lib/python3.9/site-packages/a.py", false},
        {"/srv/two/.venv/lib/python3.9/site-packages/b.py", true},
        {"/srv/two/.venv/lib/python3.9/ast.py", true},
        {"<frozen os>", false},
        {"", false},
        {"/srv/app/lib/pytho", false},
        {"/srv/app/site-packages", false},
        {"/a-very-long-folder-that-is-so-long-that-nobody-looks-for-a-library-behind-it/"
         "and-it-goes-"
         "on-for-so-long-that-it-is-not-found-at-all-within/lib/python3.11/os.py",
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (replay_is_of_library(rows[i].path) != rows[i].known)
            fail_msg("%s", rows[i].path);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(long_names_are_cut_at_whole_characters), TEST(hostile_lengths_are_cut),
        TEST(texts_of_no_known_width_are_lost),       TEST(a_name_that_is_not_there_is_lost),
        TEST(other_methods_are_passed_over),          TEST(greenlet_is_watched_for),
        TEST(strings_over_two_pages_are_fetched),     TEST(marks_of_a_frames_code_are_taken_off),
        TEST(too_many_open_imports_are_counted),      TEST(known_libraries_are_recognised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
