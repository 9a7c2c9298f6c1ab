/* SPDX-License-Identifier: Apache-2.0 */
/* The model: settings and values of host.json that are in effect and do harm in production. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

/* A list of values for which it holds, else all that turn it on. */
static bool does_harm(const json_t *entry, const struct thaw_setting *setting)
{
    if (json_object_get(entry, "harms_when"))
        return setting->value && thaw_lint_fact_lists(entry, "harms_when", setting->value);
    if (setting->shape == THAW_SHAPE_UNKNOWN || setting->shape == THAW_SHAPE_EMPTY)
        return false;
    return !setting->value || (!thaw_lint_is_false(setting->value) &&
                               strcmp(setting->value, thaw_lint_fact_text(entry, "default")) != 0);
}

static void check_settings(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        const json_t *entry = thaw_lint_azure_fact(lint, "settings", setting->name);
        const char *why = thaw_lint_fact_text(entry, "harms");
        struct thaw_lint_finding *finding;

        /* The instrumentation key has rules of its own. */
        if (setting->origin == THAW_SETTING_LOCAL || !*why || !does_harm(entry, setting) ||
            *thaw_lint_fact_text(entry, "replaced_by"))
            continue;
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                                "%s is set, which does harm in production", setting->name);
        thaw_lint_evidence(lint, finding, "%s", why);
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding, "remove it where the app is deployed");
    }
}

static void check_host(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(thaw_lint_facts_section(lint->facts, "azure_functions", "host"), i, entry)
    {
        const json_t *harms = json_object_get(entry, "harms");
        const char *id = thaw_lint_fact_text(entry, "id"), *value, *why;
        struct thaw_lint_host_value found;
        struct thaw_lint_finding *finding;

        if (!json_is_object(harms) || !thaw_lint_host(lint, id, &found) || !*found.text)
            continue;
        value = found.text;
        why = thaw_lint_fact_text(harms, value);
        if (!*why)
            continue;
        finding = thaw_lint_add(lint, rule, &found.place, id,
                                "%s is %s, which does harm in "
                                "production",
                                id, value);
        thaw_lint_evidence(lint, finding, "%s", why);
        thaw_lint_source(lint, finding, entry);
        if (*thaw_lint_fact_text(entry, "default"))
            thaw_lint_fix(lint, finding, "remove it, or set it to %s",
                          thaw_lint_fact_text(entry, "default"));
        else
            thaw_lint_fix(lint, finding, "remove it");
    }
}

static void check_harmful(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    check_settings(lint, rule);
    if (thaw_lint_has_host(lint))
        check_host(lint, rule);
}

static bool has_either(const struct thaw_lint *lint)
{
    return thaw_lint_has_settings(lint) || thaw_lint_has_host(lint);
}

const struct thaw_lint_rule thaw_rule_harmful_setting = {
    .kind =
        {
            .id = "harmful-setting",
            .severity = "warning",
            .title = "something for debugging, or dear at a start, is on where the app is deployed",
            .needs = "the settings that are deployed, or host.json",
            .explanation =
                "Some settings are for a developer's machine, or for an hour of looking into "
                "something, and cost time at every start or call: PYTHONPROFILEIMPORTTIME, "
                "PYTHONDEVMODE, PYTHONASYNCIODEBUG, PYTHON_ENABLE_DEBUG_LOGGING; "
                "PYTHONDONTWRITEBYTECODE where no bytecode is shipped; fileLoggingMode \"always\" "
                "in host.json.\n"
                "\n"
                "Each is listed with what it does and its source. A setting that is 0, false or at "
                "its default is left alone, as is one that only local.settings.json has.\n"
                "\n"
                "How to change it: az functionapp config appsettings delete --setting-names NAME, "
                "with the app's --name and --resource-group.\n"
                "\n"
                "What may go wrong: who set it may still be looking at what it writes; ask first.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_either,
    .check = check_harmful,
};
