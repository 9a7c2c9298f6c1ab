/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over the source: calls that block or repeat work, what indexing rejects, bindings. */
#include <string.h>

#include "lint/code.h"
#include "lint/rules.h"

static bool has_source(const struct thaw_lint *lint)
{
    return lint->project->has_source;
}

static const char *instead_of(const json_t *entry, const char *otherwise)
{
    const char *instead = thaw_lint_fact_text(entry, "instead");

    return *instead ? instead : otherwise;
}

/* --- annotation-rejected --- */

/* What is rejected without an annotation is so for its name. */
static const char *rejected_fix(const struct thaw_app_parameter *parameter)
{
    if (strstr(parameter->rejected, "of this name"))
        return "name the parameter as the binding (arg_name) names it";
    if (strstr(parameter->rejected, "has this name"))
        return "give it the name that a binding has (arg_name), or remove it";
    return "make the annotation one that holds at run time, or leave it away";
}

static void tell_rejected(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                          const struct thaw_app_function *function,
                          const struct thaw_app_parameter *parameter)
{
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &parameter->place,
                      thaw_lint_text(lint, "%s: %s", function->name, parameter->name),
                      "indexing rejects parameter %s of %s()", parameter->name, function->name);

    thaw_lint_evidence(lint, finding, "%s", parameter->rejected);
    if (*parameter->annotation)
        thaw_lint_evidence(lint, finding, "its annotation: %s", parameter->annotation);
    if (lint->project->function_count > 1)
        thaw_lint_evidence(lint, finding, "with it, all %zu functions of the app are not found",
                           lint->project->function_count);
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "indexing-all-or-nothing"));
    thaw_lint_fix(lint, finding, "%s", rejected_fix(parameter));
}

static void check_rejected(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        for (size_t j = 0; function->is_registered && j < function->parameter_count; j++)
            if (*function->parameters[j].rejected)
                tell_rejected(lint, rule, function, &function->parameters[j]);
    }
}

/* --- blocking-call-in-async --- */

/* An orchestrator's are told by a rule of their own. */
static bool blocks_loop(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return (call->flags & THAW_CALL_IN_ASYNC) && thaw_lint_function(lint, call) &&
           thaw_lint_function_kind(lint, call) != THAW_FUNCTION_ORCHESTRATOR &&
           thaw_lint_blocking(lint, call);
}

static void tell_blocking(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                          const struct thaw_app_call *const *calls, size_t count)
{
    const json_t *entry = thaw_lint_blocking(lint, calls[0]);
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &calls[0]->place, thaw_lint_call_subject(lint, calls[0]),
                      "%s() blocks the event loop of all async functions", calls[0]->name);

    thaw_lint_evidence(lint, finding, "%s(), not awaited, in %s", calls[0]->name,
                       thaw_lint_where(lint, calls[0]));
    if (calls[0]->seconds >= 0)
        thaw_lint_evidence(lint, finding, "its argument: %g s", calls[0]->seconds);
    if (calls[0]->flags & THAW_CALL_IN_LOOP)
        thaw_lint_evidence(lint, finding, "in a loop");
    thaw_lint_callers(lint, finding, calls, count);
    thaw_lint_source(lint, finding, entry);
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "async-one-loop"));
    thaw_lint_fix(lint, finding, "%s",
                  instead_of(entry, "await asyncio.to_thread(…), or make the handler def"));
}

static void check_blocking(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    thaw_lint_each_site(lint, rule, blocks_loop, tell_blocking);
}

/* --- client-per-call --- */

static const json_t *client_entry(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return thaw_lint_fact(lint->facts, "python_code", "clients", call->name);
}

static bool is_made_per_call(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return thaw_lint_function(lint, call) && !(call->flags & THAW_CALL_KEPT) &&
           client_entry(lint, call);
}

/* All places that make a client of one kind are one finding: it is kept in one place. */
static void tell_client(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        const struct thaw_app_call *const *calls, size_t count)
{
    const json_t *entry = client_entry(lint, calls[0]);
    const char *what = thaw_lint_fact_text(entry, "what");
    const char *keep = thaw_lint_fact_text(entry, "keep");
    bool is_via = true;
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &calls[0]->place, calls[0]->name, "%s is made anew for each call",
                      calls[0]->name);

    if (*what)
        thaw_lint_evidence(lint, finding, "what it is for: %s; nothing of it outlives the call",
                           what);
    thaw_lint_sites(lint, finding, calls, count);
    for (size_t i = 0; i < count; i++)
        is_via &= *calls[i]->via != '\0';
    thaw_lint_source(lint, finding, entry);
    if (strcmp(lint->project->platform.value, "aws_lambda") != 0) /* it is of Azure's manual */
        thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "client-reuse"));
    thaw_lint_fix(lint, finding, "keep %s",
                  *keep ? keep : "one outside of the function, made when it is first needed");
    /* A helper may make it once and hand out the same from then on. */
    if (finding && is_via)
        finding->confidence = "medium";
}

static void check_clients(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    thaw_lint_each_name(lint, rule, is_made_per_call, tell_client);
}

/* --- secret-in-source --- */

static bool is_left_out_file(const struct thaw_lint *lint, const char *path)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && lint->project->is_left_out && i < shipped->file_count; i++)
        if (lint->project->is_left_out[i] && !strcmp(shipped->files[i].path, path))
            return true;
    return false;
}

static void tell_secret(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                        const struct thaw_app_literal *literal)
{
    const char *what = thaw_setting_shape_name(literal->shape);
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &literal->place, *literal->name ? literal->name : what,
                      "%s stands in the source%s%s", what, *literal->name ? ", as " : "",
                      literal->name);

    thaw_lint_evidence(lint, finding, "a literal with the form of %s; its value is not shown",
                       what);
    if (is_left_out_file(lint, literal->place.file))
        thaw_lint_evidence(lint, finding,
                           "the file is left out of the deployment, but not of the repository");
    thaw_lint_fix(lint, finding, "revoke it, then %s",
                  !strcmp(lint->project->platform.value, "aws_lambda")
                      ? "read another one from Secrets Manager, or use the function's role"
                      : "read another one from an app setting that is a reference to Key Vault, "
                        "or use the app's identity");
    if (finding && literal->shape == THAW_SHAPE_PASSWORD)
        finding->confidence = "medium"; /* told by a name alone */
}

static void check_secrets(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->literal_count; i++)
        if (thaw_setting_shape_is_secret(lint->project->literals[i].shape))
            tell_secret(lint, rule, &lint->project->literals[i]);
}

/* --- work-at-import --- */

static bool works_at_import(const struct thaw_lint *lint, const struct thaw_app_call *call)
{
    return call->function == THAW_PROJECT_NONE && !(call->flags & THAW_CALL_IN_HANDLER) &&
           thaw_lint_blocking(lint, call);
}

static void tell_work(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                      const struct thaw_app_call *const *calls, size_t count)
{
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, &calls[0]->place, thaw_lint_call_subject(lint, calls[0]),
                      "each cold start waits for %s()", calls[0]->name);

    (void)count;
    thaw_lint_evidence(lint, finding, "called while %s is imported%s%s", calls[0]->place.file,
                       *calls[0]->via ? ", by " : "", calls[0]->via);
    if (calls[0]->seconds >= 0)
        thaw_lint_evidence(lint, finding, "its argument: %g s", calls[0]->seconds);
    thaw_lint_source(lint, finding, thaw_lint_blocking(lint, calls[0]));
    thaw_lint_fix(lint, finding,
                  "do it when it is first needed, in a function with functools.cache");
}

static void check_work(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    thaw_lint_each_site(lint, rule, works_at_import, tell_work);
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_annotation_rejected = {
    .kind =
        {
            .id = "annotation-rejected",
            .severity = "error",
            .title = "indexing rejects a function, and with it the whole app",
            .needs = "the source of the app's functions",
            .explanation =
                "Before the first call the worker imports function_app.py and works out the type "
                "of each parameter (typing.get_type_hints) and which binding it belongs to. What "
                "can't be worked out is an error of the whole file: the worker answers that "
                "indexing failed, and then lists no function at all. The app is deployed and "
                "running, and every route of it is 404.\n"
                "\n"
                "Usual causes: a name that is imported under if TYPE_CHECKING only, a forward "
                "reference in quotes that nothing defines, a type that doesn't fit the binding, a "
                "parameter without a binding, a binding without a parameter; Optional[...] and "
                "other unions; from Python 3.11 on also dict[...] and list[...], which are no "
                "types to the "
                "worker as typing.Dict[...] and typing.List[...] are.\n"
                "\n"
                "from __future__ import annotations does not help: the worker evaluates the text "
                "all the same.\n"
                "\n"
                "How to change it: import the name at module level, or leave the annotation "
                "away: the worker then takes the binding's own type. Types of heavy packages can "
                "be named in the functions below the handler, which nobody indexes.",
        },
    .area = "sources",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_rejected,
};

const struct thaw_lint_rule thaw_rule_blocking_call_in_async = {
    .kind =
        {
            .id = "blocking-call-in-async",
            .severity = "warning",
            .title = "a coroutine calls what blocks its event loop",
            .needs = "the source of the app's functions",
            .explanation =
                "All async functions of a worker run on one event loop, in one thread. A call "
                "that waits for its answer without await keeps that thread: every other "
                "invocation of the worker stands still meanwhile, also those that were nearly "
                "done. Functions written with def run in a pool of threads instead, where such a "
                "call only keeps its own thread.\n"
                "\n"
                "So an async handler that calls requests.get() handles one request at a time, "
                "however many the settings promise, and is slower than the same handler with "
                "def.\n"
                "\n"
                "It is told for calls in coroutines and in the app's functions that they call; "
                "not for what is handed to a thread.\n"
                "\n"
                "How to change it: a library with await (aiohttp, httpx.AsyncClient, the aio "
                "clients of the Azure SDK); or await asyncio.to_thread(requests.get, url); or def "
                "instead of async def, if nothing in the handler awaits.\n"
                "\n"
                "What may go wrong: code that ran one at a time by chance now runs at once. What "
                "it shares needs a lock.",
        },
    .area = "sources",
    .platforms = THAW_LINT_ANY,
    .can_check = has_source,
    .check = check_blocking,
};

const struct thaw_lint_rule thaw_rule_client_per_call = {
    .kind =
        {
            .id = "client-per-call",
            .severity = "warning",
            .title = "a client is made for each call of a function",
            .needs = "the source of the app's functions",
            .explanation =
                "A client of a service holds connections, tokens and pools. Made within a "
                "handler, all of these are made for each invocation: a look-up of the name, a TCP "
                "connection, a TLS handshake, a token, before anything is asked. Under load the "
                "instance also runs out of outgoing ports (SNAT), and calls fail that have "
                "nothing to do with the service.\n"
                "\n"
                "How to change it: keep one for the worker's life. Where making it is cheap, at "
                "module level; where it takes time or reads a secret, in a function with "
                "functools.cache, so that the cold start doesn't pay for it:\n"
                "@functools.cache\n"
                "def blobs(): return BlobServiceClient(url, credential)\n"
                "\n"
                "What may go wrong: a client for asyncio belongs to the loop it was made in; make "
                "it within the first call. A connection that was idle for minutes may be gone: "
                "libraries try again, a plain socket does not.",
        },
    .area = "sources",
    .platforms = THAW_LINT_ANY,
    .can_check = has_source,
    .check = check_clients,
};

const struct thaw_lint_rule thaw_rule_secret_in_source = {
    .kind =
        {
            .id = "secret-in-source",
            .severity = "error",
            .title = "a secret stands in the source",
            .needs = "the source of the app's functions",
            .explanation =
                "A literal in a file of the app has the form of a key, a connection string, a "
                "signed URL or a token. It is in the repository and its history, in each package "
                "that was deployed, and in the backups of both. thaw never shows or keeps it: "
                "only its form and its place.\n"
                "\n"
                "Taking it out of the file is not enough: whoever has the history has the key. "
                "First make a new one and revoke this one.\n"
                "\n"
                "How to change it: best no secret at all: DefaultAzureCredential() and a role for "
                "the app's identity. Else an app setting that is a reference to Key Vault, read "
                "by os.environ[\"NAME\"]. On AWS Lambda: the function's role, or Secrets "
                "Manager.\n"
                "\n"
                "What it can't tell: whether the key is still valid, or was made up for a test. "
                "Suppress it then, with that reason.",
        },
    .area = "secrets",
    .platforms = THAW_LINT_ANY,
    .can_check = has_source,
    .check = check_secrets,
};

const struct thaw_lint_rule thaw_rule_work_at_import = {
    .kind =
        {
            .id = "work-at-import",
            .severity = "warning",
            .title = "a cold start waits for what the app does while it is imported",
            .needs = "the source of the app's functions",
            .explanation =
                "What stands at the top of a module runs before the worker can answer anything, "
                "on each cold start and in each worker process. A request there waits for "
                "another service within the start; if that service is slow or away, the start "
                "fails, and with it every function of the app, also those that never needed "
                "it.\n"
                "\n"
                "Platforms limit the time of a start (30 s on Flex Consumption, 10 s in Lambda), "
                "and end a worker that takes longer. What stands in an except handler is not "
                "told: a usual start does not come there.\n"
                "\n"
                "How to change it: move it into a function that does it when it is first asked "
                "for, with functools.cache, so that it is done once. Constructors of clients may "
                "stay: most open no connection.\n"
                "\n"
                "What may go wrong: the first call pays for it instead, and an error comes then. "
                "If each call needs it and an instance is kept ready, leave it and suppress "
                "this.",
        },
    .area = "cold-start",
    .platforms = THAW_LINT_ANY,
    .can_check = has_source,
    .check = check_work,
};
