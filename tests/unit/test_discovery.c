/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "python/interpreter.h"
#include "fake_python.h"

static struct scratch scratch;
static struct thaw_arena arena;

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
    thaw_arena_free(&arena);
    return 0;
}

static const char *fake(const char *name, const char *options)
{
    return fake_python(&scratch, name, options);
}

/* Every interpreter of this machine says of itself what was read from its file. */
static void real_interpreters_confirm_what_was_found(void **state)
{
    struct thaw_interpreter_list list = {0};
    const char *path = getenv("PATH"), *home = getenv("HOME");

    (void)state;
    assert_int_equal(thaw_interpreters_discover(NULL, path ? path : "", home ? home : "", &arena,
                                                &list, NULL),
                     0);
    for (size_t i = 0; i < list.count; i++) {
        const struct thaw_interpreter_info *info = &list.items[i];
        char *text;

        if (access(info->executable, X_OK) < 0)
            continue;
        text = scratch_output("'%s' -I -S -c 'import sys; print(sys.version.split()[0])'",
                              info->executable);
        assert_non_null(text);
        assert_int_equal(strncmp(text, info->version, strlen(info->version)), 0);
        assert_true(strchr("\n.", text[strlen(info->version)]) != NULL);
        assert_true(info->row || *info->reason);
        assert_int_equal(info->row != NULL, thaw_python_row(info->major, info->minor) != NULL);
        assert_true(!info->row ||
                    (info->offsets[THAW_PYTHON_FIND] && info->offsets[THAW_PYTHON_BODY]));
        free(text);
        for (size_t j = 0; j < i; j++)
            assert_false(list.items[j].inode == info->inode &&
                         list.items[j].device == info->device);
    }
    if (!list.count)
        print_message("skip: no Python on this machine\n");
    thaw_array_free(&list);
}

static void assert_leads_to(const char *const *command, const char *path, const char *expected)
{
    const char *found = thaw_interpreter_command(command, path, &arena);

    if (!expected) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_string_equal(found, expected);
}

#define COMMAND(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static const char *executable_text(const char *name, const char *text)
{
    const char *path = scratch_write_text(&scratch, name, text);

    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static void commands_are_followed_to_their_interpreter(void **state)
{
    const char *bin = thaw_arena_string(&arena, scratch_folder(&scratch, "bin"));
    const char *python, *direct, *by_env, *split, *loop, *path;
    char text[512];

    (void)state;
    python = thaw_arena_string(&arena, executable_text("bin/python3", "no script"));
    snprintf(text, sizeof(text), "#! %s -I\nimport sys\n", python);
    direct = thaw_arena_string(&arena, executable_text("bin/direct", text));
    by_env = thaw_arena_string(&arena, executable_text("bin/by-env", "#!/usr/bin/env python3\n"));
    split = thaw_arena_string(&arena, executable_text("bin/split",
                                                      "#!/usr/bin/env -S -i A=1 python3 -I\n"));
    loop = thaw_arena_string(&arena, scratch_path(&scratch, "bin/loop"));
    snprintf(text, sizeof(text), "#!%s\n", loop);
    executable_text("bin/loop", text);
    path = thaw_arena_format(&arena, "/nowhere:%s:/usr/bin", bin);
    assert_leads_to(COMMAND("python3", "x.py"), path, python);
    assert_leads_to(COMMAND(python), "", python);
    assert_leads_to(COMMAND("direct"), path, python);
    assert_leads_to(COMMAND(by_env, "more"), path, python);
    assert_leads_to(COMMAND(split), path, python);
    assert_leads_to(COMMAND("env", "-u", "HOME", "A=1", "direct"), path, python);
    assert_leads_to(COMMAND("env"), path, "/usr/bin/env");
    assert_leads_to(COMMAND("loop"), path, NULL);
    assert_leads_to(COMMAND("nothing-of-this-name"), path, NULL);
    assert_leads_to(COMMAND(bin), path, NULL);
    assert_leads_to(COMMAND(""), path, NULL);
    assert_leads_to((const char *const[]){NULL}, path, NULL);
    assert_ptr_not_equal(direct, by_env);
}

static const struct thaw_interpreter_info *find(const struct thaw_interpreter_list *list,
                                                const char *executable)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].executable, executable) == 0)
            return &list->items[i];
    }
    return NULL;
}

static void each_library_is_discovered_once(void **state)
{
    struct thaw_interpreter_list list = {0};
    const char *managed, *command;

    (void)state;
    fake("path/python3.11", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030b02f0");
    scratch_link(&scratch, "path/python3", "python3.11");
    scratch_link(&scratch, "path/python", "python3.11");
    scratch_write_text(&scratch, "path/python3.12", "no ELF file");
    managed = thaw_arena_string(&arena, fake("home/.pyenv/versions/3.8.1/bin/python3.8",
                                             FAKE_PROGRAM FAKE_FIND_IDENTIFIER));
    command = thaw_arena_string(&arena, fake("other/tool",
                                             FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030d01f0"));
    assert_int_equal(thaw_interpreters_discover(COMMAND(command), scratch_path(&scratch, "path"),
                                                scratch_path(&scratch, "home"), &arena, &list,
                                                NULL),
                     0);
    assert_string_equal(list.items[0].executable, command);
    assert_string_equal(list.items[1].library, scratch_path(&scratch, "path/python3.11"));
    assert_non_null(find(&list, managed));
    for (size_t i = 2; i < list.count; i++)
        assert_int_not_equal(list.items[i].inode, list.items[1].inode);
    thaw_array_free(&list);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(real_interpreters_confirm_what_was_found),
        TEST(commands_are_followed_to_their_interpreter),
        TEST(each_library_is_discovered_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
