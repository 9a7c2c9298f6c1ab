/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "python/interpreter.h"
#include "fake_python.h"

static struct scratch scratch;
static struct thaw_arena arena;
static pid_t running; /* the fake that runs, 0 none */

static int make_folder(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static void end(void)
{
    if (running) {
        kill(running, SIGKILL);
        waitpid(running, NULL, 0);
    }
    running = 0;
}

static int remove_folder(void **state)
{
    (void)state;
    end();
    scratch_remove(&scratch);
    thaw_arena_free(&arena);
    return 0;
}

static const char *fake(const char *name, const char *options)
{
    return fake_python(&scratch, name, options);
}

static struct thaw_interpreter_info identify(const char *path)
{
    struct thaw_interpreter_info info = {0};
    struct thaw_error error = {0};

    if (thaw_interpreter_identify(path, &arena, &info, &error) < 0)
        fail_msg("%s", error.message);
    return info;
}

/*
 * Starts a program and waits for its first byte. root: where to chroot to, or NULL. -1: it did not
 * come that far.
 */
static pid_t start_as(const char *path, const char *word, const char *root)
{
    int ends[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], 1);
        close_range(3, ~0U, 0);
        if (root && geteuid() != 0)
            unshare(CLONE_NEWUSER);
        if (root && (chroot(root) < 0 || chdir("/") < 0))
            _exit(1);
        if (!root &&
            (chdir(scratch.path) < 0 || setenv("PATH", scratch_path(&scratch, "venv/bin"), 1) < 0))
            _exit(1);
        execl(path, word, NULL);
        _exit(1);
    }
    assert_true(pid > 0);
    running = pid;
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        pid = -1;
    close(ends[0]);
    return pid;
}

static pid_t start(const char *path, const char *root)
{
    return start_as(path, path, root);
}

static void running_processes_are_recognised(void **state)
{
    const char *path = fake("python3.11", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030b02f0");
    struct thaw_interpreter_info info, of_file = identify(path);
    pid_t pid = start(path, NULL);

    (void)state;
    assert_int_equal(thaw_interpreter_of_process(pid, &arena, &info, NULL), 0);
    assert_string_equal(info.executable, path);
    assert_string_equal(info.open_path, path);
    assert_int_equal(info.inode, of_file.inode);
    assert_int_equal(info.offsets[THAW_PYTHON_FIND], of_file.offsets[THAW_PYTHON_FIND]);
    end();
    assert_int_equal(thaw_interpreter_of_process(pid, &arena, &info, NULL), -ESRCH);
    assert_int_equal(thaw_interpreter_of_process(getpid(), &arena, &info, NULL), -ENOEXEC);
}

/* Through its own link, by its full path, a relative one, and PATH; a false name counts nothing. */
static void the_link_a_process_was_started_by_is_kept(void **state)
{
    const char *path =
        thaw_arena_string(&arena, fake("lib/python3.11", FAKE_PROGRAM FAKE_FIND_STR));
    const char *link = thaw_arena_string(&arena, scratch_link(&scratch, "venv/bin/python",
                                                              "../../lib/python3.11"));
    const struct {
        const char *word;
        const char *expected;
    } rows[] = {
        {link, link},      {"venv/bin/python", link}, {"python", link},
        {"/bin/sh", path}, {"nothing", path},         {"", path},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_interpreter_info info;

        assert_true(start_as(path, rows[i].word, NULL) > 0);
        assert_int_equal(thaw_interpreter_of_process(running, &arena, &info, NULL), 0);
        assert_string_equal(info.executable, rows[i].expected);
        assert_string_equal(info.library, path);
        end();
    }
}

/* The file that runs counts, not the one that has its name now. */
static void deleted_and_replaced_executables_are_still_found(void **state)
{
    const char *path = fake("python3.12", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030c01f0");
    struct thaw_interpreter_info info, before = identify(path);
    pid_t pid = start(path, NULL);
    struct stat status;
    char expected[64];

    (void)state;
    snprintf(expected, sizeof(expected), "/proc/%d/exe", (int)pid);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(thaw_interpreter_of_process(pid, &arena, &info, NULL), 0);
    assert_string_equal(info.library, path);
    assert_string_equal(info.open_path, expected);
    assert_int_equal(info.inode, before.inode);
    fake("python3.12", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030800f0");
    assert_int_equal(thaw_interpreter_of_process(pid, &arena, &info, NULL), 0);
    assert_string_equal(info.open_path, expected);
    assert_string_equal(info.version, "3.12.1");
    assert_int_equal(stat(info.open_path, &status), 0);
    assert_int_equal(status.st_ino, before.inode);
    end();
}

/* A process in another root: its own file, not this machine's of the same path. */
static void other_roots_are_looked_into(void **state)
{
    struct thaw_interpreter_info info;
    char expected[64];
    struct stat status;
    pid_t pid;

    (void)state;
    fake("root/usr/bin/python3.11", FAKE_PROGRAM FAKE_FIND_STR "-DVERSION=0x030b63f0");
    pid = start("/usr/bin/python3.11", scratch_path(&scratch, "root"));
    if (pid < 0) {
        print_message("skip: neither root nor user namespaces, so no chroot\n");
        skip();
    }
    assert_int_equal(thaw_interpreter_of_process(pid, &arena, &info, NULL), 0);
    assert_string_equal(info.executable, "/usr/bin/python3.11");
    assert_string_equal(info.version, "3.11.99");
    snprintf(expected, sizeof(expected), "/proc/%d/root/usr/bin/python3.11", (int)pid);
    assert_string_equal(info.open_path, expected);
    assert_int_equal(stat(info.open_path, &status), 0);
    assert_int_equal(info.inode, status.st_ino);
    end();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(running_processes_are_recognised),
        TEST(the_link_a_process_was_started_by_is_kept),
        TEST(deleted_and_replaced_executables_are_still_found),
        TEST(other_roots_are_looked_into),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
