/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TREND_REQUEST_TIME_H
#define THAW_TREND_REQUEST_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* Times as logs have them, whatever the locale. What is finer than a ns is cut off. */

/* UNIX time in seconds ("1795930590.25"), or by RFC 3339 with its zone ("2026-11-29T05:36:30.25Z",
 * "2026-11-29 06:36:30+0100"), in ns; after 1970 and before 2200. */
bool thaw_request_time(const char *text, int64_t *ret_unix_ns);

/* Seconds ("0.012", "1e-05"), in ns; a day at most. */
bool thaw_request_seconds(const char *text, int64_t *ret_ns);

#endif
