/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "project/settings/setting_reading.h"
#include "project/templates/template.h"

/* Part of an export: an object and where it is. */
struct part {
    const json_t *json;
    uint32_t at;
};

/* The value at a path of keys, json NULL: there is none. */
static struct part find(struct thaw_setting_reading *reading, struct part part, const char *path)
{
    while (part.json && *path) {
        size_t length = strcspn(path, ".");
        char key[64];

        snprintf(key, sizeof(key), "%.*s", (int)length, path);
        part.json = thaw_member_of(reading->document, part.json, part.at, key, &part.at);
        path += length + (path[length] == '.');
    }
    return part;
}

static int add_fact(struct thaw_setting_reading *reading, enum thaw_fact_kind kind,
                    const char *value, uint32_t at)
{
    struct thaw_project_place place = thaw_document_place(reading->document, at);

    return thaw_project_add_fact(reading->project, kind, value, reading->resource, &place)
               ? 0
               : -ENOMEM;
}

/* Kinds whose values are told in lower case (include/thaw/project.h). */
static bool is_lower(enum thaw_fact_kind kind)
{
    return kind == THAW_FACT_RUNTIME || kind == THAW_FACT_DEPLOYMENT_STORAGE;
}

static int add_text(struct thaw_setting_reading *reading, enum thaw_fact_kind kind,
                    const char *text, uint32_t at)
{
    char lower[64];
    size_t length = strlen(text);

    if (!is_lower(kind) || length >= sizeof(lower))
        return *text ? add_fact(reading, kind, text, at) : 0;
    for (size_t i = 0; i <= length; i++)
        lower[i] = (char)tolower((unsigned char)text[i]);
    return *lower ? add_fact(reading, kind, lower, at) : 0;
}

/* A text that says something, a number or a boolean; else there is no fact. */
static int add_value(struct thaw_setting_reading *reading, enum thaw_fact_kind kind,
                     struct part part)
{
    char buffer[32];

    if (json_is_string(part.json))
        return add_text(reading, kind, json_string_value(part.json), part.at);
    if (json_is_boolean(part.json))
        return add_fact(reading, kind, json_is_true(part.json) ? "true" : "false", part.at);
    if (!json_is_integer(part.json))
        return 0;
    snprintf(buffer, sizeof(buffer), "%" JSON_INTEGER_FORMAT, json_integer_value(part.json));
    return add_fact(reading, kind, buffer, part.at);
}

struct fact_row {
    const char *path;
    enum thaw_fact_kind kind;
};

static int add_rows(struct thaw_setting_reading *reading, struct part part,
                    const struct fact_row *rows, size_t count)
{
    int code = 0;

    for (size_t i = 0; !code && i < count; i++)
        code = add_value(reading, rows[i].kind, find(reading, part, rows[i].path));
    return code;
}

static int set_resource(struct thaw_setting_reading *reading, struct part name)
{
    if (json_is_string(name.json))
        reading->resource =
            thaw_arena_string(&reading->project->memory->arena,
                              thaw_setting_name_shown(json_string_value(name.json)));
    return reading->resource ? 0 : -ENOMEM;
}

/* --- Azure --------------------------------------------------------------------------------------
 */

/* Where the plan is told; a place that is none: nowhere. */
static int add_plan(struct thaw_setting_reading *reading, struct part root, struct part site)
{
    struct part kind = find(reading, root, "kind");
    struct part sku = find(reading, site, "sku");
    struct part flex = find(reading, site, "functionAppConfig");
    const char *plan;

    if (json_is_string(kind.json) && strcasestr(json_string_value(kind.json), "azurecontainerapps"))
        return add_fact(reading, THAW_FACT_PLAN, "container-apps", kind.at);
    if (json_is_object(flex.json))
        return add_fact(reading, THAW_FACT_PLAN, "flex", flex.at);
    /* What ARM calls "sku" of a site is the tier of its plan. */
    if (json_is_string(sku.json) && thaw_plan_of(NULL, json_string_value(sku.json), &plan) && *plan)
        return add_fact(reading, THAW_FACT_PLAN, plan, sku.at);
    return 0;
}

/* "reserved" is what ARM calls Linux. */
static int add_system(struct thaw_setting_reading *reading, struct part site)
{
    struct part reserved = find(reading, site, "reserved");

    if (!json_is_boolean(reserved.json))
        return 0;
    return add_fact(reading, THAW_FACT_OS, json_is_true(reserved.json) ? "linux" : "windows",
                    reserved.at);
}

static int add_always_ready(struct thaw_setting_reading *reading, struct part list)
{
    uint32_t at = thaw_json_positions_first(&reading->document->positions, list.at);
    json_t *item;
    size_t index;
    int code = 0;

    json_array_foreach(list.json, index, item)
    {
        const json_t *name = json_object_get(item, "name");
        const json_t *count = json_object_get(item, "instanceCount");
        char value[100];

        snprintf(value, sizeof(value), "%s=%" JSON_INTEGER_FORMAT,
                 json_is_string(name) ? json_string_value(name) : "", json_integer_value(count));
        if (!code && index < 1000)
            code =
                add_fact(reading, THAW_FACT_ALWAYS_READY, json_is_integer(count) ? value : "", at);
        at = thaw_json_positions_next(&reading->document->positions, at);
    }
    return code;
}

int thaw_exported_site(struct thaw_setting_reading *reading, const json_t *json, uint32_t at)
{
    static const struct fact_row rows[] = {
        {"siteConfig.linuxFxVersion", THAW_FACT_STACK},
        {"siteConfig.alwaysOn", THAW_FACT_ALWAYS_ON},
        {"siteConfig.functionAppScaleLimit", THAW_FACT_SCALE_LIMIT},
        {"siteConfig.minimumElasticInstanceCount", THAW_FACT_MINIMUM_ELASTIC},
        {"siteConfig.preWarmedInstanceCount", THAW_FACT_PREWARMED},
        {"functionAppConfig.runtime.name", THAW_FACT_RUNTIME},
        {"functionAppConfig.runtime.version", THAW_FACT_PYTHON},
        {"functionAppConfig.scaleAndConcurrency.maximumInstanceCount", THAW_FACT_MAXIMUM_INSTANCES},
        {"functionAppConfig.scaleAndConcurrency.instanceMemoryMB", THAW_FACT_INSTANCE_MEMORY},
        {"functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency",
         THAW_FACT_HTTP_CONCURRENCY},
        {"functionAppConfig.deployment.storage.authentication.type", THAW_FACT_DEPLOYMENT_STORAGE},
    };
    struct part root = {json, at}, site = find(reading, root, "properties"), settings, ready;
    int code = set_resource(reading, find(reading, root, "name"));

    if (!json_is_object(site.json))
        site = root;
    settings = find(reading, site, "siteConfig.appSettings");
    ready = find(reading, site, "functionAppConfig.scaleAndConcurrency.alwaysReady");
    if (!code)
        code = add_plan(reading, root, site);
    if (!code)
        code = add_system(reading, site);
    if (!code)
        code = add_rows(reading, site, rows, sizeof(rows) / sizeof(*rows));
    if (!code && json_is_array(ready.json))
        code = add_always_ready(reading, ready);
    if (code || !json_is_array(settings.json)) /* null: they were left out of the answer */
        return code;
    reading->project->has_exported_settings = true;
    return thaw_setting_take_list(reading, settings.json, settings.at);
}

/* --- AWS ----------------------------------------------------------------------------------------
 */

/* "arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION" without all before the layer. */
static int add_layer(struct thaw_setting_reading *reading, const json_t *item, uint32_t at)
{
    const json_t *name = json_is_object(item) ? json_object_get(item, "Arn") : item;
    const char *layer;

    if (!json_is_string(name))
        return 0;
    layer = strstr(json_string_value(name), ":layer:");
    return layer ? add_fact(reading, THAW_FACT_LAYER, layer + strlen(":layer:"), at) : 0;
}

static int add_layers(struct thaw_setting_reading *reading, struct part list)
{
    uint32_t at = thaw_json_positions_first(&reading->document->positions, list.at);
    json_t *item;
    size_t index;
    int code = 0;

    json_array_foreach(list.json, index, item)
    {
        if (!code && index < 1000)
            code = add_layer(reading, item, at);
        at = thaw_json_positions_next(&reading->document->positions, at);
    }
    return code;
}

int thaw_exported_lambda(struct thaw_setting_reading *reading, const json_t *json, uint32_t at)
{
    static const struct fact_row rows[] = {
        {"FunctionName", THAW_FACT_FUNCTION},
        {"MemorySize", THAW_FACT_MEMORY},
        {"Timeout", THAW_FACT_TIMEOUT},
        {"Runtime", THAW_FACT_LAMBDA_RUNTIME},
        {"Handler", THAW_FACT_HANDLER},
        {"PackageType", THAW_FACT_PACKAGE_TYPE},
        {"SnapStart.ApplyOn", THAW_FACT_SNAP_START},
    };
    struct part function = {json, at}, architectures, variables;
    int code = set_resource(reading, find(reading, function, "FunctionName"));

    architectures = find(reading, function, "Architectures");
    variables = find(reading, function, "Environment.Variables");
    if (!code)
        code = add_rows(reading, function, rows, sizeof(rows) / sizeof(*rows));
    if (!code && json_is_array(architectures.json))
        code = add_value(reading, THAW_FACT_ARCHITECTURE,
                         (struct part){json_array_get(architectures.json, 0), architectures.at});
    if (!code)
        code = add_layers(reading, find(reading, function, "Layers"));
    return code ? code : thaw_setting_take_members(reading, variables.json, variables.at);
}
