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
#include "configuration/members.h"
#include "scratch.h"

#define GOOD                                                                                       \
    "{\"suppress\": [{\"id\": \"lazy-import\", \"reason\": \"r\"},"                                \
    " {\"until\": \"2027-01-31\", \"module\": \"m\", \"file\": \"f.py\", \"reason\": \"s\","       \
    " \"id\": \"import-garbage\"}]}"

#define BUDGETS                                                                                    \
    "{\"budgets\": [\n"                                                                            \
    "  {\"max_increase\": 1e3, \"warn\": \"200 MiB\", \"max\": \"250MB\","                         \
    "   \"metric\": \"shipped_disk_bytes\"},\n"                                                    \
    "  {\"metric\": \"modules\", \"distribution\": \"pandas\", \"max_increase\": \"5%\","          \
    "   \"warn_increase\": 0}, {\"metric\": \"phase_time\", \"phase\": \"import\","                \
    "   \"max\": \"1.5min\", \"max_increase\": \"300ms\"}],\n"                                     \
    " \"forbidden\": [{\"module\": \"matplotlib\", \"reason\": \"r\", \"level\": \"error\"},\n"    \
    "  {\"distribution\": \"torch\", \"reason\": \"r\", \"level\": \"warning\"}],\n"               \
    " \"allowed\": [{\"module\": \"matplotlib.*\", \"reason\": \"r\"},\n"                          \
    "  {\"metric\": \"modules\", \"until\": \"2028-02-29\", \"reason\": \"s\"}],\n"                \
    " \"gate\": {\"command\": [\"a\", \"b\"], \"across\": [\"kernel\"]}, \"$schema\": \"x\"}"

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

/* With ' for ", which stands in none of them. */
static int parse_quoted(const char *quoted)
{
    char text[400];

    assert_true(strlen(quoted) < sizeof(text));
    strcpy(text, quoted);
    for (char *quote = text; (quote = strchr(quote, '\''));)
        *quote = '"';
    return parse(text);
}

static void assert_limit(const struct thaw_budget_limit *limit, double value, bool share)
{
    assert_true(limit->given);
    assert_true(limit->value >= value && limit->value <= value);
    assert_int_equal(limit->share, share);
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
    assert_int_equal(parse("\xEF\xBB\xBF{}"), 0);
    assert_int_equal(configuration.count, 0);
}

static void budgets_arrive(void **state)
{
    const struct thaw_budgets *budgets = &configuration.budgets;
    const struct thaw_budget *budget;

    (void)state;
    assert_int_equal(parse(BUDGETS), 0);
    assert_int_equal(budgets->budget_count, 3);
    budget = &budgets->budgets[0];
    assert_string_equal(budget->metric, "shipped_disk_bytes");
    assert_string_equal(budget->part.module, "");
    assert_string_equal(budget->part.distribution, "");
    assert_limit(&budget->max, 250e6, false);
    assert_limit(&budget->warn, 200 * 1024 * 1024.0, false);
    assert_limit(&budget->max_increase, 1000, false);
    assert_false(budget->warn_increase.given);
    assert_int_equal(budget->place.line, 2);
    assert_int_equal(budget->place.column, 3);
    budget = &budgets->budgets[1];
    assert_string_equal(budget->part.distribution, "pandas");
    assert_limit(&budget->max_increase, 0.05, true);
    assert_limit(&budget->warn_increase, 0, false);
    assert_false(budget->max.given || budget->warn.given);
    assert_int_equal(budget->place.line, 3);
    budget = &budgets->budgets[2];
    assert_string_equal(budget->part.phase, "import");
    assert_limit(&budget->max, 90e9, false);
    assert_limit(&budget->max_increase, 300e6, false);
    assert_int_equal(budgets->forbidden_count, 2);
    assert_string_equal(budgets->forbidden[0].module, "matplotlib");
    assert_string_equal(budgets->forbidden[0].distribution, "");
    assert_string_equal(budgets->forbidden[0].reason, "r");
    assert_false(budgets->forbidden[0].warning);
    assert_string_equal(budgets->forbidden[1].distribution, "torch");
    assert_true(budgets->forbidden[1].warning);
    assert_int_equal(budgets->forbidden[1].place.line, 5);
    assert_int_equal(budgets->allowed_count, 2);
    assert_string_equal(budgets->allowed[0].metric, "");
    assert_string_equal(budgets->allowed[0].part.module, "matplotlib.*");
    assert_string_equal(budgets->allowed[0].until, "");
    assert_string_equal(budgets->allowed[1].metric, "modules");
    assert_string_equal(budgets->allowed[1].reason, "s");
    assert_string_equal(budgets->allowed[1].until, "2028-02-29");
    assert_int_equal(budgets->allowed[1].place.line, 7);
}

static void settings_arrive(void **state)
{
    const struct thaw_gate_settings *settings = &configuration.budgets.settings;

    (void)state;
    assert_int_equal(parse("{\"gate\": {\"target\": \"build\", \"command\": [\"a\", \"\"], "
                           "\"baseline\": \"b.json\", \"runs\": 15, \"warmup\": 0, "
                           "\"cold\": true, \"unmeasured\": \"warning\", "
                           "\"across\": [\"kernel\", \"lock_file\"]}}"),
                     0);
    assert_string_equal(settings->target, "build");
    assert_string_equal(settings->command[0], "a");
    assert_string_equal(settings->command[1], "");
    assert_null(settings->command[2]);
    assert_string_equal(settings->baseline, "b.json");
    assert_int_equal(settings->runs, 15);
    assert_true(settings->has_warmup && !settings->warmup && settings->cold);
    assert_true(settings->unmeasured_is_warning);
    assert_int_equal(settings->across, THAW_GATE_KEY_KERNEL | THAW_GATE_KEY_LOCK_FILE);
    assert_int_equal(parse("{}"), 0);
    assert_string_equal(settings->target, "");
    assert_string_equal(settings->baseline, "");
    assert_null(settings->command);
    assert_true(!settings->runs && !settings->has_warmup && !settings->cold);
    assert_true(!settings->unmeasured_is_warning && !settings->across);
}

struct refused {
    const char *text;    /* with ' for " */
    const char *message; /* behind the file's name */
};

static const struct refused refused_files[] = {
    {"{'suppress': [\n  {'id': oops}]}", "2:13: invalid token near 'oops'"},
    {"", "1:1: '[' or '{' expected near end of file"},
    {"[]", "1:1: it must be an object"},
    {"\xEF\xBB\xBF{'x': oops}", "1:10: invalid token near 'oops'"},
    {"{'supress': []}", "1:2: unknown key 'supress' (did you mean 'suppress'?)"},
    {"{\n 'x': []}", "2:2: unknown key 'x' (there are: $schema, suppress, gate, budgets, "
                     "forbidden, audit, lint, allowed)"},
    {"{'suppress': {}}", "1:14: suppress must be a list"},
    {"{'suppress': ['lazy-import']}", "1:15: an entry of suppress must be an object"},
    {"{'suppress': [{'id': 'lazy-import', 'reason': 'r'},\n {'id': 'lazy-import'}]}",
     "2:2: reason is missing from an entry of suppress"},
    {"{'suppress': [{'reason': 'r'}]}", "1:15: id is missing from an entry of suppress"},
    {"{'suppress': [{'id': 'lazy-import', 'reason': ' '}]}", "1:47: reason is empty"},
    {"{'suppress': [{'id': 'lazy-import', 'rason': 'r'}]}",
     "1:37: unknown key 'rason' (did you mean 'reason'?)"},
    {"{'suppress': [{'id': 'lazy-import', 'reason': 1}]}", "1:47: reason must be a text"},
    {"{'suppress': [{'id': 'lazy-imprt', 'reason': 'r'}]}",
     "1:22: there is no finding 'lazy-imprt' (did you mean 'lazy-import'?)"},
    {"{'suppress': [{'id': 'x', 'reason': 'r'}]}",
     "1:22: there is no finding 'x'; `thaw explain list` names them"},
    {"{'suppress': [{'id': 'lazy-import', 'reason': 'r', 'until': 'soon'}]}",
     "1:61: until takes a day like \"2027-01-31\", not \"soon\""},
    {"{'suppress': [{'id': 'lazy-import', 'reason': 'r', 'until': '2027-02-29'}]}",
     "1:61: until takes a day like \"2027-01-31\", not \"2027-02-29\""},
    {"{'$schema': 1}", "1:13: $schema must be a text"},
    {"{'budgets': [],\n 'forbidden': [],\n 'budgets': []}",
     "3:2: 'budgets' stands here again, after line 1, column 2"},
    {"{'budgets': [{'metric': 'modules',\n 'max': 1, '\\u006dax': 2}]}",
     "2:12: '\\u006dax' stands here again, after line 2, column 2"},
};

static const struct refused refused_budgets[] = {
    {"{'budgets': [{'metric': 'module', 'max': 1}]}",
     "1:25: there is no metric 'module' (did you mean 'modules'?)"},
    {"{'budgets': [{'metric': 'x', 'max': 1}]}",
     "1:25: there is no metric 'x'; `thaw schema configuration` describes them"},
    {"{'budgets': [{'max': 1}]}", "1:14: metric is missing from a budget"},
    {"{'budgets': [{'metric': 'modules'}]}",
     "1:14: a budget needs a limit: max, warn, max_increase or warn_increase"},
    {"{'budgets': [{'max': '900', 'metric': 'modules'}]}",
     "1:22: max of modules takes a whole number, not \"900\""},
    {"{'budgets': [{'max': 0.5, 'metric': 'modules'}]}",
     "1:22: max of modules takes a whole number, not 0.5"},
    {"{'budgets': [{'max': [], 'metric': 'modules'}]}",
     "1:22: max of modules takes a whole number, not a list"},
    {"{'budgets': [{'max_increase': null, 'metric': 'modules'}]}",
     "1:31: max_increase of modules takes a whole number or a share (\"5%\"), not null"},
    {"{'budgets': [{'max': '5 MB', 'metric': 'total_time'}]}",
     "1:22: max of total_time takes a time with its unit (\"300ms\", \"2s\", \"1.5min\"), not "
     "\"5 MB\""},
    {"{'budgets': [{'max': 300, 'metric': 'total_time'}]}",
     "1:22: max of total_time takes a time with its unit (\"300ms\", \"2s\", \"1.5min\"), not "
     "300"},
    {"{'budgets': [{'max': '80ms', 'metric': 'shipped_bytes'}]}",
     "1:22: max of shipped_bytes takes a size (\"80MB\", \"1.5 GB\", \"64KiB\", or how many "
     "bytes), not \"80ms\""},
    {"{'budgets': [{'max': '5%', 'metric': 'modules'}]}",
     "1:22: max takes no share: it is max_increase and warn_increase that do"},
    {"{'budgets': [{'max': -1, 'metric': 'modules'}]}", "1:22: max is below 0"},
    {"{'budgets': [{'max_increase': '-5%', 'metric': 'modules'}]}",
     "1:31: max_increase is below 0: it says how much more is allowed"},
    {"{'budgets': [{'metric': 'modules', 'warn': 6, 'max': 5}]}",
     "1:36: warn is above max: it would never warn"},
    {"{'budgets': [{'metric': 'modules', 'max_increase': '5%', 'warn_increase': '6%'}]}",
     "1:58: warn_increase is above max_increase: it would never warn"},
    {"{'budgets': [{'metric': 'modules', 'max': 5},\n {'metric': 'modules', 'warn': 5}]}",
     "2:2: there is a budget of the same in line 1 already"},
    {"{'budgets': [{'metric': 'system_calls', 'module': 'm', 'max': 5}]}",
     "1:41: system_calls can't be told by module"},
    {"{'budgets': [{'metric': 'modules', 'module': 'm', 'distribution': 'd', 'max': 5}]}",
     "1:51: module and distribution don't go together: one of them is enough"},
    {"{'budgets': [{'metric': 'phase_time', 'max': '5s'}]}",
     "1:14: phase is missing: phase_time is of one"},
    {"{'forbidden': [{'reason': 'r'}]}", "1:16: module is missing, or distribution"},
    {"{'forbidden': [{'module': 'm', 'reason': 'r', 'level': 'note'}]}",
     "1:56: level must be \"error\" or \"warning\""},
    {"{'allowed': [{'module': 'm', 'phase': 'import', 'reason': 'r'}]}",
     "1:30: what is forbidden can't be told by phase"},
    {"{'allowed': [{'module': 'm'}]}", "1:14: reason is missing from an entry of allowed"},
    {"{'gate': {'runs': 0}}", "1:19: runs must be a whole number from 1 to 1000"},
    {"{'gate': {'command': []}}", "1:22: command must be a list: the program and its arguments"},
    {"{'gate': {'command': ['']}}", "1:23: the program is empty"},
    {"{'gate': {'command': ['a', 1]}}", "1:28: an argument of command must be a text"},
    {"{'gate': {'cold': 1}}", "1:19: cold must be true or false"},
    {"{'gate': {'across': ['kernel', 'lockfile']}}",
     "1:32: a baseline has no 'lockfile' that may differ (did you mean 'lock_file'?)"},
    {"{'gate': {'across': ['x']}}",
     "1:22: a baseline has no 'x' that may differ: interpreter, architecture, lock_file, "
     "kernel, machine, backend do"},
    {"{'gate': {'across': ['kernel', 'kernel']}}", "1:32: kernel stands in across already"},
};

static void assert_refused(const struct refused *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(parse_quoted(rows[i].text), -EINVAL);
        assert_memory_equal(error.message, "thaw.json:", 10);
        assert_string_equal(error.message + 10, rows[i].message);
    }
}

static void what_is_wrong_is_told_in_one_line(void **state)
{
    (void)state;
    assert_refused(refused_files, sizeof(refused_files) / sizeof(refused_files[0]));
    assert_refused(refused_budgets, sizeof(refused_budgets) / sizeof(refused_budgets[0]));
}

static void a_list_has_bounds(void **state)
{
    struct text {
        char bytes[THAW_CONFIGURATION_ENTRIES_MAX * 3 + 40];
    } text = {"{\"budgets\": ["};

    (void)state;
    for (size_t i = 0; i <= THAW_CONFIGURATION_ENTRIES_MAX; i++)
        strcat(text.bytes, i ? ",{}" : "{}");
    strcat(text.bytes, "]}");
    assert_int_equal(parse(text.bytes), -EINVAL);
    assert_string_equal(error.message, "thaw.json:1:13: budgets has more than 1000 entries");
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
    assert_string_equal(configuration.budgets.settings.target, "");
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

        if (!result)
            result = parse(BUDGETS);
        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_members_arrive, end),
        cmocka_unit_test_teardown(budgets_arrive, end),
        cmocka_unit_test_teardown(settings_arrive, end),
        cmocka_unit_test_teardown(what_is_wrong_is_told_in_one_line, end),
        cmocka_unit_test_teardown(a_list_has_bounds, end),
        cmocka_unit_test_teardown(a_file_has_bounds, end),
        cmocka_unit_test_teardown(without_memory_it_says_so, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
