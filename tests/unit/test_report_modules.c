/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of a module's waits, lookups and bytecode (src/report/json_modules.c). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_fixture.h"

static struct report_fixture fixture;
static struct thaw_module *changed; /* the fixture's first module: everything of it is 0 */
static json_t *report, *module;

static int begin(void **state)
{
    (void)state;
    report_fixture_fill(&fixture);
    changed = &fixture.modules[0];
    changed->usage_known = true;
    report = NULL;
    return 0;
}

static int end(void **state)
{
    (void)state;
    json_decref(report);
    return 0;
}

static void build(void)
{
    json_decref(report);
    report = report_fixture_report(&fixture);
    module = json_array_get(json_object_get(report, "modules"), 0);
}

/* The value at that key of the module as compact JSON: "" when it is absent. */
static void assert_json(const char *key, const char *expected)
{
    json_t *value = json_object_get(module, key);
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : strdup("");

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static struct thaw_timeline_process *process(void)
{
    return &fixture.processes[1];
}

/* Zeros that nobody measured do not stand in the report. */
static void what_was_not_measured_is_absent(void **state)
{
    static const char *const keys[] = {"cpu_ns",       "wait",       "faults",       "waits",
                                       "memory_bytes", "disk_bytes", "opened_bytes", "read_bytes",
                                       "lookups",      "bytecode"};

    (void)state;
    changed->total.sleep_ns = 5;
    changed->lookups = 3;
    changed->bytecode = THAW_MODULE_BYTECODE_STALE;
    build();
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_json(keys[i], "");
    process()->saw_usage = process()->saw_lookups = true;
    build();
    assert_json("cpu_ns", "");
    assert_json("wait", "");
    assert_json("disk_bytes", "");
    assert_json("faults", "{\"minor\":0,\"major\":0}");
    process()->saw_waits = process()->saw_disk = true;
    changed->timed = false;
    build();
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_json(keys[i], "");
}

static void what_did_not_run_waited(void **state)
{
    (void)state;
    process()->saw_usage = process()->saw_waits = process()->saw_disk = true;
    changed->total = (struct thaw_spent){.ns = 1000,
                                         .io_ns = 100,
                                         .runqueue_ns = 20,
                                         .sleep_ns = 3,
                                         .minor_faults = 7,
                                         .major_faults = 1,
                                         .disk_bytes = 8192,
                                         .memory_bytes = -4096};
    build();
    assert_json("cpu_ns", "877");
    assert_json("wait", "{\"io_ns\":100,\"runqueue_ns\":20,\"sleep_ns\":3}");
    assert_json("faults", "{\"minor\":7,\"major\":1}");
    assert_json("memory_bytes", "-4096");
    assert_json("disk_bytes", "8192");
    changed->total.sleep_ns = 5000; /* more than there was: contradicts itself */
    build();
    assert_json("cpu_ns", "0");
}

static void each_part_has_its_waits_and_nothing_else(void **state)
{
    (void)state;
    process()->saw_usage = process()->saw_waits = true;
    changed->parts[THAW_PART_FIND].io_ns = 4;
    changed->parts[THAW_PART_READ] =
        (struct thaw_spent){.disk_bytes = 4096, .read_bytes = 300, .major_faults = 1};
    changed->parts[THAW_PART_CONSTRUCTORS].runqueue_ns = 6;
    changed->parts[THAW_PART_UNKNOWN].sleep_ns = 8;
    changed->parts[THAW_PART_GC] = (struct thaw_spent){.minor_faults = 9, .memory_bytes = -1};
    build();
    assert_json("waits", "{\"find\":{\"io_ns\":4},"
                         "\"read\":{\"major_faults\":1,\"disk_bytes\":4096,\"read_bytes\":300},"
                         "\"constructors\":{\"runqueue_ns\":6},"
                         "\"unattributed\":{\"sleep_ns\":8},"
                         "\"gc\":{\"minor_faults\":9,\"memory_bytes\":-1}}");
}

static void lookups_are_in_the_order_they_came(void **state)
{
    const struct thaw_failed_lookup first = {"/app/m.so", -ENOENT, NULL};
    const struct thaw_failed_lookup second = {"/lib/caf\xe9\xff.py", -EACCES, &first};
    const struct thaw_failed_lookup third = {"", -ENOENT, &second};

    (void)state;
    process()->saw_lookups = true;
    changed->lookups = 7;
    changed->lookups_failed = 3;
    changed->searched = 2;
    changed->failed_lookups = &third;
    build();
    assert_json("lookups", "{\"count\":7,\"failed\":3,\"searched\":2,\"failed_paths\":"
                           "[\"/app/m.so\",\"/lib/caf\xef\xbf\xbd\xef\xbf\xbd.py\",\"\"],"
                           "\"failed_paths_bytes\":[\"/app/m.so\",\"/lib/caf%E9%FF.py\",\"\"]}");
    changed->searched = 0;
    changed->failed_lookups = NULL;
    build();
    assert_json("lookups", "{\"count\":7,\"failed\":3,\"searched\":null,\"failed_paths\":[]}");
    changed->lookups = 0;
    build();
    assert_json("lookups", "");
}

static void names_of_all_kinds_may_be_looked_for(void **state)
{
    (void)state;
    process()->saw_lookups = true;
    changed->lookups = 1;
    for (size_t i = 0; report_fixture_hostile[i]; i++) {
        const struct thaw_failed_lookup failed = {report_fixture_hostile[i], -ENOENT, NULL};
        json_t *paths;

        changed->failed_lookups = &failed;
        build();
        paths = json_object_get(json_object_get(module, "lookups"), "failed_paths");
        assert_int_equal(json_array_size(paths), 1);
        assert_true(json_is_string(json_array_get(paths, 0)));
    }
}

static void bytecode_has_a_status(void **state)
{
    static const char *const expected[] = {
        [THAW_MODULE_BYTECODE_UNKNOWN] = "",
        [THAW_MODULE_BYTECODE_USED] = "{\"status\":\"used\",\"written\":false}",
        [THAW_MODULE_BYTECODE_MISSING] = "{\"status\":\"missing\",\"written\":false}",
        [THAW_MODULE_BYTECODE_STALE] = "{\"status\":\"stale\",\"written\":false}",
        [THAW_MODULE_BYTECODE_REJECTED] = "{\"status\":\"rejected\",\"written\":false}",
        [THAW_MODULE_BYTECODE_UNREADABLE] = "{\"status\":\"unreadable\",\"written\":false}",
    };

    (void)state;
    process()->saw_lookups = true;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        changed->bytecode = (enum thaw_module_bytecode)i;
        changed->writing = THAW_WRITING_FAILED;
        build();
        assert_json("bytecode", expected[i]);
    }
    changed->bytecode = THAW_MODULE_BYTECODE_MISSING;
    changed->writing = THAW_WRITING_DONE;
    build();
    assert_json("bytecode", "{\"status\":\"missing\",\"written\":true}");
}

static void folders_that_were_searched_are_listed(void **state)
{
    struct thaw_search_folder folders[] = {{1, 0, "/app"}, {4, 1, "/caf\xff"}};
    char *text;

    (void)state;
    process()->saw_lookups = true;
    fixture.timeline.folders = folders;
    fixture.timeline.folder_count = 2;
    build();
    text = json_dumps(json_object_get(report, "search_folders"), JSON_COMPACT);
    assert_non_null(text);
    assert_string_equal(
        text, "[{\"id\":1,\"after\":null,\"path\":\"/app\"},"
              "{\"id\":4,\"after\":1,\"path\":\"/caf\xef\xbf\xbd\",\"path_bytes\":\"/caf%FF\"}]");
    free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_not_measured_is_absent),          TEST(what_did_not_run_waited),
        TEST(each_part_has_its_waits_and_nothing_else), TEST(lookups_are_in_the_order_they_came),
        TEST(names_of_all_kinds_may_be_looked_for),     TEST(bytecode_has_a_status),
        TEST(folders_that_were_searched_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
