/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_HISTORY_H
#define THAW_CLI_GATE_HISTORY_H

#include "gate/gate.h"

/* What of a gate goes into the history besides its values. */
struct thaw_gate_history {
    const char *path; /* of the history's file */
    const char *branch;
    const struct thaw_gate_input *input;
    const struct thaw_budgets *budgets; /* whose parts' values are kept, too */
    const json_t *gate;
};

/* Adds the gate to it. A negative errno with its line. */
int thaw_gate_history_add(const struct thaw_gate_history *history, struct thaw_error *error);

#endif
