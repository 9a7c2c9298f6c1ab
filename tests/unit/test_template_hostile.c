/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "project/build.h"
#include "template_fixture.h"

/* Templates that are made to take all memory, the stack or hours: what can't be followed within the
 * bounds is told, and nothing else happens. */

#define SCHEMA "{\"$schema\":\"https://x.test/2019-04-01/deploymentTemplate.json#\","
#define SAM "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"

/* A text that grows. */
static char *made;
static size_t length;
static FILE *out;

static void begin(const char *text)
{
    out = open_memstream(&made, &length);
    assert_non_null(out);
    fputs(text, out);
}

static void times(size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        fputs(text, out);
}

static void read_as(const char *file)
{
    assert_int_equal(fclose(out), 0);
    template_read(file, made);
    free(made);
    made = NULL;
}

static size_t told(enum thaw_problem_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < template_project()->problem_count; i++)
        count += template_project()->problems[i].kind == kind;
    return count;
}

/* --- depth --- */

static void chains_of_operators_are_bounded(void **state)
{
    static const char *const rows[][3] = {
        {"main.tf.json", "{\"locals\":{\"a\":\"${1", "}\"}}"},
        {"azuredeploy.json", SCHEMA "\"variables\":{\"a\":\"[1", "]\"}}"},
        {"main.bicep", "var a = 1", "\n"},
    };
    static const char *const signs[] = {"==1", "!=1", "??1", "==(1==1)"};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t sign = 0; sign < sizeof(signs) / sizeof(signs[0]); sign++) {
            begin(rows[i][1]);
            times(100000, signs[sign]);
            times(1, rows[i][2]);
            read_as(rows[i][0]);
            assert_int_equal(told(THAW_PROBLEM_CUT), 1);
        }
    /* What is nested on the left counts, too. */
    begin("var a = ");
    times(100, "(");
    times(1, "1");
    times(100, "==1==1==1)");
    times(1, "\n");
    read_as("main.bicep");
    assert_int_equal(told(THAW_PROBLEM_CUT), 1);
}

static void long_expressions_are_read(void **state)
{
    (void)state;
    begin("var a = 1 == 1");
    times(1000, " || 1 == 1 && b != 1 + 1");
    times(1, "\nvar c = [\n");
    times(1000, "  1 == 1\n");
    times(1, "]\nvar d = 1");
    times(100, " == 1");
    times(1, "\nresource s 'Microsoft.Web/sites@2024-04-01' = {\n  name: 'a'\n"
             "  kind: 'functionapp'\n}\n");
    read_as("main.bicep");
    assert_int_equal(template_project()->problem_count, 0);
    assert_true(template_has_app());
}

static void aliases_in_aliases_are_bounded(void **state)
{
    char line[64];

    (void)state;
    begin(SAM "  ? &a0 [x]\n  : x\n");
    for (int i = 1; i < 900; i++) {
        snprintf(line, sizeof(line), "  ? &a%d ", i);
        times(1, line);
        times(100, "[");
        snprintf(line, sizeof(line), "*a%d", i - 1);
        times(1, line);
        times(100, "]");
        times(1, "\n  : x\n"); /* a key that is no text: it is nowhere but in its alias */
    }
    times(1, "  last: *a899\n");
    read_as("template.yaml");
    assert_int_equal(told(THAW_PROBLEM_CUT), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(chains_of_operators_are_bounded, template_end),
        cmocka_unit_test_teardown(long_expressions_are_read, template_end),
        cmocka_unit_test_teardown(aliases_in_aliases_are_bounded, template_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
