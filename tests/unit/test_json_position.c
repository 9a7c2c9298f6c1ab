/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/json_position.h"
#include "chaos_malloc.h"
#include "json_places.h"

static struct thaw_json_positions positions;

static int end(void **state)
{
    (void)state;
    thaw_json_positions_free(&positions);
    return 0;
}

static int scan(const char *text, unsigned allowed)
{
    end(NULL);
    return thaw_json_positions_scan(text, strlen(text), allowed, &positions);
}

static uint32_t member(uint32_t value, const char *key)
{
    return thaw_json_positions_member(&positions, value, key);
}

static uint32_t item(uint32_t value, size_t index)
{
    return thaw_json_positions_item(&positions, value, index);
}

static void assert_place(struct thaw_json_place place, uint32_t line, uint32_t column)
{
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void assert_value(uint32_t value, uint32_t line, uint32_t column)
{
    assert_place(thaw_json_positions_place(&positions, value), line, column);
}

static void assert_key(uint32_t value, uint32_t line, uint32_t column)
{
    assert_place(thaw_json_positions_key(&positions, value), line, column);
}

static void keys_and_values_have_places(void **state)
{
    (void)state;
    assert_int_equal(scan("{\n  \"a\" : [1, {\"b\": true} ,\"x\"],\r\n\t\"c\":{}}", 0), 0);
    assert_value(0, 1, 1);
    assert_key(0, 1, 1);
    assert_key(member(0, "a"), 2, 3);
    assert_value(member(0, "a"), 2, 9);
    assert_value(item(member(0, "a"), 0), 2, 10);
    assert_key(item(member(0, "a"), 0), 2, 10);
    assert_value(member(item(member(0, "a"), 1), "b"), 2, 19);
    assert_key(member(item(member(0, "a"), 1), "b"), 2, 14);
    assert_value(item(member(0, "a"), 2), 2, 26);
    assert_key(member(0, "c"), 3, 2);
    assert_value(member(0, "c"), 3, 6);
    assert_value(member(0, "d"), 0, 0);
    assert_key(member(0, "d"), 0, 0);
    assert_value(item(member(0, "a"), 3), 0, 0);
    assert_value(item(member(0, "c"), 0), 0, 0);
    assert_value(item(member(item(7, 7), "x"), SIZE_MAX), 0, 0);
}

static void columns_are_characters(void **state)
{
    (void)state;
    assert_int_equal(scan("{\"\xC3\xA9\": \"\xF0\x9F\x98\x80\", \"b\": 1}", 0), 0);
    assert_key(member(0, "\xC3\xA9"), 1, 2);
    assert_value(member(0, "\xC3\xA9"), 1, 7);
    assert_key(member(0, "b"), 1, 12);
    assert_int_equal(scan("\xEF\xBB\xBF[1]", 0), 0);
    assert_value(0, 1, 1);
    assert_value(item(0, 0), 1, 2);
}

static void keys_are_the_same_however_they_are_written(void **state)
{
    (void)state;
    assert_int_equal(scan("{\"\\u0061\\n\\\"\\/\\ud83d\\ude00\": 1}", 0), 0);
    assert_value(member(0, "a\n\"/\xF0\x9F\x98\x80"), 1, 30);
    assert_value(member(0, "a"), 0, 0);
    assert_int_equal(scan("{\"a\": 1, \"a\": 2, \"ab\": 3, \"\": 4}", 0), 0);
    assert_value(member(0, "a"), 1, 15);
    assert_value(member(0, "ab"), 1, 24);
    assert_value(member(0, ""), 1, 31);
}

static void what_stands_twice_is_found(void **state)
{
    static const struct {
        const char *text;
        uint32_t again, before; /* columns of keys, 0: none */
    } rows[] = {
        {"{\"a\": 1, \"b\": {\"a\": 1}, \"c\": [{\"a\": 1}, {\"a\": 1}]}", 0, 0},
        {"{\"a\": 1, \"\\u0061\": 2}", 10, 2},
        {"{\"a\": 1, \"a\": 2, \"a\": 3}", 10, 2},
        {"[{\"b\": 1, \"a\": 2, \"a\": 3, \"b\": 4}]", 19, 11},
        {"[{\"b\": {\"z\": 1, \"z\": 2}, \"b\": 4}]", 17, 9},
        {"{\"\\ud83d\": 1, \"\\ud83d\": 2}", 15, 2}, /* no characters, and the same */
        {"{\"\\\": 1, \"\\x\": 2, \"x\": 3}", 0, 0}, /* a key with quotes, and no end */
        {"{}", 0, 0},
        {"1", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t again, before;

        scan(rows[i].text, 0);
        assert_int_equal(thaw_json_positions_twice(&positions, &again, &before), rows[i].again > 0);
        assert_int_equal(thaw_json_positions_key(&positions, again).column, rows[i].again);
        assert_int_equal(thaw_json_positions_key(&positions, before).column, rows[i].before);
    }
}

static int count_repeat(void *context, uint32_t again, uint32_t before)
{
    uint32_t *columns = context;

    columns[0]++;
    columns[1] += positions.values.items[again].key_place.column;
    columns[2] += positions.values.items[before].key_place.column;
    return columns[0] == 3 ? -EIO : 0;
}

static void all_that_stand_twice_are_told(void **state)
{
    uint32_t columns[3] = {0}; /* how many, sums of both */

    (void)state;
    assert_int_equal(scan("{\"a\": 1, \"b\": 2, \"a\": 3, \"a\": 4, \"c\": {\"b\": 1}}", 0), 0);
    assert_int_equal(thaw_json_positions_repeats(&positions, count_repeat, columns), 0);
    assert_int_equal(columns[0], 2);
    assert_int_equal(columns[1], 18 + 26);
    assert_int_equal(columns[2], 2 + 18); /* the nearest one before */
    assert_int_equal(thaw_json_positions_repeats(&positions, count_repeat, columns), -EIO);
}

static void values_end_on_a_line(void **state)
{
    (void)state;
    assert_int_equal(scan("{\n\"a\": [\n1,\n{}\n],\n\"b\": \"x\"\n}\n", 0), 0);
    assert_int_equal(positions.values.items[0].last_line, 7);
    assert_int_equal(positions.values.items[member(0, "a")].last_line, 5);
    assert_int_equal(positions.values.items[item(member(0, "a"), 1)].last_line, 4);
    assert_int_equal(positions.values.items[member(0, "b")].last_line, 6);
    assert_int_equal(positions.end_at, 29);
    assert_int_equal(scan("{\n\"a\": [1,]", 0), -EINVAL);
    assert_int_equal(positions.end_at, 10);
    assert_int_equal(positions.values.items[0].last_line, 0); /* it does not */
}

static void what_is_no_json_is_refused_where_it_ends(void **state)
{
    static const struct {
        const char *text;
        unsigned allowed;
        uint32_t line, column; /* 0: it is accepted */
    } rows[] = {
        {"", 0, 1, 1},
        {" \n ", 0, 2, 2},
        {"{\"a\" 1}", 0, 1, 6},
        {"{\"a\": 1 \"b\": 2}", 0, 1, 9},
        {"{a: 1}", 0, 1, 2},
        {"{\"a\": }", 0, 1, 7},
        {"[1,\n]", 0, 2, 1},
        {"[1,\n]", THAW_JSON_TRAILING_COMMAS, 0, 0},
        {"{\"a\": 1,}", THAW_JSON_TRAILING_COMMAS, 0, 0},
        {"[,]", THAW_JSON_TRAILING_COMMAS, 1, 2},
        {"{,}", THAW_JSON_TRAILING_COMMAS, 1, 2},
        {"[1,,]", THAW_JSON_TRAILING_COMMAS, 1, 4},
        {"[1}", 0, 1, 3},
        {"{\"a\": 1]", 0, 1, 8},
        {"[[]", 0, 1, 4},
        {"[] 1", 0, 1, 4},
        {"]", 0, 1, 1},
        {"\"abc", 0, 1, 1},
        {"\"abc\\\"", 0, 1, 1},
        {"\"abc\\", 0, 1, 1},
        {"// one\n[/* \n */1] //", THAW_JSON_COMMENTS, 0, 0},
        {"[1 /* ]", THAW_JSON_COMMENTS, 1, 4},
        {"[1 /* ]", 0, 1, 4},
        {"[1] /", THAW_JSON_COMMENTS, 1, 5},
        {"[1] /*/", THAW_JSON_COMMENTS, 1, 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(scan(rows[i].text, rows[i].allowed), rows[i].line ? -EINVAL : 0);
        if (rows[i].line)
            assert_place(positions.end, rows[i].line, rows[i].column);
    }
}

static void comments_and_commas_are_blanked(void **state)
{
    static const struct {
        const char *text, *plain;
    } rows[] = {
        {"// a\n[1, /* b\r\n c */ 2, // d\n]", "    \n[1,     \r\n      2      \n]"},
        {"{\"//\": \"/* \\\" */\", \"a\": [1, 2 ,],}",
         "{\"//\": \"/* \\\" */\", \"a\": [1, 2  ] }"},
        {"[,]", "[,]"},
        {"[1,,]", "[1,,]"},
        {"{\"a\":,}", "{\"a\":,}"},
        {",]", ",]"},
        {"[1, /*", "[1, /*"},
        {"\"// a", "\"// a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char bytes[80];

        strcpy(bytes, rows[i].text);
        thaw_json_blank(bytes, strlen(bytes), THAW_JSON_COMMENTS | THAW_JSON_TRAILING_COMMAS);
        assert_string_equal(bytes, rows[i].plain);
        strcpy(bytes, rows[i].text);
        thaw_json_blank(bytes, strlen(bytes), 0);
        assert_string_equal(bytes, rows[i].text);
    }
    assert_int_equal(thaw_json_mark_length("\xEF\xBB\xBF[]", 5), 3);
    assert_int_equal(thaw_json_mark_length("\xEF\xBB", 2), 0);
}

static void it_has_bounds(void **state)
{
    enum { DEPTH = THAW_JSON_POSITION_DEPTH_MAX };
    static char deep[2 * (DEPTH + 1) + 1];
    size_t wide_length = 2 * (THAW_JSON_POSITION_VALUES_MAX + 1);
    char *wide;

    (void)state;
    memset(deep, '[', DEPTH + 1);
    memset(deep + DEPTH + 1, ']', DEPTH + 1);
    assert_int_equal(scan(deep, 0), -E2BIG);
    assert_place(positions.end, 1, DEPTH + 1);
    deep[2 * DEPTH + 1] = '\0';
    assert_int_equal(scan(deep + 1, 0), 0);
    end(NULL);
    assert_int_equal(thaw_json_positions_scan("", THAW_JSON_POSITION_BYTES_MAX + 1, 0, &positions),
                     -E2BIG);
    wide = malloc(wide_length);
    assert_non_null(wide);
    for (size_t i = 0; i < wide_length; i++)
        wide[i] = i % 2 ? '1' : ',';
    wide[0] = '[';
    end(NULL);
    assert_int_equal(thaw_json_positions_scan(wide, wide_length, 0, &positions), -E2BIG);
    free(wide);
}

/* What jansson makes of it has the same shape, and all of it is found by its path. */
static void jansson_sees_the_same(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        " [ ] ",
        "[1.5e+3, -0, 1E5, true, false, null, \"\\\\\", \"\\\"\"]",
        "{\"a\": {\"b\": [[], {}, [{\"c\": \"\\u20ac\"}]]}, \"\": [1]}",
        "\r\n{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\":\t1,\"\xE2\x82\xAC\":2}",
        "{\"a\": 1, \"a\": {\"b\": 2}}",
        "\"text\"",
        "0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *root = json_loads(texts[i], JSON_DECODE_ANY, NULL);

        assert_non_null(root);
        assert_int_equal(scan(texts[i], 0), 0);
        assert_true(json_places_match(&positions, 0, root));
        json_decref(root);
    }
}

static void without_memory_it_says_so(void **state)
{
    static const char text[] = "{\"a\": [1, 2, 3, 4, 5, 6, 7, 8, 9], \"a\": {}}";

    (void)state;
    assert_true(chaos_malloc_works());
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        uint32_t again, before;
        int code = scan(text, 0);

        if (!code)
            code = thaw_json_positions_twice(&positions, &again, &before);
        chaos_malloc_pause();
        assert_int_equal(code, chaos_malloc_failed() ? -ENOMEM : 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(keys_and_values_have_places, end),
        cmocka_unit_test_teardown(columns_are_characters, end),
        cmocka_unit_test_teardown(keys_are_the_same_however_they_are_written, end),
        cmocka_unit_test_teardown(what_stands_twice_is_found, end),
        cmocka_unit_test_teardown(all_that_stand_twice_are_told, end),
        cmocka_unit_test_teardown(values_end_on_a_line, end),
        cmocka_unit_test_teardown(what_is_no_json_is_refused_where_it_ends, end),
        cmocka_unit_test_teardown(comments_and_commas_are_blanked, end),
        cmocka_unit_test_teardown(it_has_bounds, end),
        cmocka_unit_test_teardown(jansson_sees_the_same, end),
        cmocka_unit_test_teardown(without_memory_it_says_so, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
