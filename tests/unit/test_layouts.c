/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "python/layouts.h"

#define OLDEST 8
#define NEWEST 15

static void every_minor_has_one_row_of_its_own(void **state)
{
    (void)state;
    for (unsigned minor = OLDEST; minor <= NEWEST; minor++) {
        const struct thaw_python_row *row = thaw_python_row(3, minor);

        assert_non_null(row);
        assert_int_equal(row->layout.minor, minor);
        assert_true(*row->source);
    }
}

static void other_versions_have_none(void **state)
{
    (void)state;
    assert_null(thaw_python_row(3, OLDEST - 1));
    assert_null(thaw_python_row(3, NEWEST + 1));
    assert_null(thaw_python_row(2, 11));
    assert_null(thaw_python_row(4, 11));
    assert_null(thaw_python_row(3, 0));
    assert_null(thaw_python_row(0, 0));
}

static void what_is_supported_is_said_as_the_table_has_it(void **state)
{
    char expected[32];

    (void)state;
    snprintf(expected, sizeof(expected), "3.%d to 3.%d", OLDEST, NEWEST);
    assert_string_equal(thaw_python_supported(), expected);
}

/* The kernel side indexes by these; a row that forgot a member would have 0 there. */
static void no_offset_is_missing(void **state)
{
    (void)state;
    for (unsigned minor = OLDEST; minor <= NEWEST; minor++) {
        const struct thaw_python_layout *layout = &thaw_python_row(3, minor)->layout;

        assert_true(layout->code_filename && layout->text_length);
        /* What bpf/python_objects.h reads at once. */
        assert_int_equal(layout->code_name, layout->code_filename + 8);
        assert_int_equal(layout->text_state, layout->text_length + 16);
        assert_int_equal(layout->entry_value, layout->entry_key + 8);
        assert_int_equal(layout->entry_plain_value, layout->entry_plain_key + 8);
        assert_true(layout->dict_keys_format != THAW_PYTHON_KEYS_LOG2 ||
                    layout->keys_kind == layout->keys_size + 1);
        assert_true(layout->text_ascii_data > layout->text_state);
        assert_true(layout->text_compact_data > layout->text_ascii_data);
        assert_true(layout->text_kind_shift && layout->text_ascii_shift);
        assert_true(layout->dict_keys && layout->keys_size && layout->keys_indices);
        assert_true(layout->entry_key && layout->entry_value && layout->entry_plain_value);
    }
}

static void names_are_asked_for_as_the_version_does(void **state)
{
    (void)state;
    for (unsigned minor = OLDEST; minor <= NEWEST; minor++) {
        const struct thaw_python_row *row = thaw_python_row(3, minor);
        int is_str = strcmp(row->symbols[THAW_PYTHON_FIND], "PyObject_CallMethodObjArgs") == 0;

        assert_string_equal(row->symbols[THAW_PYTHON_BODY], "PyEval_EvalCode");
        assert_int_equal(is_str, row->layout.identifier == THAW_PYTHON_NAME_STR);
        assert_int_equal(is_str, row->layout.dict_keys_format == THAW_PYTHON_KEYS_LOG2);
    }
    assert_int_equal(thaw_python_row(3, 9)->layout.identifier, THAW_PYTHON_NAME_IDENTIFIER_AT8);
    assert_int_equal(thaw_python_row(3, 10)->layout.identifier, THAW_PYTHON_NAME_IDENTIFIER);
    assert_int_equal(thaw_python_row(3, 14)->layout.lazy_submodule, 0);
    assert_int_equal(thaw_python_row(3, 15)->layout.lazy_submodule, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_minor_has_one_row_of_its_own),
        cmocka_unit_test(other_versions_have_none),
        cmocka_unit_test(what_is_supported_is_said_as_the_table_has_it),
        cmocka_unit_test(no_offset_is_missing),
        cmocka_unit_test(names_are_asked_for_as_the_version_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
