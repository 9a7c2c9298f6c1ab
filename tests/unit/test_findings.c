/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a finding of each kind, and what nearly does: the difference is in one line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "thaw/analysis.h"
#include "timeline_fixture.h"

#define PROBES                                                                                     \
    "1 probe name=\"effects.calls\" status=\"attached\"\n"                                         \
    "1 probe name=\"python.gc\" status=\"attached\"\n"                                             \
    "1 probe name=\"loader.dlopen\" status=\"attached\"\n"
/* A program in /app, from 2 ms on; it ends at 100 ms. */
#define SCRIPT                                                                                     \
    "1 session.begin backend=\"ebpf\" command=[\"python3\",\"main.py\"] "                          \
    "directory=\"/app\"\n" PROBES "1_000_000 process.exec executable=\"/usr/bin/python3.11\"\n"    \
    "1_000_000 interpreter executable=\"/usr/bin/python3.11\" version=\"3.11.2\" "                 \
    "coverage=\"from start\"\n"                                                                    \
    "2_000_000 body.begin name=\"__main__\" file=\"/app/main.py\" stack=9000 own=1\n"
#define END                                                                                        \
    "100_000_000 body.end stack=9000\n"                                                            \
    "100_000_000 process.exit code=0\n"                                                            \
    "101_000_000 session.end reason=\"exit\"\n"
#define IMPORT(begin, name, file, inner, end)                                                      \
    begin " import.begin name=\"" name "\" stack=8000\n" begin " body.begin file=\"" file          \
          "\" stack=7900\n" inner end " import.end stack=8000\n"

/* A worker whose app is /app/function_app.py, asked at 200 ms and answering at 500 ms. */
#define WORKER(app, call)                                                                          \
    "1 session.begin command=[\"host\"] directory=\"/\"\n" PROBES                                  \
    "1_000_000 process.exec pid=9 executable=\"/host\"\n"                                          \
    "2_000_000 process.fork pid=1 parent=9\n"                                                      \
    "3_000_000 process.exec executable=\"/usr/bin/python3.11\"\n"                                  \
    "3_000_000 interpreter executable=\"/usr/bin/python3.11\" version=\"3.11.2\" "                 \
    "coverage=\"from start\"\n"                                                                    \
    "3_000_000 process.role role=\"worker\" platform=\"azure_functions\" directory=\"/w\"\n"       \
    "4_000_000 body.begin name=\"__main__\" file=\"/w/worker.py\" stack=9999 own=1\n"              \
    "5_000_000 connect connection=1\n"                                                             \
    "6_000_000 message type=\"StartStream\" outgoing=1\n"                                          \
    "10_000_000 message type=\"WorkerInitRequest\" directory=\"/app\"\n" app                       \
    "190_000_000 message type=\"WorkerInitResponse\" outgoing=1 status=\"success\"\n"              \
    "200_000_000 message type=\"InvocationRequest\" invocation_id=\"i\" function_id=\"x\"\n" call  \
    "500_000_000 message type=\"InvocationResponse\" outgoing=1 invocation_id=\"i\" "              \
    "status=\"success\"\n"

#define COMPILED(opened)                                                                           \
    "10_000_000 import.begin name=\"m\" stack=90\n"                                                \
    "10_100_000 file.lookups count=1 last_ns=10100000 bytes=200 mtime_s=7 stack=70\n"              \
    "10_200_000 file.open path=\"/app/__pycache__/m.cpython-311.pyc\" " opened " stack=70\n"       \
    "10_300_000 file.open path=\"/app/m.py\" result=3 bytes=200 stack=70\n"                        \
    "10_400_000 file.close bytes=200 stack=70\n"

#define GC(end) "15_000_000 gc.begin stack=7000\n" end " gc.end stack=7000\n"

#define LONG IMPORT("10_000_000", "helper", "/app/helper.py", "", "95_000_000")
#define ACCOUNT(at, cpu_ns, wait_ns, throttled, final)                                             \
    at " cpu.account pid=1 control_group=\"/g\" cpu_limit_millis=500 counts_throttling=1 "         \
       "periods=9 throttled_periods=3 throttled_ns=" throttled " has_waits=1 cpu_ns=" cpu_ns       \
       " runqueue_ns=" wait_ns " final=" final "\n"

#define LIBRARY(path, soname, bytes)                                                               \
    "100_500_000 library pid=1 tid=1 path=\"" path "\" resident_bytes=4096\n"                      \
    "100_500_000 inventory.library path=\"" path "\" soname=\"" soname "\" bytes=" bytes "\n"

#define DLOPEN(relocated)                                                                          \
    "10_000_000 import.begin name=\"_fast\" stack=90\n"                                            \
    "10_100_000 dlopen.begin path=\"/app/_fast.so\" stack=70\n" relocated                          \
    " dlopen.relocated stack=60\n"                                                                 \
    "20_000_000 dlopen.end stack=70\n"                                                             \
    "20_100_000 module.init name=\"_fast\" stack=70\n"                                             \
    "20_200_000 import.end stack=90\n"

#define DISTRIBUTION(name)                                                                         \
    "700_000_000 inventory.distribution name=\"" name "\" location=\"/site\"\n"                    \
    "700_000_000 inventory.file path=\"/site/agent.py\" distribution=\"" name "\"\n"

/* An app of two files, whose helper is there at 30 ms and was not needed by get(), which answers.
 */
#define LAZY(use)                                                                                  \
    WORKER("20_000_000 import.begin name=\"function_app\" stack=8000\n"                            \
           "20_000_000 body.begin file=\"/app/function_app.py\" stack=7900\n"                      \
           "30_000_000 import.begin name=\"helper\" stack=7000\n"                                  \
           "30_000_000 body.begin file=\"/app/helper.py\" stack=6900\n"                            \
           "60_000_000 import.end stack=7000\n"                                                    \
           "90_000_000 import.end stack=8000\n"                                                    \
           "91_000_000 function function_id=\"x\" name=\"get\" trigger=\"httpTrigger\"\n",         \
           "")                                                                                     \
    "600_000_000 inventory.import file=\"/app/function_app.py\" line=1 module=\"helper\"\n"        \
    "600_000_000 inventory.statement file=\"/app/function_app.py\" line=1 end_line=1 "             \
    "module=\"helper\" bound=\"helper\" use=\"" use "\" functions=[\"other\"]\n"                   \
    "600_000_000 inventory.definition file=\"/app/function_app.py\" line=2 name=\"get\" "          \
    "kind=\"function\"\n"                                                                          \
    "600_000_000 inventory.definition file=\"/app/function_app.py\" line=4 name=\"other\" "        \
    "references=[\"helper\"] kind=\"function\"\n"

/* The same with a second import, of which it is told what the first reply needs. */
#define LAZY_TWO(use)                                                                              \
    WORKER("20_000_000 import.begin name=\"function_app\" stack=8000\n"                            \
           "20_000_000 body.begin file=\"/app/function_app.py\" stack=7900\n"                      \
           "30_000_000 import.begin name=\"helper\" stack=7000\n"                                  \
           "30_000_000 body.begin file=\"/app/helper.py\" stack=6900\n"                            \
           "60_000_000 import.end stack=7000\n"                                                    \
           "60_000_000 import.begin name=\"second\" stack=7000\n"                                  \
           "60_000_000 body.begin file=\"/app/second.py\" stack=6900\n"                            \
           "80_000_000 import.end stack=7000\n"                                                    \
           "90_000_000 import.end stack=8000\n"                                                    \
           "91_000_000 function function_id=\"x\" name=\"get\" trigger=\"httpTrigger\"\n",         \
           "")                                                                                     \
    "600_000_000 inventory.import file=\"/app/function_app.py\" line=1 module=\"helper\"\n"        \
    "600_000_000 inventory.import file=\"/app/function_app.py\" line=2 module=\"second\"\n"        \
    "600_000_000 inventory.statement file=\"/app/function_app.py\" line=1 end_line=1 "             \
    "module=\"helper\" bound=\"helper\" use=\"functions\" functions=[\"other\"]\n"                 \
    "600_000_000 inventory.statement file=\"/app/function_app.py\" line=2 end_line=2 "             \
    "module=\"second\" bound=\"second\" use=\"" use "\" functions=[\"other\"]\n"                   \
    "600_000_000 inventory.definition file=\"/app/function_app.py\" line=2 name=\"get\" "          \
    "kind=\"function\"\n"                                                                          \
    "600_000_000 inventory.definition file=\"/app/function_app.py\" line=4 name=\"other\" "        \
    "references=[\"helper\",\"second\"] kind=\"function\"\n"

static const struct {
    const char *id;
    const char *lines;
    const char *near; /* nearly the same, without such a finding */
} cases[] = {
    {"compiled-at-start",
     SCRIPT COMPILED("result=-2") "15_000_000 body.begin file=\"/app/m.py\" stack=80\n"
                                  "16_000_000 import.end stack=90\n" END,
     /* 1 ms: less than anybody notices */
     SCRIPT COMPILED("result=-2") "11_400_000 body.begin file=\"/app/m.py\" stack=80\n"
                                  "16_000_000 import.end stack=90\n" END},
    {"cpu-starved",
     SCRIPT ACCOUNT("2_000_000", "1_000_000", "0", "0", "0")
         LONG ACCOUNT("99_000_000", "40_000_000", "60_000_000", "0", "1") END,
     SCRIPT ACCOUNT("2_000_000", "1_000_000", "0", "0", "0")
         LONG ACCOUNT("99_000_000", "90_000_000", "9_000_000", "0", "1") END},
    {"cpu-starved",
     SCRIPT ACCOUNT("2_000_000", "1_000_000", "0", "0", "0")
         LONG ACCOUNT("99_000_000", "40_000_000", "0", "50_000_000", "1") END,
     /* as much before the start as after it */
     SCRIPT ACCOUNT("2_000", "1_000_000", "0", "50_000_000", "0")
         LONG ACCOUNT("99_000_000", "40_000_000", "0", "50_000_000", "1") END},
    {"duplicate-library",
     SCRIPT END LIBRARY("/s/numpy.libs/libopenblas64-12ab34cd.so", "libopenblas64-12ab34cd.so",
                        "30000000") LIBRARY("/s/scipy.libs/libopenblas64-98fe76dc.so",
                                            "libopenblas64-98fe76dc.so", "20000000"),
     /* of another version: another library */
     SCRIPT END LIBRARY("/s/a.libs/libgfortran-12ab34cd.so.5.0.0", "libgfortran-12ab34cd.so.5.0.0",
                        "3000000") LIBRARY("/s/b.libs/libgfortran-98fe76dc.so.3.0.0",
                                           "libgfortran-98fe76dc.so.3.0.0", "3000000")},
    {"executed-twice",
     SCRIPT IMPORT("10_000_000", "helpers", "/app/helpers.py", "", "15_000_000")
         IMPORT("20_000_000", "app.helpers", "/app/helpers.py", "", "25_000_000") END,
     /* the first one failed: to try again is right */
     SCRIPT "10_000_000 import.begin name=\"helpers\" stack=8000\n"
            "10_000_000 body.begin file=\"/app/helpers.py\" stack=7900\n"
            "15_000_000 import.end stack=8000 failed=1\n" IMPORT(
                "20_000_000", "helpers", "/app/helpers.py", "", "25_000_000") END},
    {"import-garbage",
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py", GC("20_000_000"), "30_000_000") END,
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py", GC("16_000_000"), "30_000_000") END},
    {"import-garbage", /* the app may act only on what its own file imports */
     WORKER(IMPORT("20_000_000", "function_app", "/app/function_app.py",
                   "50_000_000 gc.begin stack=7000\n70_000_000 gc.end stack=7000\n", "90_000_000"),
            ""),
     WORKER(IMPORT("20_000_000", "function_app", "/app/function_app.py", "", "40_000_000") IMPORT(
                "45_000_000", "w", "/w/w.py",
                "50_000_000 gc.begin stack=7000\n70_000_000 gc.end stack=7000\n", "90_000_000"),
            "")},
    {"import-in-first-call",
     WORKER("", IMPORT("210_000_000", "torch", "/app/.p/torch.py", "", "400_000_000")),
     WORKER("", IMPORT("210_000_000", "torch", "/app/.p/torch.py", "", "300_000_000"))},
    {"init-near-limit",
     "1 session.begin command=[\"python\"] directory=\"/var/task\"\n"
     "1_000_000_000 process.exec executable=\"/usr/bin/python3.12\"\n"
     "1_000_000_000 process.role role=\"worker\" platform=\"aws_lambda\"\n"
     "9_200_000_000 message type=\"GET /runtime/invocation/next\" outgoing=1\n"
     "9_201_000_000 message type=\"200 /runtime/invocation/next\" invocation_id=\"i\"\n"
     "9_210_000_000 message type=\"POST /runtime/invocation/ID/response\" outgoing=1 "
     "invocation_id=\"i\" status=\"success\"\n",
     "1 session.begin command=[\"python\"] directory=\"/var/task\"\n"
     "1_000_000_000 process.exec executable=\"/usr/bin/python3.12\"\n"
     "1_000_000_000 process.role role=\"worker\" platform=\"aws_lambda\"\n"
     "8_200_000_000 message type=\"GET /runtime/invocation/next\" outgoing=1\n"
     "8_201_000_000 message type=\"200 /runtime/invocation/next\" invocation_id=\"i\"\n"
     "8_210_000_000 message type=\"POST /runtime/invocation/ID/response\" outgoing=1 "
     "invocation_id=\"i\" status=\"success\"\n"},
    {"lazy-import", LAZY("functions"), LAZY("module")},
    {"lazy-import-set", LAZY_TWO("functions"), LAZY_TWO("module")},
    {"network-at-import",
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py",
                   "11_000_000 effect what=\"connect\" detail=\"192.0.2.1:443\" stack=7000\n",
                   "20_000_000") END,
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py",
                   "11_000_000 effect what=\"connect\" detail=\"/run/x:1\" stack=7000\n",
                   "20_000_000") END},
    {"network-at-import",
     WORKER(IMPORT("20_000_000", "function_app", "/app/function_app.py",
                   "21_000_000 effect what=\"lookup\" detail=\"example.test\" stack=7000\n",
                   "90_000_000"),
            ""),
     /* the worker asks for its host */
     WORKER(IMPORT("20_000_000", "w", "/w/w.py",
                   "21_000_000 effect what=\"lookup\" detail=\"example.test\" stack=7000\n",
                   "90_000_000"),
            "")},
    {"process-at-import",
     SCRIPT IMPORT("10_000_000", "helper", "/app/helper.py",
                   "11_000_000 process.fork pid=2 tid=2 parent=1\n"
                   "11_000_000 effect what=\"process\" started=2 stack=7000\n"
                   "12_000_000 process.exec pid=2 tid=2 executable=\"/usr/bin/uname\"\n",
                   "20_000_000") END,
     /* not while anything is imported */
     SCRIPT IMPORT(
         "10_000_000", "helper", "/app/helper.py", "",
         "20_000_000") "21_000_000 process.fork pid=2 tid=2 parent=1\n"
                       "21_000_000 effect what=\"process\" started=2 stack=8900\n"
                       "22_000_000 process.exec pid=2 tid=2 executable=\"/usr/bin/uname\"\n" END},
    {"slow-constructors", SCRIPT DLOPEN("12_000_000") END, SCRIPT DLOPEN("19_000_000") END},
    {"tracing-agent",
     SCRIPT IMPORT("10_000_000", "agent", "/site/agent.py", "", "70_000_000")
         END DISTRIBUTION("opentelemetry-sdk"),
     SCRIPT IMPORT("10_000_000", "agent", "/site/agent.py", "", "70_000_000")
         END DISTRIBUTION("sentry-sdk-mock")},
    {"unused-import", LAZY("none"), LAZY("functions")},
    {"worker-dominates",
     WORKER(IMPORT("20_000_000", "w", "/w/w.py", "", "150_000_000")
                IMPORT("160_000_000", "function_app", "/app/function_app.py", "", "180_000_000"),
            ""),
     WORKER(IMPORT("20_000_000", "w", "/w/w.py", "", "40_000_000")
                IMPORT("50_000_000", "function_app", "/app/function_app.py", "", "180_000_000"),
            "")},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static struct timeline_fixture fixture;
static struct thaw_analysis *analysis;

static int end(void **state)
{
    (void)state;
    thaw_analysis_free(analysis);
    analysis = NULL;
    timeline_fixture_free(&fixture);
    return 0;
}

static void analyse(const char *lines)
{
    struct thaw_error error = {0};

    end(NULL);
    timeline_fixture_build(&fixture, lines);
    assert_int_equal(thaw_analysis_build(fixture.timeline, &analysis, &error), 0);
}

/* NULL: there is none of that kind; the test fails when there are several. */
static const struct thaw_finding *found(const char *id)
{
    const struct thaw_finding *finding = NULL;

    for (size_t i = 0; i < analysis->finding_count; i++) {
        if (strcmp(analysis->findings[i].id, id))
            continue;
        assert_null(finding);
        finding = &analysis->findings[i];
    }
    return finding;
}

static bool was_sought(const char *id)
{
    for (size_t i = 0; i < analysis->unsought_count; i++)
        if (!strcmp(analysis->unsought[i]->id, id))
            return false;
    return true;
}

static void each_kind_has_what_makes_it_and_what_nearly_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        const struct thaw_finding *finding;

        analyse(cases[i].lines);
        finding = found(cases[i].id);
        if (!finding)
            fail_msg("case %zu: there is no %s", i, cases[i].id);
        assert_true(*finding->title && finding->evidence_count && *finding->fix && *finding->risk);
        assert_true(finding->saving.low_ns <= finding->saving.ns);
        assert_true(finding->saving.ns <= finding->saving.high_ns);
        analyse(cases[i].near);
        if (found(cases[i].id) || !was_sought(cases[i].id))
            fail_msg("case %zu: near miss of %s: %s", i, cases[i].id,
                     found(cases[i].id) ? found(cases[i].id)->title : "was not looked for");
    }
}

static void each_kind_has_a_case_and_a_page(void **state)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        bool has_case = false;

        for (size_t j = 0; j < CASES; j++)
            has_case |= !strcmp(cases[j].id, kinds[i]->id);
        if (!has_case)
            fail_msg("%s has no case", kinds[i]->id);
        assert_true(i == 0 || strcmp(kinds[i - 1]->id, kinds[i]->id) < 0);
        assert_true(*kinds[i]->title && *kinds[i]->needs && !strchr(kinds[i]->title, '\n'));
        assert_true(!strcmp(kinds[i]->severity, "error") ||
                    !strcmp(kinds[i]->severity, "warning") || !strcmp(kinds[i]->severity, "note"));
        assert_non_null(strstr(kinds[i]->explanation, "\n\nSaving: "));
        assert_non_null(strstr(kinds[i]->explanation, "\n\nHow to change it: "));
    }
}

static void what_was_not_recorded_is_not_looked_for(void **state)
{
    (void)state;
    analyse("1 session.begin backend=\"ebpf\" command=[\"python3\"] directory=\"/app\"\n"
            "1_000_000 process.exec executable=\"/usr/bin/python3.11\"\n"
            "9_000_000 process.exit code=0\n");
    assert_int_equal(analysis->finding_count, 0);
    assert_false(was_sought("import-garbage"));
    assert_false(was_sought("network-at-import"));
    assert_false(was_sought("lazy-import"));
    analyse(SCRIPT END);
    assert_true(was_sought("import-garbage"));
    assert_true(was_sought("network-at-import"));
    assert_false(was_sought("lazy-import"));
}

/* Errors, then savings, then what saves nothing. */
static void findings_come_by_what_they_are_worth(void **state)
{
    (void)state;
    analyse(SCRIPT IMPORT(
        "10_000_000", "helper", "/app/helper.py",
        "11_000_000 effect what=\"lookup\" detail=\"h\" stack=7000\n" GC("20_000_000"),
        "30_000_000") IMPORT("40_000_000", "other", "/app/helper.py", "", "60_000_000") END);
    assert_int_equal(analysis->finding_count, 3);
    assert_string_equal(analysis->findings[0].id, "executed-twice");
    assert_int_equal(analysis->findings[0].saving.ns, 20000000);
    assert_string_equal(analysis->findings[1].id, "import-garbage");
    assert_int_equal(analysis->findings[1].saving.ns, 5000000);
    assert_string_equal(analysis->findings[2].id, "network-at-import");
}

static void suppressions_fit_by_id_file_module_and_day(void **state)
{
    static const struct {
        struct thaw_suppression suppression;
        bool fits;
    } rows[] = {
        {{"network-at-import", "", "", "known", ""}, true},
        {{"network-at-import", "pk/helper.py", "", "known", ""}, true},
        {{"network-at-import", "elper.py", "", "known", ""}, false},
        {{"network-at-import", "/app/pk/helper.py", "", "known", ""}, true},
        {{"network-at-import", "", "pk", "known", ""}, true},
        {{"network-at-import", "", "pk.helper", "known", ""}, true},
        {{"network-at-import", "", "pk.help", "known", ""}, false},
        {{"network-at-import", "", "", "known", "2026-11-28"}, true},
        {{"network-at-import", "", "", "known", "2026-11-27"}, false},
        {{"process-at-import", "", "", "known", ""}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_error error = {0};

        analyse(SCRIPT IMPORT("10_000_000", "pk.helper", "/app/pk/helper.py",
                              "11_000_000 effect what=\"lookup\" detail=\"h\" stack=7000\n",
                              "30_000_000") END);
        assert_int_equal(analysis->finding_count, 1);
        assert_int_equal(
            thaw_analysis_suppress(analysis, &rows[i].suppression, 1, "2026-11-28", &error), 0);
        if (analysis->suppressed_count != rows[i].fits)
            fail_msg("row %zu", i);
        assert_int_equal(analysis->finding_count + analysis->suppressed_count, 1);
    }
}

static void without_memory_there_is_no_analysis(void **state)
{
    static const struct thaw_suppression suppression = {"network-at-import", "", "", "known", ""};

    (void)state;
    assert_true(chaos_malloc_works());
    for (size_t i = 0; i < CASES; i++) {
        end(NULL);
        timeline_fixture_build(&fixture, cases[i].lines);
        for (chaos_malloc_begin(CHAOS_ALL); chaos_malloc_more();) {
            struct thaw_error error = {0};
            int result = thaw_analysis_build(fixture.timeline, &analysis, &error);

            if (!result)
                result = thaw_analysis_suppress(analysis, &suppression, 1, "2026-11-28", &error);
            chaos_malloc_pause();
            assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
            thaw_analysis_free(analysis);
            analysis = NULL;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_kind_has_what_makes_it_and_what_nearly_does, end),
        cmocka_unit_test_teardown(each_kind_has_a_case_and_a_page, end),
        cmocka_unit_test_teardown(what_was_not_recorded_is_not_looked_for, end),
        cmocka_unit_test_teardown(findings_come_by_what_they_are_worth, end),
        cmocka_unit_test_teardown(suppressions_fit_by_id_file_module_and_day, end),
        cmocka_unit_test_teardown(without_memory_there_is_no_analysis, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
