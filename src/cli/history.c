/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/audit_top.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/rows.h"
#include "store/history.h"
#include "store/starts.h"
#include "trend/trend.h"

#define NAME "history"
#define SUMMARY_FORMAT "summary"

struct history_options {
    bool json;
    const char *format;
    const char *output;
    const char *metric;
    const char *module, *distribution, *phase;
    const char *name, *branch;
    int64_t last;
    int color;
    int64_t width;
};

static bool format_word(size_t index, struct thaw_word *ret)
{
    return thaw_rows_word(thaw_trend_formats(), index, ret);
}

static const struct thaw_offer format_offer = {.word = format_word};

static const struct thaw_option options[] = {
    {THAW_TEXT(struct history_options, metric), .name = "metric", .argument = "NAME",
     .help = "show this metric only, as budgets name it, such as modules or total_time"},
    {THAW_TEXT(struct history_options, module), .name = "module", .argument = "NAME",
     .help = "show what budgets on this module, or pattern of modules, measured; '' of no module"},
    {THAW_TEXT(struct history_options, distribution), .name = "distribution", .argument = "NAME",
     .help = "the same for a distribution"},
    {THAW_TEXT(struct history_options, phase), .name = "phase", .argument = "NAME",
     .help = "the same for a phase"},
    {THAW_TEXT(struct history_options, name), .name = "name", .argument = "NAME",
     .help = "gates of this target or command only"},
    {THAW_TEXT(struct history_options, branch), .name = "branch", .argument = "NAME",
     .help = "gates of this branch only"},
    {THAW_NUMBER(struct history_options, last), .name = "last", .argument = "N", .minimum = 1,
     .maximum = THAW_HISTORY_ENTRIES_MAX, .help = "the latest N gates only"},
    {THAW_FLAG(struct history_options, json), .name = "json",
     .help = "the same as -f json; `thaw schema history` prints its schema"},
    {THAW_TEXT(struct history_options, format), .name = "format", .letter = 'f',
     .argument = "FORMAT", .offer = &format_offer,
     .help = "form of the output, `-f list` names them (default: summary)"},
    {THAW_TEXT(struct history_options, output), .name = "output", .letter = 'o', .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "write to FILE instead of standard output; it is replaced only when all went well"},
    THAW_COLOR_OPTION(struct history_options, color),
    THAW_WIDTH_OPTION(struct history_options, width),
    {0},
};

/* By the XDG base directories, which only take absolute paths. The caller frees it; NULL: memory
 * is short, or there is no home either. */
static char *default_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int length = -1;

    if (state && *state == '/')
        length = asprintf(&path, "%s/thaw/history.sqlite", state);
    else if (home && *home)
        length = asprintf(&path, "%s/.local/state/thaw/history.sqlite", home);
    return length < 0 ? NULL : path;
}

/* NULL after a complaint. */
static const struct thaw_report_format *choose(const struct history_options *values,
                                               const char *name)
{
    const struct thaw_report_format *row = thaw_rows_find(thaw_trend_formats(), name);

    if (values->json && strcmp(name, "json") != 0) {
        thaw_complain(NAME, "--json and -f %s exclude each other", name);
        return NULL;
    }
    if (!row)
        thaw_rows_complain(NAME, thaw_trend_formats(), NULL, name, "format", "-f");
    return row;
}

static int read_trend(const char *path, const struct thaw_history_question *question, json_t **ret,
                      struct thaw_store_state *ret_starts, struct thaw_error *error)
{
    struct thaw_database *database = NULL;
    struct thaw_history history = {0};
    int code = thaw_database_open(path, false, &database, error);

    if (!code)
        code = thaw_history_read(database, question, &history, error);
    if (!code)
        code = thaw_store_state(database, ret_starts, error);
    thaw_database_close(database);
    if (!code)
        code = thaw_trend_build(&history, path, question, ret, error);
    thaw_history_free(&history);
    return code;
}

/* Of gates nothing was asked for. */
static bool is_plain(const struct history_options *values)
{
    return !values->metric && !values->module && !values->distribution && !values->phase &&
           !values->name && !values->branch && !values->last;
}

/* A store that only `thaw audit` has added to has its answers. */
static int show_starts(const struct history_options *values, const char *path)
{
    const struct thaw_audit_top top = {.json = values->json,
                                       .format = values->format,
                                       .output = values->output,
                                       .color = values->color,
                                       .width = values->width};

    return thaw_audit_top(&top, path, NAME);
}

static int show(const struct history_options *values, const struct thaw_report_format *format,
                const char *path)
{
    const struct thaw_history_question question = {
        .name = values->name,
        .branch = values->branch,
        .metric = values->metric,
        .module = values->module,
        .distribution = values->distribution,
        .phase = values->phase,
        .most = (size_t)values->last,
    };
    struct thaw_store_state starts = {0};
    struct thaw_error error = {0};
    json_t *trend = NULL;
    int code = THAW_EXIT_OK;

    if (thaw_output_is_same(values->output, path)) {
        thaw_complain(NAME, "-o %s would overwrite the history; give it another name",
                      values->output);
        return THAW_EXIT_USAGE;
    }
    code = read_trend(path, &question, &trend, &starts, &error);
    if (code == -ENOENT) {
        thaw_complain(NAME, "%s: there is no history yet; `thaw gate --history %s` adds to one",
                      path, path);
        return THAW_EXIT_USAGE;
    }
    if (code)
        return thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    if (starts.starts + starts.arrivals && is_plain(values) &&
        !json_array_size(json_object_get(trend, "entries"))) {
        json_decref(trend);
        return show_starts(values, path);
    }
    if (starts.starts)
        thaw_complain(NAME, "%s also has %lld cold starts: `thaw audit --top --store %s`", path,
                      (long long)starts.starts, path);
    if (thaw_output_write(&(struct thaw_output_content){.path = values->output,
                                                        .color = values->color,
                                                        .width = values->width,
                                                        .write = format->write,
                                                        .report = trend},
                          1, &error) != 0)
        code = thaw_fail(NAME, &error, THAW_EXIT_FAILED);
    json_decref(trend);
    return code;
}

static int run_history(const void *all_values, int count, char **operands)
{
    const struct history_options *values = all_values;
    const char *name = values->format ? values->format : values->json ? "json" : SUMMARY_FORMAT;
    const struct thaw_report_format *format;
    char *path;
    int code;

    if (!strcmp(name, "list")) {
        thaw_offer_list(&format_offer);
        return THAW_EXIT_OK;
    }
    format = choose(values, name);
    if (!format)
        return THAW_EXIT_USAGE;
    path = count ? strdup(operands[0]) : default_path();
    if (!path) {
        thaw_complain(NAME, "neither XDG_STATE_HOME nor HOME is set; name the file");
        return THAW_EXIT_USAGE;
    }
    code = show(values, format, path);
    free(path);
    return code;
}

const struct thaw_command thaw_command_history = {
    .name = NAME,
    .summary = "show what gates measured over time, and since which commit it is worse",
    .operands = "[FILE]",
    .details =
        "FILE is what `thaw gate --history FILE` adds to (default: thaw/history.sqlite in "
        "$XDG_STATE_HOME, or in ~/.local/state).\n"
        "Metrics that repeat to the digit show each step up with the commit that brought it, and "
        "the first commit since which they are above what last passed. Times and other noisy ones "
        "are split where Mann and Whitney's test finds that later gates differ from earlier ones, "
        "corrected for the number of splits that were tried (p < 0.01): it takes 13 gates at "
        "least, and names a commit near the one that did it. A machine that is slower for a while "
        "shows likewise. Values of another interpreter, architecture or backend are kept apart, "
        "and times of another machine.\n"
        "A file that has no gates, but cold starts that `thaw audit` saw, is shown as `thaw audit "
        "--top --store FILE` does.",
    .exits = "0 whatever it shows, unless something went wrong.",
    .examples = "thaw history\n"
                "thaw history ci.sqlite --branch main --metric modules\n"
                "thaw history -f html -o history.html\n"
                "thaw history --json | jq '.series[] | select(.first_bad) | .metric'\n",
    .options = options,
    .operand_offer = &thaw_offer_files,
    .size = sizeof(struct history_options),
    .maximum_operands = 1,
    .run = run_history,
};
