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
#include "finding_cases.h"
#include "thaw/analysis.h"
#include "timeline_fixture.h"

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
    for (size_t i = 0; i < FINDING_CASES; i++) {
        const struct thaw_finding *finding;

        analyse(finding_cases[i].lines);
        finding = found(finding_cases[i].id);
        if (!finding)
            fail_msg("case %zu: there is no %s", i, finding_cases[i].id);
        assert_true(*finding->title && finding->evidence_count && *finding->fix && *finding->risk);
        assert_true(finding->saving.low_ns <= finding->saving.ns);
        assert_true(finding->saving.ns <= finding->saving.high_ns);
        analyse(finding_cases[i].near);
        if (found(finding_cases[i].id) || !was_sought(finding_cases[i].id))
            fail_msg("case %zu: near miss of %s: %s", i, finding_cases[i].id,
                     found(finding_cases[i].id) ? found(finding_cases[i].id)->title
                                                : "was not looked for");
    }
}

static void each_kind_has_a_case_and_a_page(void **state)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        bool has_case = false;

        for (size_t j = 0; j < FINDING_CASES; j++)
            has_case |= !strcmp(finding_cases[j].id, kinds[i]->id);
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

/* What urllib.request needs would be needed all the same. */
static void an_alternative_keeps_what_it_needs(void **state)
{
    static const char *const unclear[] = {
        /* nothing is known of the other's cost */
        PACKAGE("requests", "http.client",
                "600_000_000 inventory.statement file=\"/app/function_app.py\" line=1 "
                "module=\"requests\" bound=\"requests\" use=\"functions\" functions=[\"other\"] "
                "attributes=[\"get\"]\n"),
        /* what stays needs it, too */
        REQUESTS("\"get\"") "600_000_000 inventory.import file=\"/lib/inner.py\" line=1 "
                            "module=\"requests\"\n",
        /* the module itself is handed on */
        REQUESTS(""),
        /* another function imports it by itself */
        REQUESTS("\"get\"") "600_000_000 inventory.definition file=\"/app/more.py\" line=4 "
                            "name=\"other\" kind=\"function\" references=[\"requests\"]\n",
    };

    (void)state;
    analyse(REQUESTS("\"get\""));
    assert_int_equal(found("lighter-alternative")->saving.ns, 25000000);
    assert_int_equal(found("lighter-alternative")->saving.modules, 1);
    assert_int_equal(found("lighter-alternative")->line, 1);
    for (size_t i = 0; i < sizeof(unclear) / sizeof(unclear[0]); i++) {
        analyse(unclear[i]);
        if (found("lighter-alternative"))
            fail_msg("row %zu", i);
    }
}

static void a_requirement_may_be_needed_in_many_ways(void **state)
{
    static const char *const needed[] = {
        /* loaded */
        SCRIPT IMPORT("10_000_000", "six", "/site/six.py", "", "20_000_000") END
        "700_000_000 inventory.file path=\"/site/six.py\" distribution=\"six\"\n" INSTALLED("six",
                                                                                            "")
            REQUIRED("six", "six", ""),
        /* required by what is loaded */
        SCRIPT IMPORT("10_000_000", "agent", "/site/agent.py", "", "20_000_000")
            END DISTRIBUTION("agent") INSTALLED("agent", "requires=[\"middle\"]")
                INSTALLED("middle", "requires=[\"Six\"]") INSTALLED("six", "")
                    REQUIRED("six", "six", ""),
        /* what its modules are called is not known */
        SCRIPT END INSTALLED(
            "six",
            "") "700_000_000 inventory.requirement file=\"/app/requirements.txt\" name=\"six\"\n",
        SCRIPT END INSTALLED("tzdata", "") REQUIRED("tzdata", "tzdata", ""),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        analyse(needed[i]);
        if (found("unused-requirement") || !was_sought("unused-requirement"))
            fail_msg("row %zu", i);
    }
    /* what is loaded can make use of it */
    analyse(SCRIPT IMPORT("10_000_000", "agent", "/site/agent.py", "", "20_000_000") END
            "700_000_000 inventory.file path=\"/site/agent.py\" distribution=\"agent\"\n" INSTALLED(
                "agent", "optional=[\"six\"]") INSTALLED("six", "") REQUIRED("six", "six", ""));
    assert_null(found("unused-requirement"));
    /* two that go together are told once, with what both bring */
    analyse(SCRIPT END INSTALLED("web", "requires=[\"six\",\"deep\"]") INSTALLED("six", "")
                INSTALLED("deep", "") REQUIRED("web", "web", "groups=[\"plugins\"]")
                    REQUIRED("six", "six", ""));
    assert_string_equal(found("unused-requirement")->title,
                        "web is required, but nothing that was seen needs it");
    assert_int_equal(found("unused-requirement")->reason_count, 2);
    assert_string_equal(found("unused-requirement")->confidence, "low");
    assert_string_equal(found("unused-requirement")->evidence[3],
                        "2 that only it requires, 6.0 MiB: six, deep");
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
        {{"network-at-import", "", "", "known", "", ""}, true},
        {{"network-at-import", "pk/helper.py", "", "known", "", ""}, true},
        {{"network-at-import", "elper.py", "", "known", "", ""}, false},
        {{"network-at-import", "/app/pk/helper.py", "", "known", "", ""}, true},
        {{"network-at-import", "", "pk", "known", "", ""}, true},
        {{"network-at-import", "", "pk.helper", "known", "", ""}, true},
        {{"network-at-import", "", "pk.help", "known", "", ""}, false},
        {{"network-at-import", "", "", "known", "2026-11-28", ""}, true},
        {{"network-at-import", "", "", "known", "2026-11-27", ""}, false},
        {{"process-at-import", "", "", "known", "", ""}, false},
        {{"network-at-import", "", "", "known", "", "h"}, false}, /* of lint's findings alone */
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
    static const struct thaw_suppression suppression = {
        "network-at-import", "", "", "known", "", ""};

    (void)state;
    assert_true(chaos_malloc_works());
    for (size_t i = 0; i < FINDING_CASES; i++) {
        end(NULL);
        timeline_fixture_build(&fixture, finding_cases[i].lines);
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
        cmocka_unit_test_teardown(an_alternative_keeps_what_it_needs, end),
        cmocka_unit_test_teardown(a_requirement_may_be_needed_in_many_ways, end),
        cmocka_unit_test_teardown(what_was_not_recorded_is_not_looked_for, end),
        cmocka_unit_test_teardown(findings_come_by_what_they_are_worth, end),
        cmocka_unit_test_teardown(suppressions_fit_by_id_file_module_and_day, end),
        cmocka_unit_test_teardown(without_memory_there_is_no_analysis, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
