/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/settings/setting_reading.h"

/*
 * Settings as the platforms' tools export them. All are JSON, each is told by what it has:
 * - a list of {name, value, slotSetting}: `az functionapp config appsettings list`, and what the
 *   portal shows as "Advanced edit";
 * - "properties" of names and values: config/appsettings of ARM's REST API;
 * - "siteConfig" or "functionAppConfig", perhaps in "properties": `az functionapp show`, ARM's
 * site;
 * - "FunctionName" and more: `aws lambda get-function-configuration`, in "Configuration" of
 *   `aws lambda get-function`;
 * - "Values" or "appSettings" of names and values; or nothing but names and values.
 */
struct form {
    bool (*is)(const json_t *root);
    int (*take)(struct thaw_setting_reading *reading, const json_t *root);
    bool has_settings; /* by being of that form; else the reader says it */
};

static bool is_scalar(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

static bool has_only_scalars(const json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        if (!is_scalar(value))
            return false;
    }
    return json_is_object(object);
}

/* --- the forms ----------------------------------------------------------------------------------
 */

static bool is_list(const json_t *root)
{
    const json_t *item;
    size_t index;

    json_array_foreach(root, index, item)
    {
        if (json_is_string(json_object_get(item, "name")))
            return true;
    }
    return json_is_array(root) && json_array_size(root) == 0;
}

static int take_list(struct thaw_setting_reading *reading, const json_t *root)
{
    return thaw_setting_take_list(reading, root, 0);
}

static bool is_configuration(const json_t *object)
{
    return json_is_string(json_object_get(object, "FunctionName")) &&
           (json_object_get(object, "FunctionArn") || json_object_get(object, "Runtime") ||
            json_object_get(object, "PackageType") || json_object_get(object, "Environment"));
}

static bool is_lambda(const json_t *root)
{
    return is_configuration(root) || is_configuration(json_object_get(root, "Configuration"));
}

static int take_lambda(struct thaw_setting_reading *reading, const json_t *root)
{
    uint32_t at = 0;

    if (!is_configuration(root))
        root = thaw_member_of(reading->document, root, 0, "Configuration", &at);
    return thaw_exported_lambda(reading, root, at);
}

static bool is_site_itself(const json_t *object)
{
    return json_is_object(json_object_get(object, "siteConfig")) ||
           json_is_object(json_object_get(object, "functionAppConfig"));
}

static bool is_site(const json_t *root)
{
    return is_site_itself(root) || is_site_itself(json_object_get(root, "properties"));
}

static int take_site(struct thaw_setting_reading *reading, const json_t *root)
{
    return thaw_exported_site(reading, root, 0);
}

static int take_member(struct thaw_setting_reading *reading, const json_t *root, const char *key)
{
    uint32_t at;
    const json_t *value = thaw_member_of(reading->document, root, 0, key, &at);

    if (json_is_array(value))
        return thaw_setting_take_list(reading, value, at);
    return thaw_setting_take_members(reading, value, at);
}

static bool has_properties(const json_t *root)
{
    return has_only_scalars(json_object_get(root, "properties"));
}

static int take_properties(struct thaw_setting_reading *reading, const json_t *root)
{
    return take_member(reading, root, "properties");
}

static bool has_values(const json_t *root)
{
    return has_only_scalars(json_object_get(root, "Values"));
}

static int take_values(struct thaw_setting_reading *reading, const json_t *root)
{
    reading->is_encrypted = json_is_true(json_object_get(root, "IsEncrypted"));
    return take_member(reading, root, "Values");
}

static bool has_app_settings(const json_t *root)
{
    const json_t *settings = json_object_get(root, "appSettings");

    return has_only_scalars(settings) || is_list(settings);
}

static int take_app_settings(struct thaw_setting_reading *reading, const json_t *root)
{
    return take_member(reading, root, "appSettings");
}

static int take_plain(struct thaw_setting_reading *reading, const json_t *root)
{
    return thaw_setting_take_members(reading, root, 0);
}

static const struct form forms[] = {
    {is_list, take_list, true},           {is_lambda, take_lambda, true},
    {is_site, take_site, false},          {has_properties, take_properties, true},
    {has_values, take_values, true},      {has_app_settings, take_app_settings, true},
    {has_only_scalars, take_plain, true},
};

/* --- reading ------------------------------------------------------------------------------------
 */

static int refuse(struct thaw_error *error, const char *file)
{
    return thaw_error_set(error, -EINVAL,
                          "%s: no app settings: expected the JSON of `az functionapp config "
                          "appsettings list`, `az functionapp show` or `aws lambda "
                          "get-function-configuration`, or an object of names and texts",
                          file);
}

/* What was told as a problem, as an error. */
static int refuse_malformed(struct thaw_project *project, const char *file,
                            struct thaw_error *error)
{
    const struct thaw_problem *problem;

    if (!project->memory->problems.count)
        return refuse(error, file);
    problem = &project->memory->problems.items[project->memory->problems.count - 1];
    if (!problem->place.line)
        return thaw_error_set(error, -EINVAL, "%s: %s", file, problem->what);
    return thaw_error_set(error, -EINVAL, "%s:%u:%u: %s", file, problem->place.line,
                          problem->place.column, problem->what);
}

int thaw_read_exported_settings(struct thaw_project *project,
                                const struct thaw_project_input *input, struct thaw_error *error)
{
    struct thaw_setting_reading reading = {.project = project,
                                           .origin = THAW_SETTING_EXPORTED,
                                           .resource = ""};
    struct thaw_project_document *document;
    const struct form *form = NULL;
    int code = thaw_document_read(project, input, &document);

    if (code)
        return thaw_error_memory(error);
    if (!document)
        return refuse_malformed(project, input->file, error);
    reading.document = document;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms) && !form; i++)
        if (forms[i].is(document->root))
            form = &forms[i];
    if (form)
        code = form->take(&reading, document->root);
    if (form && form->has_settings)
        project->has_exported_settings = true;
    thaw_document_free(document);
    if (!form)
        return refuse(error, input->file);
    return code ? thaw_error_memory(error) : 0;
}
