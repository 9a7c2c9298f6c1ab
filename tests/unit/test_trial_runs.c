/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "scratch.h"
#include "trial/pairs.h"

/* By the copy, which everybody may make; tests/live/test_trial.py has all ways and users. */
static struct scratch scratch;
static const struct thaw_sandbox_change change = {"main.txt", "changed\n", 8};

static int open_copy(struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    struct thaw_sandbox_options options = {
        .app = scratch_path(&scratch, "app"), .changes = &change, .change_count = 1, .copy = true};

    return thaw_sandbox_open(&options, sandbox, error);
}

static int prepare(void **state)
{
    (void)state;
    scratch_make(&scratch);
    scratch_write_text(&scratch, "app/main.txt", "original\n");
    scratch_write_text(&scratch, "app/below/other.txt", "other\n");
    scratch_folder(&scratch, "temporary");
    return setenv("TMPDIR", scratch_path(&scratch, "temporary"), 1);
}

static int clean(void **state)
{
    (void)state;
    unsetenv("TMPDIR");
    scratch_remove(&scratch);
    return 0;
}

static size_t left_behind(void)
{
    DIR *folder = opendir(scratch_path(&scratch, "temporary"));
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2;
}

static void run(const struct thaw_sandbox *sandbox, const char *script, struct thaw_run *ret)
{
    const char *const command[] = {"sh", "-c", script, NULL};
    struct thaw_run_options options = {.sandbox = sandbox, .command = command, .stop = -1};
    struct thaw_error error = {0};

    if (thaw_run(&options, ret, &error))
        fail_msg("%s", error.message);
}

static void assert_printed(const struct thaw_run *run, const char *text)
{
    assert_int_equal(run->output_length, strlen(text));
    assert_memory_equal(run->output, text, strlen(text));
}

static void a_copy_has_the_change_and_is_removed(void **state)
{
    struct thaw_sandbox sandbox;
    struct thaw_error error = {0};
    char buffer[PATH_MAX];
    struct thaw_run ran;

    (void)state;
    assert_int_equal(open_copy(&sandbox, &error), 0);
    assert_int_equal(sandbox.way, THAW_SANDBOX_COPY);
    assert_string_equal(sandbox.why_copied, "");
    assert_memory_equal(thaw_sandbox_app(&sandbox, buffer), sandbox.folder, strlen(sandbox.folder));
    run(&sandbox, "cat main.txt below/other.txt; mkdir -p a/b; touch a/b/c; chmod 0 a/b a", &ran);
    assert_printed(&ran, "changed\nother\n");
    assert_int_equal(thaw_run_check(&ran, "it", &error), 0);
    thaw_run_free(&ran);
    assert_int_equal(thaw_sandbox_close(&sandbox, &error), 0);
    assert_int_equal(thaw_sandbox_close(&sandbox, &error), 0);
    assert_int_equal(left_behind(), 0);
}

static void links_are_not_followed_when_it_is_removed(void **state)
{
    struct thaw_sandbox sandbox;
    struct thaw_run ran;
    char script[600];

    (void)state;
    assert_int_equal(open_copy(&sandbox, NULL), 0);
    snprintf(script, sizeof(script), "ln -s %s/app link; ln -s %s/app/below below/link",
             scratch.path, scratch.path);
    run(&sandbox, script, &ran);
    thaw_run_free(&ran);
    assert_int_equal(thaw_sandbox_close(&sandbox, NULL), 0);
    assert_int_equal(access(scratch_path(&scratch, "app/below/other.txt"), F_OK), 0);
    assert_int_equal(left_behind(), 0);
}

static void changes_have_another_time(void **state)
{
    struct thaw_sandbox sandbox;
    struct stat original, changed;
    char buffer[PATH_MAX], path[PATH_MAX + 16];

    (void)state;
    assert_int_equal(open_copy(&sandbox, NULL), 0);
    snprintf(path, sizeof(path), "%s/main.txt", thaw_sandbox_app(&sandbox, buffer));
    assert_int_equal(stat(path, &changed), 0);
    assert_int_equal(stat(scratch_path(&scratch, "app/main.txt"), &original), 0);
    assert_int_equal(changed.st_mtim.tv_sec, original.st_mtim.tv_sec + 1);
    assert_int_equal(changed.st_mode, original.st_mode);
    snprintf(path, sizeof(path), "%s/below/other.txt", thaw_sandbox_app(&sandbox, buffer));
    assert_int_equal(stat(path, &changed), 0);
    assert_int_equal(stat(scratch_path(&scratch, "app/below/other.txt"), &original), 0);
    assert_int_equal(changed.st_mtim.tv_sec, original.st_mtim.tv_sec);
    assert_int_equal(changed.st_mtim.tv_nsec, original.st_mtim.tv_nsec);
    assert_int_equal(thaw_sandbox_close(&sandbox, NULL), 0);
}

static void a_temporary_folder_in_the_app_is_not_used(void **state)
{
    struct thaw_sandbox sandbox;
    struct thaw_error error = {0};
    int code;

    (void)state;
    assert_int_equal(setenv("TMPDIR", scratch_path(&scratch, "app/below"), 1), 0);
    code = open_copy(&sandbox, &error);
    if (code) {
        assert_int_equal(code, -EXDEV); /* no /dev/shm */
        assert_non_null(strstr(error.message, "TMPDIR"));
        return;
    }
    assert_int_equal(strncmp(sandbox.folder, scratch.path, strlen(scratch.path)) == 0, 0);
    assert_int_equal(thaw_sandbox_close(&sandbox, &error), 0);
    assert_int_equal(access(sandbox.folder, F_OK), -1);
}

static void the_output_s_end_is_kept(void **state)
{
    struct thaw_sandbox sandbox;
    struct thaw_error error = {0};
    struct thaw_run ran;

    (void)state;
    assert_int_equal(open_copy(&sandbox, NULL), 0);
    run(&sandbox, "i=0; while [ $i -lt 900 ]; do echo line $i; i=$((i + 1)); done; exit 1", &ran);
    assert_int_equal(ran.output_length, THAW_RUN_OUTPUT_MAX);
    assert_memory_equal(ran.output + THAW_RUN_OUTPUT_MAX - 9, "line 899\n", 9);
    assert_int_equal(thaw_run_check(&ran, "it", &error), -ECHILD);
    assert_string_equal(error.message, "it ended with status 1; it printed last: line 899");
    thaw_run_free(&ran);
    assert_int_equal(thaw_sandbox_close(&sandbox, NULL), 0);
}

static void a_stop_voids_the_run(void **state)
{
    const char *const command[] = {"sleep", "600", NULL};
    struct thaw_run_options options = {.command = command, .stop = eventfd(1, EFD_CLOEXEC)};
    struct thaw_sandbox sandbox;
    struct thaw_error error = {0};
    struct thaw_run ran;

    (void)state;
    assert_int_equal(open_copy(&sandbox, NULL), 0);
    options.sandbox = &sandbox;
    assert_int_equal(thaw_run(&options, &ran, &error), 0);
    assert_int_equal(ran.end, THAW_RUN_STOPPED);
    assert_int_equal(thaw_run_check(&ran, "it", &error), -EINTR);
    thaw_run_free(&ran);
    close(options.stop);
    assert_int_equal(thaw_sandbox_close(&sandbox, NULL), 0);
}

struct seen {
    size_t pairs;
    int answer;
};

static int pair_done(void *context, const struct thaw_pair *pair,
                     const struct thaw_pairs_progress *progress, struct thaw_error *error)
{
    struct seen *seen = context;

    assert_int_equal(pair->number + 1, progress->done);
    assert_printed(&pair->sides[THAW_ORIGINAL], "o");
    assert_printed(&pair->sides[THAW_CHANGED], "c");
    seen->pairs++;
    return seen->answer < 0 ? thaw_error_set(error, seen->answer, "the caller's own")
                            : seen->answer;
}

static struct thaw_pairs_options pairs_of(const struct thaw_sandbox *sandbox, struct seen *seen)
{
    static const char *const original[] = {"printf", "o", NULL}, *const changed[] = {"printf", "c",
                                                                                     NULL};

    return (struct thaw_pairs_options){
        .sides = {{.sandbox = sandbox, .command = original, .stop = -1},
                  {.sandbox = sandbox, .command = changed, .stop = -1}},
        .most = 3,
        .done = pair_done,
        .context = seen,
    };
}

static void pairs_end_as_the_caller_says(void **state)
{
    struct thaw_sandbox sandbox;
    struct thaw_error error = {0};
    struct seen all = {0}, enough = {.answer = 1}, failing = {.answer = -EPIPE}, none = {0};
    struct thaw_pairs_options options;

    (void)state;
    assert_int_equal(open_copy(&sandbox, NULL), 0);
    options = pairs_of(&sandbox, &all);
    assert_int_equal(thaw_trial_pairs(&options, &error), 0);
    assert_int_equal(all.pairs, 3);
    options = pairs_of(&sandbox, &enough);
    assert_int_equal(thaw_trial_pairs(&options, &error), 0);
    assert_int_equal(enough.pairs, 1);
    options = pairs_of(&sandbox, &failing);
    assert_int_equal(thaw_trial_pairs(&options, &error), -EPIPE);
    assert_string_equal(error.message, "the caller's own");
    options = pairs_of(&sandbox, &none);
    options.sides[THAW_ORIGINAL].stop = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(thaw_trial_pairs(&options, &error), 1);
    assert_int_equal(none.pairs, 0);
    close(options.sides[THAW_ORIGINAL].stop);
    assert_int_equal(thaw_sandbox_close(&sandbox, NULL), 0);
}

/* It writes a byte, waits for one, and leaves a report. */
static const char telling[] =
    "eval \"printf . >&$THAW_TRIAL_FD; dd bs=1 count=1 status=none <&$THAW_TRIAL_FD >a_byte; "
    "printf report >&$THAW_TRIAL_FD\"";

static void memory_that_is_short_is_told(void **state)
{
    const char *const command[] = {"sh", "-c", telling, NULL};
    struct thaw_sandbox sandbox;
    struct thaw_run_options options = {.sandbox = &sandbox, .command = command, .stop = -1};

    (void)state;
    assert_int_equal(open_copy(&sandbox, NULL), 0);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_error error = {0};
        struct thaw_run ran;
        int result = thaw_run(&options, &ran, &error);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        if (result == 0) {
            assert_true(ran.told);
            assert_int_equal(ran.report_length, 6);
            assert_memory_equal(ran.report, "report", 6);
            thaw_run_free(&ran);
        }
    }
    assert_int_equal(thaw_sandbox_close(&sandbox, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_has_the_change_and_is_removed, prepare, clean),
        cmocka_unit_test_setup_teardown(links_are_not_followed_when_it_is_removed, prepare, clean),
        cmocka_unit_test_setup_teardown(changes_have_another_time, prepare, clean),
        cmocka_unit_test_setup_teardown(a_temporary_folder_in_the_app_is_not_used, prepare, clean),
        cmocka_unit_test_setup_teardown(the_output_s_end_is_kept, prepare, clean),
        cmocka_unit_test_setup_teardown(a_stop_voids_the_run, prepare, clean),
        cmocka_unit_test_setup_teardown(pairs_end_as_the_caller_says, prepare, clean),
        cmocka_unit_test_setup_teardown(memory_that_is_short_is_told, prepare, clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
