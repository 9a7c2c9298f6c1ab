/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/readers.h"
#include "report/keys.h"

/* Modules of the cold start, counted. */

static bool has_status(const json_t *module, const char *status)
{
    return !strcmp(thaw_key_string(module, "status"), status);
}

static bool is_loaded(const json_t *module)
{
    return has_status(module, "loaded");
}

static bool is_failed(const json_t *module)
{
    return has_status(module, "failed") || has_status(module, "not-found");
}

static bool is_compiled(const json_t *module)
{
    const json_t *bytecode = json_object_get(module, "bytecode");

    return bytecode && is_loaded(module) && strcmp(thaw_key_string(bytecode, "status"), "used");
}

static bool count(const struct thaw_gate_reading *reading, const struct thaw_summary *summary,
                  bool (*is_meant)(const json_t *), double *ret, const char **ret_why)
{
    const json_t *module;
    struct thaw_gate_matcher matcher;
    size_t number = 0, i;

    thaw_gate_matcher_begin(&matcher, reading->part);
    json_array_foreach(json_object_get(reading->report, "modules"), i, module)
    {
        number += is_meant(module) && thaw_summary_is_counted(summary, module) &&
                  thaw_gate_matches_module(&matcher, module);
    }
    *ret = (double)number;
    return thaw_gate_matcher_end(&matcher) || thaw_gate_untold(ret_why, NULL);
}

THAW_GATE_READER(thaw_gate_read_modules)
{
    struct thaw_summary summary;

    return thaw_gate_read_counted(reading, &summary, ret_why) &&
           thaw_gate_knows_part(reading, &summary, ret_why) &&
           count(reading, &summary, is_loaded, ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_failed_imports)
{
    struct thaw_summary summary;

    if (!thaw_gate_read_counted(reading, &summary, ret_why) ||
        !thaw_gate_knows_part(reading, &summary, ret_why))
        return false;
    if (thaw_gate_is_importtime(&summary))
        return thaw_gate_untold(ret_why, "the importtime backend does not see which imports fail");
    return count(reading, &summary, is_failed, ret, ret_why);
}

THAW_GATE_READER(thaw_gate_read_compiled_modules)
{
    struct thaw_summary summary;

    if (!thaw_gate_read_counted(reading, &summary, ret_why) ||
        !thaw_gate_knows_part(reading, &summary, ret_why))
        return false;
    if (thaw_gate_is_importtime(&summary))
        return thaw_gate_untold(ret_why, "the importtime backend sees no files");
    if (!json_array_size(json_object_get(reading->report, "search_folders")))
        return thaw_gate_untold(ret_why, "files were not watched");
    return count(reading, &summary, is_compiled, ret, ret_why);
}

bool thaw_gate_counts_module(const struct thaw_gate_metric *metric, const json_t *module)
{
    if (metric->read == thaw_gate_read_failed_imports)
        return is_failed(module);
    return metric->read == thaw_gate_read_compiled_modules ? is_compiled(module)
                                                           : is_loaded(module);
}
