/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_DEPS_CHECK_H
#define THAW_CLI_DEPS_CHECK_H

#include <jansson.h>

/*
 * `thaw deps --check`: complains of each error in the report of a target, a line each, and returns
 * how many there are. Errors are what keeps it from working or from being deployed: a requirement
 * that is not installed, or in another version; a file for another platform; a shared object that
 * is not found, unless a recording shows that the one that wants it was not loaded; a limit that a
 * platform refuses to exceed.
 */
size_t thaw_deps_check(const char *command, const json_t *report);

#endif
