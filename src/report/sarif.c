/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

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

void thaw_sarif_begin(struct thaw_sarif *sarif, const json_t *report, FILE *stream)
{
    *sarif = (struct thaw_sarif){0};
    thaw_summary_begin_texts(&sarif->summary, report, stream);
    sarif->rules = thaw_values_array(&sarif->values);
    sarif->numbers = thaw_values_object(&sarif->values);
    sarif->notifications = thaw_values_array(&sarif->values);
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
    thaw_values_set(&sarif->values, object, "rules", json_incref(sarif->rules));
    return object;
}

void thaw_sarif_notify(struct thaw_sarif *sarif, const char *level, const char *id,
                       const char *text)
{
    json_t *object = thaw_values_object(&sarif->values),
           *descriptor = thaw_values_object(&sarif->values);

    thaw_values_set_text(&sarif->values, descriptor, "id", id);
    thaw_values_set(&sarif->values, object, "descriptor", descriptor);
    thaw_values_set_text(&sarif->values, object, "level", level);
    thaw_values_set(&sarif->values, object, "message", thaw_sarif_message(sarif, text));
    thaw_values_append(&sarif->values, sarif->notifications, object);
}

static void notify_of_cuts(struct thaw_sarif *sarif)
{
    struct thaw_summary *summary = &sarif->summary;

    if (sarif->cut_results)
        thaw_sarif_notify(
            sarif, "warning", "left-out",
            thaw_summary_format(summary, "%zu results are left out: GitHub takes no more than %d",
                                sarif->cut_results, THAW_SARIF_RESULTS));
    if (sarif->cut_locations)
        thaw_sarif_notify(
            sarif, "warning", "left-out",
            thaw_summary_format(
                summary, "%zu locations are left out: GitHub takes no more than %d of a result",
                sarif->cut_locations, THAW_SARIF_LOCATIONS));
}

static json_t *invocations(struct thaw_sarif *sarif, bool successful, const char *started)
{
    json_t *list = thaw_values_array(&sarif->values), *object = thaw_values_object(&sarif->values);

    notify_of_cuts(sarif);
    thaw_values_set_boolean(&sarif->values, object, "executionSuccessful", successful);
    if (*started)
        thaw_values_set_text(&sarif->values, object, "startTimeUtc", started);
    thaw_values_set(&sarif->values, object, "toolExecutionNotifications",
                    json_incref(sarif->notifications));
    thaw_values_append(&sarif->values, list, object);
    return list;
}

static json_t *run(struct thaw_sarif *sarif, bool successful, const char *started)
{
    json_t *object = thaw_values_object(&sarif->values), *tool = thaw_values_object(&sarif->values),
           *results;

    for (size_t i = 0; i < sarif->issues.list.count; i++) /* those of another version */
        thaw_sarif_rule(sarif, sarif->issues.list.items[i].id, NULL);
    thaw_values_set(&sarif->values, tool, "driver", driver(sarif));
    thaw_values_set(&sarif->values, object, "tool", tool);
    results = thaw_sarif_results(sarif);
    thaw_values_set(&sarif->values, object, "invocations", invocations(sarif, successful, started));
    thaw_values_set_text(&sarif->values, object, "columnKind", "unicodeCodePoints");
    thaw_values_set(&sarif->values, object, "results", results);
    return object;
}

static json_t *document(struct thaw_sarif *sarif, bool successful, const char *started)
{
    json_t *object = thaw_values_object(&sarif->values), *runs = thaw_values_array(&sarif->values);

    thaw_values_append(&sarif->values, runs, run(sarif, successful, started));
    thaw_values_set_text(&sarif->values, object, "$schema",
                         "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                         "sarif-schema-2.1.0.json");
    thaw_values_set_text(&sarif->values, object, "version", "2.1.0");
    thaw_values_set(&sarif->values, object, "runs", runs);
    return object;
}

int thaw_sarif_end(struct thaw_sarif *sarif, bool successful, const char *started,
                   const struct thaw_report_options *options, struct thaw_error *error)
{
    bool failed = sarif->values.failed || sarif->summary.failed;
    json_t *made = failed ? NULL : document(sarif, successful, started);
    int code = !made || sarif->values.failed || sarif->summary.failed
                   ? thaw_error_memory(error)
                   : thaw_write_json(made, options, sarif->summary.stream, error);

    json_decref(made);
    json_decref(sarif->rules);
    json_decref(sarif->numbers);
    json_decref(sarif->notifications);
    thaw_issues_free(&sarif->issues);
    thaw_arena_free(&sarif->summary.arena);
    return code;
}
