/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture/watch.h"
#include "cli/analysed.h"
#include "cli/commands.h"
#include "cli/fix_words.h"
#include "cli/prove_trials.h"
#include "thaw/recording.h"

#define NAME "prove"
#define DEFAULT_TIMEOUT_NS ((uint64_t)60 * 1000000000)
#define MOST_PAIRS 1000

struct prove_options {
    struct thaw_option_texts only;
    struct thaw_option_texts environment;
    bool each;
    bool copy;
    bool json;
    int form;
    int64_t pairs;
    uint64_t timeout_ns;
    const char *test;
    const char *settings;
    const char *root;
    const char *output;
};

static const struct thaw_option options[] = {
    {THAW_TEXTS(struct prove_options, only), .name = "only", .argument = "WHAT",
     .help = "prove this suggestion alone: FILE:LINE, or a module or package by its name"},
    {THAW_FLAG(struct prove_options, each), .name = "each",
     .help = "besides, prove each suggestion by itself, the dearest first"},
    {THAW_TEXT(struct prove_options, test), .name = "test", .argument = "CMD",
     .help = "the app's own tests: a shell command that is run in the changed app's folder"},
    {THAW_TEXTS(struct prove_options, environment), .name = "env", .argument = "NAME=VALUE",
     .help = "a variable that the app needs; may be given several times"},
    {THAW_TEXT(struct prove_options, settings), .name = "settings", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "settings that the app needs, as JSON (default: the platform's file of local settings "
             "in the app's folder); values are passed on, never printed or stored"},
    {THAW_FLAG(struct prove_options, copy), .name = "copy",
     .help = "run in copies of the app's folder, also where an overlay is possible"},
    {THAW_DURATION(struct prove_options, timeout_ns), .name = "timeout", .argument = "SECONDS",
     .help = "how long one run may take (default: 60)"},
    {THAW_NUMBER(struct prove_options, pairs), .name = "pairs", .argument = "N", .minimum = 1,
     .maximum = MOST_PAIRS,
     .help = "pairs of runs at most (default: 31); less than 9 prove nothing"},
    THAW_FIX_FORM_OPTION(struct prove_options, form),
    {THAW_TEXT(struct prove_options, root), .name = "root", .argument = "DIR",
     .offer = &thaw_offer_folders, .help = "the app's folder (default: as recorded)"},
    {THAW_TEXT(struct prove_options, output), .name = "output", .letter = 'o', .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "keep the proofs in FILE instead of RECORDING" THAW_PROOF_FILE_ENDING},
    {THAW_FLAG(struct prove_options, json), .name = "json",
     .help = "write the proofs to standard output as JSON (`thaw schema proof`)"},
    {0},
};

static const struct thaw_word files[] = {
    {"RECORDING" THAW_PROOF_FILE_ENDING, "the proofs, replaced after each trial", NULL},
    {0},
};

static const struct prove_options defaults = {.timeout_ns = DEFAULT_TIMEOUT_NS};

static int exit_code(const struct thaw_prove_session *session)
{
    if (session->refuted)
        return THAW_EXIT_FINDING;
    if (session->inconclusive || session->stopped || !session->shown.list.count)
        return THAW_EXIT_INCONCLUSIVE;
    return THAW_EXIT_OK;
}

/* What was wrong with the app or the words about it, or with thaw. */
static int fail(const struct thaw_error *error)
{
    bool is_input = error->code == -ENODATA || error->code == -ECHILD || error->code == -ETIME ||
                    error->code == -EINVAL || error->code == -ENOENT || error->code == -EXDEV;

    return thaw_fail(NAME, error, is_input ? THAW_EXIT_USAGE : THAW_EXIT_FAILED);
}

/* Trials, and what came of them; what is done is told and kept, however they end. */
static int make_trials(const struct prove_options *values, const struct thaw_fix *fix,
                       struct thaw_prove_session *session)
{
    struct thaw_error error = {0};
    int code;

    session->options.stop = thaw_watch_signals(&error);
    if (session->options.stop < 0)
        return thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    code = thaw_prove_trials(session, fix, values->each, &error);
    code = code ? fail(&error) : exit_code(session);
    if (session->stopped)
        thaw_complain(NAME, "stopped: %zu of %zu trial%s done", session->shown.list.count,
                      session->count, session->count == 1 ? " is" : "s are");
    close(session->options.stop);
    if (values->json && thaw_proofs_write(&session->shown, stdout, &error))
        return thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    return code;
}

static int prepare(const struct prove_options *values, const char *path, const struct thaw_fix *fix,
                   struct thaw_prove_app *app, struct thaw_identity *identity,
                   struct thaw_prove_session *session, struct thaw_error *error)
{
    const struct thaw_proof_recording recording =
        thaw_proof_recording_of(session->analysis->timeline);
    const char *own = thaw_arena_format(&session->arena, "%s" THAW_PROOF_FILE_ENDING, path);
    int code = own ? 0 : thaw_error_memory(error);

    session->shown.recording = recording;
    if (!code)
        code = thaw_identity_of_caller(identity, error);
    if (!code)
        code = thaw_prove_app_of(session->analysis, fix->root, &session->arena, app, error);
    if (!code)
        code =
            thaw_prove_environment_fill(app, fix->root_fd, values->settings, &values->environment,
                                        &session->arena, &session->environment, error);
    if (!code)
        code = thaw_prove_keep_open(&session->keep, values->output ? values->output : own,
                                    !values->output, identity, &recording, error);
    return code;
}

static int prove_fix(const struct prove_options *values, const char *path,
                     const struct thaw_fix *fix, struct thaw_prove_session *session)
{
    struct thaw_proof_rule rule = thaw_proof_rule;
    struct thaw_identity identity;
    struct thaw_prove_app app;
    struct thaw_error error = {0};

    if (prepare(values, path, fix, &app, &identity, session, &error))
        return fail(&error);
    if (values->pairs)
        rule.most_pairs = (size_t)values->pairs;
    if (rule.most_pairs < rule.least_pairs)
        thaw_complain(NAME, "less than %zu pairs prove nothing", rule.least_pairs);
    session->options = (struct thaw_prove_options){
        .app = &app,
        .analysis = session->analysis,
        .environment = session->environment.variables.items,
        .test = values->test,
        .identity = identity.differs ? &identity : NULL,
        .copy = values->copy,
        .timeout_ns = values->timeout_ns,
        .rule = &rule,
    };
    return make_trials(values, fix, session);
}

/* Nothing moves: because files can't be used, or because of what is in them. */
static int tell_none_moves(const struct thaw_fix *fix)
{
    thaw_complain(NAME, "none of these imports can move: there is nothing to prove");
    for (size_t i = 0; i < fix->files.count; i++)
        if (fix->files.items[i].refusal)
            return THAW_EXIT_USAGE;
    return THAW_EXIT_INCONCLUSIVE;
}

static int prove_chosen(const struct prove_options *values, const char *path,
                        const struct thaw_analysis *analysis, struct thaw_fix *fix)
{
    struct thaw_prove_session session = {.analysis = analysis,
                                         .form = thaw_fix_forms[values->form],
                                         .quiet = values->json};
    struct thaw_error error = {0};
    int code;

    if (thaw_fix_choose(analysis, &values->only, values->root, fix, &error))
        return thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    if (!fix->files.count) {
        thaw_fix_tell(NAME, fix);
        thaw_complain(NAME, "the recording suggests no import that could wait");
        return THAW_EXIT_OK;
    }
    if (thaw_fix_rewrite(analysis, session.form, fix, &error))
        return thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    thaw_fix_tell(NAME, fix);
    code = thaw_fix_moved(fix) ? prove_fix(values, path, fix, &session) : tell_none_moves(fix);
    thaw_prove_keep_close(&session.keep);
    thaw_proofs_free(&session.shown);
    thaw_prove_environment_free(&session.environment);
    thaw_arena_free(&session.arena);
    return code;
}

static int run_prove(const void *all_values, int count, char **operands)
{
    const struct prove_options *values = all_values;
    struct thaw_fix fix = {.root_fd = -1};
    struct thaw_analysed loaded = {0};
    int code;

    (void)count;
    if (values->output && !strcmp(values->output, "-")) {
        thaw_complain(NAME, "-o takes a file; --json writes to standard output");
        return THAW_EXIT_USAGE;
    }
    code = thaw_analysed_open(NAME, operands[0], &loaded);
    if (!code)
        code = prove_chosen(values, operands[0], loaded.analysis, &fix);
    thaw_fix_free(&fix);
    thaw_analysed_free(&loaded);
    return code;
}

const struct thaw_command thaw_command_prove = {
    .name = NAME,
    .summary = "run the app with and without the suggested lazy imports, and compare",
    .operands = "RECORDING",
    .details =
        "What `thaw fix` would write is tried: the app as it is and the changed one are loaded in "
        "turn, each with the modules that were there before it, until the saving is known to 10 "
        "points, and functions, bindings and type hints are compared. The app's folder is not "
        "written to: an overlay lies over it, or where that is not allowed, a copy is made.\n"
        "The app is imported, as in any start of it; under sudo as the user who called.\n"
        "Proofs are kept in RECORDING" THAW_PROOF_FILE_ENDING
        ", where `thaw report` finds them. Ctrl-C stops; what is done by then is told and kept.",
    .exits = "0 when all is proved, 1 when something was refuted, 4 when something is "
             "inconclusive, 2 when the app could not be run so, or for wrong usage.",
    .examples = "thaw prove recording.thaw\n"
                "thaw prove recording.thaw --each\n"
                "thaw prove recording.thaw --only pandas --test 'python -m pytest -q'\n"
                "thaw prove recording.thaw --env DATABASE=sqlite:// --json\n",
    .options = options,
    .files = files,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct prove_options),
    .defaults = &defaults,
    .minimum_operands = 1,
    .maximum_operands = 1,
    .run = run_prove,
};
