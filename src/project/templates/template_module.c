/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "project/templates/template.h"

/* Modules of Bicep: the verified ones, and files that a template names. */

/* Verified modules that take what a resource has; all others of one resource ("avm/res"), and those
 * that give rights, have nothing to do with functions. */
static const struct {
    const char *path, *type;
} modules[] = {
    {"avm/res/web/serverfarm", "Microsoft.Web/serverfarms"},
    {"avm/res/web/site", "Microsoft.Web/sites"},
    {"avm/res/app/container-app", "Microsoft.App/containerApps"},
    {"avm/res/insights/metric-alert", "Microsoft.Insights/metricAlerts"},
    {"avm/res/insights/scheduled-query-rule", "Microsoft.Insights/scheduledQueryRules"},
    {"avm/res/insights/activity-log-alert", "Microsoft.Insights/activityLogAlerts"},
};

/* "br/public:avm/res/web/site:0.15.1" → what stands between its colons; NULL: no such one. */
static const char *verified(const char *path, size_t *length)
{
    static const char *const beginnings[] = {"br/public:", "br:mcr.microsoft.com/bicep/"};

    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
        size_t own = strlen(beginnings[i]);

        if (!strncmp(path, beginnings[i], own) &&
            (!strncmp(path + own, "avm/res/", 8) ||
             !strncmp(path + own, "avm/ptn/authorization/", 22))) {
            *length = strcspn(path + own, ":");
            return path + own;
        }
    }
    return NULL;
}

const char *thaw_template_verified(const char *path, bool *ret_verified)
{
    size_t length = 0;
    const char *own = verified(path, &length);

    *ret_verified = own != NULL;
    for (size_t i = 0; own && i < sizeof(modules) / sizeof(modules[0]); i++)
        if (strlen(modules[i].path) == length && !memcmp(own, modules[i].path, length))
            return modules[i].type;
    return NULL;
}

/* --- files --------------------------------------------------------------------------------------
 */

#define PATH_BYTES_MAX 512

/* Adds what stands between two slashes; false: it leads out of the app. */
static bool add_step(char *path, size_t *length, const char *step, size_t own)
{
    if (!own || (own == 1 && step[0] == '.'))
        return true;
    if (own == 2 && !memcmp(step, "..", 2)) {
        if (!*length)
            return false;
        while (*length && path[*length - 1] != '/')
            --*length;
        *length -= *length > 0;
        path[*length] = '\0';
        return true;
    }
    if (*length + own + 2 > PATH_BYTES_MAX)
        return false;
    if (*length)
        path[(*length)++] = '/';
    memcpy(path + *length, step, own);
    *length += own;
    path[*length] = '\0';
    return true;
}

static bool add_steps(char *path, size_t *length, const char *steps, size_t own)
{
    while (own) {
        const char *slash = memchr(steps, '/', own);
        size_t step = slash ? (size_t)(slash - steps) : own;

        if (!add_step(path, length, steps, step))
            return false;
        steps += step + (slash != NULL);
        own -= step + (slash != NULL);
    }
    return true;
}

const char *thaw_template_module_file(struct thaw_template *template, const char *from,
                                      const char *written)
{
    char path[PATH_BYTES_MAX] = "";
    const char *slash = strrchr(from, '/'), *kept;
    size_t length = 0, end = strlen(written);

    if (from[0] == '/' || written[0] == '/' || strchr(written, ':') || end < 6 ||
        strcmp(written + end - 6, ".bicep"))
        return NULL;
    if (!add_steps(path, &length, from, slash ? (size_t)(slash - from) : 0) ||
        !add_steps(path, &length, written, end))
        return NULL;
    kept = thaw_arena_string(&template->tree.arena, path);
    if (!kept)
        thaw_template_fail(template, -ENOMEM);
    return kept;
}

/* --- what was followed --------------------------------------------------------------------------
 */

bool thaw_template_is_followed(const struct thaw_project *project, const char *file)
{
    for (const struct thaw_template_module *one = project->memory->template_modules; one;
         one = one->next)
        if (!strcmp(one->file, file))
            return true;
    return false;
}

/* What it said when it was read alone: without what it is given. */
static void take_back(struct thaw_project_memory *memory, const char *file)
{
    size_t kept = 0;

    for (size_t i = 0; i < memory->facts.count; i++)
        if (strcmp(memory->facts.items[i].place.file, file))
            memory->facts.items[kept++] = memory->facts.items[i];
    memory->facts.count = kept;
    kept = 0;
    for (size_t i = 0; i < memory->settings.count; i++)
        if (strcmp(memory->settings.items[i].place.file, file))
            memory->settings.items[kept++] = memory->settings.items[i];
    memory->settings.count = kept;
    kept = 0;
    for (size_t i = 0; i < memory->templates.count; i++)
        if (strcmp(memory->templates.items[i].file, file))
            memory->templates.items[kept++] = memory->templates.items[i];
    memory->templates.count = kept;
}

int thaw_template_follow(struct thaw_project *project, const char *file)
{
    struct thaw_project_memory *memory = project->memory;
    struct thaw_template_module *module;

    if (thaw_template_is_followed(project, file))
        return 0;
    module = thaw_arena_allocate(&memory->arena, sizeof(*module));
    file = thaw_project_file(project, file);
    if (!module || !file)
        return -ENOMEM;
    take_back(memory, file);
    *module = (struct thaw_template_module){.file = file, .next = memory->template_modules};
    memory->template_modules = module;
    return 0;
}
