/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trial/proof_file.h"

/* Any bytes as a file of proofs: refused in one line, or whole; and what is written of it reads the
 * same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static void check_whole(const struct thaw_proof *proof)
{
    demand(proof->share.low <= proof->share.middle && proof->share.middle <= proof->share.high);
    demand(*proof->verdict && proof->reason && proof->way);
    for (size_t i = 0; i < proof->import_count; i++)
        demand(proof->imports[i].file && proof->imports[i].module);
    for (size_t i = 0; i < proof->count_count; i++)
        demand(proof->counts[i].name != NULL);
    for (size_t i = 0; i < proof->check_count; i++)
        demand(proof->checks[i].name && *proof->checks[i].result && proof->checks[i].detail);
    for (size_t i = 0; i < proof->call_count; i++)
        demand(proof->calls[i].function && proof->calls[i].file);
}

static char *written(const struct thaw_proofs *proofs, size_t *length)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, length);

    demand(stream && !thaw_proofs_write(proofs, stream, NULL) && !fclose(stream));
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_proofs proofs = {0}, again = {0};
    struct thaw_error error = {0};
    int code = thaw_proofs_parse((const char *)data, size, "p", &proofs, &error);

    demand(!code || (code == -EINVAL && error.message[0] == 'p' && !strchr(error.message, '\n')));
    for (size_t i = 0; !code && i < proofs.list.count; i++)
        check_whole(&proofs.list.items[i]);
    if (!code) {
        size_t first_length, second_length;
        char *first = written(&proofs, &first_length), *second;

        if (first_length <= THAW_PROOF_FILE_BYTES_MAX) {
            demand(!thaw_proofs_parse(first, first_length, "p", &again, &error));
            second = written(&again, &second_length);
            demand(first_length == second_length && !memcmp(first, second, first_length));
            free(second);
        }
        free(first);
    }
    thaw_proofs_free(&again);
    thaw_proofs_free(&proofs);
    return 0;
}
