/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_JSON_SHIPPED_H
#define THAW_REPORT_JSON_SHIPPED_H

#include "report/values.h"
#include "thaw/shipped.h"

/*
 * The members of a report that tell of a target, one function each, as in json_parts.h: each
 * returns a new value (NULL is possible only with values->failed set).
 */

/* json_shipped_sizes.c. kinds has THAW_FILE_KINDS items. */
json_t *thaw_json_amount(struct thaw_values *values, const struct thaw_amount *amount);
json_t *thaw_json_kinds(struct thaw_values *values, const struct thaw_amount *kinds);
json_t *thaw_json_totals(struct thaw_values *values, const struct thaw_shipped *shipped);
json_t *thaw_json_folders(struct thaw_values *values, const struct thaw_shipped *shipped);

/* json_shipped_packages.c */
json_t *thaw_json_shipped_distributions(struct thaw_values *values,
                                        const struct thaw_shipped *shipped);

/* json_shipped_requests.c: what the user asks for, and what does not fit. */
json_t *thaw_json_requirements(struct thaw_values *values, const struct thaw_shipped *shipped,
                               const struct thaw_shipped_distribution *distribution);
json_t *thaw_json_requests(struct thaw_values *values, const struct thaw_shipped *shipped);
json_t *thaw_json_conflicts(struct thaw_values *values, const struct thaw_shipped *shipped);
json_t *thaw_json_foreign(struct thaw_values *values, const struct thaw_shipped *shipped);

/* json_shipped_libraries.c */
json_t *thaw_json_shipped_libraries(struct thaw_values *values, const struct thaw_shipped *shipped,
                                    bool sections);
json_t *thaw_json_duplicates(struct thaw_values *values, const struct thaw_shipped *shipped);

/* json_shipped_health.c */
json_t *thaw_json_bytecode_health(struct thaw_values *values, const struct thaw_shipped *shipped);
json_t *thaw_json_path_files(struct thaw_values *values, const struct thaw_shipped *shipped);
json_t *thaw_json_faults(struct thaw_values *values, const struct thaw_shipped *shipped);
json_t *thaw_json_limits(struct thaw_values *values, const struct thaw_shipped *shipped);

/* The name of a distribution of the model, "" for THAW_SHIPPED_NONE. */
const char *thaw_json_owner(const struct thaw_shipped *shipped, uint32_t distribution);

#endif
