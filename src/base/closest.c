/* SPDX-License-Identifier: Apache-2.0 */
#include "base/closest.h"

#include <stdbool.h>
#include <string.h>

/* App settings have the longest names that are looked for: 40 letters. */
#define LONGEST_NAME 64

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Distance with swaps of neighbours ("optimal string alignment"); names are short. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[LONGEST_NAME + 1][LONGEST_NAME + 1];
    for (size_t i = 0; i <= a_length; i++) {
        for (size_t j = 0; j <= b_length; j++) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            size_t replaced = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            rows[i][j] = least(replaced, 1 + least(rows[i - 1][j], rows[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[a_length][b_length];
}

void thaw_closest_offer(struct thaw_closest *closest, const char *name)
{
    size_t typed_length = strlen(closest->typed), length = strlen(name);
    if (typed_length == 0 || typed_length > LONGEST_NAME || length > LONGEST_NAME)
        return;
    size_t found = distance(closest->typed, typed_length, name, length);
    size_t allowed = typed_length < 3 ? 1 : typed_length / 3;
    bool begins = typed_length >= 3 && strncmp(closest->typed, name, typed_length) == 0;
    if ((found <= allowed || begins) && (!closest->name || found < closest->distance)) {
        closest->name = name;
        closest->distance = found;
    }
}
