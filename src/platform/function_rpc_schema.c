/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/function_rpc_schema.h"
#include "platform/wire.h"

/* Field numbers: the descriptors named in platform/function_rpc.h. */
static const struct thaw_function_rpc_content contents[] = {
    {2, "RpcLog", RPC_LOG},
    {4, "InvocationRequest", RPC_INVOCATION_REQUEST},
    {5, "InvocationResponse", RPC_INVOCATION_RESPONSE},
    {6, "FileChangeEventRequest", RPC_NOTHING},
    {7, "WorkerActionResponse", RPC_NOTHING},
    {8, "FunctionLoadRequest", RPC_LOAD_REQUEST},
    {9, "FunctionLoadResponse", RPC_LOAD_RESPONSE},
    {12, "WorkerStatusRequest", RPC_NOTHING},
    {13, "WorkerStatusResponse", RPC_NOTHING},
    {14, "WorkerTerminate", RPC_NOTHING},
    {15, "WorkerHeartbeat", RPC_NOTHING},
    {16, "WorkerInitResponse", RPC_INIT_RESPONSE},
    {17, "WorkerInitRequest", RPC_INIT_REQUEST},
    {20, "StartStream", RPC_START_STREAM},
    {21, "InvocationCancel", RPC_INVOCATION_CANCEL},
    {25, "FunctionEnvironmentReloadRequest", RPC_RELOAD_REQUEST},
    {26, "FunctionEnvironmentReloadResponse", RPC_RELOAD_RESPONSE},
    {27, "CloseSharedMemoryResourcesRequest", RPC_NOTHING},
    {28, "CloseSharedMemoryResourcesResponse", RPC_NOTHING},
    {29, "FunctionsMetadataRequest", RPC_METADATA_REQUEST},
    {30, "FunctionMetadataResponse", RPC_METADATA_RESPONSE},
    {31, "FunctionLoadRequestCollection", RPC_LOAD_REQUESTS},
    {32, "FunctionLoadResponseCollection", RPC_LOAD_RESPONSES},
    {33, "WorkerWarmupRequest", RPC_NOTHING},
    {34, "WorkerWarmupResponse", RPC_WARMUP_RESPONSE},
};

#define IN_MESSAGE(member)                                                                         \
    RPC_TAKE_MESSAGE_TEXT, RPC_NOTHING, offsetof(struct thaw_wire_message, member)
#define IN_FUNCTION(member)                                                                        \
    RPC_TAKE_FUNCTION_TEXT, RPC_NOTHING, offsetof(struct thaw_wire_function, member)

static const struct thaw_function_rpc_rule rules[] = {
    {RPC_START_STREAM, 2, IN_MESSAGE(worker_id)},
    {RPC_INIT_REQUEST, 5, IN_MESSAGE(directory)},
    {RPC_INIT_RESPONSE, 3, RPC_TAKE_NESTED, RPC_STATUS, 0},
    {RPC_RELOAD_REQUEST, 2, IN_MESSAGE(directory)},
    {RPC_RELOAD_RESPONSE, 3, RPC_TAKE_NESTED, RPC_STATUS, 0},
    {RPC_METADATA_REQUEST, 1, IN_MESSAGE(directory)},
    {RPC_METADATA_RESPONSE, 1, RPC_TAKE_FUNCTION, RPC_FUNCTION_METADATA, 0},
    {RPC_METADATA_RESPONSE, 2, RPC_TAKE_NESTED, RPC_STATUS, 0},
    {RPC_METADATA_RESPONSE, 3, RPC_TAKE_DEFAULT_INDEXING, RPC_NOTHING, 0},
    {RPC_LOAD_REQUEST, 1, IN_FUNCTION(function_id)},
    {RPC_LOAD_REQUEST, 2, RPC_TAKE_NESTED, RPC_FUNCTION_METADATA, 0},
    {RPC_LOAD_RESPONSE, 1, IN_MESSAGE(function_id)},
    {RPC_LOAD_RESPONSE, 2, RPC_TAKE_NESTED, RPC_STATUS, 0},
    {RPC_LOAD_REQUESTS, 1, RPC_TAKE_FUNCTION, RPC_LOAD_REQUEST, 0},
    {RPC_LOAD_RESPONSES, 1, RPC_TAKE_NESTED, RPC_LOAD_RESPONSE, 0},
    {RPC_INVOCATION_REQUEST, 1, IN_MESSAGE(invocation_id)},
    {RPC_INVOCATION_REQUEST, 2, IN_MESSAGE(function_id)},
    {RPC_INVOCATION_REQUEST, 3, RPC_TAKE_NESTED, RPC_PARAMETER, 0},
    {RPC_INVOCATION_REQUEST, 4, RPC_TAKE_NESTED, RPC_METADATA_ENTRY, 0},
    {RPC_INVOCATION_REQUEST, 5, RPC_TAKE_NESTED, RPC_TRACE_CONTEXT, 0},
    {RPC_INVOCATION_RESPONSE, 1, IN_MESSAGE(invocation_id)},
    {RPC_INVOCATION_RESPONSE, 3, RPC_TAKE_NESTED, RPC_STATUS, 0},
    {RPC_INVOCATION_CANCEL, 2, IN_MESSAGE(invocation_id)},
    {RPC_WARMUP_RESPONSE, 1, RPC_TAKE_NESTED, RPC_STATUS, 0},
    {RPC_LOG, 1, IN_MESSAGE(invocation_id)},
    {RPC_FUNCTION_METADATA, 1, IN_FUNCTION(directory)},
    {RPC_FUNCTION_METADATA, 2, IN_FUNCTION(script)},
    {RPC_FUNCTION_METADATA, 4, IN_FUNCTION(name)},
    {RPC_FUNCTION_METADATA, 6, RPC_TAKE_NESTED, RPC_BINDING_ENTRY, 0},
    {RPC_FUNCTION_METADATA, 10, RPC_TAKE_RAW_BINDING, RPC_NOTHING, 0},
    {RPC_FUNCTION_METADATA, 13, IN_FUNCTION(function_id)},
    {RPC_BINDING_ENTRY, 2, RPC_TAKE_NESTED, RPC_BINDING, 0},
    {RPC_BINDING, 2, RPC_TAKE_TRIGGER, RPC_NOTHING, 0},
    {RPC_STATUS, 2, RPC_TAKE_NESTED, RPC_EXCEPTION, 0},
    {RPC_STATUS, 4, RPC_TAKE_STATUS_CODE, RPC_NOTHING, 0},
    {RPC_EXCEPTION, 2, RPC_TAKE_EXCEPTION_MESSAGE, RPC_NOTHING, 0},
    {RPC_EXCEPTION, 5, RPC_TAKE_EXCEPTION_TYPE, RPC_NOTHING, 0},
    {RPC_PARAMETER, 2, RPC_TAKE_NESTED, RPC_PARAMETER_DATA, 0},
    {RPC_PARAMETER_DATA, 1, RPC_TAKE_PARAMETER, RPC_NOTHING, 0},
    {RPC_PARAMETER_DATA, 2, RPC_TAKE_PARAMETER, RPC_NOTHING, 0},
    {RPC_TRACE_CONTEXT, 1, IN_MESSAGE(trace_parent)},
    {RPC_METADATA_ENTRY, 1, RPC_TAKE_METADATA_KEY, RPC_NOTHING, 0},
    {RPC_METADATA_ENTRY, 2, RPC_TAKE_NESTED, RPC_METADATA_DATA, 0},
    {RPC_METADATA_DATA, 1, RPC_TAKE_METADATA_VALUE, RPC_NOTHING, 0},
    {RPC_METADATA_DATA, 2, RPC_TAKE_METADATA_VALUE, RPC_NOTHING, 0},
};

const struct thaw_function_rpc_content *thaw_function_rpc_find_content(uint32_t number)
{
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++)
        if (contents[i].number == number)
            return &contents[i];
    return NULL;
}

const struct thaw_function_rpc_rule *thaw_function_rpc_find_rule(enum thaw_function_rpc_shape shape,
                                                                 uint32_t number)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].shape == shape && rules[i].number == number)
            return &rules[i];
    return NULL;
}
