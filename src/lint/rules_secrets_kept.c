/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that a repository keeps. */
#include "lint/code.h"
#include "lint/rules.h"

static const char settings_file[] = "local.settings.json";

static void check_tracked(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    struct thaw_project_place place = {.file = settings_file};
    struct thaw_lint_finding *finding;
    size_t secrets = 0;

    if (!lint->project->is_local_settings_kept)
        return;
    finding = thaw_lint_add(lint, rule, &place, settings_file,
                            "git keeps local.settings.json, with all its former versions");
    for (size_t i = 0; i < lint->project->setting_count; i++) {
        const struct thaw_setting *setting = &lint->project->settings[i];

        if (setting->origin != THAW_SETTING_LOCAL || !thaw_setting_shape_is_secret(setting->shape))
            continue;
        if (!secrets++ && finding)
            finding->severity = "error";
        thaw_lint_evidence(lint, finding, "%s is %s (%s)", setting->name,
                           thaw_setting_shape_name(setting->shape),
                           thaw_lint_place_text(lint, &setting->place));
    }
    if (!secrets)
        thaw_lint_evidence(lint, finding, "none of its values has the form of a secret now");
    thaw_lint_source(lint, finding, thaw_lint_behaviour(lint, "local-settings-kept"));
    thaw_lint_fix(lint, finding,
                  "%sgit rm --cached local.settings.json, and a line of it in .gitignore",
                  secrets ? "change these secrets; then " : "");
}

/* In a zip there is no repository to ask. */
static bool has_folder(const struct thaw_lint *lint)
{
    return lint->project->shipped && !lint->project->is_zip;
}

const struct thaw_lint_rule thaw_rule_local_settings_tracked = {
    .kind =
        {
            .id = "local-settings-tracked",
            .severity = "warning",
            .title = "local.settings.json is in the repository",
            .needs = "the app's folder",
            .explanation =
                "local.settings.json has the connection strings of the developer's machine, and "
                "after func azure functionapp fetch-app-settings those of the deployed app. Who "
                "may read the repository reads them: each clone and fork, each build, in every "
                "former version, also after the file was removed.\n"
                "\n"
                "func init writes the file into .gitignore; that has no effect on a file that git "
                "has already. It is told from the repository's index (.git, in the app's folder "
                "or above it). With the form of a secret in it now it is an error; what former "
                "versions had isn't looked at.\n"
                "\n"
                "How to change it: change what was secret first; then\n"
                "  git rm --cached local.settings.json\n"
                "  echo local.settings.json >> .gitignore\n"
                "and keep a local.settings.example.json without values for those who begin.\n"
                "\n"
                "What may go wrong: to take it out of the history rewrites all commits, and what "
                "others have cloned stays. A changed secret is the only sure way.",
        },
    .area = "secrets",
    .platforms = THAW_LINT_AZURE,
    .can_check = has_folder,
    .check = check_tracked,
};
