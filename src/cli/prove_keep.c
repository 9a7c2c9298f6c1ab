/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prove_keep.h"

#include <errno.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"

#define NAME "prove"

int thaw_prove_keep_open(struct thaw_prove_keep *keep, const char *path, bool is_own,
                         const struct thaw_identity *identity,
                         const struct thaw_proof_recording *recording, struct thaw_error *error)
{
    struct thaw_error unusable = {0};
    int code = thaw_proofs_read(path, recording, &keep->proofs, &unusable);

    keep->identity = identity;
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code == -EINVAL || (code == -ESTALE && !is_own))
        return thaw_error_set(error, -EINVAL, "%s; -o FILE writes elsewhere", unusable.message);
    if (code == -ESTALE)
        thaw_complain(NAME, "%s, and are replaced", unusable.message);
    if (!code || code == -ENOENT || code == -ESTALE)
        keep->path = path;
    else
        thaw_complain(NAME, "the proof is not kept: %s", unusable.message);
    if (code)
        thaw_proofs_free(&keep->proofs);
    keep->proofs.recording = *recording;
    return 0;
}

static int write_file(const struct thaw_prove_keep *keep, struct thaw_error *error)
{
    struct thaw_output output;
    int code = thaw_output_open(keep->path, &output, error), closed;

    if (code)
        return code;
    code = thaw_proofs_write(&keep->proofs, output.stream, error);
    if (!code && keep->identity->differs && output.temporary &&
        fchown(fileno(output.stream), keep->identity->uid, keep->identity->gid))
        code = thaw_error_system(error, -errno, "%s can't be given to its owner", keep->path);
    closed = thaw_output_close(&output, code == 0, error);
    return code ? code : closed;
}

int thaw_prove_keep_add(struct thaw_prove_keep *keep, const struct thaw_proof *proof, bool stopped)
{
    struct thaw_error error = {0};

    if (!keep->path ||
        (stopped && thaw_proofs_find(&keep->proofs, proof->imports, proof->import_count)))
        return 0;
    if (thaw_proofs_put(&keep->proofs, proof))
        return -ENOMEM;
    if (write_file(keep, &error)) {
        thaw_complain(NAME, "the proof is not kept: %s", error.message);
        keep->path = NULL;
    }
    return 0;
}

void thaw_prove_keep_close(struct thaw_prove_keep *keep)
{
    thaw_proofs_free(&keep->proofs);
}
