/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "timeline_fixture.h"

/* A worker with an orchestrator "o" and an activity "a", ready at 300. */
#define WORKER                                                                                     \
    TIMELINE_WORKER                                                                                \
    "250 message type=\"StartStream\" outgoing=1\n"                                                \
    "260 message type=\"FunctionLoadRequest\" function_id=\"o\"\n"                                 \
    "260 function function_id=\"o\" name=\"plan\" trigger=\"orchestrationTrigger\"\n"              \
    "260 function function_id=\"a\" name=\"work\" trigger=\"activityTrigger\"\n"                   \
    "260 function function_id=\"e\" name=\"counter\" trigger=\"entityTrigger\"\n"                  \
    "300 message type=\"FunctionLoadResponse\" outgoing=1 function_id=\"o\"\n"
#define ASK(time, function, id, more)                                                              \
    time " message type=\"InvocationRequest\" function_id=\"" function "\" invocation_id=\"" id    \
         "\" bytes=100" more "\n"
#define ANSWER(time, id)                                                                           \
    time " message type=\"InvocationResponse\" outgoing=1 invocation_id=\"" id                     \
         "\" status=\"success\"\n"

/* Activities that name no instance belong to the only one there is; it adds up. */
static void the_only_instance(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_durable *durable;
    const struct thaw_durable_instance *instance;

    (void)state;
    timeline_fixture_build(
        &fixture,
        WORKER ASK("400", "o", "1", " instance=1 history=2") ANSWER("410", "1")
            ASK("450", "a", "2", "") ASK("460", "a", "3", "") ANSWER("550", "2") ANSWER("560", "3")
                ASK("600", "o", "4", " instance=1 history=9 scheduled=2 completed=2")
                    ANSWER("620", "4") ASK("700", "e", "5", "") ANSWER("710", "5"));
    durable = &fixture.timeline->durable;
    assert_int_equal(durable->unknown_executions, 0);
    assert_int_equal(durable->unknown_activities, 0);
    assert_int_equal(durable->function_count, 3);
    assert_int_equal(durable->functions[0].role, THAW_ORCHESTRATOR);
    assert_int_equal(durable->functions[1].role, THAW_ACTIVITY);
    assert_int_equal(durable->functions[2].role, THAW_ENTITY);
    assert_int_equal(durable->instance_count, 1);
    instance = &durable->instances[0];
    assert_string_equal(instance->orchestrator, "plan");
    assert_int_equal(instance->executions, 2);
    assert_int_equal(instance->replays, 1);
    assert_int_equal(instance->replays_ns, 20);
    assert_int_equal(instance->history, 9);
    assert_int_equal(instance->request_bytes, 200);
    assert_true(instance->divided);
    assert_int_equal(instance->orchestrator_ns, 30);
    assert_int_equal(instance->activities_ns, 110);
    assert_int_equal(instance->outside_ns, 80);
    assert_int_equal(instance->batch_count, 1);
    assert_int_equal(instance->batches[0].scheduled, 2);
    assert_int_equal(instance->batches[0].seen, 2);
    assert_int_equal(instance->batches[0].most_in_flight, 2);
    assert_int_equal(instance->batches[0].cold, 0); /* it was up */
    timeline_fixture_free(&fixture);
}

/* Of several instances nobody knows whose they are: nothing is divided. */
static void activities_without_an_instance(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_durable *durable;

    (void)state;
    timeline_fixture_build(&fixture,
                           WORKER ASK("400", "o", "1", " instance=1 history=2") ANSWER("410", "1")
                               ASK("420", "o", "2", " instance=2 history=2") ANSWER("430", "2")
                                   ASK("450", "a", "3", "") ANSWER("550", "3"));
    durable = &fixture.timeline->durable;
    assert_int_equal(durable->unknown_activities, 1);
    assert_int_equal(durable->instance_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_false(durable->instances[i].divided);
        assert_int_equal(durable->instances[i].outside_ns, 0);
        assert_int_equal(durable->instances[i].batch_count, 0);
    }
    timeline_fixture_free(&fixture);
}

/* A request of which too little was seen may be any instance's: no batches, no division. */
static void executions_without_an_instance(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_durable *durable;

    (void)state;
    timeline_fixture_build(&fixture,
                           WORKER ASK("400", "o", "1", " instance=1 history=2") ANSWER("410", "1")
                               ASK("450", "a", "2", " instance=1") ANSWER("550", "2")
                                   ASK("600", "o", "3", " truncated=1") ANSWER("620", "3")
                                       ASK("700", "o", "4",
                                           " instance=1 history=12 scheduled=3 completed=3"));
    durable = &fixture.timeline->durable;
    assert_int_equal(durable->unknown_executions, 1);
    assert_int_equal(durable->instance_count, 1);
    assert_int_equal(durable->instances[0].executions, 2);
    assert_false(durable->instances[0].divided);
    assert_int_equal(durable->instances[0].batch_count, 0);
    timeline_fixture_free(&fixture);
}

/* The recording ends in the middle: how many the last execution scheduled nobody knows. */
static void an_unfinished_one(void **state)
{
    struct timeline_fixture fixture;
    const struct thaw_durable_instance *instance;

    (void)state;
    timeline_fixture_build(&fixture,
                           WORKER ASK("400", "o", "1", " instance=1 history=2") ANSWER("410", "1")
                               ASK("450", "a", "2", " instance=1")
                                   ASK("460", "a", "3", " instance=1")
                                       ANSWER("550", "2") "900 session.end reason=\"duration\"\n");
    assert_int_equal(fixture.timeline->durable.instance_count, 1);
    instance = &fixture.timeline->durable.instances[0];
    assert_int_equal(instance->batch_count, 1);
    assert_int_equal(instance->batches[0].scheduled, 0);
    assert_int_equal(instance->batches[0].seen, 2);
    assert_int_equal(instance->batches[0].end_ns, 550);
    assert_int_equal(instance->end_ns, 410);
    timeline_fixture_free(&fixture);
}

/* Only an instance's activities are in the recording: their orchestrator was asked before. */
static void activities_alone(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture, WORKER ASK("450", "a", "1", " instance=1") ANSWER("550", "1"));
    assert_int_equal(fixture.timeline->durable.instance_count, 0);
    assert_int_equal(fixture.timeline->durable.unknown_activities, 1);
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_only_instance),
        cmocka_unit_test(activities_without_an_instance),
        cmocka_unit_test(executions_without_an_instance),
        cmocka_unit_test(an_unfinished_one),
        cmocka_unit_test(activities_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
