/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/gate_facts.h"
#include "cli/gate_files.h"
#include "cli/gate_history.h"
#include "cli/gate_places.h"
#include "cli/gate_plan.h"
#include "cli/recording.h"
#include "cli/rows.h"
#include "cli/verdict_writing.h"

#define NAME THAW_GATE_COMMAND
#define LIST "list"

static const char *const backends[] = {"auto", "ebpf", "importtime", NULL};

static const struct thaw_gate_values defaults = {.warmup = -1};

static bool format_word(size_t index, struct thaw_word *ret)
{
    return thaw_rows_word(thaw_gate_formats(), index, ret);
}

static bool part_word(size_t index, struct thaw_word *ret)
{
    ret->word = index < THAW_GATE_KEY_PARTS ? thaw_gate_key_name(1u << index) : NULL;
    return ret->word;
}

static const struct thaw_offer format_offer = {.word = format_word};
static const struct thaw_offer part_offer = {.word = part_word};

static const struct thaw_option options[] = {
    {THAW_TEXTS(struct thaw_gate_values, bases), .name = "base", .argument = "WHAT",
     .offer = &thaw_offer_files,
     .help = "compare with this instead of a baseline: recordings, a target or reports of them, or "
             "another checkout's folder, where the same is measured in turns with this one"},
    {THAW_TEXT(struct thaw_gate_values, baseline), .name = "baseline", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "compare with this baseline (default: thaw.json's, else " THAW_BASELINE_NAME
             " beside it, if it is there)"},
    {THAW_TEXT(struct thaw_gate_values, across), .name = "across", .argument = "PART,...",
     .offer = &part_offer,
     .help = "compare although these differ between both sides; `--across list` names them"},
    {THAW_FLAG(struct thaw_gate_values, update), .name = "update",
     .help = "write the baseline of what is measured now, and tell what changed"},
    {THAW_FLAG(struct thaw_gate_values, init), .name = "init",
     .help = "write a first thaw.json with budgets just above what is measured now, and a baseline "
             "of it; neither over one that is there"},
    {THAW_TEXT(struct thaw_gate_values, config), .name = "config", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "the budgets (default: " THAW_CONFIGURATION_NAME " in the current folder)"},
    {THAW_NUMBER(struct thaw_gate_values, runs), .name = "runs", .letter = 'n', .argument = "N",
     .minimum = 1, .maximum = THAW_GATE_RUNS_MAX,
     .help = "how often the command is run (default: 15 where a budget is about time, else 5)"},
    {THAW_NUMBER(struct thaw_gate_values, warmup), .name = "warmup", .argument = "N", .minimum = 0,
     .maximum = THAW_GATE_RUNS_MAX, .help = "runs before that which do not count (default: 1)"},
    {THAW_FLAG(struct thaw_gate_values, cold), .name = "cold",
     .help = "put what a run reads out of memory before each: the app, interpreter and libraries, "
             "never the rest of the machine's caches"},
    {THAW_TEXT(struct thaw_gate_values, prepare), .name = "prepare", .argument = "CMD",
     .help = "a shell command to run before each run"},
    {THAW_CHOICE(struct thaw_gate_values, backend), .name = "backend", .choices = backends,
     .help = "how to observe: eBPF where it is allowed (auto), ebpf or nothing, or CPython's own "
             "import report, which needs no privilege (importtime)"},
    {THAW_TEXT(struct thaw_gate_values, until), .name = "until", .letter = 'u', .argument = "END",
     .offer = &thaw_recording_ends,
     .help = "end of a run: first-reply, exit, or a duration (default: the first reply of a "
             "recognised platform or server, else the exit)"},
    {THAW_DURATION(struct thaw_gate_values, limit_ns), .name = "limit", .argument = "DURATION",
     .help = "how long a run may take; longer, and the app is taken to hang (default: 120s)"},
    {THAW_FLAG(struct thaw_gate_values, instructions), .name = "instructions",
     .help = "count instructions in 3 runs more under valgrind, if it is there (by itself where a "
             "budget is about them)"},
    {THAW_TEXT(struct thaw_gate_values, keep), .name = "keep", .argument = "FOLDER",
     .offer = &thaw_offer_folders, .help = "keep the recordings there, in head/ and base/"},
    {THAW_TEXTS(struct thaw_gate_values, formats), .name = "format", .letter = 'f',
     .argument = "FORMAT", .offer = &format_offer,
     .help = "form of the output, `-f list` names them (default: summary); several, each with an "
             "-o of its own"},
    {THAW_FLAG(struct thaw_gate_values, json), .name = "json",
     .help = "the same as -f json; `thaw schema gate` prints its schema"},
    {THAW_TEXTS(struct thaw_gate_values, outputs), .name = "output", .letter = 'o',
     .argument = "FILE", .offer = &thaw_offer_files,
     .help = "write to FILE instead of standard output, where the summary goes then; - is standard "
             "output"},
    {THAW_FLAG(struct thaw_gate_values, quiet), .name = "quiet", .letter = 'q',
     .help = "no summary beside what is written by -o"},
    {THAW_TEXT(struct thaw_gate_values, history), .name = "history", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "add what was measured to this history (see `thaw history`)"},
    THAW_TOP_OPTION(struct thaw_gate_values, top),
    THAW_COLOR_OPTION(struct thaw_gate_values, color),
    THAW_WIDTH_OPTION(struct thaw_gate_values, width),
    {0},
};

static const struct thaw_word files[] = {
    {THAW_CONFIGURATION_NAME, "the budgets, and what is measured", NULL},
    {THAW_BASELINE_NAME, "beside it: what to compare with, if it is there", NULL},
    {0},
};

/* --- exit codes --- */

/* What was wrong with thaw itself, with what was to be measured, or with the words about it. */
static int fail(const struct thaw_error *error)
{
    switch (error->code) {
    case -ECHILD:    /* the app crashed */
    case -ETIME:     /* it never answered */
    case -ECANCELED: /* --prepare failed */
    case -EPERM:     /* --backend ebpf is not allowed */
        return thaw_fail(NAME, error, THAW_EXIT_INCOMPLETE);
    case -EPIPE:
    case -EIO:
    case -ENOSPC:
        return thaw_fail(NAME, error, THAW_EXIT_FAILED);
    default:
        return thaw_fail(NAME, error, THAW_EXIT_USAGE);
    }
}

/* The same where what was measured was to be written down. */
static int fail_to_write(const struct thaw_error *error)
{
    bool measured = error->code != -ENODATA && error->code != -ECHILD;

    return thaw_fail(NAME, error, measured ? THAW_EXIT_FAILED : THAW_EXIT_INCOMPLETE);
}

static int exit_code(const json_t *gate)
{
    static const int codes[] = {
        [THAW_GATE_PASS] = THAW_EXIT_OK,
        [THAW_GATE_WARN] = THAW_EXIT_OK,
        [THAW_GATE_INCONCLUSIVE] = THAW_EXIT_INCONCLUSIVE,
        [THAW_GATE_UNMEASURED] = THAW_EXIT_INCOMPLETE,
        [THAW_GATE_FAIL] = THAW_EXIT_FINDING,
    };

    return codes[thaw_gate_verdict(gate)];
}

/* --- the verdict --- */

/* A history that can't be written to changes no verdict. */
static void keep_history(struct thaw_gate_plan *plan, const json_t *gate)
{
    const char *branch = thaw_gate_branch_of_ci();
    struct thaw_error error = {0};
    struct thaw_gate_history history = {
        .path = plan->values->history,
        .branch = *branch ? branch : thaw_gate_branch(plan->head.directory, &plan->arena),
        .input = &plan->head.input,
        .budgets = &plan->configuration.budgets,
        .gate = gate,
    };

    if (!history.path)
        return;
    history.branch = history.branch ? history.branch : "";
    if (thaw_gate_history_add(&history, &error))
        thaw_complain(NAME, "nothing was added to the history: %s", error.message);
}

/* Then their recordings are what is left to look at. */
static bool has_failed_runs(const json_t *gate)
{
    static const char *const sides[] = {"head", "base"};

    for (size_t i = 0; i < 2; i++)
        if (json_integer_value(json_object_get(json_object_get(gate, sides[i]), "failed_runs")))
            return true;
    return false;
}

static int judge(struct thaw_gate_plan *plan, const struct thaw_verdict_writing *writing,
                 bool *ret_told)
{
    char *here = getcwd(NULL, 0);
    const struct thaw_gate_question question = {
        .head = plan->head.input,
        .base = plan->has_base ? &plan->base.input : NULL,
        .baseline = plan->has_base ? NULL : plan->baseline,
        .baseline_name = plan->baseline_path ? plan->baseline_path : "",
        .budgets = &plan->configuration.budgets,
        .budgets_name = plan->config,
        .across = plan->across,
        .today = plan->head.input.today,
        .directory = here,
    };
    const struct thaw_output_content how = {.color = plan->values->color,
                                            .width = plan->values->width,
                                            .view.top = (size_t)plan->values->top};
    const char *folder = plan->head.directory;
    struct thaw_error error = {0};
    json_t *gate = NULL;
    int code = thaw_gate_build(&question, &gate, &error);

    free(here);
    if (!code && plan->command)
        code = thaw_gate_find_places(gate, folder ? folder : "", &error);
    if (code) {
        json_decref(gate);
        return fail(&error);
    }
    code = exit_code(gate);
    keep_history(plan, gate);
    if (thaw_verdict_writing_write(writing, &how, gate, &error))
        code = thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    else
        *ret_told = !has_failed_runs(gate);
    json_decref(gate);
    return code;
}

/* --- the command --- */

/* What was measured: a first thaw.json, a baseline, or a verdict. */
static int answer(struct thaw_gate_plan *plan, const struct thaw_verdict_writing *writing,
                  bool *ret_told)
{
    const struct thaw_gate_values *values = plan->values;
    struct thaw_error error = {0};

    if (values->init && thaw_gate_init(plan, &error))
        return fail_to_write(&error);
    if ((values->update || (values->init && !plan->baseline)) && thaw_gate_update(plan, &error))
        return fail_to_write(&error);
    *ret_told = values->init || values->update;
    return *ret_told ? THAW_EXIT_OK : judge(plan, writing, ret_told);
}

static int run_plan(struct thaw_gate_plan *plan, const struct thaw_verdict_writing *writing,
                    int count, char **operands)
{
    struct thaw_error error = {0};
    bool told = false;
    int code = thaw_gate_plan_make(plan, operands, (size_t)count, &error);

    if (code)
        return fail(&error);
    code = thaw_gate_plan_measure(plan, &error);
    if (code == 1)
        thaw_complain(NAME, "interrupted after %zu of %zu runs: there is no verdict",
                      plan->trial.made, plan->trial.wanted);
    code = code == 1 ? THAW_EXIT_INCOMPLETE : code ? fail(&error) : answer(plan, writing, &told);
    thaw_gate_trial_end(&plan->trial, !told || plan->values->keep);
    return code;
}

/* False after a complaint. */
static bool choose(const struct thaw_gate_values *values, struct thaw_verdict_writing *ret)
{
    const char *const read[] = {values->baseline,
                                values->config ? values->config : THAW_CONFIGURATION_NAME};

    return thaw_verdict_writing_choose(
        &(struct thaw_verdict_writing_choice){.command = NAME,
                                              .rows = thaw_gate_formats(),
                                              .formats = &values->formats,
                                              .outputs = &values->outputs,
                                              .json = values->json,
                                              .quiet = values->quiet,
                                              .inputs = read,
                                              .input_count = sizeof(read) / sizeof(read[0])},
        ret);
}

/* False after a complaint. */
static bool are_values_good(const struct thaw_gate_values *values)
{
    bool writes = values->init || values->update;
    struct thaw_record_options end = {0};

    if (thaw_recording_until(NAME, values->until, &end))
        return false;
    if (writes && (values->formats.count || values->outputs.count || values->json))
        thaw_complain(NAME, "--init and --update give no verdict: they exclude -f, -o and --json");
    else if (writes && values->bases.count)
        thaw_complain(NAME, "--init and --update are about what is here: they exclude --base");
    else if (writes && values->history)
        thaw_complain(NAME, "--init and --update give no verdict: they exclude --history");
    else
        return true;
    return false;
}

static int run_gate(const void *all_values, int count, char **operands)
{
    const struct thaw_gate_values *values = all_values;
    struct thaw_gate_plan plan = {.values = values};
    struct thaw_verdict_writing writing = {0};
    int code;

    if (thaw_option_texts_have(&values->formats, LIST)) {
        thaw_offer_list(&format_offer);
        return THAW_EXIT_OK;
    }
    if (values->across && !strcmp(values->across, LIST)) {
        thaw_offer_list(&part_offer);
        return THAW_EXIT_OK;
    }
    if (!are_values_good(values) || !choose(values, &writing))
        return THAW_EXIT_USAGE;
    code = run_plan(&plan, &writing, count, operands);
    thaw_gate_plan_free(&plan);
    return code;
}

const struct thaw_command thaw_command_gate = {
    .name = NAME,
    .summary = "hold a cold start, and what is shipped, against budgets",
    .operands = "[SUBJECT...] [-- COMMAND [ARGUMENT...]]",
    .details =
        "SUBJECT is a target as `thaw deps` takes it, a recording, a folder of recordings (`thaw "
        "record --runs`), or a report of one of these; or one of each kind. The command is run "
        "several times, and recorded. With neither, thaw.json says what is measured.\n"
        "\n"
        "Sizes and counts are exact: a single one too much fails. Times are judged by a test of "
        "runs that are made in turns with those of --base, and are inconclusive where the machine "
        "is too noisy to tell.\n"
        "\n"
        "Where no budget is about the cold start, a target is enough: nothing is run, and nothing "
        "needs a privilege.",
    .exits = "0 when all is within its budgets, or there are but warnings; 1 when a budget is "
             "broken; 2 for wrong usage and inputs that can't be used or compared; 3 when the app "
             "failed, or something that a budget is about could not be measured; 4 when times "
             "allow no verdict; 125 when what was found can't be written.",
    .examples = "thaw gate --init .venv -- python3 -c 'import function_app'\n"
                "thaw gate\n"
                "thaw gate --update        # it may be so: " THAW_BASELINE_NAME " becomes it\n"
                "thaw gate .venv           # nothing is run\n"
                "thaw gate --base ../main -f markdown -o comment.md -f junit -o gate.xml\n"
                "thaw gate recordings/ --base recordings-of-main/ --json\n",
    .options = options,
    .files = files,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct thaw_gate_values),
    .defaults = &defaults,
    .maximum_operands = -1,
    .command_behind = true,
    .command_place = thaw_option_place(struct thaw_gate_values, command, const char *const *),
    .run = run_gate,
};
