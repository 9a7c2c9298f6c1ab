/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_shipped.h"
#include "report/json_use.h"
#include "thaw/report.h"
#include "thaw/version.h"

static json_t *python_object(struct thaw_values *values, const struct thaw_shipped_python *python)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_name(values, object, "version", python->version);
    thaw_values_set_name(values, object, "full_version", python->full_version);
    thaw_values_set_name(values, object, "implementation", python->implementation);
    thaw_values_set_name(values, object, "machine", python->machine);
    thaw_values_set_boolean(values, object, "machine_assumed", python->is_machine_assumed);
    thaw_values_set_name(values, object, "executable", python->executable);
    thaw_values_set_name(values, object, "evidence", python->evidence);
    return object;
}

static json_t *target_object(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *object = thaw_values_object(values);

    thaw_values_set_text(values, object, "path", shipped->target);
    thaw_values_set_text(values, object, "kind", shipped->kind);
    thaw_values_set_texts(values, object, "signs", shipped->signs.items, shipped->signs.count);
    thaw_values_set_texts(values, object, "sites", shipped->sites.items, shipped->sites.count);
    thaw_values_set_texts(values, object, "folders_read", shipped->folders_read.items,
                          shipped->folders_read.count);
    thaw_values_set(values, object, "python", python_object(values, &shipped->python));
    return object;
}

/* What only a recording can tell, with nothing in it. */
static void set_unrecorded(struct thaw_values *values, json_t *report)
{
    static const char *const before[] = {"losses", "not_visible"};
    static const char *const after[] = {"processes", "tracks", "modules", "invocations",
                                        "findings"};
    json_t *tool = thaw_values_object(values);

    thaw_values_set_text(values, tool, "name", "thaw");
    thaw_values_set_text(values, tool, "version", THAW_VERSION);
    thaw_values_set_text(values, report, "schema", THAW_REPORT_SCHEMA);
    thaw_values_set(values, report, "tool", tool);
    thaw_values_set_boolean(values, report, "complete", true);
    thaw_values_set_null(values, report, "recording");
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        thaw_values_set(values, report, before[i], thaw_values_array(values));
    thaw_values_set_null(values, report, "machine");
    thaw_values_set_null(values, report, "run");
    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++)
        thaw_values_set(values, report, after[i], thaw_values_array(values));
}

/* Those of the first recording that are not the target's. */
static void add_outside(struct thaw_values *values, const struct thaw_use *use, json_t *libraries,
                        const json_t *recorded)
{
    json_t *one;
    size_t i;

    json_array_foreach(recorded, i, one)
    {
        const char *path = json_string_value(json_object_get(one, "path"));
        json_t *object;

        if (!path || thaw_use_has_library(use, path))
            continue;
        object = json_copy(one);
        thaw_values_set_boolean(values, object, "outside", true);
        thaw_values_append(values, libraries, object);
    }
}

static void set_use(struct thaw_values *values, json_t *report, const struct thaw_use *use,
                    json_t *distributions, json_t *libraries)
{
    bool complete = json_is_true(json_object_get(report, "complete"));

    for (size_t i = 0; i < use->shipped->distribution_count; i++)
        thaw_json_use_distribution(values, json_array_get(distributions, i), use, i);
    for (size_t i = 0; i < use->shipped->library_count; i++)
        thaw_json_use_library(values, json_array_get(libraries, i), use, i);
    add_outside(values, use, libraries, json_object_get(report, "libraries"));
    for (size_t i = 0; i < use->recording_count; i++)
        complete &= use->recordings[i].timeline->complete;
    thaw_values_set_boolean(values, report, "complete", complete);
    thaw_values_set(values, report, "use", thaw_json_use(values, use));
}

static void set_target(struct thaw_values *values, json_t *report,
                       const struct thaw_report_target *target)
{
    const struct thaw_shipped *shipped = target->shipped;
    json_t *distributions = thaw_json_shipped_distributions(values, shipped);
    json_t *libraries = thaw_json_shipped_libraries(values, shipped, target->sections);

    if (target->use)
        set_use(values, report, target->use, distributions, libraries);
    thaw_values_set(values, report, "target", target_object(values, shipped));
    thaw_values_set(values, report, "totals", thaw_json_totals(values, shipped));
    thaw_values_set(values, report, "folders", thaw_json_folders(values, shipped));
    thaw_values_set(values, report, "distributions", distributions);
    thaw_values_set(values, report, "requirements", thaw_json_requests(values, shipped));
    thaw_values_set(values, report, "conflicts", thaw_json_conflicts(values, shipped));
    thaw_values_set(values, report, "foreign", thaw_json_foreign(values, shipped));
    if (shipped->without_libraries) {
        json_decref(libraries);
        thaw_values_set_null(values, report, "libraries");
    } else {
        thaw_values_set(values, report, "libraries", libraries);
        thaw_values_set(values, report, "duplicates", thaw_json_duplicates(values, shipped));
    }
    thaw_values_set(values, report, "bytecode_health", thaw_json_bytecode_health(values, shipped));
    thaw_values_set(values, report, "path_files", thaw_json_path_files(values, shipped));
    thaw_values_set(values, report, "faults", thaw_json_faults(values, shipped));
    thaw_values_set_number(values, report, "faults_more", shipped->faults_more);
    thaw_values_set(values, report, "limits", thaw_json_limits(values, shipped));
}

int thaw_report_target_json(const struct thaw_report_target *target, struct json_t **ret,
                            struct thaw_error *error)
{
    struct thaw_values values = {0};
    json_t *report = NULL;
    int code = target->analysis ? thaw_report_json(target->analysis, &report, error) : 0;

    if (code)
        return code;
    if (!report) {
        report = thaw_values_object(&values);
        set_unrecorded(&values, report);
    }
    set_target(&values, report, target);
    if (values.failed) {
        json_decref(report);
        return thaw_error_memory(error);
    }
    *ret = report;
    return 0;
}
