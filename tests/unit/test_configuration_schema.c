/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "configuration/configuration.h"
#include "lint/lint.h"
#include "gate/metrics.h"

/* The reader and the schema of thaw.json are of one mind: what validators say of the same files is
 * tests/golden/test_configuration_schema.py's to say. */
#define CASES "tests/unit/data/configuration/cases.json"

static json_t *cases, *definitions;

static int begin(void **state)
{
    json_error_t wrong;
    size_t length;
    const char *text = thaw_configuration_schema(&length);
    json_t *schema = json_loadb(text, length, 0, &wrong);

    (void)state;
    cases = json_load_file(CASES, 0, &wrong);
    definitions = json_incref(json_object_get(schema, "$defs"));
    json_decref(schema);
    return cases && definitions ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    json_decref(cases);
    json_decref(definitions);
    return 0;
}

static void cases_are_accepted_or_refused(void **state)
{
    json_t *one;
    size_t index;

    (void)state;
    assert_true(json_array_size(cases) > 100);
    json_array_foreach(cases, index, one)
    {
        bool accepted = json_is_true(json_object_get(one, "accepted"));
        struct thaw_configuration configuration;
        struct thaw_error error = {0};
        char *text = json_dumps(json_object_get(one, "configuration"), JSON_INDENT(1));
        int code;

        assert_non_null(text);
        code = thaw_configuration_parse(text, strlen(text), "t", &configuration, &error);
        if (code != (accepted ? 0 : -EINVAL))
            fail_msg("%s: %d %s", json_string_value(json_object_get(one, "what")), code,
                     error.message);
        if (code && (strncmp(error.message, "t:", 2) || error.message[2] == '0'))
            fail_msg("%s: without a place: %s", json_string_value(json_object_get(one, "what")),
                     error.message);
        thaw_configuration_free(&configuration);
        free(text);
    }
}

static bool lists(const char *definition, const char *name)
{
    json_t *list = json_object_get(json_object_get(definitions, definition), "enum"), *item;
    size_t index;

    assert_non_null(list);
    json_array_foreach(list, index, item) if (!strcmp(json_string_value(item), name)) return true;
    return false;
}

static size_t listed(const char *definition)
{
    return json_array_size(json_object_get(json_object_get(definitions, definition), "enum"));
}

/* Each metric is described, and in the lists of its unit and parts: a new row needs its line. */
static void the_schema_has_all_metrics(void **state)
{
    static const char *const units[] = {
        [THAW_GATE_COUNT] = "metrics_of_counts",
        [THAW_GATE_BYTES] = "metrics_of_sizes",
        [THAW_GATE_NS] = "metrics_of_times",
    };
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);
    json_t *described = json_object_get(json_object_get(definitions, "metric"), "oneOf");

    (void)state;
    assert_int_equal(json_array_size(described), count);
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_array_get(described, i);

        assert_string_equal(json_string_value(json_object_get(row, "const")), metrics[i].name);
        for (size_t unit = 0; unit < sizeof(units) / sizeof(units[0]); unit++)
            assert_int_equal(lists(units[unit], metrics[i].name), unit == metrics[i].unit);
        assert_int_equal(lists("metrics_by_module", metrics[i].name),
                         !!(metrics[i].parts & THAW_GATE_BY_MODULE));
        assert_int_equal(lists("metrics_by_distribution", metrics[i].name),
                         !!(metrics[i].parts & THAW_GATE_BY_DISTRIBUTION));
        assert_int_equal(lists("metrics_by_phase", metrics[i].name),
                         !!(metrics[i].parts & THAW_GATE_BY_PHASE));
    }
    assert_int_equal(listed(units[0]) + listed(units[1]) + listed(units[2]), count);
}

static void the_schema_has_all_findings(void **state)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);
    json_t *suppression = json_object_get(definitions, "suppression");
    json_t *id = json_object_get(json_object_get(suppression, "properties"), "id");

    (void)state;
    id = json_array_get(json_object_get(id, "anyOf"), 0);
    assert_int_equal(json_object_set(definitions, "ids", id), 0);
    assert_int_equal(listed("ids"), count);
    for (size_t i = 0; i < count; i++)
        assert_true(lists("ids", kinds[i]->id));
}

static void the_schema_has_all_rules(void **state)
{
    size_t count;
    const struct thaw_lint_rule *const *rules = thaw_lint_rules(&count);

    (void)state;
    assert_int_equal(listed("lint_rule"), count);
    for (size_t i = 0; i < count; i++)
        if (!lists("lint_rule", rules[i]->kind.id))
            fail_msg("the schema of thaw.json lacks the rule %s", rules[i]->kind.id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_are_accepted_or_refused),
        cmocka_unit_test(the_schema_has_all_metrics),
        cmocka_unit_test(the_schema_has_all_findings),
        cmocka_unit_test(the_schema_has_all_rules),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
