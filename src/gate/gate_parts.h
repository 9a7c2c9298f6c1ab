/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_GATE_PARTS_H
#define THAW_GATE_GATE_PARTS_H

#include "base/array.h"
#include "gate/side.h"
#include "gate/test_of_times.h"
#include "report/import_tree.h"
#include "report/issues.h"
#include "report/summary.h"
#include "report/values.h"

/* A verdict being made. What a key of the result means stands in
 * reports/schema/thaw-gate-1.schema.json. */

enum thaw_gate_status {
    THAW_GATE_STATUS_PASS,
    THAW_GATE_STATUS_ALLOWED,
    THAW_GATE_STATUS_WARN,
    THAW_GATE_STATUS_INCONCLUSIVE,
    THAW_GATE_STATUS_UNMEASURED,
    THAW_GATE_STATUS_FAIL, /* the worst of a check's limits is its status */
};

enum thaw_gate_limit_kind {
    THAW_GATE_MAX,
    THAW_GATE_WARN_ABOVE,
    THAW_GATE_MAX_INCREASE,
    THAW_GATE_WARN_INCREASE,
    THAW_GATE_LIMITS,
};

/* A limit, and what came of it. */
struct thaw_gate_held {
    const struct thaw_budget_limit *limit; /* NULL: not given */
    const char *unmeasured;                /* why it could not be held, NULL: it was */
    double allowed;                        /* the value that it works out to */
    enum thaw_gate_answer answer;
    const char *advice; /* undecided: what would decide it */
    double probability; /* of a time itself, corrected */
    bool signs;         /* that is known */
    bool tested;        /* an increase of times: */
    struct thaw_gate_time_test test;
};

/* What there is of a metric on a side. */
struct thaw_gate_figures {
    struct thaw_gate_samples samples;
    double median, least, most;
    bool has_interval; /* of the median: a timed metric, enough runs */
    double low, high;
};

struct thaw_gate_check {
    const struct thaw_budget *budget; /* or */
    const struct thaw_forbidden *forbidden;
    const struct thaw_gate_metric *metric; /* NULL: forbidden modules */
    struct thaw_gate_figures head, before;
    struct thaw_gate_held limits[THAW_GATE_LIMITS];
    double tolerance;
    const char *tolerance_from; /* NULL: there is none */
    enum thaw_gate_status status;
    bool counts; /* for the verdict */
    const char *title, *reason;
    const struct thaw_allowance *allowance; /* that is about it, NULL none */
    json_t *offenders;                      /* owned */
    size_t offenders_more;
};

struct thaw_gate_judge {
    const struct thaw_gate_question *question;
    struct thaw_summary words; /* of no report: for texts and amounts */
    struct thaw_values values;
    struct thaw_gate_side head, before;
    bool has_before;
    bool same_job;                  /* before was measured */
    bool in_turns, pairs;           /* with head's runs */
    const char *other_machine;      /* why times before can't be compared, NULL: they can */
    const char *other_cpus;         /* likewise of numbers of threads */
    unsigned differing;             /* parts of the key */
    struct thaw_gate_check *checks; /* budgets, then forbidden modules */
    size_t check_count;
    bool *allowance_used; /* by question->budgets->allowed */
    json_t *problems;     /* owned */
    json_t *old_modules;  /* owned; names that base loaded, NULL: not known */

    const json_t *run; /* of head, that shows how modules came in; NULL: none */
    struct thaw_summary run_summary, target_summary;
    struct thaw_places *run_places, *target_places;
    struct thaw_import_tree tree;
};

static inline struct thaw_arena *thaw_gate_arena(struct thaw_gate_judge *judge)
{
    return &judge->words.arena;
}
static inline bool thaw_gate_failed(const struct thaw_gate_judge *judge)
{
    return judge->words.failed || judge->values.failed || judge->run_summary.failed ||
           judge->target_summary.failed;
}

/* --- gate.c --- */

/* Shows it from now on how modules came in. */
void thaw_gate_use_run(struct thaw_gate_judge *judge, const json_t *report);

/* A line of "problems". */
void thaw_gate_problem(struct thaw_gate_judge *judge, const char *level, const char *text);

/* --- keys.c --- */

/* The entry of the baseline that is about what head was measured on. -ENODATA. */
int thaw_gate_choose_entry(struct thaw_gate_judge *judge, const json_t **ret,
                           struct thaw_error *error);

/* Fills differing, other_machine, other_cpus. -EXDEV: they differ and may not. */
int thaw_gate_compare_keys(struct thaw_gate_judge *judge, struct thaw_error *error);
json_t *thaw_gate_key_json(struct thaw_gate_judge *judge, const struct thaw_gate_side *side);

/* --- turns.c: fills in_turns and pairs --- */

void thaw_gate_find_turns(struct thaw_gate_judge *judge);

/* --- check_budgets.c, check_times.c, check_forbidden.c --- */

/* Fills the check's figures and limits, but for answers of times, which need all checks. */
void thaw_gate_hold_budget(struct thaw_gate_judge *judge, struct thaw_gate_check *check);
void thaw_gate_hold_times(struct thaw_gate_judge *judge, struct thaw_gate_check *check);
void thaw_gate_answer_times(struct thaw_gate_judge *judge);
void thaw_gate_set_status(struct thaw_gate_judge *judge, struct thaw_gate_check *check);
void thaw_gate_hold_forbidden(struct thaw_gate_judge *judge, struct thaw_gate_check *check);

/* --- allowances.c --- */

bool thaw_gate_is_expired(const struct thaw_gate_judge *judge,
                          const struct thaw_allowance *allowance);

/* What is about a forbidden module: NULL nothing. It is allowed unless that is expired. */
const struct thaw_allowance *thaw_gate_allows_module(struct thaw_gate_judge *judge,
                                                     const json_t *module);
void thaw_gate_allow_budget(struct thaw_gate_judge *judge, struct thaw_gate_check *check);
void thaw_gate_tell_allowances(struct thaw_gate_judge *judge);

/* --- reasons.c --- */

/* A text as sentences have it: one line of plain characters. */
const char *thaw_gate_shown(struct thaw_gate_judge *judge, const char *text);

const char *thaw_gate_amount(struct thaw_gate_judge *judge, enum thaw_gate_unit unit, double value);
void thaw_gate_set_title(struct thaw_gate_judge *judge, struct thaw_gate_check *check);
void thaw_gate_set_reason(struct thaw_gate_judge *judge, struct thaw_gate_check *check);

/* --- offenders.c, places.c --- */

enum { THAW_GATE_OFFENDERS = 10 }; /* further ones are counted */

/* Who brought it. */
struct thaw_gate_offender {
    const char *kind; /* "distribution", "module", "app", "python" */
    const char *name;
    const char *version; /* "" not known */
    const char *what;    /* "came", "grew" … */
    double change;       /* in the metric's unit */
    bool has_change;
    double weight; /* they are sorted by it */
    size_t node;   /* of the tree, that shows how it came in; THAW_IMPORT_NONE */
    bool shipped;  /* it is about what is shipped: what asks for it shows how it came in */
};
void thaw_gate_add_offenders(struct thaw_gate_judge *judge, struct thaw_gate_check *check);

/* Sorts them, largest first, and makes the check's list of them. */
void thaw_gate_list_offenders(struct thaw_gate_judge *judge, struct thaw_gate_check *check,
                              struct thaw_gate_offender *offenders, size_t count);

/* Sets "chain", "file" and "line". Returns the chain, "" none. */
const char *thaw_gate_set_chain(struct thaw_gate_judge *judge, json_t *object,
                                const struct thaw_gate_offender *offender);

/* --- problems.c --- */

void thaw_gate_tell_problems(struct thaw_gate_judge *judge);
json_t *thaw_gate_noise(struct thaw_gate_judge *judge);

/* --- gate_json.c --- */

/* NULL: memory is short. */
json_t *thaw_gate_json(struct thaw_gate_judge *judge);
const char *thaw_gate_status_name(enum thaw_gate_status status);

#endif
