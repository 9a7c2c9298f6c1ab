/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "project/build.h"
#include "project/document.h"

/* --- host.json -------------------------------------------------------------------------------- */

/* What is left of text behind a separator at its beginning: "__", ":" (of Windows); NULL: none is
 * there. */
static const char *behind_separator(const char *text)
{
    if (text[0] == '_' && text[1] == '_')
        return text + 2;
    return text[0] == ':' ? text + 1 : NULL;
}

/* Is it AzureFunctionsJobHost__extensions__http of extensions.http? */
static bool overrides(const char *name, const char *path)
{
    static const char prefix[] = "AzureFunctionsJobHost";
    const char *rest;

    if (strncasecmp(name, prefix, sizeof(prefix) - 1))
        return false;
    for (rest = behind_separator(name + sizeof(prefix) - 1); rest && *rest; path++) {
        if (*path == '.' && behind_separator(rest))
            rest = behind_separator(rest);
        else if (*path && tolower((unsigned char)*path) == tolower((unsigned char)*rest))
            rest++;
        else
            return false;
    }
    return rest && !*path;
}

const struct json_t *thaw_project_host(const struct thaw_project *project, const char *path,
                                       struct thaw_project_place *place,
                                       const struct thaw_setting **ret_by)
{
    uint32_t at = THAW_JSON_NO_VALUE;
    const json_t *value = project->host ? thaw_document_find(project->host, path, &at) : NULL;

    if (place)
        *place = value ? thaw_document_place(project->host, at)
                       : (struct thaw_project_place){.file = ""};
    if (ret_by)
        *ret_by = NULL;
    for (size_t i = 0; ret_by && *path && i < project->setting_count; i++) {
        const struct thaw_setting *setting = &project->settings[i];

        if (setting->origin != THAW_SETTING_LOCAL && overrides(setting->name, path)) {
            *ret_by = setting;
            break;
        }
    }
    return value;
}

/* --- settings, facts, templates -----------------------------------------------------------------
 */

const struct thaw_setting *thaw_project_setting(const struct thaw_project *project,
                                                const char *name, const struct thaw_setting *after)
{
    size_t i = after ? (size_t)(after - project->settings) + 1 : 0;

    for (; i < project->setting_count; i++)
        if (!strcasecmp(project->settings[i].name, name))
            return &project->settings[i];
    return NULL;
}

const struct thaw_project_fact *thaw_project_fact(const struct thaw_project *project,
                                                  enum thaw_fact_kind kind,
                                                  const struct thaw_project_fact *after)
{
    size_t i = after ? (size_t)(after - project->facts) + 1 : 0;

    for (; i < project->fact_count; i++)
        if (project->facts[i].kind == kind)
            return &project->facts[i];
    return NULL;
}

uint64_t thaw_project_unread(const struct thaw_project *project)
{
    uint64_t unread = 0;

    for (size_t i = 0; i < project->template_count; i++)
        if (__builtin_add_overflow(unread, project->templates[i].unread, &unread))
            return UINT64_MAX;
    return unread;
}

const char *thaw_fact_name(enum thaw_fact_kind kind)
{
    static const char *const names[THAW_FACT_KINDS] = {
        [THAW_FACT_PLAN] = "plan",
        [THAW_FACT_SKU] = "sku",
        [THAW_FACT_OS] = "operating-system",
        [THAW_FACT_STACK] = "stack",
        [THAW_FACT_RUNTIME] = "runtime",
        [THAW_FACT_PYTHON] = "python",
        [THAW_FACT_ALWAYS_READY] = "always-ready",
        [THAW_FACT_PREWARMED] = "pre-warmed",
        [THAW_FACT_MINIMUM_ELASTIC] = "minimum-elastic-instances",
        [THAW_FACT_MAXIMUM_INSTANCES] = "maximum-instances",
        [THAW_FACT_SCALE_LIMIT] = "scale-limit",
        [THAW_FACT_INSTANCE_MEMORY] = "instance-memory",
        [THAW_FACT_HTTP_CONCURRENCY] = "http-concurrency",
        [THAW_FACT_ALWAYS_ON] = "always-on",
        [THAW_FACT_SLOT] = "slot",
        [THAW_FACT_ALERT] = "alert",
        [THAW_FACT_DEPLOYMENT_STORAGE] = "deployment-storage",
        [THAW_FACT_MINIMUM_REPLICAS] = "minimum-replicas",
        [THAW_FACT_FUNCTION] = "function",
        [THAW_FACT_MEMORY] = "memory",
        [THAW_FACT_TIMEOUT] = "timeout",
        [THAW_FACT_LAMBDA_RUNTIME] = "lambda-runtime",
        [THAW_FACT_HANDLER] = "handler",
        [THAW_FACT_ARCHITECTURE] = "architecture",
        [THAW_FACT_LAYER] = "layer",
        [THAW_FACT_PACKAGE_TYPE] = "package-type",
        [THAW_FACT_PROVISIONED] = "provisioned-concurrency",
        [THAW_FACT_SNAP_START] = "snap-start",
        [THAW_FACT_EVENT] = "event",
        [THAW_FACT_CODE] = "code",
        [THAW_FACT_VISIBILITY] = "queue-visibility",
        [THAW_FACT_BASE_IMAGE] = "base-image",
    };

    return (unsigned)kind < THAW_FACT_KINDS ? names[kind] : "";
}

/* --- functions -------------------------------------------------------------------------------- */

const struct thaw_app_binding *thaw_app_trigger(const struct thaw_app_function *function)
{
    for (size_t i = 0; i < function->binding_count; i++)
        if (function->bindings[i].is_trigger)
            return &function->bindings[i];
    return NULL;
}
