/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_OTLP_ANSWER_H
#define THAW_EXPORT_OTLP_ANSWER_H

#include <stddef.h>
#include <stdint.h>

/* The body of a Collector's answer, any bytes: how many spans or data points it took the request
 * without ("partialSuccess"); 0 where it doesn't say. */
uint64_t thaw_otlp_rejected(const char *text, size_t length);

#endif
