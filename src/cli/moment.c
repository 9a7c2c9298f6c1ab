/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/moment.h"
#include "cli/options.h"

#define SECOND_NS 1000000000ll
#define DAY_NS (86400 * SECOND_NS)
#define YEARS_MOST 100

/* "7d", "2w", or a duration. */
static int parse_ago(const char *text, int64_t now, int64_t *ret)
{
    unsigned days;
    uint64_t ns;
    char unit;
    int length = 0;

    if (text[0] >= '0' && text[0] <= '9' && sscanf(text, "%5u%c%n", &days, &unit, &length) == 2 &&
        (unit == 'd' || unit == 'w') && !text[length]) {
        days *= unit == 'w' ? 7 : 1;
        if (days > YEARS_MOST * 366)
            return -EINVAL;
        *ret = now - (int64_t)days * DAY_NS;
    } else if (thaw_options_duration(text, &ns) == 0) {
        *ret = now - (int64_t)ns;
    } else {
        return -EINVAL;
    }
    return *ret > 0 ? 0 : -EINVAL;
}

static bool is_end(const char *text, bool *ret_utc)
{
    *ret_utc = text && !strcmp(text, "Z");
    return text && (!*text || *ret_utc);
}

/* A day that there is none of, such as the 30th of February, is refused. */
static int seconds_of(const struct tm *given, bool utc, int64_t *ret)
{
    struct tm parts = *given;
    time_t seconds;

    parts.tm_isdst = utc ? 0 : -1;
    seconds = utc ? timegm(&parts) : mktime(&parts);
    if (seconds <= 0 || seconds > INT64_MAX / SECOND_NS || parts.tm_mday != given->tm_mday ||
        parts.tm_mon != given->tm_mon)
        return -EINVAL;
    *ret = (int64_t)seconds * SECOND_NS;
    return 0;
}

int thaw_moment_parse(const char *text, int64_t now_unix_ns, int64_t *ret_unix_ns)
{
    static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
                                        "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"};
    bool utc;

    if (!strchr(text, '-'))
        return parse_ago(text, now_unix_ns, ret_unix_ns);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct tm parts = {0};

        if (is_end(strptime(text, forms[i], &parts), &utc))
            return seconds_of(&parts, utc, ret_unix_ns);
    }
    return -EINVAL;
}
