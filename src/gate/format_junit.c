/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/formats.h"
#include "gate/issues.h"
#include "gate/view.h"
#include "report/junit.h"
#include "report/keys.h"

/*
 * A case for each check, in the order of the verdict. What is broken fails; what could not be
 * measured is an error where it counts; what a test can't tell, what is allowed and what counts for
 * nothing is skipped, with why. Neither is a pass.
 */

static const char *class_of(struct thaw_junit *junit, const json_t *check)
{
    const char *kind = thaw_summary_text(&junit->summary, check, "kind");

    return thaw_summary_format(&junit->summary, "thaw.gate%s%s", *kind ? "." : "", kind);
}

static const struct thaw_issue *issue_of(const struct thaw_junit *junit, const json_t *check)
{
    for (size_t i = 0; i < junit->issues.list.count; i++)
        if (junit->issues.list.items[i].check == check)
            return &junit->issues.list.items[i];
    return NULL;
}

static void write_case(struct thaw_junit *junit, const json_t *check)
{
    const struct thaw_issue *issue = issue_of(junit, check);
    const char *status = thaw_key_string(check, "status"), *text;

    thaw_junit_case(junit, class_of(junit, check), thaw_gate_view_title(&junit->summary, check),
                    issue ? issue->path : "", issue ? issue->line : 0);
    if (issue) {
        text = thaw_issue_sentences(&junit->summary, issue);
        if (!strcmp(status, "fail"))
            thaw_junit_element(junit, "failure", issue->id, issue->text, text);
        else if (!strcmp(status, "unmeasured") && issue->level == THAW_ISSUE_ERROR)
            thaw_junit_element(junit, "error", issue->id, issue->text, text);
        else if (strcmp(status, "warn") != 0)
            thaw_junit_element(junit, "skipped", NULL, issue->text, NULL);
        if (strcmp(status, "fail") != 0)
            thaw_junit_element(junit, "system-out", NULL, NULL, text);
    }
    thaw_junit_case_end(junit);
}

int thaw_gate_write_junit(const json_t *gate, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct thaw_junit junit;
    const json_t *check;
    size_t i;

    (void)options;
    thaw_junit_begin(&junit, gate, stream);
    if (!junit.summary.failed && thaw_gate_issues(&junit.summary, &junit.issues)) {
        json_array_foreach(json_object_get(gate, "checks"), i, check) write_case(&junit, check);
    }
    return thaw_junit_end(&junit, "", error);
}
