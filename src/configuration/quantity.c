/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "configuration/quantity.h"

/* As many digits as are exact in 64 bits. */
#define WHOLE_DIGITS_MAX 12
#define PART_DIGITS_MAX 6

struct unit {
    const char *name;
    enum thaw_gate_unit of;
    double size;
};

static const struct unit units[] = {
    {"us", THAW_GATE_NS, 1e3},         {"ms", THAW_GATE_NS, 1e6},
    {"s", THAW_GATE_NS, 1e9},          {"min", THAW_GATE_NS, 60e9},
    {"B", THAW_GATE_BYTES, 1},         {"kB", THAW_GATE_BYTES, 1e3},
    {"KB", THAW_GATE_BYTES, 1e3},      {"MB", THAW_GATE_BYTES, 1e6},
    {"GB", THAW_GATE_BYTES, 1e9},      {"KiB", THAW_GATE_BYTES, 1 << 10},
    {"MiB", THAW_GATE_BYTES, 1 << 20}, {"GiB", THAW_GATE_BYTES, 1 << 30},
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The number that text begins with, by one power of ten, and what stands behind it; NULL: it begins
 * with none. strtod() goes by the locale and takes much more. */
static const char *number(const char *text, double *ret, double *ret_divisor)
{
    size_t whole = 0, part = 0;
    uint64_t digits = 0;

    *ret_divisor = 1;
    for (; is_digit(*text) && whole <= WHOLE_DIGITS_MAX; text++, whole++)
        digits = digits * 10 + (uint64_t)(*text - '0');
    if (*text == '.') {
        for (text++; is_digit(*text) && part <= PART_DIGITS_MAX; text++, part++) {
            digits = digits * 10 + (uint64_t)(*text - '0');
            *ret_divisor *= 10;
        }
        if (!part)
            return NULL;
    }
    if (!whole || whole > WHOLE_DIGITS_MAX || part > PART_DIGITS_MAX)
        return NULL;
    *ret = (double)digits;
    return *text == ' ' ? text + 1 : text;
}

bool thaw_quantity_parse(const char *text, enum thaw_gate_unit unit, double *ret)
{
    double value, divisor;
    const char *name = number(text, &value, &divisor);

    for (size_t i = 0; name && i < sizeof(units) / sizeof(units[0]); i++) {
        if (units[i].of != unit || strcmp(units[i].name, name))
            continue;
        *ret = round(value * units[i].size / divisor);
        return *ret <= THAW_QUANTITY_MAX;
    }
    return false;
}

bool thaw_quantity_share(const char *text, double *ret)
{
    double value, divisor;
    const char *sign = number(text, &value, &divisor);

    if (!sign || strcmp(sign, "%"))
        return false;
    *ret = value / (divisor * 100);
    return true;
}

const char *thaw_quantity_forms(enum thaw_gate_unit unit)
{
    switch (unit) {
    case THAW_GATE_NS:
        return "a time with its unit (\"300ms\", \"2s\", \"1.5min\")";
    case THAW_GATE_BYTES:
        return "a size (\"80MB\", \"1.5 GB\", \"64KiB\", or how many bytes)";
    case THAW_GATE_COUNT:
        break;
    }
    return "a whole number";
}
