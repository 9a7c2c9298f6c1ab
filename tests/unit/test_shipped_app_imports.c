/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shipped_tree.h"

static struct scratch scratch;

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void add(const char *site, const char *name, const char *files)
{
    shipped_write(&scratch, &(struct shipped_wheel){site, name, "1.0", "", files, NULL, true});
}

/* The files that import it, or "". */
static void expect(const struct thaw_shipped *shipped, const char *name, const char *files)
{
    const struct thaw_shipped_distribution *found = shipped_find(shipped, name);

    assert_string_equal(shipped_joined(&found->required_by), files);
    assert_int_equal(found->is_imported_by_app, *files != '\0');
}

static void modules_are_found_by_their_files(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("s/", "one", "one/__init__.py\none/part/__init__.py");
    add("s/", "two", "two.py");
    add("s/", "three", "_three.cpython-311-x86_64-linux-gnu.so");
    add("s/", "four", "four/__init__.py");
    scratch_write_text(&scratch, "main.py", "import one.part.value, os\nimport two.value\n");
    scratch_write_text(&scratch, "lib/deep.py", "from one import part\nimport _three, one\n");
    scratch_write_text(&scratch, "tests/test_main.py", "import four\n");
    scratch_write_text(&scratch, "note.txt", "import four\n");
    shipped = shipped_read(&scratch);
    expect(shipped, "one", "main.py|lib/deep.py");
    expect(shipped, "two", "main.py");
    expect(shipped, "three", "lib/deep.py");
    expect(shipped, "four", "");
    thaw_shipped_free(shipped);
}

static void parts_of_a_namespace_are_told_apart(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("s/", "a-core", "ns/core/__init__.py");
    add("s/", "a-blob", "ns/storage/blob/__init__.py");
    add("s/", "a-queue", "ns/storage/queue.py");
    scratch_write_text(&scratch, "one.py", "from ns.storage import queue, gone\nimport ns\n");
    scratch_write_text(&scratch, "two.py", "import ns.storage.blob.value\nimport ns.nothing\n");
    shipped = shipped_read(&scratch);
    expect(shipped, "a-core", "");
    expect(shipped, "a-queue", "one.py");
    expect(shipped, "a-blob", "two.py");
    thaw_shipped_free(shipped);
}

static void the_apps_own_modules_come_first(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("s/", "helpers", "helpers/__init__.py");
    add("s/", "utils", "utils.py");
    add("s/", "inner", "inner.py");
    scratch_write_text(&scratch, "helpers/__init__.py", "");
    scratch_write_text(&scratch, "utils.py", "");
    scratch_write_text(&scratch, "pkg/inner.py", "");
    scratch_write_text(&scratch, "main.py", "import helpers, utils, inner\n");
    shipped = shipped_read(&scratch);
    expect(shipped, "helpers", "");
    expect(shipped, "utils", "");
    expect(shipped, "inner", "main.py");
    thaw_shipped_free(shipped);
}

static void distributions_beside_the_app_are_not_its_own(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("", "one", "one/__init__.py\none/two.py");
    add("", "two", "two.py");
    scratch_write_text(&scratch, "lambda_function.py", "import one\n");
    scratch_write_text(&scratch, "one/two.py", "import two\n"); /* the distribution's */
    shipped = shipped_read(&scratch);
    expect(shipped, "one", "lambda_function.py");
    expect(shipped, "two", "");
    thaw_shipped_free(shipped);
}

static void environments_and_the_standard_library_are_not_the_apps(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add(".venv/lib/python3.11/site-packages/", "one", "one.py");
    scratch_write_text(&scratch, ".venv/pyvenv.cfg", "version = 3.11.2\n");
    scratch_write_text(&scratch, ".venv/bin/script.py", "import one\n");
    scratch_write_text(&scratch, "python/lib/python3.11/ensurepip.py", "import one\n");
    scratch_write_text(&scratch, "lib/x.py", "");
    shipped = shipped_read(&scratch);
    expect(shipped, "one", "");
    thaw_shipped_free(shipped);
    scratch_write_text(&scratch, "lib/x.py", "import one\n");
    shipped = shipped_read(&scratch);
    expect(shipped, "one", "lib/x.py");
    thaw_shipped_free(shipped);
}

static void in_a_container_the_app_is_where_platforms_put_it(void **state)
{
    struct thaw_shipped *shipped;

    (void)state;
    add("usr/lib/python3/dist-packages/", "one", "one.py");
    scratch_write_text(&scratch, "etc/os-release", "ID=debian\n");
    scratch_write_text(&scratch, "usr/share/tool/tool.py", "import one\n");
    scratch_write_text(&scratch, "usr/share/tool/requirements.txt", "one\n");
    scratch_write_text(&scratch, "home/site/wwwroot/function_app.py", "import json\n");
    shipped = shipped_read(&scratch);
    assert_string_equal(shipped->kind, "container-root");
    expect(shipped, "one", "");
    assert_int_equal(shipped->request_count, 0);
    thaw_shipped_free(shipped);
    scratch_write_text(&scratch, "home/site/wwwroot/function_app.py", "import one\n");
    scratch_write_text(&scratch, "home/site/wwwroot/requirements.txt", "two\n");
    shipped = shipped_read(&scratch);
    expect(shipped, "one", "home/site/wwwroot/function_app.py");
    assert_int_equal(shipped->request_count, 1);
    thaw_shipped_free(shipped);
}

static void too_much_source_is_told(void **state)
{
    struct thaw_shipped *shipped;
    char *text = malloc((size_t)5 << 20), name[32];

    (void)state;
    assert_non_null(text);
    add("s/", "one", "one.py");
    memset(text, '\n', (size_t)5 << 20);
    scratch_write(&scratch, "large.py", text, (size_t)5 << 20);
    free(text);
    for (int i = 0; i < 2001; i++) {
        snprintf(name, sizeof(name), "m/m%04d.py", i);
        scratch_write_text(&scratch, name, "import one\n");
    }
    shipped = shipped_read(&scratch);
    assert_int_equal(shipped_find(shipped, "one")->required_by.count, 2000);
    assert_non_null(shipped_fault_of(shipped, "large.py"));
    assert_non_null(strstr(shipped_fault_of(shipped, ""), "2000"));
    thaw_shipped_free(shipped);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(modules_are_found_by_their_files),
        TEST(parts_of_a_namespace_are_told_apart),
        TEST(the_apps_own_modules_come_first),
        TEST(distributions_beside_the_app_are_not_its_own),
        TEST(environments_and_the_standard_library_are_not_the_apps),
        TEST(in_a_container_the_app_is_where_platforms_put_it),
        TEST(too_much_source_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
