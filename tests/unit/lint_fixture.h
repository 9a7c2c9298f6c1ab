/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_LINT_FIXTURE_H
#define THAW_TESTS_LINT_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lint/lint.h"
#include "project/build.h"
#include "project/document.h"

/*
 * A lint over a project that a test fills by hand. What is added is the fixture's; texts must
 * outlive it. A pointer to something that was added holds until the next of its kind is.
 *
 *     struct lint_fixture fixture;
 *
 *     lint_fixture_begin(&fixture);
 *     lint_fixture_facts(&fixture);
 *     lint_fixture_host(&fixture, "{'functionTimeout': '00:15:00'}");
 *     fixture.project.plan.value = "consumption";
 *     lint_fixture_run(&fixture, &thaw_rule_…);
 *     assert_non_null(lint_fixture_find(&fixture, "…"));
 *     lint_fixture_end(&fixture);
 */
struct lint_fixture {
    struct thaw_lint lint;
    struct thaw_project project;
    struct thaw_project_memory memory;
    struct thaw_shipped shipped;
    struct thaw_lint_facts *facts;
    json_t *recording;
    void (*end_facts)(struct thaw_lint_facts *facts); /* NULL: nothing to end */
    void (*end_host)(struct thaw_project_document *document);
};

/* Empty: of Azure Functions, plan and version not known, no file; all texts are "". Without facts:
 * lint_fixture_facts() reads thaw's. */
void lint_fixture_begin(struct lint_fixture *fixture);
void lint_fixture_end(struct lint_fixture *fixture);

/* All texts are ""; file is of "settings.json" (deployed, exported), "local.settings.json", or
 * "main.bicep", line the next one. shape is WORD, NUMBER or BOOLEAN and value is kept where it
 * isn't NULL, else UNKNOWN. */
struct thaw_setting *lint_fixture_setting(struct lint_fixture *fixture,
                                          enum thaw_setting_origin origin, const char *name,
                                          const char *value);
/* Of main.bicep. */
struct thaw_project_fact *lint_fixture_fact(struct lint_fixture *fixture, enum thaw_fact_kind kind,
                                            const char *value);
/* A template without unread parts that has an app. */
struct thaw_project_template *lint_fixture_template(struct lint_fixture *fixture, const char *file);
/* A registered function of function_app.py, v2, with a trigger of that type (NULL: none). */
struct thaw_app_function *lint_fixture_function(struct lint_fixture *fixture, const char *name,
                                                const char *trigger);
/* A further binding of a function. */
struct thaw_app_binding *lint_fixture_binding(struct lint_fixture *fixture,
                                              struct thaw_app_function *function, const char *type);
struct thaw_app_parameter *lint_fixture_parameter(struct lint_fixture *fixture,
                                                  struct thaw_app_function *function,
                                                  const char *name, const char *annotation);
struct thaw_app_variable *lint_fixture_app(struct lint_fixture *fixture, const char *variable,
                                           const char *type);
/* function: its index, THAW_PROJECT_NONE at import. */
struct thaw_app_call *lint_fixture_call(struct lint_fixture *fixture, uint32_t function,
                                        const char *name, unsigned flags);
struct thaw_app_literal *lint_fixture_literal(struct lint_fixture *fixture,
                                              enum thaw_setting_shape shape, const char *name);
struct thaw_project_import *lint_fixture_import(struct lint_fixture *fixture, const char *module);
struct thaw_manifest *lint_fixture_manifest(struct lint_fixture *fixture, const char *file);
/* Of requirements.txt; version NULL: not pinned. */
struct thaw_requirement *lint_fixture_requirement(struct lint_fixture *fixture, const char *name,
                                                  const char *version);
struct thaw_problem *lint_fixture_problem(struct lint_fixture *fixture, enum thaw_problem_kind kind,
                                          const char *file, const char *what);

/* JSON with ' in place of ", also for the recording's report. */
void lint_fixture_recording(struct lint_fixture *fixture, const char *text);
/* ' replaced by ", in the fixture's memory. */
const char *lint_fixture_quoted(struct lint_fixture *fixture, const char *text);

/* Shows what was added, and has the rule check it if it can; findings add up. False: it can't. */
bool lint_fixture_run(struct lint_fixture *fixture, const struct thaw_lint_rule *rule);
/* Forgets the findings. */
void lint_fixture_again(struct lint_fixture *fixture);
/* Shows what was added without running anything. */
void lint_fixture_show(struct lint_fixture *fixture);

/* The first finding of an id, of an id and a subject; NULL none. */
const struct thaw_lint_finding *lint_fixture_find(const struct lint_fixture *fixture,
                                                  const char *id);
const struct thaw_lint_finding *lint_fixture_find_about(const struct lint_fixture *fixture,
                                                        const char *id, const char *subject);
size_t lint_fixture_count(const struct lint_fixture *fixture, const char *id);
/* Title, evidence and fix, a line each, to look for words in. "" of NULL. */
const char *lint_fixture_text(struct lint_fixture *fixture,
                              const struct thaw_lint_finding *finding);

/* thaw's own facts; fails the test when they can't be read. Here so that a test needs them only
 * where it uses them, and so below. */
static inline void lint_fixture_facts(struct lint_fixture *fixture)
{
    struct thaw_error error;

    if (thaw_lint_facts_read(&fixture->facts, &error) != 0)
        abort();
    fixture->lint.facts = fixture->facts;
    fixture->end_facts = thaw_lint_facts_free;
}

/* host.json of a text with ' in place of "; a former one is replaced. */
static inline void lint_fixture_host(struct lint_fixture *fixture, const char *text)
{
    const char *bytes = lint_fixture_quoted(fixture, text);
    struct thaw_project_input input = {"host.json", bytes, strlen(bytes)};

    thaw_document_free(fixture->project.host);
    fixture->project.host = NULL;
    fixture->end_host = thaw_document_free;
    if (thaw_document_read(&fixture->project, &input, &fixture->project.host) != 0)
        abort();
}

#endif
