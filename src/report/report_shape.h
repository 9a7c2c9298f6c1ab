/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_REPORT_SHAPE_H
#define THAW_REPORT_REPORT_SHAPE_H

#include <jansson.h>

#include "thaw/error.h"

/*
 * Holds a report from outside against the table of what is read of it: 0, or -EINVAL with the first
 * place that is not as the schema has it.
 */
int thaw_report_check_shape(const char *name, const json_t *report, struct thaw_error *error);

#endif
