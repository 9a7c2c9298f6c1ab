/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/lambda.h"

#include <string.h>

#include "lint/look.h"

bool thaw_lambda_has_functions(const struct thaw_lint *lint)
{
    return thaw_project_fact(lint->project, THAW_FACT_FUNCTION, NULL) != NULL;
}

const struct thaw_project_fact *thaw_lambda_fact(const struct thaw_lint *lint,
                                                 const struct thaw_project_fact *function,
                                                 enum thaw_fact_kind kind,
                                                 const struct thaw_project_fact *after)
{
    const struct thaw_project_fact *fact = after;

    while ((fact = thaw_project_fact(lint->project, kind, fact)))
        if (!strcmp(fact->resource, function->resource) &&
            !strcmp(fact->place.file, function->place.file))
            return fact;
    return NULL;
}

const char *thaw_lambda_name(const struct thaw_project_fact *function)
{
    return *function->resource ? function->resource : function->value;
}

bool thaw_lambda_number(const struct thaw_project_fact *fact, double *ret)
{
    return fact && thaw_lint_amount(fact->value, ret);
}

bool thaw_lambda_limit(const struct thaw_lint *lint, const char *id, const json_t **entry,
                       double *ret)
{
    *entry = thaw_lint_fact(lint->facts, "aws_lambda", "limits", id);
    return thaw_lint_fact_number(*entry, "value", ret);
}
