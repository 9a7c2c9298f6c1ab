/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "platform/azure_functions.h"
#include "platform/azure_bindings.h"
#include "platform/azure_stream.h"
#include "platform/http2.h"

static const struct thaw_platform_signature signatures[] = {
    {THAW_HTTP2_PREFACE, THAW_HTTP2_PREFACE_BYTES},
};

static const struct thaw_platform_message messages[] = {
    {"StartStream", THAW_WIRE_MEANING_HELLO},
    {"WorkerInitRequest", THAW_WIRE_MEANING_INIT_BEGIN},
    {"WorkerInitResponse", THAW_WIRE_MEANING_INIT_END},
    {"FunctionEnvironmentReloadRequest", THAW_WIRE_MEANING_SPECIALIZE_BEGIN},
    {"FunctionEnvironmentReloadResponse", THAW_WIRE_MEANING_SPECIALIZE_END},
    {"FunctionsMetadataRequest", THAW_WIRE_MEANING_INDEX_BEGIN},
    {"FunctionMetadataResponse", THAW_WIRE_MEANING_INDEX_END},
    {"FunctionLoadRequest", THAW_WIRE_MEANING_LOAD_BEGIN},
    {"FunctionLoadResponse", THAW_WIRE_MEANING_LOAD_END},
    {"FunctionLoadRequestCollection", THAW_WIRE_MEANING_LOAD_BEGIN},
    {"FunctionLoadResponseCollection", THAW_WIRE_MEANING_LOAD_END},
    {"WorkerWarmupRequest", THAW_WIRE_MEANING_WARMUP_BEGIN},
    {"WorkerWarmupResponse", THAW_WIRE_MEANING_WARMUP_END},
    {"InvocationRequest", THAW_WIRE_MEANING_INVOCATION_BEGIN},
    {"InvocationResponse", THAW_WIRE_MEANING_INVOCATION_END},
    {"InvocationCancel", THAW_WIRE_MEANING_INVOCATION_CANCEL},
    {"RpcLog", THAW_WIRE_MEANING_LOG},
    {"WorkerStatusRequest", THAW_WIRE_MEANING_HOUSEKEEPING},
    {"WorkerStatusResponse", THAW_WIRE_MEANING_HOUSEKEEPING},
    {"WorkerHeartbeat", THAW_WIRE_MEANING_HOUSEKEEPING},
    {"WorkerActionResponse", THAW_WIRE_MEANING_HOUSEKEEPING},
    {"FileChangeEventRequest", THAW_WIRE_MEANING_HOUSEKEEPING},
    {"CloseSharedMemoryResourcesRequest", THAW_WIRE_MEANING_HOUSEKEEPING},
    {"CloseSharedMemoryResourcesResponse", THAW_WIRE_MEANING_HOUSEKEEPING},
    {"WorkerTerminate", THAW_WIRE_MEANING_TERMINATE},
};

/* A host's own messages often have no request_id, so it pairs nothing (facts: azure-wire.md B). */
static const struct thaw_platform_exchange exchanges[] = {
    {"WorkerInitRequest", "WorkerInitResponse", NULL, THAW_EXCHANGE_SETUP, THAW_EXCHANGE_BY_ORDER,
     "init"},
    {"FunctionEnvironmentReloadRequest", "FunctionEnvironmentReloadResponse", NULL,
     THAW_EXCHANGE_SPECIALIZE, THAW_EXCHANGE_BY_ORDER, "reload"},
    {"WorkerWarmupRequest", "WorkerWarmupResponse", NULL, THAW_EXCHANGE_SETUP,
     THAW_EXCHANGE_BY_ORDER, "warmup"},
    {"FunctionsMetadataRequest", "FunctionMetadataResponse", NULL, THAW_EXCHANGE_SETUP,
     THAW_EXCHANGE_BY_ORDER, "metadata"},
    {"FunctionLoadRequest", "FunctionLoadResponse", NULL, THAW_EXCHANGE_SETUP,
     THAW_EXCHANGE_BY_FUNCTION, "load"},
    {"FunctionLoadRequestCollection", "FunctionLoadResponseCollection", NULL, THAW_EXCHANGE_SETUP,
     THAW_EXCHANGE_BY_ORDER, "load"},
    {"InvocationRequest", "InvocationResponse", NULL, THAW_EXCHANGE_INVOCATION,
     THAW_EXCHANGE_BY_INVOCATION, "invocation"},
};

/* Of its container images, and of the Core Tools. */
static const char *const hosts[] = {"Microsoft.Azure.WebJobs.Script.WebHost", "func", NULL};

static const struct thaw_platform_unseen unseen[] = {
    {"allocation of the VM by the platform", "happens before this machine exists", 200000000,
     "Azure's own figures"},
};

#define MISSING_MODULE "a module it needs is not among what was deployed"
#define NO_FUNCTIONS "the host has no function of this app until that is mended"
#define ONE_TAKES_ALL                                                                              \
    "a name in its code or in an annotation can't be resolved, and one such function takes the "   \
    "whole app with it"

/* facts: azure-worker.md 2/3. Which of them does the indexing differs by the worker's generation.
 */
static const struct thaw_platform_failure failures[] = {
    {THAW_WIRE_MEANING_INIT_END, "NameError", ONE_TAKES_ALL},
    {THAW_WIRE_MEANING_SPECIALIZE_END, "NameError", ONE_TAKES_ALL},
    {THAW_WIRE_MEANING_INDEX_END, "NameError", ONE_TAKES_ALL},
    {THAW_WIRE_MEANING_INIT_END, "ModuleNotFoundError", MISSING_MODULE "; " NO_FUNCTIONS},
    {THAW_WIRE_MEANING_SPECIALIZE_END, "ModuleNotFoundError", MISSING_MODULE "; " NO_FUNCTIONS},
    {THAW_WIRE_MEANING_INDEX_END, "ModuleNotFoundError", MISSING_MODULE "; " NO_FUNCTIONS},
    {THAW_WIRE_MEANING_LOAD_END, "ModuleNotFoundError",
     MISSING_MODULE "; this function can't be called"},
    {THAW_WIRE_MEANING_INIT_END, NULL, NO_FUNCTIONS},
    {THAW_WIRE_MEANING_SPECIALIZE_END, NULL, NO_FUNCTIONS},
    {THAW_WIRE_MEANING_INDEX_END, NULL, NO_FUNCTIONS},
    {THAW_WIRE_MEANING_LOAD_END, NULL, "this function can't be called"},
};

/* facts: azure-rules.md D and E (azure-functions-host issues 10482 and 3551). */
#define FLEX "Flex Consumption gives up after 30 s, which can't be changed"
#define ANY_HOST "hosts give up after 60 s at the latest, and end the worker"

static const struct thaw_platform_limit limits[] = {
    {THAW_WIRE_MEANING_INIT_BEGIN, 30000000000, FLEX},
    {THAW_WIRE_MEANING_SPECIALIZE_BEGIN, 30000000000, FLEX},
    {THAW_WIRE_MEANING_INIT_BEGIN, 60000000000, ANY_HOST},
    {THAW_WIRE_MEANING_SPECIALIZE_BEGIN, 60000000000, ANY_HOST},
};

static const struct thaw_platform_sign signs[] = {
    {"app", "host.json"},
    {"app", "function_app.py"},
    {"app", ".python_packages/lib/site-packages/"},
};

#define MIB ((uint64_t)1 << 20)
#define PACKAGE_PAGE                                                                               \
    "https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package"

static const struct thaw_platform_size sizes[] = {
    {"azure-package", "Azure Functions: zip that an app runs from, 1 GB", THAW_MEASURE_ZIP,
     1024 * MIB, true, PACKAGE_PAGE, "2026-11"},
    {"azure-consumption-unpacked",
     "Azure Functions, Consumption plan: 500 MB of temporary storage for what all its apps unpack",
     THAW_MEASURE_UNPACKED, 500 * MIB, true, PACKAGE_PAGE, "2026-11"},
};

extern const char thaw_azure_describe_script[];

const struct thaw_platform thaw_azure_functions = {
    .name = "azure_functions",
    .functions = THAW_FUNCTIONS_SEVERAL,
    .recognise = thaw_azure_functions_recognise,
    .calls_in_threads = true, /* the worker's ThreadPoolExecutor */
    .signs = signs,
    .sign_count = sizeof(signs) / sizeof(signs[0]),
    .app_folder = "home/site/wwwroot", /* AzureWebJobsScriptRoot of its base images */
    .settings_file = "local.settings.json",
    .settings_key = "Values",
    .describe_app = thaw_azure_describe_script,
    .sizes = sizes,
    .size_count = sizeof(sizes) / sizeof(sizes[0]),
    .signatures = signatures,
    .signature_count = sizeof(signatures) / sizeof(signatures[0]),
    .messages = messages,
    .message_count = sizeof(messages) / sizeof(messages[0]),
    .exchanges = exchanges,
    .exchange_count = sizeof(exchanges) / sizeof(exchanges[0]),
    .failures = failures,
    .failure_count = sizeof(failures) / sizeof(failures[0]),
    .limits = limits,
    .limit_count = sizeof(limits) / sizeof(limits[0]),
    .unseen = unseen,
    .unseen_count = sizeof(unseen) / sizeof(unseen[0]),
    .bindings = thaw_azure_bindings,
    .binding_count = THAW_AZURE_BINDINGS,
    .trigger_end = "Trigger",
    .whole_trigger = "orchestrationTrigger", /* the instance's id stands behind its history */
    .tells_trace = true,
    .hosts = hosts,
    .host_runner = "dotnet",
    .open = thaw_azure_stream_open,
    .feed = thaw_azure_stream_feed,
    .finish = thaw_azure_stream_finish,
    .close = thaw_azure_stream_close,
};

enum option_kind { WORKER_ID, MESSAGE_LIMIT, PORT, ADDRESS, REQUEST_ID, OPTION_KINDS };

static const struct option {
    const char *name;
    enum option_kind kind;
} options[] = {
    {"--workerId", WORKER_ID},
    {"--functions-worker-id", WORKER_ID},
    {"--grpcMaxMessageLength", MESSAGE_LIMIT},
    {"--functions-grpc-max-message-length", MESSAGE_LIMIT},
    {"--port", PORT},
    {"--functions-uri", ADDRESS},
    {"--requestId", REQUEST_ID},
    {"--functions-request-id", REQUEST_ID},
};

/* The option an argument names, alone or as NAME=VALUE; *ret_value is NULL in the first case. */
static const struct option *find_option(const char *argument, const char **ret_value)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        size_t length = strlen(options[i].name);

        if (strncmp(argument, options[i].name, length) != 0 ||
            (argument[length] != '\0' && argument[length] != '='))
            continue;
        *ret_value = argument[length] ? argument + length + 1 : NULL;
        return &options[i];
    }
    return NULL;
}

/* A port number, to the end of the text or a slash; 0 if it is none. */
static uint16_t read_port(const char *text)
{
    uint32_t port = 0;

    for (; *text >= '0' && *text <= '9'; text++) {
        port = port * 10 + (uint32_t)(*text - '0');
        if (port > UINT16_MAX)
            return 0;
    }
    return *text == '\0' || *text == '/' ? (uint16_t)port : 0;
}

/* The port of "http://HOST:PORT/", where HOST may be an address in brackets. */
static uint16_t read_address_port(const char *address)
{
    const char *host = strstr(address, "://");
    const char *end;
    const char *colon;

    host = host ? host + 3 : address;
    end = *host == '[' ? strchr(host, ']') : host;
    colon = end ? strchr(end, ':') : NULL;
    return colon ? read_port(colon + 1) : 0;
}

static void read_option(enum option_kind kind, const char *value, struct thaw_platform_match *match)
{
    uint16_t port = 0;

    if (kind == WORKER_ID && !match->worker_id[0]) {
        size_t length = strnlen(value, THAW_PLATFORM_WORKER_ID_BYTES);

        memcpy(match->worker_id, value, length);
        match->worker_id[length] = '\0';
    }
    if (kind == PORT)
        port = read_port(value);
    if (kind == ADDRESS)
        port = read_address_port(value);
    if (port && !match->port)
        match->port = port;
}

static bool has_base_name(const char *path, const char *start)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *name = slash ? slash + 1 : path;

    return name && !strncmp(name, start, strlen(start));
}

static void note_file_signs(const struct thaw_process_view *process,
                            struct thaw_platform_match *match)
{
    if (has_base_name(process->executable, "python"))
        thaw_platform_match_sign(match, "python executable");
    for (size_t i = 1; i < process->argument_count; i++) {
        if (!strcmp(process->arguments[i], "azure_functions_worker"))
            thaw_platform_match_sign(match, "azure_functions_worker");
        else if (has_base_name(process->arguments[i], "worker.py"))
            thaw_platform_match_sign(match, "worker.py");
    }
}

bool thaw_azure_functions_recognise(const struct thaw_process_view *process,
                                    struct thaw_platform_match *match)
{
    bool seen[OPTION_KINDS] = {false};

    for (size_t i = 1; i < process->argument_count; i++) {
        const char *value;
        const struct option *option = find_option(process->arguments[i], &value);

        if (!option)
            continue;
        if (!value && i + 1 < process->argument_count)
            value = process->arguments[++i];
        if (!value)
            continue;
        seen[option->kind] = true;
        thaw_platform_match_sign(match, option->name);
        read_option(option->kind, value, match);
    }
    note_file_signs(process, match);
    return seen[WORKER_ID] && seen[MESSAGE_LIMIT];
}
