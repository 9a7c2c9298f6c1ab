/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "project/document.h"
#include "project/settings/setting_parts.h"
#include "project/settings/setting_reading.h"

/*
 * function.json: a function of the programming model v1, in a folder that has its name.
 * https://learn.microsoft.com/azure/azure-functions/functions-reference-python (v1) and the schema
 * at https://json.schemastore.org/function.json, read 2026-11-29.
 */
#define BINDINGS_MAX 1000
#define METHODS_MAX 32

struct reading {
    struct thaw_project *project;
    const struct thaw_project_document *document;
    struct thaw_app_function function;
};

static struct thaw_arena *arena_of(const struct reading *reading)
{
    return &reading->project->memory->arena;
}

static int complain(struct reading *reading, enum thaw_problem_kind kind, uint32_t at,
                    const char *fix, const char *what)
{
    struct thaw_project_place place = thaw_document_place(reading->document, at);

    return thaw_project_complain_to_do(reading->project, kind, &place, fix, "%s", what);
}

/* The text of a member: "" there is none, NULL in *ret: it is no text. 0 or -ENOMEM. */
static int take_text(struct reading *reading, const json_t *object, uint32_t at, const char *key,
                     const char **ret)
{
    uint32_t value_at;
    const json_t *value = thaw_member_of(reading->document, object, at, key, &value_at);

    *ret = value ? NULL : "";
    if (!json_is_string(value))
        return 0;
    *ret = thaw_arena_string(arena_of(reading), thaw_setting_name_shown(json_string_value(value)));
    return *ret ? 0 : -ENOMEM;
}

/* The first of several keys that is there. */
static int take_first(struct reading *reading, const json_t *object, uint32_t at,
                      const char *const *keys, const char **ret)
{
    int code = 0;

    *ret = "";
    for (; *keys && !code && *ret && !**ret; keys++)
        code = take_text(reading, object, at, *keys, ret);
    return code;
}

/* In lower case; NULL stays. */
static int make_lower(struct reading *reading, const char **text)
{
    size_t length = *text ? strlen(*text) : 0;
    char *lower;

    if (!length)
        return 0;
    lower = thaw_arena_bytes(arena_of(reading), length + 1);
    if (!lower)
        return -ENOMEM;
    for (size_t i = 0; i <= length; i++)
        lower[i] = (char)tolower((unsigned char)(*text)[i]);
    *text = lower;
    return 0;
}

/* --- bindings -----------------------------------------------------------------------------------
 */

static int take_methods(struct reading *reading, const json_t *object,
                        struct thaw_app_binding *binding)
{
    const json_t *item;
    size_t index;

    json_array_foreach(json_object_get(object, "methods"), index, item)
    {
        const char *method = json_string_value(item);
        char lower[16] = "";

        if (!method || strlen(method) >= sizeof(lower))
            continue;
        for (size_t i = 0; method[i]; i++)
            lower[i] = (char)tolower((unsigned char)method[i]);
        if (thaw_arena_add_text(arena_of(reading), &binding->methods, METHODS_MAX, lower,
                                strlen(lower)))
            return -ENOMEM;
    }
    return 0;
}

static bool ends_in_trigger(const char *type)
{
    static const char ending[] = "Trigger";
    size_t length = type ? strlen(type) : 0, own = sizeof(ending) - 1;

    return length >= own && !strcasecmp(type + length - own, ending);
}

static bool is_output(const json_t *object)
{
    const char *direction = json_string_value(json_object_get(object, "direction"));

    return direction && (!strcasecmp(direction, "out") || !strcasecmp(direction, "inout"));
}

/* A subscription of a topic is an entity with a path of its own. */
static int add_subscription(struct reading *reading, const json_t *object, uint32_t at,
                            struct thaw_app_binding *binding)
{
    const char *subscription;
    int code = take_text(reading, object, at, "subscriptionName", &subscription);

    if (code || !binding->path || !*binding->path || (subscription && !*subscription))
        return code;
    if (!subscription) { /* which one it is is not known, and so is the path */
        binding->path = NULL;
        return 0;
    }
    binding->path =
        thaw_arena_format(arena_of(reading), "%s/Subscriptions/%s", binding->path, subscription);
    return binding->path ? 0 : -ENOMEM;
}

static int take_texts(struct reading *reading, const json_t *object, uint32_t at,
                      struct thaw_app_binding *binding)
{
    /* As the extensions name what they are on; Cosmos DB's had other names up to version 3. */
    static const char *const paths[] = {
        "queueName",      "topicName", "path",  "eventHubName", "containerName",
        "collectionName", "tableName", "topic", "hubName",      NULL,
    };
    static const char *const connections[] = {"connection", "connectionStringSetting", NULL};
    int code = take_text(reading, object, at, "type", &binding->type);

    if (!code)
        code = take_text(reading, object, at, "name", &binding->parameter);
    if (!code)
        code = take_first(reading, object, at, connections, &binding->connection);
    binding->connection = thaw_setting_name_only(binding->connection);
    if (!code)
        code = take_text(reading, object, at, "route", &binding->route);
    if (!code)
        code = take_text(reading, object, at, "authLevel", &binding->auth_level);
    if (!code)
        code = make_lower(reading, &binding->auth_level);
    if (!code)
        code = take_text(reading, object, at, "schedule", &binding->schedule);
    if (!code)
        code = take_first(reading, object, at, paths, &binding->path);
    if (!code)
        code = add_subscription(reading, object, at, binding);
    return code ? code : take_methods(reading, object, binding);
}

static int take_binding(struct reading *reading, const json_t *object, uint32_t at)
{
    struct thaw_app_binding *binding = &reading->function.bindings[reading->function.binding_count];
    int code;

    if (!json_is_object(object))
        return complain(reading, THAW_PROBLEM_TYPE, at,
                        "write it as {\"type\": …, \"name\": …, \"direction\": …}",
                        "a binding has to be an object: it was passed over");
    code = take_texts(reading, object, at, binding);
    if (code)
        return code;
    binding->is_trigger = ends_in_trigger(binding->type);
    binding->is_output = !binding->is_trigger && is_output(object);
    binding->at_startup = json_is_true(json_object_get(object, "runOnStartup"));
    binding->place = thaw_document_place(reading->document, at);
    reading->function.binding_count++;
    if (!binding->type || !*binding->type)
        code = complain(reading, THAW_PROBLEM_TYPE, at,
                        "give the binding its \"type\", such as \"httpTrigger\"",
                        "a binding without a type: the host refuses the function");
    return code;
}

static int take_bindings(struct reading *reading, const json_t *list, uint32_t list_at)
{
    uint32_t at = thaw_json_positions_first(&reading->document->positions, list_at);
    size_t count = json_array_size(list);
    int code = 0;

    if (!json_is_array(list))
        return complain(reading, THAW_PROBLEM_TYPE, list_at == THAW_JSON_NO_VALUE ? 0 : list_at,
                        "write \"bindings\": [{\"type\": …, \"name\": …}]",
                        "bindings has to be a list with the function's trigger in it");
    if (count > BINDINGS_MAX) {
        count = BINDINGS_MAX;
        code = complain(reading, THAW_PROBLEM_CUT, list_at, "",
                        "more than 1000 bindings: those beyond were not read");
    }
    reading->function.bindings =
        thaw_arena_allocate(arena_of(reading), (count + 1) * sizeof(*reading->function.bindings));
    if (!reading->function.bindings)
        return -ENOMEM;
    for (size_t i = 0; i < count && !code; i++) {
        code = take_binding(reading, json_array_get(list, i), at);
        at = thaw_json_positions_next(&reading->document->positions, at);
    }
    return code;
}

static enum thaw_app_function_kind kind_of(const struct thaw_app_function *function)
{
    const struct thaw_app_binding *trigger = thaw_app_trigger(function);
    const char *type = trigger ? trigger->type : "";

    if (!strcasecmp(type, "orchestrationTrigger"))
        return THAW_FUNCTION_ORCHESTRATOR;
    if (!strcasecmp(type, "activityTrigger"))
        return THAW_FUNCTION_ACTIVITY;
    return strcasecmp(type, "entityTrigger") ? THAW_FUNCTION_PLAIN : THAW_FUNCTION_ENTITY;
}

/* --- where its handler is -----------------------------------------------------------------------
 */

/* "Orders/../shared/orders.py" is "shared/orders.py"; what leads out of the app stays as it is. */
static const char *plain_path(struct reading *reading, const char *folder, size_t folder_length,
                              const char *script)
{
    const char *joined =
        thaw_arena_format(arena_of(reading), "%.*s/%s", (int)folder_length, folder, script);
    char *plain = joined ? thaw_arena_allocate(arena_of(reading), strlen(joined) + 2) : NULL;
    const char *part = joined;
    size_t length = 0;

    if (!plain)
        return NULL;
    for (; *part; part += strspn(part, "/\\")) {
        size_t size = strcspn(part, "/\\");
        bool up = size == 2 && part[0] == '.' && part[1] == '.';

        if (up && !length)
            return joined;
        if (up) {
            const char *slash = memrchr(plain, '/', length);

            length = slash ? (size_t)(slash - plain) : 0;
        } else if (size && !(size == 1 && part[0] == '.')) {
            if (length)
                plain[length++] = '/';
            memcpy(plain + length, part, size);
            length += size;
        }
        part += size;
    }
    plain[length] = '\0';
    return plain;
}

/* Of "Orders/function.json" the folder is the function's name. */
static int take_names(struct reading *reading, const json_t *root)
{
    const char *file = reading->document->file;
    const char *slash = strrchr(file, '/');
    size_t length = slash ? (size_t)(slash - file) : 0;
    const char *above = length ? memrchr(file, '/', length) : NULL;
    const char *name = above ? above + 1 : file;
    const char *script = "", *entry = "";
    int code = take_text(reading, root, 0, "scriptFile", &script);

    if (!code)
        code = take_text(reading, root, 0, "entryPoint", &entry);
    if (code)
        return code;
    reading->function.name = thaw_setting_name_shown(
        thaw_arena_text(arena_of(reading), name, length - (size_t)(name - file)));
    reading->function.handler = entry && *entry ? entry : "main";
    reading->function.script =
        plain_path(reading, file, length, script && *script ? script : "__init__.py");
    return reading->function.name && reading->function.script ? 0 : -ENOMEM;
}

/* --- retry --------------------------------------------------------------------------------------
 */

static void take_retry(struct reading *reading, const json_t *root)
{
    struct thaw_app_function *function = &reading->function;
    uint32_t at, most_at;
    const json_t *retry = thaw_member_of(reading->document, root, 0, "retry", &at);
    const json_t *most;
    const char *strategy;

    function->retry_strategy = retry ? NULL : "";
    function->retry_most = INT64_MIN;
    function->retry_place.file = "";
    if (!retry)
        return;
    function->retry_place = thaw_document_place(reading->document, at);
    strategy = json_string_value(json_object_get(retry, "strategy"));
    if (strategy && !strcasecmp(strategy, "fixedDelay"))
        function->retry_strategy = "fixed_delay";
    if (strategy && !strcasecmp(strategy, "exponentialBackoff"))
        function->retry_strategy = "exponential_backoff";
    most = thaw_member_of(reading->document, retry, at, "maxRetryCount", &most_at);
    if (json_is_integer(most))
        function->retry_most = json_integer_value(most);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static int take_root(struct reading *reading, const json_t *root)
{
    struct thaw_app_function *added;
    uint32_t at;
    const json_t *bindings = thaw_member_of(reading->document, root, 0, "bindings", &at);
    int code = take_names(reading, root);

    reading->function.model = THAW_FUNCTION_V1;
    reading->function.app = "";
    reading->function.is_registered = true;
    reading->function.place = thaw_document_place(reading->document, 0);
    if (!code)
        code = take_bindings(reading, bindings, at);
    if (code)
        return code;
    reading->function.kind = kind_of(&reading->function);
    take_retry(reading, root);
    added = thaw_array_add(&reading->project->memory->functions);
    if (!added)
        return -ENOMEM;
    *added = reading->function;
    return 0;
}

int thaw_read_function_json(struct thaw_project *project, const struct thaw_project_input *input)
{
    struct thaw_project_document *document;
    int code = thaw_document_read_object(project, input, &document);

    if (code || !document)
        return code;
    if (!strchr(input->file, '/'))
        code = thaw_project_complain(
            project, THAW_PROBLEM_CUT, &(struct thaw_project_place){.file = document->file},
            "function.json has to be in a folder that has the function's name: here the host does "
            "not look for it");
    else
        code =
            take_root(&(struct reading){.project = project, .document = document}, document->root);
    thaw_document_free(document);
    return code;
}
