/* SPDX-License-Identifier: Apache-2.0 */
/* The model: connections of bindings whose setting isn't there. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

#define STORAGE "AzureWebJobsStorage"

/* Bindings that use the host's own storage where they name no connection. */
static bool uses_storage(const char *type)
{
    static const char *const types[] = {"queueTrigger", "queue", "blobTrigger", "blob", "table"};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (!strcasecmp(type, types[i]))
            return true;
    return false;
}

/* The name of the setting, "" none, or not known. */
static const char *connection_of(const struct thaw_app_binding *binding)
{
    if (!binding->connection || !binding->type || strchr(binding->connection, '%'))
        return "";
    if (!*binding->connection && uses_storage(binding->type))
        return STORAGE;
    return binding->connection;
}

struct sought {
    const char *name;
    bool deployed, local; /* where it is */
    const struct thaw_setting *empty;
};

static bool is_named(const struct thaw_setting *setting, const char *prefix, const char *name)
{
    size_t prefix_length = strlen(prefix), length = strlen(name);
    const char *rest;

    if (strlen(setting->name) < prefix_length + length ||
        strncasecmp(setting->name, prefix, prefix_length) != 0 ||
        strncasecmp(setting->name + prefix_length, name, length) != 0)
        return false;
    rest = setting->name + prefix_length + length;
    return !*rest || !strncmp(rest, "__", 2) || *rest == ':';
}

/* The host looks for the name itself, with its own prefix, and among connection strings; what is
 * behind "__" are the parts of a connection by identity. */
static void seek(const struct thaw_lint *lint, struct sought *sought)
{
    static const char *const prefixes[] = {"", "AzureWebJobs",
                                           "ConnectionStrings:", "ConnectionStrings__"};

    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];

        for (size_t j = 0; j < sizeof(prefixes) / sizeof(*prefixes); j++) {
            if (!is_named(setting, prefixes[j], sought->name))
                continue;
            if (setting->origin == THAW_SETTING_LOCAL)
                sought->local = true;
            else if (setting->shape == THAW_SHAPE_EMPTY)
                sought->empty = setting;
            else
                sought->deployed = true;
        }
    }
}

static bool has_local_settings(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->setting_count; i++)
        if (lint->project->settings[i].origin == THAW_SETTING_LOCAL)
            return true;
    return false;
}

static struct thaw_lint_finding *tell(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                                      const struct sought *sought,
                                      const struct thaw_app_binding *binding)
{
    bool is_known = thaw_lint_knows_settings(lint);
    struct thaw_lint_finding *finding;

    if (sought->deployed ||
        (!is_known && !sought->empty && (sought->local || !has_local_settings(lint))))
        return NULL;
    finding = thaw_lint_add(lint, rule, &binding->place, sought->name,
                            sought->empty ? "the setting %s, a binding's connection, is empty"
                            : is_known    ? "no setting %s, which a binding has for its connection"
                                          : "local.settings.json has no %s, a binding's connection",
                            sought->name);
    if (sought->empty)
        thaw_lint_evidence(lint, finding, "%s is set to nothing: %s", sought->empty->name,
                           thaw_lint_place_text(lint, &sought->empty->place));
    else if (is_known && sought->local)
        thaw_lint_evidence(lint, finding, "it is in local.settings.json, which is not deployed");
    if (!is_known && !sought->empty)
        thaw_lint_severity(finding, "note");
    thaw_lint_fix(lint, finding,
                  "set %s, or %s__… for a connection by identity, or correct the binding's "
                  "connection",
                  sought->name, sought->name);
    return finding;
}

/* Is it the first binding with its connection? */
static bool is_first(const struct thaw_lint *lint, size_t function, size_t binding,
                     const char *name)
{
    for (size_t i = 0; i <= function; i++) {
        const struct thaw_app_function *one = &lint->project->functions[i];

        for (size_t j = 0; thaw_lint_is_live(one) && j < one->binding_count; j++) {
            if (i == function && j == binding)
                return true;
            if (!strcasecmp(connection_of(&one->bindings[j]), name))
                return false;
        }
    }
    return true;
}

static void list_users(struct thaw_lint *lint, struct thaw_lint_finding *finding, const char *name)
{
    for (size_t i = 0; finding && i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        for (size_t j = 0; thaw_lint_is_live(function) && j < function->binding_count; j++) {
            const struct thaw_app_binding *binding = &function->bindings[j];

            if (!strcasecmp(connection_of(binding), name))
                thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_function_text(lint, function),
                                   binding->type);
        }
    }
}

static void check_connection(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        for (size_t j = 0; thaw_lint_is_live(function) && j < function->binding_count; j++) {
            struct sought sought = {.name = connection_of(&function->bindings[j])};
            struct thaw_lint_finding *finding;

            if (!*sought.name || !is_first(lint, i, j, sought.name))
                continue;
            seek(lint, &sought);
            finding = tell(lint, rule, &sought, &function->bindings[j]);
            list_users(lint, finding, sought.name);
            thaw_lint_source(lint, finding,
                             thaw_lint_azure_fact(lint, "bindings", function->bindings[j].type));
        }
    }
}

const struct thaw_lint_rule thaw_rule_connection_not_set = {
    .kind =
        {
            .id = "connection-not-set",
            .severity = "error",
            .title = "a binding's connection names a setting that is not there",
            .needs = "the app's functions",
            .explanation =
                "A binding says under \"connection\" the name of a setting, never the connection "
                "string. Where no setting has that name the host can't start the function's "
                "listener: the function is there, and nothing ever calls it.\n"
                "\n"
                "A name counts as set if the setting itself is, or NAME__fullyQualifiedNamespace, "
                "NAME__serviceUri and the like (a connection by identity), also with the host's "
                "prefix AzureWebJobs. Bindings of storage without a connection use "
                "AzureWebJobsStorage.\n"
                "\n"
                "That a setting is missing can be told where all deployed ones are known: exported "
                "settings (--settings), or a template that was read as a whole. With nothing but "
                "local.settings.json it is a note about that file.\n"
                "\n"
                "How to change it: connection=\"OrdersQueue\" needs the setting OrdersQueue, or "
                "OrdersQueue__queueServiceUri and a managed identity with the right role.\n"
                "\n"
                "What may go wrong: a connection string written in the binding itself is taken for "
                "a name, and its secret is in the source.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_connection,
};
