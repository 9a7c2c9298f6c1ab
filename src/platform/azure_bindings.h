/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PLATFORM_AZURE_BINDINGS_H
#define THAW_PLATFORM_AZURE_BINDINGS_H

#include "platform/platform.h"

/* What the bindings of Azure Functions do that packages of the Azure SDK do as well, by package. */
enum { THAW_AZURE_BINDINGS = 6 };
extern const struct thaw_platform_binding thaw_azure_bindings[THAW_AZURE_BINDINGS];

#endif
