/* SPDX-License-Identifier: Apache-2.0 */
/* The model: what belongs to runtimes that have ended, and apps in which nothing is found. */
#include <ctype.h>
#include <string.h>

#include "lint/look.h"
#include "lint/rules.h"

static const struct thaw_shipped_file *shipped_file(const struct thaw_lint *lint, const char *path)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && i < shipped->file_count; i++)
        if (!strcmp(shipped->files[i].path, path))
            return &shipped->files[i];
    return NULL;
}

/* --- base-image-ended --- */

/* "mcr.microsoft.com/azure-functions/python:3.0-python3.9": "~3"; NULL: no such image, or its tag
 * tells no version. */
static const char *runtime_of(struct thaw_lint *lint, const char *image)
{
    const char *name = strstr(image, "azure-functions/"), *tag = name ? strchr(name, ':') : NULL;

    if (!tag || !isdigit((unsigned char)tag[1]) || isdigit((unsigned char)tag[2]))
        return NULL;
    return thaw_lint_text(lint, "~%c", tag[1]);
}

static void check_base_image(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_fact *fact = NULL;

    while ((fact = thaw_project_fact(lint->project, THAW_FACT_BASE_IMAGE, fact))) {
        const char *runtime = runtime_of(lint, fact->value);
        const json_t *entry = runtime ? thaw_lint_azure_fact(lint, "runtimes", runtime) : NULL;
        struct thaw_lint_finding *finding;

        if (!entry || !strcmp(thaw_lint_fact_text(entry, "status"), "active"))
            continue;
        finding = thaw_lint_add(lint, rule, &fact->place, fact->value,
                                "the base image is of runtime %s, which has ended", runtime);
        thaw_lint_evidence(lint, finding, "FROM %s", fact->value);
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding,
                      "build from mcr.microsoft.com/azure-functions/python:4-pythonVERSION");
    }
}

const struct thaw_lint_rule thaw_rule_base_image_ended = {
    .kind =
        {
            .id = "base-image-ended",
            .severity = "error",
            .title = "the image is built from a runtime that has ended",
            .needs = "nothing",
            .explanation =
                "In a container the version of the runtime is the base image's: the tag of "
                "mcr.microsoft.com/azure-functions/python begins with it. Images of versions 2 and "
                "3 are still there to be pulled, get no security updates and have versions of "
                "Python that ended long ago; the platform supports version 4 alone.\n"
                "\n"
                "FUNCTIONS_EXTENSION_VERSION does not change what is in the image.\n"
                "\n"
                "How to change it: FROM mcr.microsoft.com/azure-functions/python:4-python3.12, and "
                "the extension bundle of today in host.json.\n"
                "\n"
                "What may go wrong: with the runtime Python changes, too: build the requirements "
                "anew and test.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .check = check_base_image,
};

/* --- proxies-gone --- */

static void check_proxies(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project_place place = {.file = "proxies.json"};
    struct thaw_lint_finding *finding;

    /* Templates of old made one with nothing in it but a schema. */
    if (!shipped_file(lint, place.file) || shipped_file(lint, place.file)->bytes < 200)
        return;
    finding = thaw_lint_add(lint, rule, &place, place.file,
                            "proxies.json is not read by version 4, unless it is asked to for the "
                            "time of a move");
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "proxies-file"));
    thaw_lint_fix(lint, finding, "delete it; put its routes into API Management or a function");
}

static bool has_shipped(const struct thaw_lint *lint)
{
    return lint->project->shipped != NULL;
}

const struct thaw_lint_rule thaw_rule_proxies_gone = {
    .kind =
        {
            .id = "proxies-gone",
            .severity = "warning",
            .title = "proxies.json is of a feature that is gone",
            .needs = "the app's files",
            .explanation =
                "Functions Proxies gave an app routes that another service answers. They belong to "
                "versions 1 to 3 of the runtime, which have ended; version 4 does not read the "
                "file unless it was asked to for the time of a move. Callers of such a route get "
                "404.\n"
                "\n"
                "How to change it: API Management in front of the app, or an HTTP function that "
                "passes requests on; then delete the file.\n"
                "\n"
                "What may go wrong: files of less than 200 bytes are left alone: templates made "
                "them with nothing in them.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_shipped,
    .check = check_proxies,
};

/* --- no-function-found --- */

static void check_no_function(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    static const char entry[] = "function_app.py";
    const struct thaw_project *project = lint->project;
    struct thaw_project_place place = {.file = entry};
    struct thaw_lint_finding *finding;

    /* A file that can't be read is told by what is wrong with it. */
    if (project->function_count || project->problem_count || !shipped_file(lint, entry))
        return;
    if (project->app_count)
        place = project->apps[0].place;
    finding = thaw_lint_add(lint, rule, &place, entry,
                            project->app_count
                                ? "%s has no function: the host has nothing to call"
                                : "no function can be read from function_app.py: rules about "
                                  "functions had nothing to look at",
                            project->app_count ? project->apps[0].variable : "");
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "blueprints"));
    thaw_lint_fix(lint, finding,
                  "decorate the functions with those of a func.FunctionApp() that is a name of "
                  "function_app.py");
    /* What makes its app while it runs can't be seen. */
    thaw_lint_severity(finding, project->app_count ? "warning" : "note");
    thaw_lint_confidence(finding, project->app_count ? "medium" : "low");
}

static bool has_source(const struct thaw_lint *lint)
{
    return lint->project->has_source && thaw_lint_has_host(lint);
}

const struct thaw_lint_rule thaw_rule_no_function_found = {
    .kind =
        {
            .id = "no-function-found",
            .severity = "note",
            .title = "there is a function_app.py without a function",
            .needs = "host.json and the app's Python files",
            .explanation =
                "The worker imports function_app.py, looks for a FunctionApp among its names and "
                "lists that one's functions. With none the host starts, says \"No job functions "
                "found\", and answers 404 to everything. Here none is found by reading the "
                "files.\n"
                "\n"
                "Rules that look at functions – their bindings, retries, calls, routes – had "
                "nothing to look at, so that the rest of the list says less than it seems to.\n"
                "\n"
                "An app that is made while the file is executed (by a library, by importlib) can't "
                "be seen without running it: then it is a note of low confidence. A FunctionApp "
                "that is there and has no function is a warning.\n"
                "\n"
                "How to change it:\n"
                "  app = func.FunctionApp()\n"
                "  @app.route(route=\"orders\")\n"
                "  def orders(req: func.HttpRequest) -> func.HttpResponse: …\n"
                "\n"
                "What may go wrong: where a library makes them, suppress the finding and look at "
                "the log of func start, which lists what was found.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_no_function,
};
