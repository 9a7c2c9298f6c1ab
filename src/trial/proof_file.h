/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_PROOF_FILE_H
#define THAW_TRIAL_PROOF_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/array.h"
#include "thaw/error.h"
#include "thaw/proof.h"
#include "thaw/timeline.h"

/*
 * The file of proofs beside a recording, and elsewhere: JSON by
 * reports/schema/thaw-proof-1.schema.json, read with bounds, as anybody may have written it. Keys
 * that are not known are let be.
 */
#define THAW_PROOF_SCHEMA "thaw-proof/1"
#define THAW_PROOF_FILE_ENDING ".proof.json" /* behind the recording's name */
#define THAW_PROOF_FILE_BYTES_MAX ((size_t)4 << 20)

/* Which recording it is: proofs are of no other. */
struct thaw_proof_recording {
    const char *session; /* its random id, "" none */
    uint64_t began_at_ns;
};

struct thaw_proofs {
    struct thaw_arena arena;
    struct thaw_proof_recording recording;
    THAW_ARRAY(struct thaw_proof) list; /* one for each set of imports, the earliest made first */
};

/* The texts are the recording's. */
struct thaw_proof_recording thaw_proof_recording_of(const struct thaw_timeline *timeline);

/* Whether both are the same. */
bool thaw_proof_recording_equal(const struct thaw_proof_recording *left,
                                const struct thaw_proof_recording *right);

/*
 * Reads so many bytes, called name in messages, into a zeroed *ret, to be freed in either case.
 * -EINVAL: it is no file of proofs, or a broken one, and the line says where; -ENOMEM.
 */
int thaw_proofs_parse(const char *bytes, size_t length, const char *name, struct thaw_proofs *ret,
                      struct thaw_error *error);

/*
 * The same of a regular file. recording: whose proofs it must have, else -ESTALE. -ENOENT; what
 * else open(2) and read(2) fail with.
 */
int thaw_proofs_read(const char *path, const struct thaw_proof_recording *recording,
                     struct thaw_proofs *ret, struct thaw_error *error);

/* Takes one in, in place of an earlier one of the same imports; its texts must outlive the list.
 * -ENOMEM. */
int thaw_proofs_put(struct thaw_proofs *proofs, const struct thaw_proof *proof);

/* The one of just these imports, NULL none. */
const struct thaw_proof *thaw_proofs_find(const struct thaw_proofs *proofs,
                                          const struct thaw_proof_import *imports, size_t count);

/* Writes all of them; -ENOMEM, or what writing failed with. */
int thaw_proofs_write(const struct thaw_proofs *proofs, FILE *stream, struct thaw_error *error);

void thaw_proofs_free(struct thaw_proofs *proofs);

#endif
