/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "scratch.h"
#include "shipped/content.h"
#include "shipped/library_reading.h"

enum { files = 60 };

/* In turn an object, a text with an object's name, and nothing at all. */
enum { an_object, a_text, a_gap, kinds };

static struct scratch scratch;
static int folder;

static int make_files(void **state)
{
    char name[32];

    (void)state;
    scratch_make(&scratch);
    for (int i = 0; i < files; i++) {
        snprintf(name, sizeof(name), "lib%d.so", i);
        if (i % kinds == an_object)
            scratch_copy(&scratch, name, "/proc/self/exe");
        else if (i % kinds == a_text)
            scratch_write_text(&scratch, name, "INPUT(other)\n");
    }
    folder = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(folder >= 0);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    close(folder);
    scratch_remove(&scratch);
    return 0;
}

static void add_all(struct thaw_library_readers *readers, char names[files][32])
{
    for (uint32_t i = 0; i < files; i++) {
        snprintf(names[i], sizeof(names[i]), "lib%u.so", i);
        assert_int_equal(thaw_library_readers_add(readers, 2 * i, folder, names[i]), 0);
    }
}

static void assert_read(const struct thaw_library_reading *reading, uint32_t number,
                        const struct thaw_library_reading *object)
{
    assert_non_null(reading);
    assert_int_equal(reading->file, 2 * number);
    assert_int_equal(reading->is_opened, number % kinds != a_gap);
    assert_int_equal(reading->is_object, number % kinds == an_object);
    if (number % kinds == a_gap)
        assert_int_equal(reading->code, -ENOENT);
    if (number % kinds == a_text)
        assert_int_equal(reading->code, -ENOEXEC);
    if (number % kinds != an_object)
        return;
    assert_int_equal(reading->code, 0);
    assert_string_equal(reading->library.build_id, object->library.build_id);
    assert_int_equal(reading->library.bytes, object->library.bytes);
    assert_int_equal(reading->library.section_count, object->library.section_count);
    assert_int_equal(reading->needed_count, object->needed_count);
    for (size_t i = 0; i < object->needed_count; i++)
        assert_string_equal(reading->needed[i], object->needed[i]);
}

static void test_ahead_as_at_once(void **state)
{
    struct thaw_library_reading object = {0};
    struct thaw_arena arena = {0}, texts = {0};
    char names[files][32];

    (void)state;
    thaw_library_reading_do(&object, thaw_content_open_below(folder, "lib0.so"), "lib0.so", &arena);
    assert_true(object.is_object && object.needed_count);
    for (int round = 0; round < 20; round++) {
        struct thaw_library_readers *readers = thaw_library_readers_start();

        assert_non_null(readers);
        add_all(readers, names);
        thaw_library_readers_wait(readers);
        for (uint32_t i = 0; i < files; i++)
            assert_read(thaw_library_readers_find(readers, 2 * i), i, &object);
        assert_null(thaw_library_readers_find(readers, 1));
        assert_null(thaw_library_readers_find(readers, 2 * files));
        thaw_library_readers_end(readers, &texts);
    }
    thaw_arena_free(&texts);
    thaw_arena_free(&arena);
}

static void test_texts_outlive_the_readers(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_library_readers *readers = thaw_library_readers_start();
    const struct thaw_library_reading *reading;

    (void)state;
    assert_non_null(thaw_arena_string(&arena, "what was there before"));
    assert_int_equal(thaw_library_readers_add(readers, 7, folder, "lib0.so"), 0);
    thaw_library_readers_wait(readers);
    reading = thaw_library_readers_find(readers, 7);
    assert_non_null(reading);
    thaw_library_readers_end(readers, &arena);
    assert_true(reading->is_object);
    assert_string_not_equal(reading->library.build_id, "");
    assert_non_null(thaw_arena_string(&arena, "what comes after"));
    thaw_arena_free(&arena);
}

static void test_ended_at_any_time(void **state)
{
    struct thaw_arena arena = {0};
    struct thaw_library_readers *readers = thaw_library_readers_start();
    char names[files][32];

    (void)state;
    assert_null(thaw_library_readers_find(readers, 0));
    thaw_library_readers_end(readers, &arena); /* nothing was added */
    readers = thaw_library_readers_start();
    add_all(readers, names);
    thaw_library_readers_end(readers, &arena); /* nobody waited */
    thaw_library_readers_end(NULL, &arena);
    assert_null(thaw_library_readers_find(NULL, 0));
    thaw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ahead_as_at_once),
        cmocka_unit_test(test_texts_outlive_the_readers),
        cmocka_unit_test(test_ended_at_any_time),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
