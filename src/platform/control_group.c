/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "platform/control_group.h"

#define UNLIMITED (1ULL << 62) /* version 1 says so by a number near 2^63 */
#define FIELDS_MOST 32         /* of a line of mountinfo */

static const char *const controllers[] = {
    [THAW_CONTROLLER_CPU] = "cpu",
    [THAW_CONTROLLER_MEMORY] = "memory",
};

struct field {
    const char *text;
    size_t bytes;
};

/* The next line of *next up to end, without its end; false: there is none. */
static bool next_line(const char **next, const char *end, struct field *ret)
{
    const char *stop;

    if (*next >= end)
        return false;
    stop = memchr(*next, '\n', (size_t)(end - *next));
    if (!stop)
        stop = end;
    *ret = (struct field){*next, (size_t)(stop - *next)};
    *next = stop < end ? stop + 1 : end;
    return true;
}

/* Splits at a mark; returns how many fields there are, at most `most` (the rest is left out). */
static size_t split(struct field line, char mark, struct field *fields, size_t most)
{
    const char *next = line.text, *end = line.text + line.bytes;
    size_t count = 0;

    while (count < most) {
        const char *stop = memchr(next, mark, (size_t)(end - next));

        fields[count++] = (struct field){next, (size_t)((stop ? stop : end) - next)};
        if (!stop)
            break;
        next = stop + 1;
    }
    return count;
}

static bool equals(struct field field, const char *text)
{
    return field.bytes == strlen(text) && memcmp(field.text, text, field.bytes) == 0;
}

/* Is name among the words of a list with commas? */
static bool lists(struct field list, const char *name)
{
    const char *next = list.text, *end = list.text + list.bytes;

    while (next <= end) {
        const char *stop = next < end ? memchr(next, ',', (size_t)(end - next)) : NULL;

        if (equals((struct field){next, (size_t)((stop ? stop : end) - next)}, name))
            return true;
        if (!stop)
            return false;
        next = stop + 1;
    }
    return false;
}

/* "36 35 98:0 /root /point options optional... - type source super-options" (proc(5)). */
static bool is_mount(struct field line, unsigned version, enum thaw_controller controller,
                     struct thaw_control_group_mount *ret)
{
    struct field fields[FIELDS_MOST];
    size_t count = split(line, ' ', fields, FIELDS_MOST), dash = 6;

    while (dash < count && !equals(fields[dash], "-"))
        dash++;
    if (dash + 3 >= count)
        return false;
    if (version == 2 ? !equals(fields[dash + 1], "cgroup2")
                     : !equals(fields[dash + 1], "cgroup") ||
                           !lists(fields[dash + 3], controllers[controller]))
        return false;
    *ret = (struct thaw_control_group_mount){
        .version = version,
        .point = fields[4].text,
        .point_bytes = fields[4].bytes,
        .root = fields[3].text,
        .root_bytes = fields[3].bytes,
    };
    return true;
}

bool thaw_control_group_mount(const char *mountinfo, size_t length, unsigned version,
                              enum thaw_controller controller, struct thaw_control_group_mount *ret)
{
    const char *next = mountinfo, *end = mountinfo + length;
    struct field line;

    while (next_line(&next, end, &line))
        if (is_mount(line, version, controller, ret))
            return true;
    return false;
}

/* "4:memory:/path", in version 2 "0::/path"; a path may hold colons. */
bool thaw_control_group_path(const char *groups, size_t length, unsigned version,
                             enum thaw_controller controller, const char **ret_path,
                             size_t *ret_bytes)
{
    const char *next = groups, *end = groups + length;
    struct field line, fields[2];

    while (next_line(&next, end, &line)) {
        if (split(line, ':', fields, 2) < 2 ||
            fields[1].text + fields[1].bytes >= line.text + line.bytes)
            continue;
        if (version == 2 ? fields[1].bytes || !equals(fields[0], "0")
                         : !lists(fields[1], controllers[controller]))
            continue;
        *ret_path = fields[1].text + fields[1].bytes + 1;
        *ret_bytes = (size_t)(line.text + line.bytes - *ret_path);
        return *ret_bytes && **ret_path == '/';
    }
    return false;
}

/* Digits at *next, moved behind them; false: there are none, or too many. */
static bool number(const char **next, const char *end, uint64_t *ret)
{
    const char *first = *next;

    *ret = 0;
    while (*next < end && **next >= '0' && **next <= '9') {
        if (__builtin_mul_overflow(*ret, 10, ret) ||
            __builtin_add_overflow(*ret, (uint64_t)(**next - '0'), ret))
            return false;
        ++*next;
    }
    return *next > first;
}

static uint64_t millis(uint64_t quota, uint64_t period)
{
    uint64_t thousandfold;

    if (!quota || !period || __builtin_mul_overflow(quota, 1000, &thousandfold))
        return 0;
    return thousandfold / period ? thousandfold / period : 1;
}

uint64_t thaw_control_group_cpu_max(const char *text, size_t length)
{
    const char *next = text, *end = text + length;
    uint64_t quota, period;

    if (!number(&next, end, &quota) || next == end || *next++ != ' ' ||
        !number(&next, end, &period))
        return 0;
    return millis(quota, period);
}

uint64_t thaw_control_group_cpu_quota(const char *quota, size_t quota_length, const char *period,
                                      size_t period_length)
{
    uint64_t quota_us, period_us;

    if (!number(&quota, quota + quota_length, &quota_us) ||
        !number(&period, period + period_length, &period_us))
        return 0;
    return millis(quota_us, period_us);
}

uint64_t thaw_control_group_memory(const char *text, size_t length)
{
    uint64_t bytes;

    return number(&text, text + length, &bytes) && bytes < UNLIMITED ? bytes : 0;
}

bool thaw_control_group_cpu_stat(const char *text, size_t length,
                                 struct thaw_control_group_cpu *ret)
{
    const struct {
        const char *name;
        uint64_t *value;
        uint64_t unit_ns;
    } counters[] = {
        {"nr_periods", &ret->periods, 1},
        {"nr_throttled", &ret->throttled_periods, 1},
        {"throttled_usec", &ret->throttled_ns, 1000}, /* version 2 */
        {"throttled_time", &ret->throttled_ns, 1},    /* version 1 */
    };
    const char *next = text, *end = text + length;
    struct field line, fields[2];
    unsigned found = 0;

    *ret = (struct thaw_control_group_cpu){0};
    while (next_line(&next, end, &line)) {
        if (split(line, ' ', fields, 2) < 2)
            continue;
        for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
            const char *digits = fields[1].text;
            uint64_t value;

            if (!equals(fields[0], counters[i].name) ||
                !number(&digits, digits + fields[1].bytes, &value) ||
                __builtin_mul_overflow(value, counters[i].unit_ns, counters[i].value))
                continue;
            found |= 1U << (i < 2 ? i : 2);
        }
    }
    return found == 7;
}

const char *thaw_control_group_sign(const char *path, size_t length)
{
    static const char *const words[] = {"kubepods", "docker", "containerd", "libpod",
                                        "lxc",      "ecs",    "lambda",     "machine.slice"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *found = memmem(path, length, words[i], strlen(words[i]));

        /* "/ecs/…", "…-docker-…", not "/recsys": a word begins where a letter does not precede. */
        if (found && (found == path || !((found[-1] | 0x20) >= 'a' && (found[-1] | 0x20) <= 'z')))
            return words[i];
    }
    return NULL;
}
