/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/keys.h"
#include "report/sarif.h"
#include "report/summary_parts.h"
#include "report/writers.h"

/*
 * SARIF 2.1.0 (OASIS, with errata 01), as GitHub's code scanning reads it: one run, a rule for each
 * kind of issue, a result for each issue. Paths are relative to the root of the sources; what the
 * measurement lacks stands as notifications of its invocation.
 */

/*
 * "[words](address)" is a link in SARIF's messages (section 3.11.6): a backslash between the two
 * keeps it from being one, and is seen.
 */
static const char *unlinked(struct thaw_summary *summary, const char *text)
{
    size_t links = 0;
    char *out, *end;

    for (const char *at = text; (at = strstr(at, "](")); at++)
        links++;
    if (!links)
        return text;
    out = end = thaw_arena_bytes(&summary->arena, strlen(text) + links + 1);
    summary->failed |= !out;
    if (!out)
        return "";
    for (; *text; text++) {
        *end++ = *text;
        if (text[0] == ']' && text[1] == '(')
            *end++ = '\\';
    }
    *end = '\0';
    return out;
}

json_t *thaw_sarif_message(struct thaw_sarif *sarif, const char *text)
{
    json_t *message = thaw_values_object(&sarif->values);

    thaw_values_set_text(&sarif->values, message, "text", unlinked(&sarif->summary, text));
    return message;
}

static json_t *driver(struct thaw_sarif *sarif)
{
    const json_t *tool = json_object_get(sarif->summary.report, "tool");
    const char *version = thaw_summary_text(&sarif->summary, tool, "version");
    json_t *object = thaw_values_object(&sarif->values);

    thaw_values_set_text(&sarif->values, object, "name", "thaw");
    if (*version) {
        thaw_values_set_text(&sarif->values, object, "version", version);
        thaw_values_set_text(&sarif->values, object, "semanticVersion", version);
    }
    thaw_values_set(&sarif->values, object, "rules", thaw_sarif_rules(sarif));
    return object;
}

static void notify(struct thaw_sarif *sarif, json_t *list, const char *level, const char *id,
                   const char *text)
{
    json_t *object = thaw_values_object(&sarif->values),
           *descriptor = thaw_values_object(&sarif->values);

    thaw_values_set_text(&sarif->values, descriptor, "id", id);
    thaw_values_set(&sarif->values, object, "descriptor", descriptor);
    thaw_values_set_text(&sarif->values, object, "level", level);
    thaw_values_set(&sarif->values, object, "message", thaw_sarif_message(sarif, text));
    thaw_values_append(&sarif->values, list, object);
}

static void notify_of_gaps(struct thaw_sarif *sarif, json_t *list)
{
    struct thaw_summary *summary = &sarif->summary;
    const char *const *lines = thaw_summary_written(summary, thaw_summary_not_seen, NULL);
    const json_t *unsought;
    size_t i;

    if (!thaw_summary_is(summary->report, "complete"))
        notify(sarif, list, "error", "incomplete", thaw_summary_verdict(summary, NULL));
    for (i = 0; lines[i]; i++)
        notify(sarif, list, "note", "not-seen", thaw_summary_unled(lines[i]));
    json_array_foreach(json_object_get(summary->report, "not_looked_for"), i, unsought)
        notify(sarif, list, "note", "not-looked-for",
               thaw_summary_format(summary, "not looked for: %s, which needs: %s",
                                   thaw_summary_text(summary, unsought, "id"),
                                   thaw_summary_text(summary, unsought, "needs")));
    if (json_is_null(json_object_get(summary->report, "findings")))
        notify(sarif, list, "warning", "not-looked-for", "no findings were looked for");
}

static void notify_of_cuts(struct thaw_sarif *sarif, json_t *list)
{
    struct thaw_summary *summary = &sarif->summary;

    if (sarif->cut_results)
        notify(sarif, list, "warning", "left-out",
               thaw_summary_format(summary,
                                   "%zu results are left out: GitHub takes no more than %d",
                                   sarif->cut_results, THAW_SARIF_RESULTS));
    if (sarif->cut_locations)
        notify(sarif, list, "warning", "left-out",
               thaw_summary_format(
                   summary, "%zu locations are left out: GitHub takes no more than %d of a result",
                   sarif->cut_locations, THAW_SARIF_LOCATIONS));
}

static json_t *invocations(struct thaw_sarif *sarif)
{
    const json_t *report = sarif->summary.report;
    const char *started = thaw_key_string(json_object_get(report, "run"), "started");
    bool whole = thaw_summary_is(report, "complete") && !thaw_key_unread(report);
    json_t *list = thaw_values_array(&sarif->values), *object = thaw_values_object(&sarif->values),
           *notifications = thaw_values_array(&sarif->values);

    notify_of_gaps(sarif, notifications);
    if (thaw_key_unread(report))
        notify(sarif, notifications, "error", "incomplete",
               "some of the target could not be read: figures and complaints may lack what is "
               "there");
    notify_of_cuts(sarif, notifications);
    thaw_values_set_boolean(&sarif->values, object, "executionSuccessful", whole);
    if (*started)
        thaw_values_set_text(&sarif->values, object, "startTimeUtc", started);
    thaw_values_set(&sarif->values, object, "toolExecutionNotifications", notifications);
    thaw_values_append(&sarif->values, list, object);
    return list;
}

static json_t *run(struct thaw_sarif *sarif)
{
    json_t *object = thaw_values_object(&sarif->values), *tool = thaw_values_object(&sarif->values),
           *results;

    thaw_values_set(&sarif->values, tool, "driver", driver(sarif));
    thaw_values_set(&sarif->values, object, "tool", tool);
    results = thaw_sarif_results(sarif);
    thaw_values_set(&sarif->values, object, "invocations", invocations(sarif));
    thaw_values_set_text(&sarif->values, object, "columnKind", "unicodeCodePoints");
    thaw_values_set(&sarif->values, object, "results", results);
    return object;
}

static json_t *document(struct thaw_sarif *sarif)
{
    json_t *object = thaw_values_object(&sarif->values), *runs = thaw_values_array(&sarif->values);

    thaw_values_append(&sarif->values, runs, run(sarif));
    thaw_values_set_text(&sarif->values, object, "$schema",
                         "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                         "sarif-schema-2.1.0.json");
    thaw_values_set_text(&sarif->values, object, "version", "2.1.0");
    thaw_values_set(&sarif->values, object, "runs", runs);
    return object;
}

int thaw_write_sarif(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                     struct thaw_error *error)
{
    struct thaw_sarif sarif = {.rules = json_object()};
    json_t *made = NULL;
    int code;

    thaw_summary_begin_texts(&sarif.summary, report, stream);
    if (sarif.rules && thaw_issues_find(&sarif.summary, &sarif.issues))
        made = document(&sarif);
    code = !made || sarif.values.failed || sarif.summary.failed
               ? thaw_error_memory(error)
               : thaw_write_json(made, options, stream, error);
    json_decref(made);
    json_decref(sarif.rules);
    thaw_issues_free(&sarif.issues);
    thaw_arena_free(&sarif.summary.arena);
    return code;
}
