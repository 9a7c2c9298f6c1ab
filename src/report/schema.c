/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_proof.h"
#include "thaw/report.h"

/* schema_text.S, proof_schema_text.S (objects are named after their source without its ending) */
extern const char thaw_schema_text[];
extern const char thaw_schema_end[];
extern const char thaw_proof_schema_text[];
extern const char thaw_proof_schema_end[];

const char *thaw_report_schema(size_t *length)
{
    if (length)
        *length = (size_t)(thaw_schema_end - thaw_schema_text);
    return thaw_schema_text;
}

const char *thaw_proof_schema(size_t *length)
{
    if (length)
        *length = (size_t)(thaw_proof_schema_end - thaw_proof_schema_text);
    return thaw_proof_schema_text;
}
