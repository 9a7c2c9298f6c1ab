/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "cli/gate_facts.h"
#include "scratch.h"

static struct scratch scratch;
static struct thaw_arena arena;
static struct thaw_error error;

static int setup(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    thaw_arena_free(&arena);
    return 0;
}

static struct thaw_gate_lock found(const char *first, const char *second)
{
    const char *folders[] = {first, second};
    struct thaw_gate_lock lock;

    assert_int_equal(thaw_gate_lock_find(folders, 2, &arena, &lock, &error), 0);
    return lock;
}

static void the_first_lock_file_counts(void **state)
{
    const char *one = scratch_folder(&scratch, "one"), *two = scratch_folder(&scratch, "two");

    (void)state;
    assert_string_equal(found(one, two).name, "");
    assert_string_equal(found(NULL, NULL).digest, "");
    assert_string_equal(found(one, "/nonexistent").name, "");
    scratch_write_text(&scratch, "two/uv.lock", "");
    /* XXH3 of nothing, 128 bits, as its specification has it */
    assert_string_equal(found(one, two).digest, "99aa06d3014798d86001c324468d497f");
    scratch_write_text(&scratch, "one/requirements.txt", "a==1\n");
    assert_string_equal(found(one, two).name, "requirements.txt");
    scratch_write_text(&scratch, "one/pdm.lock", "a==1\n");
    assert_string_equal(found(one, two).name, "pdm.lock");
    scratch_write_text(&scratch, "one/poetry.lock", "a==1\n");
    assert_string_equal(found(NULL, one).name, "poetry.lock");
}

static void what_is_no_file_is_passed_over(void **state)
{
    const char *folder = scratch_folder(&scratch, "odd");

    (void)state;
    scratch_folder(&scratch, "odd/uv.lock");
    assert_int_equal(mkfifo(scratch_path(&scratch, "odd/poetry.lock"), 0600), 0);
    scratch_write_text(&scratch, "odd/requirements.txt", "a\n");
    assert_string_equal(found(folder, NULL).name, "requirements.txt");
}

static void a_lock_file_has_a_bound(void **state)
{
    const char *folders[] = {scratch_folder(&scratch, "large")};
    struct thaw_gate_lock lock;

    (void)state;
    scratch_write_text(&scratch, "large/uv.lock", "a");
    assert_int_equal(truncate(scratch_path(&scratch, "large/uv.lock"), (64 << 20) + 1), 0);
    assert_int_equal(thaw_gate_lock_find(folders, 1, &arena, &lock, &error), -EFBIG);
    assert_non_null(strstr(error.message, "large/uv.lock"));
}

static void a_day_is_a_day(void **state)
{
    const char *today = thaw_gate_today(&arena);

    (void)state;
    assert_int_equal(strlen(today), 10);
    assert_true(strcmp(today, "2024-01-01") > 0 && today[4] == '-' && today[7] == '-');
}

static void without_git_nothing_is_known(void **state)
{
    const char *folder = scratch_folder(&scratch, "plain");

    (void)state;
    setenv("GIT_CEILING_DIRECTORIES", scratch.path, 1);
    assert_string_equal(thaw_gate_commit(folder, &arena), "");
    assert_string_equal(thaw_gate_branch(folder, &arena), "");
    assert_string_equal(thaw_gate_commit("/nonexistent", &arena), "");
    setenv("PATH", "/nonexistent", 1);
    assert_string_equal(thaw_gate_commit(NULL, &arena), "");
}

static void the_ci_tells_by_its_variables(void **state)
{
    static const char *const names[] = {"GITHUB_SHA",
                                        "CI_COMMIT_SHA",
                                        "GITHUB_HEAD_REF",
                                        "GITHUB_REF_NAME",
                                        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
                                        "CI_COMMIT_REF_NAME"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
    assert_string_equal(thaw_gate_commit_of_ci(), "");
    assert_string_equal(thaw_gate_branch_of_ci(), "");
    setenv("CI_COMMIT_SHA", "abc", 1);
    setenv("CI_COMMIT_REF_NAME", "main", 1);
    assert_string_equal(thaw_gate_commit_of_ci(), "abc");
    assert_string_equal(thaw_gate_branch_of_ci(), "main");
    setenv("GITHUB_REF_NAME", "12/merge", 1);
    setenv("GITHUB_HEAD_REF", "", 1); /* as outside of pull requests */
    assert_string_equal(thaw_gate_branch_of_ci(), "12/merge");
    setenv("GITHUB_HEAD_REF", "topic", 1);
    assert_string_equal(thaw_gate_branch_of_ci(), "topic");
}

static void memory_that_is_short_is_told(void **state)
{
    const char *folders[] = {scratch_folder(&scratch, "short")};

    (void)state;
    scratch_write_text(&scratch, "short/uv.lock", "a");
    if (!chaos_malloc_works())
        skip();
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena own = {0};
        struct thaw_gate_lock lock;
        int code = thaw_gate_lock_find(folders, 1, &own, &lock, &error);

        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 0);
        thaw_arena_free(&own);
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_arena own = {0};
        const char *today = thaw_gate_today(&own);

        chaos_malloc_pause();
        assert_true(!today == chaos_malloc_failed());
        thaw_arena_free(&own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_lock_file_counts),
        cmocka_unit_test(what_is_no_file_is_passed_over),
        cmocka_unit_test(a_lock_file_has_a_bound),
        cmocka_unit_test(a_day_is_a_day),
        cmocka_unit_test(the_ci_tells_by_its_variables),
        cmocka_unit_test(memory_that_is_short_is_told),
        cmocka_unit_test(without_git_nothing_is_known), /* takes PATH away: last */
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
