/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/executed_files.h"
#include "chaos_malloc.h"
#include "scratch.h"

/* Recordings in text form: TIME KIND pid=… tid=… field=value … */
static struct thaw_recording *parse(const char *lines)
{
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};
    char text[8192];

    snprintf(text, sizeof(text), "thaw-recording-text 1\n%s", lines);
    if (thaw_recording_parse(text, strlen(text), &recording, &error) < 0)
        fail_msg("%s", error.message);
    return recording;
}

/* "EXECUTABLE NAME PATH own\n" for each file, in order. */
static void assert_files(const char *lines, const char *wanted)
{
    struct thaw_recording *recording = parse(lines);
    struct thaw_elsewhere elsewhere = {0};
    struct thaw_executed_files executed;
    char text[4096] = "";

    assert_int_equal(thaw_elsewhere_find(recording, &elsewhere), 0);
    assert_int_equal(thaw_executed_files_collect(recording, &elsewhere, &executed, NULL), 0);
    for (size_t i = 0; i < executed.files.count; i++) {
        const struct thaw_source_file *file = &executed.files.items[i];
        size_t length = strlen(text);

        snprintf(text + length, sizeof(text) - length, "%s %s %s%s\n",
                 executed.executables.items[i], file->name, file->path, file->own ? " own" : "");
    }
    assert_string_equal(text, wanted);
    thaw_executed_files_free(&executed);
    thaw_elsewhere_free(&elsewhere);
    thaw_recording_free(recording);
}

#define SESSION "1 session.begin directory=\"/home/me/app\"\n"
#define PYTHON "2 interpreter pid=7 tid=7 executable=\"/usr/bin/python3\"\n"

static void each_file_stands_once_with_its_interpreter(void **state)
{
    (void)state;
    assert_files(SESSION PYTHON "3 interpreter pid=8 tid=8 executable=\"/opt/bin/python3\"\n"
                                "4 body.begin pid=7 tid=7 file=\"/lib/b.py\"\n"
                                "5 body.begin pid=7 tid=9 file=\"/lib/a.py\"\n"
                                "6 body.begin pid=7 tid=7 file=\"/lib/b.py\"\n"
                                "7 body.begin pid=8 tid=8 file=\"/lib/b.py\"\n"
                                "8 body.begin pid=9 tid=9 file=\"/lib/unknown.py\"\n"
                                "9 body.begin pid=7 tid=7 file=\"<frozen os>\"\n"
                                "10 body.begin pid=7 tid=7 file=\"\"\n",
                 "/opt/bin/python3 /lib/b.py /lib/b.py\n"
                 "/usr/bin/python3 /lib/a.py /lib/a.py\n"
                 "/usr/bin/python3 /lib/b.py /lib/b.py\n");
}

static void processes_change_and_inherit_their_interpreter(void **state)
{
    (void)state;
    assert_files("2 body.begin pid=7 tid=7 file=\"/early.py\"\n"
                 "3 interpreter pid=7 tid=7 executable=\"/one\"\n"
                 "4 process.fork pid=8 tid=8 parent=7\n"
                 "5 body.begin pid=8 tid=8 file=\"/forked.py\"\n"
                 "6 interpreter pid=7 tid=7 executable=\"/two\"\n"
                 "7 body.begin pid=7 tid=7 file=\"/later.py\"\n"
                 "8 body.begin pid=8 tid=8 file=\"/forked2.py\"\n",
                 "/one /early.py /early.py\n/one /forked.py /forked.py\n"
                 "/one /forked2.py /forked2.py\n/two /later.py /later.py\n");
}

/* A path inside another root is another file here; so it is for what such a process forks. */
static void files_of_another_root_are_left_out(void **state)
{
    (void)state;
    assert_files("2 body.begin pid=7 tid=7 file=\"/early.py\"\n"
                 "3 interpreter pid=7 tid=7 executable=\"/one\" other_root=1\n"
                 "4 process.fork pid=8 tid=8 parent=7\n"
                 "5 interpreter pid=9 tid=9 executable=\"/one\"\n"
                 "6 body.begin pid=7 tid=7 file=\"/inside.py\"\n"
                 "7 body.begin pid=8 tid=8 file=\"/forked.py\"\n"
                 "8 body.begin pid=9 tid=9 file=\"/here.py\"\n",
                 "/one /here.py /here.py\n");
}

static void one_python_has_one_executable(void **state)
{
    (void)state;
    assert_files("2 interpreter pid=7 tid=7 executable=\"/v/bin/python\" library=\"/bin/python3\"\n"
                 "3 interpreter pid=8 tid=8 executable=\"/bin/python3\" library=\"/bin/python3\"\n"
                 "4 interpreter pid=9 tid=9 executable=\"/bin/python4\" library=\"/bin/python4\"\n"
                 "5 body.begin pid=8 tid=8 file=\"/a.py\"\n"
                 "6 body.begin pid=7 tid=7 file=\"/a.py\"\n"
                 "7 body.begin pid=9 tid=9 file=\"/a.py\"\n",
                 "/bin/python4 /a.py /a.py\n/v/bin/python /a.py /a.py\n");
}

static void the_users_files_lie_below_the_apps_folder(void **state)
{
    (void)state;
    assert_files(
        SESSION PYTHON
        "3 process.role pid=7 tid=7 role=\"worker\" directory=\"/host/worker\"\n"
        "4 message pid=7 tid=7 type=\"WorkerInitRequest\" directory=\"/site/wwwroot/\"\n"
        "5 body.begin pid=7 tid=7 file=\"/site/wwwroot/function_app.py\"\n"
        "6 body.begin pid=7 tid=7 file=\"/site/wwwroot/shared/db.py\"\n"
        "7 body.begin pid=7 tid=7 file=\"/site/wwwroot/.python_packages/lib/x/six.py\"\n"
        "8 body.begin pid=7 tid=7 file=\"/site/wwwroot/v/lib/site-packages/six.py\"\n"
        "9 body.begin pid=7 tid=7 file=\"/site/wwwroot2/other.py\"\n"
        "10 body.begin pid=7 tid=7 file=\"/host/worker/dispatcher.py\"\n"
        "11 body.begin pid=7 tid=7 name=\"__main__\" file=\"/home/me/app/main.py\"\n"
        "12 function pid=7 tid=7 name=\"f\" directory=\"/else/f\"\n"
        "13 body.begin pid=7 tid=7 file=\"/else/f/__init__.py\"\n",
        "/usr/bin/python3 /else/f/__init__.py /else/f/__init__.py own\n"
        "/usr/bin/python3 /home/me/app/main.py /home/me/app/main.py\n"
        "/usr/bin/python3 /host/worker/dispatcher.py /host/worker/dispatcher.py\n"
        "/usr/bin/python3 /site/wwwroot/.python_packages/lib/x/six.py "
        "/site/wwwroot/.python_packages/lib/x/six.py\n"
        "/usr/bin/python3 /site/wwwroot/function_app.py /site/wwwroot/function_app.py own\n"
        "/usr/bin/python3 /site/wwwroot/shared/db.py /site/wwwroot/shared/db.py own\n"
        "/usr/bin/python3 /site/wwwroot/v/lib/site-packages/six.py "
        "/site/wwwroot/v/lib/site-packages/six.py\n"
        "/usr/bin/python3 /site/wwwroot2/other.py /site/wwwroot2/other.py\n");
}

static void a_worker_inside_the_app_is_not_the_users_and_an_app_inside_a_worker_is(void **state)
{
    (void)state;
    assert_files(PYTHON "3 process.role pid=7 tid=7 role=\"worker\" directory=\"/app/worker\"\n"
                        "4 message pid=7 tid=7 directory=\"/app\"\n"
                        "5 message pid=7 tid=7 directory=\"/app/worker/standby\"\n"
                        "6 body.begin pid=7 tid=7 file=\"/app/a.py\"\n"
                        "7 body.begin pid=7 tid=7 file=\"/app/worker/b.py\"\n"
                        "8 body.begin pid=7 tid=7 file=\"/app/worker/standby/c.py\"\n",
                 "/usr/bin/python3 /app/a.py /app/a.py own\n"
                 "/usr/bin/python3 /app/worker/b.py /app/worker/b.py\n"
                 "/usr/bin/python3 /app/worker/standby/c.py /app/worker/standby/c.py own\n");
}

static void without_a_platform_the_scripts_folder_is_the_users(void **state)
{
    (void)state;
    assert_files(SESSION PYTHON
                 "3 body.begin pid=7 tid=7 name=\"__main__\" file=\"/srv/tool/run.py\"\n"
                 "4 body.begin pid=7 tid=7 file=\"/srv/tool/part.py\"\n"
                 "5 body.begin pid=7 tid=7 file=\"/srv/else.py\"\n"
                 "6 body.begin pid=7 tid=7 name=\"__main__\" file=\"/opt/v/bin/gunicorn\"\n"
                 "7 body.begin pid=7 tid=7 file=\"/opt/v/bin/near.py\"\n"
                 "8 body.begin pid=7 tid=7 name=\"__main__\" file=\"main.py\"\n"
                 "9 body.begin pid=7 tid=7 name=\"__main__\" file=\"/x/site-packages/m.py\"\n",
                 "/usr/bin/python3 /opt/v/bin/gunicorn /opt/v/bin/gunicorn\n"
                 "/usr/bin/python3 /opt/v/bin/near.py /opt/v/bin/near.py\n"
                 "/usr/bin/python3 /srv/else.py /srv/else.py\n"
                 "/usr/bin/python3 /srv/tool/part.py /srv/tool/part.py own\n"
                 "/usr/bin/python3 /srv/tool/run.py /srv/tool/run.py own\n"
                 "/usr/bin/python3 /x/site-packages/m.py /x/site-packages/m.py\n"
                 "/usr/bin/python3 main.py /home/me/app/main.py own\n");
}

static void a_session_in_the_root_folder_owns_all_but_packages(void **state)
{
    (void)state;
    assert_files("1 session.begin directory=\"/\"\n" PYTHON
                 "3 body.begin pid=7 tid=7 file=\"/app.py\"\n"
                 "4 body.begin pid=7 tid=7 file=\"/usr/lib/python3/dist-packages/six.py\"\n",
                 "/usr/bin/python3 /app.py /app.py own\n"
                 "/usr/bin/python3 /usr/lib/python3/dist-packages/six.py "
                 "/usr/lib/python3/dist-packages/six.py\n");
}

static void virtual_environments_below_the_folder_are_not_the_users(void **state)
{
    struct scratch scratch;
    char lines[2048], wanted[2048];

    (void)state;
    scratch_make(&scratch);
    scratch_write_text(&scratch, "app/env/pyvenv.cfg", "");
    scratch_write_text(&scratch, "app2/pyvenv.cfg", "");
    snprintf(lines, sizeof(lines),
             PYTHON "3 message pid=7 tid=7 directory=\"%s/app\"\n"
                    "4 message pid=7 tid=7 directory=\"%s/app2\"\n"
                    "5 body.begin pid=7 tid=7 file=\"%s/app/env/lib/x.py\"\n"
                    "6 body.begin pid=7 tid=7 file=\"%s/app/envy/x.py\"\n"
                    "7 body.begin pid=7 tid=7 file=\"%s/app2/x.py\"\n"
                    "8 process.role pid=7 tid=7 role=\"worker\"\n",
             scratch.path, scratch.path, scratch.path, scratch.path, scratch.path);
    snprintf(wanted, sizeof(wanted),
             "/usr/bin/python3 %s/app/env/lib/x.py %s/app/env/lib/x.py\n"
             "/usr/bin/python3 %s/app/envy/x.py %s/app/envy/x.py own\n"
             "/usr/bin/python3 %s/app2/x.py %s/app2/x.py own\n",
             scratch.path, scratch.path, scratch.path, scratch.path, scratch.path, scratch.path);
    assert_files(lines, wanted);
    scratch_remove(&scratch);
}

static void files_are_found_by_interpreter(void **state)
{
    struct thaw_recording *recording = parse("1 interpreter pid=1 tid=1 executable=\"/b\"\n"
                                             "2 interpreter pid=2 tid=2 executable=\"/a\"\n"
                                             "3 body.begin pid=1 tid=1 file=\"/1.py\"\n"
                                             "4 body.begin pid=2 tid=2 file=\"/2.py\"\n"
                                             "5 body.begin pid=1 tid=1 file=\"/3.py\"\n");
    const struct thaw_elsewhere elsewhere = {0};
    struct thaw_executed_files executed;
    const struct thaw_source_file *found;
    size_t count;

    (void)state;
    assert_int_equal(thaw_executed_files_collect(recording, &elsewhere, &executed, NULL), 0);
    found = thaw_executed_files_of(&executed, "/b", &count);
    assert_int_equal(count, 2);
    assert_string_equal(found[0].name, "/1.py");
    assert_string_equal(found[1].name, "/3.py");
    found = thaw_executed_files_of(&executed, "/a", &count);
    assert_int_equal(count, 1);
    assert_string_equal(found[0].name, "/2.py");
    thaw_executed_files_of(&executed, "/c", &count);
    assert_int_equal(count, 0);
    thaw_executed_files_free(&executed);
    thaw_recording_free(recording);
}

static void short_memory_is_told(void **state)
{
    struct thaw_recording *recording =
        parse(SESSION "2 interpreter pid=7 tid=7 executable=\"/p\" library=\"/l\"\n"
                      "3 message pid=7 tid=7 directory=\"/app\"\n"
                      "4 process.fork pid=8 tid=8 parent=7\n"
                      "5 body.begin pid=8 tid=8 name=\"__main__\" file=\"/app/a.py\"\n"
                      "6 process.role pid=7 tid=7 directory=\"/worker\"\n"
                      "7 body.begin pid=7 tid=7 file=\"b.py\"\n");

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        const struct thaw_elsewhere elsewhere = {0};
        struct thaw_executed_files executed;
        int result = thaw_executed_files_collect(recording, &elsewhere, &executed, NULL);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_true(chaos_malloc_failed() || executed.files.count == 2);
        thaw_executed_files_free(&executed);
    }
    thaw_recording_free(recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_stands_once_with_its_interpreter),
        cmocka_unit_test(processes_change_and_inherit_their_interpreter),
        cmocka_unit_test(files_of_another_root_are_left_out),
        cmocka_unit_test(one_python_has_one_executable),
        cmocka_unit_test(the_users_files_lie_below_the_apps_folder),
        cmocka_unit_test(a_worker_inside_the_app_is_not_the_users_and_an_app_inside_a_worker_is),
        cmocka_unit_test(without_a_platform_the_scripts_folder_is_the_users),
        cmocka_unit_test(a_session_in_the_root_folder_owns_all_but_packages),
        cmocka_unit_test(virtual_environments_below_the_folder_are_not_the_users),
        cmocka_unit_test(files_are_found_by_interpreter),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
