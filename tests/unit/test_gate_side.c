/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "gate/side.h"
#include "gate_fixture.h"

/* Sides as they were measured and as a baseline's entry has them. */

enum { most_runs = 8 };

/* The side of a trial, with its reports. */
struct trial {
    struct thaw_gate_run runs[most_runs];
    json_t *reports[most_runs];
    json_t *target;
    struct thaw_gate_input input;
    struct thaw_gate_side side;
};

#define TRACK(total, answered)                                                                     \
    "'tracks':[{'id':1,'process':2,'headline':true,'answered':" answered ",'start_ns':0,"          \
    "'end_ns':900000000,'total_ns':" total ",'unattributed_ns':0,'phases':[]}]"
#define RUN(more) "'run':{'command':['x'],'started':null,'platform':null,'until':'auto'," more "}"

/* changes are ended by NULL. */
static void open_trial(struct trial *trial, const char *target, const char *const *changes)
{
    size_t count = 0;

    memset(trial, 0, sizeof(*trial));
    for (; changes[count]; count++) {
        assert_true(count < most_runs);
        trial->reports[count] = gate_fixture_start(*changes[count] ? changes[count] : NULL);
        trial->runs[count] = (struct thaw_gate_run){"1.thaw", trial->reports[count]};
    }
    trial->target = target ? gate_fixture_target(*target ? target : NULL) : NULL;
    trial->input = gate_fixture_input(trial->target, trial->runs, count);
    assert_int_equal(thaw_gate_side_measured(&trial->input, &trial->side, NULL), 0);
}

static void close_trial(struct trial *trial)
{
    thaw_gate_side_free(&trial->side);
    for (size_t i = 0; i < most_runs; i++)
        json_decref(trial->reports[i]);
    json_decref(trial->target);
}

static struct thaw_gate_samples samples_of(struct thaw_gate_side *side, const char *metric,
                                           const struct thaw_budget_part *part)
{
    struct thaw_gate_samples ret;

    assert_int_equal(thaw_gate_side_samples(side, thaw_gate_metric_find(metric), part, &ret), 0);
    assert_non_null(ret.why);
    assert_true(!ret.count || !*ret.why);
    return ret;
}

static void samples_are_those_of_the_runs_in_their_order(void **state)
{
    static const char *const changes[] = {"{" TRACK("3", "true") "}", "{" TRACK("1", "true") "}",
                                          "{" TRACK("2", "true") "}", NULL};
    struct thaw_gate_samples samples;
    struct trial trial;

    (void)state;
    open_trial(&trial, "", changes);
    samples = samples_of(&trial.side, "total_time", NULL);
    assert_int_equal(samples.count, 3);
    assert_true(samples.values[0] == 3 && samples.values[1] == 1 && samples.values[2] == 2);
    assert_false(samples.varies); /* times do */
    samples = samples_of(&trial.side, "modules", NULL);
    assert_int_equal(samples.count, 3);
    assert_false(samples.varies);
    assert_int_equal(samples.missing, 0);
    samples = samples_of(&trial.side, "shipped_bytes", NULL);
    assert_int_equal(samples.count, 1);
    close_trial(&trial);
}

static void what_varies_and_must_not_is_told(void **state)
{
    static const char *const changes[] = {"",
                                          "{'modules':[{'id':1,'name':'a','process':2,"
                                          "'start_ns':1,'status':'loaded'}]}",
                                          NULL};
    struct trial trial;

    (void)state;
    open_trial(&trial, NULL, changes);
    assert_true(samples_of(&trial.side, "modules", NULL).varies);
    close_trial(&trial);
}

static void a_run_without_a_reply_counts_only_where_none_has_one(void **state)
{
    static const char *const mixed[] = {
        "",
        "{" RUN("'backend':'importtime','ended':'exit','exit_status':0") "," TRACK("5",
                                                                                   "false") "}",
        NULL};
    static const char *const none[] = {
        "{" RUN("'backend':'importtime','ended':'exit','exit_status':0") "," TRACK("5",
                                                                                   "false") "}",
        NULL};
    struct thaw_gate_samples samples;
    struct trial trial;

    (void)state;
    open_trial(&trial, NULL, mixed);
    assert_null(trial.side.left_out[0]);
    assert_string_equal(trial.side.left_out[1], "no first reply was seen");
    samples = samples_of(&trial.side, "total_time", NULL);
    assert_int_equal(samples.count, 1);
    assert_int_equal(samples.missing, 1);
    close_trial(&trial);
    open_trial(&trial, NULL, none);
    assert_int_equal(samples_of(&trial.side, "total_time", NULL).count, 1);
    close_trial(&trial);
}

static void runs_that_crashed_are_left_out_and_said(void **state)
{
    static const char *const changes[] = {
        "{" RUN("'backend':'ebpf','ended':'exit','exit_status':1") "," TRACK("5", "false") "}",
        "{" RUN("'backend':'ebpf','ended':'interrupted'") "," TRACK("5", "false") "}", NULL};
    struct thaw_gate_samples samples;
    struct trial trial;

    (void)state;
    open_trial(&trial, NULL, changes);
    samples = samples_of(&trial.side, "modules", NULL);
    assert_int_equal(samples.count, 0);
    assert_string_equal(samples.why, "its command failed (exit status 1)");
    close_trial(&trial);
}

/* One run counts system calls under ptrace, the others have the times. */
static void counting_runs_have_counts_and_no_times(void **state)
{
#define PLAIN                                                                                      \
    "{" RUN("'backend':'importtime','ended':'exit','exit_status':0") "," TRACK(                    \
        "5",                                                                                       \
        "false") ",'processes':[{'id':2,'role':'process','python':'3.11.2','counts':{'by':'proc'," \
                 "'until':'exit','cpu_ns':7}}]}"
#define COUNTING                                                                                   \
    "{" RUN("'backend':'importtime','ended':'exit','exit_status':0,'counting':true") "," TRACK(    \
        "500",                                                                                     \
        "false") ",'processes':[{'id':2,'role':'process','python':'3.11.2',"                       \
                 "'counts':{'by':'ptrace','until':'exit','system_calls':4321,'cpu_ns':70}}]}"
    static const char *const changes[] = {PLAIN, PLAIN, COUNTING, NULL};
    static const char *const alone[] = {COUNTING, NULL};
    struct thaw_gate_samples samples;
    struct trial trial;

    (void)state;
    open_trial(&trial, NULL, changes);
    samples = samples_of(&trial.side, "system_calls", NULL);
    assert_int_equal(samples.count, 1);
    assert_true(samples.values[0] == 4321);
    assert_int_equal(samples.missing, 0);
    samples = samples_of(&trial.side, "total_time", NULL);
    assert_int_equal(samples.count, 2);
    assert_int_equal(samples.missing, 0);
    samples = samples_of(&trial.side, "cpu_time", NULL);
    assert_true(samples.count == 2 && samples.values[0] == 7);
    assert_int_equal(samples_of(&trial.side, "modules", NULL).count, 3);
    close_trial(&trial);
    open_trial(&trial, NULL, alone);
    samples = samples_of(&trial.side, "total_time", NULL);
    assert_int_equal(samples.count, 0);
    assert_non_null(strstr(samples.why, "takes time"));
    close_trial(&trial);
}

static void what_nobody_looked_at_has_no_samples(void **state)
{
    static const char *const none[] = {NULL};
    static const char *const one[] = {"", NULL};
    static const double instructions[] = {1000, 1001};
    struct thaw_gate_samples samples;
    struct trial trial;

    (void)state;
    open_trial(&trial, "", none);
    assert_string_equal(samples_of(&trial.side, "modules", NULL).why, "no cold start was recorded");
    assert_string_equal(samples_of(&trial.side, "instructions", NULL).why,
                        "no run was made under callgrind");
    trial.input.instructions = instructions;
    trial.input.instruction_count = 2;
    samples = samples_of(&trial.side, "instructions", NULL);
    assert_true(samples.count == 2 && samples.values[1] == 1001 && !samples.varies);
    close_trial(&trial);
    open_trial(&trial, NULL, one);
    assert_string_equal(samples_of(&trial.side, "libraries", NULL).why,
                        "what is shipped was not looked at");
    close_trial(&trial);
}

static const char *key_of(const struct thaw_gate_side *side, unsigned part)
{
    return side->key.parts[__builtin_ctz(part)];
}

static void keys_are_of_the_run_else_of_the_target(void **state)
{
    static const char *const one[] = {"", NULL};
    static const char *const none[] = {NULL};
    struct trial trial;

    (void)state;
    open_trial(&trial, "", one);
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_INTERPRETER), "3.11");
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_ARCHITECTURE), "x86_64");
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_LOCK_FILE),
                        "requirements.txt:9f86d081884c7d659a2feaa0c55ad015");
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_KERNEL), "6.18.0");
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_MACHINE), "AMD EPYC 7763, 2 CPUs");
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_BACKEND), "ebpf");
    assert_int_equal(trial.side.key.cpus, 2);
    close_trial(&trial);
    open_trial(&trial, "", none);
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_INTERPRETER), "3.12");
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_ARCHITECTURE), "aarch64");
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_KERNEL), "");
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_MACHINE), ""); /* sizes need none */
    assert_string_equal(key_of(&trial.side, THAW_GATE_KEY_BACKEND), "");
    close_trial(&trial);
}

static void check_content(const struct thaw_gate_side *side, size_t number, const char *name,
                          const char *version, double disk_bytes, double modules)
{
    const struct thaw_gate_content *content = &side->contents.items[number];

    assert_true(number < side->contents.count);
    assert_string_equal(content->name, name);
    assert_string_equal(content->version, version);
    if (content->disk_bytes != disk_bytes || content->modules != modules)
        fail_msg("%s: %f, %f", name, content->disk_bytes, content->modules);
}

static void contents_are_what_is_shipped_and_loaded(void **state)
{
    static const char *const one[] = {"", NULL};
    static const char *const none[] = {NULL};
    struct trial trial;

    (void)state;
    open_trial(&trial, "", one);
    assert_int_equal(trial.side.contents.count, 6);
    check_content(&trial.side, 0, "app", "", 512, 1);
    check_content(&trial.side, 1, "Num_Py", "2.4.0", 1024, 0);
    check_content(&trial.side, 2, "NumPy", "2.4.0", -1, 1); /* num-py is another name */
    check_content(&trial.side, 3, "pandas", "3.1.1", 2048, 2);
    check_content(&trial.side, 4, "python", "", -1, 1);
    check_content(&trial.side, 5, "worker", "", -1, 1);
    close_trial(&trial);
    open_trial(&trial, "", none);
    assert_int_equal(trial.side.contents.count, 3);
    check_content(&trial.side, 2, "pandas", "3.1.1", 2048, -1);
    close_trial(&trial);
    open_trial(&trial, NULL, one);
    assert_int_equal(trial.side.contents.count, 5);
    check_content(&trial.side, 2, "pandas", "3.1.1", -1, 2);
    close_trial(&trial);
}

static void importtime_does_not_say_whose_modules_are(void **state)
{
    static const char *const one[] = {
        "{" RUN("'backend':'importtime','ended':'exit','exit_status':0") "}", NULL};
    struct trial trial;

    (void)state;
    open_trial(&trial, "", one);
    assert_int_equal(trial.side.contents.count, 3);
    check_content(&trial.side, 0, "app", "", 512, -1);
    close_trial(&trial);
}

static const char entry_text[] =
    "{'key':{'architecture':'x86_64','backend':'ebpf','cpus':4,'interpreter':'3.11',"
    "'machine':'AMD, 4 CPUs'},'commit':'abc','values':["
    "{'metric':'modules','samples':[891],'runs':3},"
    "{'metric':'modules','distribution':'Num_Py','samples':[7]},"
    "{'metric':'import_time','module':'pandas','samples':[5,6.5]}],"
    "'contents':[{'name':'app','modules':3},"
    "{'name':'pandas','version':'3.1.1','disk_bytes':123}]}";

static void an_entry_is_a_side_as_well(void **state)
{
    static const struct thaw_budget_part numpy = {"", "num-py", ""}, pandas = {"pandas", NULL, ""};
    static const struct thaw_budget_part all = {NULL, NULL, NULL};
    json_t *entry = gate_fixture_json(entry_text);
    struct thaw_gate_samples samples;
    struct thaw_gate_side side;

    (void)state;
    assert_int_equal(thaw_gate_side_of_entry(entry, "thaw-baseline.json", &side, NULL), 0);
    assert_string_equal(side.commit, "abc");
    assert_string_equal(key_of(&side, THAW_GATE_KEY_MACHINE), "AMD, 4 CPUs");
    assert_string_equal(key_of(&side, THAW_GATE_KEY_KERNEL), "");
    assert_int_equal(side.key.cpus, 4);
    samples = samples_of(&side, "modules", NULL);
    assert_true(samples.count == 3 && samples.values[2] == 891 && !samples.varies);
    assert_int_equal(samples_of(&side, "modules", &all).count, 3);
    samples = samples_of(&side, "modules", &numpy);
    assert_true(samples.count == 1 && samples.values[0] == 7);
    samples = samples_of(&side, "import_time", &pandas);
    assert_true(samples.count == 2 && samples.values[1] == 6.5);
    assert_int_equal(samples_of(&side, "import_time", NULL).count, 0);
    assert_string_equal(samples_of(&side, "threads", NULL).why, "");
    assert_int_equal(side.contents.count, 2);
    check_content(&side, 0, "app", "", -1, 3);
    check_content(&side, 1, "pandas", "3.1.1", 123, -1);
    thaw_gate_side_free(&side);
    json_decref(entry);
}

/* Makes a side and asks it for all; -ENOMEM when anything of it failed. */
static int ask_all(const struct thaw_gate_input *input, const json_t *entry)
{
    static const struct thaw_budget_part numpy = {"", "NUM.PY", ""};
    struct thaw_gate_samples samples;
    struct thaw_gate_side side;
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);
    int code = entry ? thaw_gate_side_of_entry(entry, "b", &side, NULL)
                     : thaw_gate_side_measured(input, &side, NULL);

    for (size_t i = 0; !code && i < count; i++) {
        code = thaw_gate_side_samples(&side, &metrics[i], i % 2 ? &numpy : NULL, &samples);
        assert_int_equal(side.failed, code < 0);
    }
    thaw_gate_side_free(&side);
    return code;
}

static void short_memory_is_told(void **state)
{
    json_t *start = gate_fixture_start(NULL), *target = gate_fixture_target(NULL);
    json_t *crashed = gate_fixture_start(
        "{" RUN("'backend':'ebpf','ended':'exit','exit_status':1") "," TRACK("5", "false") "}");
    json_t *entry = gate_fixture_json(entry_text);
    const struct thaw_gate_run runs[] = {{"1", start}, {"2", crashed}};
    const struct thaw_gate_input input = gate_fixture_input(target, runs, 2);

    (void)state;
    for (int from_entry = 0; from_entry < 2; from_entry++)
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            int code = ask_all(&input, from_entry ? entry : NULL);

            chaos_malloc_pause();
            assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        }
    json_decref(start);
    json_decref(target);
    json_decref(crashed);
    json_decref(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_those_of_the_runs_in_their_order),
        cmocka_unit_test(what_varies_and_must_not_is_told),
        cmocka_unit_test(a_run_without_a_reply_counts_only_where_none_has_one),
        cmocka_unit_test(runs_that_crashed_are_left_out_and_said),
        cmocka_unit_test(counting_runs_have_counts_and_no_times),
        cmocka_unit_test(what_nobody_looked_at_has_no_samples),
        cmocka_unit_test(keys_are_of_the_run_else_of_the_target),
        cmocka_unit_test(contents_are_what_is_shipped_and_loaded),
        cmocka_unit_test(importtime_does_not_say_whose_modules_are),
        cmocka_unit_test(an_entry_is_a_side_as_well),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
