/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
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
#include "scratch.h"

/*
 * A program with the symbols of a Python and nothing else: it writes one byte and waits. Compiled
 * with -DVERSION=… it has Py_Version, with -DOFFSETS=… a _PyRuntime with the block of 3.13 and
 * these offsets of co_filename and co_name, -DFREE_THREADED=1 in it; with -DFIND the function of
 * the find probe.
 */
static const char fake_source[] =
    "static long call(long number, long a, long b, long c) {\n"
    "    long result;\n"
    "    __asm__ volatile(\"syscall\" : \"=a\"(result) : \"a\"(number), \"D\"(a), \"S\"(b),\n"
    "                     \"d\"(c) : \"rcx\", \"r11\", \"memory\");\n"
    "    return result;\n"
    "}\n"
    "int PyEval_EvalCode(void) { return 1; }\n"
    "#ifdef FIND\n"
    "int FIND(void) { return 2; }\n"
    "#endif\n"
    "#ifdef VERSION\n"
    "const unsigned Py_Version = VERSION;\n"
    "#endif\n"
    "#ifdef OFFSETS\n"
    "#ifndef FREE_THREADED\n"
    "#define FREE_THREADED 0\n"
    "#endif\n"
    "struct { char cookie[8]; unsigned long values[100]; } _PyRuntime = {\"xdebugpy\",\n"
    "    {[0] = VERSION, [1] = FREE_THREADED, [34] = OFFSETS, [67] = 32, 16, 40}};\n"
    "#endif\n"
    "#ifndef LIBRARY\n"
    "void _start(void) { call(1, 1, (long)\"x\", 1); for (;;) call(34, 0, 0, 0); }\n"
    "#endif\n";

#define PROGRAM "-nostdlib -static-pie -fPIE -Wl,--export-dynamic "
#define LIBRARY "-nostdlib -shared -fPIC -DLIBRARY "
#define FIND_STR "-DFIND=PyObject_CallMethodObjArgs "
#define FIND_IDENTIFIER "-DFIND=_PyObject_CallMethodIdObjArgs "

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
    if (!scratch_compile(&scratch, name, fake_source, options)) {
        print_message("skip: cc cannot build a static position-independent program here\n");
        skip();
    }
    return scratch_path(&scratch, name);
}

static struct thaw_interpreter_info identify(const char *path)
{
    struct thaw_interpreter_info info = {0};
    struct thaw_error error = {0};

    if (thaw_interpreter_identify(path, &arena, &info, &error) < 0)
        fail_msg("%s", error.message);
    return info;
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
        assert_true(!info->row || (info->find_offset && info->body_offset));
        free(text);
        for (size_t j = 0; j < i; j++)
            assert_false(list.items[j].inode == info->inode &&
                         list.items[j].device == info->device);
    }
    if (!list.count)
        print_message("skip: no Python on this machine\n");
    thaw_array_free(&list);
}

static void other_files_are_no_interpreters(void **state)
{
    struct thaw_interpreter_info info = {.inode = 77};
    struct thaw_error error = {0};
    const char *script = scratch_write_text(&scratch, "python3.11", "#!/usr/bin/python3\n");

    (void)state;
    assert_int_equal(thaw_interpreter_identify("/bin/ls", &arena, &info, &error), -ENOEXEC);
    assert_non_null(strstr(error.message, "not a Python"));
    assert_int_equal(thaw_interpreter_identify(script, &arena, &info, &error), -ENOEXEC);
    assert_int_equal(thaw_interpreter_identify("/nowhere/python3", &arena, &info, &error), -ENOENT);
    assert_int_equal(thaw_interpreter_identify("/tmp", &arena, &info, &error), -ENOEXEC);
    assert_int_equal(info.inode, 77);
}

static void version_comes_from_the_symbol_before_the_name(void **state)
{
    const char *path = fake("python3.9", PROGRAM FIND_STR "-DVERSION=0x030b02f0");
    struct thaw_interpreter_info info = identify(path);
    struct stat status;

    (void)state;
    assert_int_equal(stat(path, &status), 0);
    assert_string_equal(info.version, "3.11.2");
    assert_int_equal(info.minor, 11);
    assert_ptr_equal(info.row, thaw_python_row(3, 11));
    assert_int_equal(info.device, status.st_dev);
    assert_int_equal(info.inode, status.st_ino);
    assert_string_equal(info.executable, path);
    assert_string_equal(info.library, path);
    assert_string_equal(info.open_path, path);
    assert_string_equal(info.reason, "");
    assert_true(info.find_offset && info.body_offset && info.find_offset != info.body_offset);
}

static void a_block_of_offsets_that_agrees_is_fine(void **state)
{
    (void)state;
    assert_ptr_equal(
        identify(fake("x", PROGRAM FIND_STR "-DVERSION=0x030d00f0 -DOFFSETS=112,120")).row,
        thaw_python_row(3, 13));
}

static void version_comes_from_the_name_behind_links(void **state)
{
    struct thaw_interpreter_info info;
    const char *link;

    (void)state;
    fake("lib/python3.8", PROGRAM FIND_IDENTIFIER);
    link = scratch_link(&scratch, "venv/bin/python", "../../lib/python3.8");
    info = identify(link);
    assert_string_equal(info.version, "3.8");
    assert_ptr_equal(info.row, thaw_python_row(3, 8));
    assert_string_equal(info.executable, link);
    assert_string_equal(info.library, scratch_path(&scratch, "lib/python3.8"));
}

static void what_cannot_be_probed_is_named_not_guessed(void **state)
{
    static const struct {
        const char *name;
        const char *options;
        const char *version;
        const char *reason;
    } rows[] = {
        {"snake", PROGRAM FIND_STR, "", "unknown version; supported are 3.8 to 3.15"},
        {"python", PROGRAM FIND_STR, "", "unknown version"},
        {"a", PROGRAM FIND_STR "-DVERSION=0x036300f0", "3.99.0", "Python 3.99.0 is not supported"},
        {"python3.7", PROGRAM FIND_STR, "3.7", "Python 3.7 is not supported"},
        {"python3.13t", PROGRAM FIND_STR, "3.13", "without the GIL"},
        {"b", PROGRAM FIND_STR "-DVERSION=0x030d00f0 -DOFFSETS=112,120 -DFREE_THREADED=1", "3.13.0",
         "without the GIL"},
        {"d", PROGRAM FIND_STR "-DVERSION=0x030d00f0 -DOFFSETS=112,128", "3.13.0", "of its own"},
        {"e", PROGRAM FIND_STR "-DVERSION=0x030e00f0 -DOFFSETS=112,120", "3.14.0", "of its own"},
        {"c", PROGRAM "-DVERSION=0x030c00f0", "3.12.0",
         "without the symbol PyObject_CallMethodObjArgs"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_interpreter_info info = identify(fake(rows[i].name, rows[i].options));

        assert_null(info.row);
        assert_string_equal(info.version, rows[i].version);
        assert_non_null(strstr(info.reason, rows[i].reason));
        assert_null(strchr(info.reason, '\n'));
    }
}

/* bin/python3 with RUNPATH to ../lib/libpython3.10.so.1.0, as shared builds have it. */
static const char *fake_shared(void)
{
    char options[1024];

    fake("lib/libpython3.10.so.1.0", LIBRARY FIND_IDENTIFIER "-Wl,-soname,libpython3.10.so.1.0");
    snprintf(options, sizeof(options),
             "-nostdlib -pie -fPIE -DLIBRARY -Wl,--enable-new-dtags "
             "-Wl,-rpath,'$ORIGIN/../lib' -Wl,--no-as-needed '%s'",
             scratch_path(&scratch, "lib/libpython3.10.so.1.0"));
    if (!scratch_compile(&scratch, "bin/python3",
                         "void _start(void){long r;for(;;)"
                         "__asm__ volatile(\"syscall\":\"=a\"(r):\"a\"(34L):\"rcx\",\"r11\");}",
                         options))
        return fake("bin/python3", "");
    return scratch_path(&scratch, "bin/python3");
}

static void shared_libraries_are_found_as_the_loader_does(void **state)
{
    const char *path = fake_shared();
    struct thaw_interpreter_info info = identify(path);
    struct stat status;

    (void)state;
    assert_string_equal(info.library, scratch_path(&scratch, "lib/libpython3.10.so.1.0"));
    assert_string_equal(info.open_path, info.library);
    assert_int_equal(stat(info.library, &status), 0);
    assert_int_equal(info.inode, status.st_ino);
    assert_string_equal(info.version, "3.10");
    assert_ptr_equal(info.row, thaw_python_row(3, 10));
    assert_int_equal(unlink(info.library), 0);
    assert_int_equal(thaw_interpreter_identify(path, &arena, &info, NULL), -ENOENT);
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
    const char *path = fake("python3.11", PROGRAM FIND_STR "-DVERSION=0x030b02f0");
    struct thaw_interpreter_info info, of_file = identify(path);
    pid_t pid = start(path, NULL);

    (void)state;
    assert_int_equal(thaw_interpreter_of_process(pid, &arena, &info, NULL), 0);
    assert_string_equal(info.executable, path);
    assert_string_equal(info.open_path, path);
    assert_int_equal(info.inode, of_file.inode);
    assert_int_equal(info.find_offset, of_file.find_offset);
    end();
    assert_int_equal(thaw_interpreter_of_process(pid, &arena, &info, NULL), -ESRCH);
    assert_int_equal(thaw_interpreter_of_process(getpid(), &arena, &info, NULL), -ENOEXEC);
}

/* Through its own link, by its full path, a relative one, and PATH; a false name counts nothing. */
static void the_link_a_process_was_started_by_is_kept(void **state)
{
    const char *path = thaw_arena_string(&arena, fake("lib/python3.11", PROGRAM FIND_STR));
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
    const char *path = fake("python3.12", PROGRAM FIND_STR "-DVERSION=0x030c01f0");
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
    fake("python3.12", PROGRAM FIND_STR "-DVERSION=0x030800f0");
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
    fake("root/usr/bin/python3.11", PROGRAM FIND_STR "-DVERSION=0x030b63f0");
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
    fake("path/python3.11", PROGRAM FIND_STR "-DVERSION=0x030b02f0");
    scratch_link(&scratch, "path/python3", "python3.11");
    scratch_link(&scratch, "path/python", "python3.11");
    scratch_write_text(&scratch, "path/python3.12", "no ELF file");
    managed = thaw_arena_string(&arena, fake("home/.pyenv/versions/3.8.1/bin/python3.8",
                                             PROGRAM FIND_IDENTIFIER));
    command =
        thaw_arena_string(&arena, fake("other/tool", PROGRAM FIND_STR "-DVERSION=0x030d01f0"));
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
        TEST(other_files_are_no_interpreters),
        TEST(version_comes_from_the_symbol_before_the_name),
        TEST(a_block_of_offsets_that_agrees_is_fine),
        TEST(version_comes_from_the_name_behind_links),
        TEST(what_cannot_be_probed_is_named_not_guessed),
        TEST(shared_libraries_are_found_as_the_loader_does),
        TEST(running_processes_are_recognised),
        TEST(the_link_a_process_was_started_by_is_kept),
        TEST(deleted_and_replaced_executables_are_still_found),
        TEST(other_roots_are_looked_into),
        TEST(commands_are_followed_to_their_interpreter),
        TEST(each_library_is_discovered_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
