/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "gate/side.h"
#include "gate_fixture.h"
#include "report_fixture.h"
#include "thaw/version.h"

/* Baselines: made, kept, written for people to review, and refused where they are no longer whole.
 */

static char *written(const json_t *baseline)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(thaw_gate_baseline_write(baseline, stream, NULL), 0);
    fclose(stream);
    return text;
}

static json_t *built(const struct thaw_gate_input *input, const struct thaw_budgets *budgets,
                     const json_t *old)
{
    struct thaw_error error;
    json_t *ret = NULL;

    if (thaw_gate_baseline_build(input, budgets, old, &ret, &error) < 0)
        fail_msg("%s", error.message);
    return ret;
}

static json_t *read_back(const char *text)
{
    struct thaw_error error;
    json_t *ret = NULL;

    if (thaw_gate_baseline_parse(text, strlen(text), "b.json", &ret, &error) < 0)
        fail_msg("%s in\n%s", error.message, text);
    return ret;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("%s is not in\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("%s is in\n%s", part, text);
}

static const struct thaw_budget budget_rows[] = {
    {.metric = "modules", .part = {"", "pandas", ""}},
    {.metric = "modules", .part = {"", "PANDAS", ""}}, /* the same */
    {.metric = "modules", .part = {"numpy", "", ""}},
    {.metric = "phase_time", .part = {"", "", "import"}},
    {.metric = "phase_time", .part = {"", "", "specialize"}}, /* there is none */
    {.metric = "modules", .part = {"", "", ""}},
    {.metric = "of_later", .part = {"", "", ""}},
};
static const struct thaw_budgets budgets = {
    .budgets = (struct thaw_budget *)budget_rows,
    .budget_count = sizeof(budget_rows) / sizeof(budget_rows[0]),
};

#define TOTAL(ns)                                                                                  \
    "{'tracks':[{'id':1,'process':2,'headline':true,'answered':true,'start_ns':0,"                 \
    "'end_ns':900000000,'total_ns':" ns ",'unattributed_ns':0,'phases':["                          \
    "{'name':'import','start_ns':0,'end_ns':600000499,'counted':true,'children':[]}]}]}"

/* Two runs of the fixture, with what is shipped. */
struct measured {
    struct thaw_gate_run runs[2];
    json_t *target;
    struct thaw_gate_input input;
};

static void measure(struct measured *measured)
{
    measured->runs[0] = (struct thaw_gate_run){"1", gate_fixture_start(TOTAL("900000501"))};
    measured->runs[1] = (struct thaw_gate_run){"2", gate_fixture_start(TOTAL("850000000"))};
    measured->target = gate_fixture_target(NULL);
    measured->input = gate_fixture_input(measured->target, measured->runs, 2);
}

static void forget(struct measured *measured)
{
    for (size_t i = 0; i < 2; i++)
        json_decref((json_t *)measured->runs[i].report);
    json_decref(measured->target);
}

static const char expected[] =
    "{\n"
    "  \"schema\": \"thaw-baseline/1\",\n"
    "  \"tool\": {\"name\": \"thaw\", \"version\": \"" THAW_VERSION "\"},\n"
    "  \"entries\": [\n"
    "    {\n"
    "      \"key\": {\"architecture\": \"x86_64\", \"backend\": \"ebpf\", \"cpus\": 2, "
    "\"interpreter\": \"3.11\", \"kernel\": \"6.18.0\", "
    "\"lock_file\": \"requirements.txt:9f86d081884c7d659a2feaa0c55ad015\", "
    "\"machine\": \"AMD EPYC 7763, 2 CPUs\"},\n"
    "      \"commit\": \"4aa53a9\",\n"
    "      \"made\": \"2026-11-29\",\n"
    "      \"values\": [\n"
    "        {\"metric\": \"bytecode_missing\", \"samples\": [10]},\n"
    "        {\"metric\": \"bytecode_stale\", \"samples\": [1101]},\n"
    "        {\"metric\": \"compiled_modules\", \"samples\": [2], \"runs\": 2},\n"
    "        {\"metric\": \"conflicts\", \"samples\": [1]},\n"
    "        {\"metric\": \"cpu_time\", \"samples\": [800000000, 800000000]},\n"
    "        {\"metric\": \"distributions\", \"samples\": [2]},\n"
    "        {\"metric\": \"duplicate_bytes\", \"samples\": [42]},\n"
    "        {\"metric\": \"failed_imports\", \"samples\": [2], \"runs\": 2},\n"
    "        {\"metric\": \"failed_lookups\", \"samples\": [700], \"runs\": 2},\n"
    "        {\"metric\": \"files_opened\", \"samples\": [300], \"runs\": 2},\n"
    "        {\"metric\": \"import_time\", \"samples\": [640000000, 640000000]},\n"
    "        {\"metric\": \"libraries\", \"samples\": [2]},\n"
    "        {\"metric\": \"libraries_mapped\", \"samples\": [12], \"runs\": 2},\n"
    "        {\"metric\": \"mapped_relocations\", \"samples\": [120], \"runs\": 2},\n"
    "        {\"metric\": \"modules\", \"samples\": [6], \"runs\": 2},\n"
    "        {\"metric\": \"modules\", \"module\": \"numpy\", \"samples\": [1], \"runs\": 2},\n"
    "        {\"metric\": \"modules\", \"distribution\": \"pandas\", \"samples\": [2], "
    "\"runs\": 2},\n"
    "        {\"metric\": \"phase_time\", \"phase\": \"import\", "
    "\"samples\": [600000000, 600000000]},\n"
    "        {\"metric\": \"read_bytes\", \"samples\": [123456, 123456]},\n"
    "        {\"metric\": \"relocations\", \"samples\": [107]},\n"
    "        {\"metric\": \"shipped_bytes\", \"samples\": [1000]},\n"
    "        {\"metric\": \"shipped_disk_bytes\", \"samples\": [4096]},\n"
    "        {\"metric\": \"shipped_files\", \"samples\": [50]},\n"
    "        {\"metric\": \"system_calls\", \"samples\": [5000, 5000]},\n"
    "        {\"metric\": \"threads\", \"samples\": [3, 3]},\n"
    "        {\"metric\": \"total_time\", \"samples\": [900001000, 850000000]}\n"
    "      ],\n"
    "      \"contents\": [\n"
    "        {\"name\": \"app\", \"disk_bytes\": 512, \"modules\": 1},\n"
    "        {\"name\": \"Num_Py\", \"version\": \"2.4.0\", \"disk_bytes\": 1024, "
    "\"modules\": 0},\n"
    "        {\"name\": \"NumPy\", \"version\": \"2.4.0\", \"modules\": 1},\n"
    "        {\"name\": \"pandas\", \"version\": \"3.1.1\", \"disk_bytes\": 2048, "
    "\"modules\": 2},\n"
    "        {\"name\": \"python\", \"modules\": 1},\n"
    "        {\"name\": \"worker\", \"modules\": 1}\n"
    "      ],\n"
    "      \"imports\": [\n"
    "        {\"name\": \"function_app\", \"modules\": 1},\n"
    "        {\"name\": \"json\", \"modules\": 1},\n"
    "        {\"name\": \"numpy\", \"modules\": 1},\n"
    "        {\"name\": \"pandas\", \"modules\": 2},\n"
    "        {\"name\": \"worker_main\", \"modules\": 1}\n"
    "      ]\n"
    "    }\n"
    "  ]\n"
    "}\n";

static void a_baseline_is_written_for_review(void **state)
{
    struct measured measured;
    json_t *baseline;
    char *text;

    (void)state;
    measure(&measured);
    baseline = built(&measured.input, &budgets, NULL);
    text = written(baseline);
    assert_string_equal(text, expected);
    free(text);
    json_decref(baseline);
    forget(&measured);
}

static void what_was_written_is_read_and_written_again(void **state)
{
    json_t *baseline = read_back(expected);
    char *text = written(baseline);

    (void)state;
    assert_string_equal(text, expected);
    free(text);
    json_decref(baseline);
}

/* The values of a side survive the file. */
static void an_entry_gives_back_what_was_measured(void **state)
{
    static const struct thaw_budget_part parts[] = {{"", "", ""}, {"numpy", "", ""}};
    json_t *baseline = read_back(expected);
    struct thaw_gate_samples from_runs, from_file;
    struct thaw_gate_side side, kept;
    struct measured measured;
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);

    (void)state;
    measure(&measured);
    assert_int_equal(thaw_gate_side_measured(&measured.input, &side, NULL), 0);
    assert_int_equal(thaw_gate_side_of_entry(
                         json_array_get(json_object_get(baseline, "entries"), 0), "b", &kept, NULL),
                     0);
    for (size_t i = 0; i < 2 * count; i++) {
        const struct thaw_gate_metric *metric = &metrics[i / 2];

        assert_int_equal(thaw_gate_side_samples(&kept, metric, &parts[i % 2], &from_file), 0);
        assert_int_equal(thaw_gate_side_samples(&side, metric, &parts[i % 2], &from_runs), 0);
        if (i % 2 && strcmp(metric->name, "modules") != 0) {
            assert_int_equal(from_file.count, 0); /* no budget is about it */
            continue;
        }
        assert_int_equal(from_file.count, from_runs.count);
        for (size_t j = 0; j < from_file.count; j++)
            assert_true(from_file.values[j] - from_runs.values[j] < 1000 &&
                        from_runs.values[j] - from_file.values[j] < 1000);
    }
    for (size_t i = 0; i < THAW_GATE_KEY_PARTS; i++)
        assert_string_equal(side.key.parts[i], kept.key.parts[i]);
    assert_int_equal(side.contents.count, kept.contents.count);
    assert_int_equal(side.imports.count, 5);
    assert_int_equal(kept.imports.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(side.imports.items[i].name, kept.imports.items[i].name);
        assert_true(side.imports.items[i].modules == kept.imports.items[i].modules);
    }
    thaw_gate_side_free(&side);
    thaw_gate_side_free(&kept);
    json_decref(baseline);
    forget(&measured);
}

static size_t entries_of(const json_t *baseline)
{
    return json_array_size(json_object_get(baseline, "entries"));
}

static void an_update_takes_the_place_of_its_own_entry_only(void **state)
{
    struct measured measured;
    json_t *first, *second, *third, *other;
    char *before, *after;

    (void)state;
    measure(&measured);
    first = built(&measured.input, NULL, NULL);
    other =
        gate_fixture_start("{'run':{'command':['x'],'started':null,'platform':null,'until':'auto',"
                           "'backend':'importtime','ended':'exit','exit_status':0}}");
    measured.input.runs = &(struct thaw_gate_run){"3", other};
    measured.input.run_count = 1;
    second = built(&measured.input, NULL, first);
    assert_int_equal(entries_of(second), 2);
    before = written(second);
    has(before, "\"backend\": \"ebpf\"");
    has(before, "\"backend\": \"importtime\"");
    assert_true(strstr(before, "\"ebpf\"") < strstr(before, "\"importtime\""));
    /* Nothing has changed but when it was measured: nor does the file. */
    measured.input.commit = "5555555";
    measured.input.today = "2027-01-01";
    third = built(&measured.input, NULL, second);
    after = written(third);
    assert_string_equal(before, after);
    json_decref(third);
    free(after);
    measured.input.lock_digest = "00";
    third = built(&measured.input, NULL, second);
    after = written(third);
    assert_int_equal(entries_of(third), 2);
    has(after, "5555555");
    has(after, "2027-01-01");
    has(after, "4aa53a9"); /* the other one stays as it was */
    free(before);
    free(after);
    json_decref(first);
    json_decref(second);
    json_decref(third);
    json_decref(other);
    measured.input.runs = measured.runs;
    forget(&measured);
}

static void entries_stand_in_the_order_of_versions(void **state)
{
    static const char *const versions[] = {"3.11", "3.9", "3.10"};
    json_t *baseline = NULL;
    char *text;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char changes[200];
        json_t *target, *next;
        struct thaw_gate_input input;

        snprintf(changes, sizeof(changes), "{'target':{'python':{'version':'%s','machine':'x'}}}",
                 versions[i]);
        target = gate_fixture_target(changes);
        input = gate_fixture_input(target, NULL, 0);
        next = built(&input, NULL, baseline);
        json_decref(baseline);
        json_decref(target);
        baseline = next;
    }
    text = written(baseline);
    assert_true(strstr(text, "3.9") < strstr(text, "3.10"));
    assert_true(strstr(text, "3.10") < strstr(text, "3.11"));
    lacks(text, "backend");
    lacks(text, "total_time");
    lacks(text, "imports");
    free(text);
    json_decref(baseline);
}

static void of_nothing_there_is_no_baseline(void **state)
{
    struct thaw_gate_input input = gate_fixture_input(NULL, NULL, 0);
    json_t *crashed =
        gate_fixture_start("{'run':{'command':['x'],'started':null,'platform':null,'until':'exit',"
                           "'ended':'exit','exit_status':1},'tracks':[]}");
    const struct thaw_gate_run run = {"1", crashed};
    struct thaw_error error;
    json_t *ret = NULL;

    (void)state;
    assert_int_equal(thaw_gate_baseline_build(&input, &budgets, NULL, &ret, &error), -ENODATA);
    has(error.message, "nothing was measured of app");
    input = gate_fixture_input(NULL, &run, 1);
    assert_int_equal(thaw_gate_baseline_build(&input, NULL, NULL, &ret, &error), -ENODATA);
    assert_null(ret);
    json_decref(crashed);
}

/* Metrics that must be the same and were not are all written. */
static void what_varies_is_written_as_it_was(void **state)
{
    json_t *one = gate_fixture_start(NULL);
    json_t *other = gate_fixture_start("{'modules':[{'id':1,'name':'a','process':2,'start_ns':1,"
                                       "'status':'loaded'}]}");
    const struct thaw_gate_run runs[] = {{"1", one}, {"2", other}, {"3", one}};
    struct thaw_gate_input input = gate_fixture_input(NULL, runs, 3);
    json_t *baseline = built(&input, NULL, NULL);
    char *text = written(baseline);

    (void)state;
    has(text, "{\"metric\": \"modules\", \"samples\": [6, 1, 6]}");
    free(text);
    json_decref(baseline);
    json_decref(one);
    json_decref(other);
}

static void hostile_names_are_escaped_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; report_fixture_hostile[i]; i++) {
        json_t *name = json_string(report_fixture_hostile[i]), *target, *baseline, *again;
        json_t *list = json_array(), *distribution = json_object();
        struct thaw_gate_input input;
        char *text, *more;

        if (!name) /* not UTF-8: no report has it */
            name = json_string("caf\\xEF\\xBF\\xBD");
        json_object_set_new(distribution, "name", name);
        json_object_set_new(distribution, "disk_bytes", json_integer(7));
        json_array_append_new(list, distribution);
        target = gate_fixture_target(NULL);
        json_object_set_new(target, "distributions", list);
        input = gate_fixture_input(target, NULL, 0);
        input.commit = report_fixture_hostile[i];
        baseline = built(&input, NULL, NULL);
        text = written(baseline);
        for (const char *at = text; *at; at++)
            assert_true((*at >= ' ' && *at < 0x7F) || *at == '\n');
        again = read_back(text);
        more = written(again);
        assert_string_equal(text, more);
        free(text);
        free(more);
        json_decref(baseline);
        json_decref(again);
        json_decref(target);
    }
}

static void a_full_disk_is_an_error(void **state)
{
    json_t *baseline = read_back(expected);
    FILE *full = report_fixture_full_disk();
    struct thaw_error error;

    (void)state;
    assert_int_equal(thaw_gate_baseline_write(baseline, full, &error), -ENOSPC);
    fclose(full);
    json_decref(baseline);
}

static void the_schema_is_there(void **state)
{
    size_t length;
    const char *text = thaw_baseline_schema(&length);

    (void)state;
    assert_int_equal(strlen(text), length);
    has(text, "urn:thaw:schema:baseline:1");
}

static void short_memory_is_told(void **state)
{
    struct measured measured;
    json_t *old = read_back(expected), *other = gate_fixture_target(NULL);

    (void)state;
    measure(&measured);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        json_t *ret = NULL;
        int code = thaw_gate_baseline_build(&measured.input, &budgets, old, &ret, NULL);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        json_decref(ret);
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        json_t *ret = NULL;
        int code = thaw_gate_baseline_parse(expected, strlen(expected), "b", &ret, NULL);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        json_decref(ret);
    }
    json_decref(old);
    json_decref(other);
    forget(&measured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_baseline_is_written_for_review),
        cmocka_unit_test(what_was_written_is_read_and_written_again),
        cmocka_unit_test(an_entry_gives_back_what_was_measured),
        cmocka_unit_test(an_update_takes_the_place_of_its_own_entry_only),
        cmocka_unit_test(entries_stand_in_the_order_of_versions),
        cmocka_unit_test(of_nothing_there_is_no_baseline),
        cmocka_unit_test(what_varies_is_written_as_it_was),
        cmocka_unit_test(hostile_names_are_escaped_and_read_back),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(the_schema_is_there),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
