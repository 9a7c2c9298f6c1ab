/* SPDX-License-Identifier: Apache-2.0 */
/* The model: plan, version of Python and of the runtime, against what the platform still has. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"
#include "packaging/version.h"

/* --- the plan --- */

/* So long before a plan's end its users should be under way. */
enum { MOVE_MONTHS = 12 };

static bool states_windows(const struct thaw_lint *lint);

static void check_plan_retiring(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_inferred *said = &lint->project->plan;
    const json_t *plan = thaw_lint_plan(lint), *flex = thaw_lint_azure_fact(lint, "plans", "flex");
    const char *status = thaw_lint_fact_text(plan, "status");
    const char *retires = thaw_lint_fact_text(plan, "retires");
    bool has_ended = *retires && strcmp(retires, lint->today) < 0;
    struct thaw_lint_finding *finding;

    if (strcmp(status, "legacy") != 0 && strcmp(status, "retired") != 0 && !*retires)
        return;
    /* It is the plan on Linux that ends; and Windows has no Python: python-not-on-plan. */
    if (states_windows(lint))
        return;
    if (*retires) {
        finding = thaw_lint_add(lint, rule, &said->place, said->value, "the %s plan %s on %s",
                                thaw_lint_plan_title(lint), has_ended ? "ended" : "ends", retires);
        thaw_lint_severity(finding, has_ended ? "error"
                                    : thaw_lint_day_is_within(retires, lint->today, MOVE_MONTHS)
                                        ? "warning"
                                        : "note");
    } else {
        finding = thaw_lint_add(lint, rule, &said->place, said->value, "the %s plan is %s",
                                thaw_lint_plan_title(lint), status);
    }
    thaw_lint_plan_evidence(lint, finding);
    thaw_lint_fix(lint, finding,
                  "move to %s: az functionapp flex-migration list tells which apps "
                  "can be moved",
                  thaw_lint_fact_text(flex, "title"));
}

const struct thaw_lint_rule thaw_rule_plan_retiring = {
    .kind =
        {
            .id = "plan-retiring",
            .severity = "warning",
            .title = "the plan is retired, or will be",
            .needs = "the plan (--plan, or a template that states it)",
            .explanation =
                "The Consumption plan on Linux, where Python apps of that plan run, is legacy: it "
                "gets no new versions of languages and ends on a day that is announced. New apps "
                "belong on Flex Consumption. It is a note until a year before that day, then a "
                "warning, and an error from that day on.\n"
                "\n"
                "It matters for cold starts: Flex can keep instances ready, has sizes from 512 MB "
                "to 4 GB, and joins a virtual network; the old plan can't do any of these.\n"
                "\n"
                "How to change it: an app can't be moved in place. Create one on Flex Consumption "
                "(az functionapp flex-migration start makes one from yours; or az functionapp "
                "create --flexconsumption-location …), give it the same settings "
                "without those that Flex does not take (thaw lint --plan flex tells which), "
                "deploy, "
                "and move the traffic.\n"
                "\n"
                "What may go wrong: Flex has no deployment slots, its own limit of 30 s for an "
                "app's start, and its deployment storage is a property of the app, no setting.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_plan,
    .check = check_plan_retiring,
};

/* --- Python --- */

static const json_t *python_entries(const struct thaw_lint *lint)
{
    return thaw_lint_facts_section(lint->facts, "azure_functions", "python");
}

/* The lowest or highest version that the platform has or had. */
static const json_t *outermost(const struct thaw_lint *lint, int sign)
{
    const json_t *entry, *found = NULL;
    size_t i;

    json_array_foreach(python_entries(lint), i, entry)
    {
        if (!found || sign * thaw_version_compare(thaw_lint_fact_text(entry, "id"),
                                                  thaw_lint_fact_text(found, "id")) >
                          0)
            found = entry;
    }
    return found;
}

/* The highest one that is supported, for fixes. */
static const json_t *best_python(const struct thaw_lint *lint)
{
    const char *last = thaw_lint_fact_text(thaw_lint_plan(lint), "python_last");
    const json_t *entry, *found = NULL;
    size_t i;

    json_array_foreach(python_entries(lint), i, entry)
    {
        const char *id = thaw_lint_fact_text(entry, "id");

        if (strcmp(thaw_lint_fact_text(entry, "status"), "supported") != 0 ||
            (*last && thaw_version_compare(id, last) > 0))
            continue;
        if (!found || thaw_version_compare(id, thaw_lint_fact_text(found, "id")) > 0)
            found = entry;
    }
    return found;
}

static void suggest_python(struct thaw_lint *lint, struct thaw_lint_finding *finding)
{
    const json_t *best = best_python(lint);

    thaw_lint_evidence(lint, finding, "Python %s: %s", lint->project->python.value,
                       lint->project->python.reason);
    if (best)
        thaw_lint_fix(lint, finding, "move to Python %s", thaw_lint_fact_text(best, "id"));
}

static void check_python_end(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_inferred *python = &lint->project->python;
    const json_t *entry = thaw_lint_azure_fact(lint, "python", python->value);
    const json_t *first = outermost(lint, -1);
    const char *ends = thaw_lint_fact_text(entry, "ends");
    bool has_ended = *ends && strcmp(ends, lint->today) < 0;
    struct thaw_lint_finding *finding = NULL;

    if (!entry && first &&
        thaw_version_compare(python->value, thaw_lint_fact_text(first, "id")) < 0) {
        finding = thaw_lint_add(lint, rule, &python->place, python->value,
                                "Python %s is no longer on Azure Functions", python->value);
        thaw_lint_severity(finding, "error");
        thaw_lint_source(lint, finding, first);
    } else if (*ends && thaw_lint_day_is_within(ends, lint->today, THAW_LINT_MONTHS_AHEAD)) {
        finding =
            thaw_lint_add(lint, rule, &python->place, python->value,
                          has_ended ? "Python %s has had no support on Azure Functions since %s"
                                    : "support of Python %s on Azure Functions ends on %s",
                          python->value, ends);
        thaw_lint_severity(finding, has_ended ? "warning" : "note");
        thaw_lint_source(lint, finding, entry);
    } else if (entry && !strcmp(thaw_lint_fact_text(entry, "status"), "preview")) {
        finding = thaw_lint_add(lint, rule, &python->place, python->value,
                                "Python %s is a preview on Azure Functions", python->value);
        thaw_lint_severity(finding, "note");
        thaw_lint_source(lint, finding, entry);
    }
    if (finding)
        suggest_python(lint, finding);
}

const struct thaw_lint_rule thaw_rule_python_end_of_life = {
    .kind =
        {
            .id = "python-end-of-life",
            .severity = "warning",
            .title = "the app's Python is, or soon will be, without support on the platform",
            .needs = "the app's version of Python (--python, a template, .python-version)",
            .explanation =
                "Azure Functions supports a version of Python as long as the Python project does, "
                "with some months on top. After that day an app goes on running, but gets no "
                "security updates, no support, and new apps of that version can't be made.\n"
                "\n"
                "Half a year before it this is a note, afterwards a warning. The day is the "
                "platform's, from its page of supported languages.\n"
                "\n"
                "It matters for cold starts: from 3.11 on imports are quicker, and the worker of "
                "3.13 and later loads less of its own before the app.\n"
                "\n"
                "How to change it: set the version where the app states it (linuxFxVersion, on "
                "Flex "
                "functionAppConfig.runtime.version), build the package with that very version, and "
                "test: libraries with compiled parts need wheels of it.\n"
                "\n"
                "What may go wrong: a package that was built for another version fails to import "
                "on "
                "the platform; with a remote build it is built there.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_python,
    .check = check_python_end,
};

/* The first fact of a kind that says that value. */
static const struct thaw_project_fact *stated(const struct thaw_lint *lint,
                                              enum thaw_fact_kind kind, const char *value)
{
    const struct thaw_project_fact *fact = NULL;

    while ((fact = thaw_project_fact(lint->project, kind, fact)))
        if (!strcasecmp(fact->value, value))
            return fact;
    return NULL;
}

/* One that has several apps may have another one for Windows. */
static bool states_windows(const struct thaw_lint *lint)
{
    return stated(lint, THAW_FACT_OS, "windows") && !stated(lint, THAW_FACT_OS, "linux");
}

static void check_python_plan(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_inferred *python = &lint->project->python;
    const json_t *plan = thaw_lint_plan(lint), *newest = outermost(lint, 1);
    const char *last = thaw_lint_fact_text(plan, "python_last");
    const struct thaw_project_fact *windows = stated(lint, THAW_FACT_OS, "windows");
    struct thaw_lint_finding *finding;

    if (states_windows(lint) && thaw_lint_has_functions(lint)) {
        finding = thaw_lint_add(lint, rule, &windows->place, "os",
                                "the template asks for Windows, Python functions run on Linux "
                                "only");
        thaw_lint_evidence(lint, finding, "a plan without \"reserved\": true is one of Windows");
        thaw_lint_fix(lint, finding,
                      "set \"reserved\": true at the plan, and kind \"functionapp,linux\" and "
                      "linuxFxVersion at the app");
        thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "python_linux_only"));
    }
    if (!*python->value)
        return;
    if (*last && thaw_version_compare(python->value, last) > 0) {
        finding = thaw_lint_add(lint, rule, &python->place, python->value,
                                "Python %s is not on the %s plan, whose last one is %s",
                                python->value, thaw_lint_plan_title(lint), last);
        thaw_lint_plan_evidence(lint, finding);
        suggest_python(lint, finding);
    } else if (newest && json_array_size(python_entries(lint)) > 1 &&
               thaw_version_compare(python->value, thaw_lint_fact_text(newest, "id")) > 0) {
        finding = thaw_lint_add(lint, rule, &python->place, python->value,
                                "Python %s is not on Azure Functions yet", python->value);
        thaw_lint_source(lint, finding, outermost(lint, -1));
        suggest_python(lint, finding);
    }
}

const struct thaw_lint_rule thaw_rule_python_not_on_plan = {
    .kind =
        {
            .id = "python-not-on-plan",
            .severity = "error",
            .title = "the plan does not have the app's Python",
            .needs = "the app's version of Python and the plan, or a template that says the "
                     "operating system",
            .explanation =
                "Not every plan has every version of Python: the old Consumption plan gets no new "
                "ones, so that 3.12 is its last. An app that asks for a later one is not created, "
                "or starts with no worker that could load it. Python apps run on Linux only, "
                "whatever the plan.\n"
                "\n"
                "This rests on the plan and on the version that the app states or was given.\n"
                "\n"
                "How to change it: take the last version that the plan has, or move to a plan that "
                "has yours: Flex Consumption, Premium and Dedicated have all that are supported.\n"
                "\n"
                "What may go wrong: the version of the machine you develop on is not the "
                "platform's. Where it was inferred from .python-version or a virtual environment, "
                "say the right one: thaw lint --python 3.12.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .check = check_python_plan,
};

/* --- FUNCTIONS_* --- */

/* Flex states the runtime in the app's own properties, an image in its file. */
static bool states_runtime_elsewhere(const struct thaw_lint *lint)
{
    return thaw_lint_plan_is(lint, "flex") || thaw_lint_plan_is(lint, "container-apps") ||
           !strcmp(lint->project->packaging.value, "container") ||
           thaw_project_fact(lint->project, THAW_FACT_RUNTIME, NULL);
}

static void check_extension_version(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    static const char name[] = "FUNCTIONS_EXTENSION_VERSION";
    const json_t *current = thaw_lint_azure_fact(lint, "runtimes", "~4"), *entry;
    const struct thaw_setting *setting;
    const char *value = thaw_lint_setting_value(lint, name, &setting);
    struct thaw_lint_finding *finding = NULL;

    if (*thaw_lint_without_effect(lint, name))
        return;
    if (!setting) {
        if (!thaw_lint_knows_settings(lint) || !thaw_lint_has_plan(lint) ||
            states_runtime_elsewhere(lint))
            return;
        finding =
            thaw_lint_add(lint, rule, NULL, name,
                          "%s is not set: which runtime the app gets is left to chance", name);
    } else if (!*value || !strcmp(value, "~4")) {
        return;
    } else if ((entry = thaw_lint_azure_fact(lint, "runtimes", value)) &&
               !strcmp(thaw_lint_fact_text(entry, "status"), "active")) {
        return;
    } else if (!strncmp(value, "4.", 2)) {
        finding = thaw_lint_add(lint, rule, &setting->place, name,
                                "%s holds the app at one version, %s", name, value);
        thaw_lint_severity(finding, "note");
    } else {
        finding = thaw_lint_add(lint, rule, &setting->place, name, "%s is %s, which has ended",
                                name, value);
        thaw_lint_source(lint, finding, entry);
    }
    thaw_lint_source(lint, finding, current);
    thaw_lint_fix(lint, finding, "set %s to ~4", name);
}

static void check_worker_runtime(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    static const char name[] = "FUNCTIONS_WORKER_RUNTIME";
    const struct thaw_setting *setting;
    const char *value = thaw_lint_setting_value(lint, name, &setting);
    struct thaw_lint_finding *finding;

    if (!thaw_lint_has_functions(lint) || *thaw_lint_without_effect(lint, name))
        return;
    if (!setting && thaw_lint_knows_settings(lint) && thaw_lint_has_plan(lint) &&
        !states_runtime_elsewhere(lint))
        finding = thaw_lint_add(lint, rule, NULL, name, "%s is not set", name);
    else if (setting && *value && strcasecmp(value, "python") != 0)
        finding = thaw_lint_add(lint, rule, &setting->place, name,
                                "%s is %s, but the app is Python", name, value);
    else
        return;
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", name));
    thaw_lint_fix(lint, finding, "set %s to python", name);
}

static void check_runtime_version(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    check_extension_version(lint, rule);
    check_worker_runtime(lint, rule);
}

const struct thaw_lint_rule thaw_rule_runtime_version = {
    .kind =
        {
            .id = "runtime-version",
            .severity = "error",
            .title = "the settings ask for another runtime, or for none",
            .needs = "the settings that are deployed",
            .explanation =
                "FUNCTIONS_EXTENSION_VERSION is the host's version. ~4 is the only one that is "
                "supported; ~1, ~2 and ~3 have ended and their apps stop running sooner or later. "
                "A "
                "full version (4.30.0) holds the app at it, without corrections, and starts it "
                "more "
                "slowly where that version isn't the one that instances come with.\n"
                "\n"
                "FUNCTIONS_WORKER_RUNTIME is the language. With another one than python the host "
                "starts a worker that finds no function; without it each of its workers may be "
                "tried.\n"
                "\n"
                "That one is missing is said only where all settings are known. Flex Consumption "
                "has both in the app's functionAppConfig, images in their Dockerfile: there it is "
                "not asked.\n"
                "\n"
                "How to change it: az functionapp config appsettings set --settings "
                "FUNCTIONS_EXTENSION_VERSION=~4 FUNCTIONS_WORKER_RUNTIME=python, with the app's "
                "--name and --resource-group.\n"
                "\n"
                "What may go wrong: from ~3 to ~4 extensions and timeouts change; test in a copy.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_runtime_version,
};

/* --- linuxFxVersion --- */

static void check_stack(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        const struct thaw_project_fact *fact)
{
    const char *bar = strchr(fact->value, '|');
    const char *python = lint->project->python.value, *version = bar ? bar + 1 : "";
    struct thaw_lint_finding *finding = NULL;
    const json_t *entry;

    if (!*fact->value || !strncasecmp(fact->value, "docker", 6))
        return;
    entry = thaw_lint_azure_fact(lint, "python", version);
    if (thaw_lint_plan_is(lint, "flex")) {
        finding = thaw_lint_add(lint, rule, &fact->place, fact->value,
                                "linuxFxVersion has no effect on %s", thaw_lint_plan_title(lint));
        thaw_lint_severity(finding, "warning");
        thaw_lint_plan_evidence(lint, finding);
        thaw_lint_fix(lint, finding,
                      "remove it; state functionAppConfig.runtime {name: 'python', version: …}");
        return;
    }
    if (strncasecmp(fact->value, "python|", 7) != 0)
        finding = thaw_lint_add(lint, rule, &fact->place, fact->value,
                                "linuxFxVersion is %s, but the app is Python", fact->value);
    else if (!entry)
        finding = thaw_lint_add(lint, rule, &fact->place, fact->value,
                                "linuxFxVersion is %s, a version that is not known", fact->value);
    else if (*python && thaw_version_compare(python, version) != 0)
        finding = thaw_lint_add(lint, rule, &fact->place, fact->value,
                                "linuxFxVersion is %s, elsewhere the app says Python %s",
                                fact->value, python);
    if (!finding)
        return;
    if (*python)
        thaw_lint_evidence(lint, finding, "Python %s: %s", python, lint->project->python.reason);
    thaw_lint_source(lint, finding, entry ? entry : best_python(lint));
    thaw_lint_fix(lint, finding, "set linuxFxVersion to Python|%s",
                  *python ? python : thaw_lint_fact_text(best_python(lint), "id"));
}

static bool has_stack(const struct thaw_lint *lint)
{
    return thaw_project_fact(lint->project, THAW_FACT_STACK, NULL) != NULL;
}

static void check_linux_fx_version(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *fact = NULL;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_STACK, fact)))
        check_stack(lint, rule, fact);
}

const struct thaw_lint_rule thaw_rule_linux_fx_version = {
    .kind =
        {
            .id = "linux-fx-version",
            .severity = "error",
            .title = "linuxFxVersion contradicts the app, or is not known",
            .needs = "a template that states linuxFxVersion",
            .explanation =
                "linuxFxVersion is what App Service starts: language and version, \"Python|3.12\". "
                "It, and not the machine that built the package, decides which Python imports the "
                "app. A package with compiled libraries of another version does not load: \"No "
                "module named …\" on a library that is there.\n"
                "\n"
                "It is compared with the version that the app says elsewhere (--python, "
                ".python-version, another template) and with the versions that the platform has. "
                "On "
                "Flex Consumption it has no effect: there functionAppConfig.runtime counts.\n"
                "\n"
                "How to change it: linuxFxVersion: 'Python|3.12' in siteConfig, and the same "
                "version in the build.\n"
                "\n"
                "What may go wrong: a template for several apps may state one of another language; "
                "suppress the finding there.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_stack,
    .check = check_linux_fx_version,
};
