/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over the task hub of Durable Functions: what goes through it, and its name. */
#include <string.h>

#include "lint/code.h"
#include "lint/rules.h"

static bool has_source(const struct thaw_lint *lint)
{
    return lint->project->has_source;
}

/* --- payload-large --- */

static bool limit_of(const struct thaw_lint *lint, const json_t **entry, double *bytes)
{
    *entry = thaw_lint_fact(lint->facts, "azure_functions", "limits", "durable-payload");
    return thaw_lint_fact_number(*entry, "value", bytes);
}

static bool is_large(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    const json_t *entry;
    double most;

    return !strncmp(call->name, "azure.durable_functions.", 24) && limit_of(lint, &entry, &most) &&
           (double)call->text_bytes > most;
}

static void tell_large(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                       const struct thaw_app_call *const *calls, size_t count)
{
    struct thaw_lint_finding *finding;
    const json_t *entry;
    double most = 0;

    (void)count;
    if (!limit_of(lint, &entry, &most))
        return;
    finding = thaw_lint_add(lint, rule, &calls[0]->place, thaw_lint_call_subject(lint, calls[0]),
                            "%s() is given a literal of %.0f KB", thaw_lint_method(calls[0]->name),
                            (double)calls[0]->text_bytes / 1000);
    thaw_lint_evidence(lint, finding, "beyond %.0f KB payloads leave the queue's message: %s",
                       most / 1000, thaw_lint_fact_text(entry, "what"));
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "store it once (a blob), and pass its name");
}

static void check_large(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    thaw_lint_each_site(lint, rule, is_large, tell_large);
}

/* --- hub-name-usual --- */

static bool has_orchestrators(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->function_count; i++)
        if (lint->project->functions[i].kind == THAW_FUNCTION_ORCHESTRATOR)
            return true;
    return false;
}

static bool has_slots(const struct thaw_lint *lint)
{
    return lint->project->has_source &&
           thaw_project_fact(lint->project, THAW_FACT_SLOT, NULL) != NULL;
}

static void check_hub_name(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *slot = thaw_project_fact(lint->project, THAW_FACT_SLOT, NULL);
    const struct thaw_setting *by = NULL;
    struct thaw_project_place place = {.file = ""};
    const json_t *value =
        thaw_project_host(lint->project, "extensions.durableTask.hubName", &place, &by);
    const char *name = json_string_value(value);
    struct thaw_lint_finding *finding;

    /* %NAME% is a setting's value, which a slot may have its own of. */
    if (!slot || by || (name && *name == '%') || !has_orchestrators(lint))
        return;
    finding = thaw_lint_add(lint, rule, value ? &place : &slot->place, "hubName",
                            value ? "the task hub's name is the same in every slot"
                                  : "no task hub is named, and there are slots");
    thaw_lint_evidence(lint, finding, "%s: a deployment slot",
                       thaw_lint_place_text(lint, &slot->place));
    thaw_lint_evidence(lint, finding,
                       value ? "host.json: extensions.durableTask.hubName is a "
                               "literal"
                             : "host.json: no extensions.durableTask.hubName");
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "durable-task-hub-slots"));
    thaw_lint_fix(lint, finding,
                  "set \"hubName\": \"%%TaskHub%%\", and the setting TaskHub in each slot as one "
                  "that stays with the slot");
    if (finding && !value)
        finding->confidence = "medium"; /* each slot may have a storage account of its own */
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_payload_large = {
    .kind =
        {
            .id = "payload-large",
            .severity = "warning",
            .title = "a large literal is passed through the task hub",
            .needs = "the source of the app's functions",
            .explanation =
                "Inputs and outputs of orchestrators and activities go through the task hub: "
                "they are written as JSON, put into messages and into the history, and read again "
                "on every replay. Those too large for a message are put into blobs, which takes a "
                "write and a read more for each.\n"
                "\n"
                "Only literals in the source are measured here. What is read at run time may be "
                "larger by far, and isn't seen.\n"
                "\n"
                "How to change it: write the data to a blob (or leave it where it came from), and "
                "pass its name.",
        },
    .area = "durable",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_large,
};

const struct thaw_lint_rule thaw_rule_hub_name_usual = {
    .kind =
        {
            .id = "hub-name-usual",
            .severity = "warning",
            .title = "deployment slots share one task hub",
            .needs = "the source of the app's functions, and templates that name a slot",
            .explanation =
                "A task hub is the set of queues and tables, in the app's storage account, that "
                "holds orchestrations. Apps that have the same storage account and the same hub's "
                "name take each other's messages: an orchestration begun in production may go on "
                "in a slot with other code.\n"
                "\n"
                "host.json is the same in all slots, so a name written there is the same, too. A "
                "name in percent signs is taken from the app setting of that name, which each "
                "slot may have its own of.\n"
                "\n"
                "How to change it: \"extensions\": {\"durableTask\": {\"hubName\": "
                "\"%TaskHub%\"}} in host.json, and TaskHub as a setting that stays with its "
                "slot.\n"
                "\n"
                "What may go wrong: orchestrations under way stay in the old hub. Let them end "
                "before the name changes.",
        },
    .area = "durable",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_slots,
    .check = check_hub_name,
};
