/* SPDX-License-Identifier: Apache-2.0 */
#include "shipped/sites.h"
#include "shipped/tree.h"

bool thaw_sites_holds(const struct thaw_shipped *shipped, uint32_t folder)
{
    return shipped->memory->content->folders.items[folder].is_in_site;
}
