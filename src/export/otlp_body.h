/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_OTLP_BODY_H
#define THAW_EXPORT_OTLP_BODY_H

#include <jansson.h>

#include "export/otlp.h"
#include "report/values.h"

/* A request {key: [item]} as text; takes item's reference. -ENOMEM, also if values have failed. */
int thaw_otlp_body_make(struct thaw_values *values, const char *key, json_t *item,
                        struct thaw_otlp_body *ret, struct thaw_error *error);

#endif
