/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over what requirements files ask for, and over what a build would find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lint/rules.h"
#include "lint_expect.h"

#define FILE_NAME "requirements.txt"

static void requirements_are_pinned(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_requirement_not_pinned;
    const struct thaw_lint_finding *finding;
    struct thaw_requirement *requirement;

    assert_false(lint_fixture_run(*state, rule));
    lint_fixture_requirement(*state, "requests", "2.32.3");
    lint_fixture_requirement(*state, "azure-functions", NULL);         /* the platform's own */
    lint_fixture_requirement(*state, "azure-functions-runtime", NULL); /* likewise */
    lint_fixture_requirement(*state, "own", NULL)->is_editable = true;
    lint_fixture_requirement(*state, "pywin32", NULL)->applies = false;
    lint_expect_none(*state, rule);
    lint_fixture_requirement(*state, "pandas", NULL);
    requirement = lint_fixture_requirement(*state, "", NULL);
    requirement->text = "https://example.org";
    finding = lint_expect(*state, rule, "2 of 7 requirements are not pinned", FILE_NAME, 6);
    lint_expect_words(*state, finding, "pandas, https://example.org");
    assert_string_equal(finding->severity, "warning");
}

static void many_names_are_cut(void **state)
{
    static const char *const names[] = {"pandas", "numpy", "scipy",  "httpx",   "rich",
                                        "attrs",  "click", "jinja2", "requests"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        lint_fixture_requirement(*state, names[i], NULL);
    lint_expect(*state, &thaw_rule_requirement_not_pinned, "and 3 more", FILE_NAME, 1);
}

static void a_name_is_told_once(void **state)
{
    const struct thaw_lint_finding *finding;

    lint_fixture_requirement(*state, "pydantic", NULL)->applies = false; /* by its marker */
    lint_fixture_requirement(*state, "pydantic", NULL);
    lint_fixture_requirement(*state, "pydantic", NULL); /* with an extra */
    lint_fixture_requirement(*state, "rich", "14.0.0");
    finding = lint_expect(*state, &thaw_rule_requirement_not_pinned,
                          "1 of 2 requirements is not pinned", FILE_NAME, 2);
    assert_string_equal(finding->evidence[0], "not to one version: pydantic");
}

static void a_lock_file_makes_it_a_note(void **state)
{
    const struct thaw_lint_finding *finding;

    lint_fixture_requirement(*state, "pandas", NULL);
    lint_fixture_manifest(*state, "uv.lock")->is_lock = true;
    finding = lint_expect(*state, &thaw_rule_requirement_not_pinned, "uv.lock pins", FILE_NAME, 1);
    assert_string_equal(finding->severity, "note");
}

static void hashes_are_all_or_none(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_requirements_not_hashed;
    const struct thaw_lint_finding *finding;
    struct thaw_requirement *requirement;

    lint_fixture_requirement(*state, "pandas", NULL);
    lint_expect_none(*state, rule); /* pins come first */
    ((struct lint_fixture *)*state)->memory.requirements.items[0].is_pinned = true;
    finding = lint_expect(*state, rule, "0 of 1 requirements", FILE_NAME, 1);
    assert_string_equal(finding->severity, "note");
    requirement = lint_fixture_requirement(*state, "requests", "2.32.3");
    requirement->is_hashed = true;
    finding = lint_expect(*state, rule, "pip refuses", FILE_NAME, 1);
    assert_string_equal(finding->severity, "error");
    ((struct lint_fixture *)*state)->memory.requirements.items[0].is_hashed = true;
    lint_expect_none(*state, rule);
}

static void the_worker_is_the_platforms(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_worker_in_requirements;

    lint_fixture_requirement(*state, "azure-functions", "1.21.3");
    lint_fixture_requirement(*state, "azure-functions-worker-extra", "1.0");
    lint_expect_none(*state, rule);
    lint_fixture_requirement(*state, "azure-functions-worker", "4.34.0");
    lint_expect(*state, rule, "must not bring it", FILE_NAME, 3);
}

static void pre_releases_of_the_runtime_are_told(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_runtime_pinned_prerelease;

    lint_fixture_requirement(*state, "azure-functions-runtime", "1.3.0");
    lint_fixture_requirement(*state, "azure-functions-runtime", NULL);
    lint_fixture_requirement(*state, "pandas", "3.0.0rc1");
    lint_expect_none(*state, rule);
    lint_fixture_requirement(*state, "azure-functions-runtime", "1.4.0b2");
    lint_expect(*state, rule, "the pre-release 1.4.0b2", FILE_NAME, 4);
}

static void development_packages_are_told_together(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_development_package_shipped;

    lint_fixture_requirement(*state, "pandas", "3.0.0");
    lint_fixture_requirement(*state, "pytest", "9.0")->applies = false;
    lint_expect_none(*state, rule);
    lint_fixture_requirement(*state, "pytest", "9.0");
    lint_fixture_requirement(*state, "black", "26.1");
    lint_expect(*state, rule, "pytest, black are for development", FILE_NAME, 3);
    assert_int_equal(lint_fixture_count(*state, rule->kind.id), 1);
}

static void ended_and_needless_packages_are_told(void **state)
{
    lint_fixture_requirement(*state, "azure-storage-blob", "12.24.0");
    lint_expect_none(*state, &thaw_rule_package_ended);
    lint_expect_none(*state, &thaw_rule_standard_library_required);
    lint_fixture_requirement(*state, "azure-storage", "0.37.0");
    lint_fixture_requirement(*state, "asyncio", "3.4.3");
    lint_expect(*state, &thaw_rule_package_ended, "use azure-storage-blob", FILE_NAME, 2);
    lint_expect(*state, &thaw_rule_standard_library_required, "asyncio is in the standard library",
                FILE_NAME, 3);
}

static void imported_libraries_are_required(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_functions_library_missing;

    lint_fixture_import(*state, "json");
    lint_fixture_import(*state, "azure.functions");
    assert_false(lint_fixture_run(*state, rule)); /* no requirements.txt */
    lint_fixture_manifest(*state, FILE_NAME);
    lint_expect(*state, rule, "azure-functions is not required", "function_app.py", 2);
    lint_fixture_requirement(*state, "azure-functions-durable", "1.3.0");
    lint_expect_none(*state, rule); /* it brings the other one */
    lint_fixture_import(*state, "azure.durable_functions.models");
    lint_expect_none(*state, rule);
}

static void what_may_bring_a_library_keeps_it_silent(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_functions_library_missing;

    lint_fixture_import(*state, "azure.durable_functions");
    lint_fixture_import(*state, "azurefunctions.extensions.http.fastapi");
    lint_fixture_manifest(*state, FILE_NAME);
    lint_fixture_requirement(*state, "azure-functions", "1.21.3");
    lint_fixture_requirement(*state, "azurefunctions-extensions-http-fastapi", "1.0.0");
    lint_expect(*state, rule, "azure.durable_functions is imported", "function_app.py", 1);
    assert_int_equal(lint_fixture_count(*state, rule->kind.id), 1);
    lint_fixture_requirement(*state, "", NULL)->text = "./libraries/own.whl";
    lint_expect_none(*state, rule);
}

static void a_library_in_the_folder_is_there(void **state)
{
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_distribution distribution = {.name = "Azure_Functions"};

    fixture->shipped.distributions = &distribution;
    fixture->shipped.distribution_count = 1;
    lint_fixture_import(fixture, "azure.functions");
    lint_fixture_manifest(fixture, FILE_NAME);
    lint_expect_none(fixture, &thaw_rule_functions_library_missing);
}

static void the_librarys_own_source_is_there(void **state)
{
    struct thaw_shipped_file file = {.path = "azure/functionsfoo/__init__.py"};
    struct lint_fixture *fixture = *state;

    fixture->shipped.files = &file;
    fixture->shipped.file_count = 1;
    lint_fixture_import(fixture, "azure.functions");
    lint_fixture_manifest(fixture, FILE_NAME);
    lint_expect(fixture, &thaw_rule_functions_library_missing, "azure-functions is not required",
                "function_app.py", 1);
    file.path = "azure/functions/__init__.py";
    lint_expect_none(fixture, &thaw_rule_functions_library_missing);
}

static void a_build_reads_certain_files(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_manifest_not_read_by_build;
    const struct thaw_lint_finding *finding;

    lint_fixture_manifest(*state, "pyproject.toml"); /* of a linter: it asks for nothing */
    lint_expect_none(*state, rule);
    lint_fixture_manifest(*state, "uv.lock")->is_lock = true;
    finding = lint_expect(*state, rule, "may not read uv.lock", "uv.lock", 0);
    assert_string_equal(finding->severity, "warning");
    lint_fixture_manifest(*state, "Pipfile")->requirements = 3;
    finding = lint_expect(*state, rule, "reads no uv.lock", "uv.lock", 0);
    assert_string_equal(finding->severity, "error");
    lint_fixture_manifest(*state, FILE_NAME);
    lint_expect_none(*state, rule);
}

static void images_and_shipped_packages_need_no_remote_build(void **state)
{
    const struct thaw_lint_rule *rule = &thaw_rule_manifest_not_read_by_build;
    struct lint_fixture *fixture = *state;
    struct thaw_shipped_distribution distribution = {.name = "pandas"};

    lint_fixture_manifest(fixture, "Pipfile")->requirements = 3;
    fixture->project.packaging.value = "container";
    lint_expect_none(fixture, rule);
    fixture->project.packaging.value = "zip";
    lint_expect(fixture, rule, "Pipfile", "Pipfile", 0);
    fixture->shipped.distributions = &distribution;
    fixture->shipped.distribution_count = 1;
    lint_expect_none(fixture, rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINT_TEST(requirements_are_pinned),
        LINT_TEST(many_names_are_cut),
        LINT_TEST(a_name_is_told_once),
        LINT_TEST(a_lock_file_makes_it_a_note),
        LINT_TEST(hashes_are_all_or_none),
        LINT_TEST(the_worker_is_the_platforms),
        LINT_TEST(pre_releases_of_the_runtime_are_told),
        LINT_TEST(development_packages_are_told_together),
        LINT_TEST(ended_and_needless_packages_are_told),
        LINT_TEST(imported_libraries_are_required),
        LINT_TEST(what_may_bring_a_library_keeps_it_silent),
        LINT_TEST(a_library_in_the_folder_is_there),
        LINT_TEST(the_librarys_own_source_is_there),
        LINT_TEST(a_build_reads_certain_files),
        LINT_TEST(images_and_shipped_packages_need_no_remote_build),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
