/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

struct conversion {
    const char *bytes;
    size_t length;
    const char *terminal;
    const char *json;
};

#define REPLACED "\xEF\xBF\xBD"
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct conversion conversions[] = {
    {BYTES(""), "", ""},
    {BYTES("numpy.core"), "numpy.core", "numpy.core"},
    {BYTES("a\\b"), "a\\b", "a\\b"},
    {BYTES("naïve 🐍"), "naïve 🐍", "naïve 🐍"},
    {BYTES("\x1b[31mred\x07\n\x7f"), "\\x1b[31mred\\x07\\x0a\\x7f", "\x1b[31mred\x07\n\x7f"},
    {BYTES("\xc2\x9bm"), "\\u{009b}m", "\xc2\x9bm"},
    {BYTES("a\u202eb\u2066c\u200fd"), "a\\u{202e}b\\u{2066}c\\u{200f}d", "a\u202eb\u2066c\u200fd"},
    {BYTES("a\u2028b\ufeff"), "a\\u{2028}b\\u{feff}", "a\u2028b\ufeff"},
    {BYTES("\U000e0041"), "\\u{e0041}", "\U000e0041"},
    {BYTES("👨\u200d👩"), "👨\u200d👩", "👨\u200d👩"},
    {BYTES("a\0b"), "a\\x00b", "a" REPLACED "b"},
    {BYTES("\xff"), "\\xff", REPLACED},
    {BYTES("\x80z"), "\\x80z", REPLACED "z"},
    /* Overlong, surrogate, beyond U+10FFFF, cut: Unicode 15, tables 3-8 to 3-11. */
    {BYTES("\xc0\xaf"), "\\xc0\\xaf", REPLACED REPLACED},
    {BYTES("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf", REPLACED REPLACED REPLACED},
    {BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80", REPLACED REPLACED REPLACED},
    {BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", REPLACED REPLACED REPLACED REPLACED},
    {BYTES("\xe2\x82"), "\\xe2\\x82", REPLACED},
    {BYTES("\xf1\x80\x80z"), "\\xf1\\x80\\x80z", REPLACED "z"},
    {BYTES("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"), "\\xe1\\x80\\xe2\\xf0\\x91\\x92\\xf1\\xbfA",
     REPLACED REPLACED REPLACED REPLACED "A"},
};
#define CONVERSIONS (sizeof(conversions) / sizeof(conversions[0]))

/* A copy of exactly that size, so that AddressSanitizer sees a read behind it. */
static char *exact_copy(const char *bytes, size_t length)
{
    char *copy = malloc(length ? length : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, length);
    return copy;
}

static void check_conversion(size_t convert(char *, size_t, const char *, size_t),
                             const char *bytes, size_t length, const char *wanted)
{
    size_t size = strlen(wanted) + 1;
    char *out = malloc(size);

    assert_non_null(out);
    assert_int_equal(convert(NULL, 0, bytes, length), size - 1);
    for (size_t cut = 1; cut <= size; cut++) {
        memset(out, 'x', size);
        assert_int_equal(convert(out, cut, bytes, length), size - 1);
        assert_true(strlen(out) < cut);
        assert_memory_equal(out, wanted, strlen(out));
        assert_true(thaw_text_is_utf8(out, strlen(out)));
    }
    assert_string_equal(out, wanted);
    free(out);
}

static void conversions_give_what_is_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONVERSIONS; i++) {
        const struct conversion *row = &conversions[i];
        char *bytes = exact_copy(row->bytes, row->length);

        check_conversion(thaw_text_escape_terminal, bytes, row->length, row->terminal);
        check_conversion(thaw_text_sanitise, bytes, row->length, row->json);
        free(bytes);
    }
}

static void an_escape_is_never_cut(void **state)
{
    char out[8];

    (void)state;
    assert_int_equal(thaw_text_escape_terminal(out, sizeof(out), "abcde\x1bz", 7), 10);
    assert_string_equal(out, "abcde");
    assert_int_equal(thaw_text_sanitise(out, 4, "ab🐍c", 7), 7);
    assert_string_equal(out, "ab");
}

static void arena_copies_are_whole(void **state)
{
    struct thaw_arena arena = {0};

    (void)state;
    assert_string_equal(thaw_text_for_terminal(&arena, "\x1b]0;title\x07"), "\\x1b]0;title\\x07");
    assert_string_equal(thaw_text_for_json(&arena, "caf\xe9"), "caf" REPLACED);
    assert_string_equal(thaw_text_for_terminal(&arena, NULL), "");
    assert_string_equal(thaw_text_for_json(&arena, NULL), "");
    thaw_arena_free(&arena);
}

/* Every code point there is: encode, decode, and the surrogates stay out. */
static void every_code_point_comes_back(void **state)
{
    (void)state;
    for (uint32_t codepoint = 0; codepoint <= 0x10FFFF; codepoint++) {
        char out[4];
        uint32_t back = UINT32_MAX;
        size_t length = thaw_text_encode(out, codepoint);
        bool surrogate = codepoint >= 0xD800 && codepoint <= 0xDFFF;

        if (thaw_text_decode(out, length, &back) != (surrogate ? 0 : length) ||
            (!surrogate && back != codepoint) || thaw_text_is_utf8(out, length) == surrogate ||
            thaw_text_decode(out, length - 1, &back) != 0)
            fail_msg("U+%04X", codepoint);
    }
}

/* RFC 3629 section 4, written out as its grammar has it: another way to say the same. */
static size_t grammar_length(const unsigned char *b, size_t n)
{
#define TAIL(i) (n > (i) && b[i] >= 0x80 && b[i] <= 0xBF)
#define IN(i, low, high) (n > (i) && b[i] >= (low) && b[i] <= (high))
    if (IN(0, 0x00, 0x7F))
        return 1;
    if (IN(0, 0xC2, 0xDF) && TAIL(1))
        return 2;
    if ((IN(0, 0xE0, 0xE0) && IN(1, 0xA0, 0xBF) && TAIL(2)) ||
        (IN(0, 0xE1, 0xEC) && TAIL(1) && TAIL(2)) ||
        (IN(0, 0xED, 0xED) && IN(1, 0x80, 0x9F) && TAIL(2)) ||
        (IN(0, 0xEE, 0xEF) && TAIL(1) && TAIL(2)))
        return 3;
    if ((IN(0, 0xF0, 0xF0) && IN(1, 0x90, 0xBF) && TAIL(2) && TAIL(3)) ||
        (IN(0, 0xF1, 0xF3) && TAIL(1) && TAIL(2) && TAIL(3)) ||
        (IN(0, 0xF4, 0xF4) && IN(1, 0x80, 0x8F) && TAIL(2) && TAIL(3)))
        return 4;
    return 0;
}

static void decoding_follows_the_grammar(void **state)
{
    static const unsigned char third[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};

    (void)state;
    for (unsigned pair = 0; pair < 65536; pair++)
        for (size_t i = 0; i < sizeof(third) * sizeof(third); i++) {
            unsigned char bytes[4] = {(unsigned char)(pair >> 8), (unsigned char)pair,
                                      third[i / sizeof(third)], third[i % sizeof(third)]};
            uint32_t codepoint;

            if (thaw_text_decode((const char *)bytes, 4, &codepoint) != grammar_length(bytes, 4))
                fail_msg("%02x %02x %02x %02x", bytes[0], bytes[1], bytes[2], bytes[3]);
        }
}

static void plain_characters(void **state)
{
    static const uint32_t plain[] = {' ', '~', 0xA0, 0xE9, 0x200C, 0x200D, 0x2027, 0x4E2D, 0x1F40D};
    static const uint32_t odd[] = {0, 0x1B, 0x7F, 0x85, 0x9B, 0x61C, 0x200E, 0x202A, 0x2069};

    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        assert_true(thaw_text_is_plain(plain[i]));
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        assert_false(thaw_text_is_plain(odd[i]));
}

static void percent_forms_are_bytes(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},     {"plain", "plain"}, {"%FF%0A", "\xff\n"}, {"a%25b", "a%b"}, {"%", "%"},
        {"%4", "%4"}, {"%zz", "%zz"},     {"%4z", "%4z"},       {"%ff", "%ff"},   {"%00", "%00"},
    };
    struct thaw_arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(thaw_text_unpercent(&arena, cases[i][0]), cases[i][1]);
    thaw_arena_free(&arena);
}

/* A byte of eight, of more, and behind the last eight. */
static void ascii_is_told(void **state)
{
    char bytes[20] = "a module's long name";

    (void)state;
    assert_true(thaw_text_is_ascii(NULL, 0));
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        assert_true(thaw_text_is_ascii(bytes, length));
        for (size_t i = 0; i < sizeof(bytes); i++) {
            char kept = bytes[i];

            bytes[i] = '\x80';
            assert_int_equal(thaw_text_is_ascii(bytes, length), i >= length);
            bytes[i] = kept;
        }
    }
}

static void ends_of_texts(void **state)
{
    (void)state;
    assert_true(thaw_text_ends_with("a.zip", ".zip"));
    assert_true(thaw_text_ends_with(".zip", ".zip"));
    assert_true(thaw_text_ends_with("", ""));
    assert_false(thaw_text_ends_with("zip", ".zip"));
    assert_false(thaw_text_ends_with("a.ZIP", ".zip"));
    assert_true(thaw_text_ends_with_any_case("a.ZIP", ".zip"));
    assert_false(thaw_text_ends_with_any_case("IP", ".zip"));
    assert_true(thaw_text_ends_with_path("api/app.py", "app.py"));
    assert_true(thaw_text_ends_with_path("app.py", "app.py"));
    assert_true(thaw_text_ends_with_path("api/app.py", "/app.py"));
    assert_false(thaw_text_ends_with_path("myapp.py", "app.py"));
    assert_false(thaw_text_ends_with_path("app.py", "api/app.py"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascii_is_told),
        cmocka_unit_test(ends_of_texts),
        cmocka_unit_test(percent_forms_are_bytes),
        cmocka_unit_test(conversions_give_what_is_expected),
        cmocka_unit_test(an_escape_is_never_cut),
        cmocka_unit_test(arena_copies_are_whole),
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(decoding_follows_the_grammar),
        cmocka_unit_test(plain_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
