/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/formats.h"
#include "lint/view.h"
#include "report/github.h"
#include "report/summary_parts.h"

#define TOOL "thaw lint"

static const char *title(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    return thaw_summary_format(summary, "%s", issue->id);
}

int thaw_lint_write_github(const json_t *lint, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct thaw_issues issues;

    (void)options;
    thaw_summary_begin_texts(&summary, lint, stream);
    if (thaw_lint_issues(&summary, &issues)) {
        thaw_github_write(&summary, &issues, TOOL, title, THAW_ISSUE_ERROR);
        thaw_github_write(&summary, &issues, TOOL, title, THAW_ISSUE_WARNING);
        thaw_github_write(&summary, &issues, TOOL, title, THAW_ISSUE_NOTE);
    }
    thaw_issues_free(&issues);
    return thaw_summary_end(&summary, error);
}
