/* SPDX-License-Identifier: Apache-2.0 */
/* The model: how the app's functions are found by the host. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lint/code.h"
#include "lint/look.h"
#include "lint/rules.h"

static const struct thaw_app_function *first_of(const struct thaw_lint *lint,
                                                enum thaw_app_function_model model, size_t *ret)
{
    const struct thaw_app_function *first = NULL;

    *ret = 0;
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        if (function->model == model && !(*ret)++)
            first = function;
    }
    return first;
}

static void check_v1(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    size_t v1_count, v2_count;
    const struct thaw_app_function *v1 = first_of(lint, THAW_FUNCTION_V1, &v1_count);
    struct thaw_lint_finding *finding;

    first_of(lint, THAW_FUNCTION_V2, &v2_count);
    if (!v1 || v2_count)
        return;
    finding = thaw_lint_add(lint, rule, &v1->place, "v1",
                            "%zu function%s of the v1 programming model (function.json)", v1_count,
                            v1_count == 1 ? "" : "s");
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "outdated", "v1-model"));
    thaw_lint_fix(lint, finding,
                  "write new apps with decorators in function_app.py; this one may stay");
}

const struct thaw_lint_rule thaw_rule_model_v1 = {
    .kind =
        {
            .id = "model-v1",
            .severity = "note",
            .title = "the app uses the programming model of function.json files",
            .needs = "the app's functions",
            .explanation =
                "The v1 model has a folder with a function.json for each function. It is still "
                "supported; what is new in the Python library – blueprints, types of the SDKs as "
                "bindings, streams of HTTP – comes to the v2 model of decorators only.\n"
                "\n"
                "For cold starts it makes a difference where imports are paid for: v1 loads a "
                "function's module when the host asks for that function, v2 imports "
                "function_app.py "
                "and all it needs while the worker lists the functions.\n"
                "\n"
                "How to change it: put the handlers into function_app.py and blueprints, each "
                "binding of function.json becomes a decorator:\n"
                "  @app.route(route=\"orders\", methods=[\"POST\"])\n"
                "\n"
                "What may go wrong: the two models can't be mixed in one app (thaw explain "
                "mixed-models), so it is one step for all functions.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_v1,
};

static void check_mixed(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    size_t v1_count, v2_count;
    const struct thaw_app_function *v1 = first_of(lint, THAW_FUNCTION_V1, &v1_count);
    const struct thaw_app_function *v2 = first_of(lint, THAW_FUNCTION_V2, &v2_count);
    struct thaw_lint_finding *finding;

    if (!v1 || !v2)
        return;
    finding = thaw_lint_add(lint, rule, &v1->place, "v1",
                            "%zu function%s by function.json beside %zu by decorators", v1_count,
                            v1_count == 1 ? "" : "s", v2_count);
    thaw_lint_evidence(lint, finding, "function.json: %s", thaw_lint_function_text(lint, v1));
    thaw_lint_evidence(lint, finding, "decorators: %s", thaw_lint_function_text(lint, v2));
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "outdated", "v1-model"));
    thaw_lint_fix(lint, finding, "move all to function_app.py and delete the function.json files");
}

const struct thaw_lint_rule thaw_rule_mixed_models = {
    .kind =
        {
            .id = "mixed-models",
            .severity = "error",
            .title = "functions of both programming models in one app",
            .needs = "the app's functions",
            .explanation =
                "An app is of one programming model: function.json files or decorators. With both "
                "the host finds one kind and leaves the other out, so some functions do not exist "
                "where the app is deployed, without an error of their own.\n"
                "\n"
                "It happens while an app is moved from v1 to v2, and when a folder with a "
                "function.json was left behind.\n"
                "\n"
                "How to change it: finish the move, delete the function.json files, or leave the "
                "folders out by .funcignore.\n"
                "\n"
                "What may go wrong: the name of a v1 function is its folder's, of a v2 function "
                "its "
                "handler's: keep URLs and settings such as AzureWebJobs.NAME.Disabled by "
                "@app.function_name().",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_mixed,
};

/* --- names and routes --- */

/* One that stands in a block, of if and else perhaps: only one of them may be there. */
static bool is_conditional(const struct thaw_app_function *function)
{
    return function->model == THAW_FUNCTION_V2 && function->place.column > 1;
}

static bool both_are_there(const struct thaw_app_function *left,
                           const struct thaw_app_function *right)
{
    return thaw_lint_is_live(left) && thaw_lint_is_live(right) &&
           !(is_conditional(left) && is_conditional(right) &&
             !strcmp(left->place.file, right->place.file));
}

static void check_name_twice(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        for (size_t j = 0; thaw_lint_is_live(function) && j < i; j++) {
            const struct thaw_app_function *other = &lint->project->functions[j];
            struct thaw_lint_finding *finding;

            if (!both_are_there(function, other) || strcasecmp(function->name, other->name) != 0)
                continue;
            finding = thaw_lint_add(lint, rule, &function->place, function->name,
                                    "a second function of the name %s", function->name);
            thaw_lint_evidence(lint, finding, "the other one: %s",
                               thaw_lint_function_text(lint, other));
            thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "function_names"));
            thaw_lint_fix(lint, finding, "give one of them another name: @app.function_name(…)");
            break;
        }
    }
}

const struct thaw_lint_rule thaw_rule_function_name_twice = {
    .kind =
        {
            .id = "function-name-twice",
            .severity = "error",
            .title = "two functions have one name",
            .needs = "the app's functions",
            .explanation =
                "The host tells functions by their names, in which capitals do not count. The "
                "Python library refuses a name that is there already, and that ends the indexing "
                "of the whole app: not one of its functions is left.\n"
                "\n"
                "A function has the name of its handler unless @app.function_name() gives another "
                "one. Blueprints are of the same app: their names count, too.\n"
                "\n"
                "How to change it: rename a handler, or\n"
                "  @bp.function_name(\"orders_create\")\n"
                "as the outermost decorator.\n"
                "\n"
                "What may go wrong: the route of an HTTP function is its name where no route is "
                "given; give one to keep the URL.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_name_twice,
};

/* A route by what it matches: names of parameters, capitals and outer slashes count not. NULL: not
 * known. */
static const char *normal_route(struct thaw_lint *lint, const struct thaw_app_function *function)
{
    const char *route = thaw_app_trigger(function)->route;
    char *text;
    size_t length = 0;

    if (!route)
        return NULL;
    if (!*route)
        route = function->name;
    while (*route == '/')
        route++;
    text = thaw_arena_allocate(&lint->arena, strlen(route) + 1);
    if (!text) {
        lint->failed = true;
        return NULL;
    }
    while (*route) {
        text[length++] = (char)tolower((unsigned char)*route);
        /* "{id}" and "{name}" match the same, "{id:int}" does not. */
        if (*route++ == '{' && *route != '*')
            route += strcspn(route, ":}?");
    }
    while (length && text[length - 1] == '/')
        length--;
    text[length] = '\0';
    return text;
}

static bool methods_meet(const struct thaw_texts *left, const struct thaw_texts *right)
{
    if (!left->count || !right->count)
        return true;
    for (size_t i = 0; i < left->count; i++)
        if (thaw_texts_hold(right, left->items[i]))
            return true;
    return false;
}

static bool has_route(const struct thaw_app_function *function)
{
    return function->kind != THAW_FUNCTION_ASGI && thaw_lint_is_http(function);
}

static void compare_routes(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                           const char **routes, size_t at)
{
    const struct thaw_app_function *function = &lint->project->functions[at];

    for (size_t i = 0; i < at; i++) {
        const struct thaw_app_function *other = &lint->project->functions[i];
        struct thaw_lint_finding *finding;

        if (!routes[i] || strcmp(routes[i], routes[at]) != 0 || !both_are_there(function, other) ||
            !strcasecmp(function->name, other->name) ||
            !methods_meet(&thaw_app_trigger(function)->methods, &thaw_app_trigger(other)->methods))
            continue;
        finding = thaw_lint_add(lint, rule, &thaw_app_trigger(function)->place, function->name,
                                "the route of %s is that of %s", function->name, other->name);
        thaw_lint_evidence(lint, finding, "route %s", *routes[at] ? routes[at] : "/");
        thaw_lint_evidence(lint, finding, "the other one: %s",
                           thaw_lint_function_text(lint, other));
        thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "bindings", "httpTrigger"));
        thaw_lint_fix(lint, finding, "give each its own route, or methods that differ");
        return;
    }
}

static void check_route_twice(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    size_t count = lint->project->function_count;
    const char **routes = thaw_arena_allocate(&lint->arena, count * sizeof(*routes));

    if (!routes) {
        lint->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];

        routes[i] = has_route(function) ? normal_route(lint, function) : NULL;
        if (routes[i])
            compare_routes(lint, rule, routes, i);
    }
}

const struct thaw_lint_rule thaw_rule_route_twice = {
    .kind =
        {
            .id = "route-twice",
            .severity = "error",
            .title = "two functions answer the same route and method",
            .needs = "the app's functions",
            .explanation =
                "Two HTTP functions with one route and a method in common: the host takes the one "
                "that it registered first and never calls the other. Nothing says so when it "
                "starts.\n"
                "\n"
                "Routes are compared as the host matches them: capitals and slashes around them do "
                "not count, nor do the names of parameters. {id} and {id:int} are two routes. "
                "Without a route a function has its name for one, without methods it takes all.\n"
                "\n"
                "How to change it: tell them apart by route or by methods:\n"
                "  @app.route(route=\"orders\", methods=[\"GET\"])\n"
                "  @app.route(route=\"orders\", methods=[\"POST\"])\n"
                "\n"
                "What may go wrong: a client may rely on the one that happens to win.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_functions,
    .check = check_route_twice,
};

/* --- blueprints --- */

static bool is_blueprint(const struct thaw_app_variable *app)
{
    return !strcmp(app->type, "Blueprint");
}

/* It is what the host finds functions by. */
static bool is_app(const struct thaw_app_variable *app)
{
    return app->is_registered && !is_blueprint(app);
}

/* Where there is none, the folder may be one of several apps, each in a folder of its own. */
static bool has_app(const struct thaw_lint *lint)
{
    for (size_t i = 0; lint->project->has_source && i < lint->project->app_count; i++)
        if (is_app(&lint->project->apps[i]))
            return true;
    return false;
}

static void check_blueprint(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->app_count; i++) {
        const struct thaw_app_variable *app = &lint->project->apps[i];
        const struct thaw_app_function *first = NULL;
        struct thaw_lint_finding *finding;
        size_t count = 0;

        /* Another app object than the host's is somebody's sample or test. */
        if (app->is_registered || !strstr(app->type, "Blueprint"))
            continue;
        for (size_t j = 0; j < lint->project->function_count; j++) {
            const struct thaw_app_function *function = &lint->project->functions[j];

            if (function->model == THAW_FUNCTION_V2 && !function->is_registered &&
                !strcmp(function->app, app->variable) &&
                !strcmp(function->place.file, app->place.file) && !count++)
                first = function;
        }
        if (!count)
            continue;
        finding =
            thaw_lint_add(lint, rule, &app->place, app->variable,
                          "%s %s is not registered: its %zu function%s not there for the host",
                          app->type, app->variable, count, count == 1 ? " is" : "s are");
        thaw_lint_evidence(lint, finding, "%s", thaw_lint_function_text(lint, first));
        thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "limits", "blueprints"));
        thaw_lint_fix(lint, finding, "%sin function_app.py: app.register_functions(%s)",
                      is_blueprint(app) ? "" : "make it a Blueprint, and ", app->variable);
    }
}

static bool has_source(const struct thaw_lint *lint)
{
    return lint->project->has_source && lint->project->app_count > 0;
}

static void check_several_apps(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_app_variable *first = NULL, *second = NULL;
    struct thaw_lint_finding *finding;

    for (size_t i = 0; !second && i < lint->project->app_count; i++) {
        const struct thaw_app_variable *app = &lint->project->apps[i];

        if (is_app(app) && first)
            second = app;
        else if (is_app(app))
            first = app;
    }
    if (!second)
        return;
    finding = thaw_lint_add(lint, rule, &second->place, second->variable,
                            "%s %s is a second app: the worker takes neither", second->type,
                            second->variable);
    thaw_lint_evidence(lint, finding, "the other one: %s %s, %s", first->type, first->variable,
                       thaw_lint_place_text(lint, &first->place));
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "one-app"));
    thaw_lint_fix(lint, finding,
                  "keep one app, and make the other one a Blueprint that it registers");
}

const struct thaw_lint_rule thaw_rule_several_apps = {
    .kind =
        {
            .id = "several-apps",
            .severity = "error",
            .title = "function_app.py has several apps, of which the worker takes none",
            .needs = "the app's Python files",
            .explanation =
                "The worker imports function_app.py and looks through all of its names for the "
                "app: FunctionApp, DFApp, AsgiFunctionApp or WsgiFunctionApp, also one that was "
                "imported from another file. If it finds a second one, indexing ends with \"More "
                "than one … or other top level function app instances are defined\", and the app "
                "has no functions at all.\n"
                "\n"
                "Usual causes: a DFApp for Durable beside the FunctionApp (a DFApp can do all "
                "that a FunctionApp can); a web framework's app in a second object; an app of "
                "each team's file, imported into one.\n"
                "\n"
                "How to change it: keep one. The others become blueprints (func.Blueprint, "
                "df.Blueprint), which that one registers:\n"
                "  app.register_functions(bp)\n"
                "\n"
                "What may go wrong: routes of a blueprint have the access level of the app that "
                "registers it, where they tell none of their own.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_source,
    .check = check_several_apps,
};

const struct thaw_lint_rule thaw_rule_blueprint_not_registered = {
    .kind =
        {
            .id = "blueprint-not-registered",
            .severity = "warning",
            .title = "a blueprint with functions is not registered with the app",
            .needs = "the app's Python files",
            .explanation =
                "The host imports function_app.py and takes the functions of the app object in it. "
                "A blueprint's functions belong to it only after app.register_functions(bp). "
                "Without that they are decorated, tested, deployed – and do not exist.\n"
                "\n"
                "This rests on the source: a Blueprint with functions in the same file, and no "
                "registration of it in what function_app.py imports.\n"
                "\n"
                "How to change it:\n"
                "  from orders import bp as orders\n"
                "  app.register_functions(orders)\n"
                "\n"
                "What may go wrong: registered in another way – in a loop over modules, by a "
                "function of your own – it can't be seen from the text. Suppress the finding then.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_app,
    .check = check_blueprint,
};
