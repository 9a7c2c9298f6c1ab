/* SPDX-License-Identifier: Apache-2.0 */
/* tracing-agent and worker-dominates: import time that is not of the app's own making. */
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"

/* What observes an app may cost something; a tenth of the whole start is worth a word. */
#define AGENT_LEAST_NS 50000000u
#define AGENT_LEAST_SHARE 0.1
/* Where the worker takes more than the app by half, changing the app can't bring much. */
#define WORKER_LEAST_NS 100000000u
#define WORKER_LEAST_PART 0.6 /* of all imports' own times */

/* Without one of the app's own modules there is nothing to compare the worker with. */
static bool can_find(const struct thaw_analysis *analysis)
{
    return thaw_finding_first_of_app(analysis) != NULL;
}

static bool knows_distributions(const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    for (size_t i = 0; i < timeline->module_count; i++)
        if (*timeline->modules[i].distribution)
            return true;
    return false;
}

/* Distributions that observe an application; a dash at the end stands for all that begin so.
 * As their projects were called in November 2026. */
static bool is_agent(const char *distribution)
{
    static const char *const agents[] = {
        "aws-xray-sdk",
        "azure-monitor-opentelemetry",
        "ddtrace",
        "elastic-apm",
        "newrelic",
        "azure-monitor-opentelemetry-exporter",
        "opencensus",
        "opencensus-ext-",
        "opentelemetry-",
        "sentry-sdk",
        "applicationinsights",
    };

    for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
        size_t length = strlen(agents[i]);

        if (!strncmp(distribution, agents[i], length) &&
            (agents[i][length - 1] == '-' || !distribution[length]))
            return true;
    }
    return false;
}

static bool find_agent(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    const struct thaw_module *dearest = NULL;
    uint64_t ns = 0, modules = 0;
    struct thaw_finding *finding;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (!thaw_finding_counts(analysis, module) || !is_agent(module->distribution))
            continue;
        ns += module->self_ns;
        modules++;
        if (!dearest || module->self_ns > dearest->self_ns)
            dearest = module;
    }
    if (!dearest || !thaw_finding_matters(analysis, ns, AGENT_LEAST_NS, AGENT_LEAST_SHARE))
        return true;
    finding = thaw_finding_add(analysis, &thaw_finding_tracing_agent.kind);
    if (!finding)
        return false;
    finding->title = "packages that observe the app take a good part of its start";
    finding->risk = "needs a look";
    finding->fix = "instrument only what is used, or send traces without an agent in the process";
    for (size_t i = 0; i < timeline->module_count; i++)
        if (thaw_finding_counts(analysis, &timeline->modules[i]) &&
            is_agent(timeline->modules[i].distribution))
            thaw_finding_about(analysis, finding, &timeline->modules[i]);
    thaw_finding_evidence(
        analysis, finding,
        thaw_finding_text(analysis,
                          "%llu of their modules take %.0f ms, without what they need of "
                          "other packages",
                          (unsigned long long)modules, thaw_finding_ms(ns)));
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis, "the dearest package is %s",
                                            dearest->distribution));
    return !analysis->memory->short_of_memory;
}

static bool find_worker(struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    uint64_t worker_ns = 0, all_ns = 0;
    struct thaw_finding *finding;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (!thaw_finding_counts(analysis, module))
            continue;
        all_ns += module->self_ns;
        if (!thaw_finding_is_apps(analysis, module))
            worker_ns += module->self_ns;
    }
    if (worker_ns < WORKER_LEAST_NS || (double)worker_ns < WORKER_LEAST_PART * (double)all_ns)
        return true;
    finding = thaw_finding_add(analysis, &thaw_finding_worker_dominates.kind);
    if (!finding)
        return false;
    finding->title = "most of the imports are the platform's worker's, not the app's";
    finding->risk = "safe";
    finding->fix = "nothing in the app: a newer worker or Python, or more CPU";
    thaw_finding_evidence(analysis, finding,
                          thaw_finding_text(analysis,
                                            "%.0f of %.0f ms of imports are there without the app",
                                            thaw_finding_ms(worker_ns), thaw_finding_ms(all_ns)));
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_tracing_agent = {
    .kind =
        {
            .id = "tracing-agent",
            .severity = "note",
            .title = "packages that observe the app take a good part of its start",
            .needs = "imports, and which distributions they are of",
            .explanation =
                "Tracing and error reporting (ddtrace, OpenTelemetry, New Relic, Sentry, Elastic "
                "APM, "
                "X-Ray, Azure Monitor) load a module for each library they can watch, and often "
                "patch "
                "those. Their own modules take at least a tenth of this start.\n"
                "\n"
                "Saving: not predicted, as it depends on what of it stays.\n"
                "\n"
                "How to change it: switch off the instrumentation of libraries the app does not "
                "use "
                "(OTEL_PYTHON_DISABLED_INSTRUMENTATIONS, DD_TRACE_<LIBRARY>_ENABLED=false, "
                "Sentry's "
                "auto_enabling_integrations=False); export over HTTP instead of gRPC, which spares "
                "loading grpc; or let the platform trace.\n"
                "\n"
                "Risk: what is not instrumented is not seen.",
        },
    .can_find = knows_distributions,
    .find = find_agent,
};

const struct thaw_finding_row thaw_finding_worker_dominates = {
    .kind =
        {
            .id = "worker-dominates",
            .severity = "note",
            .title = "most of the imports are the platform's worker's, not the app's",
            .needs = "imports, and among them one of the app's own modules",
            .explanation =
                "Of the time that imports take before the first reply, more than 60 % is there "
                "without "
                "any of your code asking for it: the platform's worker, its gRPC library, and what "
                "they import.\n"
                "\n"
                "This is a note so that you do not look for the cause in your own code: whatever "
                "you "
                "change there can save only the rest.\n"
                "\n"
                "Saving: none in the app.\n"
                "\n"
                "How to change it: a newer worker, extension bundle or Python version may start "
                "faster; more CPU does; instances started ahead hide it.\n"
                "\n"
                "Risk: none.",
        },
    .can_find = can_find,
    .find = find_worker,
};
