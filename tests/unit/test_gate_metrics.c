/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "gate/metrics.h"
#include "gate_fixture.h"

/* What is read of reports for each metric, and when it is not. */

#define ALL                                                                                        \
    {                                                                                              \
        "", "", ""                                                                                 \
    }
#define MODULES_OF(pattern)                                                                        \
    {                                                                                              \
        pattern, "", ""                                                                            \
    }
#define OF(distribution)                                                                           \
    {                                                                                              \
        "", distribution, ""                                                                       \
    }
#define PHASE(name)                                                                                \
    {                                                                                              \
        "", "", name                                                                               \
    }

enum { ms = 1000000 };

/* The value, or why there is none. */
static const char *read_one(const json_t *report, const char *name,
                            const struct thaw_budget_part *part, double *ret,
                            struct thaw_arena *arena)
{
    const struct thaw_gate_metric *metric = thaw_gate_metric_find(name);
    const struct thaw_gate_reading reading = {report, part, arena};
    const char *why = NULL;

    assert_non_null(metric);
    if (metric->read(&reading, ret, &why))
        return NULL;
    assert_non_null(why);
    assert_true(*why);
    return why;
}

struct expected {
    const char *metric;
    struct thaw_budget_part part;
    double value;
};

static void check(const json_t *report, const struct expected *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct thaw_arena arena = {0};
        double value = -1;
        const char *why = read_one(report, rows[i].metric, &rows[i].part, &value, &arena);

        if (why || value != rows[i].value)
            fail_msg("%s of \"%s\" \"%s\" \"%s\": %s, %.0f, not %.0f", rows[i].metric,
                     rows[i].part.module, rows[i].part.distribution, rows[i].part.phase,
                     why ? why : "told", value, rows[i].value);
        thaw_arena_free(&arena);
    }
}

static void what_is_shipped_is_read(void **state)
{
    static const struct expected rows[] = {
        {"shipped_bytes", ALL, 1000},
        {"shipped_bytes", OF("pandas"), 600},
        {"shipped_bytes", OF("num.py"), 300}, /* PEP 503 */
        {"shipped_bytes", OF("polars"), 0},   /* looked for and not there */
        {"shipped_disk_bytes", ALL, 4096},
        {"shipped_disk_bytes", OF("PANDAS"), 2048},
        {"shipped_files", ALL, 50},
        {"shipped_files", OF("pandas"), 30},
        {"distributions", ALL, 2},
        {"libraries", ALL, 2},
        {"libraries", OF("pandas"), 1},
        {"relocations", ALL, 107},
        {"relocations", OF("num-py"), 100},
        {"duplicate_bytes", ALL, 42},
        {"conflicts", ALL, 1},
        {"bytecode_stale", ALL, 1101},
        {"bytecode_missing", ALL, 10},
    };
    json_t *report = gate_fixture_target(NULL);

    (void)state;
    check(report, rows, sizeof(rows) / sizeof(rows[0]));
    json_decref(report);
}

static void a_cold_start_is_read(void **state)
{
    static const struct expected rows[] = {
        {"modules", ALL, 6}, /* neither the late one, nor the host's, nor those that failed */
        {"modules", MODULES_OF("pandas"), 2},
        {"modules", MODULES_OF("pandas.*"), 1},
        {"modules", MODULES_OF("*a*"), 4},
        {"modules", MODULES_OF("late"), 0},
        {"modules", OF("numpy"), 1},
        {"modules", OF("polars"), 0},
        {"modules", {"pandas.core", "Pandas", ""}, 1},
        {"modules", {"numpy", "pandas", ""}, 0},
        {"failed_imports", ALL, 2},
        {"failed_imports", MODULES_OF("pandas_not"), 1},
        {"compiled_modules", ALL, 2},
        {"compiled_modules", OF("pandas"), 1},
        {"libraries_mapped", ALL, 12},
        {"libraries_mapped", OF("numpy"), 1},
        {"mapped_relocations", ALL, 120},
        {"mapped_relocations", OF("numpy"), 100},
        {"files_opened", ALL, 300},
        {"failed_lookups", ALL, 700},
        {"system_calls", ALL, 5000},
        {"read_bytes", ALL, 123456},
        {"threads", ALL, 3},
        {"total_time", ALL, 900.0 * ms},
        {"cpu_time", ALL, 800.0 * ms},
        {"phase_time", PHASE("import"), 600.0 * ms},
        {"phase_time", PHASE("worker.imports"), 50.0 * ms},
        {"import_time", ALL, 640.0 * ms},
        {"import_time", MODULES_OF("pandas"), 500.0 * ms}, /* its submodule is within it */
        {"import_time", MODULES_OF("numpy"), 300.0 * ms},
        {"import_time", MODULES_OF("broken"), 10.0 * ms}, /* what failed took time */
        {"import_time", MODULES_OF("polars"), 0},
        {"import_time", OF("pandas"), 500.0 * ms},
    };
    json_t *report = gate_fixture_start(NULL);

    (void)state;
    check(report, rows, sizeof(rows) / sizeof(rows[0]));
    json_decref(report);
}

/* Two threads that import at once take the time once; durations alone can only be summed. */
static void times_of_threads_count_once(void **state)
{
    static const char two[] =
        "{'modules':[{'id':1,'parent':null,'name':'a','distribution':null,'process':2,'tid':2,"
        "'timed':%s,'start_ns':100000000,'total_ns':50000000,'self_ns':0,'status':'loaded'},"
        "{'id':2,'parent':null,'name':'a.b','distribution':null,'process':2,'tid':3,"
        "'timed':%s,'start_ns':120000000,'total_ns':50000000,'self_ns':0,'status':'loaded'}]}";
    static const struct expected timed[] = {{"import_time", MODULES_OF("a"), 70.0 * ms}};
    static const struct expected summed[] = {{"import_time", MODULES_OF("a"), 100.0 * ms}};
    char text[1024];
    json_t *report;

    (void)state;
    snprintf(text, sizeof(text), two, "true", "true");
    report = gate_fixture_start(text);
    check(report, timed, 1);
    json_decref(report);
    snprintf(text, sizeof(text), two, "false", "true");
    report = gate_fixture_start(text);
    check(report, summed, 1);
    json_decref(report);
}

struct untold {
    const char *changes, *metric, *why; /* a part of the reason */
    struct thaw_budget_part part;
};

static void check_untold(json_t *(*make)(const char *), const struct untold *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *report = make(rows[i].changes);
        struct thaw_arena arena = {0};
        double value = -1;
        const char *why = read_one(report, rows[i].metric, &rows[i].part, &value, &arena);

        if (!why || !strstr(why, rows[i].why))
            fail_msg("row %zu, %s: %s (%.0f), not %s", i, rows[i].metric, why ? why : "told", value,
                     rows[i].why);
        thaw_arena_free(&arena);
        json_decref(report);
    }
}

#define RUN(more) "'run':{'command':['x'],'started':null,'platform':null," more "}"
#define TRACK(answered)                                                                            \
    "'tracks':[{'id':1,'process':2,'headline':true,'answered':" answered ",'start_ns':0,"          \
    "'end_ns':900000000,'total_ns':900000000,'unattributed_ns':0,'phases':[]}]"
#define LOSS(cause, process)                                                                       \
    "'losses':[{'cause':'" cause "','count':1,'what':null,'process':" process "}]"
#define FAILED(name)                                                                               \
    "'probes':[{'name':'" name "','target':null,'status':'failed','how':null,'reason':'x',"        \
    "'without':'y'}]"
#define CUT "'recording':{'finished':false,'defect':null,'unknown_kinds':0}"

static void a_cold_start_that_tells_less_is_no_zero(void **state)
{
    static const struct untold rows[] = {
        {"{" CUT "," TRACK("false") "}", "modules", "cut off", ALL},
        {"{" CUT "," TRACK("false") "}", "total_time", "cut off", ALL},
        {"{" RUN("'backend':'ebpf','until':'exit','ended':'interrupted'") "," TRACK("false") "}",
         "total_time", "interrupted", ALL},
        {"{" RUN("'backend':'ebpf','until':'exit','ended':'exit','exit_status':3") "," TRACK(
             "false") "}",
         "modules", "(exit status 3)", ALL},
        {"{" RUN("'backend':'ebpf','until':'first-reply','ended':'duration'") "," TRACK(
             "false") "}",
         "modules", "no first reply", ALL},
        {"{" RUN("'backend':'ebpf','until':'auto','ended':'exit','exit_status':0") "," TRACK(
             "false") "}",
         "modules", "no first reply", ALL},
        {"{" RUN("'backend':'importtime','until':'auto','ended':'duration'") "," TRACK("false") "}",
         "modules", "its time was over", ALL},
        {"{'run':null}", "modules", "of what is shipped", ALL},
        {"{'complete':false}", "modules", "incomplete", ALL},
        {"{'complete':false," LOSS("of-a-later-thaw", "2") "}", "files_opened",
         "incomplete: of-a-later-thaw", ALL},
        {"{'complete':false," LOSS("ring-buffer-full", "null") "}", "modules", "incomplete", ALL},
        {"{'complete':false," LOSS("probe-not-attached",
                                   "null") "," FAILED("python.find_and_load") "}",
         "modules", "incomplete", ALL},
        {"{'processes':[{'id':2,'role':'worker','coverage':'late'}]}", "modules", "too late", ALL},
        {"{'processes':[{'id':2,'role':'worker','coverage':'refused'}]}", "modules", "of a version",
         ALL},
        {"{'processes':[{'id':2,'role':'worker','coverage':'from start'}]}", "system_calls",
         "were not counted", ALL},
        {"{'modules':[]}", "modules", "no import", ALL},
        {"{'modules':[]}", "import_time", "no import", ALL},
        {"{'distributions':null}", "modules", "installed", OF("numpy")},
        {"{'distributions':null}", "import_time", "installed", OF("numpy")},
        {"{'search_folders':[]}", "compiled_modules", "not watched", ALL},
        {"{'libraries':null}", "mapped_relocations", "not in the recording", ALL},
        {"{'libraries':[{'path':'/l/gone.so','loaded':true}]}", "mapped_relocations", "/l/gone.so",
         ALL},
        {"{'tracks':[]}", "total_time", "no Python process", ALL},
        {"{" RUN("'backend':'importtime','until':'exit','ended':'exit','exit_status':0") "}",
         "failed_imports", "importtime backend", ALL},
        {"{" RUN("'backend':'importtime','until':'exit','ended':'exit','exit_status':0") "}",
         "compiled_modules", "sees no files", ALL},
        {"{" RUN("'backend':'importtime','until':'exit','ended':'exit','exit_status':0") "}",
         "modules", "which distribution", OF("numpy")},
        {"{" RUN("'backend':'importtime-log','until':'exit'") "}", "total_time", "log", ALL},
        {"{" RUN("'backend':'ebpf','until':'auto','ended':'first-reply','counting':true") "}",
         "total_time", "takes time", ALL},
        {NULL, "phase_time", "no phase \"specialize\"", PHASE("specialize")},
        {NULL, "phase_time", "no phase \"\"", ALL},
        {NULL, "instructions", "callgrind", ALL},
        {NULL, "shipped_bytes", "not of what is shipped", ALL},
    };

    (void)state;
    check_untold(gate_fixture_start, rows, sizeof(rows) / sizeof(rows[0]));
}

static void a_target_that_tells_less_is_no_zero(void **state)
{
#define FAULT(path, folder)                                                                        \
    "{'faults':[{'path':'" path "','what':'bad','unread':true,'folder':" folder "}]}"
    static const struct untold rows[] = {
        {FAULT("site/closed", "true"), "shipped_bytes", "site/closed", ALL},
        {FAULT("site/closed", "true"), "conflicts", "site/closed", ALL},
        {FAULT("site/a.so", "false"), "relocations", "site/a.so", ALL},
        {"{'faults_more':1}", "shipped_files", "1,000", ALL},
        {"{'libraries':null}", "libraries", "not looked at", ALL},
        {"{'distributions':null}", "distributions", "not looked for", ALL},
        {"{'distributions':null}", "shipped_bytes", "not looked for", OF("pandas")},
        {"{'bytecode_health':null}", "bytecode_stale", "not looked at", ALL},
        {"{'target':{'python':{'version':null}}}", "bytecode_stale", "which Python", ALL},
        {NULL, "modules", "not of a cold start", ALL},
        {NULL, "system_calls", "not of a cold start", ALL},
    };
    static const struct expected sizes[] = {{"shipped_bytes", ALL, 1000}, {"libraries", ALL, 2}};
    static const struct expected other[] = {{"relocations", OF("pandas"), 7}};
    json_t *report;

    (void)state;
    check_untold(gate_fixture_target, rows, sizeof(rows) / sizeof(rows[0]));
    /* A damaged file has a size; what is in it concerns its own distribution. */
    report = gate_fixture_target(FAULT("site/a.so", "false"));
    check(report, sizes, 2);
    check(report, other, 1);
    json_decref(report);
}

/* What was lost of another process, samples, probes of something else: they are no reason. */
static void what_is_of_others_does_no_harm(void **state)
{
    static const struct expected rows[] = {{"modules", ALL, 6},
                                           {"system_calls", ALL, 5000},
                                           {"total_time", ALL, 900.0 * ms}};
    static const char *const changes[] = {
        "{'complete':false," LOSS("ring-buffer-full", "1") "," CUT "}",
        "{'complete':false," LOSS("mappings-lost", "null") "}",
        "{'complete':false," LOSS("sources-not-read", "2") "}",
        "{'complete':false," LOSS("probe-not-attached", "null") "," FAILED("loader.dlopen") "}",
        "{'complete':false," LOSS("probe-not-attached", "null") "," FAILED("python.gc") "}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        json_t *report = gate_fixture_start(changes[i]);

        check(report, rows, 3);
        json_decref(report);
    }
}

static void times_are_told_of_incomplete_recordings(void **state)
{
    static const struct expected rows[] = {{"total_time", ALL, 900.0 * ms}};
    json_t *report = gate_fixture_start("{'complete':false}");

    (void)state;
    check(report, rows, 1);
    json_decref(report);
}

static void patterns_are_names_or_have_wildcards(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } rows[] = {
        {"pandas", "pandas", true},
        {"pandas", "pandas.core", true},
        {"pandas", "pandas_not", false},
        {"pandas", "geopandas", false},
        {"pandas.core", "pandas", false},
        {"pandas.*", "pandas.core.api", true},
        {"pandas.*", "pandas", false},
        {"*.tests", "a.b.tests", true},
        {"*.tests", "a.tests.b", false},
        {"te?t", "test", true},
        {"[ab]x", "bx", true},
        {"[", "[", true},
        {"a\\*", "a\\b", true},
        {"", "", false},
        {"", "pandas", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (thaw_gate_module_matches(rows[i].pattern, rows[i].name) != rows[i].matches)
            fail_msg("%s and %s", rows[i].pattern, rows[i].name);
}

static void the_table_is_whole(void **state)
{
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);

    (void)state;
    assert_true(count > 20);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(thaw_gate_metric_find(metrics[i].name), &metrics[i]);
        assert_true(metrics[i].title[0] >= 'A' && metrics[i].read != NULL);
        assert_int_equal(strspn(metrics[i].name, "abcdefghijklmnopqrstuvwxyz_"),
                         strlen(metrics[i].name));
        assert_non_null(thaw_gate_class_name(metrics[i].class));
        assert_non_null(thaw_gate_unit_name(metrics[i].unit));
    }
    assert_null(thaw_gate_metric_find("module"));
    for (unsigned i = 0; i < THAW_GATE_KEY_PARTS; i++)
        assert_int_equal(thaw_gate_key_find(thaw_gate_key_name(1u << i)), 1u << i);
    assert_null(thaw_gate_key_name(0));
    assert_null(thaw_gate_key_name(3));
    assert_null(thaw_gate_key_name(1u << THAW_GATE_KEY_PARTS));
    assert_int_equal(thaw_gate_key_find("cpus"), 0);
}

/* Each metric of both reports and of none: told, or not, with a reason. */
static void nothing_is_told_when_memory_is_short(void **state)
{
    json_t *reports[] = {gate_fixture_start(NULL), gate_fixture_target(NULL), json_object()};
    static const struct thaw_budget_part parts[] = {ALL, OF("Num_Py"), PHASE("none")};
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);

    (void)state;
    for (size_t i = 0; i < 3 * 3 * count; i++) {
        const struct thaw_gate_metric *metric = &metrics[i / 9];

        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_arena arena = {0};
            const struct thaw_gate_reading reading = {reports[i % 3], &parts[i / 3 % 3], &arena};
            const char *why = "told";
            double value;
            bool told = metric->read(&reading, &value, &why);

            chaos_malloc_pause();
            if (!told && !chaos_malloc_failed())
                assert_non_null(why);
            if (!why)
                assert_true(chaos_malloc_failed());
            if (chaos_malloc_failed())
                assert_true(!told);
            thaw_arena_free(&arena);
        }
    }
    for (size_t i = 0; i < 3; i++)
        json_decref(reports[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shipped_is_read),
        cmocka_unit_test(a_cold_start_is_read),
        cmocka_unit_test(times_of_threads_count_once),
        cmocka_unit_test(a_cold_start_that_tells_less_is_no_zero),
        cmocka_unit_test(a_target_that_tells_less_is_no_zero),
        cmocka_unit_test(what_is_of_others_does_no_harm),
        cmocka_unit_test(times_are_told_of_incomplete_recordings),
        cmocka_unit_test(patterns_are_names_or_have_wildcards),
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(nothing_is_told_when_memory_is_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
