/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_CODE_H
#define THAW_LINT_CODE_H

#include "lint/lint.h"

/* What rules over the source ask of calls, and some others of names and days. Texts are the lint's,
 * "" where memory is short. */

/* The context of an orchestrator, as the source's reader names what is called of it. */
#define THAW_LINT_CONTEXT "azure.durable_functions.DurableOrchestrationContext."

/* Whose call it is; NULL: made at import. */
const struct thaw_app_function *thaw_lint_function(const struct thaw_lint *lint,
                                                   const struct thaw_app_call *call);

/* The kind of the function that makes it; THAW_FUNCTION_PLAIN at import. */
enum thaw_app_function_kind thaw_lint_function_kind(const struct thaw_lint *lint,
                                                    const struct thaw_app_call *call);

/* "hello()", "fetch(), which hello() calls", "the import of function_app.py". */
const char *thaw_lint_where(struct thaw_lint *lint, const struct thaw_app_call *call);

/* "hello: time.time": what a finding about a call is told from others by. */
const char *thaw_lint_call_subject(struct thaw_lint *lint, const struct thaw_app_call *call);

/* What stands behind the name's last dot. */
const char *thaw_lint_method(const char *name);

/*
 * The facts' entry of a call that keeps its thread until it is answered. NULL: none, awaited,
 * handed to a thread, or only the making of a client.
 */
const json_t *thaw_lint_blocking(const struct thaw_lint *lint, const struct thaw_app_call *call);

/*
 * Calls that pick takes, those of one place and name together (a helper's stand there once for each
 * function that calls it): tell is given each such group, in the order of places.
 */
void thaw_lint_each_site(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                         bool (*pick)(const struct thaw_lint *lint,
                                      const struct thaw_app_call *call),
                         void (*tell)(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                                      const struct thaw_app_call *const *calls, size_t count));

/* The same, but those of one name together, wherever they stand; they are in the order of places.
 */
void thaw_lint_each_name(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                         bool (*pick)(const struct thaw_lint *lint,
                                      const struct thaw_app_call *call),
                         void (*tell)(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                                      const struct thaw_app_call *const *calls, size_t count));

/* Evidence: each place of calls of one name, with whose it is: four of them, and how many more. */
void thaw_lint_sites(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                     const struct thaw_app_call *const *calls, size_t count);

/* Evidence: the other functions that come to a place. */
void thaw_lint_callers(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                       const struct thaw_app_call *const *calls, size_t count);

/* "a, b, c": begin with {0}; of many the first six, and how many more. */
struct thaw_lint_names {
    const char *text;
    size_t count;
};
void thaw_lint_names_add(struct thaw_lint *lint, struct thaw_lint_names *names, const char *name);
const char *thaw_lint_names_text(struct thaw_lint *lint, const struct thaw_lint_names *names);

/* The facts' entry of what a platform or tool does, NULL none. */
const json_t *thaw_lint_behaviour(const struct thaw_lint *lint, const char *id);

/* The class ("development" …) that the facts give a package, "" none. */
const char *thaw_lint_package_class(const struct thaw_lint *lint, const char *name);

#endif
