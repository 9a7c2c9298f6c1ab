/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "configuration/configuration.h"

/* Any bytes as a user's thaw.json: it is refused in one line, or all of its entries are whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static int is_known(const char *id)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    for (size_t i = 0; i < count; i++)
        if (!strcmp(kinds[i]->id, id))
            return 1;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_configuration configuration = {0};
    struct thaw_error error = {0};
    int code =
        thaw_configuration_parse((const char *)data, size, "thaw.json", &configuration, &error);

    demand(!code || (code == -EINVAL && !strncmp(error.message, "thaw.json:", 10)));
    for (size_t i = 0; !code && i < configuration.count; i++) {
        const struct thaw_suppression *one = &configuration.suppressions[i];

        demand(is_known(one->id) && *one->reason && one->file && one->module);
        demand(!*one->until || strlen(one->until) == 10);
    }
    thaw_configuration_free(&configuration);
    return 0;
}
