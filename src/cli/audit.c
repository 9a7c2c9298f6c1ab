/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/daemon.h"
#include "cli/audit_top.h"
#include "cli/commands.h"
#include "cli/recording.h"
#include "configuration/configuration.h"

#define NAME "audit"
#define AS_CONFIGURED (-1)

struct audit_options {
    const char *store, *listen, *otlp, *config, *platform, *split, *node, *redact, *key_file, *user;
    bool check_config, all_python;
    struct thaw_option_texts pythons;
    int on_loss;
    uint64_t duration_ns;
    struct thaw_audit_top top;
};

static const struct audit_options defaults = {.on_loss = AS_CONFIGURED};

static const struct thaw_option options[] = {
    {THAW_TEXT(struct audit_options, store), .name = "store", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "keep what is seen in this file (SQLite; made where it is missing), of which --top "
             "and thaw's other answers are; bounded, the oldest starts go"},
    {THAW_TEXT(struct audit_options, listen), .name = "listen", .argument = "ADDRESS",
     .help = "give metrics to Prometheus at http://ADDRESS/metrics: 127.0.0.1:9479, [::1]:9479, "
             ":9479 (to everybody who can reach it), or unix:/run/thaw/metrics"},
    {THAW_TEXT(struct audit_options, otlp), .name = "otlp", .argument = "URL",
     .help = "send traces and metrics to this Collector by OTLP/HTTP, such as "
             "http://127.0.0.1:4318; needs --store, in which they wait until they were taken"},
    {THAW_TEXT(struct audit_options, config), .name = "config", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "read \"audit\" of this thaw.json; what is given here wins; SIGHUP reads it again"},
    {THAW_FLAG(struct audit_options, check_config), .name = "check-config",
     .help = "say whether the configuration is right, and watch nothing"},
    {THAW_TEXT(struct audit_options, platform), .name = "platform", .argument = "NAME",
     .offer = &thaw_recording_platforms,
     .help = "watch workers of this platform only (default: auto, each that is recognised, and "
             "servers written in Python)"},
    {THAW_FLAG(struct audit_options, all_python), .name = "all-python",
     .help = "every start of a Python interpreter, also one that answers nobody"},
    {THAW_TEXTS(struct audit_options, pythons), .name = "python", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "an interpreter that will be started, so that its first start is not missed; others "
             "are found when they start; may be given several times"},
    {THAW_CHOICE(struct audit_options, on_loss), .name = "on-loss", .choices = thaw_on_loss_names,
     .help = "when events are lost: say so (default), only count them, or end with exit code 3"},
    {THAW_TEXT(struct audit_options, split), .name = "split", .argument = "FOR/EVERY",
     .help = "now and then watch system calls and the scheduler, too, for what a start waited for: "
             "10s/10min is ten seconds each ten minutes; a tenth of the time at most, as each "
             "system call of the machine then takes 150 to 300 ns more"},
    {THAW_TEXT(struct audit_options, node), .name = "node", .argument = "NAME",
     .help = "name of this machine in what is sent (default: its host name)"},
    {THAW_TEXT(struct audit_options, redact), .name = "redact", .argument = "LIST",
     .help = "paths, names, modules or several of them, comma-separated: what of starts is "
             "replaced by a keyed hash wherever it is kept, shown or sent"},
    {THAW_TEXT(struct audit_options, key_file), .name = "key-file", .argument = "FILE",
     .offer = &thaw_offer_files,
     .help = "with the key of these hashes, made where it is missing (default: that of --store "
             "with .key behind it)"},
    {THAW_TEXT(struct audit_options, user), .name = "user", .argument = "NAME",
     .help = "started as root: become this user, and keep the four capabilities that watching "
             "takes"},
    {THAW_DURATION(struct audit_options, duration_ns), .name = "duration", .argument = "DURATION",
     .help = "end after so long"},
    THAW_AUDIT_TOP_OPTIONS(struct audit_options, top),
    {0},
};

/* --- settings --- */

static int take_split(const char *text, struct thaw_audit_settings *ret, struct thaw_error *error)
{
    const char *slash = text ? strchr(text, '/') : NULL;
    char first[32] = "";

    if (!text)
        return 0;
    if (slash && (size_t)(slash - text) < sizeof(first))
        memcpy(first, text, (size_t)(slash - text));
    if (!slash || thaw_options_duration(first, &ret->split_ns) ||
        thaw_options_duration(slash + 1, &ret->split_every_ns) || !ret->split_ns)
        return thaw_error_set(error, -EINVAL,
                              "--split takes two durations such as 10s/10min, not "
                              "'%.40s'",
                              text);
    return 0;
}

static int take_redact(const char *text, unsigned *ret, struct thaw_error *error)
{
    for (const char *word = text; word; word = strchr(word, ',') ? strchr(word, ',') + 1 : NULL) {
        size_t length = strcspn(word, ","), i = 0;

        while (thaw_redaction_names[i] && (strlen(thaw_redaction_names[i]) != length ||
                                           strncmp(thaw_redaction_names[i], word, length)))
            i++;
        if (!thaw_redaction_names[i])
            return thaw_error_set(error, -EINVAL,
                                  "--redact takes paths, names, modules or several of them with "
                                  "commas between, not '%.40s'",
                                  text);
        *ret |= 1u << i;
    }
    return 0;
}

static void take_text(const char *given, const char **ret)
{
    if (given)
        *ret = given;
}

static int take_host_name(struct thaw_audit_settings *settings, struct thaw_error *error)
{
    char name[256] = "";

    if (settings->node)
        return 0;
    gethostname(name, sizeof(name) - 1);
    settings->node = thaw_arena_string(&settings->arena, name);
    return settings->node ? 0 : thaw_error_memory(error);
}

/* What is given here over what is configured. */
static int overlay(const struct audit_options *values, struct thaw_audit_settings *settings,
                   struct thaw_error *error)
{
    int code = take_split(values->split, settings, error);

    take_text(values->store, &settings->store);
    take_text(values->listen, &settings->listen);
    take_text(values->otlp, &settings->delivery.url);
    take_text(values->platform, &settings->platform);
    take_text(values->node, &settings->node);
    take_text(values->key_file, &settings->key_file);
    take_text(values->user, &settings->user);
    if (values->all_python)
        settings->starts = THAW_STARTS_OF_ALL;
    if (values->pythons.count)
        settings->pythons = values->pythons.items;
    if (values->on_loss != AS_CONFIGURED)
        settings->on_loss = (enum thaw_on_loss)values->on_loss;
    settings->duration_ns = values->duration_ns;
    if (!code && values->redact) {
        settings->naming.redact = 0;
        code = take_redact(values->redact, &settings->naming.redact, error);
    }
    return code ? code : take_host_name(settings, error);
}

static int make_settings(const struct audit_options *values, bool make,
                         struct thaw_audit_settings *ret, struct thaw_error *error)
{
    struct thaw_configuration configuration = {0};
    int code = 0;

    thaw_audit_settings_begin(ret);
    if (values->config)
        code = thaw_configuration_read(values->config, &configuration, error);
    if (values->config && !code) {
        *ret = configuration.audit;
        thaw_arena_take_over(&ret->arena, &configuration.arena);
    }
    thaw_configuration_free(&configuration);
    if (!code)
        code = overlay(values, ret, error);
    return code ? code : thaw_audit_settings_complete(ret, make, error);
}

static int load_settings(void *context, struct thaw_audit_settings *ret, struct thaw_error *error)
{
    return make_settings(context, true, ret, error);
}

/* --- the command --- */

static int check_config(const struct audit_options *values)
{
    struct thaw_audit_settings settings;
    struct thaw_error error = {0};
    int code = make_settings(values, false, &settings, &error);

    thaw_audit_settings_free(&settings);
    if (code)
        return thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    puts("the configuration is right");
    return THAW_EXIT_OK;
}

static int run_audit(const void *all_values, int count, char **operands)
{
    const struct audit_options *values = all_values;
    const struct thaw_audit_source source = {(void *)(uintptr_t)values, load_settings};
    struct thaw_audit_settings settings;
    struct thaw_error error = {0};

    (void)count;
    (void)operands;
    if (values->top.top)
        return thaw_audit_top(&values->top, values->store, NAME);
    if (thaw_audit_top_given(&values->top)) {
        thaw_complain(NAME, "%s says what --top is to show; --top is missing",
                      thaw_audit_top_given(&values->top));
        return THAW_EXIT_USAGE;
    }
    if (values->check_config)
        return check_config(values);
    if (make_settings(values, false, &settings, &error)) {
        thaw_audit_settings_free(&settings);
        return thaw_fail(NAME, &error, THAW_EXIT_USAGE);
    }
    switch (thaw_audit_run(&settings, &source, &error)) {
    case THAW_AUDIT_ASKED:
        return THAW_EXIT_OK;
    case THAW_AUDIT_LOSS:
        return THAW_EXIT_INCOMPLETE;
    case THAW_AUDIT_FAILED:
        break;
    }
    return thaw_fail(NAME, &error, THAW_EXIT_FAILED);
}

const struct thaw_command thaw_command_audit = {
    .name = NAME,
    .summary = "watch every cold start of this machine, for as long as it runs",
    .operands = "",
    .details =
        "Workers of Azure Functions and of AWS Lambda and servers written in Python are seen from "
        "their exec to their first reply, in containers too; each start is reduced in place to its "
        "phases, its longest imports with what they were the first to import, and whether all of "
        "it was seen. No system call and no switch of the scheduler is watched, nothing is ever "
        "stopped, no payload and no value of the environment is kept.\n"
        "It takes CAP_BPF and CAP_PERFMON, for other users' interpreters and those in containers "
        "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, before Linux 6.6 also CAP_SYS_ADMIN; all others "
        "are given up once it watches, and its own system calls are filtered. `thaw doctor` says "
        "what is there.\n"
        "SIGHUP reads the configuration again; one that is wrong is told, and what was stays. "
        "SIGTERM or Ctrl-C ends it; what is under way is kept as given up.\n"
        "--top watches nothing, and takes no rights but to read the store: cold starts by app and "
        "day, how long and where the time went, before and after a deploy by a test, the share of "
        "requests that hit one, the costliest imports, what instances kept warm would have saved, "
        "and whether threads or workers were ever too few. What was not measured is said to be "
        "unknown.\n"
        "Where requests could not be counted, --arrivals takes them from a log, one a line, by "
        "when they came; below is how one of an access log and one of Application Insights are "
        "made. "
        "Cold are then as many as starts were answered, in the time that the file covers and thaw "
        "watched.",
    .examples = "sudo thaw audit --store /var/lib/thaw/audit.sqlite --listen 127.0.0.1:9479\n"
                "sudo thaw audit --config /etc/thaw/thaw.json --user thaw\n"
                "thaw audit --config thaw.json --check-config\n"
                "sudo thaw audit --all-python --store starts.sqlite --duration 1min\n"
                "thaw audit --top --store starts.sqlite --since 7d --app orders\n"
                "sed 's/^[^[]*\\[//; s/].*//; s,/, ,g; s/:/ /' access.log |\n"
                "    date -f - +%s,orders | sed '1i time,app' |\n"
                "    thaw audit --top --store starts.sqlite --arrivals -\n"
                "az monitor app-insights query --app ID --offset 7d --analytics-query 'requests\n"
                "    | project time=timestamp, app=cloud_RoleName, seconds=duration/1000' |\n"
                "    jq -r '.tables[0] | ([.columns[].name], .rows[]) | @csv' > requests.csv\n",
    .options = options,
    .exits = "0 when it was ended by a signal or its duration was over, 2 for wrong options or a "
             "wrong configuration, 3 when events were lost under --on-loss fail, 125 when it could "
             "not begin or go on.",
    .size = sizeof(struct audit_options),
    .defaults = &defaults,
    .run = run_audit,
};
