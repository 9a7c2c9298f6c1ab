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
 * "id" (unique in its section), "source" (a URL), "dated": the day its page states, else the day on
 * which the entry was written; may have "verified": false (read in one place only, or in code) and
 * "doubt" (why it may be wrong, one sentence, shown with the finding). What else an entry has is
 * its section's, see the table below; tests/harness/test_lint_facts.py holds the files to it.
 */

/* Sections and the members of their entries. [] may be left out. PLAN is an id of plans.
 *
 * azure_functions.json
 *   settings      id: name, "*" at its end stands for anything; [plans: where it has effect; all if
 *                 left out] [without_effect_on: {PLAN: why}] [replaced_on: {PLAN: what does its
 *                 work there}] [gone: why, since when] [gone_from_python: "3.13"] [from_python]
 *                 [gone_from_runtime: "~4"] [replaced_by: a setting's name, or words: "the site's
 *                 functionAppScaleLimit"] [values: [text]] [minimum] [maximum] [default] [harms:
 *                 why] [harms_when: [values], any but the default if left out] [preview: true]
 *                 [secret: true] [spawned_every_s] [what: one line]
 *   host          id: "extensions.http.maxConcurrentRequests"; type: "integer", "number",
 *                 "boolean", "text", "timespan", "array", "object", "any" (of the value nothing is
 *                 said); [minimum] [maximum] (a timespan's are in seconds) [values] [default]
 *                 [default_on: {PLAN: value}] [without_effect_on: {PLAN: why}] [harms: {VALUE:
 *                 why}] [gone_from_bundle: "3"] [replaced_by] [preview] [what] [holds_back: true,
 * of one without effect on scaling that limits what an instance takes] host_gone     id: a root key
 * or path that version 2 and later do not read; why; replaced_by plans         id: "consumption",
 * "flex", "premium", "dedicated", "container-apps"; title; timeout_default_s; timeout_most_s (null:
 * unbounded); http_timeout_s; [init_s]; slots (0 none); instances_most; [instances_least]
 * [instances_default] [memory_mb: [512, …]] [memory_default_mb] [cpu: {"2048": 1}, by memory]
 *                 [http_concurrency_default: Python's]; always_ready, prewarmed: booleans;
 *                 [always_ready_least_zoned] [scale_in_grace_s] [always_on: it is there and needed]
 *                 [minimum_replicas: likewise] [status: "legacy", "retired"] [retires: day]
 *                 [python_last: "3.12"] [replaces] [replaced_by]; key_vault_references: boolean;
 *                 [package_setting: "forbidden", "recommended", "url"]; remote_build: one line
 *   python        id: "3.11"; ends: day; status: "supported", "ended", "preview"; worker: one line
 *   bundles       id: "4"; range: "[4.0.0, 5.0.0)"; status: "active", "deprecated"; [ends]
 *                 [replaced_by]
 *   runtimes      id: "~4"; status; [ends] [replaced_by] [what]
 *   retries       id: trigger's type; policy: "function" (a retry policy on the function has
 *                 effect), "host" (only its extension's settings in host.json), "none"; [host_key:
 *                 "extensions.queues.maxDequeueCount"] [tries: what that is unless set]
 *                 [poison_queue: its name] [stores_position: true, a stream]; poison: what becomes
 *                 of what always fails
 *   bindings      id: type in function.json; [extension: of the bundle]; direction: "trigger",
 *                 "in", "out", its foremost; directions: all it may have; [connection: the setting
 *                 that is read if none is named] [plans: only there] [gone: why] [replaced_by]
 *   limits        id; value; unit; what
 *   telemetry     id: setting or host.json path; what; [why] [default] [ends] [replaced_by]
 *                 [known: values] [recommended: values] [verbose: levels] [least: level] [harmful:
 *                 values] [preview]
 *   behaviours    id; what: how the platform goes about something, one or two sentences; [reads:
 *                 files] [may_read: files, on some versions] [suffixes] [groups]
 *   outdated      id; claim: what tutorials say; now: what is so; rule: the rule that says it
 * python_code.json
 *   blocking      id: dotted name of a call, "*" at the end: any of it; instead; [kind: "client":
 *                 its methods block] [cpu: true] [waits: false: it does not block, though a shorter
 *                 pattern takes it in]
 *   nondeterministic  id: dotted name; class: "time", "random", "io", "environment", "thread";
 *                 instead
 *   clients       id: dotted constructor or factory; what; [is_async] [binding: type that does the
 *                 same]; keep: how to keep one
 *   packages      id: normalised name; why; class: "library" (azure-functions and its kin),
 *                 "worker", "runtime", "development", "build", "not-for-functions", "tracing",
 *                 "binding-sdk", "standard-library" (Python has it), "ended"; [module: what is
 *                 imported] [brings: packages it depends on] [required: true] [binding] [model:
 *                 "v2"] [from_python] [replaced_by]
 *   held_open     id: dotted name of a call that holds a socket or serves for ever; why; instead
 *   web_frameworks  id: dotted name of a call; class: "framework" (it makes an app that a server
 * has to call), "bridge" (it makes one that Functions call); [instead: the bridge of a framework's]
 *   durable       id: method of an orchestration's context; schedules: true, its task must be
 *                 yielded; [with_retry: the method that tries again] [retries: true]
 * aws_lambda.json
 *   runtimes      id: "python3.11"; status; os; [ends] [blocked_create] [blocked_update]: days
 *   limits        id; value; unit; what
 *   settings      id; what; [reserved: true, Lambda sets it itself] [secret] [harms]
 *   architectures id; machine: as in wheels' tags; [default: true]; what
 *   telemetry     as above
 *   base_images   id: "python:3.11", "*" at its end; heavy; mb: about, unpacked; [instead]
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
/* Is text in the list? Case counts not. */
bool thaw_lint_fact_lists(const json_t *entry, const char *key, const char *text);

#endif
