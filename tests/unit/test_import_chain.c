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
#include "report/import_chain.h"

/* How modules came in: chains of names, and the user's places in them. */

static json_t *report_of(const char *modules)
{
    char text[8192];

    snprintf(text, sizeof(text), "{'modules':[%s]}", modules);
    return gate_fixture_json(text);
}

#define MODULE(id, parent, name, owner, more)                                                      \
    "{'id':" #id ",'parent':" #parent ",'name':'" name "','owner':'" owner "','file':'" name       \
    ".py','process':1,'tid':1,'start_ns':" #id more "}"
#define LINE(file, line) ",'statement':{'file':'" file "','line':" #line "}"

static void chain_of(const json_t *report, size_t node, struct thaw_arena *arena,
                     struct thaw_import_tree *tree, struct thaw_import_chain *ret)
{
    struct thaw_error error;

    assert_int_equal(thaw_import_tree_build(report, tree, &error), 0);
    assert_in_range(node, 0, tree->count - 1);
    assert_int_equal(thaw_import_chain(arena, tree, node, ret), 0);
}

static const char *file_of(const struct thaw_import_from *from)
{
    return json_string_value(json_object_get(from->place, "file"));
}

static void places_of_the_user(void **state)
{
    json_t *report = report_of(MODULE(1, null, "worker", "worker", "") "," MODULE(
        2, 1, "function_app", "app",
        "") "," MODULE(3, 2, "plots", "app",
                       LINE("function_app.py",
                            3)) "," MODULE(4, 3, "matplotlib", "package",
                                           LINE("plots.py", 7)) "," MODULE(5, 4, "sub", "package",
                                                                           ""));
    struct thaw_import_tree tree;
    struct thaw_import_chain chain;
    struct thaw_arena arena = {0};

    (void)state;
    chain_of(report, 4, &arena, &tree, &chain);
    assert_string_equal(chain.names, "function_app > plots > matplotlib > sub");
    assert_string_equal(file_of(&chain.first), "function_app.py");
    assert_int_equal(chain.first.line, 3);
    assert_string_equal(file_of(&chain.nearest), "plots.py");
    assert_int_equal(chain.nearest.line, 7);
    assert_ptr_equal(chain.nearest.module, tree.nodes[2].module);
    /* the user's own first file: nothing of the user's asked for it */
    assert_int_equal(thaw_import_chain(&arena, &tree, 1, &chain), 0);
    assert_string_equal(chain.names, "worker > function_app");
    assert_null(chain.first.place);
    assert_null(chain.nearest.place);
    thaw_import_tree_free(&tree);
    thaw_arena_free(&arena);
    json_decref(report);
}

/* Without a statement the file is known, the line is not. */
static void file_without_a_line(void **state)
{
    json_t *report =
        report_of(MODULE(1, null, "app", "app", "") "," MODULE(2, 1, "six", "package", ""));
    struct thaw_import_tree tree;
    struct thaw_import_chain chain;
    struct thaw_arena arena = {0};

    (void)state;
    chain_of(report, 1, &arena, &tree, &chain);
    assert_string_equal(chain.names, "app > six");
    assert_string_equal(file_of(&chain.first), "app.py");
    assert_int_equal(chain.first.line, 0);
    thaw_import_tree_free(&tree);
    thaw_arena_free(&arena);
    json_decref(report);
}

static void long_ones_have_no_middle(void **state)
{
    json_t *report = report_of(""), *modules = json_object_get(report, "modules");
    struct thaw_import_tree tree;
    struct thaw_import_chain chain;
    struct thaw_arena arena = {0};

    (void)state;
    for (int id = 1; id <= 30; id++) {
        char name[16];

        snprintf(name, sizeof(name), "m%d", id);
        json_array_append_new(modules,
                              json_pack("{s:i,s:o,s:s,s:i,s:i,s:i}", "id", id, "parent",
                                        id > 1 ? json_integer(id - 1) : json_null(), "name", name,
                                        "process", 1, "tid", 1, "start_ns", id));
    }
    chain_of(report, 29, &arena, &tree, &chain);
    assert_string_equal(chain.names,
                        "m1 > m2 > m3 > m4 > m5 > m6 > \xE2\x80\xA6 > m25 > m26 > m27 > m28 "
                        "> m29 > m30");
    assert_int_equal(thaw_import_chain(&arena, &tree, 11, &chain), 0);
    assert_string_equal(chain.names,
                        "m1 > m2 > m3 > m4 > m5 > m6 > m7 > m8 > m9 > m10 > m11 > m12");
    if (chaos_malloc_works()) {
        for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
            struct thaw_arena small = {0};
            int code = thaw_import_chain(&small, &tree, 29, &chain);

            chaos_malloc_pause();
            assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
            thaw_arena_free(&small);
        }
    }
    thaw_import_tree_free(&tree);
    thaw_arena_free(&arena);
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_of_the_user),
        cmocka_unit_test(file_without_a_line),
        cmocka_unit_test(long_ones_have_no_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
