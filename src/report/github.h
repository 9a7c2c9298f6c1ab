/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_GITHUB_H
#define THAW_REPORT_GITHUB_H

#include "report/issues.h"

/*
 * Workflow commands: "::error file=function_app.py,line=9,title=…::…", which a job prints and its
 * pull request shows at the line. GitHub shows ten of each level of a step and drops the others
 * without a word, so that the tenth tells of them. What is suppressed is left out.
 *
 * tool: "thaw gate"; title: of an issue, of plain characters.
 */
void thaw_github_write(struct thaw_summary *summary, const struct thaw_issues *issues,
                       const char *tool,
                       const char *(*title)(struct thaw_summary *summary,
                                            const struct thaw_issue *issue),
                       enum thaw_issue_level level);

#endif
