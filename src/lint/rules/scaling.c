/* SPDX-License-Identifier: Apache-2.0 */
/* Scaling: where concurrency and the number of instances are set, and whether that counts. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

static void check_root_http(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *gone = thaw_lint_azure_fact(lint, "host_gone", "http");
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;

    if (!thaw_lint_host(lint, "http", &value) || !value.value)
        return;
    finding = thaw_lint_add(lint, rule, &value.place, "http",
                            "host.json's root \"http\" is version 1's: nothing reads it");
    thaw_lint_evidence(lint, finding, "%s", thaw_lint_fact_text(gone, "why"));
    thaw_lint_source(lint, finding, gone);
    thaw_lint_fix(lint, finding, "move it to {\"extensions\": {\"http\": …}}");
}

const struct thaw_lint_rule thaw_rule_root_http = {
    .kind =
        {
            .id = "root-http",
            .severity = "warning",
            .title = "settings of HTTP at the root of host.json, where version 1 had them",
            .needs = "host.json",
            .explanation =
                "In host.json of version 1 \"http\" stood at the root, and many answers on the web "
                "still show it there. From version 2 on the host reads extensions.http only: "
                "maxConcurrentRequests, maxOutstandingRequests, routePrefix at the root are not in "
                "effect.\n"
                "\n"
                "How to change it:\n"
                "  \"extensions\": {\"http\": {\"maxConcurrentRequests\": 100}}\n"
                "\n"
                "What may go wrong: a routePrefix that begins to count changes every URL of the "
                "app. On Flex Consumption maxConcurrentRequests isn't the knob at all: thaw "
                "explain "
                "concurrency-setting-ignored.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_root_http,
};

static void check_ignored(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const char *plan = lint->project->plan.value;
    const json_t *entry;
    size_t i;

    json_array_foreach(thaw_lint_facts_section(lint->facts, "azure_functions", "host"), i, entry)
    {
        const char *id = thaw_lint_fact_text(entry, "id");
        const char *why = thaw_lint_fact_text(json_object_get(entry, "without_effect_on"), plan);
        struct thaw_lint_host_value value;
        struct thaw_lint_finding *finding;

        if (!*why || !thaw_lint_host(lint, id, &value))
            continue;
        finding =
            thaw_lint_add(lint, rule, &value.place, id,
                          thaw_lint_fact_is(entry, "holds_back") ? "%s is not what %s scales by"
                                                                 : "%s has no effect on %s",
                          id, thaw_lint_plan_title(lint));
        thaw_lint_evidence(lint, finding, "%s", why);
        thaw_lint_plan_evidence(lint, finding);
        thaw_lint_source(lint, finding, entry);
        if (*thaw_lint_fact_instead(lint, entry))
            thaw_lint_fix(lint, finding, "remove it; here it is %s",
                          thaw_lint_fact_instead(lint, entry));
        else
            thaw_lint_fix(lint, finding, "remove it; set it where the plan has it");
    }
}

const struct thaw_lint_rule thaw_rule_concurrency_setting_ignored = {
    .kind =
        {
            .id = "concurrency-setting-ignored",
            .severity = "warning",
            .title = "host.json says what the plan has elsewhere",
            .needs = "host.json and the plan",
            .explanation =
                "How many HTTP requests an instance takes at a time is host.json's matter on some "
                "plans only. On Flex Consumption it is a property of the site, "
                "scaleAndConcurrency.triggers.http.perInstanceConcurrency, which the platform "
                "needs "
                "to scale; maxConcurrentRequests of host.json does not change it.\n"
                "\n"
                "Each such key is listed with its source; where only one place says so the finding "
                "has a doubt and its confidence is lower.\n"
                "\n"
                "How to change it: in the template\n"
                "  scaleAndConcurrency: { triggers: { http: { perInstanceConcurrency: 8 } } }\n"
                "or az functionapp scale config set --trigger-type http --trigger-settings "
                "perInstanceConcurrency=8.\n"
                "\n"
                "What may go wrong: the two numbers mean different things. One throttles a host "
                "that is there, the other decides when another instance comes.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_plan_and_host,
    .check = check_ignored,
};

/* --- number of instances --- */

static void check_scale_out(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    static const char name[] = "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT";
    const struct thaw_setting *setting = thaw_lint_deployed(lint, name);
    const json_t *entry = thaw_lint_azure_fact(lint, "settings", name);
    const char *why =
        thaw_lint_fact_text(json_object_get(entry, "without_effect_on"),
                            *lint->project->plan.value ? lint->project->plan.value : "?");
    struct thaw_lint_finding *finding;

    if (!setting || *why || !thaw_lint_fact_is(entry, "preview"))
        return;
    finding = thaw_lint_add(lint, rule, &setting->place, name,
                            "%s is a preview: the limit may not hold", name);
    if (*thaw_lint_fact_text(entry, "what"))
        thaw_lint_evidence(lint, finding, "%s", thaw_lint_fact_text(entry, "what"));
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "remove it; set %s",
                  *thaw_lint_fact_instead(lint, entry)
                      ? thaw_lint_fact_instead(lint, entry)
                      : "the app's property functionAppScaleLimit");
}

const struct thaw_lint_rule thaw_rule_scale_out_setting_preview = {
    .kind =
        {
            .id = "scale-out-setting-preview",
            .severity = "warning",
            .title = "the number of instances is bounded by a setting that stayed a preview",
            .needs = "the settings that are deployed",
            .explanation =
                "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT was the first way to bound the number "
                "of "
                "instances and has never left its preview. What took its place is a property of "
                "the "
                "app: functionAppScaleLimit on Consumption and Premium, maximumInstanceCount on "
                "Flex Consumption.\n"
                "\n"
                "A bound that does not hold is found out when the database behind the app has no "
                "connections left.\n"
                "\n"
                "How to change it: az resource update --resource-type Microsoft.Web/sites --set "
                "properties.siteConfig.functionAppScaleLimit=10, with the app's --name and "
                "--resource-group; then remove the setting.\n"
                "\n"
                "What may go wrong: a bound makes calls wait, or fail with 429, once it is "
                "reached; "
                "watch the queue's length and HTTP errors.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_settings,
    .check = check_scale_out,
};

static struct thaw_lint_finding *tell_instances(struct thaw_lint *lint,
                                                const struct thaw_lint_rule *rule,
                                                const struct thaw_project_fact *fact,
                                                const char *what)
{
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &fact->place, thaw_fact_name(fact->kind), "%s", what);

    thaw_lint_plan_evidence(lint, finding);
    return finding;
}

static void check_count(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        enum thaw_fact_kind kind, const char *property, double least)
{
    const struct thaw_project_fact *fact = NULL;
    double number, most;

    if (!thaw_lint_fact_number(thaw_lint_plan(lint), "instances_most", &most))
        return;
    if (least > 0)
        thaw_lint_fact_number(thaw_lint_plan(lint), "instances_least", &least);
    while ((fact = thaw_project_fact(lint->project, kind, fact))) {
        struct thaw_lint_finding *finding;

        if (!thaw_lint_number(fact->value, &number) || (number >= least && number <= most))
            continue;
        finding = tell_instances(lint, rule, fact,
                                 thaw_lint_text(lint, "%s is %.0f, %s has %.0f to %.0f instances",
                                                property, number, thaw_lint_plan_title(lint), least,
                                                most));
        thaw_lint_fix(lint, finding, "set %s between %.0f and %.0f", property, least, most);
    }
}

static bool is_size(const json_t *sizes, double number)
{
    const json_t *size;
    size_t i;

    json_array_foreach(sizes, i, size)
    {
        if (json_number_value(size) == number)
            return true;
    }
    return false;
}

static void check_memory(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *sizes = json_object_get(thaw_lint_plan(lint), "memory_mb");
    const char *text = thaw_lint_fact_list(lint, thaw_lint_plan(lint), "memory_mb");
    const struct thaw_project_fact *fact = NULL;
    double number;

    while (*text && (fact = thaw_project_fact(lint->project, THAW_FACT_INSTANCE_MEMORY, fact))) {
        struct thaw_lint_finding *finding;

        if (!thaw_lint_number(fact->value, &number) || is_size(sizes, number))
            continue;
        finding = tell_instances(lint, rule, fact,
                                 thaw_lint_text(lint, "instanceMemoryMB is %.0f, %s has %s", number,
                                                thaw_lint_plan_title(lint), text));
        thaw_lint_fix(lint, finding, "set instanceMemoryMB to one of %s", text);
    }
}

/* "http=2" of one app, summed up. */
static double always_ready_of(const struct thaw_lint *lint, const char *resource)
{
    const struct thaw_project_fact *fact = NULL;
    double sum = 0, number;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_ALWAYS_READY, fact))) {
        const char *equals = strrchr(fact->value, '=');

        if (equals && !strcmp(fact->resource, resource) && thaw_lint_number(equals + 1, &number))
            sum += number;
    }
    return sum;
}

static void check_always_ready(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *fact = NULL;
    double most;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_MAXIMUM_INSTANCES, fact))) {
        double ready = always_ready_of(lint, fact->resource);
        struct thaw_lint_finding *finding;

        if (!thaw_lint_number(fact->value, &most) || ready <= most)
            continue;
        finding =
            tell_instances(lint, rule, fact,
                           thaw_lint_text(lint,
                                          "%.0f instances are to be always ready, %.0f are allowed",
                                          ready, most));
        thaw_lint_fix(lint, finding, "raise maximumInstanceCount above %.0f", ready);
    }
}

static void check_instances(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    check_count(lint, rule, THAW_FACT_MAXIMUM_INSTANCES, "maximumInstanceCount", 1);
    /* 0: without a limit. */
    check_count(lint, rule, THAW_FACT_SCALE_LIMIT, "functionAppScaleLimit", 0);
    check_count(lint, rule, THAW_FACT_MINIMUM_ELASTIC, "minimumElasticInstanceCount", 0);
    check_memory(lint, rule);
    check_always_ready(lint, rule);
}

static bool can_check_instances(const struct thaw_lint *lint)
{
    static const enum thaw_fact_kind kinds[] = {THAW_FACT_MAXIMUM_INSTANCES, THAW_FACT_SCALE_LIMIT,
                                                THAW_FACT_MINIMUM_ELASTIC,
                                                THAW_FACT_INSTANCE_MEMORY, THAW_FACT_ALWAYS_READY};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (thaw_project_fact(lint->project, kinds[i], NULL))
            return thaw_lint_has_plan(lint);
    return false;
}

const struct thaw_lint_rule thaw_rule_instances_out_of_range = {
    .kind =
        {
            .id = "instances-out-of-range",
            .severity = "error",
            .title = "a template asks for instances that the plan does not have",
            .needs = "the plan, and a template that states numbers or sizes of instances",
            .explanation =
                "Each plan has its bounds: how many instances an app may have, and on Flex "
                "Consumption of which sizes (512, 2048 and 4096 MB). A deployment that asks for "
                "others is refused, in the middle of the rest of it.\n"
                "\n"
                "Compared are maximumInstanceCount, functionAppScaleLimit, "
                "minimumElasticInstanceCount, instanceMemoryMB, and the sum of the instances that "
                "are always ready against the number that is allowed.\n"
                "\n"
                "How to change it: take a number of the range that the finding names.\n"
                "\n"
                "What may go wrong: the size of an instance is its share of CPU, too: with 512 MB "
                "an app has a quarter of a core, and imports take four times as long as with "
                "2048 MB.",
        },
    .area = "scaling",
    .platforms = THAW_LINT_AZURE,
    .can_check = can_check_instances,
    .check = check_instances,
};
