/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "recording_sample.h"

/* Each allocation of the room fails in turn: the error says so, nothing leaks, nothing breaks. */

static const enum chaos_malloc_mode modes[] = {CHAOS_ONE, CHAOS_ALL};

static void need_chaos(void)
{
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap=malloc, see chaos_malloc.h\n");
        skip();
    }
}

static void check_round(int result, const struct thaw_error *error, size_t *failures)
{
    assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    assert_int_equal(error->code, result);
    if (result < 0)
        assert_non_null(strstr(error->message, "out of memory"));
    *failures += chaos_malloc_failed();
}

static void check_parse(const void *bytes, size_t length, size_t least_failures)
{
    for (size_t mode = 0; mode < 2; mode++) {
        size_t failures = 0;

        for (chaos_malloc_begin(modes[mode]); chaos_malloc_more();) {
            struct thaw_recording *recording = NULL;
            struct thaw_error error = {0};
            int result = thaw_recording_parse(bytes, length, &recording, &error);

            chaos_malloc_pause();
            check_round(result, &error, &failures);
            assert_int_equal(recording == NULL, result < 0);
            thaw_recording_free(recording);
        }
        assert_true(failures >= least_failures);
    }
}

static void parsing_binary(void **state)
{
    struct sample_file file;

    (void)state;
    need_chaos();
    file = sample_file_make(7);
    check_parse(file.bytes, file.length, 6);
    sample_file_free(&file);
}

/* Out of order, so that sorting allocates too. */
static void parsing_text(void **state)
{
    static const char text[] =
        "thaw-recording-text 1\n"
        "9 machine signs=[\"a\",\"b\"] hypervisor=\"kvm\"\n"
        "7 machine signs=[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]\n";

    (void)state;
    need_chaos();
    check_parse(text, strlen(text), 7);
}

static void loading(void **state)
{
    struct sample_file file;
    char folder[256], path[300];

    (void)state;
    need_chaos();
    file = sample_file_make(7);
    sample_folder_make(folder, sizeof(folder));
    snprintf(path, sizeof(path), "%s/x.thaw", folder);
    sample_write(path, file.bytes, file.length);
    for (size_t mode = 0; mode < 2; mode++) {
        size_t failures = 0;

        for (chaos_malloc_begin(modes[mode]); chaos_malloc_more();) {
            struct thaw_recording *recording = NULL;
            struct thaw_error error = {0};
            int result = thaw_recording_load(path, &recording, &error);

            chaos_malloc_pause();
            check_round(result, &error, &failures);
            thaw_recording_free(recording);
        }
        assert_true(failures >= 7);
    }
    sample_folder_remove(folder);
    sample_file_free(&file);
}

/* An event that finds no room is not added; the recording goes on without it. */
static size_t write_some(const char *path, const struct thaw_event *event, struct thaw_error *error)
{
    struct thaw_recording_writer *writer = NULL;
    struct thaw_error late = {0};
    size_t added = 0;

    if (thaw_recording_writer_open(path, &writer, error) < 0)
        return 0;
    for (int i = 0; i < 8; i++)
        added += thaw_recording_writer_append(writer, event, error) == 0;
    assert_int_equal(thaw_recording_writer_close(writer, &late), 0);
    return added;
}

static void check_written(const char *path, size_t added)
{
    struct thaw_recording *recording = NULL;

    assert_int_equal(thaw_recording_load(path, &recording, NULL), 0);
    assert_int_equal(recording->count, added);
    assert_true(recording->finished);
    thaw_recording_free(recording);
}

static void writing(void **state)
{
    char folder[256], path[300], name[1001] = {0};
    struct thaw_event event = {.kind = THAW_EVENT_IMPORT_BEGIN, .import_begin = {.name = name}};

    (void)state;
    need_chaos();
    memset(name, 'x', sizeof(name) - 1);
    sample_folder_make(folder, sizeof(folder));
    snprintf(path, sizeof(path), "%s/x.thaw", folder);
    for (size_t mode = 0; mode < 2; mode++) {
        size_t failures = 0;

        for (chaos_malloc_begin(modes[mode]); chaos_malloc_more();) {
            struct thaw_error error = {0};
            size_t added = write_some(path, &event, &error);

            chaos_malloc_pause();
            check_round(error.code, &error, &failures);
            assert_int_equal(added < 8, chaos_malloc_failed());
            if (access(path, F_OK) == 0)
                check_written(path, added);
            unlink(path);
        }
        assert_true(failures >= 4);
    }
    sample_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing_binary),
        cmocka_unit_test(parsing_text),
        cmocka_unit_test(loading),
        cmocka_unit_test(writing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
