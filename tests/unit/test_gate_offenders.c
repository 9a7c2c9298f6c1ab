/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "gate_fixture.h"
#include "gate_world.h"

/* Who is to blame, forbidden modules, and when memory is short. */

static const json_t *offender(const json_t *check, size_t i)
{
    return json_array_get(json_object_get(check, "offenders"), i);
}

static size_t offenders(const json_t *check)
{
    return json_array_size(json_object_get(check, "offenders"));
}

static void assert_offender(const json_t *check, size_t i, const char *kind, const char *name,
                            const char *what, long long change)
{
    const json_t *one = offender(check, i);

    assert_string_equal(gate_text(one, "name"), name);
    assert_string_equal(gate_text(one, "kind"), kind);
    assert_string_equal(gate_text(one, "what"), what);
    assert_int_equal(json_integer_value(json_object_get(one, "change")), change);
}

static void assert_chain(const json_t *one, const char *chain, const char *file, int line)
{
    assert_string_equal(gate_text(one, "chain"), chain);
    assert_string_equal(gate_text(one, "file"), file);
    assert_int_equal(json_integer_value(json_object_get(one, "line")), line);
}

static void modules_that_came(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;
    char name[40];

    gate_world_runs(world, &world->base, 2, NULL);
    gate_world_runs(world, &world->head, 2, NULL);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), i ? "scipy.m%d" : "scipy", i);
        for (size_t run = 0; run < 2; run++)
            gate_world_module(&world->head, run, name, "SciPy", "loaded");
    }
    gate_world_module(&world->head, 0, "pandas.more", "pandas", "loaded");
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 2);
    assert_offender(check, 0, "distribution", "SciPy", "came", 3);
    assert_offender(check, 1, "distribution", "pandas", "grew", 1);
    assert_chain(offender(check, 0), "function_app.py:9 > function_app > scipy", "function_app.py",
                 9);
    /* the same against a file, which has no names of modules */
    gate_world_baseline(world);
    check = gate_world_check(world, 0);
    assert_offender(check, 0, "distribution", "SciPy", "came", 3);
}

static void no_more_than_ten(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    for (int i = 0; i < 13; i++) {
        char name[40];

        snprintf(name, sizeof(name), "new%02d", i);
        gate_world_module(&world->head, 0, name, name, "loaded");
    }
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 10);
    assert_int_equal(json_integer_value(json_object_get(check, "offenders_more")), 3);
}

/* What is Python's, or the user's, is told by the names of modules. */
static void standard_library(void **state)
{
    static const char *const names[] = {"asyncio", "ssl", "_ssl"};
    struct gate_world *world = *state;
    const json_t *check;
    json_t *modules;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    modules = json_object_get(world->head.reports[0], "modules");
    for (size_t i = 0; i < 3; i++) {
        json_t *module;

        gate_world_module(&world->head, 0, names[i], NULL, "loaded");
        module = json_array_get(modules, 10 + i);
        json_object_set_new(module, "owner", json_string("stdlib"));
        json_object_set_new(module, "start_ns", json_integer(750000000 + (json_int_t)i));
        if (i) { /* each asks for the next */
            json_object_set_new(module, "parent", json_integer(10 + (json_int_t)i));
            json_object_del(module, "statement");
        }
    }
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 1);
    assert_offender(check, 0, "module", "asyncio", "came", 3); /* with the two that it brought */
    assert_chain(offender(check, 0), "function_app.py:9 > function_app > asyncio",
                 "function_app.py", 9);
    gate_world_baseline(world); /* has these names, too */
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 1);
    assert_offender(check, 0, "module", "asyncio", "came", 3);
    /* one without them knows sums alone, and not which module is new */
    json_object_del(json_array_get(json_object_get(world->baseline, "entries"), 0), "imports");
    check = gate_world_check(world, 0);
    assert_offender(check, 0, "python", "python", "grew", 3);
    assert_chain(offender(check, 0), "", "", 0);
}

/* Modules that failed are to blame for failing. */
static void imports_that_failed(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_module(&world->head, 0, "simdjson", NULL, "not-found");
    gate_world_module(&world->head, 0, "scipy", "SciPy", "loaded");
    gate_world_budget(world, "failed_imports")->max_increase = GATE_LIMIT(0);
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 1);
    assert_string_equal(gate_text(offender(check, 0), "name"), "simdjson");
    assert_string_equal(gate_text(offender(check, 0), "what"), "came");
}

/* Of nothing to compare with, what is there. */
static void largest_without_a_base(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_target(world, &world->head, NULL);
    gate_world_budget(world, "shipped_disk_bytes")->max = GATE_LIMIT(4000);
    check = gate_world_check(world, 0);
    assert_offender(check, 0, "distribution", "pandas", "there", 2048);
    assert_offender(check, 1, "distribution", "Num_Py", "there", 1024);
    assert_offender(check, 2, "app", "app", "there", 512);
    world->budgets[0].max = GATE_LIMIT(5000);
    assert_int_equal(offenders(gate_world_check(world, 0)), 0); /* nobody, for nothing is wrong */
}

#define DISTRIBUTION(name, version, size, why)                                                     \
    "{'name':'" name "','version':'" version "','bytes':1,'disk_bytes':" size                      \
    ",'files':1,'requires':[],'why':[" why "]}"
#define REQUESTS                                                                                   \
    "'requirements':[{'file':'requirements.txt','line':3,'text':'torch','name':'torch',"           \
    "'applies':true,'unreadable':false,'constraint':false,'pinned':false,'hashed':false,"          \
    "'installed':null,'satisfied':true}],"

static void what_is_shipped(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_target(world, &world->base,
                      "{'totals':{'bytes':1000,'disk_bytes':4096,'files':1,'directories':1},"
                      "'distributions':[" DISTRIBUTION("six", "1.0", "100", "") "]}");
    gate_world_target(
        world, &world->head,
        "{" REQUESTS "'totals':{'bytes':1000,'disk_bytes':80004096,'files':1,'directories':1},"
        "'distributions':[" DISTRIBUTION("six", "2.0", "90", "") "," DISTRIBUTION(
            "sympy", "1.1", "30000000",
            "'requirements.txt:3','torch','sympy'") "," DISTRIBUTION("torch", "2.9", "50000000",
                                                                     "'requirements.txt:3',"
                                                                     "'torch'") "]}");
    gate_world_budget(world, "shipped_disk_bytes")->max_increase = GATE_LIMIT(10e6);
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(check, "status"), "fail");
    assert_string_equal(gate_text(check, "reason"),
                        "space on the disk: 80.0 MB, 80.0 MB more than before (4.1 kB); at most "
                        "10.0 MB more is allowed");
    assert_offender(check, 0, "distribution", "torch", "came", 50000000);
    assert_string_equal(gate_text(offender(check, 0), "version"), "2.9");
    assert_chain(offender(check, 0), "app/requirements.txt:3 > torch", "app/requirements.txt", 3);
    assert_offender(check, 1, "distribution", "sympy", "came", 30000000);
    assert_chain(offender(check, 1), "app/requirements.txt:3 > torch > sympy",
                 "app/requirements.txt", 3);
    assert_offender(check, 2, "distribution", "six", "other version", -10);
    world->budgets[0].part.distribution = "Torch"; /* before, there was none of it */
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 1);
    assert_offender(check, 0, "distribution", "torch", "came", 50000000);
}

/* Of some metrics what is counted is known itself. */
static void what_is_counted(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_target(world, &world->base,
                      "{'bytecode_health':{'states':{'fresh':{'files':9,'source_bytes':9},"
                      "'stale':{'files':1,'source_bytes':9},'missing':{'files':0,"
                      "'source_bytes':0},'foreign':{'files':100,'source_bytes':9},"
                      "'damaged':{'files':1000,'source_bytes':9}},'checked':9,'by_time':9,"
                      "'by_hash':0,'unwritable':0,'examples':[]}}");
    gate_world_target(world, &world->head,
                      "{'conflicts':[{'kind':'missing','distribution':'pandas','other':null,"
                      "'what':'six','where':null},{'kind':'missing','distribution':'pandas',"
                      "'other':null,'what':'pytz','where':null}],"
                      "'duplicates':[{'kind':'content','key':'a','paths':['x','y'],"
                      "'waste_bytes':90,'winner':null}],"
                      "'bytecode_health':{'states':{'fresh':{'files':9,'source_bytes':9},"
                      "'stale':{'files':3,'source_bytes':9},'missing':{'files':0,"
                      "'source_bytes':0},'foreign':{'files':100,'source_bytes':9},"
                      "'damaged':{'files':1000,'source_bytes':9}},'checked':9,'by_time':9,"
                      "'by_hash':0,'unwritable':0,'examples':['site/six.py']}}");
    gate_world_budget(world, "conflicts")->max_increase = GATE_LIMIT(0);
    gate_world_budget(world, "duplicate_bytes")->max_increase = GATE_LIMIT(0);
    gate_world_budget(world, "bytecode_stale")->max_increase = GATE_LIMIT(0);
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 1);
    assert_string_equal(gate_text(offender(check, 0), "name"), "pytz");
    assert_string_equal(gate_text(offender(check, 0), "kind"), "conflict");
    check = gate_world_check(world, 1);
    assert_offender(check, 0, "library", "a", "grew", 50);
    check = gate_world_check(world, 2);
    assert_int_equal(offenders(check), 1);
    assert_string_equal(gate_text(offender(check, 0), "name"), "site/six.py");
    assert_string_equal(gate_text(offender(check, 0), "what"), "came");
    assert_string_equal(gate_text(offender(check, 0), "kind"), "file");
}

/* The examples are of both kinds then, and don't say which. */
static void bytecode_of_two_kinds(void **state)
{
    struct gate_world *world = *state;

    gate_world_target(world, &world->head,
                      "{'bytecode_health':{'states':{'fresh':{'files':9,'source_bytes':9},"
                      "'stale':{'files':1,'source_bytes':9},'missing':{'files':1,"
                      "'source_bytes':9},'foreign':{'files':0,'source_bytes':0},"
                      "'damaged':{'files':0,'source_bytes':0}},'checked':9,'by_time':9,"
                      "'by_hash':0,'unwritable':0,'examples':['a.py','b.py']}}");
    gate_world_budget(world, "bytecode_stale")->max = GATE_LIMIT(0);
    assert_int_equal(offenders(gate_world_check(world, 0)), 0);
}

static void modules_of_a_pattern(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_module(&world->head, 0, "pandas.plotting", "pandas", "loaded");
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    world->budgets[0].part.module = "pandas";
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(check, "id"), "budget:modules:module=pandas");
    assert_string_equal(gate_text(check, "title"), "modules loaded of pandas");
    assert_int_equal(offenders(check), 1);
    assert_offender(check, 0, "module", "pandas.plotting", "came", 1);
    gate_world_baseline(world); /* has no names of modules: these are there */
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(offender(check, 0), "what"), "there");
}

/* CPython's own report has names alone: packages by the first part of theirs. */
static void without_distributions(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_module(&world->head, 0, "scipy", NULL, "loaded");
    gate_world_module(&world->head, 0, "scipy.linalg", NULL, "loaded");
    for (int side = 0; side < 2; side++)
        json_object_set_new(json_object_get((side ? &world->head : &world->base)->reports[0],
                                            "run"),
                            "backend", json_string("importtime"));
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 1);
    assert_offender(check, 0, "module", "scipy", "came", 2);
    assert_true(gate_world_tells(world, "looked for and not found"));
    gate_world_baseline(world);
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 1);
    assert_offender(check, 0, "module", "scipy", "came", 2);
}

/* Of what grew, the module that is new and brought most shows how it came in. */
static void new_modules_of_what_grew(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->base, 1, NULL);
    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_module(&world->head, 0, "pandas.plotting", "pandas", "loaded");
    gate_world_budget(world, "modules")->max_increase = GATE_LIMIT(0);
    check = gate_world_check(world, 0);
    assert_offender(check, 0, "distribution", "pandas", "grew", 1);
    assert_chain(offender(check, 0), "function_app.py:9 > function_app > pandas.plotting",
                 "function_app.py", 9);
}

/* --- forbidden modules --- */

static void forbidden(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 3, NULL);
    gate_world_forbid(world, "matplotlib")->reason = "only one endpoint draws";
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(check, "status"), "pass");
    assert_string_equal(gate_text(check, "reason"),
                        "matplotlib is not imported before the first reply");
    gate_world_module(&world->head, 1, "matplotlib_inline", NULL, "loaded"); /* another one */
    gate_world_module(&world->head, 1, "matplotlib", NULL, "not-found");
    gate_world_module(&world->head, 1, "matplotlib", NULL, "failed");
    assert_string_equal(gate_text(gate_world_check(world, 0), "status"), "pass");
    gate_world_module(&world->head, 1, "matplotlib.pyplot", NULL, "loaded");
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(check, "status"), "fail");
    assert_string_equal(gate_text(check, "id"), "forbidden:matplotlib");
    assert_string_equal(gate_text(check, "reason"),
                        "matplotlib is imported before the first reply, in 1 of 3 runs: "
                        "function_app.py:9 > function_app > matplotlib.pyplot; it may not be: "
                        "only one endpoint draws");
    assert_string_equal(gate_text(offender(check, 0), "what"), "imported");
    assert_chain(offender(check, 0), "function_app.py:9 > function_app > matplotlib.pyplot",
                 "function_app.py", 9);
    world->forbidden[0].warning = true;
    assert_string_equal(gate_text(gate_world_check(world, 0), "status"), "warn");
}

static void forbidden_after_the_reply(void **state)
{
    struct gate_world *world = *state;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_forbid(world, "late");
    assert_string_equal(gate_text(gate_world_check(world, 0), "status"), "pass");
    gate_world_forbid(world, "")->distribution = "NUMPY";
    assert_string_equal(gate_text(gate_world_check(world, 1), "status"), "fail");
    gate_world_forbid(world, "*.core");
    assert_string_equal(gate_text(gate_world_check(world, 2), "status"), "fail");
}

/* What an incomplete recording has is seen, what it lacks is not known. */
static void forbidden_in_part(void **state)
{
    struct gate_world *world = *state;

    gate_world_forbid(world, "matplotlib");
    assert_string_equal(gate_text(gate_world_check(world, 0), "status"), "unmeasured");
    gate_world_runs(world, &world->head, 1, "{'complete':false}");
    assert_string_equal(gate_text(gate_world_check(world, 0), "status"), "unmeasured");
    assert_true(gate_world_tells(world, "1 of 1 recordings of app are incomplete"));
    gate_world_module(&world->head, 0, "matplotlib", NULL, "unfinished");
    assert_string_equal(gate_text(gate_world_check(world, 0), "status"), "fail");
}

static void allowed_module(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_module(&world->head, 0, "matplotlib._version", NULL, "loaded");
    gate_world_forbid(world, "matplotlib");
    gate_world_allow(world, "", "a probe asks for it", "2026-12-31")->part.module =
        "matplotlib._version";
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(check, "status"), "allowed");
    assert_string_equal(gate_text(world->gate, "verdict"), "pass");
    gate_world_module(&world->head, 0, "matplotlib.pyplot", NULL, "loaded");
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(check, "status"), "fail");
    assert_int_equal(offenders(check), 1);
    world->question.today = "2027-01-01";
    check = gate_world_check(world, 0);
    assert_int_equal(offenders(check), 2);
    assert_true(json_is_true(json_object_get(json_object_get(check, "allowed"), "expired")));
    assert_true(gate_world_tells(world, "what allows matplotlib._version expired on 2026-12-31"));
}

/* Names from outside are one line of plain text in all sentences, and whole in their own keys. */
static void hostile_names(void **state)
{
    struct gate_world *world = *state;
    const json_t *check;

    gate_world_runs(world, &world->head, 1, NULL);
    gate_world_module(&world->head, 0, "evil\x1b(31m\n.x", NULL, "loaded");
    gate_world_forbid(world, "evil\x1b(31m\n");
    check = gate_world_check(world, 0);
    assert_string_equal(gate_text(offender(check, 0), "name"), "evil\x1b(31m\n.x");
    assert_null(strpbrk(gate_text(check, "reason"), "\x1b\n"));
    assert_null(strpbrk(gate_text(check, "title"), "\x1b\n"));
    assert_null(strpbrk(gate_text(offender(check, 0), "chain"), "\x1b\n"));
}

static void short_memory(void **state)
{
    struct gate_world *world = *state;
    json_t *gate = NULL;
    size_t round = 0;

    if (!chaos_malloc_works())
        skip();
    gate_world_runs(world, &world->base, 10, NULL);
    gate_world_runs(world, &world->head, 10, NULL);
    gate_world_target(world, &world->base, NULL);
    gate_world_target(world, &world->head, NULL);
    gate_world_module(&world->head, 0, "scipy", "SciPy", "loaded");
    gate_world_budget(world, "modules")->max = GATE_LIMIT(1);
    gate_world_budget(world, "system_calls")->max_increase = GATE_LIMIT(1);
    gate_world_budget(world, "total_time")->max_increase = GATE_SHARE(0.1);
    world->budgets[2].max = GATE_LIMIT(1e9);
    gate_world_budget(world, "shipped_disk_bytes")->max = GATE_LIMIT(1);
    gate_world_budget(world, "modules")->max = GATE_LIMIT(1);
    world->budgets[4].part.module = "pandas";
    gate_world_forbid(world, "pandas");
    gate_world_allow(world, "modules", "because", "");
    world->question.head = world->head.input;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int code = thaw_gate_build(&world->question, &gate, &world->error);

        chaos_malloc_pause();
        if (code != (chaos_malloc_failed() ? -ENOMEM : 0))
            fail_msg("round %zu: %d: %s", round, code, world->error.message);
        round++;
        json_decref(gate);
        gate = NULL;
    }
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, gate_world_setup, gate_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(modules_that_came),
        RULE(no_more_than_ten),
        RULE(standard_library),
        RULE(imports_that_failed),
        RULE(largest_without_a_base),
        RULE(what_is_shipped),
        RULE(what_is_counted),
        RULE(bytecode_of_two_kinds),
        RULE(modules_of_a_pattern),
        RULE(without_distributions),
        RULE(new_modules_of_what_grew),
        RULE(forbidden),
        RULE(forbidden_after_the_reply),
        RULE(forbidden_in_part),
        RULE(allowed_module),
        RULE(hostile_names),
        RULE(short_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
