/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_GITLAB_H
#define THAW_REPORT_GITLAB_H

#include "report/issues.h"

/*
 * Writes issues as GitLab's code quality report to summary->stream, without those that are
 * suppressed; first, of which the text alone is said, stands before them (NULL: nothing does).
 * Frees the issues and what the summary has returned. -ENOMEM, also where summary->failed is set;
 * or what the stream could not be written for.
 */
int thaw_gitlab_end(struct thaw_summary *summary, struct thaw_issues *issues,
                    const struct thaw_issue *first, const struct thaw_report_options *options,
                    struct thaw_error *error);

#endif
