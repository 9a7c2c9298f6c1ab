/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_fixture.h"
#include "report_text.h"

/* The fixture's worker, whose imports were told apart: numpy was compiled, pandas.core.api opened a
 * library and waited. */
static void fill(struct report_fixture *fixture)
{
    struct thaw_module *pandas, *numpy, *api;

    report_fixture_fill(fixture);
    fixture->processes[1].saw_lookups = true;
    fixture->processes[1].saw_usage = true;
    fixture->processes[1].saw_waits = true;
    for (size_t i = 0; i < fixture->timeline.module_count; i++) {
        struct thaw_module *module = &fixture->modules[i];

        memset(module->parts, 0, sizeof(module->parts));
        module->parts[THAW_PART_EXECUTE].ns = module->self_ns;
        module->total.ns = module->total_ns;
        module->usage_known = true;
    }
    pandas = &fixture->modules[2];
    pandas->parts[THAW_PART_EXECUTE].ns = 4000000;
    pandas->parts[THAW_PART_UNMARSHAL].ns = 3000000;
    pandas->parts[THAW_PART_FIND].ns = 2000000;
    pandas->parts[THAW_PART_READ].ns = 1000000;
    numpy = &fixture->modules[3];
    numpy->parts[THAW_PART_EXECUTE].ns = 20000000;
    numpy->parts[THAW_PART_COMPILE] = (struct thaw_spent){.ns = 50000000, .minor_faults = 700};
    numpy->parts[THAW_PART_WRITE].ns = 10000000;
    numpy->bytecode = THAW_MODULE_BYTECODE_STALE;
    numpy->writing = THAW_WRITING_DONE;
    api = &fixture->modules[4];
    api->parts[THAW_PART_EXECUTE].ns = 0;
    api->parts[THAW_PART_MAP] =
        (struct thaw_spent){.ns = 150000000, .io_ns = 100000000, .major_faults = 30};
    api->parts[THAW_PART_CONSTRUCTORS].ns = 40000000;
    api->parts[THAW_PART_INIT] = (struct thaw_spent){.ns = 10000000, .sleep_ns = 9000000};
}

static char *show(const struct report_fixture *fixture)
{
    return report_fixture_write(fixture, "split", NULL);
}

static void parts_stand_by_their_time(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    fill(&fixture);
    text = show(&fixture);
    report_text_presentable(text, 80, true);
    report_text_has(
        text, "150.0 ms  32.0 %   100.0 ms          -       -      30  mapping and relocating\n");
    report_text_has(text,
                    " 50.0 ms  10.7 %          -          -       -     700  compiling source\n");
    report_text_has(
        text, " 10.0 ms   2.1 %          -          -  9.0 ms       0  extension init code\n");
    report_text_lacks(text, "  undivided dlopen"); /* took no time */
    report_text_has(text, "- 1 module was compiled from source (bytecode: 1 stale); new");
    free(text);
}

static void modules_stand_by_their_own_time(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    fill(&fixture);
    text = show(&fixture);
    report_text_line(text, " SELF  FIND  READ  CODE   LOAD  INIT   EXEC  GC   WAIT  MODULE");
    report_text_line(text,
                     "200.0     .     .     .  190.0  10.0      .   .  109.0  pandas.core.api");
    report_text_line(text, " 80.0     .     .  60.0      .     .   20.0   .      .  numpy");
    report_text_line(text, " 10.0   2.0   1.0   3.0      .     .    4.0   .      .  pandas");
    free(text);
}

static void what_was_not_measured_is_said(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    fill(&fixture);
    fixture.processes[1].saw_lookups = false;
    fixture.processes[1].saw_waits = false;
    text = show(&fixture);
    report_text_has(text, "System calls were not observed");
    report_text_lacks(text, "RUN QUEUE");
    report_text_has(text, "  ?  numpy");
    free(text);
    text = report_text_summary(&fixture);
    report_text_lacks(text, "What the imports'");
    free(text);
    fixture.timeline.module_count = 0;
    text = show(&fixture);
    report_text_has(text, "What the 0.0 ms of 0 imports went into");
    report_text_lacks(text, "SELF");
    free(text);
}

static void the_summary_has_the_parts(void **state)
{
    struct report_fixture fixture;
    char *text;

    (void)state;
    fill(&fixture);
    fixture.modules[3].writing = THAW_WRITING_FAILED;
    text = report_text_summary(&fixture);
    report_text_presentable(text, 80, true);
    report_text_has(text, "What the imports' 469.0 ms went into");
    report_text_has(text, "compiles again");
    free(text);
}

static void hostile_names_stay_texts(void **state)
{
    (void)state;
    for (size_t i = 0; report_fixture_hostile[i]; i++) {
        struct report_fixture fixture;
        char *text;

        fill(&fixture);
        for (size_t j = 0; j < fixture.timeline.module_count; j++)
            fixture.modules[j].name = report_fixture_hostile[i];
        text = show(&fixture);
        report_text_presentable(text, 80, true);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_stand_by_their_time),
        cmocka_unit_test(modules_stand_by_their_own_time),
        cmocka_unit_test(what_was_not_measured_is_said),
        cmocka_unit_test(the_summary_has_the_parts),
        cmocka_unit_test(hostile_names_stay_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
