/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "trend/request_time.h"

#define SECOND_NS 1000000000ll
#define TIME_MOST (7258118400 * SECOND_NS) /* 2200 */
#define DURATION_MOST (86400 * SECOND_NS)

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* "e-05": how many powers of ten; false: something else stands there. */
static bool take_exponent(const char *text, int *ret)
{
    int value = 0, sign = 1;

    *ret = 0;
    if (!*text)
        return true;
    if (*text != 'e' && *text != 'E')
        return false;
    text++;
    if (*text == '+' || *text == '-')
        sign = *text++ == '-' ? -1 : 1;
    if (!is_digit(*text) || strlen(text) > 3)
        return false;
    for (; is_digit(*text); text++)
        value = value * 10 + (*text - '0');
    *ret = sign * value;
    return !*text;
}

/* Decimal seconds as ns. strtod() goes by the locale, and has not the digits of a UNIX time. */
static bool take_seconds(const char *text, int64_t *ret)
{
    bool any = false, point = false;
    uint64_t digits = 0;
    int scale = 9, exponent;

    for (; is_digit(*text) || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        any = true;
        if (digits > (UINT64_MAX - 9) / 10) {
            scale += !point;
            continue;
        }
        digits = digits * 10 + (uint64_t)(*text - '0');
        scale -= point;
    }
    if (!any || !take_exponent(text, &exponent))
        return false;
    for (scale += exponent; scale > 0 && digits; scale--) {
        if (__builtin_mul_overflow(digits, 10, &digits))
            return false;
    }
    for (; scale < 0 && digits; scale++)
        digits /= 10;
    *ret = (int64_t)digits;
    return digits <= INT64_MAX;
}

/* So many digits and what must stand behind them (one of these bytes, "" any). */
static bool take_digits(const char **text, int count, const char *behind, int *ret)
{
    const char *at = *text;

    for (*ret = 0; count; count--, at++) {
        if (!is_digit(*at))
            return false;
        *ret = *ret * 10 + (*at - '0');
    }
    if (*behind && (!*at || !strchr(behind, *at)))
        return false;
    *text = at + (*behind != '\0');
    return true;
}

/* ".25" in ns; 0 where there is none. */
static bool take_fraction(const char **text, int64_t *ret)
{
    int64_t unit = SECOND_NS / 10;

    *ret = 0;
    if (**text != '.')
        return true;
    if (!is_digit(*++*text))
        return false;
    for (; is_digit(**text); (*text)++, unit /= 10)
        *ret += unit * (**text - '0');
    return true;
}

/* "Z", "+01:00", "-0330", "+01", to the end. */
static bool take_zone(const char *text, int *ret_seconds)
{
    int sign = *text == '-' ? -1 : 1, hours, minutes = 0;

    *ret_seconds = 0;
    if (!strcmp(text, "Z") || !strcmp(text, "z"))
        return true;
    if (*text != '+' && *text != '-')
        return false;
    text++;
    if (!take_digits(&text, 2, "", &hours))
        return false;
    text += *text == ':';
    if (*text && !take_digits(&text, 2, "", &minutes))
        return false;
    *ret_seconds = sign * (hours * 3600 + minutes * 60);
    return !*text && hours < 24 && minutes < 60;
}

/* A day that there is none of, such as the 30th of February, is moved by timegm(). */
static bool is_day(const struct tm *parts)
{
    struct tm day = {.tm_year = parts->tm_year, .tm_mon = parts->tm_mon, .tm_mday = parts->tm_mday};

    (void)timegm(&day);
    return day.tm_mday == parts->tm_mday && day.tm_mon == parts->tm_mon;
}

static bool take_date(const char *text, int64_t *ret)
{
    struct tm parts = {0};
    int64_t fraction, seconds;
    int zone;

    if (!take_digits(&text, 4, "-", &parts.tm_year) || !take_digits(&text, 2, "-", &parts.tm_mon) ||
        !take_digits(&text, 2, "Tt ", &parts.tm_mday) ||
        !take_digits(&text, 2, ":", &parts.tm_hour) || !take_digits(&text, 2, ":", &parts.tm_min) ||
        !take_digits(&text, 2, "", &parts.tm_sec) || !take_fraction(&text, &fraction) ||
        !take_zone(text, &zone))
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon--;
    if (!is_day(&parts) || parts.tm_hour > 23 || parts.tm_min > 59 ||
        parts.tm_sec > 60) /* a leap second */
        return false;
    seconds = (int64_t)timegm(&parts) - zone;
    if (seconds < 0 || seconds > TIME_MOST / SECOND_NS)
        return false;
    *ret = seconds * SECOND_NS + fraction;
    return true;
}

bool thaw_request_time(const char *text, int64_t *ret_unix_ns)
{
    bool is_date = strlen(text) > 4 && text[4] == '-';

    return (is_date ? take_date(text, ret_unix_ns) : take_seconds(text, ret_unix_ns)) &&
           *ret_unix_ns > 0 && *ret_unix_ns < TIME_MOST;
}

bool thaw_request_seconds(const char *text, int64_t *ret_ns)
{
    return take_seconds(text, ret_ns) && *ret_ns <= DURATION_MOST;
}
