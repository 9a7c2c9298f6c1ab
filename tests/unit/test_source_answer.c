/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "chaos_malloc.h"
#include "python/source_inquiry.h"

/* What an answer led to: each event as a line of text. */
struct taken {
    char text[8192];
    size_t count;
    int refuse; /* what to return for the refuse_at-th event */
    size_t refuse_at;
};

static const struct thaw_source_file files[] = {
    {"/app/one.py", "/app/one.py", true},
    {"two.py", "/app/two.py", false},
};

static void say(struct taken *taken, const char *format, ...)
{
    size_t length = strlen(taken->text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(taken->text + length, sizeof(taken->text) - length, format, arguments);
    va_end(arguments);
}

static void say_texts(struct taken *taken, const struct thaw_texts *texts)
{
    say(taken, " [");
    for (uint64_t i = 0; i < texts->count; i++)
        say(taken, "%s%s", i ? "," : "", texts->items[i]);
    say(taken, "]");
}

static void say_import(struct taken *taken, const struct thaw_inventory_import *row)
{
    say(taken, "import %s:%u %u %s", row->file, (unsigned)row->line, (unsigned)row->level,
        row->module);
    say_texts(taken, &row->names);
}

static void say_statement(struct taken *taken, const struct thaw_inventory_statement *row)
{
    say(taken, "statement %s:%u-%u %u %s %s %s %s", row->file, (unsigned)row->line,
        (unsigned)row->end_line, (unsigned)row->level, row->module, row->name, row->bound,
        row->use);
    say_texts(taken, &row->functions);
    say(taken, " %s", row->detail);
    say_texts(taken, &row->attributes);
}

static void say_definition(struct taken *taken, const struct thaw_inventory_definition *row)
{
    say(taken, "definition %s:%u %s %s", row->file, (unsigned)row->line, row->name, row->kind);
    say_texts(taken, &row->references);
    say_texts(taken, &row->decorators);
    say_texts(taken, &row->bare);
    say(taken, " %u", (unsigned)row->dynamic);
}

static int take(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    struct taken *taken = context;

    (void)error;
    if (event->kind == THAW_EVENT_INVENTORY_IMPORT)
        say_import(taken, &event->inventory_import);
    else if (event->kind == THAW_EVENT_INVENTORY_STATEMENT)
        say_statement(taken, &event->inventory_statement);
    else if (event->kind == THAW_EVENT_INVENTORY_DEFINITION)
        say_definition(taken, &event->inventory_definition);
    else
        fail_msg("an event of kind %u", event->kind);
    say(taken, "\n");
    return ++taken->count == taken->refuse_at ? taken->refuse : 0;
}

/* Reads a copy of exactly that length, so that AddressSanitizer sees a read behind it. */
static int read_bytes(const char *bytes, size_t length, struct taken *taken,
                      struct thaw_source_summary *summary)
{
    char *copy = malloc(length ? length : 1);
    int result;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    result = thaw_source_answer_read(copy, length, files, 2, take, taken, summary, NULL);
    free(copy);
    return result;
}

static struct thaw_source_summary read_text(const char *text, struct taken *taken)
{
    struct thaw_source_summary summary;

    memset(taken, 0, sizeof(*taken));
    assert_int_equal(read_bytes(text, strlen(text), taken, &summary), 0);
    return summary;
}

static const char whole_answer[] =
    "[\"import\",0,1,0,\"os.path\",[]]\n"
    "[\"import\",0,3,2,\"\",[\"a\",\"b\"]]\n"
    "[\"scanned\",0]\n"
    "[\"import\",1,9,0,\"x\",[\"*\"]]\n"
    "[\"scanned\",1]\n"
    "[\"statement\",0,1,2,0,\"os.path\",\"\",\"os\",\"functions\",[\"f\",\"C.g\"],\"first used at "
    "line 7\",[\"path\",\"path.join\"]]\n"
    "[\"definition\",0,6,\"C.g\",\"async function\",[\"join\",\"os\"],[\"app.route\"],1,[\"os\"]]\n"
    "[\"read\",0]\n"
    "[\"end\"]\n";

static void every_row_becomes_an_event(void **state)
{
    struct taken taken;
    struct thaw_source_summary summary = read_text(whole_answer, &taken);

    (void)state;
    assert_string_equal(
        taken.text, "import /app/one.py:1 0 os.path []\n"
                    "import /app/one.py:3 2  [a,b]\n"
                    "import two.py:9 0 x [*]\n"
                    "statement /app/one.py:1-2 0 os.path  os functions [f,C.g] first used at "
                    "line 7 [path,path.join]\n"
                    "definition /app/one.py:6 C.g async function [join,os] [app.route] [os] 1\n");
    assert_int_equal(summary.unanswered, 0);
    assert_string_equal(summary.first, "");
    assert_true(summary.whole);
}

/* Cut at any byte: whole rows stay, and every file that is not done is counted. */
static void what_is_cut_off_counts_as_not_answered(void **state)
{
    static const char rows[] = "[\"scanned\",0]\n[\"read\",0]\n[\"scanned\",1]\n[\"end\"]\n";

    (void)state;
    for (size_t length = 0; length < sizeof(rows); length++) {
        size_t done = length >= 25 ? length >= 39 ? 2 : 1 : 0;
        struct thaw_source_summary summary;
        struct taken taken = {0};

        assert_int_equal(read_bytes(rows, length, &taken, &summary), 0);
        assert_int_equal(summary.unanswered, 2 - done);
        assert_int_equal(summary.whole, length == sizeof(rows) - 1);
        assert_string_equal(summary.first, done == 2   ? ""
                                           : done == 1 ? "two.py: no answer"
                                                       : "/app/one.py: no answer");
    }
}

static void reasons_are_told_and_failures_counted_once(void **state)
{
    struct taken taken;
    struct thaw_source_summary summary =
        read_text("[\"failed\",1,\"SyntaxError\\u001b at line 3\"]\n[\"failed\",1,\"again\"]\n"
                  "[\"scanned\",0]\n[\"failed\",0,\"late\"]\n[\"end\"]\n",
                  &taken);

    (void)state;
    assert_int_equal(taken.count, 0);
    assert_int_equal(summary.unanswered, 2);
    assert_string_equal(summary.first, "two.py: SyntaxError\\x1b at line 3");
    summary =
        read_text("[\"scanned\",0]\n[\"read\",0]\n[\"failed\",0,\"x\"]\n[\"scanned\",1]\n", &taken);
    assert_int_equal(summary.unanswered, 1);
    assert_string_equal(summary.first, "/app/one.py: x");
}

static void what_is_no_row_is_passed_over(void **state)
{
    static const char *const rows[] = {
        "",
        "nonsense",
        "{}",
        "[]",
        "[1]",
        "null",
        "[\"unknown\",0,1]",
        "[\"import\"]",
        "[\"import\",2,1,0,\"os\",[]]", /* no such file */
        "[\"import\",-1,1,0,\"os\",[]]",
        "[\"import\",4294967296,1,0,\"os\",[]]",
        "[\"import\",0.0,1,0,\"os\",[]]",
        "[\"import\",\"0\",1,0,\"os\",[]]",
        "[\"import\",0,-1,0,\"os\",[]]",
        "[\"import\",0,1,0,null,[]]",
        "[\"import\",0,1,0,\"os\",null]",
        "[\"import\",0,1,0,\"os\",{}]",
        "[\"import\",0,1,0,\"os\",[1]]",
        "[\"import\",0,1,0,\"os\",[\"a\",[]]]",
        "[\"import\",0,1,0,\"o\\u0000s\",[]]",
        "[\"import\",0,1,0,\"\xff\xfe\",[]]",
        "[\"import\",0,1,0,\"\\ud800\",[]]",
        "[\"import\",0,1,0,\"os\"",
        "[\"import\",0,1,0,\"os\",[]] trailing",
        "[\"definition\",0,1,\"f\",\"function\",[],[],true,[]]",
        "[\"statement\",0,1,1,0,\"a\",\"\",\"a\",\"none\",[],\"\"]",
        "[\"failed\",0]",
        "[\"failed\",0,1]",
        "[\"scanned\",7]",
        "[\"read\"]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thaw_source_summary summary;
        struct taken taken;
        char text[512];

        snprintf(text, sizeof(text), "%s\n[\"import\",1,5,0,\"good\",[]]\n[\"end\"]\n", rows[i]);
        summary = read_text(text, &taken);
        if (strcmp(taken.text, "import two.py:5 0 good []\n") != 0)
            fail_msg("after %s: %s", rows[i], taken.text);
        assert_int_equal(summary.unanswered, 2);
        assert_true(summary.whole);
    }
}

/* 4096 bytes of a text are taken, a line of 1 MiB is read; what is longer is not. */
static void lengths_are_bounded(void **state)
{
    static const size_t texts[] = {4096, 4097}, lines[] = {(1 << 20) - 1, (1 << 20) + 1};
    char *row = malloc((1 << 20) + 64);

    (void)state;
    assert_non_null(row);
    for (size_t i = 0; i < 2; i++) {
        struct thaw_source_summary summary;
        struct taken taken = {0};
        size_t length = (size_t)sprintf(row, "[\"import\",0,1,0,\"");

        memset(row + length, 'x', texts[i]);
        length += texts[i];
        length += (size_t)sprintf(row + length, "\",[]]\n");
        assert_int_equal(read_bytes(row, length, &taken, &summary), 0);
        assert_int_equal(taken.count, i == 0);
        memset(&taken, 0, sizeof(taken));
        length = (size_t)sprintf(row, "[\"import\",0,1,0,\"os\",[]]");
        memset(row + length, ' ', lines[i] - length);
        row[lines[i]] = '\n';
        assert_int_equal(read_bytes(row, lines[i] + 1, &taken, &summary), 0);
        assert_int_equal(taken.count, i == 0);
    }
    free(row);
}

static void a_refusal_ends_the_reading(void **state)
{
    struct thaw_source_summary summary;
    struct taken taken = {.refuse = -ENOSPC, .refuse_at = 2};

    (void)state;
    assert_int_equal(read_bytes(whole_answer, strlen(whole_answer), &taken, &summary), -ENOSPC);
    assert_int_equal(taken.count, 2);
    assert_int_equal(summary.unanswered, 2);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_source_summary summary;
        struct taken taken = {0};
        int result = thaw_source_answer_read(whole_answer, strlen(whole_answer), files, 2, take,
                                             &taken, &summary, NULL);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_true(chaos_malloc_failed() || taken.count == 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_becomes_an_event),
        cmocka_unit_test(what_is_cut_off_counts_as_not_answered),
        cmocka_unit_test(reasons_are_told_and_failures_counted_once),
        cmocka_unit_test(what_is_no_row_is_passed_over),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(a_refusal_ends_the_reading),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
