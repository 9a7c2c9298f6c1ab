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
#include "report/import_lanes.h"

/* Modules by what ran them, and which of them fit into each other by time. */

struct row {
    json_int_t id, parent, tid, strand, start_ns, total_ns;
};

static json_t *report_of(const struct row *rows, size_t count)
{
    json_t *modules = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *module = json_pack("{sI sI si sI sI sI}", "id", rows[i].id, "parent",
                                   rows[i].parent, "process", 1, "tid", rows[i].tid, "start_ns",
                                   rows[i].start_ns, "total_ns", rows[i].total_ns);

        if (rows[i].strand)
            json_object_set_new(module, "strand", json_integer(rows[i].strand));
        json_array_append_new(modules, module);
    }
    return json_pack("{so}", "modules", modules);
}

/* "tid.strand(total): id@depth id! …": '!' where it does not nest. */
static char *lanes_text(const struct thaw_import_lanes *lanes, char *text)
{
    char *end = text;

    for (size_t i = 0; i < lanes->count; i++) {
        const struct thaw_import_lane *lane = &lanes->items[i];

        end += sprintf(end, "%s%d.%d(%d):", i ? " | " : "", (int)lane->tid, (int)lane->strand,
                       (int)lane->total_ns);
        for (size_t j = lane->first; j < lane->first + lane->count; j++)
            end += sprintf(end, " %d@%zu%s", (int)lanes->imports[j].node->id,
                           lanes->imports[j].depth, lanes->times[j].nests ? "" : "!");
    }
    return text;
}

static void visit(const struct thaw_import_lanes *lanes, size_t place, void *context)
{
    char *text = context;

    sprintf(text + strlen(text), " %d", (int)lanes->imports[place].node->id);
}

static void assert_lanes(const struct row *rows, size_t count, const char *expected,
                         const char *postorder)
{
    json_t *report = report_of(rows, count);
    struct thaw_import_lanes lanes;
    char text[512] = "", visited[512] = "";

    assert_int_equal(thaw_import_lanes_build(report, &lanes, NULL), 0);
    assert_string_equal(lanes_text(&lanes, text), expected);
    for (size_t i = 0; i < lanes.count; i++)
        thaw_import_lane_postorder(&lanes, &lanes.items[i], visit, visited);
    assert_string_equal(visited, postorder);
    thaw_import_lanes_free(&lanes);
    json_decref(report);
}

#define LANES(rows, expected, postorder)                                                           \
    assert_lanes(rows, sizeof(rows) / sizeof(*(rows)), expected, postorder)

static void children_nest(void **state)
{
    static const struct row rows[] = {
        {1, 0, 5, 0, 100, 50}, {2, 1, 5, 0, 110, 20}, {3, 2, 5, 0, 110, 5},
        {4, 1, 5, 0, 130, 20}, {5, 0, 5, 0, 150, 0},
    };

    (void)state;
    LANES(rows, "5.0(50): 1@0 2@1 3@2 4@1 5@0", " 3 2 4 1 5");
}

/* One that another thread imports for a module is no part of its time. */
static void threads_and_stacks_are_apart(void **state)
{
    static const struct row rows[] = {
        {1, 0, 5, 0, 100, 50}, {2, 1, 6, 0, 110, 90}, {3, 2, 5, 0, 120, 5},
        {4, 2, 6, 0, 111, 9},  {5, 1, 5, 1, 121, 60}, {6, 5, 5, 1, 122, 3},
    };

    (void)state;
    LANES(rows, "5.0(50): 1@0 3@1 | 5.1(60): 5@0 6@1 | 6.0(90): 2@0 4@1", " 3 1 6 5 4 2");
}

static void what_sticks_out_is_told(void **state)
{
    static const struct row rows[] = {
        {1, 0, 5, 0, 100, 50}, {2, 1, 5, 0, 140, 11}, {3, 2, 5, 0, 141, 2},
        {4, 0, 5, 0, 120, 40}, {5, 0, 5, 0, 160, 40},
    };

    (void)state;
    LANES(rows, "5.0(130): 1@0 2@1! 3@2 4@0! 5@0", " 3 2 1 4 5");
}

/* One of no length at the end of what imported it is in it, one of somebody else's is not. */
static void ends_that_touch(void **state)
{
    static const struct row rows[] = {{1, 0, 5, 0, 100, 50},
                                      {2, 1, 5, 0, 150, 0},
                                      {3, 0, 5, 0, 150, 0}};
    json_t *report = report_of(rows, 3);
    struct thaw_import_lanes lanes;

    (void)state;
    assert_int_equal(thaw_import_lanes_build(report, &lanes, NULL), 0);
    assert_int_equal(lanes.times[1].above, 0);
    assert_true(lanes.times[2].above == THAW_NESTING_NONE);
    thaw_import_lanes_free(&lanes);
    json_decref(report);
}

static void times_at_the_edge(void **state)
{
    static const struct row rows[] = {{1, 0, 5, 0, INT64_MAX, INT64_MAX},
                                      {2, 0, 5, 0, 0, INT64_MAX}};

    (void)state;
    LANES(rows, "5.0(-2): 2@0 1@0", " 2 1");
}

/* Linear: a chain that changes its thread at each step, and a deep one. */
static void long_chains(void **state)
{
    enum { count = 100000 };
    json_t *modules = json_array(), *report = json_pack("{so}", "modules", modules);
    struct thaw_import_lanes lanes;

    (void)state;
    for (int i = 1; i <= count; i++)
        json_array_append_new(modules,
                              json_pack("{si si si si si si}", "id", i, "parent", i - 1, "process",
                                        1, "tid", i % 2, "start_ns", i, "total_ns", 2 * count - i));
    assert_int_equal(thaw_import_lanes_build(report, &lanes, NULL), 0);
    assert_int_equal(lanes.count, 2);
    assert_int_equal(lanes.imports[count / 2 - 1].depth, count / 2 - 1);
    thaw_import_lanes_free(&lanes);
    json_decref(report);
}

static void memory_that_is_short_is_told(void **state)
{
    static const struct row rows[] = {{1, 0, 5, 0, 100, 50}, {2, 1, 5, 0, 110, 20}};
    json_t *report = report_of(rows, 2);

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_import_lanes lanes;
        int result = thaw_import_lanes_build(report, &lanes, NULL);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_import_lanes_free(&lanes);
    }
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_nest),
        cmocka_unit_test(threads_and_stacks_are_apart),
        cmocka_unit_test(what_sticks_out_is_told),
        cmocka_unit_test(ends_that_touch),
        cmocka_unit_test(times_at_the_edge),
        cmocka_unit_test(long_chains),
        cmocka_unit_test(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
