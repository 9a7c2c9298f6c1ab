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
#include "report/import_tree.h"

/* {id, parent, process, tid, start} of each module, and the tree as "id@depth-end". */

static json_t *report_of(const json_int_t (*rows)[5], size_t count)
{
    json_t *modules = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(modules, json_pack("{sI sI sI sI sI sI sI}", "id", rows[i][0],
                                                 "parent", rows[i][1], "process", rows[i][2], "tid",
                                                 rows[i][3], "start_ns", rows[i][4], "total_ns",
                                                 (json_int_t)7, "self_ns", (json_int_t)3));
    return json_pack("{so}", "modules", modules);
}

static void assert_tree(const json_int_t (*rows)[5], size_t count, const char *expected)
{
    json_t *report = report_of(rows, count);
    struct thaw_import_tree tree;
    char text[512] = "", *end = text;

    assert_int_equal(thaw_import_tree_build(report, &tree, NULL), 0);
    assert_int_equal(tree.count, count);
    for (size_t i = 0; i < tree.count; i++) {
        const struct thaw_import_node *node = &tree.nodes[i];

        end += sprintf(end, "%s%d@%zu-%zu", i ? " " : "", (int)node->id, node->depth, node->end);
        assert_int_equal(node->total_ns, 7);
        assert_true(node->timed);
        if (node->depth)
            assert_int_equal(tree.nodes[node->parent].depth + 1, node->depth);
        else
            assert_true(node->parent == THAW_IMPORT_NONE);
    }
    assert_string_equal(text, expected);
    thaw_import_tree_free(&tree);
    json_decref(report);
}

#define TREE(rows, expected) assert_tree(rows, sizeof(rows) / sizeof(*(rows)), expected)

static void what_is_imported_stands_behind(void **state)
{
    static const json_int_t rows[][5] = {
        {1, 0, 1, 5, 100}, {2, 1, 1, 5, 110}, {3, 2, 1, 5, 120},
        {4, 1, 1, 5, 130}, {5, 0, 1, 5, 90},
    };

    (void)state;
    TREE(rows, "5@0-1 1@0-5 2@1-4 3@2-4 4@1-5");
}

static void processes_and_threads_stand_together(void **state)
{
    static const json_int_t rows[][5] = {
        {1, 0, 2, 9, 1}, {2, 0, 1, 6, 2}, {3, 0, 1, 5, 3}, {4, 2, 1, 6, 4}, {5, 0, 1, 5, 0},
    };

    (void)state;
    TREE(rows, "5@0-1 3@0-2 2@0-4 4@1-4 1@0-5");
}

static void what_is_no_tree_is_made_one(void **state)
{
    static const json_int_t cycle[][5] = {{1, 2, 1, 1, 1}, {2, 1, 1, 1, 2}},
                            itself[][5] = {{1, 1, 1, 1, 1}},
                            elsewhere[][5] = {{1, 0, 1, 1, 1}, {2, 1, 2, 1, 2}, {3, 77, 1, 1, 3}},
                            twice[][5] = {{1, 0, 1, 1, 1}, {1, 0, 1, 1, 2}, {2, 1, 1, 1, 3}};

    (void)state;
    TREE(cycle, "1@0-2 2@1-2");
    TREE(itself, "1@0-1");
    TREE(elsewhere, "1@0-1 3@0-2 2@0-3");
    TREE(twice, "1@0-2 2@1-2 1@0-3");
}

static void a_report_may_have_none(void **state)
{
    json_t *report = json_object();
    struct thaw_import_tree tree;

    (void)state;
    assert_int_equal(thaw_import_tree_build(report, &tree, NULL), 0);
    assert_int_equal(tree.count, 0);
    thaw_import_tree_free(&tree);
    json_decref(report);
}

static void memory_that_is_short_is_told(void **state)
{
    static const json_int_t rows[][5] = {{1, 0, 1, 5, 100}, {2, 1, 1, 5, 110}};
    json_t *report = report_of(rows, 2);

    (void)state;
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_import_tree tree;
        int result = thaw_import_tree_build(report, &tree, NULL);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_import_tree_free(&tree);
    }
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_imported_stands_behind),
        cmocka_unit_test(processes_and_threads_stand_together),
        cmocka_unit_test(what_is_no_tree_is_made_one),
        cmocka_unit_test(a_report_may_have_none),
        cmocka_unit_test(memory_that_is_short_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
