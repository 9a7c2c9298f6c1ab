/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"
#include "report/keys.h"
#include "report/shown_text.h"
#include "report/summary_parts.h"

const char *thaw_summary_style(const struct thaw_summary *summary, enum thaw_style style)
{
    /* ECMA-48 section 8.3.117 */
    static const char *const sequences[] = {
        [THAW_STYLE_PLAIN] = "",        [THAW_STYLE_STRONG] = "\033[1m",
        [THAW_STYLE_FAINT] = "\033[2m", [THAW_STYLE_GOOD] = "\033[32m",
        [THAW_STYLE_BAD] = "\033[31m",  [THAW_STYLE_BAR] = "\033[36m",
    };

    return summary->color ? sequences[style] : "";
}

static const char *kept(struct thaw_summary *summary, const char *text)
{
    summary->failed |= !text;
    return text ? text : "";
}

/* For a locale without UTF-8: every character beyond ASCII as \u{NNNN}. */
static const char *to_ascii(struct thaw_summary *summary, const char *text)
{
    static const size_t longest = sizeof("\\u{10ffff}") - 1;
    size_t length = strlen(text), size = length * longest + 1, used = 0;
    char *out = thaw_arena_allocate(&summary->arena, size);
    uint32_t codepoint = 0;

    for (size_t i = 0; out && i < length;) {
        size_t step = thaw_text_decode(text + i, length - i, &codepoint);

        used += (size_t)snprintf(out + used, size - used, step > 1 ? "\\u{%04x}" : "%c",
                                 step > 1 ? codepoint : (unsigned char)text[i]);
        i += step ? step : 1;
    }
    return kept(summary, out);
}

static const char *safe(struct thaw_summary *summary, const char *shown)
{
    const char *text = kept(summary, shown);

    return summary->utf8 ? text : to_ascii(summary, text);
}

const char *thaw_summary_text(struct thaw_summary *summary, const json_t *object, const char *key)
{
    return safe(summary, thaw_shown_text(&summary->arena, object, key));
}

const char *thaw_summary_raw(struct thaw_summary *summary, const json_t *object, const char *key)
{
    return kept(summary, thaw_key_raw(&summary->arena, object, key));
}

const char *thaw_summary_item(struct thaw_summary *summary, const json_t *object, const char *key,
                              size_t index)
{
    return safe(summary, thaw_shown_item(&summary->arena, object, key, index));
}

const char *thaw_summary_joined(struct thaw_summary *summary, const json_t *object, const char *key,
                                size_t most)
{
    size_t count = json_array_size(json_object_get(object, key));
    const char *text = "";

    for (size_t i = 0; i < count && i < most; i++)
        text = thaw_summary_format(summary, "%s%s%s", text, i ? ", " : "",
                                   thaw_summary_item(summary, object, key, i));
    return count > most ? thaw_summary_format(summary, "%s and %zu more", text, count - most)
                        : text;
}

uint64_t thaw_summary_number(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));

    return value > 0 ? (uint64_t)value : 0;
}

bool thaw_summary_is(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

const json_t *thaw_summary_list(const json_t *object, const char *key)
{
    const json_t *list = json_object_get(object, key);

    return json_is_array(list) ? list : NULL;
}

const char *thaw_summary_format(struct thaw_summary *summary, const char *format, ...)
{
    va_list arguments;
    const char *text;

    va_start(arguments, format);
    text = thaw_arena_format_list(&summary->arena, format, arguments);
    va_end(arguments);
    return kept(summary, text);
}

/* Whole numbers only: a locale's decimal comma has no place here. */
static const char *decimal(struct thaw_summary *summary, uint64_t value, uint64_t unit,
                           const char *name)
{
    uint64_t tenths = value / unit * 10 + (value % unit * 10 + unit / 2) / unit;

    return thaw_summary_format(summary, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
                               name);
}

const char *thaw_summary_duration(struct thaw_summary *summary, uint64_t ns)
{
    static const uint64_t second_ns = 1000000000;

    if (ns >= 100000 * second_ns)
        return decimal(summary, ns, 86400 * second_ns, "d");
    if (ns >= 10 * second_ns) {
        uint64_t hundredths = ns / 10000000 + (ns % 10000000 >= 5000000);

        return thaw_summary_format(summary, "%" PRIu64 ".%02" PRIu64 " s", hundredths / 100,
                                   hundredths % 100);
    }
    if (ns > 0 && ns < 50000)
        return "<0.1 ms";
    return decimal(summary, ns, 1000000, "ms");
}

const char *thaw_summary_size(struct thaw_summary *summary, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    enum { last = sizeof(units) / sizeof(units[0]) - 1 };
    uint64_t unit = 1000;
    size_t i = 0;

    if (bytes < 1000)
        return thaw_summary_format(summary, "%" PRIu64 " B", bytes);
    while (i < last && bytes >= unit * 999 + unit * 95 / 100) { /* what would round to 1000.0 */
        unit *= 1000;
        i++;
    }
    return decimal(summary, bytes, unit, units[i]);
}

const char *thaw_summary_count(struct thaw_summary *summary, uint64_t count)
{
    const char *text = thaw_summary_format(summary, "%" PRIu64, count % 1000);

    if (count < 1000)
        return text;
    return thaw_summary_format(summary, "%s,%03" PRIu64, thaw_summary_count(summary, count / 1000),
                               count % 1000);
}

const char *thaw_summary_share(struct thaw_summary *summary, uint64_t ns, uint64_t whole_ns)
{
    double share = whole_ns ? (double)ns / (double)whole_ns : 0;

    if (!whole_ns)
        return "";
    if (share > 9.99)
        return ">999 %";
    return decimal(summary, (uint64_t)(share * 100000 + 0.5), 1000, "%");
}

size_t thaw_summary_step(const char *text, size_t length, size_t *columns)
{
    uint32_t codepoint = 0;
    size_t step = thaw_text_decode(text, length, &codepoint);
    int width = step ? wcwidth((wchar_t)codepoint) : 1;

    *columns = width < 0 ? 1 : (size_t)width;
    return step ? step : 1;
}

size_t thaw_summary_columns(const char *text)
{
    size_t length = strlen(text), total = 0, columns;

    for (size_t i = 0; i < length; total += columns)
        i += thaw_summary_step(text + i, length - i, &columns);
    return total;
}

/* Bytes at the start that take no more than columns. */
static size_t prefix(const char *text, size_t columns)
{
    size_t length = strlen(text), total = 0, wide;

    for (size_t i = 0; i < length; total += wide) {
        size_t step = thaw_summary_step(text + i, length - i, &wide);

        if (total + wide > columns)
            return i;
        i += step;
    }
    return length;
}

static const char *ellipsis(const struct thaw_summary *summary)
{
    return summary->utf8 ? "\xE2\x80\xA6" : "~";
}

const char *thaw_summary_fit(struct thaw_summary *summary, const char *text, size_t columns)
{
    if (!columns || thaw_summary_columns(text) <= columns)
        return text;
    return thaw_summary_format(summary, "%.*s%s", (int)prefix(text, columns - 1), text,
                               ellipsis(summary));
}

const char *thaw_summary_fit_end(struct thaw_summary *summary, const char *text, size_t columns)
{
    size_t total = thaw_summary_columns(text), wide;

    if (!columns || total <= columns)
        return text;
    while (total > columns - 1) {
        text += thaw_summary_step(text, strlen(text), &wide);
        total -= wide;
    }
    return thaw_summary_format(summary, "%s%s", ellipsis(summary), text);
}
