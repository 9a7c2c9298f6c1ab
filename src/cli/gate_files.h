/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_FILES_H
#define THAW_CLI_GATE_FILES_H

#include "cli/gate_plan.h"

/* The files that a gate writes into a user's repository, to be committed there: modes are as of any
 * file that somebody makes. */

/* Writes the baseline of what was measured in place of the old one, unless it says the same, and
 * tells what changed. A negative errno with its line: the old one is as it was. */
int thaw_gate_update(struct thaw_gate_plan *plan, struct thaw_error *error);

/* Writes a first thaw.json, never over one; then it is the plan's. */
int thaw_gate_init(struct thaw_gate_plan *plan, struct thaw_error *error);

#endif
