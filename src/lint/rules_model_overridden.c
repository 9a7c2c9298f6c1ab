/* SPDX-License-Identifier: Apache-2.0 */
/* The model: values of host.json that a setting takes the place of. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

static const char prefix[] = "AzureFunctionsJobHost__";

/* "AzureFunctionsJobHost__logging__logLevel__default" as "logging.logLevel.default"; "" it is no
 * such setting. */
static const char *path_of(struct thaw_lint *lint, const char *name)
{
    const char *path = "";

    if (strncasecmp(name, prefix, sizeof(prefix) - 1) != 0)
        return "";
    for (const char *key = name + sizeof(prefix) - 1; *key;) {
        const char *end = strstr(key, "__");
        int length = (int)(end ? (size_t)(end - key) : strlen(key));

        path = thaw_lint_text(lint, "%s%s%.*s", path, *path ? "." : "", length, key);
        key += (size_t)length + (end ? 2 : 0);
    }
    return path;
}

/* Is it the same value? Of booleans and words case counts not, of numbers how they are written. */
static bool is_same(const json_t *value, const char *text)
{
    double number;

    if (json_is_boolean(value))
        return json_is_true(value) ? thaw_lint_is_true(text) : thaw_lint_is_false(text);
    if (json_is_number(value))
        return thaw_lint_number(text, &number) && number == json_number_value(value);
    return !strcasecmp(json_string_value(value), text);
}

static const char *written(struct thaw_lint *lint, const json_t *value)
{
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    return json_is_string(value) ? json_string_value(value)
                                 : thaw_lint_text(lint, "%g", json_number_value(value));
}

static void check(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        const char *path =
            setting->origin == THAW_SETTING_LOCAL ? "" : path_of(lint, setting->name);
        struct thaw_project_place place;
        const json_t *value = *path ? thaw_project_host(lint->project, path, &place, NULL) : NULL;
        struct thaw_lint_finding *finding;

        /* What a template computes may be what the file says. */
        if ((!json_is_string(value) && !json_is_number(value) && !json_is_boolean(value)) ||
            setting->shape == THAW_SHAPE_UNKNOWN ||
            (setting->value && is_same(value, setting->value)))
            continue;
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                                setting->value
                                    ? "%s of host.json is %s, and %s where it is deployed"
                                    : "%s of host.json, %s, is overridden where it is deployed",
                                path, written(lint, value), setting->value);
        thaw_lint_evidence(lint, finding, "%s: %s is %s", thaw_lint_place_text(lint, &place), path,
                           written(lint, value));
        thaw_lint_evidence(lint, finding, "%s: %s%s%s", thaw_lint_place_text(lint, &setting->place),
                           setting->name, setting->value ? " is " : " is set",
                           setting->value ? setting->value : "");
        thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", setting->name));
        thaw_lint_fix(lint, finding,
                      "if that is meant, say so in host.json by a comment; else remove the "
                      "setting, or give both the same value");
        if (!setting->value)
            thaw_lint_confidence(finding, "medium"); /* they may be the same */
    }
}

static bool has_host_and_settings(const struct thaw_lint *lint)
{
    return thaw_lint_has_host(lint) && thaw_lint_has_settings(lint);
}

const struct thaw_lint_rule thaw_rule_host_value_overridden = {
    .kind =
        {
            .id = "host-value-overridden",
            .severity = "note",
            .title = "a setting takes the place of a value of host.json",
            .needs = "host.json, and the settings that are deployed",
            .explanation =
                "A setting AzureFunctionsJobHost__path__to__key counts instead of that value of "
                "host.json. It is there to change one thing without a deployment, such as a log "
                "level while an error is looked for; and it stays. Who reads host.json afterwards "
                "reads what is not in effect, and changes of the file do nothing.\n"
                "\n"
                "How to change it: remove the setting when it has done its work (az functionapp "
                "config appsettings delete --setting-names NAME, with the app's --name and "
                "--resource-group), or put its value into host.json. Where the value is to differ "
                "by environment, say so in host.json, which may have comments.\n"
                "\n"
                "What may go wrong: removing it starts the app anew.\n"
                "\n"
                "Values of settings are known only where they are numbers, truth values and single "
                "words. Of others it is only told that they override; they may be the same, and "
                "confidence is medium.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_host_and_settings,
    .check = check,
};
