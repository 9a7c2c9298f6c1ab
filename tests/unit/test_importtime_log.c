/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "recording/importtime_log.h"
#include "scratch.h"
#include "thaw/timeline.h"

#define HEAD "import time: self [us] | cumulative | imported package\n"

static struct thaw_recording *recording;
static struct thaw_timeline *timeline;

static void read_text(const char *text)
{
    struct thaw_error error = {0};

    assert_int_equal(thaw_importtime_log_parse("log", text, strlen(text), &recording, &error), 0);
    assert_int_equal(thaw_timeline_build(recording, &timeline, &error), 0);
}

static int forget(void **state)
{
    (void)state;
    thaw_timeline_free(timeline);
    thaw_recording_free(recording);
    timeline = NULL;
    recording = NULL;
    return 0;
}

static void assert_refused(const char *bytes, size_t length, int code, const char *words)
{
    struct thaw_error error = {0};

    assert_int_equal(thaw_importtime_log_parse("log", bytes, length, &recording, &error), code);
    assert_non_null(strstr(error.message, words));
    assert_null(recording);
}

static const struct thaw_module *module_of(const char *name)
{
    for (size_t i = 0; i < timeline->module_count; i++)
        if (!strcmp(timeline->modules[i].name, name))
            return &timeline->modules[i];
    fail_msg("no module %s", name);
    return NULL;
}

static uint64_t lost(const char *cause)
{
    uint64_t count = 0;

    for (size_t i = 0; i < timeline->loss_count; i++)
        if (!strcmp(timeline->losses[i].cause, cause))
            count += timeline->losses[i].count;
    return count;
}

static void times_of_a_sound_log_add_up(void **state)
{
    (void)state;
    read_text(HEAD "import time: 10 | 10 |   b\n"
                   "import time: 5 | 5 |   c\n"
                   "import time: 20 | 35 | a\n"
                   "import time: 7 | 7 | d\n");
    assert_true(timeline->complete);
    assert_int_equal(timeline->module_count, 4);
    assert_int_equal(module_of("a")->self_ns, 20000);
    assert_int_equal(module_of("a")->start_ns, 0);
    assert_int_equal(module_of("b")->parent, module_of("a")->id);
    assert_int_equal(module_of("c")->parent, module_of("a")->id);
    assert_int_equal(module_of("d")->start_ns, 35000);
    assert_int_equal(module_of("d")->parent, 0);
    assert_int_equal(timeline->session_end_ns, 42000);
    assert_int_equal(timeline->track_count, 0);
}

/* Each of three numbers was rounded up: that is no contradiction, and no more is. */
static void rounding_is_no_contradiction(void **state)
{
    (void)state;
    read_text("import time: 10 | 10 |   b\nimport time: 20 | 28 | a\n");
    assert_true(timeline->complete);
    forget(NULL);
    read_text("import time: 10 | 10 |   b\nimport time: 20 | 27 | a\n");
    assert_int_equal(lost("import-times-no-sum"), 1);
    assert_int_equal(module_of("a")->self_ns, 17000);
    assert_false(timeline->complete);
}

static void what_is_nobodys_own_stays_so(void **state)
{
    (void)state;
    read_text("import time: 10 | 10 |   b\nimport time: 20 | 100 | a\n");
    assert_int_equal(lost("import-times-no-sum"), 1);
    assert_int_equal(module_of("a")->self_ns, 20000);
    assert_int_equal(module_of("a")->total_ns, 100000);
}

/* Its own importer's line is missing, however short it took. */
static void a_level_is_not_left_out(void **state)
{
    (void)state;
    read_text("import time: 1 | 1 |     c\nimport time: 20 | 21 | a\n");
    assert_int_equal(lost("import-times-no-sum"), 1);
    assert_int_equal(module_of("a")->self_ns, 20000);
}

static void less_than_what_it_imported_is_told(void **state)
{
    (void)state;
    read_text("import time: 100 | 100 |   b\nimport time: -40 | 60 | a\n");
    assert_int_equal(lost("clock"), 1);
    assert_int_equal(module_of("a")->self_ns, 0);
}

static void a_head_begins_another_process(void **state)
{
    (void)state;
    read_text("import time: 1 | 1 | before\n" HEAD "import time: 2 | 2 | a\n" HEAD HEAD
              "import time: 3 | 3 | a\n");
    assert_int_equal(timeline->process_count, 3);
    assert_int_equal(module_of("before")->process, 1);
    assert_int_equal(module_of("a")->process, 2);
    assert_string_equal(recording->events[recording->count - 2].probe.how,
                        "3 imports of 3 processes");
    assert_true(timeline->complete);
}

static void a_head_within_an_import_is_told(void **state)
{
    (void)state;
    read_text(HEAD "import time: 1 | 1 |   deep\n" HEAD "import time: 2 | 2 | a\n"
                   "import time: 5 | 6 | its.importer\n");
    assert_int_equal(lost("importer-missing"), 1);
    assert_false(timeline->complete);
    assert_int_equal(module_of("deep")->parent, 0);
}

static void other_lines_are_counted(void **state)
{
    const struct thaw_event *probe;

    (void)state;
    read_text("hello\n\nimport time: cached    | cached     | re\r\n"
              "half a line import time: 4 | 4 | a\r\nlast without its end");
    assert_int_equal(timeline->module_count, 1);
    assert_string_equal(timeline->modules[0].name, "a");
    probe = &recording->events[recording->count - 2];
    assert_int_equal(probe->kind, THAW_EVENT_PROBE);
    assert_string_equal(probe->probe.how, "1 import of 1 process");
    assert_string_equal(
        probe->probe.without,
        "1 line about modules that were loaded already, and 2 other lines of the log");
    assert_true(timeline->complete);
}

static void torn_lines_are_lost(void **state)
{
    (void)state;
    read_text("import time: 4 | 4 | a\nimport time: 5 |\nimport time: 18446744073709550 | "
              "18446744073709550 | huge\nmine: import time: none\n");
    assert_int_equal(lost("log-lines-broken"), 2);
    assert_int_equal(timeline->module_count, 1);
}

/* Each could be an import, all of them together can't: no sum may overflow. */
static void no_sum_overflows(void **state)
{
    static const char line[] = "import time: 2000000000000000 | 2000000000000000 | m\n";
    enum { lines = 20 };
    char text[lines * sizeof(line)];

    (void)state;
    for (size_t i = 0; i < lines; i++)
        memcpy(text + i * (sizeof(line) - 1), line, sizeof(line));
    read_text(text);
    assert_int_equal(timeline->module_count, 1);
    assert_int_equal(lost("log-lines-broken"), lines - 1);
}

static void what_is_no_log_is_refused(void **state)
{
    static const char no_line[] = "Traceback (most recent call last):\n";

    (void)state;
    assert_refused("", 0, -EINVAL, "empty");
    assert_refused(no_line, sizeof(no_line) - 1, -EINVAL, "no line of an import report");
    assert_refused(HEAD, sizeof(HEAD) - 1, -EINVAL, "no line of an import report");
    assert_refused("\xFF\xFEi\0m\0", 6, -EINVAL, "UTF-16");
    assert_refused("\0\0\0\0", 4, -EINVAL, "no line of an import report");
}

static char *many_lines(size_t count, size_t *ret_length)
{
    static const char line[] = "import time: 1 | 1 | m\n";
    char *text = malloc(count * (sizeof(line) - 1) + 1);

    assert_non_null(text);
    *ret_length = count * (sizeof(line) - 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * (sizeof(line) - 1), line, sizeof(line) - 1);
    return text;
}

static void imports_have_a_bound(void **state)
{
    size_t length;
    char *text = many_lines(500001, &length);

    (void)state;
    assert_refused(text, length, -EFBIG, "more than 500000 imports");
    free(text);
}

static void files_have_a_bound(void **state)
{
    struct scratch scratch;
    struct thaw_error error = {0};
    const char *path;

    (void)state;
    scratch_make(&scratch);
    path = scratch_write_text(&scratch, "log", "import time: 1 | 1 | m\n");
    assert_int_equal(thaw_importtime_log_load(path, &recording, &error), 0);
    forget(NULL);
    assert_int_equal(truncate(path, (64 << 20) + 1), 0);
    assert_int_equal(thaw_importtime_log_load(path, &recording, &error), -EFBIG);
    assert_int_equal(thaw_importtime_log_load(scratch.path, &recording, &error), -EISDIR);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(thaw_importtime_log_load(path, &recording, &error), -ENOENT);
    scratch_remove(&scratch);
}

static void memory_may_be_short(void **state)
{
    static const char text[] = HEAD "x\nimport time: 1 | 1 |   b\nimport time: 1 |\n"
                                    "import time: cached    | cached     | a\nimport time: 1 | 2 | "
                                    "a\n";

    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        int code = thaw_importtime_log_parse("log", text, sizeof(text) - 1, &recording, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        forget(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(times_of_a_sound_log_add_up, forget),
        cmocka_unit_test_teardown(rounding_is_no_contradiction, forget),
        cmocka_unit_test_teardown(what_is_nobodys_own_stays_so, forget),
        cmocka_unit_test_teardown(a_level_is_not_left_out, forget),
        cmocka_unit_test_teardown(less_than_what_it_imported_is_told, forget),
        cmocka_unit_test_teardown(a_head_begins_another_process, forget),
        cmocka_unit_test_teardown(a_head_within_an_import_is_told, forget),
        cmocka_unit_test_teardown(other_lines_are_counted, forget),
        cmocka_unit_test_teardown(torn_lines_are_lost, forget),
        cmocka_unit_test_teardown(no_sum_overflows, forget),
        cmocka_unit_test(what_is_no_log_is_refused),
        cmocka_unit_test(imports_have_a_bound),
        cmocka_unit_test_teardown(files_have_a_bound, forget),
        cmocka_unit_test(memory_may_be_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
