/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_JOINED_PROOFS_H
#define THAW_CLI_JOINED_PROOFS_H

#include "thaw/analysis.h"
#include "trial/proof_file.h"

/*
 * Joins what `thaw prove` left with the findings of the recording at path: asked's proofs, or
 * (NULL) those beside the recording, if there are any. Those beside it that can't be used are one
 * complaint of the command's, and no failure; with asked's it fails, as with any input. *ret is
 * what the analysis then refers to, for thaw_proofs_free().
 */
int thaw_join_proofs(const char *command, const char *path, const char *asked,
                     struct thaw_analysis *analysis, struct thaw_proofs *ret,
                     struct thaw_error *error);

#endif
