/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_OWNERS_H
#define THAW_GATE_OWNERS_H

#include <stdbool.h>

#include <jansson.h>

#include "report/summary.h"

/*
 * The importtime backend sees no files, so that of no module it says whose it is. Beside a target
 * names tell: what is shipped is what can be imported by them.
 */

/* The distribution of the target that a module, exactly that one, is of; NULL: of none. */
typedef const char *thaw_gate_owner(void *context, const char *module);

/*
 * Gives the modules of a run by the importtime backend the distributions of the target, and the
 * report those in place of the interpreter's; of any other run nothing is changed. -ENOMEM.
 */
int thaw_gate_name_owners(json_t *run, const json_t *target, thaw_gate_owner *owner, void *context);

/* Was that done with a report? */
bool thaw_gate_has_owners(const json_t *report);

#endif
