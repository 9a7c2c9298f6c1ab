/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_LINT_INPUTS_H
#define THAW_CLI_LINT_INPUTS_H

#include "base/arena.h"
#include "cli/options.h"
#include "cli/render.h"
#include "cli/report_input.h"
#include "lint/check.h"

#define THAW_LINT_COMMAND "lint"

/* The command line of `thaw lint`. */
struct thaw_lint_values {
    int plan;    /* index into thaw_lint_plan_names, -1: not given */
    int fail_on; /* into thaw_lint_fail_levels, likewise */
    struct thaw_option_texts settings;
    struct thaw_option_texts templates;
    struct thaw_option_texts disable;
    struct thaw_option_texts formats;
    struct thaw_option_texts outputs;
    const char *recording;
    const char *python;
    const char *interpreter;
    const char *profile;
    const char *config;
    bool json;
    bool quiet;
    int color;
    int64_t width;
};

/* What is checked, and by what: all that is read. */
struct thaw_lint_inputs {
    struct thaw_arena arena;
    struct thaw_configuration configuration; /* the app's thaw.json, empty: there is none */
    const char *configuration_path;          /* "" there is none */
    const char *fail_on;
    struct thaw_project_options options;
    struct thaw_project *project;
    struct thaw_lint_facts *facts;
    struct thaw_report_input input;
    struct thaw_rendering rendering; /* its report: of the recording */
    struct thaw_lint_question question;
};

/*
 * Reads the app and what belongs to it, and asks what is to be asked of them. Fails with what could
 * not be read, or with what is wrong with a word of the command line. To be freed in either case.
 */
int thaw_lint_inputs_read(const struct thaw_lint_values *values, const char *app,
                          struct thaw_lint_inputs *ret, struct thaw_error *error);
void thaw_lint_inputs_free(struct thaw_lint_inputs *inputs);

#endif
