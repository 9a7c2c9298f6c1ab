/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_JSON_USE_H
#define THAW_REPORT_JSON_USE_H

#include "report/values.h"
#include "thaw/use.h"

/* What recordings say of a target's use: the member "use" of its report. */
json_t *thaw_json_use(struct thaw_values *values, const struct thaw_use *use);

/* Adds what they say of one distribution or library of the model to its object. */
void thaw_json_use_distribution(struct thaw_values *values, json_t *object,
                                const struct thaw_use *use, size_t index);
void thaw_json_use_library(struct thaw_values *values, json_t *object, const struct thaw_use *use,
                           size_t index);

#endif
