/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void a_file_is_readable_while_it_is_written(void **state)
{
    struct thaw_recording_writer *writer = NULL;
    struct stat status;

    (void)state;
    umask(0);
    assert_int_equal(thaw_recording_writer_open(path, &writer, NULL), 0);
    thaw_recording_free(sample_load_numbered(path, 0, false));
    for (uint64_t i = 0; i < 5; i++) {
        struct thaw_event event = sample_numbered(i);

        assert_int_equal(thaw_recording_writer_append(writer, &event, NULL), 0);
        assert_int_equal(thaw_recording_writer_flush(writer, NULL), 0);
        assert_int_equal(thaw_recording_writer_flush(writer, NULL), 0);
        thaw_recording_free(sample_load_numbered(path, i + 1, false));
    }
    assert_int_equal(fstat(thaw_recording_writer_descriptor(writer), &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0600);
    assert_int_equal(thaw_recording_writer_close(writer, NULL), 0);
    thaw_recording_free(sample_load_numbered(path, 5, true));
    assert_int_equal(thaw_recording_writer_close(NULL, NULL), 0);
}

static void full_chunks_reach_the_file_by_themselves(void **state)
{
    struct thaw_recording_writer *writer = NULL;
    struct stat status;

    (void)state;
    assert_int_equal(thaw_recording_writer_open(path, &writer, NULL), 0);
    for (uint64_t i = 0; i < 10000; i++) {
        struct thaw_event event = sample_numbered(i);

        assert_int_equal(thaw_recording_writer_append(writer, &event, NULL), 0);
    }
    assert_int_equal(stat(path, &status), 0);
    assert_true(status.st_size > 4 * 65536);
    assert_int_equal(thaw_recording_writer_close(writer, NULL), 0);
    thaw_recording_free(sample_load_numbered(path, 10000, true));
}

static void refused(const char *target, int code, const char *words)
{
    struct thaw_recording_writer *writer = NULL;
    struct thaw_error error = {0};

    assert_int_equal(thaw_recording_writer_open(target, &writer, &error), code);
    assert_null(writer);
    assert_int_equal(error.code, code);
    assert_non_null(strstr(error.message, target));
    assert_non_null(strstr(error.message, words));
    sample_assert_one_line(error.message);
}

/* All within the test's own folder: were a check missing, root would replace what is refused. */
static void only_regular_files_are_written(void **state)
{
    char other[300];
    size_t length;
    unsigned char *bytes;

    (void)state;
    snprintf(other, sizeof(other), "%s/other", folder);
    refused(folder, -EINVAL, "regular file");
    assert_int_equal(mkfifo(other, 0600), 0);
    refused(other, -EINVAL, "regular file");
    assert_int_equal(unlink(other), 0);
    sample_write(path, "precious", 8);
    assert_int_equal(symlink(path, other), 0);
    refused(other, -ELOOP, "symbolic link");
    assert_int_equal(unlink(other), 0);
    refused("/nowhere/at/all.thaw", -ENOENT, "No such file");
    refused("/dev/null/x", -ENOTDIR, "Not a directory");
    bytes = sample_read(path, &length);
    assert_int_equal(length, 8);
    free(bytes);
}

/* Another name for the old file, and whoever has it open, keep the old content. */
static void an_older_recording_is_replaced_as_a_whole(void **state)
{
    struct thaw_recording_writer *writer = NULL;
    struct stat status;
    char other[300], old[8];
    int descriptor;

    (void)state;
    snprintf(other, sizeof(other), "%s/other", folder);
    sample_write(path, "precious", 8);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(link(path, other), 0);
    descriptor = open(path, O_RDONLY);
    assert_true(descriptor >= 0);
    assert_int_equal(thaw_recording_writer_open(path, &writer, NULL), 0);
    assert_int_equal(thaw_recording_writer_close(writer, NULL), 0);
    assert_int_equal(read(descriptor, old, 8), 8);
    assert_memory_equal(old, "precious", 8);
    close(descriptor);
    assert_int_equal(stat(other, &status), 0);
    assert_int_equal(status.st_size, 8);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0600);
    thaw_recording_free(sample_load_numbered(path, 0, true));
}

static void events_come_in_order_of_time(void **state)
{
    static const struct {
        uint16_t kind;
        uint64_t time_ns;
        uint32_t pid; /* where it belongs */
    } rows[] = {
        {THAW_EVENT_PROCESS_FORK, 300, 5}, {THAW_EVENT_SESSION_END, 300, 7},
        {THAW_EVENT_PROCESS_EXEC, 300, 6}, {THAW_EVENT_SESSION_BEGIN, 200, 0},
        {THAW_EVENT_PROCESS_EXIT, 100, 2}, {THAW_EVENT_PROCESS_FORK, 0, 1},
        {THAW_EVENT_PROCESS_FORK, 400, 8}, {THAW_EVENT_PROCESS_FORK, 100, 3},
        {THAW_EVENT_PROCESS_EXEC, 100, 4}, {THAW_EVENT_PROCESS_FORK, UINT64_MAX, 9},
    };
    struct thaw_recording_writer *writer = NULL;
    struct thaw_recording *recording = NULL;

    (void)state;
    assert_int_equal(thaw_recording_writer_open(path, &writer, NULL), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_event event = {.kind = rows[i].kind,
                                   .time_ns = rows[i].time_ns,
                                   .pid = rows[i].pid};

        assert_int_equal(thaw_recording_writer_append(writer, &event, NULL), 0);
    }
    assert_int_equal(thaw_recording_writer_close(writer, NULL), 0);
    assert_int_equal(thaw_recording_load(path, &recording, NULL), 0);
    for (size_t i = 0; i < recording->count; i++)
        assert_int_equal(recording->events[i].pid, i);
    assert_int_equal(recording->count, sizeof(rows) / sizeof(rows[0]));
    thaw_recording_free(recording);
}

static void not_loaded(const char *target, int code, const char *words)
{
    struct thaw_recording *recording = NULL;
    struct thaw_error error = {0};

    assert_int_equal(thaw_recording_load(target, &recording, &error), code);
    assert_null(recording);
    assert_non_null(strstr(error.message, target));
    assert_non_null(strstr(error.message, words));
    sample_assert_one_line(error.message);
}

static void what_cannot_be_loaded_is_named(void **state)
{
    (void)state;
    not_loaded("/nowhere/x.thaw", -ENOENT, "No such file");
    not_loaded(folder, -EISDIR, "Is a directory");
    not_loaded("/dev/zero", -EBADMSG, "not a recording");
    not_loaded("/dev/null", -EBADMSG, "empty");
    sample_write(path, "thaw-recording-text 1\n5 nonsense\n", 33);
    not_loaded(path, -EINVAL, "line 2, column 3");
}

/* From a pipe, in pieces: the size is not known before. */
static void a_pipe_can_be_loaded(void **state)
{
    struct sample_file file = sample_file_make(5);
    struct thaw_recording *recording = NULL;
    char name[64];
    int ends[2];
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (size_t i = 0; i < file.length; i += 7)
            if (write(ends[1], file.bytes + i, file.length - i < 7 ? file.length - i : 7) < 0)
                _exit(1);
        _exit(0);
    }
    close(ends[1]);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[0]);
    assert_int_equal(thaw_recording_load(name, &recording, NULL), 0);
    assert_int_equal(recording->count, file.count);
    assert_true(recording->finished);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    thaw_recording_free(recording);
    thaw_recording_free(NULL);
    sample_file_free(&file);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_is_readable_while_it_is_written),
        IN_FOLDER(full_chunks_reach_the_file_by_themselves),
        IN_FOLDER(only_regular_files_are_written),
        IN_FOLDER(an_older_recording_is_replaced_as_a_whole),
        IN_FOLDER(events_come_in_order_of_time),
        IN_FOLDER(what_cannot_be_loaded_is_named),
        cmocka_unit_test(a_pipe_can_be_loaded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
