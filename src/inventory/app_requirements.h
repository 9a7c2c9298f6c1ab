/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_APP_REQUIREMENTS_H
#define THAW_INVENTORY_APP_REQUIREMENTS_H

#include "inventory/distributions.h"
#include "inventory/inventory.h"

/*
 * Emits THAW_EVENT_INVENTORY_REQUIREMENT for each requirement in a requirements.txt beside the
 * user's own sources (and in files of the same folder that it includes) which is installed in a
 * known site and holds for its Python, each name once a folder. -ENOMEM, or what emit returned.
 */
int thaw_app_requirements(const struct thaw_inventory_request *request,
                          const struct thaw_distributions *distributions, thaw_inventory_emit emit,
                          void *context, struct thaw_error *error);

#endif
