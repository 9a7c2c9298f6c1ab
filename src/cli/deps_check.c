/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deps_check.h"

#include "cli/command.h"
#include "report/issues.h"
#include "report/summary_parts.h"

/* Lines beyond these are only counted. */
enum { most_lines = 100 };

size_t thaw_deps_check(const char *command, const json_t *report)
{
    struct thaw_issues issues = {0};
    struct thaw_summary summary;
    struct thaw_error error;
    size_t errors = 0;

    thaw_summary_begin_texts(&summary, report, stdout);
    thaw_issues_of_target(&summary, &issues);
    for (size_t i = 0; i < issues.list.count; i++) {
        const struct thaw_issue *issue = &issues.list.items[i];

        if (issue->level == THAW_ISSUE_ERROR && errors++ < most_lines)
            thaw_complain(command, "%s", issue->text);
    }
    if (errors > most_lines)
        thaw_complain(command, "%zu errors more", errors - most_lines);
    thaw_issues_free(&issues);
    if (thaw_summary_end(&summary, &error) == 0)
        return errors;
    thaw_complain(command, "%s", error.message);
    return errors + 1;
}
