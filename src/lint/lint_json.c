/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lint/look.h"
#include "lint/outcome.h"
#include "report/issues.h"
#include "report/keys.h"
#include "report/summary_parts.h"
#include "report/values.h"
#include "thaw/version.h"

#define SCHEMA "thaw-lint/1"

/* The document (thaw-lint/1): the same outcome gives the same bytes. */

/* What a document is made of. */
struct making {
    struct thaw_values values;
    const struct thaw_lint_outcome *outcome;
    struct thaw_issues issues; /* fingerprints of the findings, then of the suppressed ones */
};

static json_t *location(struct making *making, const struct thaw_project_place *place)
{
    struct thaw_values *values = &making->values;
    json_t *object;

    if (!place->file || !*place->file)
        return json_null();
    object = thaw_values_object(values);
    thaw_values_set_text(values, object, "file", place->file);
    thaw_values_set_known(values, object, "line", place->line);
    thaw_values_set_known(values, object, "column", place->column);
    thaw_values_set_known(values, object, "end_line",
                          place->last_line > place->line ? place->last_line : place->line);
    thaw_values_set_boolean(values, object, "named", place->is_named);
    return object;
}

/* --- the app, and what was taken into account --- */

static void set_inferred(struct making *making, json_t *app, const char *key,
                         const struct thaw_inferred *inferred)
{
    struct thaw_values *values = &making->values;
    json_t *object = thaw_values_object(values);

    thaw_values_set_name(values, object, "value", inferred->value);
    thaw_values_set_text(values, object, "reason", inferred->reason);
    thaw_values_set(values, object, "location", location(making, &inferred->place));
    thaw_values_set(values, app, key, object);
}

/* How much of what is deployed is known. */
static const char *settings_known(const struct thaw_lint_outcome *outcome)
{
    return thaw_lint_knows_settings(&outcome->lint) ? "all"
           : thaw_lint_has_settings(&outcome->lint) ? "some"
                                                    : "none";
}

static json_t *app_of(struct making *making)
{
    const struct thaw_project *project = making->outcome->question->project;
    struct thaw_values *values = &making->values;
    json_t *app = thaw_values_object(values);

    thaw_values_set_text(values, app, "path", project->path);
    set_inferred(making, app, "platform", &project->platform);
    set_inferred(making, app, "plan", &project->plan);
    set_inferred(making, app, "python", &project->python);
    set_inferred(making, app, "packaging", &project->packaging);
    thaw_values_set_text(values, app, "settings", settings_known(making->outcome));
    thaw_values_set_boolean(values, app, "is_zip", project->is_zip);
    thaw_values_set_boolean(values, app, "has_source", project->has_source);
    thaw_values_set_number(values, app, "functions", project->function_count);
    return app;
}

static json_t *facts_of(struct thaw_values *values, const struct thaw_lint_outcome *outcome)
{
    const struct thaw_lint_facts *facts = outcome->lint.facts;
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "dated", thaw_lint_facts_dated(facts));
    thaw_values_set_text(values, object, "expires", thaw_lint_facts_expires(facts));
    thaw_values_set_boolean(values, object, "expired", outcome->facts_expired);
    return object;
}

static json_t *headline_of(const json_t *report)
{
    json_t *track;
    size_t i;

    json_array_foreach(json_object_get(report, "tracks"), i, track)
    {
        if (json_is_true(json_object_get(track, "headline")))
            return track;
    }
    return NULL;
}

static json_t *recording_of(struct thaw_values *values, const struct thaw_lint_question *question)
{
    const json_t *report = question->recording, *total;
    json_t *object;

    if (!report)
        return json_null();
    object = thaw_values_object(values);
    total = json_object_get(headline_of(report), "total_ns");
    thaw_values_set_text(values, object, "name", question->recording_name);
    thaw_values_set_name(values, object, "platform",
                         thaw_key_string(json_object_get(report, "run"), "platform"));
    thaw_values_set_boolean(values, object, "complete",
                            json_is_true(json_object_get(report, "complete")));
    thaw_values_set_known(values, object, "cold_start_ns", (uint64_t)json_integer_value(total));
    return object;
}

/* --- findings --- */

static void set_copy(struct thaw_values *values, json_t *object, const char *key,
                     const json_t *entry, const char *from)
{
    const char *text = thaw_lint_fact_text(entry, from);

    thaw_values_set_name(values, object, key, text);
}

/* Two facts may stand on one page: does one before it say all that source number index does? */
static bool is_said(const struct thaw_lint_finding *finding, size_t index)
{
    static const char *const keys[] = {"source", "dated", "doubt"};
    enum { count = sizeof(keys) / sizeof(keys[0]) };

    for (size_t i = 0; i < index; i++) {
        size_t same = 0;

        for (size_t k = 0; k < count; k++)
            same += !strcmp(thaw_lint_fact_text(finding->sources[i], keys[k]),
                            thaw_lint_fact_text(finding->sources[index], keys[k]));
        if (same == count)
            return true;
    }
    return false;
}

static json_t *sources_of(struct thaw_values *values, const struct thaw_lint_finding *finding)
{
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < finding->source_count; i++) {
        json_t *object;

        if (is_said(finding, i))
            continue;
        object = thaw_values_object(values);

        set_copy(values, object, "url", finding->sources[i], "source");
        set_copy(values, object, "dated", finding->sources[i], "dated");
        set_copy(values, object, "doubt", finding->sources[i], "doubt");
        thaw_values_append(values, list, object);
    }
    return list;
}

static json_t *finding_of(struct making *making, const struct thaw_lint_finding *finding,
                          uint64_t fingerprint)
{
    struct thaw_values *values = &making->values;
    json_t *object = thaw_values_object(values);
    char text[sizeof("0123456789abcdef")];

    snprintf(text, sizeof(text), "%016" PRIx64, fingerprint);
    thaw_values_set_text(values, object, "id", finding->rule->kind.id);
    thaw_values_set_text(values, object, "area", finding->rule->area);
    thaw_values_set_text(values, object, "severity", finding->severity);
    thaw_values_set_text(values, object, "confidence", finding->confidence);
    thaw_values_set_text(values, object, "title", finding->title);
    thaw_values_set_text(values, object, "subject", finding->subject);
    thaw_values_set(values, object, "location", location(making, &finding->place));
    thaw_values_set_texts(values, object, "evidence", finding->evidence, finding->evidence_count);
    thaw_values_set_text(values, object, "fix", finding->fix);
    thaw_values_set(values, object, "sources", sources_of(values, finding));
    thaw_values_set_text(values, object, "fingerprint", text);
    return object;
}

static void add_issue(struct thaw_summary *summary, struct thaw_issues *issues,
                      const struct thaw_lint_finding *finding)
{
    struct thaw_issue *issue = thaw_array_add(&issues->list);

    summary->failed |= !issue;
    if (issue)
        *issue = (struct thaw_issue){.id = finding->rule->kind.id,
                                     .path = finding->place.file,
                                     .subject = finding->subject,
                                     .text = finding->title};
}

/* As issues of a report have them: told findings first, so that a suppression changes no other. */
static bool find_fingerprints(const struct thaw_lint_outcome *outcome, struct thaw_issues *ret)
{
    struct thaw_summary summary = {0};

    for (size_t i = 0; i < outcome->lint.findings.count; i++)
        add_issue(&summary, ret, &outcome->lint.findings.items[i]);
    for (size_t i = 0; i < outcome->suppressed.count; i++)
        add_issue(&summary, ret, &outcome->suppressed.items[i].finding);
    if (!summary.failed)
        thaw_issues_set_fingerprints(&summary, ret);
    thaw_arena_free(&summary.arena);
    return !summary.failed;
}

static json_t *findings_of(struct making *making)
{
    const struct thaw_lint_outcome *outcome = making->outcome;
    json_t *list = thaw_values_array(&making->values);

    for (size_t i = 0; i < outcome->lint.findings.count; i++)
        thaw_values_append(&making->values, list,
                           finding_of(making, &outcome->lint.findings.items[i],
                                      making->issues.list.items[i].fingerprint));
    return list;
}

static json_t *suppressed_of(struct making *making)
{
    const struct thaw_lint_outcome *outcome = making->outcome;
    const struct thaw_issue *issues = making->issues.list.items + outcome->lint.findings.count;
    struct thaw_values *values = &making->values;
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < outcome->suppressed.count; i++) {
        const struct thaw_lint_suppressed *entry = &outcome->suppressed.items[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set(values, object, "finding",
                        finding_of(making, &entry->finding, issues[i].fingerprint));
        thaw_values_set_text(values, object, "reason", entry->by->reason);
        thaw_values_set_name(values, object, "until", entry->by->until);
        thaw_values_append(values, list, object);
    }
    return list;
}

/* --- what was looked for --- */

static json_t *checked_of(struct thaw_values *values, const struct thaw_lint_outcome *outcome)
{
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < outcome->checked.count; i++)
        thaw_values_append(values, list, json_string(outcome->checked.items[i]->kind.id));
    return list;
}

static json_t *unchecked_of(struct thaw_values *values, const struct thaw_lint_outcome *outcome)
{
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < outcome->unchecked.count; i++) {
        const struct thaw_lint_rule *rule = outcome->unchecked.items[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "id", rule->kind.id);
        thaw_values_set_text(values, object, "area", rule->area);
        thaw_values_set_text(values, object, "needs", rule->kind.needs);
        thaw_values_append(values, list, object);
    }
    return list;
}

static json_t *disabled_of(struct thaw_values *values, const struct thaw_lint_question *question)
{
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; question->disabled && question->disabled[i]; i++)
        thaw_values_append(values, list, thaw_values_text(question->disabled[i]));
    return list;
}

static json_t *profile_of(struct thaw_values *values, const struct thaw_lint_outcome *outcome)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", outcome->question->profile->name);
    thaw_values_set_text(values, object, "severity", outcome->question->profile->severity);
    thaw_values_set_number(values, object, "below", outcome->below);
    return object;
}

static const char *kind_word(enum thaw_problem_kind kind)
{
    static const char *const words[] = {
        [THAW_PROBLEM_MALFORMED] = "malformed",
        [THAW_PROBLEM_SYNTAX] = "syntax",
        [THAW_PROBLEM_DUPLICATE_KEY] = "duplicate-key",
        [THAW_PROBLEM_TYPE] = "type",
        [THAW_PROBLEM_UNREADABLE] = "unreadable",
        [THAW_PROBLEM_TOO_LARGE] = "too-large",
        [THAW_PROBLEM_CUT] = "cut",
    };

    return words[kind];
}

static json_t *problems_of(struct making *making)
{
    const struct thaw_project *project = making->outcome->question->project;
    struct thaw_values *values = &making->values;
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < project->problem_count; i++) {
        const struct thaw_problem *problem = &project->problems[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "kind", kind_word(problem->kind));
        thaw_values_set_text(values, object, "what", problem->what);
        thaw_values_set(values, object, "location", location(making, &problem->place));
        thaw_values_append(values, list, object);
    }
    return list;
}

static json_t *templates_of(struct thaw_values *values, const struct thaw_project *project)
{
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < project->template_count; i++) {
        const struct thaw_project_template *template = &project->templates[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "file", template->file);
        thaw_values_set_text(values, object, "form", template->form);
        thaw_values_set_number(values, object, "unread", template->unread);
        thaw_values_append(values, list, object);
    }
    return list;
}

static void append_texts(struct thaw_values *values, json_t *list, const char *const *texts)
{
    for (; texts && *texts; texts++)
        thaw_values_append(values, list, thaw_values_text(*texts));
}

/* Files that the user named; their names are not relative to the app. */
static json_t *named_files(struct thaw_values *values, const struct thaw_lint_question *question)
{
    json_t *list = thaw_values_array(values);

    append_texts(values, list, question->settings);
    append_texts(values, list, question->templates);
    return list;
}

/* A key that stands twice, or a wrong type, hides nothing else. */
static bool is_complete(const struct thaw_project *project)
{
    for (size_t i = 0; i < project->problem_count; i++)
        if (project->problems[i].kind != THAW_PROBLEM_DUPLICATE_KEY &&
            project->problems[i].kind != THAW_PROBLEM_TYPE)
            return false;
    return true;
}

static json_t *counts_of(struct thaw_values *values, const struct thaw_lint_outcome *outcome)
{
    static const char *const keys[] = {"notes", "warnings", "errors"};
    json_t *object = thaw_values_object(values);
    uint64_t counts[3] = {0};

    for (size_t i = 0; i < outcome->lint.findings.count; i++)
        counts[thaw_lint_severity_rank(outcome->lint.findings.items[i].severity)]++;
    for (size_t i = 3; i-- > 0;)
        thaw_values_set_number(values, object, keys[i], counts[i]);
    return object;
}

/* --- all of it --- */

static json_t *tool_of(struct thaw_values *values)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "name", "thaw");
    thaw_values_set_text(values, object, "version", THAW_VERSION);
    return object;
}

static json_t *document_of(struct making *making)
{
    const struct thaw_lint_outcome *outcome = making->outcome;
    struct thaw_values *values = &making->values;
    const struct thaw_lint_question *question = outcome->question;
    const struct thaw_project *project = question->project;
    json_t *document = thaw_values_object(values);

    thaw_values_set_text(values, document, "schema", SCHEMA);
    thaw_values_set(values, document, "tool", tool_of(values));
    thaw_values_set(values, document, "app", app_of(making));
    thaw_values_set_boolean(values, document, "complete", is_complete(project));
    thaw_values_set(values, document, "counts", counts_of(values, outcome));
    thaw_values_set(values, document, "profile", profile_of(values, outcome));
    thaw_values_set(values, document, "facts", facts_of(values, outcome));
    thaw_values_set(values, document, "recording", recording_of(values, question));
    thaw_values_set(values, document, "findings", findings_of(making));
    thaw_values_set(values, document, "suppressed", suppressed_of(making));
    thaw_values_set(values, document, "checked", checked_of(values, outcome));
    thaw_values_set(values, document, "unchecked", unchecked_of(values, outcome));
    thaw_values_set(values, document, "disabled", disabled_of(values, question));
    thaw_values_set(values, document, "problems", problems_of(making));
    thaw_values_set(values, document, "templates", templates_of(values, project));
    thaw_values_set_texts(values, document, "read", project->read.items,
                          (size_t)project->read.count);
    thaw_values_set(values, document, "named", named_files(values, question));
    return document;
}

int thaw_lint_document(struct thaw_lint_outcome *outcome, json_t **ret, struct thaw_error *error)
{
    struct making making = {.outcome = outcome};

    *ret = NULL;
    if (find_fingerprints(outcome, &making.issues))
        *ret = document_of(&making);
    thaw_issues_free(&making.issues);
    if (*ret && !making.values.failed)
        return 0;
    json_decref(*ret);
    *ret = NULL;
    return thaw_error_memory(error);
}
