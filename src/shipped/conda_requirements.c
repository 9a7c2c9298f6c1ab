/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "shipped/build.h"
#include "shipped/conda_requirements.h"

uint64_t thaw_conda_depend_count(const struct thaw_shipped *shipped, uint32_t distribution)
{
    uint64_t count = 0;

    for (const struct thaw_site_package *package = thaw_sites_package(shipped, distribution);
         package; package = thaw_sites_next_package(shipped, package))
        count += package->depends.count;
    return count;
}

static int read_depends(struct thaw_evaluation *evaluation, uint32_t distribution,
                        const struct thaw_site_package *package, uint32_t *asked)
{
    struct thaw_shipped_distribution *own = &evaluation->shipped->distributions[distribution];

    for (uint64_t i = 0; i < package->depends.count; i++) {
        const char *text = package->depends.items[i];
        struct thaw_shipped_requirement *requirement = &own->requires[own->require_count];
        int result = thaw_evaluation_package(evaluation, package->environment, text, requirement);
        uint32_t to = requirement->distribution;

        if (result < 0)
            return result;
        if (result == 0 || to == distribution ||
            (to != THAW_SHIPPED_NONE && asked[to] == distribution + 1))
            continue;
        if (to != THAW_SHIPPED_NONE)
            asked[to] = distribution + 1;
        own->require_count++;
        if (requirement->unreadable &&
            thaw_shipped_fault(evaluation->shipped, package->path,
                               "a dependency that can't be read: \"%.100s\"", text) < 0)
            return -ENOMEM;
    }
    return 0;
}

int thaw_conda_requires(struct thaw_evaluation *evaluation, uint32_t distribution, uint32_t *asked)
{
    const struct thaw_shipped *shipped = evaluation->shipped;
    int result = 0;

    for (const struct thaw_site_package *package = thaw_sites_package(shipped, distribution);
         result == 0 && package; package = thaw_sites_next_package(shipped, package))
        result = read_depends(evaluation, distribution, package, asked);
    return result;
}

bool thaw_conda_is_requested(const struct thaw_shipped *shipped, uint32_t distribution)
{
    const struct thaw_site_package *package = thaw_sites_package(shipped, distribution);

    while (package && !package->is_requested)
        package = thaw_sites_next_package(shipped, package);
    return package != NULL;
}
