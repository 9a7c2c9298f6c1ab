/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/cyclonedx.h"
#include "report/keys.h"
#include "report/summary.h"
#include "report/writers.h"

/*
 * A software bill of materials: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/. The same
 * report gives the same bytes: a timestamp only where the report has the time of its recording, and
 * no serial number, which the standard wants to be another one for each document.
 */

const char thaw_bom_target_ref[] = "target";

/* The folder or file that was looked at, or the command that was recorded. */
static const char *subject_name(const json_t *report)
{
    const char *path =
        json_string_value(json_object_get(json_object_get(report, "target"), "path"));
    const char *command = json_string_value(
        json_array_get(json_object_get(json_object_get(report, "run"), "command"), 0));

    if (path && *path)
        return thaw_key_last_part(path);
    return command && *command ? thaw_key_last_part(command) : "recorded processes";
}

static json_t *subject(struct thaw_bom *bom)
{
    static const char *const target_keys[] = {"path", "kind", NULL};
    static const char *const run_keys[] = {"platform", "directory", NULL};
    const json_t *target = json_object_get(bom->report, "target");
    const json_t *run = json_object_get(bom->report, "run");
    const char *kind = json_string_value(json_object_get(target, "kind"));
    json_t *object = thaw_values_object(&bom->values), *properties;

    thaw_values_set_text(&bom->values, object, "type",
                         kind && !strcmp(kind, "container-root") ? "container" : "application");
    thaw_values_set_text(&bom->values, object, "bom-ref", thaw_bom_target_ref);
    thaw_values_set_text(&bom->values, object, "name", subject_name(bom->report));
    properties = json_is_object(target) ? thaw_bom_properties(bom, target, target_keys)
                                        : thaw_bom_properties(bom, run, run_keys);
    if (properties)
        thaw_values_set(&bom->values, object, "properties", properties);
    return object;
}

static json_t *tool(struct thaw_bom *bom)
{
    const char *version =
        json_string_value(json_object_get(json_object_get(bom->report, "tool"), "version"));
    json_t *object = thaw_values_object(&bom->values), *list = thaw_values_array(&bom->values),
           *tools = thaw_values_object(&bom->values);

    thaw_values_set_text(&bom->values, object, "type", "application");
    thaw_values_set_text(&bom->values, object, "name", "thaw");
    if (version)
        thaw_values_set_text(&bom->values, object, "version", version);
    thaw_values_append(&bom->values, list, object);
    thaw_values_set(&bom->values, tools, "components", list);
    return tools;
}

static json_t *metadata(struct thaw_bom *bom)
{
    const char *started =
        json_string_value(json_object_get(json_object_get(bom->report, "run"), "started"));
    json_t *object = thaw_values_object(&bom->values);

    if (started)
        thaw_values_set_text(&bom->values, object, "timestamp", started);
    thaw_values_set(&bom->values, object, "tools", tool(bom));
    thaw_values_set(&bom->values, object, "component", subject(bom));
    return object;
}

/*
 * What is known of the list's completeness: that it says nothing (nobody looked), or that something
 * was lost, could not be read or was not to be. Else nothing is claimed: files that belong to no
 * distribution are no components.
 */
static const char *aggregate(const struct thaw_bom *bom)
{
    if (!bom->distributions)
        return "unknown";
    if (!thaw_summary_is(bom->report, "complete") || !bom->libraries ||
        thaw_key_unread(bom->report))
        return "incomplete";
    return NULL;
}

static json_t *compositions(struct thaw_bom *bom, const char *how)
{
    json_t *object = thaw_values_object(&bom->values), *list = thaw_values_array(&bom->values),
           *assemblies = thaw_values_array(&bom->values);

    thaw_values_set_text(&bom->values, object, "aggregate", how);
    thaw_values_append(&bom->values, assemblies, json_string(thaw_bom_target_ref));
    thaw_values_set(&bom->values, object, "assemblies", assemblies);
    thaw_values_append(&bom->values, list, object);
    return list;
}

static json_t *document(struct thaw_bom *bom)
{
    json_t *object = thaw_values_object(&bom->values);
    const char *how = aggregate(bom);

    thaw_values_set_text(&bom->values, object, "$schema",
                         "http://cyclonedx.org/schema/bom-1.6.schema.json");
    thaw_values_set_text(&bom->values, object, "bomFormat", "CycloneDX");
    thaw_values_set_text(&bom->values, object, "specVersion", "1.6");
    thaw_values_set_number(&bom->values, object, "version", 1);
    thaw_values_set(&bom->values, object, "metadata", metadata(bom));
    thaw_values_set(&bom->values, object, "components", thaw_bom_components(bom));
    thaw_values_set(&bom->values, object, "dependencies", thaw_bom_dependencies(bom));
    if (how)
        thaw_values_set(&bom->values, object, "compositions", compositions(bom, how));
    return object;
}

int thaw_write_cyclonedx(const json_t *report, const struct thaw_report_options *options,
                         FILE *stream, struct thaw_error *error)
{
    struct thaw_bom bom = {
        .report = report,
        .distributions = thaw_summary_list(report, "distributions"),
        .libraries = thaw_summary_list(report, "libraries"),
        .taken = json_object(),
        .by_name = json_object(),
        .by_path = json_object(),
    };
    json_t *made = thaw_bom_refer(&bom) ? document(&bom) : NULL;
    int code = bom.values.failed ? thaw_error_memory(error)
                                 : thaw_write_json(made, options, stream, error);

    json_decref(made);
    json_decref(bom.taken);
    json_decref(bom.by_name);
    json_decref(bom.by_path);
    thaw_arena_free(&bom.arena);
    return code;
}
