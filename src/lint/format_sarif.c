/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lint/formats.h"
#include "lint/lint.h"
#include "lint/view.h"
#include "report/keys.h"
#include "report/sarif.h"
#include "report/summary_parts.h"

static void detail(struct thaw_sarif *sarif, const struct thaw_issue *issue, json_t *related,
                   json_t *properties)
{
    static const char *const keys[] = {"area", "confidence", "sources"};

    (void)related;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        thaw_values_set(&sarif->values, properties, keys[i],
                        json_incref(json_object_get(issue->lint, keys[i])));
}

/* Of those that were checked: a rule without a result was looked for in vain. */
static void add_rules(struct thaw_sarif *sarif)
{
    const json_t *id;
    size_t i;

    json_array_foreach(json_object_get(sarif->summary.report, "checked"), i, id)
    {
        const struct thaw_lint_rule *rule = thaw_lint_rule_find(json_string_value(id));

        thaw_sarif_rule(sarif, json_string_value(id), rule ? &rule->kind : NULL);
    }
}

static void notify(struct thaw_sarif *sarif)
{
    const char *incomplete = thaw_lint_view_incomplete(&sarif->summary);
    const char *const *lines = thaw_lint_view_unchecked(&sarif->summary);

    if (*incomplete)
        thaw_sarif_notify(sarif, "error", "incomplete", incomplete);
    for (size_t i = 0; lines[i]; i++)
        thaw_sarif_notify(sarif, "note", "unchecked",
                          thaw_summary_format(&sarif->summary, "not checked, needs %s", lines[i]));
    lines = thaw_lint_view_notes(&sarif->summary);
    for (size_t i = 0; lines[i]; i++)
        thaw_sarif_notify(sarif, "note", "check", lines[i]);
}

int thaw_lint_write_sarif(const json_t *lint, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct thaw_sarif sarif;

    thaw_sarif_begin(&sarif, lint, stream);
    sarif.detail = detail;
    sarif.summary.lists_all = true;
    if (thaw_lint_issues(&sarif.summary, &sarif.issues)) {
        add_rules(&sarif);
        notify(&sarif);
    }
    return thaw_sarif_end(&sarif, thaw_summary_is(lint, "complete"), "", options, error);
}
