/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

uint64_t thaw_table_seed(void)
{
    static const char anchor; /* address space randomisation does the rest */

    return (uintptr_t)&anchor;
}
