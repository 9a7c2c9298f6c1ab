/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_AZURE_FUNCTIONS_H
#define THAW_PLATFORM_AZURE_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/platform.h"

/*
 * Azure Functions: a host process starts language workers and talks to each over one gRPC stream
 * of FunctionRpc messages (HTTP/2 in clear text on loopback). The worker is the client.
 */
extern const struct thaw_platform thaw_azure_functions;

/*
 * Is this a worker? Yes if its arguments carry both a worker id and the gRPC message limit, under
 * their old or new names: `--workerId`, `--functions-worker-id`; `--grpcMaxMessageLength`,
 * `--functions-grpc-max-message-length`. The port comes from `--port` or `--functions-uri`.
 * Further signs (worker.py, the package's name, a Python executable) are noted but decide nothing:
 * workers of other languages take the same arguments. A worker's parent is its host.
 * Source: the command lines of host version 4.1037 and of the workers 1.1.9 and 4.34.
 */
bool thaw_azure_functions_recognise(const struct thaw_process_view *process,
                                    struct thaw_platform_match *match);

#endif
