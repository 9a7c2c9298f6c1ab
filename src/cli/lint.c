/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/lint_inputs.h"
#include "cli/rows.h"
#include "cli/verdict_writing.h"
#include "lint/formats.h"
#include "lint/lint.h"

#define NAME THAW_LINT_COMMAND
#define LIST "list"
#define HERE "."

static const struct thaw_lint_values defaults = {.plan = -1, .fail_on = -1};

static bool format_word(size_t index, struct thaw_word *ret)
{
    return thaw_rows_word(thaw_lint_formats(), index, ret);
}

static bool profile_word(size_t index, struct thaw_word *ret)
{
    const struct thaw_lint_profile *profiles = thaw_lint_profiles();

    for (size_t i = 0; i <= index; i++)
        if (!profiles[i].name)
            return false;
    *ret = (struct thaw_word){profiles[index].name, profiles[index].what, NULL};
    return true;
}

static bool rule_word(size_t index, struct thaw_word *ret)
{
    size_t count;
    const struct thaw_lint_rule *const *rules = thaw_lint_rules(&count);

    if (index >= count)
        return false;
    *ret = (struct thaw_word){rules[index]->kind.id, rules[index]->kind.title, NULL};
    return true;
}

static const struct thaw_offer format_offer = {.word = format_word};
static const struct thaw_offer profile_offer = {.word = profile_word};
static const struct thaw_offer rule_offer = {.word = rule_word};

static const struct thaw_option options[] = {
    {THAW_CHOICE(struct thaw_lint_values, plan), .name = "plan", .choices = thaw_lint_plan_names,
     .help = "the hosting plan (default: what a template or setting tells; where nothing does, "
             "rules that depend on it are not checked)"},
    {THAW_TEXTS(struct thaw_lint_values, settings), .name = "settings", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "app settings as they are deployed, as `az functionapp config appsettings list` "
             "writes them; their values are looked at and not kept"},
    {THAW_TEXTS(struct thaw_lint_values, templates), .name = "template", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "a template of the deployment (Bicep, ARM, Terraform as JSON, SAM) beside those in "
             "the app's folder"},
    {THAW_TEXT(struct thaw_lint_values, recording), .name = "recording", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "join what is written with what was seen: a recording of the app's cold start, or "
             "its report as JSON"},
    {THAW_TEXT(struct thaw_lint_values, python), .name = "python", .argument = "VERSION",
     .help = "Python's version where the app runs, as 3.12 (default: what a template, setting or "
             "file tells)"},
    {THAW_TEXT(struct thaw_lint_values, interpreter), .name = "interpreter", .argument = "PATH",
     .offer = &thaw_offer_files,
     .help = "the Python that reads the app's source, which is not executed (default: python3)"},
    {THAW_TEXT(struct thaw_lint_values, profile), .name = "profile", .argument = "PROFILE",
     .offer = &profile_offer,
     .help = "how severe a finding must be to be told, `--profile list` names them (default: "
             "production, all)"},
    {THAW_CHOICE(struct thaw_lint_values, fail_on), .name = "fail-on",
     .choices = thaw_lint_fail_levels,
     .help = "end with 1 where a finding is that severe, or more so (default: error)"},
    {THAW_TEXTS(struct thaw_lint_values, disable), .name = "disable", .argument = "ID",
     .offer = &rule_offer, .help = "a rule that is not checked; may be given several times"},
    {THAW_TEXT(struct thaw_lint_values, config), .name = "config", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "what to suppress and how to check (default: " THAW_CONFIGURATION_NAME
             " in the app's folder, else in the current one)"},
    {THAW_TEXTS(struct thaw_lint_values, formats), .name = "format", .letter = 'f',
     .argument = "FORMAT", .offer = &format_offer,
     .help = "form of the output, `-f list` names them (default: summary); several, each with an "
             "-o of its own"},
    {THAW_FLAG(struct thaw_lint_values, json), .name = "json",
     .help = "the same as -f json; `thaw schema lint` prints its schema"},
    {THAW_TEXTS(struct thaw_lint_values, outputs), .name = "output", .letter = 'o',
     .argument = "FILE", .offer = &thaw_offer_files,
     .help = "write to FILE instead of standard output, where the summary goes then; - is standard "
             "output"},
    {THAW_FLAG(struct thaw_lint_values, quiet), .name = "quiet", .letter = 'q',
     .help = "no summary beside what is written by -o"},
    THAW_COLOR_OPTION(struct thaw_lint_values, color),
    THAW_WIDTH_OPTION(struct thaw_lint_values, width),
    {0},
};

static const struct thaw_word files[] = {
    {THAW_CONFIGURATION_NAME, "beside the app: what to suppress, how to check", NULL},
    {0},
};

/* False after a complaint. */
static bool choose(const struct thaw_lint_values *values, struct thaw_verdict_writing *ret)
{
    const char *read[2 * THAW_OPTION_TEXTS_MOST + 2] = {values->recording, values->config};

    memcpy(read + 2, values->settings.items, values->settings.count * sizeof(*read));
    memcpy(read + 2 + values->settings.count, values->templates.items,
           values->templates.count * sizeof(*read));
    return thaw_verdict_writing_choose(
        &(struct thaw_verdict_writing_choice){.command = NAME,
                                              .rows = thaw_lint_formats(),
                                              .formats = &values->formats,
                                              .outputs = &values->outputs,
                                              .json = values->json,
                                              .quiet = values->quiet,
                                              .inputs = read,
                                              .input_count = sizeof(read) / sizeof(read[0])},
        ret);
}

/* False after a complaint. */
static bool has_profile(const char *name)
{
    if (!name || thaw_lint_profile_find(name))
        return true;
    thaw_complain(NAME, "there is no profile '%s'; `--profile list` names them", name);
    return false;
}

/* A finding counts first: what is wrong is wrong, whatever else there may be. */
static int exit_code(const json_t *lint, const char *fail_on)
{
    if (strcmp(fail_on, "never") != 0 && thaw_lint_count(lint, fail_on))
        return THAW_EXIT_FINDING;
    return thaw_lint_is_complete(lint) ? THAW_EXIT_OK : THAW_EXIT_INCOMPLETE;
}

static int answer(const struct thaw_lint_values *values, const struct thaw_verdict_writing *writing,
                  const struct thaw_lint_inputs *inputs)
{
    const struct thaw_output_content how = {.color = values->color, .width = values->width};
    struct thaw_error error = {0};
    json_t *lint = NULL;
    int code;

    if (thaw_lint_check(&inputs->question, &lint, &error) ||
        thaw_verdict_writing_write(writing, &how, lint, &error))
        code = thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    else
        code = exit_code(lint, inputs->fail_on);
    json_decref(lint);
    return code;
}

static int run_lint(const void *all_values, int count, char **operands)
{
    const struct thaw_lint_values *values = all_values;
    struct thaw_lint_inputs inputs = {0};
    struct thaw_verdict_writing writing = {0};
    struct thaw_error error = {0};
    int code;

    if (thaw_option_texts_have(&values->formats, LIST)) {
        thaw_offer_list(&format_offer);
        return THAW_EXIT_OK;
    }
    if (values->profile && !strcmp(values->profile, LIST)) {
        thaw_offer_list(&profile_offer);
        return THAW_EXIT_OK;
    }
    if (!has_profile(values->profile) || !choose(values, &writing))
        return THAW_EXIT_USAGE;
    code = thaw_lint_inputs_read(values, count ? operands[0] : HERE, &inputs, &error)
               ? thaw_fail(NAME, &error, THAW_EXIT_USAGE)
               : answer(values, &writing, &inputs);
    thaw_lint_inputs_free(&inputs);
    return code;
}

const struct thaw_command thaw_command_lint = {
    .name = NAME,
    .summary = "check an app's files against what its platform requires, before it is deployed",
    .operands = "[APP]",
    .details =
        "APP is the folder of an app, or the zip that is deployed (default: the current folder). "
        "Nothing of it is executed or imported, and nothing is asked of a network: host.json, app "
        "settings, functions and their bindings, requirements and templates are read.\n"
        "\n"
        "What is not known is not guessed: a rule that needs the plan, the deployed settings or a "
        "recording is listed as not checked where they are not there. `thaw explain ID` says what "
        "a rule rests on; facts about platforms have a source and a day, and a last day.\n"
        "\n"
        "In " THAW_CONFIGURATION_NAME ", \"lint\" may have \"fail_on\", \"profile\", \"plan\", "
        "\"python\", \"disable\", \"settings\" and \"templates\", and entries of \"suppress\" take "
        "single findings out, by \"id\", \"file\" and \"subject\", with a reason and a last day.",
    .exits = "0 when no finding is as severe as --fail-on says; 1 when one is, such as that no app "
             "was found; 2 for wrong usage, and an app or a file that can't be used; 3 when files "
             "of the app could not be read, "
             "so that there may be more to say; 125 when what was found can't be written.",
    .examples = "thaw lint\n"
                "thaw lint app --plan flex --settings settings.json\n"
                "thaw lint app.zip --profile ci -f sarif -o lint.sarif\n"
                "thaw lint app --recording start.thaw --fail-on warning\n",
    .options = options,
    .files = files,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct thaw_lint_values),
    .defaults = &defaults,
    .maximum_operands = 1,
    .run = run_lint,
};
