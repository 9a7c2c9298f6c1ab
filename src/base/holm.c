/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/holm.h"

static int compare_probabilities(const void *left, const void *right)
{
    const double *const *a = left, *const *b = right;

    return (**a > **b) - (**a < **b);
}

void thaw_holm_adjust(double *const *probabilities, size_t count)
{
    double least = 0;

    if (count)
        qsort((void *)probabilities, count, sizeof(*probabilities), compare_probabilities);
    for (size_t i = 0; i < count; i++) {
        double adjusted = *probabilities[i] * (double)(count - i);

        least = adjusted > least ? adjusted : least;
        *probabilities[i] = least > 1 ? 1 : least;
    }
}
