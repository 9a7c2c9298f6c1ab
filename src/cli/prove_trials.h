/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_PROVE_TRIALS_H
#define THAW_CLI_PROVE_TRIALS_H

#include <stdbool.h>

#include "cli/fix_files.h"
#include "cli/prove_environment.h"
#include "cli/prove_keep.h"
#include "trial/prove.h"

/* What `thaw prove` works on, trial after trial. */
struct thaw_prove_session {
    struct thaw_arena arena; /* of the proofs' texts */
    const struct thaw_analysis *analysis;
    const char *form;                  /* as of thaw_fix_rewrite() */
    struct thaw_prove_options options; /* without the files */
    struct thaw_prove_environment environment;
    struct thaw_prove_keep keep;
    bool quiet;               /* no words: JSON follows */
    struct thaw_proofs shown; /* those of this session */
    size_t number, count;     /* of the trial that is under way, from 1; of all */
    bool stopped;
    bool refuted, inconclusive; /* one of them was */
};

/*
 * One trial of what fix would write. A proof is kept, and told at once. Nothing happens when no
 * import moves. 0, or a negative errno and a line: the trial could not be made.
 */
int thaw_prove_trial(struct thaw_prove_session *session, const struct thaw_fix *fix,
                     struct thaw_error *error);

/*
 * A trial of each suggestion that is part of fix, dearest first, then of all of it; of all alone
 * when each is false, or when it has no more than one suggestion.
 */
int thaw_prove_trials(struct thaw_prove_session *session, const struct thaw_fix *fix, bool each,
                      struct thaw_error *error);

#endif
