/* SPDX-License-Identifier: Apache-2.0 */
/* What the user has looked at already: kept, with the reason, but no longer told as a finding. */
#include <string.h>

#include "base/text.h"
#include "analysis/memory.h"

/* "pandas" stands for pandas.io as well. */
static bool is_in_package(const char *name, const char *package)
{
    size_t length = strlen(package);

    return !strncmp(name, package, length) && (!name[length] || name[length] == '.');
}

static bool has_module(const struct thaw_analysis *analysis, const struct thaw_finding *finding,
                       const char *module)
{
    for (size_t i = 0; i < finding->module_count; i++)
        if (is_in_package(analysis->timeline->modules[finding->modules[i] - 1].name, module))
            return true;
    return false;
}

static bool is_about(const struct thaw_analysis *analysis,
                     const struct thaw_suppression *suppression, const struct thaw_finding *finding,
                     const char *today)
{
    return !strcmp(suppression->id, finding->id) &&
           (!suppression->subject || !*suppression->subject) &&
           (!*suppression->until || strcmp(suppression->until, today) >= 0) &&
           (!*suppression->file || thaw_text_ends_with_path(finding->file, suppression->file)) &&
           (!*suppression->module || has_module(analysis, finding, suppression->module));
}

static const struct thaw_suppression *find(const struct thaw_analysis *analysis,
                                           const struct thaw_suppression *suppressions,
                                           size_t count, const struct thaw_finding *finding,
                                           const char *today)
{
    for (size_t i = 0; i < count; i++)
        if (is_about(analysis, &suppressions[i], finding, today))
            return &suppressions[i];
    return NULL;
}

int thaw_analysis_suppress(struct thaw_analysis *analysis,
                           const struct thaw_suppression *suppressions, size_t count,
                           const char *today, struct thaw_error *error)
{
    struct thaw_analysis_memory *memory = analysis->memory;
    size_t kept = 0;

    if (!thaw_array_reserve(&memory->suppressed,
                            memory->suppressed.count + analysis->finding_count))
        return thaw_error_memory(error);
    for (size_t i = 0; i < analysis->finding_count; i++) {
        struct thaw_finding *finding = &analysis->findings[i];
        const struct thaw_suppression *by = find(analysis, suppressions, count, finding, today);

        if (by)
            memory->suppressed.items[memory->suppressed.count++] =
                (struct thaw_suppressed){*finding, by};
        else
            analysis->findings[kept++] = *finding;
    }
    analysis->finding_count = kept;
    analysis->suppressed = memory->suppressed.items;
    analysis->suppressed_count = memory->suppressed.count;
    return 0;
}
