/* SPDX-License-Identifier: Apache-2.0 */
/* The model: an app that another worker than Python's runs. */
#include <string.h>
#include <strings.h>

#include "lint/look.h"
#include "lint/rules.h"

#define RUNTIME "FUNCTIONS_WORKER_RUNTIME"

/* What tells it, and what it tells. */
struct other_worker {
    const char *language; /* NULL: none is told */
    const char *evidence;
    struct thaw_project_place place;
};

struct ending {
    const char *end, *language;
};

/* Of a function.json's scriptFile. */
static const struct ending script_ends[] = {{".js", "Node.js"},        {".cjs", "Node.js"},
                                            {".mjs", "Node.js"},       {".ts", "Node.js"},
                                            {".ps1", "PowerShell"},    {".jar", "Java"},
                                            {".csx", ".NET"},          {".dll", ".NET"},
                                            {".exe", "custom handler"}};

/* Files beside host.json that only apps of that language have. */
static const struct ending project_ends[] = {
    {"package.json", "Node.js"}, {".csproj", ".NET"},      {".fsproj", ".NET"},
    {"pom.xml", "Java"},         {"build.gradle", "Java"}, {"profile.ps1", "PowerShell"}};

static const char *language_of(const char *path, const struct ending *endings, size_t count)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < count; i++) {
        size_t tail = strlen(endings[i].end);

        if (length >= tail && !strcasecmp(path + length - tail, endings[i].end))
            return endings[i].language;
    }
    return NULL;
}

static bool has_ending(const char *path, const char *end)
{
    const struct ending one = {end, ""};

    return language_of(path, &one, 1) != NULL;
}

static const struct thaw_shipped_file *shipped_file(const struct thaw_lint *lint, const char *path)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && i < shipped->file_count; i++)
        if (!strcmp(shipped->files[i].path, path))
            return &shipped->files[i];
    return NULL;
}

/* Decorators are Python's; a function.json without scriptFile is Python's only if its file is
 * there. */
static bool is_python(const struct thaw_lint *lint, const struct thaw_app_function *function)
{
    if (function->model != THAW_FUNCTION_V1)
        return true;
    return has_ending(function->script, ".py") && shipped_file(lint, function->script);
}

static bool has_python(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->function_count; i++)
        if (is_python(lint, &lint->project->functions[i]))
            return true;
    return shipped_file(lint, "function_app.py") != NULL;
}

static void by_setting(struct thaw_lint *lint, struct other_worker *other)
{
    const struct thaw_setting *setting = NULL;

    while ((setting = thaw_project_setting(lint->project, RUNTIME, setting))) {
        if (!setting->value || !*setting->value)
            continue;
        *other = (struct other_worker){setting->value,
                                       thaw_lint_text(lint, "%s is %s", RUNTIME, setting->value),
                                       setting->place};
        return;
    }
}

static bool says_python(const struct thaw_lint *lint)
{
    const struct thaw_setting *setting = NULL;

    while ((setting = thaw_project_setting(lint->project, RUNTIME, setting)))
        if (setting->value && !strcasecmp(setting->value, "python"))
            return true;
    return false;
}

static void by_host(struct thaw_lint *lint, struct other_worker *other)
{
    static const char *const keys[] = {"customHandler", "httpWorker"};

    for (size_t i = 0; lint->project->host && i < sizeof(keys) / sizeof(*keys); i++) {
        struct thaw_project_place place = {.file = ""};

        if (!thaw_project_host(lint->project, keys[i], &place, NULL))
            continue;
        *other = (struct other_worker){"custom handler",
                                       thaw_lint_text(lint, "host.json has %s", keys[i]), place};
        return;
    }
}

/* Without scriptFile the host takes what lies beside function.json. */
static const char *language_beside(const struct thaw_lint *lint, const char *path,
                                   const char **ret_file)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 0;

    for (size_t i = 0; shipped && length && i < shipped->file_count; i++) {
        const char *file = shipped->files[i].path;
        const char *language = NULL;

        if (!strncmp(file, path, length) && !strchr(file + length, '/'))
            language = language_of(file, script_ends, sizeof(script_ends) / sizeof(*script_ends));
        *ret_file = file;
        if (language)
            return language;
    }
    return NULL;
}

static void by_scripts(struct thaw_lint *lint, struct other_worker *other)
{
    for (size_t i = 0; i < lint->project->function_count; i++) {
        const struct thaw_app_function *function = &lint->project->functions[i];
        const char *file = function->script;
        const char *language =
            language_of(file, script_ends, sizeof(script_ends) / sizeof(*script_ends));

        if (!language)
            language = language_beside(lint, function->place.file, &file);
        if (!language)
            continue;
        *other = (struct other_worker){language,
                                       thaw_lint_text(lint, "%s is of %s", function->name, file),
                                       function->place};
        return;
    }
}

/* Only of the app's own folder: below it may be anything. */
static void by_files(struct thaw_lint *lint, struct other_worker *other)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; shipped && i < shipped->file_count; i++) {
        const char *path = shipped->files[i].path;

        if (strchr(path, '/'))
            continue;
        if (has_ending(path, ".py") || !strcmp(path, "requirements.txt")) {
            other->language = NULL;
            return;
        }
        if (!other->language)
            *other = (struct other_worker){
                language_of(path, project_ends, sizeof(project_ends) / sizeof(*project_ends)),
                thaw_lint_text(lint, "there is %s", path),
                {.file = path}};
    }
}

static struct other_worker find(struct thaw_lint *lint)
{
    static void (*const ways[])(struct thaw_lint *, struct other_worker *) = {by_setting, by_host,
                                                                              by_scripts, by_files};
    struct other_worker other = {0};

    if (has_python(lint) || says_python(lint))
        return other;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways) && !other.language; i++)
        ways[i](lint, &other);
    return other;
}

bool thaw_lint_is_python(struct thaw_lint *lint)
{
    return !find(lint).language;
}

static void check_worker(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct other_worker other = find(lint);
    struct thaw_lint_finding *finding;

    if (!other.language)
        return;
    finding = thaw_lint_add(lint, rule, &other.place, "worker",
                            "this app is no Python app (%s): it was not checked", other.language);
    thaw_lint_evidence(lint, finding, "%s", other.evidence);
    thaw_lint_evidence(lint, finding,
                       "no function_app.py, and no function.json with a Python file");
    thaw_lint_source(lint, finding, thaw_lint_azure_fact(lint, "settings", RUNTIME));
    thaw_lint_fix(lint, finding,
                  "name the folder of the Python app, or leave this one out of thaw lint");
}

const struct thaw_lint_rule thaw_rule_not_a_python_app = {
    .kind =
        {
            .id = "not-a-python-app",
            .severity = "warning",
            .title = "the app is of another language, and was not checked",
            .needs = "nothing",
            .explanation =
                "An app has functions of one language, which FUNCTIONS_WORKER_RUNTIME says. The "
                "rules of thaw lint are about Python apps: what they say of timeouts, bundles and "
                "keys would hold elsewhere, too, but what is done about it is written otherwise, "
                "and half of the checklist would be missing without a word. So nothing else is "
                "said of such an app.\n"
                "\n"
                "It is told where no Python function is found, and one of these says so: the "
                "setting, customHandler in host.json, the files that function.json names, or a "
                "project's file of another language beside host.json (package.json, *.csproj, "
                "pom.xml, profile.ps1).\n"
                "\n"
                "It is a warning, so that a pipeline that checks the wrong folder does not look "
                "as if all were well.\n"
                "\n"
                "How to change it: give the folder that has function_app.py: thaw lint "
                "services/orders. Where the app is Python's and only not written yet, set "
                "\"FUNCTIONS_WORKER_RUNTIME\": \"python\" in local.settings.json.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .check = check_worker,
};
