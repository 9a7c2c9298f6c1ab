/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_LOOK_H
#define THAW_LINT_LOOK_H

#include "lint/lint.h"

/*
 * What several rules ask of a project: what is known as a whole, so that what isn't there is
 * missing, and values of settings and host.json as the host would see them.
 */

/* For struct thaw_lint_rule.can_check. */
bool thaw_lint_has_plan(const struct thaw_lint *lint);     /* a plan that the facts know */
bool thaw_lint_has_python(const struct thaw_lint *lint);   /* the app's version of it */
bool thaw_lint_has_host(const struct thaw_lint *lint);     /* a host.json that can be read */
bool thaw_lint_has_settings(const struct thaw_lint *lint); /* some that are deployed */
bool thaw_lint_has_functions(const struct thaw_lint *lint);
bool thaw_lint_has_plan_and_settings(const struct thaw_lint *lint);
bool thaw_lint_has_plan_and_host(const struct thaw_lint *lint);
/* All settings that are deployed: what is not among them is not set. */
bool thaw_lint_knows_settings(const struct thaw_lint *lint);
bool thaw_lint_knows_settings_and_plan(const struct thaw_lint *lint);
/* Templates state the app as a whole: what they don't state is not there. */
bool thaw_lint_knows_templates(const struct thaw_lint *lint);
bool thaw_lint_knows_templates_and_plan(const struct thaw_lint *lint);

/* Is it an app that Python's worker runs, as far as can be told? Of others not-a-python-app is all
 * that is said. In rules/model_worker.c. */
bool thaw_lint_is_python(struct thaw_lint *lint);

/* An entry of azure_functions.json. */
const json_t *thaw_lint_azure_fact(const struct thaw_lint *lint, const char *section,
                                   const char *id);
/* The list as a text: "a, b". */
const char *thaw_lint_fact_list(struct thaw_lint *lint, const json_t *entry, const char *key);
/* What takes a thing's place on the app's plan, else anywhere; "" nothing. */
const char *thaw_lint_fact_instead(const struct thaw_lint *lint, const json_t *entry);

/* The minimumElasticInstanceCount of 0; NULL: it is another, or not stated. */
const struct thaw_project_fact *thaw_lint_nothing_elastic(const struct thaw_lint *lint);
/* Is an instance kept ready, as far as is known? An expression may keep one. */
bool thaw_lint_keeps_ready(const struct thaw_lint *lint);

/* --- settings --- */

/* The value of a deployed setting where it was kept, "" else; *ret (may be NULL) is the setting,
 * NULL: not set. */
const char *thaw_lint_setting_value(const struct thaw_lint *lint, const char *name,
                                    const struct thaw_setting **ret);
/* A whole number of a text; false: it is none. */
bool thaw_lint_number(const char *text, double *ret);
/* A size, a time or a count of something: not below 0, below 1e9; false: it is none, or NULL. */
bool thaw_lint_amount(const char *text, double *ret);
/* Why a setting does nothing on the app's plan and Python, "" it does, or that is not known. */
const char *thaw_lint_without_effect(struct thaw_lint *lint, const char *name);
bool thaw_lint_is_true(const char *text);  /* "1", "true" */
bool thaw_lint_is_false(const char *text); /* "0", "false" */

/* --- host.json --- */

struct thaw_lint_host_value {
    const json_t *value;           /* of the file, NULL: not there */
    const struct thaw_setting *by; /* a deployed setting that counts instead, NULL none */
    struct thaw_project_place place;
    const char *text; /* what counts, as text: of texts, numbers and booleans; "" not known */
};

/* False: neither the file nor a setting says it. */
bool thaw_lint_host(struct thaw_lint *lint, const char *path, struct thaw_lint_host_value *ret);

/* The highest major version that a range as NuGet writes it allows: "[4.*, 5.0.0)" 4, "[3.3.0]" 3,
 * "[2.*, 3.1.0)" 3; 0: no upper bound; -1: it is no range. */
long thaw_lint_highest_major(const char *range);

/* --- functions --- */

bool thaw_lint_function_is(const struct thaw_app_function *function, const char *trigger);
/* Is it called by HTTP? A whole web app is, too. */
bool thaw_lint_is_http(const struct thaw_app_function *function);
/* One that the host would find, of Azure. */
bool thaw_lint_is_live(const struct thaw_app_function *function);
/* How many are called by HTTP; *ret_first (may be NULL) is one of them, NULL: none. */
size_t thaw_lint_count_http(const struct thaw_lint *lint,
                            const struct thaw_app_function **ret_first);
/* "NAME (function_app.py:12)" */
const char *thaw_lint_function_text(struct thaw_lint *lint,
                                    const struct thaw_app_function *function);

/* --- days --- */

/* So long before its end a version is told: moving to another one takes its time. */
enum { THAW_LINT_MONTHS_AHEAD = 6 };

/* Is the day not later than that many months after today? Both are "2026-11-29". */
bool thaw_lint_day_is_within(const char *day, const char *today, unsigned months);

/* --- findings --- */

/* Evidence: what the plan was told by. */
void thaw_lint_plan_evidence(struct thaw_lint *lint, struct thaw_lint_finding *finding);
void thaw_lint_severity(struct thaw_lint_finding *finding, const char *severity);
void thaw_lint_confidence(struct thaw_lint_finding *finding, const char *confidence);
const char *thaw_lint_plan_title(const struct thaw_lint *lint); /* "Flex Consumption", "" */

#endif
