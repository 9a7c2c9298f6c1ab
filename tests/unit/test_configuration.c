/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "configuration/configuration.h"
#include "scratch.h"

#define GOOD                                                                                       \
    "{\"suppress\": [{\"id\": \"lazy-import\", \"reason\": \"r\"},"                                \
    " {\"until\": \"2027-01-31\", \"module\": \"m\", \"file\": \"f.py\", \"reason\": \"s\","       \
    " \"id\": \"import-garbage\"}]}"

static struct thaw_configuration configuration;
static struct thaw_error error;

static int end(void **state)
{
    (void)state;
    thaw_configuration_free(&configuration);
    return 0;
}

static int parse(const char *text)
{
    end(NULL);
    error.message[0] = '\0';
    return thaw_configuration_parse(text, strlen(text), "thaw.json", &configuration, &error);
}

static void all_members_arrive(void **state)
{
    (void)state;
    assert_int_equal(parse(GOOD), 0);
    assert_int_equal(configuration.count, 2);
    assert_string_equal(configuration.suppressions[0].id, "lazy-import");
    assert_string_equal(configuration.suppressions[0].reason, "r");
    assert_string_equal(configuration.suppressions[0].file, "");
    assert_string_equal(configuration.suppressions[0].until, "");
    assert_string_equal(configuration.suppressions[1].file, "f.py");
    assert_string_equal(configuration.suppressions[1].module, "m");
    assert_string_equal(configuration.suppressions[1].until, "2027-01-31");
    assert_int_equal(parse("{}"), 0);
    assert_int_equal(configuration.count, 0);
}

static void what_is_wrong_is_told_in_one_line(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"{\"suppress\": [\n  {\"id\": oops}]}", "thaw.json:2:13: invalid token near 'oops'"},
        {"[]", "thaw.json: it must be an object: {\"suppress\": [...]}"},
        {"{\"supress\": []}", "thaw.json: unknown key 'supress' (there is: suppress)"},
        {"{\"suppress\": {}}", "thaw.json: suppress must be a list"},
        {"{\"suppress\": [\"lazy-import\"]}",
         "thaw.json: suppress[0] must be an object with id and reason"},
        {"{\"suppress\": [{\"id\": \"lazy-import\", \"reason\": \"r\"}, {\"id\": "
         "\"lazy-import\"}]}",
         "thaw.json: suppress[1]: reason is missing"},
        {"{\"suppress\": [{\"reason\": \"r\"}]}", "thaw.json: suppress[0]: id is missing"},
        {"{\"suppress\": [{\"id\": \"lazy-import\", \"reason\": \" \"}]}",
         "thaw.json: suppress[0]: the reason is empty"},
        {"{\"suppress\": [{\"id\": \"lazy-import\", \"rason\": \"r\"}]}",
         "thaw.json: suppress[0]: unknown key 'rason' (did you mean 'reason'?)"},
        {"{\"suppress\": [{\"id\": \"lazy-import\", \"reason\": 1}]}",
         "thaw.json: suppress[0]: reason must be a text"},
        {"{\"suppress\": [{\"id\": \"lazy-imprt\", \"reason\": \"r\"}]}",
         "thaw.json: suppress[0]: there is no finding 'lazy-imprt' (did you mean 'lazy-import'?)"},
        {"{\"suppress\": [{\"id\": \"x\", \"reason\": \"r\"}]}",
         "thaw.json: suppress[0]: there is no finding 'x'; `thaw explain list` names them"},
        {"{\"suppress\": [{\"id\": \"lazy-import\", \"reason\": \"r\", \"until\": \"soon\"}]}",
         "thaw.json: suppress[0]: until takes a day like \"2027-01-31\", not \"soon\""},
        {"{\"suppress\": [{\"id\": \"lazy-import\", \"reason\": \"r\", \"until\": "
         "\"2027-13-01\"}]}",
         "thaw.json: suppress[0]: until takes a day like \"2027-01-31\", not \"2027-13-01\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(parse(rows[i].text), -EINVAL);
        assert_string_equal(error.message, rows[i].message);
    }
}

static void a_file_has_bounds(void **state)
{
    static char large[(256 << 10) + 1];
    struct scratch scratch;
    const char *path;

    (void)state;
    scratch_make(&scratch);
    path = scratch_path(&scratch, "thaw.json");
    assert_int_equal(thaw_configuration_read(path, &configuration, &error), -ENOENT);
    assert_int_equal(mkfifo(path, 0600), 0); /* must not wait for a writer */
    assert_int_equal(thaw_configuration_read(path, &configuration, &error), -EINVAL);
    assert_int_equal(remove(path), 0);
    memset(large, ' ', sizeof(large));
    path = scratch_write(&scratch, "thaw.json", large, sizeof(large));
    assert_int_equal(thaw_configuration_read(path, &configuration, &error), -EINVAL);
    assert_non_null(strstr(error.message, "larger than 256 KiB"));
    path = scratch_write_text(&scratch, "good.json", GOOD);
    assert_int_equal(thaw_configuration_read(path, &configuration, &error), 0);
    assert_int_equal(configuration.count, 2);
    scratch_remove(&scratch);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ALL); chaos_malloc_more();) {
        int result = parse(GOOD);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_members_arrive, end),
        cmocka_unit_test_teardown(what_is_wrong_is_told_in_one_line, end),
        cmocka_unit_test_teardown(a_file_has_bounds, end),
        cmocka_unit_test_teardown(without_memory_it_says_so, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
