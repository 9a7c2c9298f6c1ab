/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_FUNCTION_RPC_SCHEMA_H
#define THAW_PLATFORM_FUNCTION_RPC_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

/*
 * The parts of FunctionRpc that anything is taken out of, as tables: one more fact is one more row.
 * Shapes must not lead back to themselves, since the walk recurses along them.
 */

enum thaw_function_rpc_shape {
    RPC_NOTHING,
    RPC_START_STREAM,
    RPC_INIT_REQUEST,
    RPC_INIT_RESPONSE,
    RPC_RELOAD_REQUEST,
    RPC_RELOAD_RESPONSE,
    RPC_METADATA_REQUEST,
    RPC_METADATA_RESPONSE,
    RPC_LOAD_REQUEST,
    RPC_LOAD_RESPONSE,
    RPC_LOAD_REQUESTS,
    RPC_LOAD_RESPONSES,
    RPC_INVOCATION_REQUEST,
    RPC_INVOCATION_RESPONSE,
    RPC_INVOCATION_CANCEL,
    RPC_WARMUP_RESPONSE,
    RPC_LOG,
    RPC_FUNCTION_METADATA,
    RPC_BINDING_ENTRY,
    RPC_BINDING,
    RPC_STATUS,
    RPC_EXCEPTION,
    RPC_PARAMETER,
    RPC_PARAMETER_DATA,
    RPC_METADATA_ENTRY,
    RPC_METADATA_DATA,
    RPC_TRACE_CONTEXT,
};

/* What is done with a field. */
enum thaw_function_rpc_action {
    RPC_TAKE_MESSAGE_TEXT,  /* into the message, at offset */
    RPC_TAKE_FUNCTION_TEXT, /* into the function at hand, at offset */
    RPC_TAKE_NESTED,        /* a message of the next shape */
    RPC_TAKE_FUNCTION,      /* the same, and it is one more function */
    RPC_TAKE_TRIGGER,       /* a binding's type */
    RPC_TAKE_RAW_BINDING,   /* a binding as JSON */
    RPC_TAKE_STATUS_CODE,
    RPC_TAKE_EXCEPTION_MESSAGE,
    RPC_TAKE_EXCEPTION_TYPE,
    RPC_TAKE_DEFAULT_INDEXING,
    RPC_TAKE_PARAMETER,      /* the first text that the function is given */
    RPC_TAKE_METADATA_KEY,   /* of an entry of the trigger's metadata */
    RPC_TAKE_METADATA_VALUE, /* and its text */
};

/* One content of StreamingMessage's oneof. */
struct thaw_function_rpc_content {
    uint32_t number;
    const char *name;
    enum thaw_function_rpc_shape shape;
};

/* One field of one shape. */
struct thaw_function_rpc_rule {
    enum thaw_function_rpc_shape shape;
    uint32_t number;
    enum thaw_function_rpc_action action;
    enum thaw_function_rpc_shape next; /* of the nested message */
    size_t offset;                     /* of the text in its struct */
};

/* The content by its field number, NULL if unnamed. */
const struct thaw_function_rpc_content *thaw_function_rpc_find_content(uint32_t number);

/* What to do with the field, NULL for nothing. */
const struct thaw_function_rpc_rule *thaw_function_rpc_find_rule(enum thaw_function_rpc_shape shape,
                                                                 uint32_t number);

#endif
