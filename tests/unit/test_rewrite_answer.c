/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chaos_malloc.h"
#include "python/rewrite.h"

static const struct thaw_rewrite_import imports[] = {{1, "json", "json"}, {3, "os.path", "os"}};
static const struct thaw_rewrite_file files[] = {{"/a.py", "", 0, imports, 2},
                                                 {"/b.py", "", 0, imports, 1}};

#define MOVED "[\"moved\",0,1,\"json\",\"function\",[\"use\",\"A.m\"],\"a note\"]\n"
#define REFUSED "[\"refused\",0,3,\"os\",\"module\",\"module level at line 7\",7]\n"
#define GETTER "[\"getter\",0,3,\"os\",\"def f():\\n    pass\"]\n"
#define CHANGED "[\"changed\",0,\"\\u00e4\\r\\n\",\"--- a\\n\\u00ff\"]\n"
#define END "[\"end\"]\n"

struct answer {
    struct thaw_arena arena;
    struct thaw_rewrite_result *results;
    bool whole;
};

/* Reads a copy of exactly that length, so that AddressSanitizer sees a read behind it. */
static int read_bytes(const char *bytes, size_t length, struct answer *ret)
{
    char *copy = malloc(length + !length);
    int result;

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    *ret = (struct answer){0};
    result =
        thaw_rewrite_answer_read(copy, length, files, 2, &ret->arena, &ret->results, &ret->whole);
    free(copy);
    return result;
}

static struct answer read_text(const char *text)
{
    struct answer answer;

    assert_int_equal(read_bytes(text, strlen(text), &answer), 0);
    return answer;
}

static void each_import_gets_its_verdict(void **state)
{
    struct answer answer = read_text(MOVED REFUSED GETTER CHANGED END);
    const struct thaw_rewrite_verdict *verdicts = answer.results[0].verdicts;

    (void)state;
    assert_true(answer.whole);
    assert_string_equal(verdicts[0].form, "function");
    assert_int_equal(verdicts[0].functions.count, 2);
    assert_string_equal(verdicts[0].functions.items[1], "A.m");
    assert_string_equal(verdicts[0].note, "a note");
    assert_string_equal(verdicts[0].kind, "");
    assert_string_equal(verdicts[1].form, "");
    assert_string_equal(verdicts[1].kind, "module");
    assert_string_equal(verdicts[1].detail, "module level at line 7");
    assert_int_equal(verdicts[1].detail_line, 7);
    assert_string_equal(verdicts[1].getter, "def f():\n    pass");
    assert_string_equal(answer.results[1].verdicts[0].kind, "no-answer");
    thaw_arena_free(&answer.arena);
}

static void contents_are_bytes(void **state)
{
    struct answer answer = read_text(MOVED CHANGED END);

    (void)state;
    assert_int_equal(answer.results[0].length, 3);
    assert_memory_equal(answer.results[0].bytes, "\xe4\r\n", 4);
    assert_int_equal(answer.results[0].difference_length, 7);
    assert_memory_equal(answer.results[0].difference, "--- a\n\xff", 8);
    assert_null(answer.results[1].bytes);
    thaw_arena_free(&answer.arena);
}

/* Without its end, or without an import that moved, an answer changes no file. */
static void half_an_answer_changes_nothing(void **state)
{
    static const char *const texts[] = {
        MOVED CHANGED,
        REFUSED CHANGED END,
        CHANGED END,
        MOVED END,
        MOVED "[\"changed\",0,\"\\u0100\",\"x\"]\n" END,
        MOVED "[\"changed\",0,\"x\",\"\"]\n" END,
        MOVED "[\"changed\",0,\"x\"]\n" END,
        MOVED "[\"changed\",2,\"x\",\"y\"]\n" END,
        MOVED "[\"changed\",0,\"a\\u0000\",\"y\"]\n" END,
        MOVED CHANGED "[\"end\"]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct answer answer = read_text(texts[i]);

        if (answer.results[0].bytes || answer.results[0].difference || answer.results[1].bytes)
            fail_msg("%s changes a file", texts[i]);
        thaw_arena_free(&answer.arena);
    }
}

static void what_was_not_asked_is_passed_over(void **state)
{
    static const char *const rows[] = {
        "",
        "nonsense",
        "{}",
        "[]",
        "[1]",
        "[\"moved\"]",
        "[\"moved\",0,2,\"json\",\"function\",[],\"\"]",
        "[\"moved\",0,1,\"os\",\"function\",[],\"\"]",
        "[\"moved\",2,1,\"json\",\"function\",[],\"\"]",
        "[\"moved\",-1,1,\"json\",\"function\",[],\"\"]",
        "[\"moved\",0,1,\"json\",\"\",[],\"\"]",
        "[\"moved\",0,1,\"json\",\"function\",[1],\"\"]",
        "[\"moved\",0,1,\"json\",\"function\",\"use\",\"\"]",
        "[\"moved\",0,1,\"json\",\"function\",[]]",
        "[\"refused\",0,1,\"json\",\"\",\"why\",0]",
        "[\"refused\",0,1,\"json\",\"kind\",\"why\",-1]",
        "[\"refused\",0,1,\"json\",\"kind\",\"why\",4294967296]",
        "[\"getter\",0,1,\"json\",1]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[256];
        struct answer answer;

        snprintf(text, sizeof(text), "%s\n" END, rows[i]);
        answer = read_text(text);
        assert_true(answer.whole);
        if (strcmp(answer.results[0].verdicts[0].kind, "no-answer") ||
            *answer.results[0].verdicts[0].getter)
            fail_msg("%s is taken", rows[i]);
        thaw_arena_free(&answer.arena);
    }
}

static void short_memory_is_told(void **state)
{
    static const char text[] = MOVED REFUSED GETTER CHANGED END;

    (void)state;
    if (!chaos_malloc_works()) {
        print_message("skip: linked without --wrap\n");
        skip();
    }
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct answer answer = {0};
        int result = thaw_rewrite_answer_read(text, strlen(text), files, 2, &answer.arena,
                                              &answer.results, &answer.whole);

        chaos_malloc_pause();
        assert_int_equal(result, chaos_malloc_failed() ? -ENOMEM : 0);
        assert_true(chaos_malloc_failed() || answer.results[0].bytes);
        thaw_arena_free(&answer.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_import_gets_its_verdict),
        cmocka_unit_test(contents_are_bytes),
        cmocka_unit_test(half_an_answer_changes_nothing),
        cmocka_unit_test(what_was_not_asked_is_passed_over),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
