/* SPDX-License-Identifier: Apache-2.0 */
/* What several rules ask of a project. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "packaging/version.h"
#include "report/keys.h"

const json_t *thaw_lint_azure_fact(const struct thaw_lint *lint, const char *section,
                                   const char *id)
{
    return thaw_lint_fact(lint->facts, "azure_functions", section, id);
}

const char *thaw_lint_fact_list(struct thaw_lint *lint, const json_t *entry, const char *key)
{
    const char *text = "";
    const json_t *value;
    size_t i;

    json_array_foreach(json_object_get(entry, key), i, value)
    {
        if (json_is_string(value))
            text =
                thaw_lint_text(lint, "%s%s%s", text, *text ? ", " : "", json_string_value(value));
        else
            text =
                thaw_lint_text(lint, "%s%s%g", text, *text ? ", " : "", json_number_value(value));
    }
    return text;
}

const char *thaw_lint_fact_instead(const struct thaw_lint *lint, const json_t *entry)
{
    const char *plan = lint->project->plan.value;
    const char *here =
        *plan ? thaw_lint_fact_text(json_object_get(entry, "replaced_on"), plan) : "";

    return *here ? here : thaw_lint_fact_text(entry, "replaced_by");
}

/* --- what is known --- */

bool thaw_lint_has_plan(const struct thaw_lint *lint)
{
    return thaw_lint_plan(lint) != NULL;
}

bool thaw_lint_has_python(const struct thaw_lint *lint)
{
    return *lint->project->python.value != '\0';
}

bool thaw_lint_has_host(const struct thaw_lint *lint)
{
    return lint->project->host != NULL;
}

bool thaw_lint_has_settings(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->setting_count; i++)
        if (lint->project->settings[i].origin != THAW_SETTING_LOCAL)
            return true;
    return false;
}

bool thaw_lint_has_functions(const struct thaw_lint *lint)
{
    return lint->project->function_count > 0;
}

bool thaw_lint_has_plan_and_settings(const struct thaw_lint *lint)
{
    return thaw_lint_has_plan(lint) && thaw_lint_has_settings(lint);
}

bool thaw_lint_has_plan_and_host(const struct thaw_lint *lint)
{
    return thaw_lint_has_plan(lint) && thaw_lint_has_host(lint);
}

/* An image's environment is a part of what an app is given, never all of it. */
bool thaw_lint_knows_templates(const struct thaw_lint *lint)
{
    if (thaw_project_unread(lint->project))
        return false;
    for (size_t i = 0; i < lint->project->template_count; i++)
        if (lint->project->templates[i].has_app &&
            strcmp(lint->project->templates[i].form, "Dockerfile") != 0)
            return true;
    return false;
}

/* A template without a single setting leaves them to somebody else. */
bool thaw_lint_knows_settings(const struct thaw_lint *lint)
{
    if (lint->project->has_exported_settings)
        return true;
    if (!thaw_lint_knows_templates(lint))
        return false;
    for (size_t i = 0; i < lint->project->setting_count; i++)
        if (lint->project->settings[i].origin == THAW_SETTING_TEMPLATE)
            return true;
    return false;
}

bool thaw_lint_knows_settings_and_plan(const struct thaw_lint *lint)
{
    return thaw_lint_has_plan(lint) && thaw_lint_knows_settings(lint);
}

bool thaw_lint_knows_templates_and_plan(const struct thaw_lint *lint)
{
    return thaw_lint_has_plan(lint) && thaw_lint_knows_templates(lint);
}

/* --- settings --- */

const char *thaw_lint_setting_value(const struct thaw_lint *lint, const char *name,
                                    const struct thaw_setting **ret)
{
    const struct thaw_setting *setting = thaw_lint_deployed(lint, name);

    if (ret)
        *ret = setting;
    return setting && setting->value ? setting->value : "";
}

bool thaw_lint_number(const char *text, double *ret)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno || end == text || *end)
        return false;
    *ret = (double)number;
    return true;
}

bool thaw_lint_amount(const char *text, double *ret)
{
    char *end;

    if (!text || !*text)
        return false;
    *ret = strtod(text, &end);
    return !*end && *ret >= 0 && *ret < 1e9;
}

const char *thaw_lint_without_effect(struct thaw_lint *lint, const char *name)
{
    const json_t *entry = thaw_lint_azure_fact(lint, "settings", name);
    const char *plan = lint->project->plan.value, *python = lint->project->python.value;
    const char *gone = thaw_lint_fact_text(entry, "gone_from_python");
    const char *from = thaw_lint_fact_text(entry, "from_python");
    const char *why =
        thaw_lint_fact_text(json_object_get(entry, "without_effect_on"), *plan ? plan : "?");

    if (*plan && *why)
        return why;
    if (thaw_lint_plan(lint) && json_array_size(json_object_get(entry, "plans")) &&
        !thaw_lint_fact_lists(entry, "plans", plan))
        return thaw_lint_text(lint, "it is read on other plans only");
    if (*python && *gone && thaw_version_compare(python, gone) >= 0)
        return thaw_lint_text(lint, "it is gone from Python %s on, the app has %s", gone, python);
    if (*python && *from && thaw_version_compare(python, from) < 0)
        return thaw_lint_text(lint, "it is read from Python %s on, the app has %s", from, python);
    return "";
}

bool thaw_lint_is_true(const char *text)
{
    return !strcmp(text, "1") || !strcasecmp(text, "true");
}

bool thaw_lint_is_false(const char *text)
{
    return !strcmp(text, "0") || !strcasecmp(text, "false");
}

/* --- host.json --- */

/* "extensions.http.x" as the setting that overrides it. */
static const struct thaw_setting *override_of(struct thaw_lint *lint, const char *path)
{
    const char *name = "AzureFunctionsJobHost";

    for (const char *key = path; *key;) {
        size_t length = strcspn(key, ".");

        name = thaw_lint_text(lint, "%s__%.*s", name, (int)length, key);
        key += length + (key[length] == '.');
    }
    return thaw_lint_deployed(lint, name);
}

static const char *text_of(struct thaw_lint *lint, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return thaw_setting_name_shown(json_string_value(value));
    case JSON_INTEGER:
        return thaw_lint_text(lint, "%lld", (long long)json_integer_value(value));
    case JSON_REAL:
        return thaw_lint_text(lint, "%g", json_real_value(value));
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    default:
        return "";
    }
}

bool thaw_lint_host(struct thaw_lint *lint, const char *path, struct thaw_lint_host_value *ret)
{
    *ret = (struct thaw_lint_host_value){.text = "", .place = {.file = ""}};
    ret->value = thaw_project_host(lint->project, path, &ret->place, &ret->by);
    if (!ret->by)
        ret->by = override_of(lint, path);
    if (ret->by) {
        ret->place = ret->by->place;
        ret->text = ret->by->value ? ret->by->value : "";
    } else if (ret->value) {
        ret->text = text_of(lint, ret->value);
    }
    return ret->by || ret->value;
}

long thaw_lint_highest_major(const char *range)
{
    const char *upper = strchr(range, ','), *rest;
    size_t length = strlen(range);
    bool is_inclusive;
    char *end;
    long major;

    if (length < 3 || !strchr("[(", range[0]) || !strchr(")]", range[length - 1]))
        return -1;
    is_inclusive = range[length - 1] == ']';
    for (upper = upper ? upper + 1 : range + 1; *upper == ' ';)
        upper++;
    if (strchr(")]", *upper))
        return 0;
    major = strtol(upper, &end, 10);
    if (end == upper || major < 0 || major > 1000)
        return -1;
    /* Is it "5", "5.0", "5.0.0": nothing of version 5 then, unless it is included. */
    rest = end + strspn(end, ".0 ");
    return !is_inclusive && !rest[1] && major > 0 ? major - 1 : major;
}

/* --- instances that are kept ready --- */

const struct thaw_project_fact *thaw_lint_nothing_elastic(const struct thaw_lint *lint)
{
    const struct thaw_project_fact *fact =
        thaw_project_fact(lint->project, THAW_FACT_MINIMUM_ELASTIC, NULL);
    double number;

    return fact && thaw_lint_number(fact->value, &number) && number <= 0 ? fact : NULL;
}

/* "http=1", "function:orders=2": is one of them more than none? */
static bool has_always_ready(const struct thaw_lint *lint)
{
    const struct thaw_project_fact *fact = NULL;
    double number;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_ALWAYS_READY, fact))) {
        const char *equals = strrchr(fact->value, '=');

        if (!equals || !thaw_lint_number(equals + 1, &number) || number > 0)
            return true;
    }
    return false;
}

bool thaw_lint_keeps_ready(const struct thaw_lint *lint)
{
    if (has_always_ready(lint) || thaw_lint_plan_is(lint, "dedicated"))
        return true;
    if (thaw_lint_nothing_elastic(lint))
        return false;
    /* Of Premium one instance is ready unless it is said otherwise. */
    return thaw_lint_plan_is(lint, "premium") ||
           thaw_project_fact(lint->project, THAW_FACT_MINIMUM_ELASTIC, NULL);
}

/* --- functions --- */

bool thaw_lint_function_is(const struct thaw_app_function *function, const char *trigger)
{
    const struct thaw_app_binding *binding = thaw_app_trigger(function);

    return binding && binding->type && !strcasecmp(binding->type, trigger);
}

bool thaw_lint_is_live(const struct thaw_app_function *function)
{
    return function->model != THAW_FUNCTION_LAMBDA &&
           (function->model == THAW_FUNCTION_V1 || function->is_registered);
}

bool thaw_lint_is_http(const struct thaw_app_function *function)
{
    return thaw_lint_is_live(function) &&
           (function->kind == THAW_FUNCTION_ASGI || thaw_lint_function_is(function, "httpTrigger"));
}

size_t thaw_lint_count_http(const struct thaw_lint *lint,
                            const struct thaw_app_function **ret_first)
{
    const struct thaw_app_function *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        if (!thaw_lint_is_http(function))
            continue;
        if (!count++)
            first = function;
    }
    if (ret_first)
        *ret_first = first;
    return count;
}

const char *thaw_lint_function_text(struct thaw_lint *lint,
                                    const struct thaw_app_function *function)
{
    return thaw_lint_text(lint, "%s (%s)", function->name,
                          thaw_lint_place_text(lint, &function->place));
}

/* --- days --- */

bool thaw_lint_day_is_within(const char *day, const char *today, unsigned months)
{
    unsigned year, month, date;
    char last[48];

    if (!today || sscanf(today, "%4u-%2u-%2u", &year, &month, &date) != 3 || month < 1 ||
        month > 12)
        return false;
    month += months;
    snprintf(last, sizeof(last), "%04u-%02u-%02u", year + (month - 1) / 12, (month - 1) % 12 + 1,
             date);
    return strcmp(day, last) <= 0;
}

/* --- findings --- */

void thaw_lint_plan_evidence(struct thaw_lint *lint, struct thaw_lint_finding *finding)
{
    thaw_lint_evidence(lint, finding, "plan %s: %s", lint->project->plan.value,
                       lint->project->plan.reason);
    thaw_lint_source(lint, finding, thaw_lint_plan(lint));
}

void thaw_lint_severity(struct thaw_lint_finding *finding, const char *severity)
{
    if (finding)
        finding->severity = severity;
}

void thaw_lint_confidence(struct thaw_lint_finding *finding, const char *confidence)
{
    if (finding)
        finding->confidence = confidence;
}

const char *thaw_lint_plan_title(const struct thaw_lint *lint)
{
    return thaw_lint_fact_text(thaw_lint_plan(lint), "title");
}
