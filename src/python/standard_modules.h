/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_STANDARD_MODULES_H
#define THAW_PYTHON_STANDARD_MODULES_H

#include <stdbool.h>

/* Does the module, or the package it is in, have a name of Python's own standard library? It goes
 * by the name alone: "json.decoder" is, "my.json" is not. "__main__" is. */
bool thaw_standard_modules_hold(const char *name);

#endif
