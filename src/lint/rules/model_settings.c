/* SPDX-License-Identifier: Apache-2.0 */
/* The model: app settings that nothing reads any more, or not here, or that are misspelt. */
#include <string.h>
#include <strings.h>

#include "base/closest.h"
#include "lint/look.h"
#include "lint/rules.h"
#include "packaging/version.h"

/* Shorter names are too easily close to one another. */
enum { NAME_LENGTH_MIN = 10, NAME_DISTANCE_MAX = 2 };

/* Rules of their own are about these. */
static bool is_told_elsewhere(const char *name)
{
    static const char *const names[] = {"APPINSIGHTS_INSTRUMENTATIONKEY",
                                        "WEBSITE_RUN_FROM_PACKAGE"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!strcasecmp(name, names[i]))
            return true;
    return false;
}

static const json_t *entry_of(const struct thaw_lint *lint, const struct thaw_setting *setting)
{
    return setting->origin == THAW_SETTING_LOCAL || is_told_elsewhere(setting->name)
               ? NULL
               : thaw_lint_azure_fact(lint, "settings", setting->name);
}

static void suggest_instead(struct thaw_lint *lint, struct thaw_lint_finding *finding,
                            const json_t *entry)
{
    const char *instead = thaw_lint_fact_instead(lint, entry);

    thaw_lint_source(lint, finding, entry);
    if (*instead)
        thaw_lint_fix(lint, finding, "remove it; what takes its place is %s", instead);
    else
        thaw_lint_fix(lint, finding, "remove it");
}

/* From which version of Python on it is gone, where the app has that or a later one; "" it isn't.
 */
static const char *gone_from(const struct thaw_lint *lint, const json_t *entry)
{
    const char *from = thaw_lint_fact_text(entry, "gone_from_python");
    const char *python = lint->project->python.value;

    return *from && *python && thaw_version_compare(python, from) >= 0 ? from : "";
}

static const char *gone_title(struct thaw_lint *lint, const struct thaw_setting *setting,
                              const char *runtime, const char *python)
{
    if (*runtime)
        return thaw_lint_text(lint, "%s is not read by the runtime from %s on", setting->name,
                              runtime);
    if (*python)
        return thaw_lint_text(lint, "%s is gone from Python %s on, the app has %s", setting->name,
                              python, lint->project->python.value);
    return thaw_lint_text(lint, "%s is a setting that no longer exists", setting->name);
}

static void check_gone(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        const json_t *entry = entry_of(lint, setting);
        const char *why = thaw_lint_fact_text(entry, "gone");
        const char *runtime = thaw_lint_fact_text(entry, "gone_from_runtime");
        const char *python = gone_from(lint, entry);
        struct thaw_lint_finding *finding;

        if (!*why && !*runtime && !*python)
            continue;
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name, "%s",
                                gone_title(lint, setting, runtime, python));
        if (*python)
            thaw_lint_evidence(lint, finding, "Python %s: %s", lint->project->python.value,
                               lint->project->python.reason);
        if (*why)
            thaw_lint_evidence(lint, finding, "%s", why);
        suggest_instead(lint, finding, entry);
    }
}

const struct thaw_lint_rule thaw_rule_setting_gone = {
    .kind =
        {
            .id = "setting-gone",
            .severity = "warning",
            .title = "a setting no longer exists",
            .needs = "the settings that are deployed",
            .explanation =
                "Settings outlive what they were for: tutorials and templates are copied, and the "
                "platform says nothing about a name that it does not read. Who finds it set takes "
                "it for granted that it is in effect.\n"
                "\n"
                "Each of these names is listed with the source that says it is gone, and since "
                "when. Some are gone from a version of Python on: from 3.13 the worker is another "
                "program, without worker extensions and shared memory. They are told where the "
                "app's version is known.\n"
                "\n"
                "How to change it: remove it (az functionapp config appsettings delete "
                "--setting-names NAME, with the app's --name and --resource-group), and set what "
                "took its place, if something did.\n"
                "\n"
                "What may go wrong: code of the app could read the same name from its environment; "
                "search for it first.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_gone,
};

/* --- values --- */

/* What is wrong with a value, "" nothing; *ret_fix says what to do. */
static const char *wrong_value(struct thaw_lint *lint, const json_t *entry, const char *value,
                               const char **ret_fix)
{
    double number, minimum, maximum;
    bool has_minimum = thaw_lint_fact_number(entry, "minimum", &minimum);
    bool has_maximum = thaw_lint_fact_number(entry, "maximum", &maximum);

    if (json_array_size(json_object_get(entry, "values"))) {
        *ret_fix =
            thaw_lint_text(lint, "use one of: %s", thaw_lint_fact_list(lint, entry, "values"));
        return thaw_lint_fact_lists(entry, "values", value)
                   ? ""
                   : thaw_lint_text(lint, "%s, which is none of its values", value);
    }
    if (!has_minimum && !has_maximum)
        return "";
    *ret_fix = has_minimum && has_maximum
                   ? thaw_lint_text(lint, "use a number from %g to %g", minimum, maximum)
               : has_minimum ? thaw_lint_text(lint, "use %g or more", minimum)
                             : thaw_lint_text(lint, "use %g or less", maximum);
    if (!thaw_lint_number(value, &number))
        return thaw_lint_text(lint, "%s, which is no whole number", value);
    if (has_minimum && number < minimum)
        return thaw_lint_text(lint, "%s, below the least that it may be, %g", value, minimum);
    if (has_maximum && number > maximum)
        return thaw_lint_text(lint, "%s, above the most that is documented, %g", value, maximum);
    return "";
}

static void check_out_of_range(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        const json_t *entry = entry_of(lint, setting);
        const char *fix = "", *wrong;
        struct thaw_lint_finding *finding;

        /* Of these a rule of its own says more. */
        if (!entry || !setting->value ||
            !strcasecmp(setting->name, "FUNCTIONS_EXTENSION_VERSION") ||
            !strcasecmp(setting->name, "FUNCTIONS_WORKER_RUNTIME"))
            continue;
        wrong = wrong_value(lint, entry, setting->value, &fix);
        if (!*wrong || *thaw_lint_without_effect(lint, setting->name))
            continue;
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name, "%s is %s",
                                setting->name, wrong);
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding, "%s", fix);
    }
}

const struct thaw_lint_rule thaw_rule_setting_out_of_range = {
    .kind =
        {
            .id = "setting-out-of-range",
            .severity = "warning",
            .title = "a setting has a value that the platform does not take",
            .needs = "the settings that are deployed, with the values of the platform's own ones",
            .explanation =
                "The platform does not refuse a setting whose value is out of its range: it falls "
                "back on the default, or takes the nearest one, and says so in a log at most. "
                "FUNCTIONS_WORKER_PROCESS_COUNT above 10 is an example.\n"
                "\n"
                "Only values of the platform's own settings are looked at, and only those that can "
                "be no secret: numbers, words, true and false. Values that a template computes are "
                "not known and not judged.\n"
                "\n"
                "How to change it: take a value of the range that the finding names.\n"
                "\n"
                "What may go wrong: a value out of range that \"worked\" was never in effect; the "
                "right one is, so watch memory and load after the change.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_out_of_range,
};

/* --- without effect here --- */

static void check_without_effect(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        const json_t *entry = entry_of(lint, setting);
        const char *why = entry ? thaw_lint_without_effect(lint, setting->name) : "";
        struct thaw_lint_finding *finding;

        if (!*why || *thaw_lint_fact_text(entry, "gone") || *gone_from(lint, entry))
            continue;
        finding = thaw_lint_add(lint, rule, &setting->place, setting->name, "%s has no effect here",
                                setting->name);
        thaw_lint_evidence(lint, finding, "%s", why);
        if (*lint->project->plan.value)
            thaw_lint_evidence(lint, finding, "plan %s: %s", lint->project->plan.value,
                               lint->project->plan.reason);
        suggest_instead(lint, finding, entry);
    }
}

static bool can_check_without_effect(const struct thaw_lint *lint)
{
    return thaw_lint_has_settings(lint) && (thaw_lint_has_plan(lint) || thaw_lint_has_python(lint));
}

const struct thaw_lint_rule thaw_rule_setting_without_effect = {
    .kind =
        {
            .id = "setting-without-effect",
            .severity = "warning",
            .title = "a setting has no effect on this plan or with this Python",
            .needs = "the settings that are deployed, and the plan or the version of Python",
            .explanation =
                "Many settings are of one plan, or of one generation of the Python worker. On Flex "
                "Consumption what was a setting is a property of the app: runtime, deployment, "
                "concurrency, scale; its settings for builds, mounts and storage of content are "
                "ignored. Some settings are read from a version of Python on only. What is gone is "
                "told by setting-gone.\n"
                "\n"
                "The list is the platform's, with the source of each entry. A setting is told here "
                "only if the plan or the version is known.\n"
                "\n"
                "How to change it: remove the setting, and state what it was for where the plan "
                "has "
                "it. Example: FUNCTIONS_WORKER_RUNTIME becomes functionAppConfig.runtime on Flex.\n"
                "\n"
                "What may go wrong: the app may have relied on what the setting does elsewhere. "
                "Look for what it was to achieve, then measure whether it still is.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = can_check_without_effect,
    .check = check_without_effect,
};

/* --- misspelt --- */

static bool is_connection(const struct thaw_lint *lint, const char *name)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        for (size_t j = 0; j < function->binding_count; j++) {
            const char *connection = function->bindings[j].connection;
            size_t length = connection ? strlen(connection) : 0;

            if (length && !strncasecmp(name, connection, length) &&
                (!name[length] || !strncmp(name + length, "__", 2)))
                return true;
        }
    }
    return false;
}

/* The platform's setting that was perhaps meant, and that isn't set itself; NULL none. */
static const json_t *meant_by(const struct thaw_lint *lint, const char *name)
{
    const json_t *settings = thaw_lint_facts_section(lint->facts, "azure_functions", "settings");
    struct thaw_closest closest = {.typed = name};
    const json_t *entry;
    size_t i;

    json_array_foreach(settings, i, entry)
    {
        const char *id = thaw_lint_fact_text(entry, "id");

        if (strlen(id) >= NAME_LENGTH_MIN && !strchr(id, '*'))
            thaw_closest_offer(&closest, id);
    }
    if (!closest.name || !closest.distance || closest.distance > NAME_DISTANCE_MAX ||
        thaw_project_setting(lint->project, closest.name, NULL))
        return NULL;
    return thaw_lint_azure_fact(lint, "settings", closest.name);
}

static void check_misspelt(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];
        struct thaw_lint_finding *finding;
        const json_t *meant;

        if (strlen(setting->name) < NAME_LENGTH_MIN ||
            thaw_lint_azure_fact(lint, "settings", setting->name) ||
            is_connection(lint, setting->name))
            continue;
        meant = meant_by(lint, setting->name);
        if (!meant)
            continue;
        finding =
            thaw_lint_add(lint, rule, &setting->place, setting->name,
                          "%s is no setting of the platform's, but nearly one", setting->name);
        thaw_lint_confidence(finding, "medium");
        thaw_lint_source(lint, finding, meant);
        thaw_lint_fix(lint, finding, "write %s, if that is meant",
                      thaw_lint_fact_text(meant, "id"));
    }
}

static bool has_any_setting(const struct thaw_lint *lint)
{
    return lint->project->setting_count > 0;
}

const struct thaw_lint_rule thaw_rule_setting_misspelt = {
    .kind =
        {
            .id = "setting-misspelt",
            .severity = "warning",
            .title = "a setting's name is nearly one of the platform's",
            .needs = "settings of the app",
            .explanation =
                "A setting whose name has a letter too many is just another setting: the platform "
                "reads the right one, finds it missing, and takes the default.\n"
                "\n"
                "Told are names at most two letters away from one that the platform knows, where "
                "that one is not set as well, and that no binding names as its connection. Names "
                "in "
                "capitals and small letters are the same to App Service.\n"
                "\n"
                "How to change it: rename the setting, for example FUNCTIONS_WORKER_PROCES_COUNT "
                "to "
                "FUNCTIONS_WORKER_PROCESS_COUNT.\n"
                "\n"
                "What may go wrong: a name of your own may be that close by chance; suppress the "
                "finding in thaw.json then, with the reason.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_any_setting,
    .check = check_misspelt,
};
