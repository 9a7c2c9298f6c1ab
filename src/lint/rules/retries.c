/* SPDX-License-Identifier: Apache-2.0 */
/* Retries: policies where they have an effect, and what becomes of messages that always fail. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

static const json_t *retry_fact(const struct thaw_lint *lint,
                                const struct thaw_app_function *function)
{
    const struct thaw_app_binding *trigger = thaw_app_trigger(function);

    return trigger && trigger->type ? thaw_lint_azure_fact(lint, "retries", trigger->type) : NULL;
}

static bool policy_is(const json_t *entry, const char *policy)
{
    return !strcmp(thaw_lint_fact_text(entry, "policy"), policy);
}

/* A strategy that is given but not known is one. */
static bool has_policy(const struct thaw_app_function *function)
{
    return !function->retry_strategy || *function->retry_strategy;
}

static const struct thaw_project_place *policy_place(const struct thaw_app_function *function)
{
    return *function->retry_place.file ? &function->retry_place : &function->place;
}

/* Functions of the app that no policy is for, whoever gives it. */
static void tell_policy_does_nothing(struct thaw_lint *lint, struct thaw_lint_finding *finding)
{
    enum { MOST = 4 };
    size_t count = 0;

    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const json_t *entry = retry_fact(lint, function);

        if (!entry || policy_is(entry, "function") || !thaw_lint_is_live(function))
            continue;
        if (count++ < MOST)
            thaw_lint_evidence(lint, finding, "it does nothing for %s, a %s",
                               thaw_lint_function_text(lint, function),
                               thaw_app_trigger(function)->type);
    }
    if (count > MOST)
        thaw_lint_evidence(lint, finding, "nor for %zu more", count - MOST);
}

static void check_host_retry(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *gone = thaw_lint_azure_fact(lint, "host_gone", "retry");
    struct thaw_lint_host_value value;
    struct thaw_lint_finding *finding;

    if (!thaw_lint_host(lint, "retry", &value))
        return;
    finding = thaw_lint_add(lint, rule, &value.place, "retry",
                            "host.json's root \"retry\" is no longer documented: it counts for a "
                            "few triggers at most");
    thaw_lint_evidence(lint, finding, "%s", thaw_lint_fact_text(gone, "why"));
    tell_policy_does_nothing(lint, finding);
    thaw_lint_source(lint, finding, gone);
    thaw_lint_fix(lint, finding,
                  "remove it; give @app.retry(…) to timer, Event Hubs, Kafka and "
                  "Cosmos DB functions");
}

const struct thaw_lint_rule thaw_rule_retry_in_host_json = {
    .kind =
        {
            .id = "retry-in-host-json",
            .severity = "warning",
            .title = "a retry policy at the root of host.json",
            .needs = "host.json",
            .explanation =
                "A \"retry\" for the whole app was a preview for all triggers; that ended in "
                "December "
                "2022, and the documentation has it no longer. The host's code still reads it and "
                "passes it on, but only triggers that take part in retries heed it: for HTTP, "
                "queues, blobs and Service Bus it does nothing, and who finds it in host.json "
                "believes that failed calls are repeated.\n"
                "\n"
                "What there is now: a policy of a function, for the triggers of timers, Event "
                "Hubs, "
                "Kafka and Cosmos DB; and for queues, blobs and Service Bus what the service "
                "itself "
                "does, with its numbers under \"extensions\" (maxDequeueCount) or at the queue.\n"
                "\n"
                "How to change it: remove the root \"retry\" and decorate the functions:\n"
                "  @app.retry(strategy=\"fixed_delay\", max_retry_count=\"3\", "
                "delay_interval=\"00:00:10\")\n"
                "\n"
                "What may go wrong: a handler that is called again has to bear it. Once retries "
                "are "
                "in effect look for work that must not be done twice.",
        },
    .area = "retries",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_host_retry,
};

static void check_without_effect(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const json_t *entry = retry_fact(lint, function);
        const char *key = thaw_lint_fact_text(entry, "host_key");
        struct thaw_lint_finding *finding;

        if (!entry || policy_is(entry, "function") || !has_policy(function) ||
            !thaw_lint_is_live(function))
            continue;
        finding = thaw_lint_add(lint, rule, policy_place(function), function->name,
                                "the retry policy of %s has no effect on a %s", function->name,
                                thaw_app_trigger(function)->type);
        if (*thaw_lint_fact_text(entry, "poison"))
            thaw_lint_evidence(lint, finding, "what fails again and again: %s",
                               thaw_lint_fact_text(entry, "poison"));
        thaw_lint_source(lint, finding, entry);
        if (*key)
            thaw_lint_fix(lint, finding, "remove it; host.json's %s says how often it is tried",
                          key);
        else
            thaw_lint_fix(lint, finding, "remove it; repeat within the handler, or by the caller");
    }
}

const struct thaw_lint_rule thaw_rule_retry_without_effect = {
    .kind =
        {
            .id = "retry-without-effect",
            .severity = "warning",
            .title = "a retry policy on a trigger that has none",
            .needs = "the app's functions",
            .explanation =
                "Retry policies of a function are for the triggers of timers, Event Hubs, Kafka "
                "and "
                "Cosmos DB. On others the decorator is taken and does nothing: it was a preview "
                "there until December 2022.\n"
                "\n"
                "Queues, blobs and Service Bus repeat by themselves: a message that was not "
                "completed becomes visible again, a number of times, and then goes to a poison or "
                "dead-letter queue. An HTTP call is the caller's to repeat.\n"
                "\n"
                "How to change it: remove the decorator. For queues set "
                "extensions.queues.maxDequeueCount and visibilityTimeout in host.json, for Service "
                "Bus the queue's own maximum delivery count.\n"
                "\n"
                "What may go wrong: nothing at run time – it never was in effect.",
        },
    .area = "retries",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_without_effect,
};

static void check_endless(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const json_t *entry = retry_fact(lint, function);
        struct thaw_lint_finding *finding;

        if (function->retry_most != -1 || !thaw_lint_fact_is(entry, "stores_position") ||
            !thaw_lint_is_live(function))
            continue;
        finding = thaw_lint_add(lint, rule, policy_place(function), function->name,
                                "%s is retried for ever: what always fails holds up all behind it",
                                function->name);
        thaw_lint_evidence(lint, finding, "max_retry_count is -1 on a %s",
                           thaw_app_trigger(function)->type);
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding,
                      "bound it (max_retry_count 5), and put aside what still fails");
    }
}

const struct thaw_lint_rule thaw_rule_retry_endless = {
    .kind =
        {
            .id = "retry-endless",
            .severity = "warning",
            .title = "a stream's function is retried without an end",
            .needs = "the app's functions",
            .explanation =
                "Event Hubs, Kafka and Cosmos DB deliver in order. With max_retry_count -1 a batch "
                "that always fails – one event that can't be parsed is enough – is repeated for "
                "ever, and its partition stands still behind it. Each attempt is paid for.\n"
                "\n"
                "The usual cause is the wish to lose nothing. That takes a place for what fails, "
                "not a retry without an end.\n"
                "\n"
                "How to change it: a bounded policy with growing pauses,\n"
                "  @app.retry(strategy=\"exponential_backoff\", max_retry_count=\"5\", "
                "minimum_interval=\"00:00:10\", maximum_interval=\"00:15:00\")\n"
                "and a handler that writes events it can't process to a queue of their own.\n"
                "\n"
                "What may go wrong: when a service that the handler needs is down for long, a "
                "bounded policy runs out: let the handler put those aside, too.",
        },
    .area = "retries",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_endless,
};

/* --- poison --- */

static bool has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text), suffix_length = strlen(suffix);

    return length >= suffix_length && !strcasecmp(text + length - suffix_length, suffix);
}

/* Queues that are for what failed: of Storage, of Service Bus, and as people name them. */
static bool is_for_failed(const char *path)
{
    return has_suffix(path, "-poison") || strcasestr(path, "deadletter") ||
           strcasestr(path, "dead-letter") || strcasestr(path, "poison");
}

/* Does a function read what the queue of another one casts out? A path that is not known may be
 * any. */
static bool is_handled(const struct thaw_lint *lint, const char *type, const char *wanted)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const struct thaw_app_binding *trigger = thaw_app_trigger(function);

        if (!trigger || !thaw_lint_is_live(function) || !trigger->type ||
            strcasecmp(trigger->type, type) != 0)
            continue;
        if (!trigger->path || strchr(trigger->path, '%') || !strcasecmp(trigger->path, wanted))
            return true;
    }
    return false;
}

/* Where what fails ends up, and by which trigger it is read; NULL: the trigger has no such place.
 */
static const char *poison_of(struct thaw_lint *lint, const struct thaw_app_binding *trigger,
                             const char **ret_type)
{
    *ret_type = "queueTrigger";
    if (!strcasecmp(trigger->type, "queueTrigger"))
        return thaw_lint_text(lint, "%s-poison", trigger->path);
    if (!strcasecmp(trigger->type, "blobTrigger"))
        return "webjobs-blobtrigger-poison";
    *ret_type = "serviceBusTrigger";
    if (!strcasecmp(trigger->type, "serviceBusTrigger"))
        return thaw_lint_text(lint, "%s/$DeadLetterQueue", trigger->path);
    return NULL;
}

/* Where what fails of a function ends up, where nobody reads it; NULL: somebody does, or that is
 * not known. */
static const char *unread_poison(struct thaw_lint *lint, const struct thaw_app_function *function,
                                 const char **ret_type)
{
    const struct thaw_app_binding *trigger = thaw_app_trigger(function);
    const char *poison;

    if (!trigger || !trigger->type || !trigger->path || !*trigger->path ||
        strchr(trigger->path, '%') || !thaw_lint_is_live(function) || is_for_failed(trigger->path))
        return NULL;
    poison = poison_of(lint, trigger, ret_type);
    return poison && !is_handled(lint, *ret_type, poison) ? poison : NULL;
}

/* One finding for all: what is done about it is done once. */
static void check_poison(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    enum { MOST = THAW_LINT_EVIDENCE_MAX - 2 };
    const struct thaw_app_function *first = NULL;
    struct thaw_lint_finding *finding = NULL;
    const char *type = "", *first_type = "";
    size_t count = 0;

    for (size_t i = 0; i < lint->project->function_count; i++)
        if (unread_poison(lint, &lint->project->functions[i], &type) && !count++) {
            first = &lint->project->functions[i];
            first_type = type;
        }
    if (!first)
        return;
    finding =
        thaw_lint_add(lint, rule, &thaw_app_trigger(first)->place, "poison",
                      "nothing in the app reads what %s can't process",
                      count == 1 ? first->name : thaw_lint_text(lint, "%zu functions", count));
    thaw_lint_confidence(finding, "medium");
    thaw_lint_evidence(lint, finding, "what always fails: %s",
                       thaw_lint_fact_text(retry_fact(lint, first), "poison"));
    for (size_t i = 0, told = 0; i < lint->project->function_count && told < MOST; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const char *poison = unread_poison(lint, function, &type);

        if (!poison)
            continue;
        told++;
        thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_function_text(lint, function),
                           poison);
        thaw_lint_source(lint, finding, retry_fact(lint, function));
    }
    if (count > MOST)
        thaw_lint_evidence(lint, finding, "and %zu more", count - MOST);
    thaw_lint_fix(lint, finding,
                  "add a %s on it that records and tells, or an alert on its "
                  "length",
                  first_type);
}

const struct thaw_lint_rule thaw_rule_poison_unhandled = {
    .kind =
        {
            .id = "poison-unhandled",
            .severity = "note",
            .title = "messages that always fail are put aside where nobody looks",
            .needs = "the app's functions",
            .explanation =
                "A message that fails a number of times (maxDequeueCount, 5 unless host.json says "
                "otherwise) is moved: of a storage queue to NAME-poison, of blobs to "
                "webjobs-blobtrigger-poison, of Service Bus to QUEUE/$DeadLetterQueue, of a topic "
                "to "
                "TOPIC/Subscriptions/SUBSCRIPTION/$DeadLetterQueue. There it stays, and of a "
                "storage queue it is gone after seven days.\n"
                "\n"
                "Told are triggers whose queue has no reader of that kind in the same app. "
                "Another app, or an alert on the queue's length, would do as well and can't be "
                "seen from here: hence a note.\n"
                "\n"
                "How to change it:\n"
                "  @app.queue_trigger(arg_name=\"msg\", queue_name=\"orders-poison\", "
                "connection=\"Orders\")\n"
                "that writes down what it was and tells somebody.\n"
                "\n"
                "What may go wrong: a handler of poison messages that fails makes its own: "
                "orders-poison-poison.",
        },
    .area = "retries",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_poison,
};

/* --- streams --- */

static void check_event_hub(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const json_t *entry = retry_fact(lint, function);
        struct thaw_lint_finding *finding;

        if (!policy_is(entry, "function") || has_policy(function) || !thaw_lint_is_live(function) ||
            thaw_lint_function_is(function, "timerTrigger"))
            continue;
        finding = thaw_lint_add(lint, rule, &function->place, function->name,
                                "%s has no retry policy: a batch that fails is passed over",
                                function->name);
        if (*thaw_lint_fact_text(entry, "poison"))
            thaw_lint_evidence(lint, finding, "what fails: %s",
                               thaw_lint_fact_text(entry, "poison"));
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding,
                      function->model == THAW_FUNCTION_V1
                          ? "in function.json: \"retry\": {\"strategy\": \"exponentialBackoff\", "
                            "\"maxRetryCount\": 5, \"minimumInterval\": \"00:00:10\", "
                            "\"maximumInterval\": \"00:15:00\"}"
                          : "@app.retry(strategy=\"exponential_backoff\", "
                            "max_retry_count=\"5\", minimum_interval=\"00:00:10\", "
                            "maximum_interval=\"00:15:00\")");
    }
}

const struct thaw_lint_rule thaw_rule_event_hub_no_retry = {
    .kind =
        {
            .id = "event-hub-no-retry",
            .severity = "warning",
            .title = "a stream's function without a retry policy loses what fails",
            .needs = "the app's functions",
            .explanation =
                "Triggers of Event Hubs, Kafka and Cosmos DB remember how far they have read. "
                "Without a retry policy they go on after a call that failed: the events of that "
                "batch are not delivered again. There is no poison queue.\n"
                "\n"
                "An exception in the handler is enough, and so is a worker that is ended in the "
                "middle of a batch while it was starting.\n"
                "\n"
                "How to change it: give the function a bounded policy, and catch what a retry "
                "won't "
                "mend within the handler, event by event, and put it aside (a queue output "
                "binding).\n"
                "\n"
                "What may go wrong: with a policy the whole batch is repeated: the handler has to "
                "bear events that it has seen. Without an end (max_retry_count -1) one bad event "
                "holds up the partition: thaw explain retry-endless.",
        },
    .area = "retries",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_event_hub,
};
