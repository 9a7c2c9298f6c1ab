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

/* May the text be shown? Where anything may stand a secret may, too. */
static bool is_open_text(const json_t *entry, const char *text)
{
    double number;

    return thaw_lint_fact_lists(entry, "values", text) || thaw_lint_is_true(text) ||
           thaw_lint_is_false(text) || thaw_lint_number(text, &number) ||
           (!strcmp(thaw_lint_fact_text(entry, "type"), "timespan") &&
            thaw_lint_seconds(text) >= 0);
}

/* The facts have to know the key itself: what an extension of the user's own takes may be secret,
 * and so may be the parts of a connection that "*" stands for. */
static bool is_open(struct thaw_lint *lint, const char *path, const json_t *value,
                    const struct thaw_setting *setting)
{
    const json_t *entry = thaw_lint_azure_fact(lint, "host", path);

    if (json_is_boolean(value) && setting->value &&
        (thaw_lint_is_true(setting->value) || thaw_lint_is_false(setting->value)))
        return true;
    if (!entry ||
        (strchr(thaw_lint_fact_text(entry, "id"), '*') && !json_object_get(entry, "values")))
        return false;
    return is_open_text(entry, written(lint, value)) &&
           (!setting->value || is_open_text(entry, setting->value));
}

static void tell_values(struct thaw_lint *lint, struct thaw_lint_finding *finding, const char *path,
                        const struct thaw_project_place *place, const json_t *value,
                        const struct thaw_setting *setting, bool open)
{
    const char *by = open && setting->value ? setting->value : "";

    thaw_lint_evidence(lint, finding, "%s: %s is %s", thaw_lint_place_text(lint, place), path,
                       open ? written(lint, value) : "set");
    thaw_lint_evidence(lint, finding, "%s: %s is %s%s", thaw_lint_place_text(lint, &setting->place),
                       setting->name, *by ? by : "set",
                       setting->value && !open ? ", and differs" : "");
}

static void tell(struct thaw_lint *lint, const struct thaw_lint_rule *rule, const char *path,
                 const struct thaw_project_place *place, const json_t *value,
                 const struct thaw_setting *setting)
{
    bool open = is_open(lint, path, value, setting);
    struct thaw_lint_finding *finding;

    if (!open)
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                                "%s of host.json is overridden where it is deployed", path);
    else if (!setting->value)
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                                "%s of host.json, %s, is overridden where it is deployed", path,
                                written(lint, value));
    else
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name,
                                "%s of host.json is %s, and %s where it is deployed", path,
                                written(lint, value), setting->value);
    tell_values(lint, finding, path, place, value, setting, open);
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", setting->name));
    thaw_lint_fix(lint, finding,
                  "if that is meant, say so in host.json by a comment; else remove the "
                  "setting, or give both the same value");
    if (!setting->value)
        thaw_lint_confidence(finding, "medium"); /* they may be the same */
}

static void check(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        const char *path =
            setting->origin == THAW_SETTING_LOCAL ? "" : path_of(lint, setting->name);
        struct thaw_project_place place;
        const json_t *value = *path ? thaw_project_host(lint->project, path, &place, NULL) : NULL;

        /* What a template computes may be what the file says. */
        if ((!json_is_string(value) && !json_is_number(value) && !json_is_boolean(value)) ||
            setting->shape == THAW_SHAPE_UNKNOWN ||
            (setting->value && is_same(value, setting->value)))
            continue;
        tell(lint, rule, path, &place, value, setting);
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
                "confidence is medium. Values are shown only of keys that thaw knows and that take "
                "numbers, times or certain words: others may be secret.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_host_and_settings,
    .check = check,
};
