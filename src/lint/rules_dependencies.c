/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over what requirements files ask for. */
#include <string.h>

#include "lint/code.h"
#include "lint/deployed.h"
#include "lint/rules.h"
#include "packaging/name.h"
#include "packaging/version.h"

static bool has_requirements(const struct thaw_lint *lint)
{
    return lint->project->requirement_count > 0;
}

static bool has_class(const struct thaw_lint *lint, const struct thaw_requirement *requirement,
                      const char *class)
{
    return *requirement->name && requirement->applies &&
           !strcmp(thaw_lint_package_class(lint, requirement->name), class);
}

static const json_t *package(const struct thaw_lint *lint,
                             const struct thaw_requirement *requirement)
{
    return thaw_lint_fact(lint->facts, "python_code", "packages", requirement->name);
}

/* --- requirement-not-pinned --- */

static const struct thaw_manifest *lock_file(const struct thaw_lint *lint)
{
    for (size_t i = 0; i < lint->project->manifest_count; i++)
        if (lint->project->manifests[i].is_lock)
            return &lint->project->manifests[i];
    return NULL;
}

/* The platform's own ones are meant to be its newest. */
static bool should_be_pinned(const struct thaw_lint *lint,
                             const struct thaw_requirement *requirement)
{
    return requirement->applies && !requirement->is_pinned && !requirement->is_editable &&
           !has_class(lint, requirement, "runtime") && !has_class(lint, requirement, "library") &&
           !has_class(lint, requirement, "worker");
}

static void check_pinned(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project *project = lint->project;
    const struct thaw_manifest *lock = lock_file(lint);
    const struct thaw_requirement *first = NULL;
    struct thaw_lint_names names = {0};
    struct thaw_lint_finding *finding;

    for (size_t i = 0; i < project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &project->requirements[i];

        if (!should_be_pinned(lint, requirement))
            continue;
        first = first ? first : requirement;
        thaw_lint_names_add(lint, &names,
                            *requirement->name ? requirement->name : requirement->text);
    }
    if (!first)
        return;
    finding = thaw_lint_add(lint, rule, &first->place, first->place.file,
                            "%zu of %zu requirements %s not pinned", names.count,
                            project->requirement_count, names.count == 1 ? "is" : "are");
    thaw_lint_evidence(lint, finding, "not to one version: %s", thaw_lint_names_text(lint, &names));
    if (lock)
        thaw_lint_evidence(lint, finding, "%s pins versions, but a build from %s does not read it",
                           lock->file, first->place.file);
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "remote-build"));
    thaw_lint_fix(lint, finding, "%s",
                  lock ? "write the lock file's versions into requirements.txt before each build "
                         "(uv export, poetry export)"
                       : "pin what is installed now: pip freeze, pip-compile or uv pip compile");
    if (finding && lock)
        finding->severity = "note";
}

/* --- requirements-not-hashed --- */

static void check_hashed(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project *project = lint->project;
    size_t pinned = 0, hashed = 0, count = 0;
    const struct thaw_requirement *without = NULL;
    struct thaw_lint_finding *finding;

    for (size_t i = 0; i < project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &project->requirements[i];

        if (!requirement->applies)
            continue;
        count++;
        pinned += requirement->is_pinned;
        hashed += requirement->is_hashed;
        if (!requirement->is_hashed && !without)
            without = requirement;
    }
    /* What isn't pinned can't be hashed: that is told first. */
    if (!without || (!hashed && pinned < count))
        return;
    finding = thaw_lint_add(lint, rule, &without->place, without->place.file,
                            hashed ? "%zu of %zu requirements have hashes: pip refuses such a file"
                                   : "%zu of %zu requirements have hashes",
                            hashed, count);
    thaw_lint_evidence(lint, finding, "the first without: %s",
                       *without->name ? without->name : without->text);
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "requirements-hashes"));
    thaw_lint_fix(lint, finding,
                  "make the file with hashes: pip-compile --generate-hashes, or uv "
                  "pip compile --generate-hashes");
    if (finding && hashed)
        finding->severity = "error";
}

/* --- worker-in-requirements, development-package-shipped --- */

static void check_worker(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &lint->project->requirements[i];
        struct thaw_lint_finding *finding;

        if (!has_class(lint, requirement, "worker"))
            continue;
        finding =
            thaw_lint_add(lint, rule, &requirement->place, requirement->name,
                          "%s is the platform's: the app must not bring it", requirement->name);
        thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_place_text(lint, &requirement->place),
                           thaw_lint_fact_text(package(lint, requirement), "why"));
        thaw_lint_source(lint, finding, package(lint, requirement));
        thaw_lint_fix(lint, finding, "take the line away");
    }
}

static void check_development(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_requirement *first = NULL;
    struct thaw_lint_names names = {0};
    struct thaw_lint_finding *finding;

    for (size_t i = 0; i < lint->project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &lint->project->requirements[i];

        if (!has_class(lint, requirement, "development"))
            continue;
        first = first ? first : requirement;
        thaw_lint_names_add(lint, &names, requirement->name);
    }
    if (!first)
        return;
    finding = thaw_lint_add(lint, rule, &first->place, first->place.file,
                            "%s %s for development, and deployed",
                            thaw_lint_names_text(lint, &names), names.count == 1 ? "is" : "are");
    thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_place_text(lint, &first->place),
                       first->text);
    thaw_lint_source(lint, finding, package(lint, first));
    thaw_lint_fix(lint, finding,
                  "move %s to a file that is not built from, such as "
                  "requirements-dev.txt",
                  names.count == 1 ? "it" : "them");
}

/* --- runtime-pinned-prerelease --- */

static void check_runtime(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &lint->project->requirements[i];
        struct thaw_lint_finding *finding;

        if (!has_class(lint, requirement, "runtime") ||
            !thaw_version_is_pre_release(requirement->version))
            continue;
        finding = thaw_lint_add(lint, rule, &requirement->place, requirement->name,
                                "%s is pinned to the pre-release %s", requirement->name,
                                requirement->version);
        thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_place_text(lint, &requirement->place),
                           requirement->text);
        thaw_lint_source(lint, finding, package(lint, requirement));
        thaw_lint_fix(lint, finding, "pin a release, or name it without a version: the newest");
    }
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

static const struct thaw_project_import *import_of(const struct thaw_lint *lint, const char *module)
{
    size_t length = strlen(module);

    for (size_t i = 0; i < lint->project->import_count; i++) {
        const char *name = lint->project->imports[i].module;

        if (!strncmp(name, module, length) && (!name[length] || name[length] == '.'))
            return &lint->project->imports[i];
    }
    return NULL;
}

/* A line asks for the package, for one that brings it, or for what can't be told. */
static bool is_provided(const struct thaw_lint *lint, const char *name)
{
    if (thaw_lint_ships(lint, name))
        return true;
    for (size_t i = 0; i < lint->project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &lint->project->requirements[i];

        if (!*requirement->name || requirement->is_editable ||
            thaw_name_is_same(requirement->name, name) ||
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
        import = import_of(lint, module);
        if (!import || is_provided(lint, name))
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

static void check_manifest(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const json_t *build = thaw_lint_behaviour(lint, "remote-build");
    const struct thaw_manifest *first = NULL;
    struct thaw_lint_names names = {0};
    struct thaw_project_place place = {.file = ""};
    struct thaw_lint_finding *finding;

    for (size_t i = 0; i < lint->project->manifest_count; i++) {
        const struct thaw_manifest *manifest = &lint->project->manifests[i];

        if (thaw_lint_fact_lists(build, "reads", manifest->file))
            return;
        if (!manifest->requirements && !manifest->is_lock) /* such as a linter's pyproject.toml */
            continue;
        first = first ? first : manifest;
        thaw_lint_names_add(lint, &names, manifest->file);
    }
    /* Packages that are in the folder need no build; an image is built by its Dockerfile. */
    if (!build || !first || !strcmp(lint->project->packaging.value, "container") ||
        (lint->project->shipped && lint->project->shipped->distribution_count))
        return;
    place.file = first->file;
    finding = thaw_lint_add(lint, rule, &place, first->file,
                            "a remote build reads no %s: nothing is installed", first->file);
    thaw_lint_evidence(lint, finding, "requirements stand in: %s",
                       thaw_lint_names_text(lint, &names));
    thaw_lint_evidence(lint, finding, "there is no requirements.txt");
    thaw_lint_source(lint, finding, build);
    thaw_lint_fix(lint, finding,
                  "write requirements.txt from it before deploying: uv export "
                  "--format requirements-txt, poetry export, pipenv requirements");
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_requirement_not_pinned = {
    .kind =
        {
            .id = "requirement-not-pinned",
            .severity = "warning",
            .title = "requirements are not pinned to one version",
            .needs = "a requirements file",
            .explanation =
                "A build installs what fits the requirements on that day. A line without a "
                "version installs whatever was released last: two deployments of one commit "
                "differ, an instance is built with a version that nobody tested, and a package "
                "that was taken over by someone else is in the app at once.\n"
                "\n"
                "A name with a range (>=1.2,<2) is no pin either. One version (==), or a URL "
                "with a hash or a commit, is one; also by a constraints file that the "
                "requirements name. Packages of the platform's own, which are meant to be its "
                "newest, are left out.\n"
                "\n"
                "A lock file beside it makes this a note: it says what was tested, but a build "
                "that reads requirements.txt does not use it.\n"
                "\n"
                "How to change it: keep what you want in requirements.in, and make "
                "requirements.txt from it by pip-compile or uv pip compile; or uv export, poetry "
                "export from the lock file. All that these need is pinned then as well.\n"
                "\n"
                "What may go wrong: pinned versions get no fixes by themselves. Let a bot "
                "propose newer ones.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_ANY,
    .can_check = has_requirements,
    .check = check_pinned,
};

const struct thaw_lint_rule thaw_rule_requirements_not_hashed = {
    .kind =
        {
            .id = "requirements-not-hashed",
            .severity = "note",
            .title = "requirements have no hashes",
            .needs = "a requirements file",
            .explanation =
                "With --hash= behind each requirement pip compares what it downloads with what "
                "you had when the file was made. A changed archive of the same version, from the "
                "index or from a mirror, is refused.\n"
                "\n"
                "It is all or none: as soon as one line has a hash, pip wants one for each line, "
                "and for all that these need. A file in which only some lines have them can't be "
                "installed, which is an error here.\n"
                "\n"
                "How to change it: pip-compile --generate-hashes requirements.in, or uv pip "
                "compile --generate-hashes. The file is then made by the tool, never by hand.\n"
                "\n"
                "What may go wrong: hashes name archives. One that was made for the developer's "
                "machine only lacks those of Linux wheels; let the tool list all of a version.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_ANY,
    .can_check = has_requirements,
    .check = check_hashed,
};

const struct thaw_lint_rule thaw_rule_worker_in_requirements = {
    .kind =
        {
            .id = "worker-in-requirements",
            .severity = "warning",
            .title = "the platform's own worker is among the requirements",
            .needs = "a requirements file",
            .explanation =
                "The worker is the program that the platform starts to run your functions. It is "
                "part of the platform, in the version that fits its host. One that the app "
                "brings lies beside it, takes place, pulls in grpcio and protobuf in versions of "
                "its own, and may be imported in the place of the platform's.\n"
                "\n"
                "It usually gets there by pip freeze on a machine where it was installed for "
                "local tests.\n"
                "\n"
                "How to change it: take the line away. The app needs azure-functions, the "
                "library with the types of its handlers, and nothing else of the platform.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_requirements,
    .check = check_worker,
};

const struct thaw_lint_rule thaw_rule_runtime_pinned_prerelease = {
    .kind =
        {
            .id = "runtime-pinned-prerelease",
            .severity = "warning",
            .title = "the worker's runtime package is pinned to a pre-release",
            .needs = "a requirements file",
            .explanation =
                "From Python 3.13 on the part of the worker that runs your functions is a "
                "package of its own. Without a line for it the platform uses its default, a "
                "little behind the newest; with the name alone, the newest release; with a "
                "version, that one.\n"
                "\n"
                "A pre-release is there to be tried. It gets no fixes, may stop to fit the "
                "host's next version, and the app then stops to start without anything of it "
                "having changed.\n"
                "\n"
                "How to change it: pin a release, name it without a version, or take the line "
                "away.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_requirements,
    .check = check_runtime,
};

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
                "How to change it: write a requirements.txt in the pipeline, from the lock file, "
                "so that it can't be forgotten: uv export --format requirements-txt --no-dev > "
                "requirements.txt. Or install the packages in the pipeline and deploy them: pip "
                "install --target .python_packages/lib/site-packages, on Linux with the app's "
                "version of Python.\n"
                "\n"
                "It isn't told where packages lie in the app's folder, or an image is built.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_AZURE,
    .check = check_manifest,
};

const struct thaw_lint_rule thaw_rule_development_package_shipped = {
    .kind =
        {
            .id = "development-package-shipped",
            .severity = "note",
            .title = "packages for development are installed on each instance",
            .needs = "a requirements file",
            .explanation =
                "Test runners, formatters, type checkers and notebooks are of no use in a "
                "deployed app. They are installed by each build, make the package larger (and "
                "with it each cold start that has to fetch and unpack it), and are one more "
                "thing to keep free of known holes.\n"
                "\n"
                "Which packages these are is a table of facts. It is told for requirements.txt "
                "and what it includes; not for files beside it.\n"
                "\n"
                "How to change it: move the lines to requirements-dev.txt, whose first line may "
                "be -r requirements.txt; for pyproject.toml, to a dependency group.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_ANY,
    .can_check = has_requirements,
    .check = check_development,
};
