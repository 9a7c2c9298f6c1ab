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

#include "base/arena.h"
#include "python/source_inquiry.h"
#include "scratch.h"

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

/* "KIND FILE NAME\n" for each event. */
struct taken {
    char text[4096];
};

static int take(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    struct taken *taken = context;
    size_t length = strlen(taken->text);
    const char *kind = "import", *file = event->inventory_import.file,
               *name = event->inventory_import.module;

    (void)error;
    if (event->kind == THAW_EVENT_INVENTORY_STATEMENT) {
        kind = event->inventory_statement.use;
        file = event->inventory_statement.file;
        name = event->inventory_statement.bound;
    } else if (event->kind == THAW_EVENT_INVENTORY_DEFINITION) {
        kind = event->inventory_definition.kind;
        file = event->inventory_definition.file;
        name = event->inventory_definition.name;
    }
    snprintf(taken->text + length, sizeof(taken->text) - length, "%s %s %s\n", kind, file, name);
    return 0;
}

static int ask(const char *executable, uid_t user, const struct thaw_source_file *files,
               size_t count, struct taken *taken, struct thaw_source_summary *summary)
{
    struct thaw_source_inquiry inquiry;
    struct thaw_error error = {0};
    int result = thaw_source_inquiry_start(executable, user, user, files, count, &inquiry, &error);

    memset(taken, 0, sizeof(*taken));
    return result < 0 ? result : thaw_source_inquiry_finish(&inquiry, take, taken, summary, &error);
}

static const char *python(void)
{
    char *text = scratch_output("command -v /usr/bin/python3 || command -v python3");
    const char *path;

    if (!text) {
        print_message("skip: no python3 on this machine\n");
        skip();
    }
    text[strcspn(text, "\n")] = '\0';
    path = thaw_arena_string(&arena, text);
    free(text);
    return path;
}

/* A "python" that is a shell script. */
static const char *fake_python(const char *commands)
{
    char text[1024];
    const char *path;

    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", commands);
    path = thaw_arena_string(&arena, scratch_write_text(&scratch, "python3", text));
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(chmod(scratch.path, 0755), 0);
    return path;
}

static const char *write_source(const char *name, const char *text)
{
    return thaw_arena_string(&arena, scratch_write_text(&scratch, name, text));
}

static void a_real_python_tells_about_files(void **state)
{
    const char *path = write_source("app/one.py", "import json\ndef f(): return json\n");
    const struct thaw_source_file files[] = {
        {"one.py", path, true},
        {"/nowhere/two.py", "/nowhere/two.py", false},
        {"again", path, false},
    };
    struct thaw_source_summary summary;
    struct taken taken;

    (void)state;
    assert_int_equal(chmod(scratch.path, 0755), 0);
    assert_int_equal(ask(python(), geteuid(), files, 3, &taken, &summary), 0);
    assert_string_equal(taken.text, "import one.py json\nimport again json\nfunctions one.py json\n"
                                    "module one.py <module>\nfunction one.py f\n");
    assert_int_equal(summary.unanswered, 1);
    assert_string_equal(summary.first, "/nowhere/two.py: FileNotFoundError");
    assert_true(summary.whole);
}

/* More than a pipe holds, both ways, though nobody reads until the end. */
static void many_files_need_no_reader(void **state)
{
    enum { COUNT = 5000 };
    const char *path = write_source("one.py", "import json, os, sys\n");
    struct thaw_source_file *files = calloc(COUNT, sizeof(*files));
    struct thaw_source_summary summary;
    struct taken taken;

    (void)state;
    assert_int_equal(chmod(scratch.path, 0755), 0);
    for (size_t i = 0; i < COUNT; i++)
        files[i] = (struct thaw_source_file){path, path, false};
    assert_int_equal(ask(python(), geteuid(), files, COUNT, &taken, &summary), 0);
    assert_int_equal(summary.unanswered, 0);
    free(files);
}

static void files_that_its_user_cannot_read_are_not_read(void **state)
{
    const char *path = write_source("secret.py", "import json\n");
    const struct thaw_source_file file = {path, path, true};
    struct thaw_source_summary summary;
    struct taken taken;

    (void)state;
    if (geteuid() != 0) {
        print_message("skip: only root can become another user\n");
        skip();
    }
    assert_int_equal(chmod(scratch.path, 0755), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(ask(python(), 65534, &file, 1, &taken, &summary), 0);
    assert_string_equal(taken.text, "");
    assert_int_equal(summary.unanswered, 1);
    assert_non_null(strstr(summary.first, "PermissionError"));
}

#define ROW "printf '[\"import\",0,1,0,\"os\",[]]\\n'"

/* Whatever ends the helper, the rows before stay, and why is said. */
static void early_ends_leave_what_was_told(void **state)
{
    static const struct {
        const char *commands;
        const char *first;
    } rows[] = {
        {ROW, "/x.py: no answer"},
        {ROW "; exit 3", "/x.py: no answer"},
        {ROW "; kill -9 $$", "/x.py: no answer"},
        {ROW "; exit 125", "cannot be executed as its user"},
        {ROW "; printf '[\"import\",0,1,0,'", "/x.py: no answer"},
    };
    const struct thaw_source_file file = {"/x.py", "/x.py", false};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_source_summary summary;
        struct taken taken;

        assert_int_equal(ask(fake_python(rows[i].commands), geteuid(), &file, 1, &taken, &summary),
                         0);
        assert_string_equal(taken.text, "import /x.py os\n");
        assert_int_equal(summary.unanswered, 1);
        assert_non_null(strstr(summary.first, rows[i].first));
        assert_false(summary.whole);
    }
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left behind */
}

/* The time is over, but what it had written by then is read. */
static void a_late_answer_is_taken_as_far_as_it_goes(void **state)
{
    const char *fifo = thaw_arena_string(&arena, scratch_path(&scratch, "written"));
    const struct thaw_source_file file = {"/x.py", "/x.py", false};
    struct thaw_source_inquiry inquiry;
    struct thaw_source_summary summary;
    struct taken taken = {0};
    char text[512];

    (void)state;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    snprintf(text, sizeof(text), ROW "; echo >'%s'; sleep 1000", fifo);
    assert_int_equal(thaw_source_inquiry_start(fake_python(text), geteuid(), getegid(), &file, 1,
                                               &inquiry, NULL),
                     0);
    close(open(fifo, O_RDONLY)); /* returns when the row is written */
    inquiry.inquiry.deadline_ns = 1;
    assert_int_equal(thaw_source_inquiry_finish(&inquiry, take, &taken, &summary, NULL), 0);
    assert_string_equal(taken.text, "import /x.py os\n");
    assert_non_null(strstr(summary.first, "gave no answer within 20 s"));
}

static void the_answer_is_bounded(void **state)
{
    struct thaw_inquiry_question question = {.script = "",
                                             .input = "input",
                                             .input_length = 5,
                                             .user = geteuid(),
                                             .group = getegid(),
                                             .seconds = 60,
                                             .answer_bytes = 70000};
    struct thaw_inquiry inquiry;
    struct thaw_inquiry_answer answer;

    (void)state;
    question.executable = fake_python("cat; exec tr '\\0' y </dev/zero");
    assert_int_equal(thaw_inquiry_start(&question, &inquiry, NULL), 0);
    assert_int_equal(thaw_inquiry_finish(&inquiry, &answer, NULL), 0);
    assert_int_equal(answer.length, 70000);
    assert_memory_equal(answer.bytes, "inputyyyy", 9);
    assert_false(answer.whole);
    free(answer.bytes);
}

/* It runs before the rest is there, and waits for it. */
static void the_rest_of_the_input_follows(void **state)
{
    const char *fifo = thaw_arena_string(&arena, scratch_path(&scratch, "begun"));
    struct thaw_inquiry_question question = {.script = "",
                                             .input = "one ",
                                             .input_length = 4,
                                             .more_follows = true,
                                             .user = geteuid(),
                                             .group = getegid(),
                                             .seconds = 60,
                                             .answer_bytes = 4096};
    struct thaw_inquiry inquiry;
    struct thaw_inquiry_answer answer;
    char text[512];

    (void)state;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    snprintf(text, sizeof(text), "dd bs=4 count=1; : >'%s'; cat <&4; cat", fifo);
    question.executable = fake_python(text);
    assert_int_equal(thaw_inquiry_start(&question, &inquiry, NULL), 0);
    close(open(fifo, O_RDONLY)); /* returns when it has read the first */
    assert_int_equal(thaw_inquiry_tell(&inquiry, "two", 3, NULL), 0);
    assert_int_equal(thaw_inquiry_finish(&inquiry, &answer, NULL), 0);
    assert_true(answer.whole);
    assert_int_equal(answer.length, 7);
    assert_memory_equal(answer.bytes, "one two", 7);
    free(answer.bytes);
}

/* What closes 3 has said all, and may take its time to end. */
static void an_answer_is_heard_before_the_end(void **state)
{
    static const struct {
        const char *commands, *answer;
        bool is_late;
        int code;
    } rows[] = {
        {"printf all; exec 3>&-; sleep 1000", "all", false, 0},
        {"printf all", "all", false, 0},
        {"printf some; sleep 1000", "some", true, -ETIMEDOUT},
        {"exit 126", "", false, -EACCES},
    };
    struct thaw_inquiry_question question = {
        .script = "", .user = geteuid(), .group = getegid(), .seconds = 60, .answer_bytes = 4096};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_inquiry inquiry;
        struct thaw_inquiry_answer answer;

        question.executable = fake_python(rows[i].commands);
        question.seconds = rows[i].is_late ? 1 : 60;
        assert_int_equal(thaw_inquiry_start(&question, &inquiry, NULL), 0);
        assert_int_equal(thaw_inquiry_hear(&inquiry, &answer, NULL), 0);
        assert_int_equal(inquiry.is_late, rows[i].is_late);
        if (!rows[i].is_late || answer.length) { /* it may not have come that far */
            assert_int_equal(answer.length, strlen(rows[i].answer));
            assert_memory_equal(answer.bytes, rows[i].answer, answer.length);
        }
        assert_int_equal(thaw_inquiry_end(&inquiry, NULL), rows[i].code);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        free(answer.bytes);
    }
}

/* Told all or not: nothing of it is left behind. */
static void it_can_be_given_up(void **state)
{
    struct thaw_inquiry_question question = {.script = "",
                                             .more_follows = true,
                                             .user = geteuid(),
                                             .group = getegid(),
                                             .seconds = 60,
                                             .answer_bytes = 4096};
    int first = fcntl(STDIN_FILENO, F_DUPFD, 3), last;

    (void)state;
    close(first);
    question.executable = fake_python("sleep 1000");
    for (int told = 0; told < 2; told++) {
        struct thaw_inquiry inquiry;

        assert_int_equal(thaw_inquiry_start(&question, &inquiry, NULL), 0);
        if (told)
            assert_int_equal(thaw_inquiry_tell(&inquiry, "x", 1, NULL), 0);
        thaw_inquiry_give_up(&inquiry);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    last = fcntl(STDIN_FILENO, F_DUPFD, 3);
    close(last);
    assert_int_equal(last, first);
}

static void it_has_no_descriptors_of_ours(void **state)
{
    struct thaw_inquiry_question question = {.script = "", .user = geteuid(), .seconds = 60};
    struct thaw_inquiry inquiry;
    struct thaw_inquiry_answer answer;
    int ours = fcntl(STDIN_FILENO, F_DUPFD, 77);

    (void)state;
    question.group = getegid();
    question.answer_bytes = 4096;
    question.executable = fake_python("for f in /proc/$$/fd/*; do printf \"${f##*/} \"; done");
    assert_int_equal(thaw_inquiry_start(&question, &inquiry, NULL), 0);
    assert_int_equal(thaw_inquiry_finish(&inquiry, &answer, NULL), 0);
    assert_true(answer.whole);
    assert_true(answer.length >= 8 && memcmp(answer.bytes, "0 1 ", 4) == 0);
    assert_int_equal(ours, 77);
    assert_null(memmem(answer.bytes, answer.length, "77 ", 3));
    free(answer.bytes);
    close(ours);
}

static void what_cannot_be_executed_is_said(void **state)
{
    const struct thaw_source_file file = {"/x.py", "/x.py", true};
    struct thaw_source_summary summary;
    struct taken taken;

    (void)state;
    assert_int_equal(ask("/nowhere/python3", geteuid(), &file, 1, &taken, &summary), 0);
    assert_int_equal(summary.unanswered, 1);
    assert_string_equal(summary.first, "/nowhere/python3: cannot be executed as its user");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_real_python_tells_about_files),
        TEST(many_files_need_no_reader),
        TEST(files_that_its_user_cannot_read_are_not_read),
        TEST(early_ends_leave_what_was_told),
        TEST(a_late_answer_is_taken_as_far_as_it_goes),
        TEST(the_answer_is_bounded),
        TEST(the_rest_of_the_input_follows),
        TEST(an_answer_is_heard_before_the_end),
        TEST(it_can_be_given_up),
        TEST(it_has_no_descriptors_of_ours),
        TEST(what_cannot_be_executed_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
