/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_PLAN_H
#define THAW_CLI_GATE_PLAN_H

#include "cli/gate_subject.h"
#include "cli/gate_trial.h"
#include "cli/gate_values.h"
#include "configuration/configuration.h"

/* What a gate is to measure, and what to hold it against. Texts are argv's, thaw.json's or the
 * arena's. */
struct thaw_gate_plan {
    const struct thaw_gate_values *values;
    struct thaw_arena arena;
    struct thaw_identity identity;
    const char *config;        /* path of thaw.json */
    const char *config_folder; /* "" the current one */
    bool has_config;           /* it is there */
    struct thaw_configuration configuration;
    unsigned across; /* of --across */

    struct thaw_gate_subject head, base;
    bool has_base;
    bool base_is_checkout;      /* the same is measured there */
    const char *const *command; /* of trials, NULL: none are made */
    struct thaw_gate_trial trial;

    const char *baseline_path; /* NULL: there is none, and none was named */
    json_t *baseline;          /* NULL: there is none yet */
};

/*
 * Reads thaw.json, baseline and operands, as far as can be told before anything is measured. Of a
 * zeroed *ret but for values. 0, or a negative errno with its line; to be freed in either case.
 */
int thaw_gate_plan_make(struct thaw_gate_plan *plan, char *const *words, size_t count,
                        struct thaw_error *error);

/*
 * Measures both sides, and gives up what rights that needed (gate_measure.c). 0; 1: stopped by a
 * signal; or a negative errno with its line.
 */
int thaw_gate_plan_measure(struct thaw_gate_plan *plan, struct thaw_error *error);

void thaw_gate_plan_free(struct thaw_gate_plan *plan);

#endif
