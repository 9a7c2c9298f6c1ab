/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "timeline/paths.h"
#include "timeline_fixture.h"

static void names_are_found_in_paths(void **state)
{
    (void)state;
    assert_true(thaw_path_holds_module("/x/api.py", "pandas.io.api"));
    assert_true(thaw_path_holds_module("/x/__pycache__/api.cpython-311.pyc", "pandas.io.api"));
    assert_true(thaw_path_holds_module("api.abi3.so", "api"));
    assert_true(thaw_path_holds_module("/x/io/__init__.py", "pandas.io"));
    assert_true(thaw_path_holds_module("/x/io/__pycache__/__init__.cpython-311.pyc", "pandas.io"));
    assert_false(thaw_path_holds_module("/x/apis.py", "api"));
    assert_false(thaw_path_holds_module("/x/ap.py", "api"));
    assert_false(thaw_path_holds_module("/x/other/__init__.py", "pandas.io"));
    assert_false(thaw_path_holds_module("", "api"));
    assert_false(thaw_path_holds_module("/", ""));
    assert_false(thaw_path_holds_module("__init__.py", "a"));
}

static void paths_are_shown_from_their_root(void **state)
{
    (void)state;
    assert_string_equal(thaw_path_from_root("/s/pandas/io/api.py", "pandas.io.api"),
                        "pandas/io/api.py");
    assert_string_equal(thaw_path_from_root("/s/pandas/io/__init__.py", "pandas.io"),
                        "pandas/io/__init__.py");
    assert_string_equal(thaw_path_from_root("/app/function_app.py", "function_app"),
                        "function_app.py");
    assert_string_equal(thaw_path_from_root("/app/First/__init__.py", "__app__.First"),
                        "First/__init__.py");
    assert_string_equal(thaw_path_from_root("/app/x.py", "other"), "x.py");
    assert_string_equal(thaw_path_from_root("x.py", "x"), "x.py");
    assert_string_equal(thaw_path_from_root("x.py", "a.b.x"), "x.py");
    assert_string_equal(thaw_path_from_root("", ""), "");
}

static void folders_of_packages_and_archives_are_found(void **state)
{
    (void)state;
    assert_int_equal(thaw_path_packages("/a/site-packages/x.py"), strlen("/a/site-packages"));
    assert_int_equal(thaw_path_packages("/a/.python_packages/lib/site-packages/x.py"),
                     strlen("/a/.python_packages/lib/site-packages"));
    assert_int_equal(thaw_path_packages("/a/.python_packages/x.py"), strlen("/a/.python_packages"));
    assert_int_equal(thaw_path_packages("/a/site-packages"), 0);
    assert_int_equal(thaw_path_packages("/a/my-site-packages/x.py"), 0);
    assert_int_equal(thaw_path_packages(""), 0);
    assert_int_equal(thaw_path_archive("/a/b.zip/c.py"), strlen("/a/b.zip"));
    assert_int_equal(thaw_path_archive("/a/b.egg/c/d.py"), strlen("/a/b.egg"));
    assert_int_equal(thaw_path_archive("/a/b.zip"), 0);
    assert_int_equal(thaw_path_archive("/a/.zip/c.py"), 0);
    assert_int_equal(thaw_path_archive("b.py"), 0);
}

static void directories_hold_what_is_below_them(void **state)
{
    struct thaw_arena arena = {0};

    (void)state;
    assert_true(thaw_path_below("/app/x.py", "/app"));
    assert_false(thaw_path_below("/apple/x.py", "/app"));
    assert_false(thaw_path_below("/app", "/app"));
    assert_false(thaw_path_below("/app/x.py", ""));
    assert_string_equal(thaw_path_directory(&arena, "/a/b.py"), "/a");
    assert_string_equal(thaw_path_directory(&arena, "b.py"), "");
    assert_true(thaw_path_ends_with("a.pyc", ".pyc"));
    assert_false(thaw_path_ends_with("yc", ".pyc"));
    thaw_arena_free(&arena);
}

/* The innermost root decides; what is installed is a package, wherever it was installed. */
static void owners_are_told_by_the_innermost_root(void **state)
{
    struct timeline_fixture fixture;
    static const struct {
        const char *name, *owner;
    } expected[] = {
        {"function_app", "app"}, {"requests", "package"}, {"grpc", "worker"}, {"json", "stdlib"},
        {"_ssl", "stdlib"},      {"pip", "package"},      {"stray", ""},      {"tied", "worker"},
        {"vendored", "package"}, {"editable", "package"}, {"lazy", "stdlib"},
    };

    (void)state;
    timeline_fixture_build(
        &fixture,
        "10 process.exec executable=\"/py\"\n"
        "10 process.role role=\"worker\" platform=\"p\" directory=\"/opt/site-packages/worker\"\n"
        "10 interpreter executable=\"/py\" version=\"3.11.2\" coverage=\"from start\"\n"
        "11 message type=\"WorkerInitRequest\" last_ns=11 connection=1 directory=\"/app/\"\n"
        "20 body.begin name=\"function_app\" file=\"/app/function_app.py\" stack=90 own=1\n"
        "21 body.end stack=90\n"
        "22 body.begin name=\"requests\" file=\"/app/.python_packages/requests.py\" stack=90 "
        "own=1\n"
        "23 body.end stack=90\n"
        "24 body.begin name=\"grpc\" file=\"/opt/site-packages/worker/grpc.py\" stack=90 own=1\n"
        "25 body.end stack=90\n"
        "26 body.begin name=\"json\" file=\"/usr/lib/py/json.py\" stack=90 own=1\n"
        "27 body.end stack=90\n"
        "28 import.begin name=\"_ssl\" stack=90\n"
        "29 dlopen.begin path=\"/usr/lib/py/lib-dynload/_ssl.cpython-311.so\" stack=80\n"
        "30 import.end stack=90\n"
        "32 body.begin name=\"pip\" file=\"/usr/lib/py/site-packages/pip.py\" stack=90 own=1\n"
        "33 body.end stack=90\n"
        "34 body.begin name=\"stray\" file=\"/srv/stray.py\" stack=90 own=1\n"
        "35 body.end stack=90\n"
        /* a folder that is a site and the worker's own at once */
        "36 body.begin name=\"tied\" file=\"/opt/site-packages/worker/tied.py\" stack=90 own=1\n"
        "37 body.end stack=90\n"
        "38 body.begin name=\"vendored\" file=\"/app/vendored.py\" stack=90 own=1\n"
        "39 body.end stack=90\n"
        "40 body.begin name=\"editable\" file=\"/src/editable.py\" stack=90 own=1\n"
        "41 body.end stack=90\n"
        "42 body.begin name=\"lazy\" file=\"<frozen lazy>\" stack=90 own=1\n"
        "43 body.end stack=90\n"
        "50 inventory.interpreter executable=\"/py\" version=\"3.11.2\" stdlib=[\"/usr/lib/py\"] "
        "sites=[\"/usr/lib/py/site-packages\",\"/opt/site-packages/worker\"]\n"
        "51 inventory.file path=\"/app/vendored.py\" distribution=\"Vendored\"\n"
        "52 inventory.file path=\"/src/editable.py\" distribution=\"editable\"\n"
        "53 inventory.file path=\"/app/function_app.py\"\n");
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_string_equal(timeline_module(&fixture, expected[i].name, 0)->owner,
                            expected[i].owner);
    assert_string_equal(timeline_module(&fixture, "vendored", 0)->distribution, "Vendored");
    assert_string_equal(timeline_module(&fixture, "function_app", 0)->distribution, "");
    timeline_fixture_free(&fixture);
}

static void children_of_a_worker_run_its_app(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture,
        "1 session.begin directory=\"/home\"\n"
        "10 process.fork pid=1 parent=9\n"
        "10 process.role role=\"worker\" platform=\"p\" directory=\"/opt/w\"\n"
        "11 message type=\"WorkerInitRequest\" last_ns=11 connection=1 directory=\"/app\"\n"
        "12 import.begin name=\"x\" stack=90\n"
        "13 process.fork pid=2 parent=1\n"
        "14 body.begin pid=2 tid=2 name=\"job\" file=\"/app/job.py\" stack=90 own=1\n"
        "15 body.begin pid=2 tid=2 name=\"w\" file=\"/opt/w/w.py\" stack=80 own=1\n"
        /* no relation of the worker's: not its app */
        "16 body.begin pid=3 tid=3 name=\"other\" file=\"/app/other.py\" stack=90 own=1\n"
        "17 body.begin pid=3 tid=3 name=\"home\" file=\"/home/home.py\" stack=80 own=1\n");
    assert_string_equal(timeline_module(&fixture, "job", 0)->owner, "app");
    assert_string_equal(timeline_module(&fixture, "w", 0)->owner, "worker");
    assert_string_equal(timeline_module(&fixture, "other", 0)->owner, "");
    assert_string_equal(timeline_module(&fixture, "home", 0)->owner, "");
    timeline_fixture_free(&fixture);
}

/* Without a platform: the working directory, and the folder of the script that runs. */
static void a_script_owns_its_own_folder(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture,
        "1 session.begin command=[\"python3\"] directory=\"/home\"\n"
        "10 body.begin name=\"__main__\" file=\"/srv/tool/main.py\" stack=99 own=1\n"
        "11 body.begin name=\"a\" file=\"/srv/tool/a.py\" stack=90 own=1\n"
        "12 body.end stack=90\n"
        "13 body.begin name=\"b\" file=\"/home/b.py\" stack=90 own=1\n"
        "14 body.end stack=90\n"
        /* an installed program: its folder is not the user's */
        "20 body.begin pid=2 tid=2 name=\"__main__\" file=\"/x/site-packages/pytest/m.py\" "
        "stack=99 own=1\n"
        "21 body.begin pid=2 tid=2 name=\"c\" file=\"/x/site-packages/pytest/c.py\" stack=90 "
        "own=1\n");
    assert_string_equal(timeline_module(&fixture, "a", 0)->owner, "app");
    assert_string_equal(timeline_module(&fixture, "b", 0)->owner, "app");
    assert_string_equal(timeline_module(&fixture, "c", 0)->owner, "package");
    timeline_fixture_free(&fixture);
}

static void a_worker_without_a_folder_has_its_scripts(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture, "10 process.role role=\"worker\" platform=\"p\"\n"
                  "11 body.begin name=\"__main__\" file=\"/opt/w/worker.py\" stack=99 own=1\n"
                  "12 body.begin name=\"a\" file=\"/opt/w/a.py\" stack=90 own=1\n");
    assert_string_equal(timeline_module(&fixture, "a", 0)->owner, "worker");
    timeline_fixture_free(&fixture);
}

/* `import a.b`, where loading a already loads b. */
static void what_was_loaded_on_the_way_is_the_same_module(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(
        &fixture,
        "10 interpreter executable=\"/py\" version=\"3.11.2\" coverage=\"from start\"\n"
        "10 import.begin name=\"a.b\" stack=90\n"
        "11 import.begin name=\"a\" stack=80\n"
        "12 body.begin file=\"/s/site-packages/a/__init__.py\" stack=79\n"
        "13 import.begin name=\"a.b\" stack=70\n"
        "14 file.open path=\"/s/site-packages/a/__pycache__/b.cpython-311.pyc\" result=3\n"
        "15 body.begin file=\"/s/site-packages/a/b.py\" stack=69\n"
        "16 import.end stack=70\n"
        "17 import.end stack=80\n"
        "18 import.end stack=90\n"
        /* a namespace package has no code at all; nor has one that is not found */
        "20 import.begin name=\"google\" stack=90\n"
        "21 import.end stack=90\n"
        "22 import.begin name=\"a.c\" stack=90\n"
        "23 import.end stack=90 failed=1\n"
        "24 import.begin name=\"sys2\" stack=90\n"
        "25 import.end stack=90\n"
        "30 inventory.interpreter executable=\"/py\" builtins=[\"sys2\"]\n"
        "31 inventory.file path=\"/s/site-packages/a/b.py\" distribution=\"A\"\n");
    for (size_t n = 0; n < 2; n++) {
        assert_string_equal(timeline_module(&fixture, "a.b", n)->kind, "bytecode");
        assert_string_equal(timeline_module(&fixture, "a.b", n)->short_file, "a/b.py");
        assert_string_equal(timeline_module(&fixture, "a.b", n)->distribution, "A");
        assert_string_equal(timeline_module(&fixture, "a.b", n)->owner, "package");
    }
    assert_string_equal(timeline_module(&fixture, "google", 0)->kind, "namespace");
    assert_string_equal(timeline_module(&fixture, "a.c", 0)->kind, "");
    assert_string_equal(timeline_module(&fixture, "sys2", 0)->kind, "builtin");
    assert_string_equal(timeline_module(&fixture, "sys2", 0)->owner, "stdlib");
    timeline_fixture_free(&fixture);
}

/* What wasn't probed can't be told from what isn't there. */
static void without_all_probes_nothing_is_a_namespace(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "1 probe name=\"loader.dlopen\" status=\"failed\" without=\"times\"\n"
                           "10 import.begin name=\"_ssl\" stack=90\n"
                           "11 import.end stack=90\n"
                           "12 body.begin name=\"x\" file=\"/x.py\" stack=90 own=1\n"
                           "30 inventory.interpreter executable=\"/py\"\n");
    assert_string_equal(timeline_module(&fixture, "_ssl", 0)->kind, "");
    assert_string_equal(timeline_module(&fixture, "x", 0)->kind, "");
    timeline_fixture_free(&fixture);
}

/* Opens before a module that has no frame yet are its caller's; only its own are taken. */
static void files_opened_for_a_coming_module_are_its_own(void **state)
{
    struct timeline_fixture fixture;

    (void)state;
    timeline_fixture_build(&fixture,
                           "10 body.begin name=\"__main__\" file=\"/app/m.py\" stack=99 own=1\n"
                           "11 file.open path=\"/app/__pycache__/a.cpython-311.pyc\" result=3\n"
                           "12 file.open path=\"/app/a.py\" result=3\n"
                           "13 body.begin name=\"a\" file=\"/app/a.py\" stack=90 own=1\n"
                           "14 body.end stack=90\n"
                           "15 body.begin name=\"a2\" file=\"/app/a2.py\" stack=90 own=1\n"
                           "16 body.end stack=90\n"
                           "17 file.open path=\"/app/b.py\" result=3\n"
                           "18 file.open path=\"/app/__pycache__/c.cpython-311.pyc\" result=3\n"
                           "19 body.begin name=\"c\" file=\"/app/c.py\" stack=90 own=1\n"
                           "20 body.end stack=90\n"
                           "21 body.begin name=\"b\" file=\"/app/b.py\" stack=90 own=1\n"
                           "22 body.end stack=90\n");
    assert_string_equal(timeline_module(&fixture, "a", 0)->kind, "source");
    assert_string_equal(timeline_module(&fixture, "a2", 0)->kind, "");
    assert_string_equal(timeline_module(&fixture, "c", 0)->kind, "bytecode");
    assert_string_equal(timeline_module(&fixture, "b", 0)->kind, "");
    timeline_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_in_paths),
        cmocka_unit_test(paths_are_shown_from_their_root),
        cmocka_unit_test(folders_of_packages_and_archives_are_found),
        cmocka_unit_test(directories_hold_what_is_below_them),
        cmocka_unit_test(owners_are_told_by_the_innermost_root),
        cmocka_unit_test(children_of_a_worker_run_its_app),
        cmocka_unit_test(a_script_owns_its_own_folder),
        cmocka_unit_test(a_worker_without_a_folder_has_its_scripts),
        cmocka_unit_test(what_was_loaded_on_the_way_is_the_same_module),
        cmocka_unit_test(without_all_probes_nothing_is_a_namespace),
        cmocka_unit_test(files_opened_for_a_coming_module_are_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
