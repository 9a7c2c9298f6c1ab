/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_OUTCOME_H
#define THAW_LINT_OUTCOME_H

#include "lint/check.h"
#include "lint/lint.h"

/* What checking came to, before it is a document. */

struct thaw_lint_suppressed {
    struct thaw_lint_finding finding;
    const struct thaw_suppression *by;
};

struct thaw_lint_outcome {
    const struct thaw_lint_question *question;
    struct thaw_lint lint; /* its findings: those that are told, in their order */
    THAW_ARRAY(struct thaw_lint_suppressed) suppressed;
    THAW_ARRAY(const struct thaw_lint_rule *) checked;
    THAW_ARRAY(const struct thaw_lint_rule *) unchecked; /* what they need isn't there */
    size_t below; /* findings that are less severe than the profile tells */
    bool facts_expired;
};

/* lint_json.c; the document is the caller's. */
int thaw_lint_document(struct thaw_lint_outcome *outcome, json_t **ret, struct thaw_error *error);

#endif
