/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/check.h"

/* lint_schema_text.S (objects are named after their source without its ending) */
extern const char thaw_lint_schema_text[];
extern const char thaw_lint_schema_end[];

const char *thaw_lint_schema(size_t *length)
{
    if (length)
        *length = (size_t)(thaw_lint_schema_end - thaw_lint_schema_text);
    return thaw_lint_schema_text;
}
