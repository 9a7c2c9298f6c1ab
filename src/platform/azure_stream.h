/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_AZURE_STREAM_H
#define THAW_PLATFORM_AZURE_STREAM_H

#include <stdbool.h>

#include "platform/wire.h"

/*
 * Decodes one connection between an Azure Functions worker and its host, HTTP/2 with gRPC on it:
 * the functions behind thaw_azure_functions, which platform/wire.h describes.
 *
 * Verdict: a connection followed from its start is the platform's if its first gRPC message is a
 * StartStream, and is not if anything else comes first. One joined in the middle is the platform's
 * as soon as a message is found whose length and content agree, and is not if a long stretch of
 * bytes has none. Messages are handed over only once the verdict is yes.
 */

enum {
    /* HTTP/2 streams followed at once; a worker uses one. The one idle longest makes room. */
    THAW_AZURE_STREAM_CALLS = 16,
};

/* NULL when memory is short. */
struct thaw_wire_stream *thaw_azure_stream_open(bool from_start);

int thaw_azure_stream_feed(struct thaw_wire_stream *stream, const struct thaw_wire_chunk *chunk,
                           struct thaw_error *error);

int thaw_azure_stream_finish(struct thaw_wire_stream *stream, struct thaw_error *error);

void thaw_azure_stream_close(struct thaw_wire_stream *stream);

#endif
