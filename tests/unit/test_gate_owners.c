/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "gate/owners.h"
#include "gate/side.h"
#include "gate_fixture.h"
#include "report/keys.h"

/* Whose modules are that were seen without eBPF: by their names, of what is shipped. */

#define MODULE(id, name)                                                                           \
    "{'id':" id ",'parent':null,'name':'" name "','file':null,'distribution':null,'owner':null,"   \
    "'process':2,'timed':false,'start_ns':" id ",'total_ns':10,'self_ns':5,'status':'loaded'}"
#define MODULES                                                                                    \
    MODULE("1", "pandas")                                                                          \
    "," MODULE("2", "pandas.core.frame") "," MODULE("3", "numpy") "," MODULE(                      \
        "4", "num_py.x") "," MODULE("5", "json")
#define RUN(backend)                                                                               \
    "{'run':{'command':['x'],'started':null,'platform':null,'until':'auto','backend':'" backend    \
    "','ended':'exit','exit_status':0},'modules':[" MODULES "]}"

struct asked {
    size_t times;
};

static const char *owner_of(void *context, const char *module)
{
    struct asked *asked = context;

    asked->times++;
    if (!strcmp(module, "pandas"))
        return "pandas";
    if (!strcmp(module, "numpy"))
        return "Num_Py";
    return !strcmp(module, "num_py") ? "\xFF" : NULL; /* a name that is no text */
}

static const char *distribution_of(const json_t *report, size_t index)
{
    return thaw_key_string(json_array_get(json_object_get(report, "modules"), index),
                           "distribution");
}

static void names_tell_whose_modules_are(void **state)
{
    json_t *run = gate_fixture_start(RUN("importtime")), *target = gate_fixture_target(NULL);
    struct asked asked = {0};

    (void)state;
    assert_false(thaw_gate_has_owners(run));
    assert_int_equal(thaw_gate_name_owners(run, target, owner_of, &asked), 0);
    assert_true(thaw_gate_has_owners(run));
    assert_string_equal(distribution_of(run, 0), "pandas");
    assert_string_equal(distribution_of(run, 1), "pandas"); /* what is above it is */
    assert_string_equal(distribution_of(run, 2), "Num_Py");
    assert_string_equal(distribution_of(run, 3), "");
    assert_string_equal(distribution_of(run, 4), "");
    assert_int_equal(asked.times, 7); /* each name once */
    assert_ptr_equal(json_object_get(run, "distributions"),
                     json_object_get(target, "distributions"));
    json_decref(run);
    json_decref(target);
}

static void what_other_backends_say_stays(void **state)
{
    json_t *run = gate_fixture_start(RUN("ebpf")), *target = gate_fixture_target(NULL);
    json_t *bare = gate_fixture_start(RUN("importtime")), *kept = json_deep_copy(run);
    struct asked asked = {0};

    (void)state;
    assert_int_equal(thaw_gate_name_owners(run, target, owner_of, &asked), 0);
    assert_true(json_equal(run, kept));
    json_object_set_new(target, "distributions", json_null());
    assert_int_equal(thaw_gate_name_owners(bare, target, owner_of, &asked), 0);
    assert_false(thaw_gate_has_owners(bare));
    assert_int_equal(asked.times, 0);
    json_decref(run);
    json_decref(bare);
    json_decref(kept);
    json_decref(target);
}

static void budgets_of_distributions_can_be_measured_then(void **state)
{
    static const struct {
        const char *distribution;
        double value; /* -1: not told */
    } rows[] = {
        {"pandas", 2},
        {"num-py", 1},
        {"polars", 0}, /* not shipped, nor is one of that name there */
        {"JSON", -1},  /* is there, from elsewhere */
    };
    json_t *report = gate_fixture_start(RUN("importtime")), *target = gate_fixture_target(NULL);
    const struct thaw_gate_run run = {"1", report};
    const struct thaw_gate_input input = gate_fixture_input(target, &run, 1);
    struct thaw_gate_side side;
    struct asked asked = {0};

    (void)state;
    assert_int_equal(thaw_gate_name_owners(report, target, owner_of, &asked), 0);
    assert_int_equal(thaw_gate_side_measured(&input, &side, NULL), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct thaw_budget_part part = {"", rows[i].distribution, ""};
        struct thaw_gate_samples samples;

        assert_int_equal(
            thaw_gate_side_samples(&side, thaw_gate_metric_find("modules"), &part, &samples), 0);
        assert_int_equal(samples.count, rows[i].value >= 0);
        if (samples.count)
            assert_true(samples.values[0] == rows[i].value);
        else
            assert_non_null(strstr(samples.why, "from elsewhere"));
    }
    /* The app's own and Python's can't be told apart. */
    assert_int_equal(side.contents.count, 3);
    assert_string_equal(side.contents.items[0].name, "app");
    assert_true(side.contents.items[0].modules == -1);
    assert_true(side.contents.items[1].modules == 1);
    assert_true(side.contents.items[2].modules == 2);
    thaw_gate_side_free(&side);
    json_decref(report);
    json_decref(target);
}

static void short_memory_is_told(void **state)
{
    json_t *target = gate_fixture_target(NULL), *run = gate_fixture_start(RUN("importtime"));

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct asked asked = {0};
        int code = thaw_gate_name_owners(run, target, owner_of, &asked);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        json_decref(run);
        run = gate_fixture_start(RUN("importtime"));
    }
    json_decref(run);
    json_decref(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_whose_modules_are),
        cmocka_unit_test(what_other_backends_say_stays),
        cmocka_unit_test(budgets_of_distributions_can_be_measured_then),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
