/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes are traced on a machine that is observed for good. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "capture/interpreter_probes.h"
#include "capture/known_files.h"
#include "observed.h"
#include "python/places.h"

static char folder[] = "/tmp/thaw-executions-XXXXXX";

static void write_all(int file, const char *bytes, size_t count)
{
    assert_int_equal(write(file, bytes, count), count);
}

/* A program that nobody has looked at: it does nothing. */
static const char *new_program(const char *name)
{
    static char path[64], bytes[1 << 16];
    int from = open("/bin/true", O_RDONLY | O_CLOEXEC), to;
    ssize_t count;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    assert_true(from >= 0 && to >= 0);
    while ((count = read(from, bytes, sizeof(bytes))) > 0)
        write_all(to, bytes, (size_t)count);
    close(from);
    close(to);
    return path;
}

static void know(const char *path, enum thaw_kernel_executable class)
{
    struct thaw_kernel_file file;
    struct thaw_error error;
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    file = thaw_known_file_identity(&status);
    assert_int_equal(thaw_programs_know_file(observed_programs(), &file, class, &error), 0);
}

static pid_t run(const char *path)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (!child) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        execl(path, path, "with", "words", NULL);
        _exit(9);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    observed_take();
    return child;
}

static bool is_traced(pid_t process)
{
    struct thaw_kernel_process found;

    return thaw_programs_process(observed_programs(), (uint32_t)process, &found);
}

static int begin(void **state)
{
    if (!*folder || !mkdtemp(folder))
        return -1;
    return observed_open(state);
}

static int end(void **state)
{
    char command[96];

    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command) ? -1 : observed_close(state);
}

static void unknown_files_are_told(void **state)
{
    const union thaw_kernel_record *record;
    size_t position = 0;
    char folder[PATH_MAX];
    const char *path;
    pid_t child;

    (void)state;
    observed_programs();
    path = new_program("unknown");
    child = run(path);
    record = observed_next(&position, THAW_KERNEL_EXEC, child);
    assert_non_null(record);
    assert_int_equal(record->exec.file_class, THAW_EXECUTABLE_UNKNOWN);
    assert_int_not_equal(record->exec.control_group, 0);
    assert_string_equal(record->exec.texts, path);
    assert_string_equal(record->exec.texts + record->exec.filename_bytes, path);
    assert_string_equal(record->exec.texts + record->exec.filename_bytes + strlen(path) + 1,
                        "with");
    assert_string_equal(record->exec.folder, strrchr(getcwd(folder, sizeof(folder)), '/') + 1);
    assert_int_equal(record->header.size, offsetof(struct thaw_kernel_exec, texts) +
                                              record->exec.filename_bytes +
                                              record->exec.argument_bytes);
    assert_int_equal(observed_count(THAW_KERNEL_EXIT, child), 1);
    assert_false(is_traced(child));
}

static void strangers_are_passed_by(void **state)
{
    const char *path;
    pid_t child;

    (void)state;
    observed_programs();
    path = new_program("nothing");
    know(path, THAW_EXECUTABLE_NOTHING);
    child = run(path);
    assert_int_equal(observed_count(THAW_KERNEL_FORK, child), 0);
    assert_int_equal(observed_count(THAW_KERNEL_EXEC, child), 0);
    assert_int_equal(observed_count(THAW_KERNEL_EXIT, child), 0);
    know(path, THAW_EXECUTABLE_PYTHON);
    child = run(path);
    assert_int_equal(observed_count(THAW_KERNEL_EXEC, child), 1);
    assert_int_equal(observed_count(THAW_KERNEL_EXIT, child), 1);
}

/* What a traced process starts, and what of that is nothing. */
static void children_are_told_until_they_are_nothing(void **state)
{
    struct thaw_error error;
    const char *path;
    pid_t child;

    (void)state;
    assert_int_equal(thaw_programs_trace(observed_programs(), getpid(), 0, &error), 0);
    path = new_program("child");
    know(path, THAW_EXECUTABLE_LOOK);
    child = run(path);
    assert_int_equal(observed_count(THAW_KERNEL_FORK, child), 1);
    assert_int_equal(observed_count(THAW_KERNEL_EXEC, child), 1);
    assert_int_equal(observed_count(THAW_KERNEL_EXIT, child), 1);
    know(path, THAW_EXECUTABLE_NOTHING);
    child = run(path);
    assert_int_equal(observed_count(THAW_KERNEL_FORK, child), 1);
    assert_int_equal(observed_count(THAW_KERNEL_EXEC, child), 1);
    assert_int_equal(observed_count(THAW_KERNEL_EXIT, child), 0);
    assert_false(is_traced(child));
    thaw_programs_untrace(observed_programs(), (uint32_t)getpid());
    child = run(path);
    assert_int_equal(observed_count(THAW_KERNEL_FORK, child), 0);
}

/* One that is executed many times before anybody can look at it. */
static void all_of_an_unknown_file_is_told(void **state)
{
    size_t runs = THAW_KERNEL_UNKNOWN_FILES + 20, told = 0;
    const char *path;

    (void)state;
    observed_programs();
    path = new_program("often");
    for (size_t i = 0; i < runs; i++)
        told += observed_count(THAW_KERNEL_EXEC, run(path));
    assert_int_equal(told, runs);
}

/* More of them than are looked at: every one is told or counted. */
static void a_storm_of_unknown_files_is_bounded(void **state)
{
    size_t runs = 2 * THAW_KERNEL_UNKNOWN_FILES, told = 0;
    uint64_t lost, begin_ns, seconds;
    char name[32];

    (void)state;
    observed_programs();
    lost = observed_loss(THAW_LOSS_UNKNOWN_FILES);
    begin_ns = thaw_clock_now_ns();
    for (size_t i = 0; i < runs; i++) {
        snprintf(name, sizeof(name), "storm%zu", i);
        told += observed_count(THAW_KERNEL_EXEC, run(new_program(name)));
    }
    seconds = (thaw_clock_now_ns() - begin_ns) / 1000000000 + 1;
    assert_true(told <= THAW_KERNEL_UNKNOWN_FILES * (1 + seconds));
    assert_true(told + observed_loss(THAW_LOSS_UNKNOWN_FILES) - lost >= runs);
    /* Who may be Python does not wait behind them. */
    assert_int_equal(observed_count(THAW_KERNEL_EXEC, run(new_program("python3.99"))), 1);
}

static void probe_python(struct thaw_arena *arena)
{
    struct thaw_interpreter_probes probes;
    struct thaw_interpreter_info info;
    struct thaw_python_places places;
    struct thaw_error error;

    assert_int_equal(thaw_interpreter_identify("/usr/bin/python3", arena, &info, &error), 0);
    assert_int_equal(thaw_python_places_find(&info, arena, &places, &error), 0);
    thaw_interpreter_probes_attach(observed_programs(), &info, &places, 1, 0, THAW_PROBES_AUDIT,
                                   &probes);
    assert_true(probes.attached);
}

static bool has_imported(pid_t process, const char *name)
{
    const union thaw_kernel_record *found;
    size_t position = 0;

    while ((found = observed_next(&position, THAW_KERNEL_IMPORT_BEGIN, process)))
        if (found->import_begin.name_bytes == strlen(name) &&
            !memcmp(found->import_begin.name, name, strlen(name)))
            return true;
    return false;
}

/* Imports of a process up to its telling that its start is over, not those behind. */
static void warm_processes_import_untold(void **state)
{
    static const char code[] = "import sys, json; sys.stdin.read(1); import asyncio";
    struct thaw_arena arena = {0};
    size_t before;
    int pipes[2];
    pid_t child;

    (void)state;
    know("/usr/bin/python3", THAW_EXECUTABLE_PYTHON);
    probe_python(&arena);
    assert_int_equal(pipe(pipes), 0);
    child = fork();
    if (!child) {
        dup2(pipes[0], 0);
        execl("/usr/bin/python3", "python3", "-c", code, NULL);
        _exit(9);
    }
    while (!has_imported(child, "json.encoder"))
        observed_take();
    usleep(20000); /* the ends of imports, and reading */
    observed_take();
    before = observed_count(THAW_KERNEL_IMPORT_BEGIN, child);
    assert_true(before > 5);
    thaw_programs_warm(observed_programs(), (uint32_t)child);
    write_all(pipes[1], "x", 1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    observed_take();
    assert_int_equal(observed_count(THAW_KERNEL_IMPORT_BEGIN, child), before);
    assert_int_equal(observed_count(THAW_KERNEL_EXIT, child), 1);
    thaw_arena_free(&arena);
    close(pipes[0]);
    close(pipes[1]);
}

/* Memory that a process holds when it begins its imports. */
static uint64_t memory_of_imports(void)
{
    static const char *const path = "/usr/bin/python3";
    const union thaw_kernel_record *record;
    size_t position = 0;

    observed_forget();
    record = observed_next(&position, THAW_KERNEL_IMPORT_BEGIN, run(path));
    assert_non_null(record);
    assert_int_equal(record->header.size, offsetof(struct thaw_kernel_import_begin, name) +
                                              record->import_begin.name_bytes);
    return record->import_begin.usage.memory_bytes;
}

static void usage_is_told_when_it_is_asked_for(void **state)
{
    (void)state;
    observed_programs();
    assert_int_equal(memory_of_imports(), 0);
    thaw_programs_split(observed_programs(), true);
    assert_int_not_equal(memory_of_imports(), 0);
    thaw_programs_split(observed_programs(), false);
    assert_int_equal(memory_of_imports(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_files_are_told),
        cmocka_unit_test(strangers_are_passed_by),
        cmocka_unit_test(children_are_told_until_they_are_nothing),
        cmocka_unit_test(all_of_an_unknown_file_is_told),
        cmocka_unit_test(a_storm_of_unknown_files_is_bounded),
        cmocka_unit_test(warm_processes_import_untold),
        cmocka_unit_test(usage_is_told_when_it_is_asked_for),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
