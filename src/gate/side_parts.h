/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_SIDE_PARTS_H
#define THAW_GATE_SIDE_PARTS_H

#include "gate/side.h"

/* What a side is made of. Those that return int return -ENOMEM or 0. */

/* The report of the first run that is not left out, NULL: there is none. */
const json_t *thaw_gate_first_run(const struct thaw_gate_side *side);

int thaw_gate_key_measured(struct thaw_gate_side *side);      /* side_key.c */
int thaw_gate_contents_measured(struct thaw_gate_side *side); /* side_contents.c */

void thaw_gate_contents_sort(struct thaw_gate_side *side); /* side_contents.c */

int thaw_gate_imports_measured(struct thaw_gate_side *side); /* side_imports.c */
void thaw_gate_imports_sort(struct thaw_gate_side *side);    /* side_imports.c */

/* --- side_entry.c: of a baseline's entry, whose shape was checked when it was read --- */

int thaw_gate_entry_samples(struct thaw_gate_side *side, const struct thaw_gate_metric *metric,
                            const struct thaw_budget_part *part, struct thaw_gate_samples *ret);

/* Are both of the same? NULL is all of it; distributions are equal by PEP 503. -ENOMEM. */
int thaw_gate_part_is(struct thaw_arena *arena, const struct thaw_budget_part *part,
                      const char *module, const char *distribution, const char *phase);

#endif
