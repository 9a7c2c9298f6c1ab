/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "base/text.h"
#include "report_text.h"

char *report_text_summary(const struct report_fixture *fixture)
{
    return report_fixture_write(fixture, "summary", NULL);
}

/* Columns of the line's characters; fails on anything that is no plain character. */
static size_t line_columns(const char *line, size_t length, bool ascii)
{
    size_t columns = 0;

    for (size_t i = 0; i < length;) {
        uint32_t codepoint = 0;
        size_t step = thaw_text_decode(line + i, length - i, &codepoint);

        assert_true(step > 0);
        assert_true(thaw_text_is_plain(codepoint));
        assert_true(!ascii || step == 1);
        columns += ascii ? 1 : (size_t)wcwidth((wchar_t)codepoint);
        i += step;
    }
    return columns;
}

/* Every line fits and holds nothing that a terminal would act on. */
void report_text_presentable(const char *text, size_t width, bool ascii)
{
    assert_true(*text && text[strlen(text) - 1] == '\n');
    while (*text) {
        size_t length = strcspn(text, "\n");

        assert_in_range(line_columns(text, length, ascii), 0, width);
        assert_true(!length || text[length - 1] != ' ');
        text += length + 1;
    }
}

void report_text_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

void report_text_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in:\n%s", part, text);
}

/* The line that holds a part, to be freed. */
char *report_text_find(const char *text, const char *part)
{
    const char *found = strstr(text, part), *begin = found;

    if (!found)
        fail_msg("\"%s\" is not in:\n%s", part, text);
    while (begin > text && begin[-1] != '\n')
        begin--;
    return strndup(begin, strcspn(begin, "\n"));
}

void report_text_line(const char *text, const char *expected)
{
    char *line = report_text_find(text, expected);

    assert_string_equal(line, expected);
    free(line);
}
