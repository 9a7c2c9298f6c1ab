/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over what a build would install: libraries that nothing asks for, manifests unread. */
#include <string.h>

#include "lint/code.h"
#include "lint/deployed.h"
#include "lint/rules.h"
#include "packaging/name.h"

static const json_t *package(const struct thaw_lint *lint,
                             const struct thaw_requirement *requirement)
{
    return thaw_lint_fact(lint->facts, "python_code", "packages", requirement->name);
}

/* --- functions-library-missing --- */

static bool has_file(const struct thaw_lint *lint, const char *name)
{
    for (size_t i = 0; i < lint->project->manifest_count; i++)
        if (!strcmp(lint->project->manifests[i].file, name))
            return true;
    return false;
}

static bool reads_requirements(const struct thaw_lint *lint)
{
    return lint->project->has_source && has_file(lint, "requirements.txt");
}

/* How much of the name the module is: its length, 0 it is no part of it. */
static size_t within_module(const char *name, const char *module)
{
    size_t length = strlen(module);

    return !strncmp(name, module, length) && (!name[length] || name[length] == '.') ? length : 0;
}

/* azurefunctions.extensions.http.fastapi is of a library of its own, not of the one that has
 * azurefunctions.extensions. */
static bool is_of_longer(const json_t *packages, const char *name, size_t length)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(packages, i, entry)
    {
        if (within_module(name, thaw_lint_fact_text(entry, "module")) > length)
            return true;
    }
    return false;
}

static const struct thaw_project_import *import_of(const struct thaw_lint *lint,
                                                   const json_t *packages, const char *module)
{
    for (size_t i = 0; i < lint->project->import_count; i++) {
        const char *name = lint->project->imports[i].module;
        size_t length = within_module(name, module);

        if (length && !is_of_longer(packages, name, length))
            return &lint->project->imports[i];
    }
    return NULL;
}

/* Does the module itself lie in the app's folder? "azure.functions": azure/functions/… */
static bool has_module(const struct thaw_lint *lint, const char *module)
{
    const struct thaw_shipped *shipped = lint->project->shipped;
    size_t length = strlen(module);

    for (size_t i = 0; shipped && i < shipped->file_count; i++) {
        const char *path = shipped->files[i].path;
        size_t same = 0;

        while (same < length && path[same] == (module[same] == '.' ? '/' : module[same]))
            same++;
        if (same == length && (path[same] == '/' || !strcmp(path + same, ".py")))
            return true;
    }
    return false;
}

/* A line asks for the package, for one that has the module or brings it, or for what can't be
 * told. */
static bool is_provided(const struct thaw_lint *lint, const char *name, const char *module)
{
    if (thaw_lint_ships(lint, name) || has_module(lint, module))
        return true;
    for (size_t i = 0; i < lint->project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &lint->project->requirements[i];

        if (!*requirement->name || requirement->is_editable ||
            thaw_name_is_same(requirement->name, name) ||
            !strcmp(thaw_lint_fact_text(package(lint, requirement), "module"), module) ||
            thaw_lint_fact_lists(package(lint, requirement), "brings", name))
            return true;
    }
    return false;
}

static void check_library(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *packages = thaw_lint_facts_section(lint->facts, "python_code", "packages");
    const json_t *entry;
    size_t i;

    json_array_foreach(packages, i, entry)
    {
        const char *module = thaw_lint_fact_text(entry, "module");
        const char *name = thaw_lint_fact_text(entry, "id");
        const struct thaw_project_import *import;
        struct thaw_lint_finding *finding;

        if (strcmp(thaw_lint_fact_text(entry, "class"), "library") != 0 || !*module)
            continue;
        import = import_of(lint, packages, module);
        if (!import || is_provided(lint, name, module))
            continue;
        finding = thaw_lint_add(lint, rule, &import->place, name,
                                "%s is imported, and %s is not required", module, name);
        thaw_lint_evidence(lint, finding, "%s: import of %s",
                           thaw_lint_place_text(lint, &import->place), import->module);
        thaw_lint_evidence(lint, finding, "no line of requirements.txt asks for %s", name);
        thaw_lint_source(lint, finding, entry);
        thaw_lint_fix(lint, finding, "add %s to requirements.txt", name);
    }
}

/* --- manifest-not-read-by-build --- */

/* What writes requirements.txt from a manifest. */
static const char *command_for(const char *file)
{
    static const struct {
        const char *file, *command;
    } commands[] = {
        {"uv.lock", "uv export --format requirements-txt -o requirements.txt"},
        {"poetry.lock", "poetry export -o requirements.txt"},
        {"Pipfile", "pipenv requirements > requirements.txt"},
        {"Pipfile.lock", "pipenv requirements > requirements.txt"},
        {"environment.yml", "pip freeze > requirements.txt, in that environment"},
    };

    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (!strcmp(commands[i].file, file))
            return commands[i].command;
    return "uv pip compile pyproject.toml -o requirements.txt";
}

static void check_manifest(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *build = thaw_lint_behaviour(lint, "remote-build");
    const struct thaw_manifest *first = NULL;
    struct thaw_lint_names names = {0};
    bool may_be_read = true;
    struct thaw_project_place place = {.file = ""};
    struct thaw_lint_finding *finding;

    for (size_t i = 0; i < lint->project->manifest_count; i++) {
        const struct thaw_manifest *manifest = &lint->project->manifests[i];

        if (thaw_lint_fact_lists(build, "reads", manifest->file))
            return;
        if (!manifest->requirements && !manifest->is_lock) /* such as a linter's pyproject.toml */
            continue;
        first = first ? first : manifest;
        may_be_read &= thaw_lint_fact_lists(build, "may_read", manifest->file);
        thaw_lint_names_add(lint, &names, manifest->file);
    }
    /* Packages that are in the folder need no build; an image is built by its Dockerfile. */
    if (!build || !first || !strcmp(lint->project->packaging.value, "container") ||
        (lint->project->shipped && lint->project->shipped->distribution_count))
        return;
    place.file = first->file;
    finding =
        thaw_lint_add(lint, rule, &place, first->file,
                      may_be_read ? "there is no requirements.txt, and a remote build may not read "
                                    "%s"
                                  : "a remote build reads no %s: nothing is installed",
                      first->file);
    thaw_lint_evidence(lint, finding, "requirements stand in: %s",
                       thaw_lint_names_text(lint, &names));
    if (!may_be_read)
        thaw_lint_evidence(lint, finding, "there is no requirements.txt");
    thaw_lint_source(lint, finding, build);
    thaw_lint_fix(lint, finding, "write requirements.txt from it before deploying: %s",
                  command_for(first->file));
    if (finding && may_be_read) {
        finding->severity = "warning";
        finding->confidence = "medium";
    }
}

/* --- requirements-missing --- */

static const char requirements_file[] = "requirements.txt";

/* It, or what says instead of it what is installed, or packages that are. */
static bool installs_otherwise(const struct thaw_lint *lint)
{
    const struct thaw_shipped *shipped = lint->project->shipped;

    for (size_t i = 0; i < lint->project->manifest_count; i++)
        if (lint->project->manifests[i].requirements || lint->project->manifests[i].is_lock ||
            !strcmp(lint->project->manifests[i].file, requirements_file))
            return true;
    if (shipped->distribution_count)
        return true;
    for (size_t i = 0; i < shipped->file_count; i++)
        if (!strcmp(shipped->files[i].path, requirements_file) ||
            !strncmp(shipped->files[i].path, ".python_packages/", 17))
            return true;
    return false;
}

static void check_requirements(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *packages = thaw_lint_facts_section(lint->facts, "python_code", "packages");
    const struct thaw_project_import *import;
    struct thaw_project_place place = {.file = ""};
    struct thaw_lint_finding *finding;

    if (lint->project->is_zip || !lint->project->function_count || installs_otherwise(lint) ||
        !strcmp(lint->project->packaging.value, "container"))
        return;
    import = import_of(lint, packages, "azure.functions");
    if (import)
        place = import->place;
    finding = thaw_lint_add(lint, rule, &place, requirements_file,
                            "there is no requirements.txt: a remote build installs nothing");
    if (import)
        thaw_lint_evidence(lint, finding, "%s: import of %s",
                           thaw_lint_place_text(lint, &import->place), import->module);
    thaw_lint_evidence(lint, finding, "no other manifest, and no packages in the folder");
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "remote-build"));
    thaw_lint_fix(lint, finding,
                  "write requirements.txt with azure-functions and what else the app imports");
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_functions_library_missing = {
    .kind =
        {
            .id = "functions-library-missing",
            .severity = "warning",
            .title = "a library of the platform is imported, and not required",
            .needs = "the source, and a requirements.txt",
            .explanation =
                "function_app.py imports azure.functions (or azure.durable_functions), and no "
                "requirement asks for it. Up to Python 3.12 the worker's own copy is found where "
                "the worker's packages are not kept apart, so that it may work; which version "
                "that is changes with the platform. Where they are kept apart, and from 3.13 on "
                "by default, the import fails and no function is found.\n"
                "\n"
                "azure-functions-durable is in no worker: without its line the import always "
                "fails.\n"
                "\n"
                "How to change it: add azure-functions (azure-functions-durable) to "
                "requirements.txt.\n"
                "\n"
                "It isn't told where a requirement is a path or an archive, which may bring it, "
                "or where the package lies in the app's folder.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_AZURE,
    .can_check = reads_requirements,
    .check = check_library,
};

const struct thaw_lint_rule thaw_rule_manifest_not_read_by_build = {
    .kind =
        {
            .id = "manifest-not-read-by-build",
            .severity = "error",
            .title = "requirements stand where a remote build doesn't look",
            .needs = "nothing",
            .explanation =
                "A remote build looks for certain files to install from; which these are is a "
                "dated fact, shown with the finding. This app has its requirements in another "
                "one only. The build finds nothing to install, and succeeds; the first import of "
                "a package fails on the instance.\n"
                "\n"
                "Builders begin to read pyproject.toml and the lock files of uv and Poetry where "
                "there is no requirements.txt; func azure functionapp publish of August 2026 ends "
                "with an error without one, others go on. Where only such files are there it is a "
                "warning.\n"
                "\n"
                "How to change it: write a requirements.txt in the pipeline, from the lock file, "
                "so that it can't be forgotten: uv export --format requirements-txt --no-dev "
                "-o requirements.txt. Or install the packages in the pipeline and deploy them: pip "
                "install --target .python_packages/lib/site-packages, on Linux with the app's "
                "version of Python.\n"
                "\n"
                "It isn't told where packages lie in the app's folder, or an image is built.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_AZURE,
    .check = check_manifest,
};

const struct thaw_lint_rule thaw_rule_requirements_missing = {
    .kind =
        {
            .id = "requirements-missing",
            .severity = "warning",
            .title = "nothing says which packages the app needs",
            .needs = "the app's files and functions",
            .explanation =
                "A remote build installs what requirements.txt lists. Without that file it "
                "installs nothing, and says so in its log only; func azure functionapp publish "
                "refuses to go on. Up to Python 3.12 the worker's own azure-functions is found "
                "where its packages are not kept apart, so that a small app may work by chance; "
                "with the first package of its own, or from 3.13 on, its import fails and no "
                "function is found.\n"
                "\n"
                "How to change it: a requirements.txt beside host.json, with azure-functions and "
                "each package that the app imports, pinned (thaw explain "
                "requirement-not-pinned):\n"
                "  azure-functions==1.26.0\n"
                "\n"
                "It isn't told where another manifest is there (thaw explain "
                "manifest-not-read-by-build), where packages lie in the folder, where an image is "
                "built, or of a zip, which may be built already.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_shipped,
    .check = check_requirements,
};
