/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/lambda.h"

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
    const struct thaw_project_fact *facts = lint->project->facts;
    uint32_t i = after ? after->next_of_resource : function->first_of_resource;

    for (; i != THAW_PROJECT_NONE; i = facts[i].next_of_resource)
        if (facts[i].kind == kind)
            return &facts[i];
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
