/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CONFIGURATION_QUANTITY_H
#define THAW_CONFIGURATION_QUANTITY_H

#include <stdbool.h>

#include "gate/metrics.h"

/* Quantities as a user writes them: digits, perhaps a point and more, perhaps a space, a unit. */

/* The largest that is exact as a double. */
#define THAW_QUANTITY_MAX 9007199254740992.0

/* "300ms", "1.5 GB": in ns, in bytes, rounded. False: it is none of that unit, or too large; of
 * counts none is. */
bool thaw_quantity_parse(const char *text, enum thaw_gate_unit unit, double *ret);

/* "5%": 0.05. */
bool thaw_quantity_share(const char *text, double *ret);

/* What may be written, for messages: "a time with its unit (\"300ms\", …)". */
const char *thaw_quantity_forms(enum thaw_gate_unit unit);

#endif
