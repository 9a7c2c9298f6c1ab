/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/metric_text.h"

static void write_plain(FILE *stream, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\')
            putc_unlocked('\\', stream);
        putc_unlocked(text[i], stream);
    }
}

/* Printable ASCII, which most names are, needs no second look. */
static size_t ascii_run(const char *text)
{
    size_t length = 0;

    while (text[length] >= 0x20 && text[length] < 0x7F)
        length++;
    return length;
}

void thaw_metric_text_label(FILE *stream, const char *name, const char *value)
{
    size_t run;

    fputs_unlocked(name, stream);
    fputs_unlocked("=\"", stream);
    while ((run = ascii_run(value)), write_plain(stream, value, run), *(value += run)) {
        char shown[16];
        uint32_t codepoint;
        size_t length = thaw_text_decode(value, strnlen(value, 4), &codepoint);

        length = length ? length : 1;
        write_plain(stream, shown, thaw_text_escape_terminal(shown, sizeof(shown), value, length));
        value += length;
    }
    putc_unlocked('"', stream);
}

/* What a locale has for a decimal point becomes one. */
static void point(char *text)
{
    char *end = text;

    for (const char *at = text; *at; at++) {
        if (strchr("0123456789+-e", *at))
            *end++ = *at;
        else if (end > text && end[-1] != '.')
            *end++ = '.';
    }
    *end = '\0';
}

static const char *special(double number)
{
    return isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
}

static const char *shortest(char buffer[THAW_METRIC_NUMBER_BYTES], const char *format, int least,
                            double number)
{
    for (int digits = least; digits <= 17; digits++) {
        snprintf(buffer, THAW_METRIC_NUMBER_BYTES, format, digits, number);
        if (strtod(buffer, NULL) == number)
            break;
    }
    point(buffer);
    return buffer;
}

const char *thaw_metric_text_number(char buffer[THAW_METRIC_NUMBER_BYTES], double number)
{
    static const double exact = 9007199254740992.0; /* 2^53 */

    if (!isfinite(number))
        return strcpy(buffer, special(number));
    if (fabs(number) <= exact && number == trunc(number)) {
        snprintf(buffer, THAW_METRIC_NUMBER_BYTES, "%" PRId64, (int64_t)number);
        return buffer;
    }
    return shortest(buffer, "%.*g", 15, number);
}

const char *thaw_metric_text_bound(char buffer[THAW_METRIC_NUMBER_BYTES], double bound)
{
    if (isfinite(bound) && fabs(bound) >= 1e6)
        return shortest(buffer, "%.*e", 0, bound);
    thaw_metric_text_number(buffer, bound);
    if (isfinite(bound) && bound == trunc(bound))
        strcat(buffer, ".0");
    return buffer;
}
