/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/formats.h"
#include "gate/issues.h"
#include "gate/view.h"
#include "report/keys.h"
#include "report/sarif.h"
#include "report/summary_parts.h"

/* Where thaw.json asks for it, and where the offenders come from. */
static void relate_places(struct thaw_sarif *sarif, const struct thaw_issue *issue, json_t *related)
{
    struct thaw_summary *summary = &sarif->summary;
    const json_t *location = json_object_get(issue->check, "location"), *offender;
    size_t i;

    json_array_foreach(json_object_get(issue->check, "offenders"), i, offender)
        thaw_sarif_relate(sarif, related, thaw_summary_raw(summary, offender, "file"),
                          thaw_summary_number(offender, "line"),
                          thaw_gate_view_offender(summary, issue->check, offender));
    if (!issue->elsewhere)
        thaw_sarif_relate(sarif, related, thaw_summary_raw(summary, location, "file"),
                          thaw_summary_number(location, "line"), "what is allowed");
}

static void set_properties(struct thaw_sarif *sarif, const json_t *check, json_t *properties)
{
    static const char *const keys[] = {"status", "metric", "class", "unit", "change", "share"};
    static const char *const values[] = {"before", "value"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        json_t *value = json_object_get(check, keys[i]);

        if (value && !json_is_null(value))
            thaw_values_set(&sarif->values, properties, keys[i], json_incref(value));
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        json_t *median = json_object_get(json_object_get(check, values[i]), "median");

        if (json_is_number(median))
            thaw_values_set(&sarif->values, properties, values[i], json_incref(median));
    }
}

static void detail(struct thaw_sarif *sarif, const struct thaw_issue *issue, json_t *related,
                   json_t *properties)
{
    relate_places(sarif, issue, related);
    set_properties(sarif, issue->check, properties);
}

int thaw_gate_write_sarif(const json_t *gate, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    struct thaw_sarif sarif;
    const struct thaw_finding_kind *kinds;
    const char *const *notes;
    size_t count;

    thaw_sarif_begin(&sarif, gate, stream);
    sarif.detail = detail;
    if (thaw_gate_issues(&sarif.summary, &sarif.issues)) {
        kinds = thaw_gate_issue_kinds(&count);
        for (size_t i = 0; i < count; i++)
            thaw_sarif_rule(&sarif, kinds[i].id, &kinds[i]);
        notes = thaw_gate_view_notes(&sarif.summary);
        for (size_t i = 0; notes[i]; i++)
            thaw_sarif_notify(&sarif, "note", "measurement", notes[i]);
    }
    return thaw_sarif_end(&sarif, strcmp(thaw_key_string(gate, "verdict"), "unmeasured") != 0, "",
                          options, error);
}
