/* SPDX-License-Identifier: Apache-2.0 */
/* What the user's folders require, as what it can be imported, and where it is named. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "inventory/app_requirements.h"
#include "scratch.h"

static struct scratch scratch;
static struct thaw_distributions *distributions;
static char told[8192]; /* "line name [modules] [groups] [mentioned]" of each, a line */

static int make_app(void **state)
{
    (void)state;
    scratch_make(&scratch);
    scratch_write_text(&scratch, "site/azure_storage_blob-12.0.dist-info/METADATA",
                       "Name: azure-storage-blob\nVersion: 12.0\n");
    scratch_write_text(
        &scratch, "site/azure_storage_blob-12.0.dist-info/RECORD",
        "azure/storage/blob/_shared/__init__.py,,\nazure/storage/blob/__init__.py,,\n"
        "azure/storage/blob/_client.py,,\n../../bin/x.py,,\n");
    scratch_write_text(&scratch, "site/PyMySQL-1.0.dist-info/METADATA",
                       "Name: PyMySQL\nVersion: 1.0\n");
    scratch_write_text(&scratch, "site/PyMySQL-1.0.dist-info/RECORD",
                       "pymysql/__init__.py,,\n_fast.cpython-311-x86_64-linux-gnu.so,,\n"
                       "types-stubs/__init__.py,,\nsix.py,,\nbin/run,,\n");
    scratch_write_text(&scratch, "site/PyMySQL-1.0.dist-info/entry_points.txt",
                       "[console_scripts]\nrun = pymysql:run\n\n[sqlalchemy.dialects]\nx = y\n");
    scratch_write_text(&scratch, "site/other-1.0.dist-info/METADATA", "Name: other\nVersion: 1\n");
    scratch_write_text(&scratch, "site/other-1.0.dist-info/RECORD", "other.py,,\n");
    scratch_write_text(&scratch, "site/six.py", "");
    scratch_write_text(&scratch, "app/main.py", "import os\n");
    scratch_write_text(
        &scratch, "app/requirements.txt",
        "# comment\nazure_storage.blob>=12  # why\npymysql ; python_version<'3.9'\n"
        "missing\n-r more.txt\n-r ../out.txt\nother @ https://user:secret@host/o.whl\n");
    scratch_write_text(&scratch, "app/more.txt", "PyMySQL[rsa]==1.0\nazure-storage-blob\n");
    scratch_write_text(&scratch, "out.txt", "other\n");
    return thaw_distributions_open(&distributions, NULL);
}

static int remove_app(void **state)
{
    (void)state;
    thaw_distributions_close(distributions);
    scratch_remove(&scratch);
    return 0;
}

static void add_texts(const struct thaw_texts *texts)
{
    strcat(told, " [");
    for (uint64_t i = 0; i < texts->count; i++) {
        const char *slash = strrchr(texts->items[i], '/');

        strcat(strcat(told, i ? " " : ""), slash ? slash + 1 : texts->items[i]);
    }
    strcat(told, "]");
}

static int take(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    const struct thaw_inventory_requirement *row = &event->inventory_requirement;

    (void)context;
    (void)error;
    sprintf(told + strlen(told), "%u %s", (unsigned)row->line, row->name);
    add_texts(&row->modules);
    add_texts(&row->groups);
    add_texts(&row->mentioned);
    strcat(told, "\n");
    return 0;
}

static int collect(const char *name, bool own)
{
    const struct thaw_source_file source = {.name = name,
                                            .path = scratch_path(&scratch, name),
                                            .own = own};
    const struct thaw_inventory_subject subject = {
        .executable = "", .version = "", .sources = &source, .source_count = 1};
    const struct thaw_inventory_request request = {.interpreters = &subject,
                                                   .interpreter_count = 1};

    told[0] = '\0';
    return thaw_app_requirements(&request, distributions, take, NULL, NULL);
}

static void requirements_are_told_with_what_they_are_imported_as(void **state)
{
    (void)state;
    assert_int_equal(thaw_distributions_add_site(distributions, scratch_path(&scratch, "site"),
                                                 "3.11", NULL),
                     0);
    assert_int_equal(collect("app/main.py", true), 0);
    assert_string_equal(told, "2 azure_storage.blob [azure.storage.blob] [] []\n"
                              "1 PyMySQL [pymysql _fast six] [sqlalchemy.dialects] []\n");
    /* not the user's; no requirements.txt beside it */
    assert_int_equal(collect("app/main.py", false), 0);
    assert_string_equal(told, "");
    assert_int_equal(collect("site/six.py", true), 0);
    assert_string_equal(told, "");
}

static void words_are_looked_for_in_code_and_settings(void **state)
{
    (void)state;
    scratch_write_text(&scratch, "app/deep/er/later.py",
                       "def f():\n    import azure.storage.blob\n");
    scratch_write_text(&scratch, "app/setup.py", "install_requires=['pymysql']\n");
    scratch_write_text(&scratch, "app/notes.txt", "pymysql\n");
    scratch_write_text(&scratch, "app/.hidden/x.py", "import pymysql\n");
    scratch_write_text(&scratch, "app/venv/pyvenv.cfg", "");
    scratch_write_text(&scratch, "app/venv/lib/x.py", "import pymysql\n");
    scratch_write_text(&scratch, "app/near.py", "pymysql2 = _pymysql\n");
    assert_int_equal(collect("app/main.py", true), 0);
    assert_string_equal(told, "2 azure_storage.blob [azure.storage.blob] [] [later.py]\n"
                              "1 PyMySQL [pymysql _fast six] [sqlalchemy.dialects] []\n");
    scratch_write_text(&scratch, "app/local.env", "DATABASE=mysql+pymysql://host/name\n");
    assert_int_equal(collect("app/main.py", true), 0);
    assert_non_null(strstr(told, "[sqlalchemy.dialects] [local.env]\n"));
    /* what a link leads to is not read: then nothing is certain */
    scratch_link(&scratch, "app/linked.py", "../out.txt");
    assert_int_equal(collect("app/main.py", true), 0);
    assert_non_null(strstr(told, "[sqlalchemy.dialects] [local.env ]\n"));
}

static void without_memory_it_fails(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        int result = collect("app/main.py", true);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_are_told_with_what_they_are_imported_as),
        cmocka_unit_test(words_are_looked_for_in_code_and_settings),
        cmocka_unit_test(without_memory_it_fails),
    };

    return cmocka_run_group_tests(tests, make_app, remove_app);
}
