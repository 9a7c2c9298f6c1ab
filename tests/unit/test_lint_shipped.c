/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over what is deployed: packages for elsewhere, too large ones, files of no use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/rules.h"
#include "lint_expect.h"

enum { FILES = 8, DISTRIBUTIONS = 3 };

/* What a fixture ships; a test sets what it needs. */
struct ships {
    struct thaw_shipped_folder folders[2];
    struct thaw_shipped_file files[FILES];
    bool is_left_out[FILES];
    struct thaw_shipped_distribution distributions[DISTRIBUTIONS];
    struct thaw_shipped_foreign foreign[2];
    struct thaw_shipped_limit limits[2];
};

static void ship(struct lint_fixture *fixture, struct ships *ships)
{
    struct thaw_shipped *shipped = &fixture->shipped;

    *ships = (struct ships){0};
    ships->folders[0].path = "";
    ships->folders[1].path = "numpy-2.1.dist-info";
    shipped->folders = ships->folders;
    shipped->folder_count = 2;
    shipped->files = ships->files;
    shipped->distributions = ships->distributions;
    shipped->foreign = ships->foreign;
    shipped->limits = ships->limits;
    shipped->python.version = "3.11";
    shipped->python.evidence = "pyvenv.cfg";
    fixture->project.is_left_out = ships->is_left_out;
}

static struct thaw_shipped_file *add_file(struct lint_fixture *fixture, const char *path,
                                          enum thaw_file_kind kind, uint64_t bytes)
{
    struct thaw_shipped_file *file = &fixture->shipped.files[fixture->shipped.file_count++];

    *file = (struct thaw_shipped_file){
        .path = path, .kind = kind, .bytes = bytes, .distribution = THAW_SHIPPED_NONE};
    fixture->project.deployed.bytes += bytes;
    fixture->project.deployed.files++;
    return file;
}

static void libraries_for_elsewhere_are_told(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_foreign_platform_library;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;
    struct ships ships;

    ship(fixture, &ships);
    ships.foreign[0] = (struct thaw_shipped_foreign){"a/b.pyd", 0, "for Windows"};
    ships.foreign[1] = (struct thaw_shipped_foreign){"numpy-2.1.dist-info", 0, "for aarch64"};
    fixture->shipped.foreign_count = 2;
    add_file(fixture, "function_app.py", THAW_FILE_PYTHON, 100);
    add_file(fixture, "a/b.pyd", THAW_FILE_NATIVE, 100);
    ships.is_left_out[1] = true;
    lint_expect_none(fixture, rule);
    add_file(fixture, "numpy-2.1.dist-info/WHEEL", THAW_FILE_METADATA, 100)->folder = 1;
    finding = lint_expect(fixture, rule, "1 deployed file can't be loaded there: for aarch64",
                          "numpy-2.1.dist-info", 0);
    assert_string_equal(finding->severity, "error");
    assert_string_equal(finding->confidence, "high");
    ships.is_left_out[1] = false;
    fixture->shipped.python.is_machine_assumed = true;
    finding = lint_expect(fixture, rule, "2 deployed files", "a/b.pyd", 0);
    assert_string_equal(finding->confidence, "medium");
    lint_expect_words(fixture, finding, "--python-version 3.11");
}

static void packages_that_pip_compiled_are_told(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_native_without_remote_build;
    struct lint_fixture *fixture = *state;
    const char *wheel[] = {"cp311-cp311-manylinux_2_17_x86_64"};
    const char *own[] = {"cp311-cp311-linux_x86_64"};
    struct ships ships;

    ship(fixture, &ships);
    fixture->shipped.distribution_count = 2;
    for (size_t i = 0; i < 2; i++) {
        ships.distributions[i] =
            (struct thaw_shipped_distribution){.name = i ? "lxml" : "numpy",
                                               .info = i ? "lxml.dist-info" : "numpy.dist-info"};
        ships.distributions[i].tags = (struct thaw_texts){i ? own : wheel, 1};
        ships.distributions[i].kinds[THAW_FILE_NATIVE].files = 1;
        add_file(fixture, i ? "lxml/etree.so" : "numpy/core.so", THAW_FILE_NATIVE, 9)
            ->distribution = (uint32_t)i;
    }
    lint_expect(fixture, rule, "lxml was compiled", "lxml.dist-info", 0);
    assert_int_equal(lint_fixture_count(fixture, rule->kind.id), 1);
    ships.is_left_out[1] = true;
    lint_expect_none(fixture, rule);
}

static void what_is_too_large_is_told(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_package_too_large;
    struct lint_fixture *fixture = *state;
    struct ships ships;

    ship(fixture, &ships);
    ships.limits[0] = (struct thaw_shipped_limit){.id = "azure-consumption-unpacked",
                                                  .platform = "azure_functions",
                                                  .what = "what its apps unpack",
                                                  .limit_bytes = 500000000,
                                                  .bytes = 900000000,
                                                  .is_hard = true,
                                                  .source = "learn.microsoft.com/x",
                                                  .dated = "2026-11"};
    ships.limits[1] = ships.limits[0];
    ships.limits[1].id = "lambda-unzipped";
    ships.limits[1].platform = "aws_lambda";
    fixture->shipped.limit_count = 2;
    fixture->project.deployed.bytes = 400000000;
    fixture->project.plan.value = "consumption";
    lint_expect_none(fixture, rule); /* the rest of the folder isn't deployed */
    fixture->project.deployed.bytes = 600000000;
    lint_expect(fixture, rule, "600.0 MB is deployed, the limit is 500.0 MB", "", 0);
    assert_int_equal(lint_fixture_count(fixture, rule->kind.id), 1);
    fixture->project.plan.value = "flex";
    lint_expect_none(fixture, rule);
}

/* Extensions of the host have libraries of .NET in bin/, which run anywhere. */
static void libraries_of_the_host_are_not_foreign(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_foreign_platform_library;
    struct lint_fixture *fixture = *state;
    struct ships ships;

    ship(fixture, &ships);
    ships.foreign[0] = (struct thaw_shipped_foreign){"bin/Extension.dll", 0, "for Windows"};
    ships.foreign[1] = (struct thaw_shipped_foreign){"numpy.libs/blas.dll", 0, "for Windows"};
    fixture->shipped.foreign_count = 2;
    add_file(fixture, "bin/Extension.dll", THAW_FILE_NATIVE, 100);
    lint_expect_none(fixture, rule);
    add_file(fixture, "numpy.libs/blas.dll", THAW_FILE_NATIVE, 100)->distribution = 0;
    lint_expect(fixture, rule, "1 deployed file can't be loaded there: for Windows",
                "numpy.libs/blas.dll", 0);
}

static void a_readme_needs_no_funcignore(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_file *file;
    struct ships ships;

    ship(fixture, &ships);
    add_file(fixture, "function_app.py", THAW_FILE_PYTHON, 3000);
    file = add_file(fixture, "README.md", THAW_FILE_DOCS, 4000);
    lint_expect_none(fixture, &thaw_rule_funcignore_missing);
    file->bytes = 100000;
    lint_expect(fixture, &thaw_rule_funcignore_missing, "documentation", "", 0);
    file->bytes = 4000;
    add_file(fixture, "tests/test_app.py", THAW_FILE_TESTS, 9);
    lint_expect(fixture, &thaw_rule_funcignore_missing, "tests", "", 0);
}

static void nothing_to_leave_out_needs_no_funcignore(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_funcignore_missing;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;
    struct ships ships;

    ship(fixture, &ships);
    add_file(fixture, "function_app.py", THAW_FILE_PYTHON, 3000000);
    add_file(fixture, ".python_packages/lib/site-packages/a.py", THAW_FILE_PYTHON, 10);
    add_file(fixture, "a/tests/data.bin", THAW_FILE_TESTS, 10)->distribution = 0;
    lint_expect_none(fixture, rule);
    add_file(fixture, "tests/test_app.py", THAW_FILE_TESTS, 900);
    add_file(fixture, ".vscode/launch.json", THAW_FILE_DATA, 100);
    finding = lint_expect(fixture, rule, "1.0 KB in 2 files is deployed for nothing", "", 0);
    lint_expect_words(fixture, finding, "tests: 1 file, 900 bytes; the largest is tests/test_app");
    assert_string_equal(finding->severity, "note");
    add_file(fixture, "study.ipynb", THAW_FILE_DATA, 2000000);
    finding = lint_expect(fixture, rule, "notebooks", "", 0);
    assert_string_equal(finding->severity, "warning");
    fixture->project.has_funcignore = true;
    lint_expect_none(fixture, rule);
    fixture->project.has_funcignore = false;
    fixture->project.packaging.value = "container";
    lint_expect_none(fixture, rule);
}

static void a_zip_has_no_funcignore(void **state)
{
    struct lint_fixture *fixture = *state;
    struct ships ships;

    ship(fixture, &ships);
    add_file(fixture, "tests/test_app.py", THAW_FILE_TESTS, 900);
    fixture->project.is_zip = true;
    assert_false(lint_fixture_run(fixture, &thaw_rule_funcignore_missing));
}

static void dead_weight_is_told_when_it_is_much(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_dead_weight_shipped;
    struct lint_fixture *fixture = *state;
    const struct thaw_lint_finding *finding;
    struct ships ships;

    ship(fixture, &ships);
    add_file(fixture, "a/core.so", THAW_FILE_NATIVE, 20000000);
    add_file(fixture, "a/tests/data.bin", THAW_FILE_TESTS, 900000)->distribution = 0;
    lint_expect_none(fixture, rule);
    add_file(fixture, "a/doc/index.html", THAW_FILE_DOCS, 600000)->distribution = 0;
    finding = lint_expect(fixture, rule, "1.5 MB of the 21.5 MB", "", 0);
    lint_expect_words(fixture, finding, "documentation");
    ships.is_left_out[2] = true;
    lint_expect_none(fixture, rule);
    ships.is_left_out[2] = false;
    fixture->project.deployed.bytes = 90000000; /* less than a twentieth */
    lint_expect_none(fixture, rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(libraries_for_elsewhere_are_told),
        LINT_TEST(packages_that_pip_compiled_are_told),
        LINT_TEST(what_is_too_large_is_told),
        LINT_TEST(libraries_of_the_host_are_not_foreign),
        LINT_TEST(a_readme_needs_no_funcignore),
        LINT_TEST(nothing_to_leave_out_needs_no_funcignore),
        LINT_TEST(a_zip_has_no_funcignore),
        LINT_TEST(dead_weight_is_told_when_it_is_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
