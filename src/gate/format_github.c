/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/formats.h"
#include "gate/issues.h"
#include "gate/view.h"
#include "report/github.h"
#include "report/summary_parts.h"

static const char *title(struct thaw_summary *summary, const struct thaw_issue *issue)
{
    return thaw_summary_format(summary, "%s: %s", thaw_gate_view_word(issue->check),
                               thaw_gate_view_title(summary, issue->check));
}

int thaw_gate_write_github(const json_t *gate, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct thaw_issues issues;

    (void)options;
    thaw_summary_begin_texts(&summary, gate, stream);
    if (thaw_gate_issues(&summary, &issues)) {
        thaw_github_write(&summary, &issues, "thaw gate", title, THAW_ISSUE_ERROR);
        thaw_github_write(&summary, &issues, "thaw gate", title, THAW_ISSUE_WARNING);
    }
    thaw_issues_free(&issues);
    return thaw_summary_end(&summary, error);
}
