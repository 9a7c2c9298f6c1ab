/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_REPORT_SCHEMA_H
#define THAW_REPORT_REPORT_SCHEMA_H

#include <jansson.h>

#include "thaw/error.h"

/*
 * Whether a report that comes from outside is as its JSON Schema says: what is there has the types
 * and lies within the bounds, what must be there is. Words that are one of a list may be others, as
 * a newer version has more; keys that the schema does not know are let be; and of what is referred
 * to by its number, each refers to something before it, so that no chain of parents has a loop.
 * What may be shown at all is so: outputs read what they show of a report without a further check.
 * -EINVAL names the first place that is not; -ENOMEM.
 */
int thaw_report_check_schema(const char *name, const json_t *report, struct thaw_error *error);

/* The same of many, by thaw_report_schema() parsed. */
int thaw_report_check_by(const json_t *schema, const char *name, const json_t *report,
                         struct thaw_error *error);

#endif
