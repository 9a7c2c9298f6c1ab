/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_LAMBDA_H
#define THAW_LINT_LAMBDA_H

#include "lint/lint.h"

/* What rules over AWS Lambda's functions ask of templates and facts. */

/* Does a template name a function? */
bool thaw_lambda_has_functions(const struct thaw_lint *lint);

/* A fact of a kind that belongs to the function (a fact of THAW_FACT_FUNCTION), behind *after; NULL
 * none. */
const struct thaw_project_fact *thaw_lambda_fact(const struct thaw_lint *lint,
                                                 const struct thaw_project_fact *function,
                                                 enum thaw_fact_kind kind,
                                                 const struct thaw_project_fact *after);

/* "MyFunction" */
const char *thaw_lambda_name(const struct thaw_project_fact *function);

/* The fact's number; false: there is none, or it is an expression. */
bool thaw_lambda_number(const struct thaw_project_fact *fact, double *ret);

/* The entry of a limit and its value; false: the facts don't have it. */
bool thaw_lambda_limit(const struct thaw_lint *lint, const char *id, const json_t **entry,
                       double *ret);

#endif
