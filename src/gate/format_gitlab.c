/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/formats.h"
#include "gate/issues.h"
#include "report/gitlab.h"
#include "report/summary_parts.h"

int thaw_gate_write_gitlab(const json_t *gate, const struct thaw_report_options *options,
                           FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct thaw_issues issues;

    thaw_summary_begin_texts(&summary, gate, stream);
    thaw_gate_issues(&summary, &issues);
    return thaw_gitlab_end(&summary, &issues, NULL, options, error);
}
