/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_OPENMETRICS_H
#define THAW_EXPORT_OPENMETRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "export/families.h"

/*
 * OpenMetrics 1.0 text, with exemplars, or the older text of Prometheus (0.0.4), which has none.
 * Returns 0 or -EIO.
 */
int thaw_openmetrics_write(const struct thaw_families *families, bool open_metrics, FILE *stream);

/* Does an Accept header ask for OpenMetrics? NULL: there is none. */
bool thaw_openmetrics_accepted(const char *accept);

#endif
