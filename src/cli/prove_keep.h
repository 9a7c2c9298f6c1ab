/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_PROVE_KEEP_H
#define THAW_CLI_PROVE_KEEP_H

#include "capture/identity.h"
#include "trial/proof_file.h"

/* The file in which proofs are kept: written anew, at once, after each trial. */
struct thaw_prove_keep {
    const char *path;                     /* NULL: they are not kept */
    const struct thaw_identity *identity; /* who owns it */
    struct thaw_proofs proofs;            /* those that were there, and the new ones */
};

/*
 * Takes over the proofs of the recording that the file has already. is_own: it is that beside the
 * recording, so that proofs of another one there are out of date and are replaced, which is said.
 * -EINVAL: something else is there, or proofs of another recording. What can't be read for other
 * reasons is said, and nothing is kept then.
 */
int thaw_prove_keep_open(struct thaw_prove_keep *keep, const char *path, bool is_own,
                         const struct thaw_identity *identity,
                         const struct thaw_proof_recording *recording, struct thaw_error *error);

/*
 * Puts one more in and writes the file. stopped: an earlier one of the same imports is worth more.
 * A file that can't be written is said once; the caller goes on. -ENOMEM.
 */
int thaw_prove_keep_add(struct thaw_prove_keep *keep, const struct thaw_proof *proof, bool stopped);

void thaw_prove_keep_close(struct thaw_prove_keep *keep);

#endif
