/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_OPENMETRICS_H
#define THAW_EXPORT_OPENMETRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "export/families.h"

/*
 * OpenMetrics 1.0 text, with exemplars, or the older text of Prometheus (0.0.4), which has none.
 * Series have the same names and labels in both. No _created samples: Prometheus would keep each
 * as a series of its own. Returns 0 or -EIO.
 */
int thaw_openmetrics_write(const struct thaw_families *families, bool open_metrics, FILE *stream);

/* The content types of the two. */
extern const char *const thaw_openmetrics_type;
extern const char *const thaw_openmetrics_plain_type;

/* Does an Accept header ask for OpenMetrics, and not rather for text/plain? NULL: there is none. */
bool thaw_openmetrics_accepted(const char *accept);

#endif
