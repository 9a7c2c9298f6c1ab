/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/late_library.h"

static struct {
    double (*nearest)(double);
    double (*absolute)(double);
} functions;

static struct thaw_late_library library_of(const char *soname, const char *const *names)
{
    memset(&functions, 0, sizeof(functions));
    return (struct thaw_late_library){
        .soname = soname, .names = names, .functions = &functions, .count = 2};
}

static void test_functions_are_those_of_the_library(void **state)
{
    static const char *const names[] = {"rint", "fabs"};
    struct thaw_late_library library = library_of("libm.so.6", names);

    (void)state;
    assert_int_equal(thaw_late_library_load(&library), 0);
    assert_true(functions.nearest(2.7) == 3.0);
    assert_true(functions.absolute(-2.5) == 2.5);
    functions.nearest = NULL;
    assert_int_equal(thaw_late_library_load(&library), 0);
    assert_null(functions.nearest); /* it was loaded once */
}

static void test_all_functions_or_none(void **state)
{
    static const char *const names[] = {"rint", "no_such_function"};
    struct thaw_late_library library = library_of("libm.so.6", names);

    (void)state;
    assert_int_equal(thaw_late_library_load(&library), -ENOSYS);
    assert_null(functions.nearest);
    assert_null(functions.absolute);
}

static void test_what_is_not_installed_stays_so(void **state)
{
    static const char *const names[] = {"rint", "fabs"};
    struct thaw_late_library library = library_of("libthaw-no-such-library.so.1", names);

    (void)state;
    assert_int_equal(thaw_late_library_load(&library), -ENOSYS);
    library.soname = "libm.so.6";
    assert_int_equal(thaw_late_library_load(&library), -ENOSYS);
    assert_null(functions.nearest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_are_those_of_the_library),
        cmocka_unit_test(test_all_functions_or_none),
        cmocka_unit_test(test_what_is_not_installed_stays_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
