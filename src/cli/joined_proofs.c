/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/joined_proofs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"

int thaw_join_proofs(const char *command, const char *path, const char *asked,
                     struct thaw_analysis *analysis, struct thaw_proofs *ret,
                     struct thaw_error *error)
{
    const struct thaw_proof_recording recording = thaw_proof_recording_of(analysis->timeline);
    struct thaw_error unusable = {0};
    char *beside = NULL;
    int code;

    if (!asked && asprintf(&beside, "%s" THAW_PROOF_FILE_ENDING, path) < 0)
        return thaw_error_memory(error);
    code = thaw_proofs_read(asked ? asked : beside, &recording, ret, &unusable);
    free(beside);
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (!code)
        thaw_analysis_join_proofs(analysis, ret->list.items, ret->list.count);
    else if (asked) /* by name: it is an input like others */
        return thaw_error_set(error, code, "%s", unusable.message);
    else if (code != -ENOENT)
        thaw_complain(command, "no proofs are shown: %s", unusable.message);
    return 0;
}
