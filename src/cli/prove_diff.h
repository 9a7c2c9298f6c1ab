/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_PROVE_DIFF_H
#define THAW_CLI_PROVE_DIFF_H

#include "cli/fix_files.h"
#include "cli/prove_environment.h"

/*
 * The lines that change, as a proof keeps them: of `thaw fix`'s diff without the lines around them,
 * which are nobody's business where a report goes, and with values of the environment masked. Lines
 * end with '\n'; "" when nothing changes. In the arena; NULL when memory is short.
 */
const char *thaw_prove_diff(const struct thaw_fix *fix,
                            const struct thaw_prove_environment *environment,
                            struct thaw_arena *arena);

#endif
