/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/sarif.h"
#include "report/summary_parts.h"

static void set_uri(struct thaw_sarif *sarif, json_t *artifact, const char *path)
{
    thaw_values_set_text(&sarif->values, artifact, "uri", thaw_places_uri(&sarif->summary, path));
    if (*path != '/')
        thaw_values_set_text(&sarif->values, artifact, "uriBaseId", "%SRCROOT%");
}

/* Of an issue, or of a place beside it. A region without an end goes to the end of its line. */
struct region {
    uint64_t line, column, end_line;
};

static json_t *region_of(struct thaw_sarif *sarif, const struct region *at)
{
    json_t *region = thaw_values_object(&sarif->values);

    thaw_values_set_number(&sarif->values, region, "startLine", at->line);
    if (at->column)
        thaw_values_set_number(&sarif->values, region, "startColumn", at->column);
    if (at->end_line > at->line)
        thaw_values_set_number(&sarif->values, region, "endLine", at->end_line);
    return region;
}

static json_t *location(struct thaw_sarif *sarif, const char *path, const struct region *at)
{
    json_t *object = thaw_values_object(&sarif->values),
           *physical = thaw_values_object(&sarif->values),
           *artifact = thaw_values_object(&sarif->values);

    set_uri(sarif, artifact, path);
    thaw_values_set(&sarif->values, physical, "artifactLocation", artifact);
    if (at->line)
        thaw_values_set(&sarif->values, physical, "region", region_of(sarif, at));
    thaw_values_set(&sarif->values, object, "physicalLocation", physical);
    return object;
}

static json_t *locations(struct thaw_sarif *sarif, const struct thaw_issue *issue)
{
    const struct region at = {issue->line, issue->column, issue->end_line};
    json_t *list = thaw_values_array(&sarif->values);

    thaw_values_append(&sarif->values, list, location(sarif, issue->path, &at));
    return list;
}

void thaw_sarif_relate(struct thaw_sarif *sarif, json_t *related, const char *path, uint64_t line,
                       const char *words)
{
    size_t number = json_array_size(related);
    json_t *object;

    if (!*path)
        return;
    if (number + 1 >= THAW_SARIF_LOCATIONS) {
        sarif->cut_locations++;
        return;
    }
    object = location(sarif, path, &(const struct region){.line = line});
    thaw_values_set_number(&sarif->values, object, "id", number + 1);
    thaw_values_set(&sarif->values, object, "message", thaw_sarif_message(sarif, words));
    thaw_values_append(&sarif->values, related, object);
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

static json_t *result(struct thaw_sarif *sarif, const struct thaw_issue *issue)
{
    struct thaw_values *values = &sarif->values;
    json_t *object = thaw_values_object(values), *related = thaw_values_array(values),
           *properties = thaw_values_object(values);

    if (sarif->detail)
        sarif->detail(sarif, issue, related, properties);
    if (issue->elsewhere)
        thaw_values_set_boolean(values, properties, "own_location", false);
    thaw_values_set_text(values, object, "ruleId", issue->id);
    thaw_values_set(values, object, "ruleIndex",
                    json_incref(json_object_get(sarif->numbers, issue->id)));
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
    thaw_values_set(values, object, "properties", properties);
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
