/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_TRACE_PARENT_H
#define THAW_PLATFORM_TRACE_PARENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The caller's trace of a request: the value of W3C's header `traceparent` (Trace Context, 3.2),
 * "00-TRACE-SPAN-FLAGS" in lower-case hexadecimal digits. A later version may have more behind it,
 * which is left out.
 */
enum {
    THAW_TRACE_PARENT_BYTES = 55,
    THAW_TRACE_PARENT_TRACE = 3, /* where the trace's id begins, of 32 digits */
    THAW_TRACE_PARENT_SPAN = 36, /* and the caller's span's, of 16 */
};

/* Whether bytes are one: the first THAW_TRACE_PARENT_BYTES of them are what is kept. */
bool thaw_trace_parent_is(const char *bytes, size_t length);

/*
 * Finds it in the begin of an HTTP/1 request, which may be cut anywhere: points into bytes, NULL
 * when there is none, or not exactly one.
 */
const char *thaw_trace_parent_in_head(const char *bytes, size_t length);

#endif
