/* SPDX-License-Identifier: Apache-2.0 */
/* The model: files without which the host finds no app, or the app nothing to call. */
#include <string.h>
#include <strings.h>

#include "lint/code.h"
#include "lint/deployed.h"
#include "lint/look.h"
#include "lint/rules.h"

static const char host_file[] = "host.json";
static const char usual_entry[] = "function_app.py";
static const char script_setting[] = "PYTHON_SCRIPT_FILE_NAME";

/* The file of a path, in any case if none is written so; NULL: it is not there. */
static const struct thaw_shipped_file *find_file(const struct thaw_lint *lint, const char *path)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    const struct thaw_shipped_file *alike = NULL;

    for (size_t i = 0; i < shipped->file_count; i++) {
        if (!strcmp(shipped->files[i].path, path))
            return &shipped->files[i];
        if (!strcasecmp(shipped->files[i].path, path))
            alike = &shipped->files[i];
    }
    return alike;
}

static bool is_deployed(const struct thaw_lint *lint, const struct thaw_shipped_file *file)
{
    return thaw_lint_file_is_deployed(lint, (size_t)(file - lint->project->shipped->files));
}

/* It is there, but not as it should be: that is told already. */
static bool is_complained_of(const struct thaw_lint *lint, const char *path)
{
    for (size_t i = 0; i < lint->project->problem_count; i++)
        if (!strcmp(lint->project->problems[i].place.file, path))
            return true;
    return false;
}

static size_t count_v1(const struct thaw_lint *lint)
{
    size_t count = 0;

    for (size_t i = 0; i < lint->project->function_count; i++)
        count += lint->project->functions[i].model == THAW_FUNCTION_V1;
    return count;
}

/* function.json of a folder right below the app's, also one that can't be read. */
static bool has_function_json(const struct thaw_lint *lint)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; i < shipped->file_count; i++) {
        const char *slash = strchr(shipped->files[i].path, '/');

        if (slash && !strcmp(slash, "/function.json"))
            return true;
    }
    return count_v1(lint) > 0;
}

static bool asks_for_library(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->requirement_count; i++)
        if (!strcmp(thaw_lint_package_class(lint, lint->project->requirements[i].name), "library"))
            return true;
    return false;
}

/* An image's Dockerfile may bring what the folder lacks. */
static void doubt_image(const struct thaw_lint *lint, struct thaw_lint_finding *finding)
{
    if (!strcmp(lint->project->packaging.value, "container"))
        thaw_lint_confidence(finding, "low");
}

/* --- host-missing --- */

/* The classic one: it was not the folder's content that was zipped, but the folder. */
static void check_wrapped(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project *project = lint->project;
    struct thaw_lint_finding *finding;

    if (!project->nested || !project->is_zip)
        return;
    finding = thaw_lint_add(lint, rule, NULL, host_file,
                            "the zip has the app in a folder of its own: the host finds no app");
    thaw_lint_evidence(lint, finding, "host.json is not at the zip's top, but in %s",
                       project->nested);
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "host-file"));
    thaw_lint_fix(
        lint, finding,
        "zip the content of that folder, not the folder: cd FOLDER && zip -r ../app.zip .");
}

static void check_host(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_shipped_file *file = find_file(lint, host_file);
    bool is_here = file && !strcmp(file->path, host_file);
    struct thaw_project_place place = {.file = is_here ? host_file : ""};
    struct thaw_lint_finding *finding;

    if (!*lint->project->platform.value) {
        check_wrapped(lint, rule);
        return;
    }
    if ((is_here ? is_deployed(lint, file) : lint->project->host != NULL) ||
        is_complained_of(lint, host_file))
        return;
    /* A template alone says nothing of where the app's folder is. */
    if (!find_file(lint, usual_entry) && !has_function_json(lint) && !asks_for_library(lint))
        return;
    finding = thaw_lint_add(lint, rule, &place, host_file,
                            is_here ? "host.json is left out of what is deployed"
                                    : "there is no host.json: the host finds no app here");
    thaw_lint_evidence(lint, finding, "an app of Azure Functions: %s",
                       lint->project->platform.reason);
    if (file && !is_here)
        thaw_lint_evidence(lint, finding, "%s is there: on Linux capitals count", file->path);
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "host-file"));
    if (is_here)
        thaw_lint_fix(lint, finding, "take host.json out of .funcignore");
    else if (file)
        thaw_lint_fix(lint, finding, "rename %s to host.json", file->path);
    else
        thaw_lint_fix(
            lint, finding,
            "func init --worker-runtime python makes one; at least {\"version\": \"2.0\"}, "
            "and the extension bundle where a binding needs it");
    doubt_image(lint, finding);
}

/* --- entry-missing --- */

/* Other languages' apps have a host.json, too. */
static bool is_of_python(const struct thaw_lint *lint)
{
    const struct thaw_setting *runtime = NULL;
    const struct thaw_project_fact *fact =
        thaw_project_fact(lint->project, THAW_FACT_RUNTIME, NULL);

    while ((runtime = thaw_project_setting(lint->project, "FUNCTIONS_WORKER_RUNTIME", runtime)))
        if (runtime->value)
            return !strcasecmp(runtime->value, "python");
    if (fact && *fact->value)
        return !strcasecmp(fact->value, "python");
    return asks_for_library(lint);
}

/* The file that the host would index; NULL: a setting names one, and it isn't known which. */
static const char *entry_of(const struct thaw_lint *lint, const struct thaw_setting **ret)
{
    const struct thaw_setting *setting = thaw_lint_deployed(lint, script_setting);

    if (!setting)
        setting = thaw_project_setting(lint->project, script_setting, NULL);
    *ret = setting;
    return setting ? setting->value : usual_entry;
}

static void tell_entry(struct thaw_lint *lint, const struct thaw_lint_rule *rule, const char *entry,
                       const struct thaw_setting *setting, const struct thaw_shipped_file *file)
{
    bool is_here = file && !strcmp(file->path, entry);
    struct thaw_project_place place = {.file = is_here ? entry : host_file};
    size_t count = lint->project->function_count;
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, setting && !is_here ? &setting->place : &place, entry,
                      is_here ? "%s is left out of what is deployed: the host %s"
                              : "neither %s nor a function.json is there: the host %s",
                      entry,
                      count == 0 ? "finds no function"
                      : count == 1
                          ? "does not find the app's function"
                          : thaw_lint_text(lint, "finds none of the app's %zu functions", count));

    if (count && !is_here)
        thaw_lint_evidence(lint, finding, "a function in a file that it does not look at: %s",
                           thaw_lint_function_text(lint, &lint->project->functions[0]));
    if (setting)
        thaw_lint_evidence(lint, finding, "%s: %s is %s",
                           thaw_lint_place_text(lint, &setting->place), script_setting, entry);
    if (file && !is_here)
        thaw_lint_evidence(lint, finding, "%s is there: on Linux capitals count", file->path);
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "entry-file"));
    if (file && !is_here)
        thaw_lint_fix(lint, finding, "rename %s to %s", file->path, entry);
    else
        thaw_lint_fix(lint, finding,
                      is_here ? "take %s out of .funcignore"
                      : count ? "put the functions into %s, beside host.json, or import there "
                                "the app that has them"
                              : "put the functions into %s, beside host.json",
                      entry);
    doubt_image(lint, finding);
}

static void check_entry(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_setting *setting;
    const char *entry = entry_of(lint, &setting);
    const struct thaw_shipped_file *file = entry ? find_file(lint, entry) : NULL;

    if (!entry || (file && !strcmp(file->path, entry) && is_deployed(lint, file)) ||
        has_function_json(lint) || is_complained_of(lint, entry) || !is_of_python(lint) ||
        thaw_project_host(lint->project, "customHandler", NULL, NULL))
        return;
    tell_entry(lint, rule, entry, setting, file);
}

static bool has_host_and_files(const struct thaw_lint *lint)
{
    return thaw_lint_has_host(lint) && thaw_lint_has_shipped(lint);
}

/* --- asgi-not-exposed --- */

static const json_t *framework(const struct thaw_lint *lint, const char *name, const char *class)
{
    const json_t *entry = thaw_lint_fact(lint->facts, "python_code", "web_frameworks", name);

    return strcmp(thaw_lint_fact_text(entry, "class"), class) != 0 ? NULL : entry;
}

static bool is_exposed(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->function_count; i++)
        if (lint->project->functions[i].kind == THAW_FUNCTION_ASGI)
            return true;
    for (size_t i = 0; i < lint->project->app_count; i++)
        if (!strcmp(lint->project->apps[i].type, "AsgiFunctionApp") ||
            !strcmp(lint->project->apps[i].type, "WsgiFunctionApp"))
            return true;
    for (size_t i = 0; i < lint->project->call_count; i++)
        if (framework(lint, lint->project->calls[i].name, "bridge"))
            return true;
    return false;
}

static void check_exposed(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_app_call *call = NULL;
    const json_t *entry = NULL;
    struct thaw_lint_finding *finding;

    if (is_exposed(lint) || thaw_project_host(lint->project, "customHandler", NULL, NULL))
        return;
    for (size_t i = 0; !entry && i < lint->project->call_count; i++) {
        call = &lint->project->calls[i];
        if (call->function == THAW_PROJECT_NONE)
            entry = framework(lint, call->name, "framework");
    }
    if (!entry)
        return;
    finding = thaw_lint_add(lint, rule, &call->place, call->name,
                            "%s makes a web app that no function answers for", call->name);
    thaw_lint_evidence(lint, finding, "%s(), in %s", call->name, thaw_lint_where(lint, call));
    thaw_lint_evidence(
        lint, finding,
        "neither AsgiFunctionApp nor WsgiFunctionApp, nor their middleware, is made");
    thaw_lint_source(lint, finding, entry);
    thaw_lint_fix(lint, finding,
                  "in function_app.py: app = func.%s(app=…, "
                  "http_auth_level=func.AuthLevel.FUNCTION)",
                  thaw_lint_fact_text(entry, "instead"));
    thaw_lint_confidence(finding, "medium"); /* it may be made for another server on purpose */
}

static bool has_source(const struct thaw_lint *lint)
{
    return lint->project->has_source;
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_host_missing = {
    .kind =
        {
            .id = "host-missing",
            .severity = "error",
            .title = "there is no host.json in what is deployed",
            .needs = "the app's files",
            .explanation =
                "host.json marks the folder of an app: the host reads it first, and what lies "
                "beside it are the functions. Without it Core Tools do not start (\"unable to "
                "find project root\"), and a deployed app has no functions.\n"
                "\n"
                "It is missing where a pipeline packs the wrong folder (the repository's instead "
                "of the app's, or the app's folder instead of its content), where .funcignore has "
                "a pattern such as *.json, or where the file "
                "is called Host.json on a disk that does not tell capitals.\n"
                "\n"
                "How to change it: put it beside function_app.py, at least\n"
                "  {\"version\": \"2.0\"}\n"
                "and with the extension bundle where a binding is used; func init makes one.\n"
                "\n"
                "It is told only where something else says that this folder is the app's: "
                "function_app.py, a function.json, or azure-functions among the requirements. "
                "Where an image is built its Dockerfile may bring the file: confidence is low "
                "then.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE | THAW_LINT_OTHER, /* a zip of folders is of none */
    .can_check = thaw_lint_has_shipped,
    .check = check_host,
};

const struct thaw_lint_rule thaw_rule_entry_missing = {
    .kind =
        {
            .id = "entry-missing",
            .severity = "error",
            .title = "there is no file in which the host would find functions",
            .needs = "host.json and the app's files",
            .explanation =
                "The host looks for functions of Python in two places: function_app.py beside "
                "host.json (or the file that PYTHON_SCRIPT_FILE_NAME names), which it imports, "
                "and a function.json in each folder right below. Without either the deployment "
                "succeeds, and the app has no functions: \"No job functions found\".\n"
                "\n"
                "Often the file is called main.py or app.py, lies in a package's folder, is "
                "written with other capitals, or is left out by .funcignore.\n"
                "\n"
                "How to change it: put the functions into function_app.py; or let it take them "
                "from your package:\n"
                "  from orders.functions import app\n"
                "or set PYTHON_SCRIPT_FILE_NAME where the app is deployed and in "
                "local.settings.json.\n"
                "\n"
                "It isn't told where the app is of another language, or a custom handler answers.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_host_and_files,
    .check = check_entry,
};

const struct thaw_lint_rule thaw_rule_asgi_not_exposed = {
    .kind =
        {
            .id = "asgi-not-exposed",
            .severity = "warning",
            .title = "a web framework's app is made, and no function answers for it",
            .needs = "the source",
            .explanation =
                "FastAPI, Starlette, Quart, Flask and Django make an app that some server has to "
                "call. On Azure Functions the host is that server, and it calls functions only: "
                "an app that no function passes requests to answers nobody, all its routes are "
                "404. Its imports are paid for at each cold start all the same.\n"
                "\n"
                "How to change it: make it the app that the host finds,\n"
                "  app = func.AsgiFunctionApp(app=web, "
                "http_auth_level=func.AuthLevel.FUNCTION)\n"
                "(WsgiFunctionApp of Flask and Django), and set extensions.http.routePrefix to "
                "\"\" in host.json if the framework's routes are to begin at the root. "
                "func.AsgiMiddleware(web).handle_async(req, context) in a function does the same "
                "by hand.\n"
                "\n"
                "What may go wrong: all routes then are one function with one level of "
                "authentication, and lifespan events of the framework are not run as a server "
                "would.\n"
                "\n"
                "Told is an app made while function_app.py is imported. Confidence is medium: it "
                "may be there for another server on purpose; then keep it out of what "
                "function_app.py imports.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_exposed,
};
