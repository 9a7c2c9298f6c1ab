/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over single packages among the requirements, by what the facts say of them. */
#include <string.h>

#include "lint/code.h"
#include "lint/rules.h"
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

/* --- package-ended, standard-library-required --- */

static void check_ended(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &lint->project->requirements[i];
        const char *instead = thaw_lint_fact_text(package(lint, requirement), "replaced_by");
        struct thaw_lint_finding *finding;

        if (!has_class(lint, requirement, "ended"))
            continue;
        finding = thaw_lint_add(lint, rule, &requirement->place, requirement->name,
                                "%s is no longer developed", requirement->name);
        thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_place_text(lint, &requirement->place),
                           thaw_lint_fact_text(package(lint, requirement), "why"));
        thaw_lint_source(lint, finding, package(lint, requirement));
        thaw_lint_fix(lint, finding, "%s%s", *instead ? "use " : "move to what replaced it",
                      instead);
    }
}

static void check_standard(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; i < lint->project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &lint->project->requirements[i];
        struct thaw_lint_finding *finding;

        if (!has_class(lint, requirement, "standard-library"))
            continue;
        finding = thaw_lint_add(lint, rule, &requirement->place, requirement->name,
                                "%s is in the standard library, the package of that name is not it",
                                requirement->name);
        thaw_lint_evidence(lint, finding, "%s: %s", thaw_lint_place_text(lint, &requirement->place),
                           thaw_lint_fact_text(package(lint, requirement), "why"));
        thaw_lint_source(lint, finding, package(lint, requirement));
        thaw_lint_fix(lint, finding, "take the line away");
    }
}

/* --- rows --- */

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

const struct thaw_lint_rule thaw_rule_package_ended = {
    .kind =
        {
            .id = "package-ended",
            .severity = "warning",
            .title = "a package that is no longer developed is required",
            .needs = "a requirements file",
            .explanation =
                "Its authors have ended it: nobody mends holes that are found in it, and it has "
                "no wheels for newer versions of Python, so that it keeps the app on an older "
                "one.\n"
                "\n"
                "Which packages these are, since when, and what replaced them is a table of "
                "facts with their sources. Only those are there that apps on a platform for "
                "functions often have.\n"
                "\n"
                "How to change it: move to the package that replaced it. Names and calls differ "
                "as a rule; its page has a guide.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_ANY,
    .can_check = has_requirements,
    .check = check_ended,
};

const struct thaw_lint_rule thaw_rule_standard_library_required = {
    .kind =
        {
            .id = "standard-library-required",
            .severity = "note",
            .title = "a requirement has the name of a module of the standard library",
            .needs = "a requirements file",
            .explanation =
                "Some names of the standard library's modules are also those of packages in the "
                "index: copies for versions of Python that have long ended, or something else "
                "altogether. Installed, they may be found before the module itself, and are "
                "older than it.\n"
                "\n"
                "How to change it: take the line away. The module is part of Python.\n"
                "\n"
                "What may go wrong: nothing that was in use. If an import then fails, the app "
                "meant another package of a similar name.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_ANY,
    .can_check = has_requirements,
    .check = check_standard,
};
