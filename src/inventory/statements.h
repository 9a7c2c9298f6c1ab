/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_STATEMENTS_H
#define THAW_INVENTORY_STATEMENTS_H

#include <stdbool.h>

#include "thaw/inventory_events.h"

/*
 * Does an import of the user's files answer to what a user calls it: FILE:LINE (the file's last
 * parts do), the module it asks for, or a package above that?
 */
bool thaw_statement_answers_to(const struct thaw_inventory_statement *row, const char *word);

#endif
