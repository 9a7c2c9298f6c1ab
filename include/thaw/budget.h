/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_BUDGET_H
#define THAW_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a user's thaw.json says of budgets, as src/configuration reads it and src/gate holds it
 * against what was measured. Texts are never NULL, "" where nothing is said.
 */

/* Where in the file something stands, from 1; 0: not known. */
struct thaw_budget_place {
    uint32_t line, column;
};

/*
 * What a budget is about: all, or a part. A module's pattern is a name, which stands for the module
 * and all below it, or has wildcards (fnmatch(3)) and is held against whole dotted names.
 */
struct thaw_budget_part {
    const char *module;
    const char *distribution; /* equal by PEP 503 */
    const char *phase;        /* "import", "worker.imports" … */
};

struct thaw_budget_limit {
    bool given;
    bool share;   /* value is a share of the baseline's: 0.05 of "5%"; of an increase only */
    double value; /* in the unit of the metric: ns, bytes, a count */
};

/* {"metric": "modules", "max": 500, "warn": 450, "max_increase": "5%", "warn_increase": 0} */
struct thaw_budget {
    const char *metric; /* a name of gate/metrics.h */
    struct thaw_budget_part part;
    struct thaw_budget_limit max, warn;                   /* of the value */
    struct thaw_budget_limit max_increase, warn_increase; /* over the baseline's */
    struct thaw_budget_place place;
};

/* {"module": "matplotlib", "reason": "…"}: not to be imported before the first reply. */
struct thaw_forbidden {
    const char *module;       /* a pattern as above, or "" */
    const char *distribution; /* or any module of it */
    const char *reason;
    bool warning; /* "level": "warning": it does not fail the gate */
    struct thaw_budget_place place;
};

/*
 * An exception with its reason: what is forbidden or over budget is shown and does not count. Of a
 * budget metric and part are those of the budget; without metric it is about forbidden modules.
 */
struct thaw_allowance {
    const char *metric; /* "" : forbidden modules */
    struct thaw_budget_part part;
    const char *reason;
    const char *until; /* last day on which it counts, "2027-01-31"; "" for good */
    struct thaw_budget_place place;
};

/* What a measurement is of; another one is compared with it only if these are the same, or it was
 * said that they may differ. Bits of a mask. */
enum thaw_gate_key_part {
    THAW_GATE_KEY_INTERPRETER = 1 << 0,  /* "interpreter": CPython's minor version */
    THAW_GATE_KEY_ARCHITECTURE = 1 << 1, /* "architecture" */
    THAW_GATE_KEY_LOCK_FILE = 1 << 2,    /* "lock_file": digest of what pins the packages */
    THAW_GATE_KEY_KERNEL = 1 << 3,       /* "kernel": its release */
    THAW_GATE_KEY_MACHINE = 1 << 4,      /* "machine": CPU model and count; of times alone */
    THAW_GATE_KEY_BACKEND = 1 << 5,      /* "backend": how it was measured */
};

/* "gate": {…} */
struct thaw_gate_settings {
    const char *target;         /* what is shipped, "" none; relative to the file's folder */
    const char *const *command; /* of a trial, NULL-terminated; NULL none */
    const char *baseline;       /* "" : thaw-baseline.json */
    const char *until;          /* end of a run, as `thaw record --until` takes it; "" : its own */
    uint32_t runs;              /* 0: not said */
    uint32_t warmup;
    bool has_warmup;
    bool cold;
    bool unmeasured_is_warning; /* a budget that can't be measured here; else it is an error */
    unsigned across;            /* parts of the key that may differ */
};

struct thaw_budgets {
    struct thaw_budget *budgets;
    size_t budget_count;
    struct thaw_forbidden *forbidden;
    size_t forbidden_count;
    struct thaw_allowance *allowed;
    size_t allowed_count;
    struct thaw_gate_settings settings;
};

#endif
