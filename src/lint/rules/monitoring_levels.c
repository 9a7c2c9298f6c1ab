/* SPDX-License-Identifier: Apache-2.0 */
/* Monitoring: levels above which the host's own records of runs vanish. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

#define LEVELS "logging.logLevel"
#define RESULTS "Host.Results"

/* Where a level stands among the known ones, the most verbose first; -1: it is none. */
static int rank_of(const struct thaw_lint *lint, const char *level)
{
    const json_t *known = json_object_get(thaw_lint_azure_fact(lint, "telemetry", LEVELS), "known");
    const json_t *one;
    size_t i;

    json_array_foreach(known, i, one)
    {
        if (json_is_string(one) && !strcasecmp(json_string_value(one), level))
            return (int)i;
    }
    return -1;
}

/* The level that holds for a category: its own, else that of "Host", else the default. */
static const char *level_of(const json_t *levels, const char *category, const char **ret_key)
{
    const char *const keys[] = {category, "Host", "default"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const char *level = json_string_value(json_object_get(levels, keys[i]));

        *ret_key = keys[i];
        if (level)
            return level;
    }
    return NULL;
}

/* A deployed setting may say another level than the file. */
static bool is_overridden(const struct thaw_lint *lint)
{
    static const char prefix[] = "AzureFunctionsJobHost__logging__logLevel__";

    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];

        if (setting->origin != THAW_SETTING_LOCAL &&
            !strncasecmp(setting->name, prefix, strlen(prefix)))
            return true;
    }
    return false;
}

static void check_results(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *fact = thaw_lint_azure_fact(lint, "telemetry", LEVELS "." RESULTS);
    struct thaw_project_place place = {.file = ""};
    const json_t *levels = thaw_project_host(lint->project, LEVELS, &place, NULL);
    const char *key, *level = level_of(levels, RESULTS, &key);
    struct thaw_lint_finding *finding;

    if (!fact || !level || is_overridden(lint) ||
        rank_of(lint, level) <= rank_of(lint, thaw_lint_fact_text(fact, "least")))
        return;
    finding =
        thaw_lint_add(lint, rule, &place, RESULTS,
                      "log level of %s is %s: runs that succeed are not recorded", RESULTS, level);
    if (strcmp(key, RESULTS) != 0)
        thaw_lint_evidence(lint, finding, "it is that of \"%s\": %s has none of its own", key,
                           RESULTS);
    thaw_lint_evidence(lint, finding, "%s", thaw_lint_fact_text(fact, "why"));
    thaw_lint_source(lint, finding, fact);
    thaw_lint_fix(lint, finding, "\"%s\": \"%s\" in logLevel", RESULTS,
                  thaw_lint_fact_text(fact, "least"));
}

const struct thaw_lint_rule thaw_rule_results_not_logged = {
    .kind =
        {
            .id = "results-not-logged",
            .severity = "note",
            .title = "runs that succeed are not recorded",
            .needs = "host.json",
            .explanation =
                "The host writes one record for each run of a function, of the category "
                "Host.Results: these are the requests of Application Insights. Those of runs that "
                "succeed are of the level Information, so that with Warning or Error they are "
                "missing: the portal's list of invocations, rates of success, durations and "
                "alerts on them see failures only.\n"
                "\n"
                "It happens without a word of Host.Results, too: \"default\": \"Warning\" holds "
                "for "
                "it.\n"
                "\n"
                "How to change it: \"logLevel\": {\"default\": \"Warning\", \"Host.Results\": "
                "\"Information\"}. Sampling, not the level, is for saving on their number.\n"
                "\n"
                "What may go wrong: an app with very many calls pays for as many records; some "
                "leave them out on purpose, which is why it is a note.",
        },
    .area = "monitoring",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_results,
};
