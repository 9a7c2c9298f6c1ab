/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_AWS_LAMBDA_H
#define THAW_PLATFORM_AWS_LAMBDA_H

#include "platform/platform.h"

/*
 * AWS Lambda: a runtime process imports the function's handler and then asks a local server, the
 * Runtime API, for one invocation after the other (HTTP/1.1 in clear text). It is the client.
 * Asking for the first one is the end of its init; the answer is the invocation.
 *
 * A worker is told by `python -m awslambdaric`, or by the script that AWS's own images start; any
 * other process is one as soon as it speaks to the Runtime API. Its server's address is the value
 * of an environment variable, which is not read: the connection shows it.
 *
 * Source: the Runtime API's specification (2018-06-01), and awslambdaric 4.2.2 as seen on the wire
 * (facts: azure-wire.md D).
 */
extern const struct thaw_platform thaw_aws_lambda;

#endif
