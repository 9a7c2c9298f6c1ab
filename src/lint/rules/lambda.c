/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over AWS Lambda: a function's timeout, memory, init and runtime. */
#include <string.h>

#include "lint/code.h"
#include "lint/deployed.h"
#include "lint/lambda.h"
#include "lint/look.h"
#include "lint/recorded.h"
#include "lint/rules.h"

/* From that part of a limit on the next busy day is over it. */
#define NEAR_TIMEOUT 0.9
#define NEAR_INIT 0.7
/* Up to that many MB a function has a seventh of a CPU or less. */
#define LITTLE_MEMORY 256
/* A tree that large, or a start that long, is what such a part of a CPU makes slow. */
#define LARGE_TREE 50000000u
#define SLOW_START_S 1.0

/* --- lambda-timeout --- */

static const struct thaw_project_fact *api_event(const struct thaw_lint *lint,
                                                 const struct thaw_project_fact *function)
{
    const struct thaw_project_fact *event = NULL;

    while ((event = thaw_lambda_fact(lint, function, THAW_FACT_EVENT, event)))
        if (!strcmp(event->value, "Api") || !strcmp(event->value, "HttpApi"))
            return event;
    return NULL;
}

static void tell_no_timeout(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                            const struct thaw_project_fact *function)
{
    struct thaw_lint_finding *finding;
    const json_t *entry;
    double usual;

    if (thaw_project_unread(lint->project) ||
        !thaw_lambda_limit(lint, "timeout-default-s", &entry, &usual))
        return;
    finding =
        thaw_lint_add(lint, rule, &function->place, thaw_lambda_name(function),
                      "%s has no timeout of its own: %g s", thaw_lambda_name(function), usual);
    thaw_lint_evidence(lint, finding, "%s: no Timeout",
                       thaw_lint_place_text(lint, &function->place));
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "set Timeout to what its slowest good call takes, with a margin");
    if (finding)
        finding->severity = "note";
}

static void tell_beyond_gateway(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                                const struct thaw_project_fact *function,
                                const struct thaw_project_fact *timeout,
                                const struct thaw_project_fact *event)
{
    struct thaw_lint_finding *finding;
    const json_t *entry;
    double gateway, seconds;

    if (!thaw_lambda_limit(lint, !strcmp(event->value, "HttpApi") ? "http-api-s" : "api-gateway-s",
                           &entry, &gateway) ||
        !thaw_lambda_number(timeout, &seconds) || seconds <= gateway)
        return;
    finding = thaw_lint_add(lint, rule, &timeout->place, thaw_lambda_name(function),
                            "%s may take %g s, and API Gateway answers for it after %g s",
                            thaw_lambda_name(function), seconds, gateway);
    thaw_lint_evidence(lint, finding, "%s: an event of type %s",
                       thaw_lint_place_text(lint, &event->place), event->value);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "set Timeout below %g, or answer at once and work behind a queue",
                  gateway);
}

static void tell_near_most(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                           const struct thaw_project_fact *function,
                           const struct thaw_project_fact *timeout)
{
    struct thaw_lint_finding *finding;
    const json_t *entry;
    double most, seconds;

    if (!thaw_lambda_limit(lint, "timeout-most-s", &entry, &most) ||
        !thaw_lambda_number(timeout, &seconds) || seconds < NEAR_TIMEOUT * most)
        return;
    finding = thaw_lint_add(lint, rule, &timeout->place, thaw_lambda_name(function),
                            seconds > most ? "%s has a timeout of %g s, %g s is the most"
                                           : "%s has a timeout of %g s, near the most of %g s",
                            thaw_lambda_name(function), seconds, most);
    thaw_lint_evidence(lint, finding, "%s: Timeout %g", thaw_lint_place_text(lint, &timeout->place),
                       seconds);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding,
                  "split the work (Step Functions, a queue), or run it in Batch or "
                  "ECS");
    if (finding)
        finding->severity = seconds > most ? "error" : "note";
}

static bool visibility_of(const struct thaw_lint *lint, const struct thaw_project_fact *fact,
                          double *ret)
{
    const json_t *entry;

    return strcmp(fact->value, "unset")
               ? thaw_lambda_number(fact, ret)
               : thaw_lambda_limit(lint, "sqs-visibility-default-s", &entry, ret);
}

/* The queue would hand out a message again that is still worked on. */
static void tell_beyond_queue(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                              const struct thaw_project_fact *function,
                              const struct thaw_project_fact *timeout)
{
    const struct thaw_project_fact *queue = NULL;
    struct thaw_lint_finding *finding;
    double seconds, visibility, least;
    const json_t *entry;

    if (!thaw_lambda_limit(lint, "sqs-visibility-least", &entry, &least) ||
        !thaw_lambda_number(timeout, &seconds))
        return;
    while ((queue = thaw_lambda_fact(lint, function, THAW_FACT_VISIBILITY, queue))) {
        if (!visibility_of(lint, queue, &visibility) || visibility >= seconds * least)
            continue;
        finding = thaw_lint_add(lint, rule, &queue->place, thaw_lambda_name(function),
                                "%s may take %g s, and its queue hands a message out again after "
                                "%g s: Lambda refuses to connect them",
                                thaw_lambda_name(function), seconds, visibility);
        thaw_lint_evidence(lint, finding, "%s: Timeout %g",
                           thaw_lint_place_text(lint, &timeout->place), seconds);
        thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_place_text(lint, &queue->place),
                           strcmp(queue->value, "unset") ? "VisibilityTimeout of the queue"
                                                         : "a queue without VisibilityTimeout");
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding,
                      "set the queue's VisibilityTimeout to %g or more (six times the function's "
                      "Timeout is advised), or lower Timeout",
                      seconds);
        thaw_lint_severity(finding, "error");
    }
}

static void check_timeout(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *function = NULL;

    while ((function = thaw_project_fact(lint->project, THAW_FACT_FUNCTION, function))) {
        const struct thaw_project_fact *timeout =
            thaw_lambda_fact(lint, function, THAW_FACT_TIMEOUT, NULL);
        const struct thaw_project_fact *event = api_event(lint, function);

        if (!timeout)
            tell_no_timeout(lint, rule, function);
        else if (event)
            tell_beyond_gateway(lint, rule, function, timeout, event);
        if (timeout) {
            tell_near_most(lint, rule, function, timeout);
            tell_beyond_queue(lint, rule, function, timeout);
        }
    }
}

/* --- lambda-memory --- */

static bool memory_of(const struct thaw_lint *lint, const struct thaw_project_fact *function,
                      const struct thaw_project_fact **fact, double *ret)
{
    const json_t *entry;

    *fact = thaw_lambda_fact(lint, function, THAW_FACT_MEMORY, NULL);
    if (*fact)
        return thaw_lambda_number(*fact, ret);
    return !thaw_project_unread(lint->project) &&
           thaw_lambda_limit(lint, "memory-default-mb", &entry, ret);
}

static double recorded_init(const struct thaw_lint *lint)
{
    if (!thaw_recorded_joins(lint) || strcmp(thaw_recorded_platform(lint), "aws_lambda") != 0)
        return -1;
    return thaw_recorded_init_s(lint);
}

static void tell_memory(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        const struct thaw_project_fact *function,
                        const struct thaw_project_fact *fact, double memory)
{
    double init = recorded_init(lint), full;
    const json_t *entry;
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, fact ? &fact->place : &function->place,
                      thaw_lambda_name(function), "%s has %g MB, and much to load",
                      thaw_lambda_name(function), memory);

    if (!fact)
        thaw_lint_evidence(lint, finding, "no MemorySize: the least is given");
    if (thaw_lambda_limit(lint, "memory-full-cpu-mb", &entry, &full) && full > 0) {
        thaw_lint_evidence(lint, finding, "CPU comes with memory: %.0f %% of one",
                           memory / full * 100);
        thaw_lint_source(lint, finding, entry);
    }
    if (lint->project->deployed.bytes >= LARGE_TREE)
        thaw_lint_evidence(lint, finding, "%s in %llu files are deployed",
                           thaw_lint_size_text(lint, lint->project->deployed.bytes),
                           (unsigned long long)lint->project->deployed.files);
    if (init >= SLOW_START_S)
        thaw_lint_evidence(lint, finding, "recorded: init took %.2f s", init);
    thaw_lint_fix(lint, finding,
                  "try 512 to 1024 MB: calls that take less time may cost less, too");
    if (finding && init < 0)
        finding->confidence = "medium"; /* what is deployed need not be imported */
}

/* True: it was told. */
static bool tell_no_such_memory(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                                const struct thaw_project_fact *function,
                                const struct thaw_project_fact *fact, double memory)
{
    const json_t *least_entry, *most_entry;
    struct thaw_lint_finding *finding;
    double least, most;

    if (!fact || !thaw_lambda_limit(lint, "memory-least-mb", &least_entry, &least) ||
        !thaw_lambda_limit(lint, "memory-most-mb", &most_entry, &most) ||
        (memory >= least && memory <= most))
        return false;
    finding = thaw_lint_add(lint, rule, &fact->place, thaw_lambda_name(function),
                            "%s asks for %g MB, and Lambda gives %g to %g MB",
                            thaw_lambda_name(function), memory, least, most);
    thaw_lint_evidence(lint, finding, "%s: MemorySize %g", thaw_lint_place_text(lint, &fact->place),
                       memory);
    thaw_lint_source(lint, finding, memory > most ? most_entry : least_entry);
    thaw_lint_fix(lint, finding, "set MemorySize to %g or %s", memory > most ? most : least,
                  memory > most ? "less" : "more");
    thaw_lint_severity(finding, "error");
    return true;
}

static void check_memory(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *function = NULL, *fact;
    bool is_much =
        lint->project->deployed.bytes >= LARGE_TREE || recorded_init(lint) >= SLOW_START_S;
    double memory;

    while ((function = thaw_project_fact(lint->project, THAW_FACT_FUNCTION, function)))
        if (memory_of(lint, function, &fact, &memory) &&
            !tell_no_such_memory(lint, rule, function, fact, memory) && is_much &&
            memory <= LITTLE_MEMORY)
            tell_memory(lint, rule, function, fact, memory);
}

/* --- lambda-init --- */

static bool saw_init(const struct thaw_lint *lint)
{
    return recorded_init(lint) >= 0;
}

static void check_init(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    double took = recorded_init(lint), most;
    struct thaw_lint_finding *finding;
    const json_t *entry;

    if (!thaw_lambda_limit(lint, "init-s", &entry, &most) || took < NEAR_INIT * most)
        return;
    finding = thaw_lint_add(lint, rule, NULL, "init",
                            "init took %.1f s: %.0f %% of the %.0f s that Lambda allows", took,
                            took / most * 100, most);
    thaw_lint_evidence(lint, finding, "recorded: from the runtime's start until it asked for work");
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding,
                  "let imports wait that the first call does not need (thaw explain "
                  "lazy-import), or give the function more memory");
    if (finding && took >= most)
        finding->severity = "error";
}

/* --- lambda-runtime-ending --- */

static bool names_runtime(const struct thaw_lint *lint)
{
    return thaw_project_fact(lint->project, THAW_FACT_LAMBDA_RUNTIME, NULL) != NULL;
}

static bool is_same_line(const struct thaw_project_fact *one, const struct thaw_project_fact *other)
{
    return one->place.line == other->place.line && !strcmp(one->place.file, other->place.file) &&
           !strcmp(one->value, other->value);
}

/* Functions that take their runtime from one line, of Globals say; false: an earlier one has told
 * it. */
static bool functions_of(struct thaw_lint *lint, const struct thaw_project_fact *runtime,
                         struct thaw_lint_names *names)
{
    const struct thaw_project_fact *fact = NULL;
    bool is_first = true;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_LAMBDA_RUNTIME, fact))) {
        if (!is_same_line(fact, runtime))
            continue;
        if (is_first && fact != runtime)
            return false;
        is_first = false;
        if (*fact->resource)
            thaw_lint_names_add(lint, names, fact->resource);
    }
    return true;
}

static void check_runtime(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *fact = NULL;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_LAMBDA_RUNTIME, fact))) {
        const json_t *entry = thaw_lint_fact(lint->facts, "aws_lambda", "runtimes", fact->value);
        const char *ends = thaw_lint_fact_text(entry, "ends");
        struct thaw_lint_names names = {0};
        struct thaw_lint_finding *finding;
        bool ended = *ends && strcmp(ends, lint->today) < 0;

        if (!*ends || !thaw_lint_day_is_within(ends, lint->today, THAW_LINT_MONTHS_AHEAD) ||
            !functions_of(lint, fact, &names))
            continue;
        finding =
            thaw_lint_add(lint, rule, &fact->place, *fact->resource ? fact->resource : "runtime",
                          ended ? "runtime %s ended on %s" : "runtime %s ends on %s", fact->value,
                          ends);
        thaw_lint_evidence(lint, finding, "%s: Runtime %s",
                           thaw_lint_place_text(lint, &fact->place), fact->value);
        if (names.count)
            thaw_lint_evidence(lint, finding, "it is the runtime of %s",
                               thaw_lint_names_text(lint, &names));
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding, "set a newer runtime, and build the packages anew for it");
        if (finding && !ended)
            finding->severity = "note";
    }
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_lambda_timeout = {
    .kind =
        {
            .id = "lambda-timeout",
            .severity = "warning",
            .title = "a function's timeout doesn't fit what calls it",
            .needs = "a template that names a function",
            .explanation =
                "A function that is not told otherwise is ended after 3 s, its cold start's work "
                "in the handler included. 900 s is the most there is.\n"
                "\n"
                "API Gateway waits 29 s for its integration unless a higher quota was asked for, "
                "and then answers with an error itself. A function with a larger timeout goes "
                "on, is paid for, and nobody gets its result.\n"
                "\n"
                "A queue (SQS) hands a message out again after its visibility timeout, 30 s unless "
                "set. Where that is less than the function's timeout Lambda refuses to connect "
                "them, and the deployment fails; six times the timeout is advised.\n"
                "\n"
                "How to change it: Timeout of what its slowest good call takes, with a margin; "
                "below API Gateway's wait where that calls it. Longer work: answer at once with "
                "an id, put a message into a queue, and let another function do it; Step "
                "Functions for several steps; Batch or ECS for more than minutes.\n"
                "\n"
                "What may go wrong: a timeout that is too tight ends calls that a slow service "
                "made long. Set the timeouts of the clients within it below it, so that errors "
                "are yours.",
        },
    .area = "lambda",
    .platforms = THAW_LINT_LAMBDA,
    .can_check = thaw_lambda_has_functions,
    .check = check_timeout,
};

const struct thaw_lint_rule thaw_rule_lambda_memory = {
    .kind =
        {
            .id = "lambda-memory",
            .severity = "warning",
            .title = "little memory, and with it little CPU, for much to load; or none such",
            .needs = "a template that names a function",
            .explanation =
                "In Lambda CPU comes with memory: 1,769 MB are one whole CPU, 128 MB a "
                "fourteenth of one. Importing is nearly all CPU, so that a function with 128 MB "
                "may take ten times as long to start as one with 1.5 GB. One user measured 18.8 "
                "s with 128 MB and 2.8 s with 1 GB for the same imports.\n"
                "\n"
                "A MemorySize below 128 or above 10,240 MB is refused: that is an error.\n"
                "\n"
                "Else it is told where a function has 256 MB or less (or none is set: 128), and at "
                "least 50 MB are deployed or a recorded init took a second or more.\n"
                "\n"
                "How to change it: MemorySize 512 or 1024, and measure. A call that takes a "
                "fifth of the time with four times the memory costs less.\n"
                "\n"
                "What may go wrong: a function that mostly waits for others gains nothing and "
                "costs more. Its start still does.",
        },
    .area = "lambda",
    .platforms = THAW_LINT_LAMBDA,
    .can_check = thaw_lambda_has_functions,
    .check = check_memory,
};

const struct thaw_lint_rule thaw_rule_lambda_init = {
    .kind =
        {
            .id = "lambda-init",
            .severity = "warning",
            .title = "the recorded init comes near to what Lambda allows",
            .needs = "a recording of this app in Lambda, or in its emulator",
            .explanation =
                "Lambda ends an init after 10 s and begins it anew within the first invocation, "
                "where it counts against the function's timeout. The caller waits for both.\n"
                "\n"
                "From seven tenths on it is a warning: the recording's machine may be faster "
                "than a function with little memory.\n"
                "\n"
                "How to change it: thaw report shows what is dearest. Let imports wait, do "
                "nothing over the network while importing, give more memory, ship bytecode; "
                "SnapStart or provisioned concurrency take the init from the calls.",
        },
    .area = "lambda",
    .platforms = THAW_LINT_LAMBDA,
    .can_check = saw_init,
    .check = check_init,
};

const struct thaw_lint_rule thaw_rule_lambda_runtime_ending = {
    .kind =
        {
            .id = "lambda-runtime-ending",
            .severity = "warning",
            .title = "a runtime ended, or ends soon",
            .needs = "a template that names a runtime",
            .explanation =
                "Runtimes end some time after their Python does. From that day on there are no "
                "fixes; a little later functions can't be created with it any more, and at last "
                "not be changed. The days are dated facts of AWS, shown with their source.\n"
                "\n"
                "It is a note from six months before the end, and a warning after it.\n"
                "\n"
                "How to change it: set the newer runtime, build packages with compiled parts "
                "anew for it, and test: layers are for certain versions, too.",
        },
    .area = "lambda",
    .platforms = THAW_LINT_LAMBDA,
    .can_check = names_runtime,
    .check = check_runtime,
};
