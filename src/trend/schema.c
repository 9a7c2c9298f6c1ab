/* SPDX-License-Identifier: Apache-2.0 */
#include "trend/trend.h"

/* schema_text.S (objects are named after their source without its ending) */
extern const char thaw_trend_schema_text[];
extern const char thaw_trend_schema_end[];

const char *thaw_trend_schema(size_t *length)
{
    if (length)
        *length = (size_t)(thaw_trend_schema_end - thaw_trend_schema_text);
    return thaw_trend_schema_text;
}
