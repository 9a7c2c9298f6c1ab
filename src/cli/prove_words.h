/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_PROVE_WORDS_H
#define THAW_CLI_PROVE_WORDS_H

#include <stdio.h>

#include "thaw/analysis.h"
#include "thaw/proof.h"

/*
 * A trial for somebody at 2 a.m.: what was moved, the verdict, then figures in the order of what
 * decides. root: the app's folder, which is left out of paths; predicted NULL: nothing was.
 */
void thaw_prove_tell_proof(const struct thaw_proof *proof, const char *root,
                           const struct thaw_saving *predicted, FILE *stream);

#endif
