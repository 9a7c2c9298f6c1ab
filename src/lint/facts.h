/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_FACTS_H
#define THAW_LINT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "thaw/error.h"

/*
 * What platforms and libraries require, as data: src/lint/facts/NAME.json, one file a subject, each
 * dated and sourced, with an expiry. A file is {"schema": "thaw-lint-facts/1", "subject": …,
 * "dated": "2026-11-29", "expires": "2027-05-29", "sections": {NAME: [ENTRY, …]}}. Every entry has
 * "id" (unique in its section), "source" (a URL), "dated"; may have "verified": false (read in one
 * place only, or in code) and "doubt" (why it may be wrong, one sentence, shown with the finding).
 * What else an entry has is its section's, see the table in src/lint/facts/README below.
 */

/* Sections and the members of their entries. [] may be left out.
 *
 * azure_functions.json
 *   settings      id: name, "*" at its end stands for anything; [plans: where it has effect; all if
 *                 left out] [without_effect_on: {PLAN: why}] [gone: why, since when]
 *                 [gone_from_python: "3.13"] [from_python] [gone_from_runtime: "~4"]
 *                 [replaced_by] [values: [text]] [minimum] [maximum] [default] [harms: why]
 *                 [preview: true] [secret: true] [what: one line]
 *   host          id: "extensions.http.maxConcurrentRequests"; type: "integer", "boolean", "text",
 *                 "timespan", "array", "object"; [minimum] [maximum] [values] [default]
 *                 [without_effect_on: {PLAN: why}]
 *   host_gone     id: a root key or path that version 2 and later do not read; why; replaced_by
 *   plans         id: "consumption", "flex", "premium", "dedicated", "container-apps"; title;
 *                 timeout_default_s; timeout_most_s (null: unbounded); http_timeout_s; [init_s];
 *                 slots (0 none); instances_most; [memory_mb: [512, …]]; always_ready, prewarmed:
 *                 booleans; [status: "legacy", "retired"] [retires: day] [python_last: "3.12"]
 *                 key_vault_references: boolean; [package_setting: "forbidden", "recommended",
 *                 "url"]; remote_build: one line
 *   python        id: "3.11"; ends: day; status: "supported", "ended", "preview"; worker: one line
 *   bundles       id: "4"; range: "[4.0.0, 5.0.0)"; status: "active", "deprecated"; [ends]
 *   runtimes      id: "~4"; status; [ends]
 *   retries       id: trigger's type; policy: "function" (a retry policy on the function has
 *                 effect), "host" (only its extension's settings in host.json), "none";
 *                 [host_key: "extensions.queues.maxDequeueCount"]; [poison: what becomes of what
 *                 always fails]
 *   bindings      id: type in function.json; [extension] ; direction: "trigger", "in", "out"
 *   limits        id; value; unit; what
 *   telemetry     id: setting or host.json path; what; …
 *   outdated      id; claim: what tutorials say; now: what is so; rule: the rule that says it
 * python_code.json
 *   blocking      id: dotted name of a call, "*" at the end: any of it; instead; [kind: "client":
 *                 its methods block]; [cpu: true]
 *   nondeterministic  id: dotted name; class: "time", "random", "io", "environment", "thread";
 *                 instead
 *   clients       id: dotted constructor or factory; what; [is_async]; [binding: type that does the
 *                 same]; keep: how to keep one
 *   packages      id: normalised name; why; class: "worker", "not-for-functions", "development",
 *                 "binding-sdk" …
 * aws_lambda.json
 *   runtimes, limits, settings, architectures: likewise
 */
struct thaw_lint_facts;

/* All files, parsed once; *ret is ended by thaw_lint_facts_free(). -ENOMEM; -EINVAL: a defect of
 * thaw's own, which the tests find. */
int thaw_lint_facts_read(struct thaw_lint_facts **ret, struct thaw_error *error);
void thaw_lint_facts_free(struct thaw_lint_facts *facts); /* NULL is allowed */

/* The earliest of the files' days, "2026-11-29". */
const char *thaw_lint_facts_dated(const struct thaw_lint_facts *facts);
const char *thaw_lint_facts_expires(const struct thaw_lint_facts *facts);

/* Entries of a section ("azure_functions", "plans"), an array; never NULL (an empty one). */
const json_t *thaw_lint_facts_section(const struct thaw_lint_facts *facts, const char *subject,
                                      const char *section);

/* The entry of an id: that very one (case counts not), else the longest that ends in "*" and fits;
 * NULL none. */
const json_t *thaw_lint_fact(const struct thaw_lint_facts *facts, const char *subject,
                             const char *section, const char *id);

/* Members of an entry (NULL: of none). */
const char *thaw_lint_fact_text(const json_t *entry, const char *key); /* "" not there */
bool thaw_lint_fact_number(const json_t *entry, const char *key, double *ret);
bool thaw_lint_fact_is(const json_t *entry, const char *key); /* is it true? */
bool thaw_lint_fact_lists(const json_t *entry, const char *key, const char *text);

#endif
