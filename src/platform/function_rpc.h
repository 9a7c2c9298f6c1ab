/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_FUNCTION_RPC_H
#define THAW_PLATFORM_FUNCTION_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "platform/wire.h"

/*
 * The messages between an Azure Functions host and its language workers: StreamingMessage of
 * FunctionRpc, a request_id and one of about thirty messages. Field numbers: the descriptors in
 * the packages azure-functions-worker 1.1.9 and azure-functions-runtime-v1 1.2.0, which agree.
 *
 * Taken out are ids, the application's directory, names and trigger kinds of functions, status,
 * and the type of an exception. Payloads, settings, log texts and exception messages are not: only
 * the two texts of an invocation that may tell a durable function's instance are pointed to.
 */

/* Room for what a message lists; zero it, reuse it, and in the end thaw_function_rpc_free() it. */
struct thaw_function_rpc {
    THAW_ARRAY(struct thaw_wire_function) functions;
    char unnamed_type[24]; /* "field-N" */
    /* Of an invocation's request, for durable.h to look into; bytes NULL: none, or not all seen. */
    struct thaw_wire_text parameter; /* the first text that the function is given */
    struct thaw_wire_text instance;  /* "instanceId" of the trigger's metadata */
};

/*
 * Fills in the message's type and facts from an encoded StreamingMessage of length bytes, of which
 * the first captured are at hand. The other members of *message are left alone. Texts point into
 * bytes, lists into *rpc. Returns 0, -EBADMSG (broken; what came before is filled in), -ENOMEM
 * (functions are missing, everything else is filled in). A missing rest is no error.
 */
int thaw_function_rpc_decode(struct thaw_function_rpc *rpc, const uint8_t *bytes, size_t captured,
                             uint64_t length, struct thaw_wire_message *message);

/*
 * Do bytes begin a StreamingMessage of that length? Asks for a named content that ends exactly
 * where the message does, so that a wrong yes is next to impossible in other data.
 */
bool thaw_function_rpc_plausible(const uint8_t *bytes, uint32_t captured, uint32_t length);

/* Frees the lists. */
void thaw_function_rpc_free(struct thaw_function_rpc *rpc);

#endif
