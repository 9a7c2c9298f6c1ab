/* SPDX-License-Identifier: Apache-2.0 */
/* Monitoring: where telemetry goes, how much of it is kept, and whether somebody is told. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

#define KEY "APPINSIGHTS_INSTRUMENTATIONKEY"
#define CONNECTION "APPLICATIONINSIGHTS_CONNECTION_STRING"
#define SAMPLING "logging.applicationInsights.samplingSettings"

static const json_t *key_fact(const struct thaw_lint *lint)
{
    const json_t *entry = thaw_lint_azure_fact(lint, "telemetry", KEY);

    return entry ? entry : thaw_lint_azure_fact(lint, "settings", KEY);
}

static void check_key(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *key = thaw_lint_deployed(lint, KEY);
    const char *ends = thaw_lint_fact_text(key_fact(lint), "ends");
    struct thaw_lint_finding *finding;

    if (!key || thaw_lint_deployed(lint, CONNECTION))
        return;
    finding = thaw_lint_add(lint, rule, &key->place, KEY,
                            "telemetry goes by the instrumentation key, without a connection "
                            "string");
    if (*ends)
        thaw_lint_evidence(lint, finding, "support of ingestion by the key alone ended on %s",
                           ends);
    thaw_lint_source(lint, finding, key_fact(lint));
    thaw_lint_fix(lint, finding, "set %s and remove %s", CONNECTION, KEY);
}

const struct thaw_lint_rule thaw_rule_instrumentation_key = {
    .kind =
        {
            .id = "instrumentation-key",
            .severity = "warning",
            .title = "telemetry goes by the instrumentation key alone",
            .needs = "the settings that are deployed",
            .explanation =
                "APPINSIGHTS_INSTRUMENTATIONKEY sends telemetry to the global endpoint. Support "
                "for "
                "that ended on 31 March 2025: it goes on working for now, without corrections and "
                "without a promise. The connection string names the resource's own, regional "
                "endpoint.\n"
                "\n"
                "Many tutorials still set the key. What takes its place is "
                "APPLICATIONINSIGHTS_CONNECTION_STRING, from the overview page of the Application "
                "Insights resource.\n"
                "\n"
                "How to change it: set the connection string, deploy, see telemetry arrive, then "
                "remove the key: only one of the two should be there.\n"
                "\n"
                "What may go wrong: a firewall that lets the app reach the global endpoint only "
                "has "
                "to let it reach the regional one.",
        },
    .area = "monitoring",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_key,
};

static void check_both(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *key = thaw_lint_deployed(lint, KEY);
    const struct thaw_setting *connection = thaw_lint_deployed(lint, CONNECTION);
    struct thaw_lint_finding *finding;

    if (!key || !connection)
        return;
    finding =
        thaw_lint_add(lint, rule, &key->place, KEY, "both %s and %s are set", KEY, CONNECTION);
    thaw_lint_evidence(lint, finding, "%s: %s", CONNECTION,
                       thaw_lint_place_text(lint, &connection->place));
    thaw_lint_source(lint, finding, key_fact(lint));
    thaw_lint_fix(lint, finding, "remove %s", KEY);
}

const struct thaw_lint_rule thaw_rule_both_insights_settings = {
    .kind =
        {
            .id = "both-insights-settings",
            .severity = "note",
            .title = "both ways to name the Application Insights resource are set",
            .needs = "the settings that are deployed",
            .explanation =
                "With both APPINSIGHTS_INSTRUMENTATIONKEY and "
                "APPLICATIONINSIGHTS_CONNECTION_STRING the connection string is what counts. The "
                "key is left from earlier, and a trap: who changes it expects telemetry to go "
                "elsewhere, and libraries of your own may read it.\n"
                "\n"
                "How to change it: remove the key; only one of the two should be set.\n"
                "\n"
                "What may go wrong: code that makes its own client from the key's name stops "
                "sending; search for it first.",
        },
    .area = "monitoring",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_both,
};

/* --- none at all --- */

/* What sends telemetry without the host's own settings, by the beginning of its settings. */
static bool sends_otherwise(struct thaw_lint *lint)
{
    static const char *const beginnings[] = {"OTEL_", "DD_",     "NEW_RELIC_", "ELASTIC_APM_",
                                             "DT_",   "SPLUNK_", CONNECTION,   KEY};
    struct thaw_lint_host_value value;

    if (thaw_lint_host(lint, "telemetryMode", &value))
        return true;
    for (size_t i = 0; i < lint->project->setting_count; i++)
        for (size_t j = 0; j < sizeof(beginnings) / sizeof(*beginnings); j++)
            if (lint->project->settings[i].origin != THAW_SETTING_LOCAL &&
                !strncasecmp(lint->project->settings[i].name, beginnings[j], strlen(beginnings[j])))
                return true;
    return false;
}

static void check_none(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct thaw_lint_finding *finding;

    if (sends_otherwise(lint))
        return;
    finding =
        thaw_lint_add(lint, rule, NULL, CONNECTION, "no telemetry: %s is not set", CONNECTION);
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", CONNECTION));
    thaw_lint_fix(lint, finding, "create an Application Insights resource and set %s", CONNECTION);
}

const struct thaw_lint_rule thaw_rule_no_telemetry = {
    .kind =
        {
            .id = "no-telemetry",
            .severity = "warning",
            .title = "the app sends no telemetry",
            .needs = "all settings that are deployed (--settings, or a template read as a whole)",
            .explanation =
                "Without Application Insights the host's logs, requests, exceptions and durations "
                "are kept nowhere. Failures of triggers that nobody waits for – queues, timers – "
                "are not seen at all, nor is how long cold starts take.\n"
                "\n"
                "Told only where all deployed settings are known and none of them is of "
                "Application "
                "Insights, OpenTelemetry or another vendor's agent.\n"
                "\n"
                "How to change it: APPLICATIONINSIGHTS_CONNECTION_STRING with the resource's "
                "connection string; no code is needed for the host's own telemetry.\n"
                "\n"
                "What may go wrong: telemetry is paid for by volume. Sampling is on unless "
                "host.json turns it off; keep it, and leave log levels at Information.",
        },
    .area = "monitoring",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_knows_settings,
    .check = check_none,
};

/* --- sampling --- */

static void check_sampling_off(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    static const char path[] = SAMPLING ".isEnabled";
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;

    if (!thaw_lint_host(lint, path, &value) || !thaw_lint_is_false(value.text))
        return;
    finding = thaw_lint_add(lint, rule, &value.place, path, "sampling of telemetry is off");
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "host", path));
    thaw_lint_fix(lint, finding,
                  "turn it on and leave out what must be whole: \"excludedTypes\": "
                  "\"Request;Exception\"");
}

const struct thaw_lint_rule thaw_rule_sampling_off = {
    .kind =
        {
            .id = "sampling-off",
            .severity = "note",
            .title = "all telemetry is kept: sampling is off",
            .needs = "host.json",
            .explanation =
                "Sampling keeps a share of telemetry once there is more than a number of items per "
                "second (20 unless host.json says otherwise). Without it an app under load sends "
                "all: it is paid for by volume, takes CPU and network from the calls, and is "
                "dropped by the service's daily cap when there is one.\n"
                "\n"
                "How to change it: leave isEnabled out or true, and except what you count on:\n"
                "  \"samplingSettings\": {\"isEnabled\": true, \"excludedTypes\": "
                "\"Request;Exception\"}\n"
                "\n"
                "What may go wrong: with sampling a single trace may be missing; sums that are "
                "weighted (itemCount) stay right.",
        },
    .area = "monitoring",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_sampling_off,
};

/* Is a word one of a list with ";" between them? */
static bool lists(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; *at; at += strspn(at, "; ")) {
        size_t item = strcspn(at, "; ");

        if (item == length && !strncasecmp(at, word, length))
            return true;
        at += item;
    }
    return false;
}

static void check_sampling_drops(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct thaw_lint_host_value settings, enabled, excluded;
    struct thaw_lint_finding *finding;

    if (!thaw_lint_host(lint, SAMPLING, &settings) || !settings.value ||
        (thaw_lint_host(lint, SAMPLING ".isEnabled", &enabled) && !thaw_lint_is_true(enabled.text)))
        return;
    /* Set by what isn't known. */
    if (thaw_lint_host(lint, SAMPLING ".excludedTypes", &excluded) &&
        (!*excluded.text || lists(excluded.text, "Request")))
        return;
    finding = thaw_lint_add(lint, rule, &settings.place, SAMPLING,
                            "sampling drops requests, too: excludedTypes has no Request");
    if (!lists(excluded.text, "Exception"))
        thaw_lint_evidence(lint, finding, "nor has it Exception: failures are dropped likewise");
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "host", SAMPLING ".excludedTypes"));
    thaw_lint_fix(lint, finding, "\"excludedTypes\": \"Request;Exception\"");
}

const struct thaw_lint_rule thaw_rule_sampling_drops_requests = {
    .kind =
        {
            .id = "sampling-drops-requests",
            .severity = "note",
            .title = "sampling may drop requests and exceptions",
            .needs = "host.json",
            .explanation =
                "With sampling on, each type of telemetry may be dropped that excludedTypes does "
                "not name. Requests are the function calls themselves: without some of them the "
                "portal's list of invocations has gaps, and a call that failed or started cold may "
                "be one of those.\n"
                "\n"
                "The host.json that Core Tools make for a new app excludes Request for this "
                "reason.\n"
                "\n"
                "How to change it: \"excludedTypes\": \"Request;Exception\" in samplingSettings. "
                "Traces and dependencies, the bulk of it, are sampled still.\n"
                "\n"
                "What may go wrong: an app with thousands of calls per second pays for that many "
                "items; there, take a share of them on purpose.",
        },
    .area = "monitoring",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_sampling_drops,
};

/* --- levels --- */

static const json_t *level_fact(const struct thaw_lint *lint)
{
    return thaw_lint_azure_fact(lint, "telemetry", "logging.logLevel");
}

static bool is_verbose(const struct thaw_lint *lint, const char *level)
{
    return thaw_lint_fact_lists(level_fact(lint), "verbose", level);
}

static void tell_level(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                       const char *category, const char *level,
                       const struct thaw_project_place *place)
{
    struct thaw_lint_finding *finding;

    /* The host's own counts and results are written at one level: below it there are no more. */
    if (thaw_lint_azure_fact(lint, "telemetry",
                             thaw_lint_text(lint, "logging.logLevel.%s", category)))
        return;
    category = thaw_setting_name_shown(category);
    finding = thaw_lint_add(lint, rule, place, category, "log level of %s is %s", category, level);

    thaw_lint_source(lint, finding, level_fact(lint));
    thaw_lint_fix(lint, finding,
                  "set it to Information; for a while, by the setting "
                  "AzureFunctionsJobHost__logging__logLevel__%s",
                  category);
}

static void check_level(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    static const char prefix[] = "AzureFunctionsJobHost__logging__logLevel__";
    struct thaw_project_place place = {.file = ""};
    const json_t *levels = thaw_project_host(lint->project, "logging.logLevel", &place, NULL);
    const char *category;
    json_t *level;

    json_object_foreach((json_t *)levels, category, level)
    {
        const char *path = thaw_lint_text(lint, "logging.logLevel.%s", category);
        struct thaw_project_place own = place;

        /* A category's own dots are no steps of a path: then it is the list's place. */
        if (!json_is_string(level) || !is_verbose(lint, json_string_value(level)))
            continue;
        if (!thaw_project_host(lint->project, path, &own, NULL))
            own = place;
        tell_level(lint, rule, category, json_string_value(level), &own);
    }
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];

        if (setting->origin != THAW_SETTING_LOCAL && setting->value &&
            !strncasecmp(setting->name, prefix, strlen(prefix)) && is_verbose(lint, setting->value))
            tell_level(lint, rule, setting->name + strlen(prefix), setting->value, &setting->place);
    }
}

static bool has_host_or_settings(const struct thaw_lint *lint)
{
    return thaw_lint_has_host(lint) || thaw_lint_has_settings(lint);
}

const struct thaw_lint_rule thaw_rule_log_level_verbose = {
    .kind =
        {
            .id = "log-level-verbose",
            .severity = "warning",
            .title = "logs are at a level for debugging",
            .needs = "host.json, or the settings that are deployed",
            .explanation =
                "Debug and Trace write many lines for every call: from the host, its extensions, "
                "and the HTTP libraries in the app. They are paid for by volume, drown what "
                "matters, push requests out by sampling, and each line crosses from worker to host "
                "in a message of its own. SDKs at Debug write headers and addresses.\n"
                "\n"
                "How to change it: \"logging\": {\"logLevel\": {\"default\": \"Information\"}}. To "
                "look into something, set AzureFunctionsJobHost__logging__logLevel__default for as "
                "long as it takes: no deployment is needed.\n"
                "\n"
                "What may go wrong: below Information the host's own results of executions vanish "
                "(Host.Results); do not go lower than that for it.",
        },
    .area = "monitoring",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_host_or_settings,
    .check = check_level,
};

/* --- alerts --- */

static void check_alerts(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct thaw_project_place place = {.file = ""};
    struct thaw_lint_finding *finding;

    if (thaw_project_fact(lint->project, THAW_FACT_ALERT, NULL))
        return;
    for (size_t i = 0; i < lint->project->template_count && !*place.file; i++)
        if (lint->project->templates[i].has_app)
            place = (struct thaw_project_place){.file = lint->project->templates[i].file,
                                                .is_named = lint->project->templates[i].is_named};
    finding = thaw_lint_add(lint, rule, &place, "alerts", "the templates have no alert rule");
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "telemetry", "alerts"));
    thaw_lint_fix(lint, finding,
                  "add one on failed requests, one on the length of queues, one on "
                  "the time of a reply");
}

const struct thaw_lint_rule thaw_rule_no_alerts = {
    .kind =
        {
            .id = "no-alerts",
            .severity = "note",
            .title = "nobody is told when the app fails",
            .needs = "a template of the app that was read as a whole",
            .explanation =
                "The templates declare a function app and no alert: of metrics, of a query over "
                "logs, or of the activity log. What fails in the night is found in the morning, or "
                "by a customer.\n"
                "\n"
                "Alerts may be made elsewhere – by a platform team, by policy – which can't be "
                "seen "
                "from here: hence a note, and only where the templates were read without a gap.\n"
                "\n"
                "How to change it: a rule of Microsoft.Insights/scheduledQueryRules over requests "
                "with success == false, and metric alerts on the age of the oldest message in each "
                "queue. For cold starts: an alert on the 95th percentile of duration.\n"
                "\n"
                "What may go wrong: alerts that fire every day are not read. Begin with few.",
        },
    .area = "monitoring",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_knows_templates,
    .check = check_alerts,
};
