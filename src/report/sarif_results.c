/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/keys.h"
#include "report/sarif.h"
#include "report/summary_parts.h"

static void set_uri(struct thaw_sarif *sarif, json_t *artifact, const char *path)
{
    thaw_values_set_text(&sarif->values, artifact, "uri", thaw_places_uri(&sarif->summary, path));
    if (*path != '/')
        thaw_values_set_text(&sarif->values, artifact, "uriBaseId", "%SRCROOT%");
}

static json_t *location(struct thaw_sarif *sarif, const char *path, uint64_t line)
{
    json_t *object = thaw_values_object(&sarif->values),
           *physical = thaw_values_object(&sarif->values),
           *artifact = thaw_values_object(&sarif->values);

    set_uri(sarif, artifact, path);
    thaw_values_set(&sarif->values, physical, "artifactLocation", artifact);
    if (line) {
        json_t *region = thaw_values_object(&sarif->values);

        thaw_values_set_number(&sarif->values, region, "startLine", line);
        thaw_values_set(&sarif->values, physical, "region", region);
    }
    thaw_values_set(&sarif->values, object, "physicalLocation", physical);
    return object;
}

static json_t *locations(struct thaw_sarif *sarif, const struct thaw_issue *issue)
{
    json_t *list = thaw_values_array(&sarif->values);

    thaw_values_append(&sarif->values, list, location(sarif, issue->path, issue->line));
    return list;
}

/* A place that the issue is about as well. */
static void relate(struct thaw_sarif *sarif, json_t *list, const json_t *place, const char *words)
{
    const char *path = thaw_summary_raw(&sarif->summary, place, "file");
    size_t number = json_array_size(list);
    json_t *object;

    if (!*path)
        return;
    if (number + 1 >= THAW_SARIF_LOCATIONS) {
        sarif->cut_locations++;
        return;
    }
    object = location(sarif, thaw_places_path(sarif->issues.places, path),
                      thaw_summary_number(place, "line"));
    thaw_values_set_number(&sarif->values, object, "id", number + 1);
    thaw_values_set(&sarif->values, object, "message", thaw_sarif_message(sarif, words));
    thaw_values_append(&sarif->values, list, object);
}

/* The statements of a set, unless it is one that has been said; and where the cost goes. */
static json_t *related_locations(struct thaw_sarif *sarif, const struct thaw_issue *issue)
{
    struct thaw_summary *summary = &sarif->summary;
    const json_t *imports = json_object_get(issue->finding, "imports"), *one;
    json_t *list = thaw_values_array(&sarif->values);
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
    return list;
}

/* GitHub tells results by the first of the two alone. */
static json_t *fingerprints(struct thaw_sarif *sarif, const struct thaw_issue *issue)
{
    const char *text = thaw_summary_format(&sarif->summary, "%016" PRIx64, issue->fingerprint);
    json_t *object = thaw_values_object(&sarif->values);

    thaw_values_set_text(&sarif->values, object, "primaryLocationLineHash",
                         thaw_summary_format(&sarif->summary, "%s:1", text));
    thaw_values_set_text(&sarif->values, object, "thaw/v1", text);
    return object;
}

static json_t *suppressions(struct thaw_sarif *sarif, const json_t *entry)
{
    struct thaw_summary *summary = &sarif->summary;
    const char *until = thaw_summary_text(summary, entry, "until");
    json_t *list = thaw_values_array(&sarif->values), *object = thaw_values_object(&sarif->values);

    thaw_values_set_text(&sarif->values, object, "kind", "external");
    thaw_values_set_text(&sarif->values, object, "status", "accepted");
    thaw_values_set_text(&sarif->values, object, "justification",
                         thaw_summary_format(summary, "%s%s%s%s",
                                             thaw_summary_text(summary, entry, "reason"),
                                             *until ? " (until " : "", until, *until ? ")" : ""));
    thaw_values_append(&sarif->values, list, object);
    return list;
}

/* What the report has under key, where it has anything. */
static void set_same(struct thaw_sarif *sarif, json_t *object, const char *name,
                     const json_t *source, const char *key)
{
    json_t *value = json_object_get(source, key);

    if (value && !json_is_null(value))
        thaw_values_set(&sarif->values, object, name, json_incref(value));
}

static json_t *properties(struct thaw_sarif *sarif, const struct thaw_issue *issue)
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
    json_t *object = thaw_values_object(&sarif->values);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        set_same(sarif, object, rows[i].name,
                 rows[i].part ? json_object_get(issue->finding, rows[i].part) : issue->finding,
                 rows[i].key);
    if (issue->elsewhere)
        thaw_values_set_boolean(&sarif->values, object, "own_location", false);
    return object;
}

static json_t *result(struct thaw_sarif *sarif, const struct thaw_issue *issue)
{
    struct thaw_values *values = &sarif->values;
    json_t *object = thaw_values_object(values), *related = related_locations(sarif, issue);

    thaw_values_set_text(values, object, "ruleId", issue->id);
    thaw_values_set(values, object, "ruleIndex",
                    json_incref(json_object_get(sarif->rules, issue->id)));
    thaw_values_set_text(values, object, "level", thaw_issue_level_word(issue->level));
    thaw_values_set(values, object, "message",
                    thaw_sarif_message(sarif, thaw_issue_sentences(&sarif->summary, issue)));
    thaw_values_set(values, object, "locations", locations(sarif, issue));
    if (json_array_size(related))
        thaw_values_set(values, object, "relatedLocations", related);
    else
        json_decref(related);
    thaw_values_set(values, object, "partialFingerprints", fingerprints(sarif, issue));
    if (issue->suppressed)
        thaw_values_set(values, object, "suppressions", suppressions(sarif, issue->suppressed));
    thaw_values_set(values, object, "properties", properties(sarif, issue));
    return object;
}

json_t *thaw_sarif_results(struct thaw_sarif *sarif)
{
    json_t *list = thaw_values_array(&sarif->values);
    size_t count = sarif->issues.list.count;

    if (count > THAW_SARIF_RESULTS) {
        sarif->cut_results = count - THAW_SARIF_RESULTS;
        count = THAW_SARIF_RESULTS;
    }
    for (size_t i = 0; i < count; i++)
        thaw_values_append(&sarif->values, list, result(sarif, &sarif->issues.list.items[i]));
    return list;
}
