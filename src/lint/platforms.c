/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/platforms.h"

#include <string.h>

#include "lint/lint.h"

static const struct thaw_lint_platform_row rows[] = {
    {"azure_functions", "Azure Functions", THAW_LINT_AZURE, true},
    {"aws_lambda", "AWS Lambda", THAW_LINT_LAMBDA, false},
    {"", "", THAW_LINT_OTHER, false},
};

const struct thaw_lint_platform_row *thaw_lint_platform_row(const char *name)
{
    const struct thaw_lint_platform_row *row = rows;

    while (*row->name && strcmp(row->name, name) != 0)
        row++;
    return row;
}
