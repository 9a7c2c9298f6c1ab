/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over what requirements files ask for. */
#include <string.h>

#include "base/path_table.h"
#include "lint/code.h"
#include "lint/rules.h"

static bool has_requirements(const struct thaw_lint *lint)
{
    return lint->project->requirement_count > 0;
}

static bool has_class(const struct thaw_lint *lint, const struct thaw_requirement *requirement,
                      const char *class)
{
    return *requirement->name && !strcmp(thaw_lint_package_class(lint, requirement->name), class);
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

/*
 * Is it the first of its name? That may stand in several lines, as pydantic and pydantic[email], or
 * by markers. What has no name is.
 */
static bool is_first(struct thaw_lint *lint, struct thaw_path_table *seen, const char *name)
{
    int code = *name ? thaw_path_table_add(seen, &lint->arena, name, strlen(name), 0) : 1;

    lint->failed |= code < 0;
    return code > 0;
}

static void check_pinned(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project *project = lint->project;
    const struct thaw_manifest *lock = lock_file(lint);
    const struct thaw_requirement *first = NULL;
    struct thaw_lint_names names = {0};
    struct thaw_path_table named = {0}, unpinned = {0};
    struct thaw_lint_finding *finding;
    size_t count = 0, all = 0;

    for (size_t i = 0; i < project->requirement_count; i++) {
        const struct thaw_requirement *requirement = &project->requirements[i];

        all += is_first(lint, &named, requirement->name);
        if (!should_be_pinned(lint, requirement) || !is_first(lint, &unpinned, requirement->name))
            continue;
        first = first ? first : requirement;
        count++;
        thaw_lint_names_add(lint, &names,
                            *requirement->name ? requirement->name : requirement->text);
    }
    thaw_path_table_clear(&named);
    thaw_path_table_clear(&unpinned);
    if (!first)
        return;
    finding = thaw_lint_add(lint, rule, &first->place, first->place.file,
                            "%zu of %zu requirements %s not pinned", count, all,
                            count == 1 ? "is" : "are");
    thaw_lint_evidence(lint, finding, "not to one version: %s", thaw_lint_names_text(lint, &names));
    if (lock) {
        thaw_lint_evidence(lint, finding, "%s pins versions, but a build from %s does not read it",
                           lock->file, first->place.file);
        thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "remote-build"));
    }
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
