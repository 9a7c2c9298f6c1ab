/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over what Core Tools deploy although it was not meant to be. */
#include <string.h>

#include "lint/code.h"
#include "lint/deployed.h"
#include "lint/rules.h"

static bool is_image(const struct thaw_lint *lint)
{
    return !strcmp(lint->project->packaging.value, "container");
}

/* --- environment-shipped --- */

static void check_environments(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    for (size_t i = 0; !is_image(lint) && i < lint->project->environment_count; i++) {
        const struct thaw_project_environment *environment = &lint->project->environments[i];
        struct thaw_project_place place = {.file = environment->folder};
        struct thaw_lint_finding *finding;

        if (environment->is_ignored)
            continue;
        finding = thaw_lint_add(lint, rule, &place, environment->folder,
                                "%s, a virtual environment of %s, is deployed with the app",
                                environment->folder,
                                thaw_lint_size_text(lint, environment->amount.bytes));
        thaw_lint_evidence(lint, finding, "%llu files, of this machine's platform and paths",
                           (unsigned long long)environment->amount.files);
        thaw_lint_evidence(lint, finding,
                           lint->project->has_funcignore ? ".funcignore does not name it"
                                                         : "there is no .funcignore");
        thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "funcignore-tools"));
        thaw_lint_fix(lint, finding, "a line \"%s\" in .funcignore", environment->folder);
        if (finding)
            finding->confidence = "medium"; /* other tools than Core Tools may leave it out */
    }
}

static bool has_files(const struct thaw_lint *lint)
{
    return thaw_lint_has_shipped(lint) && !lint->project->is_zip;
}

/* --- ignored-in-vain --- */

static void check_vain(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    const struct thaw_project *project = lint->project;
    struct thaw_project_place place = {.file = ".funcignore"};
    struct thaw_lint_finding *finding;

    if (!project->ignored_in_vain || is_image(lint))
        return;
    finding = thaw_lint_add(lint, rule, &place, ".funcignore",
                            "Core Tools deploy %llu file%s that .funcignore is to leave out",
                            (unsigned long long)project->ignored_in_vain,
                            project->ignored_in_vain == 1 ? "" : "s");
    thaw_lint_evidence(lint, finding, "%s%s", project->ignored_in_vain > 1 ? "the first is " : "",
                       project->ignored_in_vain_path);
    thaw_lint_evidence(lint, finding,
                       "as git reads it a pattern covers them; Core Tools read each pattern from "
                       "the app's folder on");
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "funcignore-tools"));
    thaw_lint_fix(lint, finding,
                  "name the folder that they are in (tests), or write two lines: *.pyc for the "
                  "app's folder, **/*.pyc for those below it");
    if (finding)
        finding->confidence = "medium"; /* what else deploys may read it as git does */
}

/* --- rows --- */

const struct thaw_lint_rule thaw_rule_environment_shipped = {
    .kind =
        {
            .id = "environment-shipped",
            .severity = "warning",
            .title = "a virtual environment is deployed with the app",
            .needs = "the app's files",
            .explanation =
                "A virtual environment is of the machine it was made on: links to its "
                "interpreter, paths of its user, packages for its platform. Nothing on an "
                "instance uses it. Core Tools deploy it all the same unless .funcignore names "
                "it: func init once adds the one that is active then, and no other.\n"
                "\n"
                "It makes the package larger by all of its packages, so that each deployment "
                "takes longer, and each new instance has more to fetch; with it the package may "
                "come to be larger than what the platform takes.\n"
                "\n"
                "How to change it: its folder's name on a line of .funcignore:\n"
                "  .venv\n"
                "\n"
                "What may go wrong: a pipeline that deploys an environment on purpose, and puts it "
                "on the import path, needs it. Install into .python_packages/lib/site-packages "
                "instead, where the worker looks for packages.",
        },
    .area = "dependencies",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_files,
    .check = check_environments,
};

const struct thaw_lint_rule thaw_rule_ignored_in_vain = {
    .kind =
        {
            .id = "ignored-in-vain",
            .severity = "note",
            .title = "a pattern of .funcignore does not do what it says",
            .needs = "the app's files",
            .explanation =
                ".funcignore is documented to be written as .gitignore is, and the extension of "
                "VS Code reads it so. Core Tools (func azure functionapp publish, func pack) "
                "read it in a way of their own: each pattern begins at the app's folder. *.pyc "
                "leaves out those of that folder and none below it; what is negated (!keep.txt) "
                "anywhere is never left out.\n"
                "\n"
                "Told are files that git's reading leaves out and Core Tools' does not: how many, "
                "and the first one.\n"
                "\n"
                "How to change it: name folders by their path from the app's folder; for files at "
                "any depth write two lines, as Core Tools take **/ for one folder at least:\n"
                "  *.pyc\n"
                "  **/*.pyc\n"
                "func pack makes the package without deploying it: unzip -l shows what is in "
                "it.\n"
                "\n"
                "What may go wrong: Core Tools' reading is known from their source, and may "
                "change.",
        },
    .area = "deployment",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_files,
    .check = check_vain,
};
