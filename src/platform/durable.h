/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_DURABLE_H
#define THAW_PLATFORM_DURABLE_H

#include <stddef.h>

#include "platform/wire.h"

/*
 * What the Durable Functions extension tells an orchestrator each time it is invoked: a JSON text
 * {"history": [{"EventType": 4, …}, …], …, "instanceId": "…", "isReplaying": true, …}, the history
 * first. Names and numbers of events: azure-functions-durable 1.7.0, HistoryEventType.py.
 *
 * Counts and the instance's id are taken out; nothing of what the history holds.
 */

enum {
    /* Longest text looked into. While it is read it takes up to some fifty times as much memory. */
    THAW_DURABLE_MOST_BYTES = 1 << 20,
};

/* Room for what a text was read into; the id in *ret points to it. */
struct thaw_durable_text {
    char instance[THAW_WIRE_TEXT_BYTES + 1];
};

/*
 * Reads an orchestrator's text. 0, or -E2BIG, -EBADMSG (not such a text, or its id is empty or too
 * long: half of one would be taken for another's), -ENOMEM; *ret is zeroed then.
 */
int thaw_durable_read(struct thaw_durable_text *text, const char *bytes, size_t length,
                      struct thaw_wire_durable *ret);

/*
 * The id of an activity's instance, as its trigger's metadata have it: the text itself, or the same
 * as JSON, in quotes. NULL bytes: it is neither.
 */
struct thaw_wire_text thaw_durable_instance(struct thaw_wire_text metadata);

#endif
