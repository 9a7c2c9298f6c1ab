/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "findings_report.h"
#include "gate/gate.h"
#include "hostile_texts.h"
#include "report_fixture.h"

#define LONGEST_DOCUMENT 65536

static const char *const formats[] = {"summary", "json",   "markdown", "junit",
                                      "sarif",   "gitlab", "github"};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static json_t *full_gate(void)
{
    json_t *gate = json_load_file("tests/golden/full_gate.json", 0, NULL);

    assert_non_null(gate);
    return gate;
}

static int write_as(const json_t *gate, const char *format, FILE *stream, struct thaw_error *error)
{
    const struct thaw_report_format *row = thaw_gate_formats();

    while (row->name && strcmp(row->name, format) != 0)
        row++;
    assert_non_null(row->name);
    return row->write(gate, NULL, stream, error);
}

/* To be freed. */
static char *written(const json_t *gate, const char *format)
{
    struct thaw_error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_int_equal(write_as(gate, format, stream, &error), 0);
    assert_int_equal(fclose(stream), 0);
    return text;
}

/* All parts are in what a format makes of it. */
static void has(const json_t *gate, const char *format, const char *const *parts, size_t count)
{
    char *text = written(gate, format);

    for (size_t i = 0; i < count; i++)
        findings_report_has(text, parts[i]);
    free(text);
}

#define HAS(gate, format, ...)                                                                     \
    has(gate, format, (const char *const[]){__VA_ARGS__},                                          \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static json_t *check_of(const json_t *gate, size_t number)
{
    json_t *check = json_array_get(json_object_get(gate, "checks"), number);

    assert_non_null(check);
    return check;
}

/* A verdict with one check of a status; the first one's values otherwise. */
static json_t *gate_of(const char *verdict, int exit_code, const char *status)
{
    json_t *gate = full_gate();
    json_t *check = json_deep_copy(check_of(gate, 0));

    json_object_set_new(check, "status", json_string(status));
    json_object_set_new(gate, "verdict", json_string(verdict));
    json_object_set_new(gate, "exit_code", json_integer(exit_code));
    json_object_set_new(gate, "checks", json_pack("[o]", check));
    return gate;
}

static void every_status_has_its_headline(void **state)
{
    static const struct {
        const char *verdict, *status, *headline;
    } cases[] = {
        {"pass", "pass", "PASS: 1 budget is kept\n"},
        {"pass", "allowed", "PASS: of 1 budget, 1 allowed by exception\n"},
        {"warn", "warn", "WARN: of 1 budget, 1 warns\n"},
        {"fail", "fail", "FAIL: 1 of 1 budget is broken\n"},
        {"inconclusive", "inconclusive", "INCONCLUSIVE: of 1 budget, 1 can't be told from noise\n"},
        {"unmeasured", "unmeasured", "UNMEASURED: of 1 budget, 1 could not be measured\n"},
        {"new", "new", "UNKNOWN: this version of thaw does not know such a verdict\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *gate = gate_of(cases[i].verdict, 1, cases[i].status);
        char *text = written(gate, "summary");

        assert_memory_equal(text, cases[i].headline, strlen(cases[i].headline));
        free(text);
        text = written(gate, "markdown");
        assert_memory_equal(text, "<!-- thaw:gate -->\n## ", strlen("<!-- thaw:gate -->\n## "));
        findings_report_has(text, cases[i].headline);
        free(text);
        json_decref(gate);
    }
}

/* Why, who, how, what to do: in each output that people read. */
static void red_verdicts_say_why(void **state)
{
    json_t *gate = full_gate();

    (void)state;
    HAS(gate, "summary", "FAIL: 1 of 6 budgets is broken, and 1 forbidden import\n",
        "  891, 580 more than before (311); at most 15 more are allowed.\n",
        "  - pandas 3.1.1 came: +433 modules, by function_app.py:9\n",
        "    function_app.py:9 > function_app > pandas > numpy\n", "and 1 more\n", "(thaw.json:12)",
        "Allowed until 2027-01-31: torch is being replaced.\n",
        "The exception for it ended on 2026-01-31: until the new loader.\n",
        "The runs take 1.10 times as long as before (1.02 to 1.18, p = 0.02).\n",
        "  - matplotlib is imported by plots.py:3\n", "lock_file differs: ");
    HAS(gate, "markdown", "| modules loaded | 311 | 891 | **+580** | 326 | **FAIL** |\n",
        "| modules loaded of azure-functions | 170 | 170 | 0 | 200 | pass |\n",
        "- pandas 3.1.1 came: +433 modules, by function_app.py:9\n",
        "`function_app.py:9 > function_app > pandas > numpy`", "<summary>Who brought it</summary>",
        "- the app's own code grew: +1 module\n");
    HAS(gate, "github", "::error file=function_app.py,line=9,title=FAIL%3A modules loaded::modules",
        "::error file=plots.py,line=3,title=", "::warning file=thaw.json,line=14,title=",
        "it takes 9.8 %25 more");
    HAS(gate, "junit", "tests=\"7\" failures=\"2\" errors=\"0\"", "skipped=\"3\"",
        "file=\"function_app.py\" line=\"9\"", "<failure type=\"over-budget\"",
        "<failure type=\"forbidden-import\"");
    HAS(gate, "gitlab", "\"check_name\": \"over-budget\"", "\"path\": \"function_app.py\"",
        "\"severity\": \"critical\"");
    HAS(gate, "sarif", "\"ruleId\": \"forbidden-import\"", "\"startLine\": 9", "\"suppressions\"");
    json_decref(gate);
}

/* Several checks that one import breaks: what can be done about it is said once. */
static void one_cause_is_advised_on_once(void **state)
{
    json_t *gate = gate_of("fail", 1, "fail"), *checks = json_object_get(gate, "checks"), *second;

    (void)state;
    second = json_deep_copy(json_array_get(checks, 0));
    json_object_set_new(json_object_get(second, "location"), "line", json_integer(99));
    json_array_append_new(checks, second);
    HAS(gate, "summary",
        "  Import pandas in the function that needs it (function_app.py:9), do without\n"
        "  it, or raise the limit (thaw.json:12).\n",
        "  By the same import as above; the limit is at thaw.json:99.\n");
    HAS(gate, "markdown", "By the same import as above; the limit is at thaw.json:99.\n");
    HAS(gate, "github", "Import pandas in the function that needs it", "(thaw.json:99).\n");
    /* one line may import two */
    json_object_set_new(json_array_get(json_object_get(second, "offenders"), 0), "chain",
                        json_string("function_app.py:9 > function_app > requests"));
    HAS(gate, "summary", "  Import requests in the function that needs it (function_app.py:9)");
    json_decref(gate);
}

/* A pass is a row, and no more. */
static void green_verdicts_are_short(void **state)
{
    json_t *gate = gate_of("pass", 0, "pass");
    char *text;

    (void)state;
    text = written(gate, "github");
    assert_string_equal(text, "");
    free(text);
    text = written(gate, "gitlab");
    assert_string_equal(text, "[]\n");
    free(text);
    text = written(gate, "summary");
    findings_report_lacks(text, "pandas");
    findings_report_has(text, "modules loaded");
    free(text);
    text = written(gate, "junit");
    findings_report_has(text, "name=\"modules loaded\"/>");
    free(text);
    json_decref(gate);
}

static void without_a_base_there_is_no_before(void **state)
{
    json_t *gate = gate_of("fail", 1, "fail");
    char *text;

    (void)state;
    json_object_set_new(gate, "base", json_null());
    json_object_set_new(check_of(gate, 0), "before", json_null());
    text = written(gate, "summary");
    findings_report_lacks(text, "before  ");
    free(text);
    HAS(gate, "markdown", "| What | Now | Limit | Verdict |\n",
        "| modules loaded | 891 | 326 | **FAIL** |\n");
    json_decref(gate);
}

static void unmeasured_is_an_error_where_it_counts(void **state)
{
    json_t *gate = gate_of("unmeasured", 3, "unmeasured");

    (void)state;
    HAS(gate, "junit", "failures=\"0\" errors=\"1\"", "<error type=\"unmeasured-budget\"");
    HAS(gate, "github", "::error ");
    HAS(gate, "sarif", "\"executionSuccessful\": false");
    json_object_set_new(check_of(gate, 0), "counts", json_false());
    HAS(gate, "junit", "failures=\"0\" errors=\"0\"", "<skipped message=");
    HAS(gate, "github", "::warning ");
    json_decref(gate);
}

static void what_lacks_for_one_reason_is_one_paragraph(void **state)
{
    json_t *gate = gate_of("unmeasured", 3, "unmeasured"),
           *checks = json_object_get(gate, "checks"), *second;

    (void)state;
    json_object_set_new(json_array_get(checks, 0), "offenders", json_array());
    json_array_append_new(checks, json_deep_copy(json_array_get(checks, 0)));
    for (size_t i = 0; i < 2; i++) {
        json_object_set_new(json_array_get(checks, i), "title", json_string(i ? "b" : "a"));
        json_object_set_new(json_array_get(checks, i), "reason",
                            json_string(i ? "b: not measured" : "a: not measured"));
    }
    second = json_deep_copy(json_array_get(checks, 0)); /* one for another reason between them */
    json_object_set_new(second, "reason", json_string("a: no cold start"));
    json_array_insert_new(checks, 1, second);
    HAS(gate, "summary", "\nunmeasured: a, b\n  not measured.\n",
        "\nunmeasured: a\n  no cold start.\n");
    HAS(gate, "markdown", "**unmeasured:** a, b\n\nnot measured.\n");
    json_decref(gate);
}

/* GitHub shows ten of a level and drops the others. */
static void the_tenth_annotation_tells_of_the_others(void **state)
{
    json_t *gate = gate_of("fail", 1, "fail"), *checks = json_object_get(gate, "checks");
    size_t lines = 0;
    char *text;

    (void)state;
    for (int i = 0; i < 24; i++)
        json_array_append_new(checks, json_deep_copy(json_array_get(checks, 0)));
    text = written(gate, "github");
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 10);
    findings_report_has(text, "::error title=thaw gate::and 16 more\n");
    free(text);
    json_decref(gate);
}

/* --- hostile --- */

/* The form's own words. */
static const char *const kept[] = {"schema", "verdict", "status", "class", "unit", "kind", NULL};

static void hostile_names_are_harmless(void **state)
{
    json_t *gate = full_gate();

    (void)state;
    hostile_texts_are_harmless(gate, &(struct hostile_texts_forms){.write = written,
                                                                   .names = formats,
                                                                   .count = FORMATS,
                                                                   .kept = kept});
    json_decref(gate);
}

static void a_path_can_end_no_property(void **state)
{
    json_t *gate = gate_of("fail", 1, "fail");
    json_t *offender = json_array_get(json_object_get(check_of(gate, 0), "offenders"), 0);

    (void)state;
    json_object_set_new(offender, "file", json_string("a,b:c%d.py"));
    HAS(gate, "github", "::error file=a%2Cb%3Ac%25d.py,line=9,title=");
    json_object_set_new(offender, "file", json_string("caf\xC3\xA9\xEF\xBF\xBD.py"));
    json_object_set_new(offender, "file_bytes", json_string("caf%C3%A9%FF.py"));
    HAS(gate, "github", "::error file=caf\xC3\xA9\\xff.py,line=9,title=");
    HAS(gate, "sarif", "\"uri\": \"caf%C3%A9%FF.py\"");
    json_decref(gate);
}

static void whatever_lacks_can_be_written(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"checks\": [{}]}",
        "{\"checks\": [{\"kind\": \"forbidden\", \"status\": \"fail\"}], \"base\": {}}",
        "{\"base\": {}, \"head\": {}}",
        "{\"checks\": [{\"status\": \"fail\", \"offenders\": [{}], \"limits\": [{}]}]}",
        "{\"checks\": [{\"status\": \"fail\", \"value\": {\"median\": -1}, \"change\": -1e300}]}",
        "{\"problems\": [{}, {\"level\": \"note\", \"what\": \"x..\"}], \"noise\": {}}",
        "{\"checks\": null, \"differing_keys\": [1, \"kernel\"], \"problems\": {}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *gate = json_loads(texts[i], 0, NULL);

        assert_non_null(gate);
        for (size_t k = 0; k < FORMATS; k++)
            free(written(gate, formats[k]));
        json_decref(gate);
    }
}

static void markdown_fits_a_comment(void **state)
{
    json_t *gate = full_gate(), *checks = json_object_get(gate, "checks"), *hostile;
    char name[4001];
    char *text;

    (void)state;
    for (int i = 0; i < 700; i++)
        json_array_append_new(checks, json_deep_copy(json_array_get(checks, (size_t)i)));
    text = written(gate, "markdown");
    assert_in_range(strlen(text), 2000, LONGEST_DOCUMENT);
    findings_report_lacks(text, "Left out");
    findings_report_has(text, "\nand 607 more\n");
    free(text);
    for (size_t i = 0; i + 4 < sizeof(name); i += 4)
        memcpy(name + i, "\xF0\x9F\x90\x8D", 5);
    hostile = hostile_texts(gate, kept, name);
    text = written(hostile, "markdown");
    assert_in_range(strlen(text), 200, LONGEST_DOCUMENT);
    findings_report_has(text, "Left out, as GitHub shows");
    findings_report_has(text, "## FAIL: ");
    free(text);
    json_decref(hostile);
    json_decref(gate);
}

/* A budget's line may move, and its value change: it is the same complaint. */
static void fingerprints_stay(void **state)
{
    json_t *gate = gate_of("fail", 1, "fail"), *before, *after;
    const char *keys[] = {"fingerprint", "description"};
    char *texts[2];

    (void)state;
    texts[0] = written(gate, "gitlab");
    json_object_set_new(check_of(gate, 0), "reason", json_string("901 modules are loaded"));
    json_object_set_new(json_array_get(json_object_get(check_of(gate, 0), "offenders"), 0), "line",
                        json_integer(11));
    texts[1] = written(gate, "gitlab");
    before = json_loads(texts[0], 0, NULL);
    after = json_loads(texts[1], 0, NULL);
    assert_true(json_equal(json_object_get(json_array_get(before, 0), keys[0]),
                           json_object_get(json_array_get(after, 0), keys[0])));
    assert_false(json_equal(json_object_get(json_array_get(before, 0), keys[1]),
                            json_object_get(json_array_get(after, 0), keys[1])));
    json_decref(before);
    json_decref(after);
    free(texts[0]);
    free(texts[1]);
    json_decref(gate);
}

static void full_disks_are_told(void **state)
{
    json_t *gate = full_gate();

    (void)state;
    for (size_t i = 0; i < FORMATS; i++) {
        FILE *full = report_fixture_full_disk();
        struct thaw_error error = {0};

        assert_int_equal(write_as(gate, formats[i], full, &error), -ENOSPC);
        assert_true(*error.message);
        fclose(full);
    }
    json_decref(gate);
}

static void lack_of_memory_is_told(void **state)
{
    json_t *gate = full_gate();

    (void)state;
    assert_true(chaos_malloc_works());
    for (size_t i = 0; i < FORMATS; i++) {
        char *whole = written(gate, formats[i]);

        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_error error = {0};
            char *text = NULL;
            size_t length = 0;
            FILE *stream = open_memstream(&text, &length);
            int code = write_as(gate, formats[i], stream, &error);

            chaos_malloc_pause();
            fclose(stream);
            if (chaos_malloc_failed())
                assert_int_equal(code, -ENOMEM);
            else
                assert_string_equal(text, whole);
            free(text);
        }
        free(whole);
    }
    json_decref(gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_headline),
        cmocka_unit_test(red_verdicts_say_why),
        cmocka_unit_test(one_cause_is_advised_on_once),
        cmocka_unit_test(green_verdicts_are_short),
        cmocka_unit_test(without_a_base_there_is_no_before),
        cmocka_unit_test(unmeasured_is_an_error_where_it_counts),
        cmocka_unit_test(what_lacks_for_one_reason_is_one_paragraph),
        cmocka_unit_test(the_tenth_annotation_tells_of_the_others),
        cmocka_unit_test(hostile_names_are_harmless),
        cmocka_unit_test(a_path_can_end_no_property),
        cmocka_unit_test(whatever_lacks_can_be_written),
        cmocka_unit_test(markdown_fits_a_comment),
        cmocka_unit_test(fingerprints_stay),
        cmocka_unit_test(full_disks_are_told),
        cmocka_unit_test(lack_of_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
