/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/formats.h"
#include "lint/view.h"
#include "report/gitlab.h"
#include "report/summary_parts.h"

int thaw_lint_write_gitlab(const json_t *lint, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct thaw_issues issues;

    thaw_summary_begin_texts(&summary, lint, stream);
    thaw_lint_issues(&summary, &issues);
    return thaw_gitlab_end(&summary, &issues, NULL, options, error);
}
