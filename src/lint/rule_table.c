/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lint/rules.h"

/* In the order of the checklist; what is about thaw's own reading comes last. */
static const char *const areas[] = {
    "cold-start", "secrets",    "dependencies", "timeouts", "scaling", "retries",
    "deployment", "monitoring", "model",        "durable",  "sources", "when-not",
    "recording",  "lambda",     "files",        NULL,
};

/* By area, in the order above, then by id. */
static const struct thaw_lint_rule *const rules[] = {
    /* files */
    &thaw_rule_duplicate_key, &thaw_rule_facts_expired,      &thaw_rule_file_malformed,
    &thaw_rule_not_all_read,  &thaw_rule_unused_suppression,
};

const struct thaw_lint_rule *const *thaw_lint_rules(size_t *ret_count)
{
    *ret_count = sizeof(rules) / sizeof(rules[0]);
    return rules;
}

const char *const *thaw_lint_areas(void)
{
    return areas;
}

const struct thaw_lint_rule *thaw_lint_rule_find(const char *id)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (!strcmp(rules[i]->kind.id, id))
            return rules[i];
    return NULL;
}
