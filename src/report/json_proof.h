/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_JSON_PROOF_H
#define THAW_REPORT_JSON_PROOF_H

#include "report/values.h"
#include "thaw/proof.h"

/*
 * A proof as JSON, the same in a report's finding and in a file of proofs: `proof` of either
 * schema. A new value; NULL is possible only with values->failed set.
 */
json_t *thaw_json_proof(struct thaw_values *values, const struct thaw_proof *proof);
json_t *thaw_json_proof_imports(struct thaw_values *values, const struct thaw_proof_import *imports,
                                size_t count);
json_t *thaw_json_first_calls(struct thaw_values *values, const struct thaw_first_call *calls,
                              size_t count);

/* The JSON Schema of a file of proofs, likewise thaw_report_schema(). */
const char *thaw_proof_schema(size_t *length);

#endif
