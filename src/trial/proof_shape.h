/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_PROOF_SHAPE_H
#define THAW_TRIAL_PROOF_SHAPE_H

#include <jansson.h>

#include "trial/proof_file.h"

/*
 * Fills *ret from a file's JSON by a table of what is read of it; texts are its arena's. -EINVAL
 * with the first place that is not as the schema has it, called name; -ENOMEM.
 */
int thaw_proof_shape_read(const json_t *root, const char *name, struct thaw_proofs *ret,
                          struct thaw_error *error);

#endif
