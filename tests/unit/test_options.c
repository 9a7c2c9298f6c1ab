/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "base/closest.h"

static const char *const colors[] = {"auto", "always", "never", NULL};

struct values {
    bool json;
    bool verbose;
    const char *output;
    int64_t width;
    int color;
    uint64_t until_ns;
    struct thaw_option_texts pythons;
};

static const struct thaw_option options[] = {
    {THAW_FLAG(struct values, json), .name = "json", .letter = 'j', .help = ""},
    {THAW_FLAG(struct values, verbose), .name = "verbose", .letter = 'v', .help = ""},
    {THAW_TEXT(struct values, output), .name = "output", .letter = 'o', .argument = "FILE"},
    {THAW_NUMBER(struct values, width), .name = "width", .minimum = 80, .maximum = 200},
    {THAW_CHOICE(struct values, color), .name = "color", .choices = colors},
    {THAW_DURATION(struct values, until_ns), .name = "until"},
    {THAW_TEXTS(struct values, pythons), .name = "python", .letter = 'p', .argument = "FILE"},
    {0},
};

static struct values values;
static struct thaw_operands operands;
static struct thaw_error error;

/* Parses the given words as the arguments of a command. */
static int parse(int options_first, ...)
{
    static char *argv[16];
    int argc = 0;
    argv[argc++] = "command";
    va_list words;
    va_start(words, options_first);
    while ((argv[argc] = va_arg(words, char *)))
        argc++;
    va_end(words);
    values = (struct values){.width = 100};
    memset(&error, 0, sizeof(error));
    return thaw_options_parse(options, options_first, argc, argv, &values, &operands, &error);
}

#define parse_words(...) parse(false, __VA_ARGS__, NULL)
#define assert_refused(expected, ...)                                                              \
    do {                                                                                           \
        assert_int_equal(parse_words(__VA_ARGS__), -EINVAL);                                       \
        assert_string_equal(error.message, expected);                                              \
    } while (0)

static void values_of_each_type_are_stored(void **state)
{
    (void)state;
    assert_int_equal(parse_words("-j", "-o", "x.json", "--width=120", "--color", "never", "--until",
                                 "1.5s", "recording"),
                     0);
    assert_true(values.json);
    assert_false(values.verbose);
    assert_string_equal(values.output, "x.json");
    assert_int_equal(values.width, 120);
    assert_int_equal(values.color, 2);
    assert_int_equal(values.until_ns, 1500000000);
    assert_int_equal(operands.count, 1);
    assert_string_equal(operands.items[0], "recording");
    assert_null(operands.items[1]);
}

static void defaults_stay_without_options(void **state)
{
    (void)state;
    assert_int_equal(parse(false, NULL), 0);
    assert_int_equal(values.width, 100);
    assert_null(values.output);
    assert_int_equal(operands.count, 0);
}

static void options_may_follow_operands(void **state)
{
    (void)state;
    assert_int_equal(parse_words("recording", "-jv", "-ox"), 0);
    assert_true(values.json && values.verbose);
    assert_string_equal(values.output, "x");
    assert_int_equal(operands.count, 1);
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    assert_int_equal(parse_words("-j", "--", "-v", "--", "x"), 0);
    assert_false(values.verbose);
    assert_int_equal(operands.count, 3);
    assert_string_equal(operands.items[0], "-v");
    assert_string_equal(operands.items[1], "--");
}

static void the_command_to_run_keeps_its_options(void **state)
{
    (void)state;
    assert_int_equal(parse(true, "-j", "python3", "-v", "--help", "--", "x", NULL), 0);
    assert_true(values.json);
    assert_false(values.verbose || operands.help);
    assert_int_equal(operands.count, 5);
    assert_string_equal(operands.items[0], "python3");
    assert_string_equal(operands.items[3], "--");
}

static void help_is_known_everywhere(void **state)
{
    (void)state;
    assert_int_equal(parse_words("--help"), 0);
    assert_true(operands.help);
    assert_int_equal(parse_words("-h"), 0);
    assert_true(operands.help);
}

static void texts_may_be_given_several_times(void **state)
{
    (void)state;
    assert_int_equal(parse_words("x"), 0);
    assert_int_equal(values.pythons.count, 0);
    assert_null(values.pythons.items[0]);
    assert_int_equal(parse_words("--python", "/z", "x", "-p/a", "--output=o", "--python=/z"), 0);
    assert_int_equal(values.pythons.count, 3);
    assert_string_equal(values.pythons.items[0], "/z"); /* in their order, each as it stands */
    assert_string_equal(values.pythons.items[1], "/a");
    assert_string_equal(values.pythons.items[2], "/z");
    assert_null(values.pythons.items[3]);
    assert_string_equal(values.output, "o");
    assert_int_equal(operands.count, 1);
    assert_refused("option '-p' needs a value", "-p/a", "-p");
}

static void texts_are_bounded(void **state)
{
    char *argv[THAW_OPTION_TEXTS_MOST + 3] = {"command"};

    (void)state;
    for (int i = 1; i <= THAW_OPTION_TEXTS_MOST + 1; i++)
        argv[i] = "--python=/p";
    values = (struct values){0};
    assert_int_equal(thaw_options_parse(options, false, THAW_OPTION_TEXTS_MOST + 1, argv, &values,
                                        &operands, &error),
                     0);
    assert_int_equal(values.pythons.count, THAW_OPTION_TEXTS_MOST);
    assert_null(values.pythons.items[THAW_OPTION_TEXTS_MOST]);
    values = (struct values){0};
    assert_int_equal(thaw_options_parse(options, false, THAW_OPTION_TEXTS_MOST + 2, argv, &values,
                                        &operands, &error),
                     -EINVAL);
    assert_string_equal(error.message, "--python can be given 16 times at most");
}

static void a_command_behind_operands_is_cut_off(void **state)
{
    char *words[] = {"command", "x", "--width", "100", "--", "run", "--json", "--", NULL};
    char *none[] = {"command", "x", NULL}, *last[] = {"command", "--", NULL};
    int count = 8;
    char **behind = thaw_options_cut(&count, words);

    (void)state;
    assert_int_equal(count, 4);
    assert_null(words[count]);
    assert_ptr_equal(behind, words + 5);
    values = (struct values){0};
    assert_int_equal(thaw_options_parse(options, false, count, words, &values, &operands, &error),
                     0);
    assert_int_equal(operands.count, 1);
    assert_false(values.json);
    assert_string_equal(behind[1], "--json");
    assert_string_equal(behind[2], "--");
    assert_null(behind[3]);
    count = 2;
    assert_null(thaw_options_cut(&count, none));
    assert_int_equal(count, 2);
    behind = thaw_options_cut(&count, last);
    assert_int_equal(count, 1);
    assert_null(*behind);
}

static void unknown_options_name_the_closest(void **state)
{
    (void)state;
    assert_refused("unknown option '--jsno' (did you mean '--json'?)", "--jsno");
    assert_refused("unknown option '--ouptut' (did you mean '--output'?)", "x", "--ouptut=y");
    assert_refused("unknown option '--frobnicate'", "--frobnicate", "x");
    assert_refused("unknown option '-q'", "--json", "-vq");
}

static void wrong_values_are_named(void **state)
{
    (void)state;
    assert_refused("option '--output' needs a value", "x", "--output");
    assert_refused("option '-o' needs a value", "-o");
    assert_refused("option '--json' takes no value", "--json=yes");
    assert_refused("--width takes a number from 80 to 200, not '79'", "--width=79");
    assert_refused("--width takes a number from 80 to 200, not '80x'", "--width=80x");
    assert_refused("--width takes a number from 80 to 200, not ''", "--width=");
    assert_refused("--width takes a number from 80 to 200, not '99999999999999999999'",
                   "--width=99999999999999999999");
    assert_refused("--color takes one of auto, always, never, not 'blue'", "--color", "blue");
    assert_refused("--until takes a duration such as 500ms, 10s or 2min, not 'soon'",
                   "--until=soon");
}

static void durations_are_read_with_their_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ns;
    } good[] = {{"250ms", 250000000},    {"2s", 2000000000},
                {"3", 3000000000},       {".5s", 500000000},
                {"1.5min", 90000000000}, {"1m", 60000000000},
                {"1h", 3600000000000},   {"0", 0}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t ns = 1;
        assert_int_equal(thaw_options_duration(good[i].text, &ns), 0);
        assert_int_equal(ns, good[i].ns);
    }
    static const char *const bad[] = {"",    "s",    "-1s",  "+1", "1 s",   "1d", "inf",
                                      "nan", "0x10", "1e99", ".",  "9999h", "1ss"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t ns;
        assert_int_equal(thaw_options_duration(bad[i], &ns), -EINVAL);
    }
}

static const char *closest_of(const char *typed)
{
    struct thaw_closest closest = {.typed = typed};
    thaw_closest_offer(&closest, "record");
    thaw_closest_offer(&closest, "report");
    thaw_closest_offer(&closest, "doctor");
    return closest.name;
}

static void only_close_names_are_suggested(void **state)
{
    (void)state;
    assert_string_equal(closest_of("recrod"), "record");
    assert_string_equal(closest_of("repotr"), "report");
    assert_string_equal(closest_of("doc"), "doctor");
    assert_null(closest_of("x"));
    assert_null(closest_of(""));
    assert_null(closest_of("python"));
    assert_null(closest_of("a-very-long-word-that-is-no-command-of-this-program-at-all"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_each_type_are_stored),
        cmocka_unit_test(defaults_stay_without_options),
        cmocka_unit_test(options_may_follow_operands),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(the_command_to_run_keeps_its_options),
        cmocka_unit_test(help_is_known_everywhere),
        cmocka_unit_test(texts_may_be_given_several_times),
        cmocka_unit_test(texts_are_bounded),
        cmocka_unit_test(a_command_behind_operands_is_cut_off),
        cmocka_unit_test(unknown_options_name_the_closest),
        cmocka_unit_test(wrong_values_are_named),
        cmocka_unit_test(durations_are_read_with_their_units),
        cmocka_unit_test(only_close_names_are_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
