/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_ISSUES_H
#define THAW_GATE_ISSUES_H

#include "report/issues.h"

/*
 * What a verdict complains of, for the outputs that are lists of complaints: an issue for each
 * check that is not passed, the worst first. It stands where its first offender is imported or
 * required, else where thaw.json asks for it. What is allowed is a suppressed issue.
 *
 * false: memory is short. To be freed in any case (thaw_issues_free()).
 */
bool thaw_gate_issues(struct thaw_summary *summary, struct thaw_issues *ret);

/* All kinds of them. */
const struct thaw_finding_kind *thaw_gate_issue_kinds(size_t *ret_count);

#endif
