/* SPDX-License-Identifier: Apache-2.0 */
/* not-for-functions: what an app does that another service does better, with the evidence. */
#include <stdlib.h>
#include <string.h>

#include "base/path_table.h"
#include "lint/code.h"
#include "lint/deployed.h"
#include "lint/look.h"
#include "lint/recorded.h"
#include "lint/rules.h"
#include "report/keys.h"

/* Waiting or computing that long in one call belongs elsewhere: an instance is held, paid and
 * counted as busy. */
#define LONG_S 60
/* From so many routes on it is an API of its own, of which a cold start hits some user each time.
 */
#define MANY_ROUTES 25
#define SLOW_REPLY_S 1.0

/* --- a dependency tree that is too large --- */

struct tree {
    uint64_t bytes, largest_bytes;
    const char *largest; /* a distribution, or a file that is of none */
    bool is_deployed;
};

static void grow(struct tree *tree, uint64_t bytes, const char *name)
{
    tree->bytes += bytes;
    if (bytes > tree->largest_bytes) {
        tree->largest_bytes = bytes;
        tree->largest = name;
    }
}

/* Files in the folder of packages that no metadata tells of: copied there, or stripped of it. */
static void add_nameless(const struct thaw_lint *lint, struct tree *tree)
{
    const char *folder = json_string_value(
        json_array_get(json_object_get(thaw_lint_behaviour(lint, "package-folder"), "reads"), 0));
    const struct thaw_shipped *shipped = lint->project->shipped;
    size_t length = folder ? strlen(folder) : 0;

    for (size_t i = 0; length && i < shipped->file_count; i++) {
        const struct thaw_shipped_file *file = &shipped->files[i];

        if (file->distribution < shipped->distribution_count ||
            strncmp(file->path, folder, length) != 0 || file->path[length] != '/' ||
            !thaw_lint_file_is_deployed(lint, i))
            continue;
        tree->is_deployed |= file->bytes > 0;
        grow(tree, file->bytes, file->path);
    }
}

/* What is deployed if packages are; else what the environment beside it has, which a build would
 * install. */
static struct tree measure_tree(struct thaw_lint *lint)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    uint64_t *deployed = thaw_lint_deployed_bytes(lint);
    struct tree tree = {.largest = ""};

    add_nameless(lint, &tree);
    for (size_t i = 0; deployed && i < shipped->distribution_count; i++)
        tree.is_deployed |= deployed[i] > 0;
    for (size_t i = 0; deployed && i < shipped->distribution_count; i++)
        grow(&tree, tree.is_deployed ? deployed[i] : shipped->distributions[i].amount.bytes,
             shipped->distributions[i].name);
    free(deployed);
    return tree;
}

static void check_tree(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *entry =
        thaw_lint_fact(lint->facts, "azure_functions", "limits", "dependency-tree");
    struct thaw_lint_finding *finding;
    struct tree tree;
    double most;

    if (!lint->project->shipped || !thaw_lint_fact_number(entry, "value", &most))
        return;
    tree = measure_tree(lint);
    if ((double)tree.bytes <= most)
        return;
    finding = thaw_lint_add(lint, rule, NULL, "dependency-tree",
                            "%s of packages: Container Apps, or Functions as an image, fit better",
                            thaw_lint_size_text(lint, tree.bytes));
    thaw_lint_evidence(lint, finding, "measured %s; %s is advised at most",
                       tree.is_deployed ? "in what is deployed"
                                        : "in the environment beside the app",
                       thaw_lint_size_text(lint, (uint64_t)most));
    thaw_lint_evidence(lint, finding, "the largest is %s with %s", tree.largest,
                       thaw_lint_size_text(lint, tree.largest_bytes));
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding,
                  "put what needs the large packages into a service of its own "
                  "(Container Apps, with a replica kept), and call that");
    if (finding && !tree.is_deployed)
        finding->confidence = "medium";
}

/* --- long computations --- */

static bool is_http(const struct thaw_app_function *function)
{
    const struct thaw_app_binding *trigger = thaw_app_trigger(function);

    return trigger && trigger->type && !strcasecmp(trigger->type, "httpTrigger");
}

/* Those of orchestrators and of what an HTTP caller waits for have rules of their own. */
static bool waits_long(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    const struct thaw_app_function *function = thaw_lint_function(lint, call);

    return function && call->seconds >= LONG_S && !is_http(function) &&
           thaw_lint_function_kind(lint, call) != THAW_FUNCTION_ORCHESTRATOR &&
           (!strcmp(call->name, "time.sleep") || !strcmp(call->name, "asyncio.sleep"));
}

static void tell_waits(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                       const struct thaw_app_call *const *calls, size_t count)
{
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &calls[0]->place, thaw_lint_call_subject(lint, calls[0]),
                      "%s waits %.0f s within one call: a durable timer fits better",
                      thaw_lint_where(lint, calls[0]), calls[0]->seconds);

    thaw_lint_evidence(lint, finding, "%s(%g), in %s", calls[0]->name, calls[0]->seconds,
                       thaw_lint_where(lint, calls[0]));
    thaw_lint_callers(lint, finding, calls, count);
    thaw_lint_fix(lint, finding,
                  "let an orchestrator wait (yield context.create_timer), or put a "
                  "message into a queue with a delay");
}

static const json_t *longest_invocation(const struct thaw_lint *lint, double *ret)
{
    const json_t *invocation, *longest = NULL;
    size_t i;

    *ret = 0;
    json_array_foreach(json_object_get(lint->recording, "invocations"), i, invocation)
    {
        double start = thaw_recorded_seconds(invocation, "start_ns");
        double end = thaw_recorded_seconds(invocation, "end_ns");

        if (start >= 0 && end - start > *ret) {
            *ret = end - start;
            longest = invocation;
        }
    }
    return longest;
}

static void check_long(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    double took;
    const json_t *invocation, *plan = thaw_lint_plan(lint);
    const char *function;
    struct thaw_lint_finding *finding;
    double most;

    thaw_lint_each_site(lint, rule, waits_long, tell_waits);
    invocation = thaw_recorded_joins(lint) ? longest_invocation(lint, &took) : NULL;
    if (!invocation || took < LONG_S)
        return;
    function = thaw_key_string(invocation, "function");
    finding = thaw_lint_add(lint, rule, NULL, thaw_lint_text(lint, "long: %s", function),
                            "%s%s took %.0f s: Batch, a container job or Durable fit better",
                            *function ? function : "a call", *function ? "()" : "", took);
    thaw_lint_evidence(lint, finding, "measured: from request to answer in the recording");
    if (thaw_lint_fact_number(plan, "http_timeout_s", &most)) {
        thaw_lint_evidence(lint, finding, "an HTTP answer is cut off after %g s", most);
        thaw_lint_source(lint, finding, plan);
    }
    thaw_lint_fix(lint, finding,
                  "answer at once, and do the work in activities (Durable), a "
                  "Container Apps job, Batch or Container Instances");
}

/* --- sockets held open --- */

static const json_t *held(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return thaw_lint_fact(lint->facts, "python_code", "held_open", call->name);
}

/* At import it is a server for local use, as a rule; a with block lets go of it. */
static bool holds_open(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return thaw_lint_function(lint, call) && !(call->flags & THAW_CALL_IN_WITH) && held(lint, call);
}

static void tell_held(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                      const struct thaw_app_call *const *calls, size_t count)
{
    const json_t *entry = held(lint, calls[0]);
    const char *instead = thaw_lint_fact_text(entry, "instead");
    const char *why = thaw_lint_fact_text(entry, "why");
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &calls[0]->place, thaw_lint_call_subject(lint, calls[0]),
                      "%s() holds a connection open, and instances come and go", calls[0]->name);

    thaw_lint_evidence(lint, finding, "%s(), in %s%s", calls[0]->name,
                       thaw_lint_where(lint, calls[0]),
                       calls[0]->flags & THAW_CALL_IN_LOOP ? ", in a loop" : "");
    if (*why)
        thaw_lint_evidence(lint, finding, "%s", why);
    thaw_lint_callers(lint, finding, calls, count);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding, "%s",
                  *instead ? instead
                           : "let Web PubSub or SignalR Service hold the connections and call a "
                             "function for each message; or run it in Container Apps");
}

/* --- a steady API that has to answer fast --- */

struct routes {
    size_t count;
    const struct thaw_app_function *whole; /* a web framework's app, NULL none */
};

static struct routes routes_of(const struct thaw_project *project)
{
    struct routes routes = {0};

    for (size_t i = 0; i < project->function_count; i++) {
        const struct thaw_app_function *function = &project->functions[i];

        if (function->kind == THAW_FUNCTION_ASGI)
            routes.whole = function;
        else if (is_http(function))
            routes.count++;
    }
    return routes;
}

static void check_latency(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct routes routes = routes_of(lint->project);
    double reply = thaw_recorded_joins(lint) ? thaw_recorded_first_reply_s(lint) : -1;
    struct thaw_lint_finding *finding;

    /* Instances that are always ready take the cold start from most calls. */
    if (reply < SLOW_REPLY_S || thaw_lint_keeps_ready(lint) ||
        (!routes.whole && routes.count < MANY_ROUTES))
        return;
    finding = thaw_lint_add(lint, rule, routes.whole ? &routes.whole->place : NULL, "latency",
                            "an API whose first reply takes %.1f s: App Service or Container Apps "
                            "fit better, if it is steadily used",
                            reply);
    thaw_lint_evidence(lint, finding, "measured: first reply after %.2f s", reply);
    if (routes.whole)
        thaw_lint_evidence(lint, finding, "a web framework's app is one function: %s",
                           routes.whole->name);
    if (routes.count)
        thaw_lint_evidence(lint, finding, "%zu functions with an HTTP trigger", routes.count);
    thaw_lint_evidence(lint, finding, "nothing tells of instances that are kept ready");
    thaw_lint_fix(lint, finding,
                  "keep an instance ready (Flex always ready, Premium), or run the "
                  "same app in App Service or Container Apps with a replica kept");
    if (finding)
        finding->confidence = "low"; /* how steadily it is used is in no file */
}

/* --- packages that want a machine of their own --- */

static const char *why_not(const struct thaw_lint *lint, size_t requirement)
{
    const struct thaw_requirement *asked = &lint->project->requirements[requirement];
    const json_t *entry;

    if (!asked->applies || !*asked->name)
        return "";
    entry = thaw_lint_fact(lint->facts, "python_code", "packages", asked->name);
    return strcmp(thaw_lint_fact_text(entry, "class"), "not-for-functions") != 0
               ? ""
               : thaw_lint_fact_text(entry, "why");
}

/* Those with the reason of the first are one finding. */
static void tell_packages(struct thaw_lint *lint, const struct thaw_lint_rule *rule, size_t first)
{
    /* Called once for each reason, of which the facts have few. */
    const struct thaw_requirement *asked = &lint->project->requirements[first];
    const char *why = why_not(lint, first);
    struct thaw_lint_names names = {0};
    struct thaw_lint_finding *finding;

    for (size_t i = first; i < lint->project->requirement_count; i++)
        if (!strcmp(why_not(lint, i), why))
            thaw_lint_names_add(lint, &names, lint->project->requirements[i].name);
    finding =
        thaw_lint_add(lint, rule, &asked->place, thaw_lint_text(lint, "package: %s", asked->name),
                      "%s %s required, which fit%s no function", thaw_lint_names_text(lint, &names),
                      names.count == 1 ? "is" : "are", names.count == 1 ? "s" : "");
    thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_place_text(lint, &asked->place),
                       asked->text);
    thaw_lint_evidence(lint, finding, "%s", why);
    thaw_lint_source(lint, finding,
                     thaw_lint_fact(lint->facts, "python_code", "packages", asked->name));
    thaw_lint_fix(lint, finding,
                  "run what needs it in Container Apps or another service, and call "
                  "that; or take it away if nothing uses it");
    if (finding)
        finding->confidence = "low"; /* a small part of it may be all that is used */
}

static void check_packages(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct thaw_path_table told = {0};

    for (size_t i = 0; i < lint->project->requirement_count && !lint->failed; i++) {
        const char *why = why_not(lint, i);
        int code = *why ? thaw_path_table_add(&told, &lint->arena, why, strlen(why), i) : 0;

        lint->failed |= code < 0;
        if (code > 0)
            tell_packages(lint, rule, i);
    }
    thaw_path_table_clear(&told);
}

static bool has_anything(const struct thaw_lint *lint)
{
    return lint->project->has_source || lint->project->shipped;
}

static void check_when_not(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    check_tree(lint, rule);
    check_long(lint, rule);
    thaw_lint_each_site(lint, rule, holds_open, tell_held);
    check_latency(lint, rule);
    check_packages(lint, rule);
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_not_for_functions = {
    .kind =
        {
            .id = "not-for-functions",
            .severity = "note",
            .title = "what the app does fits another service better",
            .needs = "the source, or what the app ships; a recording for what was measured",
            .explanation =
                "Functions are for work that comes in pieces, takes seconds, and may wait for an "
                "instance. Four kinds of work fit badly, whatever the settings; each is told "
                "with its evidence, and what fits instead. It is a note: there may be good "
                "reasons.\n"
                "\n"
                "A dependency tree over 500 MB: each new instance fetches, unpacks and imports "
                "it. Container Apps, or Functions as a container image, keep it on the node; "
                "best is a service of its own that few functions call.\n"
                "\n"
                "Long computations, or waits of a minute and more: an instance is held and paid, "
                "a platform upgrade or a scale-in ends it half-way, and an HTTP answer is cut "
                "off at 230 s. Batch, Container Instances or a Container Apps job compute; "
                "Durable Functions wait without an instance.\n"
                "\n"
                "Sockets held open (web sockets, servers, consumers that run for ever): an "
                "instance that nothing triggers is taken away, with its connections, and each "
                "further instance opens its own. Web PubSub and SignalR Service hold connections "
                "and call a function for each message; triggers consume queues.\n"
                "\n"
                "A steady API that has to answer fast: with many routes, or a whole web "
                "framework in one function, and a first reply over a second, each new instance "
                "keeps some user waiting. App Service, or Container Apps with a replica kept, "
                "run the same code without it; always-ready instances of Flex and Premium help, "
                "too.\n"
                "\n"
                "What it can't tell: how the app is used. Routes and a measured start are facts, "
                "steady traffic is a guess; confidence is low there.",
        },
    .area = "when-not",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_anything,
    .check = check_when_not,
};
