/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_GATE_CHANGE_H
#define THAW_CLI_GATE_CHANGE_H

#include <stdio.h>

#include <jansson.h>

#include "thaw/error.h"
#include "thaw/report.h"

/* Writes what changed, a line each: values by their medians, and distributions. -ENOMEM. */
int thaw_gate_change_tell(const json_t *old, const json_t *baseline,
                          const struct thaw_report_options *style, FILE *stream,
                          struct thaw_error *error);

#endif
