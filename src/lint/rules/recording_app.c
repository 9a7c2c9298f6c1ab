/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over a recording: whose it is, its Python's end, what observing the app costs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint/code.h"
#include "lint/look.h"
#include "lint/recorded.h"
#include "lint/rules.h"
#include "report/keys.h"

/* --- recording-of-another-app --- */

static bool has_recording(const struct thaw_lint *lint)
{
    return json_is_object(lint->recording) && lint->project->has_source;
}

static void check_stranger(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const char *why = thaw_recorded_stranger(lint);
    const char *directory = thaw_key_string(json_object_get(lint->recording, "run"), "directory");
    struct thaw_lint_finding *finding;

    if (!why)
        return;
    finding = thaw_lint_add(lint, rule, NULL, "recording",
                            "the recording is of another app, and was not joined");
    thaw_lint_evidence(lint, finding, "%s", why);
    if (*directory)
        thaw_lint_evidence(lint, finding, "it was recorded in %s", directory);
    thaw_lint_fix(lint, finding, "give a recording of this app, of its present state");
}

/* --- worker-end-of-life --- */

/* "3.11" of "3.11.2"; "" none. */
static void minor_version(const char *full, char minor[16])
{
    unsigned major, second;

    if (sscanf(full, "%u.%u", &major, &second) == 2 && major < 100 && second < 1000)
        snprintf(minor, 16, "%u.%u", major, second);
    else
        *minor = '\0';
}

static const json_t *python_entry(const struct thaw_lint *lint, const char *full)
{
    char minor[16], runtime[32];

    minor_version(full, minor);
    if (!*minor)
        return NULL;
    if (strcmp(thaw_recorded_platform(lint), "aws_lambda") != 0)
        return thaw_lint_fact(lint->facts, "azure_functions", "python", minor);
    snprintf(runtime, sizeof(runtime), "python%s", minor);
    return thaw_lint_fact(lint->facts, "aws_lambda", "runtimes", runtime);
}

static const char *recorded_python(const struct thaw_lint *lint)
{
    return thaw_key_string(thaw_recorded_process(lint), "python");
}

static bool saw_python(const struct thaw_lint *lint)
{
    return thaw_recorded_joins(lint) && *recorded_python(lint) &&
           (!strcmp(thaw_recorded_platform(lint), "azure_functions") ||
            !strcmp(thaw_recorded_platform(lint), "aws_lambda"));
}

static void check_worker(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const char *version = recorded_python(lint);
    const json_t *entry = python_entry(lint, version);
    const char *ends = thaw_lint_fact_text(entry, "ends");
    const char *worker = thaw_lint_fact_text(entry, "worker");
    struct thaw_lint_finding *finding;
    bool ended;

    if (!*ends || !thaw_lint_day_is_within(ends, lint->today, THAW_LINT_MONTHS_AHEAD))
        return;
    ended = strcmp(ends, lint->today) < 0;
    finding = thaw_lint_add(lint, rule, NULL, "python",
                            ended ? "the recorded worker's Python %s ended on %s"
                                  : "the recorded worker's Python %s ends on %s",
                            version, ends);
    thaw_lint_evidence(lint, finding, "recorded: a worker of %s on Python %s",
                       thaw_recorded_platform(lint), version);
    if (*worker)
        thaw_lint_evidence(lint, finding, "its worker: %s", worker);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "move to a newer version, and record a start with it");
    if (finding && !ended)
        finding->severity = "note";
}

/* --- instrumentation-costs-more --- */

/* Below that nobody waits for it. */
#define LEAST_S 0.05

enum { OF_APP = 1 << 0, OF_AGENT = 1 << 1 };

static bool is_agent(const struct thaw_lint *lint, const json_t *module)
{
    const char *distribution = thaw_key_string(module, "distribution");

    return *distribution && !strcmp(thaw_lint_package_class(lint, distribution), "tracing");
}

static const json_t *modules_of(const struct thaw_lint *lint)
{
    return json_object_get(lint->recording, "modules");
}

static bool saw_owners(const struct thaw_lint *lint)
{
    const json_t *module;
    size_t i;

    if (!thaw_recorded_joins(lint) || !thaw_recorded_headline(lint))
        return false;
    json_array_foreach(modules_of(lint), i, module)
    {
        if (!strcmp(thaw_key_string(module, "owner"), "app"))
            return true;
    }
    return false;
}

/* So many are named. */
enum { AGENTS_NAMED = 6 };

struct costs {
    double agents_s, rest_s;
    const char *agents[AGENTS_NAMED];
    size_t agent_count;
};

/* What it is part of; ids are numbers of modules in their order, so that a parent comes first. What
 * another package imports of an agent's (Durable: the API of OpenTelemetry) is a part of that one.
 */
static unsigned char part_of(const struct thaw_lint *lint, const json_t *module,
                             const unsigned char *parts, size_t before)
{
    json_int_t parent = json_integer_value(json_object_get(module, "parent"));
    unsigned char part = 0;
    bool by_package = false;

    if (parent >= 1 && (size_t)parent <= before) {
        const json_t *importer = json_array_get(modules_of(lint), (size_t)parent - 1);

        part = parts[parent - 1];
        by_package = !strcmp(thaw_key_string(importer, "owner"), "package");
    }
    if (!strcmp(thaw_key_string(module, "owner"), "app"))
        part |= OF_APP;
    if (is_agent(lint, module) && !by_package)
        part |= OF_AGENT;
    return part;
}

static void add_agent(struct costs *costs, const char *distribution)
{
    for (size_t i = 0; i < costs->agent_count; i++)
        if (!strcmp(costs->agents[i], distribution))
            return;
    if (costs->agent_count < AGENTS_NAMED)
        costs->agents[costs->agent_count++] = distribution;
}

static const char *agents_text(struct thaw_lint *lint, const struct costs *costs)
{
    struct thaw_lint_names names = {0};

    for (size_t i = 0; i < costs->agent_count; i++)
        thaw_lint_names_add(lint, &names, costs->agents[i]);
    return thaw_lint_names_text(lint, &names);
}

static void sum_costs(const struct thaw_lint *lint, unsigned char *parts, struct costs *costs)
{
    const json_t *process = json_object_get(thaw_recorded_headline(lint), "process"), *module;
    size_t i;

    json_array_foreach(modules_of(lint), i, module)
    {
        double self = thaw_recorded_seconds(module, "self_ns");

        parts[i] = json_integer_value(json_object_get(module, "id")) == (json_int_t)i + 1
                       ? part_of(lint, module, parts, i)
                       : 0;
        if (self <= 0 || !json_equal(json_object_get(module, "process"), process))
            continue;
        if (parts[i] & OF_AGENT)
            costs->agents_s += self;
        else if (parts[i] & OF_APP)
            costs->rest_s += self;
        if ((parts[i] & OF_AGENT) && is_agent(lint, module))
            add_agent(costs, thaw_key_string(module, "distribution"));
    }
}

static void check_costs(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    size_t count = json_array_size(modules_of(lint));
    unsigned char *parts = calloc(count + 1, 1);
    struct costs costs = {0};
    struct thaw_lint_finding *finding;

    if (!parts) {
        lint->failed = true;
        return;
    }
    sum_costs(lint, parts, &costs);
    free(parts);
    if (costs.agents_s < LEAST_S || costs.agents_s <= costs.rest_s)
        return;
    finding = thaw_lint_add(lint, rule, NULL, "instrumentation",
                            "observing the app takes %.0f ms of the start, all else of the app "
                            "%.0f ms",
                            costs.agents_s * 1e3, costs.rest_s * 1e3);
    thaw_lint_evidence(lint, finding, "recorded: %s, with what they import first",
                       agents_text(lint, &costs));
    thaw_lint_fix(lint, finding,
                  "instrument only the libraries that the app uses, or let the "
                  "platform trace (thaw explain tracing-agent)");
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_recording_of_another_app = {
    .kind =
        {
            .id = "recording-of-another-app",
            .severity = "note",
            .title = "the recording is of another app",
            .needs = "a recording, and the source",
            .explanation =
                "The files that the recorded worker imported as the user's own are not in this "
                "folder for the most part, or none of the functions that were called is one of "
                "this app. Settings of one app held against the start of another one would say "
                "nothing, so that all rules that join the two were left out.\n"
                "\n"
                "It may also be this app in an older state, whose files or functions had other "
                "names.\n"
                "\n"
                "How to change it: record this app (thaw record), and give that recording.",
        },
    .area = "recording",
    .platforms = THAW_LINT_ANY,
    .can_check = has_recording,
    .check = check_stranger,
};

const struct thaw_lint_rule thaw_rule_worker_end_of_life = {
    .kind =
        {
            .id = "worker-end-of-life",
            .severity = "warning",
            .title = "the recorded worker's Python ended, or ends soon",
            .needs = "a recording of this app on a platform, with the version of its Python",
            .explanation =
                "Each version of Python has an end, after which the platform neither mends it "
                "nor helps with it, lets no new app use it, and at last doesn't start it. The "
                "days are dated facts of the platform's, shown with their source.\n"
                "\n"
                "The recording shows which version and so which generation of the platform's "
                "worker is in use, whatever manifests say: up to 3.12 one program, from 3.13 on "
                "a thin one with a package of its own for the runtime.\n"
                "\n"
                "It is a note from six months before the end, and a warning after it.\n"
                "\n"
                "How to change it: set the newer version, build anew (compiled packages are for "
                "one version), and record a start with it: newer versions usually start faster, "
                "but a package without a wheel for them is compiled, or missing.",
        },
    .area = "recording",
    .platforms = THAW_LINT_ANY,
    .can_check = saw_python,
    .check = check_worker,
};

const struct thaw_lint_rule thaw_rule_instrumentation_costs_more = {
    .kind =
        {
            .id = "instrumentation-costs-more",
            .severity = "warning",
            .title = "observing the app costs more of its start than the app",
            .needs = "a recording of this app, with whose the imported modules are",
            .explanation =
                "Agents for tracing and error reports import a module for each library that they "
                "can watch. In this recording their modules, with all that was first imported by "
                "them, take longer than all else that the app imports.\n"
                "\n"
                "Which packages are such agents is a table of facts. Times are the modules' own "
                "ones, added up over the worker that answered first; what an agent imports and "
                "the app would import anyway counts for whoever was first.\n"
                "\n"
                "How to change it: switch off instrumentation for libraries that the app does "
                "not use (OTEL_PYTHON_DISABLED_INSTRUMENTATIONS, "
                "DD_TRACE_<LIBRARY>_ENABLED=false, Sentry's auto_enabling_integrations=False); "
                "export by HTTP instead of gRPC; or let the host do it (telemetryMode in "
                "host.json) and leave the agent away.\n"
                "\n"
                "What may go wrong: what isn't instrumented isn't seen. thaw prove measures what "
                "a change is worth before it is deployed.",
        },
    .area = "recording",
    .platforms = THAW_LINT_ANY,
    .can_check = saw_owners,
    .check = check_costs,
};
