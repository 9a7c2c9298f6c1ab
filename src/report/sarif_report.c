/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/keys.h"
#include "report/sarif.h"
#include "report/summary_parts.h"
#include "report/writers.h"
#include "thaw/analysis.h"

/* A report as SARIF: what it complains of, and what it was measured without. */

static void name_rules(struct thaw_sarif *sarif)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);
    const struct thaw_finding_kind *target_kinds;

    for (size_t i = 0; i < count; i++)
        thaw_sarif_rule(sarif, kinds[i]->id, kinds[i]);
    target_kinds = thaw_issue_target_kinds(&count);
    for (size_t i = 0; i < count; i++)
        if (json_is_object(json_object_get(sarif->summary.report, "target")))
            thaw_sarif_rule(sarif, target_kinds[i].id, &target_kinds[i]);
}

static void relate(struct thaw_sarif *sarif, json_t *list, const json_t *place, const char *words)
{
    const char *path = thaw_summary_raw(&sarif->summary, place, "file");

    thaw_sarif_relate(sarif, list, thaw_places_path(sarif->issues.places, path),
                      thaw_summary_number(place, "line"), words);
}

/* The statements of a set, unless it is one that has been said; and where the cost goes. */
static void relate_places(struct thaw_sarif *sarif, const struct thaw_issue *issue, json_t *list)
{
    struct thaw_summary *summary = &sarif->summary;
    const json_t *imports = json_object_get(issue->finding, "imports"), *one;
    size_t i;

    json_array_foreach(imports, i, one)
    {
        if (json_array_size(imports) > 1)
            relate(sarif, list, one,
                   thaw_summary_format(summary, "import of %s",
                                       thaw_summary_text(summary, one, "module")));
    }
    json_array_foreach(json_object_get(issue->finding, "first_calls"), i, one)
        relate(sarif, list, one,
               thaw_summary_format(summary, "the first call of %s() pays %s",
                                   thaw_summary_text(summary, one, "function"),
                                   thaw_summary_duration(summary, thaw_summary_number(one, "ns"))));
}

/* What the report has under key, where it has anything. */
static void set_same(struct thaw_sarif *sarif, json_t *object, const char *name,
                     const json_t *source, const char *key)
{
    json_t *value = json_object_get(source, key);

    if (value && !json_is_null(value))
        thaw_values_set(&sarif->values, object, name, json_incref(value));
}

static void set_properties(struct thaw_sarif *sarif, const struct thaw_issue *issue, json_t *object)
{
    static const struct {
        const char *name, *part, *key; /* part NULL: the finding itself */
    } rows[] = {
        {"confidence", NULL, "confidence"},      {"risk", NULL, "risk"},
        {"saving_ns", "saving", "ns"},           {"saving_low_ns", "saving", "low_ns"},
        {"saving_high_ns", "saving", "high_ns"}, {"saving_share", "saving", "share"},
        {"saving_proof", "saving", "proof"},     {"trial", "proof", "verdict"},
        {"trial_reason", "proof", "reason"},     {"evidence", NULL, "evidence"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        set_same(sarif, object, rows[i].name,
                 rows[i].part ? json_object_get(issue->finding, rows[i].part) : issue->finding,
                 rows[i].key);
}

static void detail(struct thaw_sarif *sarif, const struct thaw_issue *issue, json_t *related,
                   json_t *properties)
{
    relate_places(sarif, issue, related);
    set_properties(sarif, issue, properties);
}

static void notify_of_gaps(struct thaw_sarif *sarif)
{
    struct thaw_summary *summary = &sarif->summary;
    const char *const *lines = thaw_summary_written(summary, thaw_summary_not_seen, NULL);
    const json_t *unsought;
    size_t i;

    if (!thaw_summary_is(summary->report, "complete"))
        thaw_sarif_notify(sarif, "error", "incomplete", thaw_summary_verdict(summary, NULL));
    for (i = 0; lines[i]; i++)
        thaw_sarif_notify(sarif, "note", "not-seen", thaw_summary_unled(lines[i]));
    json_array_foreach(json_object_get(summary->report, "not_looked_for"), i, unsought)
        thaw_sarif_notify(sarif, "note", "not-looked-for",
                          thaw_summary_format(summary, "not looked for: %s, which needs: %s",
                                              thaw_summary_text(summary, unsought, "id"),
                                              thaw_summary_text(summary, unsought, "needs")));
    if (json_is_null(json_object_get(summary->report, "findings")))
        thaw_sarif_notify(sarif, "warning", "not-looked-for", "no findings were looked for");
    if (thaw_key_unread(summary->report))
        thaw_sarif_notify(sarif, "error", "incomplete",
                          "some of the target could not be read: figures and complaints may lack "
                          "what is there");
}

int thaw_write_sarif(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error)
{
    struct thaw_sarif sarif;

    thaw_sarif_begin(&sarif, report, stream);
    sarif.detail = detail;
    if (thaw_issues_find(&sarif.summary, &sarif.issues)) {
        name_rules(&sarif);
        notify_of_gaps(&sarif);
    }
    return thaw_sarif_end(&sarif, thaw_summary_is(report, "complete") && !thaw_key_unread(report),
                          thaw_key_string(json_object_get(report, "run"), "started"), options,
                          error);
}
