/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_LINT_LINT_H
#define THAW_LINT_LINT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/array.h"
#include "lint/facts.h"
#include "thaw/analysis.h"
#include "thaw/project.h"

/*
 * The production checklist: rules over what a project says, what the platform requires (facts), and
 * what a recording of it saw. A rule is a row, defined in a file of its area (rules/AREA.c), listed
 * in rule_table.c.
 */

enum thaw_lint_platform {
    THAW_LINT_AZURE = 1 << 0,
    THAW_LINT_LAMBDA = 1 << 1,
    THAW_LINT_OTHER = 1 << 2, /* no platform was recognised */
    THAW_LINT_ANY = THAW_LINT_AZURE | THAW_LINT_LAMBDA | THAW_LINT_OTHER,
};

struct thaw_lint {
    const struct thaw_project *project;
    const struct thaw_lint_facts *facts;
    const json_t *recording; /* a report (thaw-report/1) of it, NULL none */
    const char *today;       /* "2026-11-29" */
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_lint_finding) findings;
    /* Entries of "suppress" about rules that were checked, which no finding was taken out by; known
     * when all other rules are done. */
    THAW_ARRAY(const struct thaw_suppression *) unused;
    const char *suppressions_name; /* the file they stand in */
    bool failed;                   /* memory was short */
};

struct thaw_lint_rule {
    struct thaw_finding_kind kind; /* needs: what must be known for it to be looked for */
    const char *area;              /* a word of thaw_lint_areas() */
    unsigned platforms;            /* enum thaw_lint_platform */
    /* Is what it needs there? NULL: always. */
    bool (*can_check)(const struct thaw_lint *lint);
    void (*check)(struct thaw_lint *lint, const struct thaw_lint_rule *rule);
};

enum { THAW_LINT_EVIDENCE_MAX = 8, THAW_LINT_SOURCES_MAX = 4 };

struct thaw_lint_finding {
    const struct thaw_lint_rule *rule;
    const char *severity;   /* the rule's, unless set after adding */
    const char *confidence; /* "high", "medium", "low"; "high" unless set after adding */
    const char *title;      /* what is so here, one line, no full stop; never a value that is not
                               open (thaw_setting.value) */
    const char *subject;    /* what it is about: name of the setting, function … (fingerprint) */
    struct thaw_project_place place;
    const char *evidence[THAW_LINT_EVIDENCE_MAX];
    size_t evidence_count;
    const json_t *sources[THAW_LINT_SOURCES_MAX]; /* entries of the facts */
    size_t source_count;
    const char *fix; /* what to do, one line */
};

/* --- for rules; all set lint->failed where memory is short, and are harmless then --- */

/* A new finding; NULL when memory is short. Adding another one moves it. place NULL: nowhere. */
struct thaw_lint_finding *thaw_lint_add(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                                        const struct thaw_project_place *place, const char *subject,
                                        const char *title, ...)
    __attribute__((format(printf, 5, 6)));

/* The following take finding NULL and do nothing. */
void thaw_lint_evidence(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                        const char *format, ...) __attribute__((format(printf, 3, 4)));
void thaw_lint_fix(struct thaw_lint *lint, struct thaw_lint_finding *finding, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));
/* A fact it rests on: its source, day and doubt are shown; entry NULL: nothing. A fact that is not
 * verified makes confidence "high" a "medium". */
void thaw_lint_source(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                      const json_t *entry);
const char *thaw_lint_text(struct thaw_lint *lint, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* "" when memory is short */

/* The plan's entry in the facts, NULL: plan not known. */
const json_t *thaw_lint_plan(const struct thaw_lint *lint);
bool thaw_lint_plan_is(const struct thaw_lint *lint, const char *plan);
/* A setting that is (or may be) deployed: not of local.settings.json; NULL none. */
const struct thaw_setting *thaw_lint_deployed(const struct thaw_lint *lint, const char *name);
/* "main.bicep:12", "local.settings.json" … for evidence. */
const char *thaw_lint_place_text(struct thaw_lint *lint, const struct thaw_project_place *place);
/* "00:05:00", "1.00:00:00" in s; -1: it is none; "-1" (unbounded): 0. */
double thaw_lint_seconds(const char *timespan);

/* --- the whole --- */

/* All rows, by area then id (rule_table.c), and the areas' words, NULL-terminated. */
const struct thaw_lint_rule *const *thaw_lint_rules(size_t *ret_count);
const char *const *thaw_lint_areas(void);
const struct thaw_lint_rule *thaw_lint_rule_find(const char *id); /* NULL none */

#endif
