/* SPDX-License-Identifier: Apache-2.0 */
/* What a probe's report says (src/trial/probe_report.c), and the command that asks for it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "platform/platform.h"
#include "trial/probe.h"

#define LEAST "\"cpu_ns\": 5, \"wall_ns\": 7"

static struct thaw_arena arena;

/* Reads a copy of exactly that length, so that AddressSanitizer sees a read behind it. */
static int read_text(const char *text, struct thaw_probe_report *ret)
{
    struct thaw_error error = {0};
    size_t length = strlen(text);
    char *copy = malloc(length + !length);
    int code;

    assert_non_null(copy);
    memcpy(copy, text, length);
    code = thaw_probe_report_read(copy, length, &arena, ret, &error);
    free(copy);
    assert_int_equal(error.code, code);
    return code;
}

static int free_arena(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

static void a_whole_report(void **state)
{
    struct thaw_probe_report report;

    (void)state;
    assert_int_equal(
        read_text("{" LEAST ", \"modules\": [\"json\", \"decimal\", \"decimal.x\"], "
                  "\"module_files\": 2, \"files\": [\"/app/a.py\"], \"missing\": [\"x: E\"], "
                  "\"functions\": [[\"hello\", [\"{}\", \"[]\"], \"hints\"]], \"described\": "
                  "\"azure.functions\", \"failed\": \"\", \"call_cpu_ns\": 9, \"call_modules\": "
                  "[\"csv\", \"_csv\"]}",
                  &report),
        0);
    assert_int_equal(report.cpu_ns, 5);
    assert_int_equal(report.wall_ns, 7);
    assert_int_equal(report.modules.count, 3);
    assert_true(thaw_probe_has(&report.modules, "decimal"));
    assert_true(thaw_probe_has(&report.modules, "json"));
    assert_false(thaw_probe_has(&report.modules, "jso"));
    assert_false(thaw_probe_has(&report.modules, ""));
    assert_int_equal(report.module_files, 2);
    assert_string_equal(report.files.items[0], "/app/a.py");
    assert_string_equal(report.missing.items[0], "x: E");
    assert_int_equal(report.function_count, 1);
    assert_string_equal(report.functions[0].name, "hello");
    assert_int_equal(report.functions[0].bindings.count, 2);
    assert_string_equal(report.functions[0].hints, "hints");
    assert_string_equal(report.described, "azure.functions");
    assert_int_equal(report.call_cpu_ns, 9);
    assert_true(thaw_probe_has(&report.call_modules, "_csv"));
}

static void what_is_left_out_is_nothing(void **state)
{
    struct thaw_probe_report report;

    (void)state;
    assert_int_equal(read_text("{" LEAST "}", &report), 0);
    assert_int_equal(report.modules.count, 0);
    assert_false(thaw_probe_has(&report.modules, "x"));
    assert_string_equal(report.described, "");
    assert_string_equal(report.failed, "");
    assert_int_equal(report.function_count, 0);
}

static void what_no_probe_writes_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{",
        "{}",
        "{\"cpu_ns\": 5}",
        "{\"cpu_ns\": -5, \"wall_ns\": 7}",
        "{\"cpu_ns\": 5.5, \"wall_ns\": 7}",
        "{" LEAST ", \"modules\": \"x\"}",
        "{" LEAST ", \"modules\": [1]}",
        "{" LEAST ", \"functions\": [[\"x\", []]]}",
        "{" LEAST ", \"functions\": [{}]}",
        "{" LEAST ", \"failed\": null}",
        "{" LEAST ", \"cpu_ns\": 6}",
        "{" LEAST "} more",
    };
    struct thaw_probe_report report;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(read_text(texts[i], &report), -EPROTO);
}

static void lists_have_an_end(void **state)
{
    const char *item = "\"x\",";
    size_t count = THAW_PROBE_LIST_MAX + 1;
    char *text = calloc(count, strlen(item) + 1);
    struct thaw_probe_report report;
    size_t used;

    (void)state;
    assert_non_null(text);
    used = (size_t)sprintf(text, "{%s, \"modules\": [", LEAST);
    for (size_t i = 0; i < count; i++)
        used += (size_t)sprintf(text + used, "%s", item);
    strcpy(text + used - 1, "]}");
    assert_int_equal(read_text(text, &report), -EPROTO);
    free(text);
}

static const char *const folders[] = {"/app", "/app/lib", "/apple", "/lib", NULL};
static const char *const names[] = {"os", "x'; \n", NULL};
static const struct thaw_prove_entry entries[] = {{"web", "/app/web.py"}};

static struct thaw_prove_app sample_app(void)
{
    return (struct thaw_prove_app){
        .folder = "/app",
        .executable = "/usr/bin/python3",
        .platform = thaw_platforms_find("azure_functions"),
        .paths = folders,
        .earlier_paths = folders + 3,
        .preloaded = names,
        .entries = entries,
        .entry_count = 1,
    };
}

static void assert_words(const char *const *command, const char *const *expected)
{
    assert_string_equal(command[0], "/usr/bin/python3");
    assert_string_equal(command[1], "-c");
    for (size_t i = 0; expected[i]; i++) {
        assert_non_null(command[3 + i]);
        assert_string_equal(command[3 + i], expected[i]);
    }
}

static void paths_are_those_of_the_sandbox(void **state)
{
    static const char *const expected[] = {"f/tmp/copy/app",
                                           "o/app",
                                           "b/lib",
                                           "p/tmp/copy/app",
                                           "p/tmp/copy/app/lib",
                                           "p/apple",
                                           "p/lib",
                                           "mos",
                                           "mx'; \n",
                                           "eweb",
                                           "E/tmp/copy/app/web.py",
                                           "d",
                                           NULL};
    const struct thaw_prove_app app = sample_app();
    const struct thaw_sandbox sandbox = {.way = THAW_SANDBOX_COPY,
                                         .app = "/app",
                                         .folder = "/tmp/copy"};
    const struct thaw_probe_task task = {.app = &app, .sandbox = &sandbox, .describe = true};
    const char *const *command = thaw_probe_command(&task, &arena);

    (void)state;
    assert_non_null(command);
    assert_words(command, expected);
    assert_null(command[3 + sizeof(expected) / sizeof(expected[0]) - 1]);
    assert_non_null(strstr(command[2], app.platform->describe_app));
}

static void a_first_call_has_its_imports(void **state)
{
    static const char *const expected[] = {"f/app",        "o/app", "s/app/run.py",
                                           "c/app/web.py", "ia.b",  "nc",
                                           "l0",           "i",     "nlate",
                                           "l2",           NULL};
    static const struct thaw_probe_import imports[] = {{"a.b", "c", 0}, {"", "late", 2}};
    const struct thaw_prove_app app = {.folder = "/app",
                                       .executable = "/usr/bin/python3",
                                       .script = "/app/run.py"};
    const struct thaw_sandbox sandbox = {.way = THAW_SANDBOX_OVERLAY, .app = "/app"};
    const struct thaw_probe_task task = {.app = &app,
                                         .sandbox = &sandbox,
                                         .describe = true, /* nobody can */
                                         .calls = imports,
                                         .call_count = 2,
                                         .call_file = "web.py"};
    const char *const *command = thaw_probe_command(&task, &arena);

    (void)state;
    assert_non_null(command);
    assert_words(command, expected);
    assert_null(command[3 + sizeof(expected) / sizeof(expected[0]) - 1]);
}

/* The interpreter takes it as one argument: execve(2), MAX_ARG_STRLEN. */
static void the_script_fits(void **state)
{
    const struct thaw_prove_app app = sample_app();
    const struct thaw_sandbox sandbox = {.way = THAW_SANDBOX_OVERLAY, .app = "/app"};
    const struct thaw_probe_task task = {.app = &app, .sandbox = &sandbox, .describe = true};
    const char *const *command = thaw_probe_command(&task, &arena);

    (void)state;
    assert_non_null(command);
    assert_in_range(strlen(command[2]), 1000, 131071);
}

static void without_memory_there_is_nothing(void **state)
{
    static const char text[] = "{" LEAST ", \"modules\": [\"a\", \"b\"], \"functions\": [[\"x\", "
                               "[\"y\"], \"z\"]]}";
    const struct thaw_prove_app app = sample_app();
    const struct thaw_sandbox sandbox = {.way = THAW_SANDBOX_OVERLAY, .app = "/app"};
    const struct thaw_probe_task task = {.app = &app, .sandbox = &sandbox, .describe = true};

    (void)state;
    if (!chaos_malloc_works()) {
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_probe_report report;
        int code = thaw_probe_report_read(text, strlen(text), &arena, &report, NULL);
        const char *const *command = code ? NULL : thaw_probe_command(&task, &arena);

        chaos_malloc_pause();
        assert_int_equal(chaos_malloc_failed(), !command);
        assert_true(code == 0 || code == -ENOMEM);
        thaw_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_whole_report, free_arena),
        cmocka_unit_test_teardown(what_is_left_out_is_nothing, free_arena),
        cmocka_unit_test_teardown(what_no_probe_writes_is_refused, free_arena),
        cmocka_unit_test_teardown(lists_have_an_end, free_arena),
        cmocka_unit_test_teardown(paths_are_those_of_the_sandbox, free_arena),
        cmocka_unit_test_teardown(a_first_call_has_its_imports, free_arena),
        cmocka_unit_test_teardown(the_script_fits, free_arena),
        cmocka_unit_test_teardown(without_memory_there_is_nothing, free_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
