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
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "recording_sample.h"

static char folder[256];
static char path[300];

static int make_folder(void **state)
{
    (void)state;
    sample_folder_make(folder, sizeof(folder));
    snprintf(path, sizeof(path), "%s/test.thaw", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    sample_folder_remove(folder);
    return 0;
}

/* Writes until it is killed; says when the first chunk is in. */
static void write_for_ever(int ready)
{
    struct thaw_recording_writer *writer = NULL;

    if (thaw_recording_writer_open(path, &writer, NULL) < 0)
        _exit(1);
    for (uint64_t i = 0;; i++) {
        struct thaw_event event = sample_numbered(i);

        if (thaw_recording_writer_append(writer, &event, NULL) < 0)
            _exit(2);
        if (i % 100 == 99 && thaw_recording_writer_flush(writer, NULL) < 0)
            _exit(3);
        if (i % 100 == 99 && write(ready, "x", 1) != 1)
            _exit(4);
    }
}

/* Round by round the child is killed after one more flush, wherever it is by then. */
static void kill_nine_loses_only_what_was_not_flushed(void **state)
{
    (void)state;
    for (size_t flushes = 1; flushes <= 20; flushes++) {
        int ready[2], status;
        char byte;
        pid_t child;

        assert_int_equal(pipe(ready), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_for_ever(ready[1]);
        close(ready[1]);
        for (size_t i = 0; i < flushes; i++)
            assert_int_equal(read(ready[0], &byte, 1), 1);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        close(ready[0]);
        assert_true(WIFSIGNALED(status));
        thaw_recording_free(sample_load_numbered(path, flushes * 100, false));
    }
}

/* Appends until it fails; returns the code and how many went well. */
static int write_until_failure(struct thaw_recording_writer *writer, uint64_t *count,
                               struct thaw_error *error)
{
    for (*count = 0; *count < 1000000; ++*count) {
        struct thaw_event event = sample_numbered(*count);
        int result = thaw_recording_writer_append(writer, &event, error);

        if (result < 0)
            return result;
    }
    return 0;
}

/* What every failed write has in common; returns 0 or the line that did not hold. */
static int check_full(int code, const char *words)
{
    struct thaw_recording_writer *writer = NULL;
    struct thaw_error error = {0}, again = {0};
    struct thaw_event event = sample_numbered(0);
    uint64_t count;

    if (thaw_recording_writer_open(path, &writer, &error) < 0)
        return __LINE__;
    if (write_until_failure(writer, &count, &error) != code || error.code != code)
        return __LINE__;
    if (!strstr(error.message, path) || !strstr(error.message, words))
        return __LINE__;
    if (strchr(error.message, '\n') || count < 1000)
        return __LINE__;
    /* It stays failed, in the same words: events after a gap would pass for neighbours. */
    if (thaw_recording_writer_append(writer, &event, &again) != code ||
        strcmp(error.message, again.message) != 0)
        return __LINE__;
    if (thaw_recording_writer_flush(writer, NULL) != code ||
        thaw_recording_writer_close(writer, &again) != code)
        return __LINE__;
    return 0;
}

/* Sets how large a file may become, for this process; a write beyond is then an error. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_recording_that_cannot_begin_leaves_the_old_one(void **state)
{
    struct thaw_recording_writer *writer = NULL;
    struct thaw_error error = {0};
    unsigned char *bytes;
    size_t length;

    (void)state;
    sample_write(path, "precious", 8);
    limit_files(8); /* less than a header */
    assert_int_equal(thaw_recording_writer_open(path, &writer, &error), -EFBIG);
    limit_files(RLIM_INFINITY);
    assert_null(writer);
    sample_assert_one_line(error.message);
    bytes = sample_read(path, &length);
    assert_int_equal(length, 8);
    assert_memory_equal(bytes, "precious", 8);
    free(bytes);
    /* Nothing else is left in the folder. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(mkdir(folder, 0700), 0);
}

static void a_write_that_fails_leaves_the_chunks_before_it(void **state)
{
    struct thaw_recording *recording;
    struct stat status;
    int line;

    (void)state;
    limit_files(200000); /* three chunks and a part of the fourth: a short write, then EFBIG */
    line = check_full(-EFBIG, "File too large");
    limit_files(RLIM_INFINITY);
    if (line)
        fail_msg("line %d", line);
    recording = sample_load_numbered(path, 1000, false);
    assert_non_null(strstr(recording->defect, "without its closing mark"));
    thaw_recording_free(recording);
    assert_int_equal(stat(path, &status), 0);
    assert_true(status.st_size > 3 * 65536 && status.st_size < 200000);
}

/* There is room again, but events were lost: they must not be followed by others. */
static void a_failed_recording_stays_failed(void **state)
{
    struct thaw_recording_writer *writer = NULL;
    struct thaw_error error = {0};
    struct thaw_event event = sample_numbered(0);
    uint64_t count;

    (void)state;
    limit_files(200000);
    assert_int_equal(thaw_recording_writer_open(path, &writer, NULL), 0);
    assert_int_equal(write_until_failure(writer, &count, &error), -EFBIG);
    limit_files(RLIM_INFINITY);
    assert_int_equal(thaw_recording_writer_append(writer, &event, NULL), -EFBIG);
    assert_int_equal(thaw_recording_writer_flush(writer, NULL), -EFBIG);
    assert_int_equal(thaw_recording_writer_close(writer, NULL), -EFBIG);
    thaw_recording_free(sample_load_numbered(path, 1000, false));
}

enum { NO_MOUNT = 77 };

static bool tell_kernel(const char *file, const char *text)
{
    int descriptor = open(file, O_WRONLY | O_CLOEXEC);
    bool told = descriptor >= 0 && write(descriptor, text, strlen(text)) == (ssize_t)strlen(text);

    if (descriptor >= 0)
        close(descriptor);
    return told;
}

/* A mount namespace; without the right to it, within a user namespace: user_namespaces(7). */
static bool enter_namespace(void)
{
    char users[32], groups[32];

    if (unshare(CLONE_NEWNS) == 0)
        return true;
    snprintf(users, sizeof(users), "0 %u 1\n", geteuid());
    snprintf(groups, sizeof(groups), "0 %u 1\n", getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           tell_kernel("/proc/self/setgroups", "deny") &&
           tell_kernel("/proc/self/uid_map", users) && tell_kernel("/proc/self/gid_map", groups);
}

/* In a child with a file system of its own, 256 KiB large; returns its exit status. */
static int fill_disk(void)
{
    struct thaw_recording *recording = NULL;
    int line;

    if (!enter_namespace() || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=256k") < 0)
        return NO_MOUNT;
    line = check_full(-ENOSPC, "No space left on device");
    if (line)
        return 1;
    if (thaw_recording_load(path, &recording, NULL) < 0 || recording->count < 1000 ||
        recording->finished)
        return 2;
    thaw_recording_free(recording);
    return 0;
}

static void a_full_disk_is_told(void **state)
{
    pid_t child = fork();
    int status;

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(fill_disk());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_MOUNT) {
        print_message("skip: no right to mount a small file system here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(kill_nine_loses_only_what_was_not_flushed),
        IN_FOLDER(a_recording_that_cannot_begin_leaves_the_old_one),
        IN_FOLDER(a_write_that_fails_leaves_the_chunks_before_it),
        IN_FOLDER(a_failed_recording_stays_failed),
        IN_FOLDER(a_full_disk_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
