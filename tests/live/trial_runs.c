/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include "trial/pairs.h"

/*
 * Runs what the JSON object of its only argument asks for by src/trial, and says how it went in
 * lines of JSON. SIGINT is the stop. Built by test_trial.py, which has the names of the members.
 */
enum { MOST = 32 };

static const json_t *request;

static int integer(const char *name)
{
    return (int)json_integer_value(json_object_get(request, name));
}

static void say(json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

    if (!text || puts(text) < 0 || fflush(stdout))
        exit(3);
    free(text);
    json_decref(object);
}

static int say_error(int code, const struct thaw_error *error)
{
    say(json_pack("{s{si ss}}", "error", "code", code, "message", error->message));
    return code;
}

static size_t texts(const char *name, const char *ret[MOST + 1])
{
    const json_t *array = json_object_get(request, name);
    size_t count = json_array_size(array);

    if (count > MOST)
        exit(3);
    for (size_t i = 0; i < count; i++)
        ret[i] = json_string_value(json_array_get(array, i));
    ret[count] = NULL;
    return count;
}

static json_t *bytes_json(const char *bytes, size_t length)
{
    char *text = calloc(length + 1, 1);
    json_t *string;

    for (size_t i = 0; i < length; i++)
        text[i] = (char)(bytes[i] && !(bytes[i] & 0x80) ? bytes[i] : '?');
    string = json_string(text);
    free(text);
    return string;
}

static json_t *run_json(const struct thaw_run *run)
{
    static const char *const ends[] = {"exited", "signalled", "timed out", "stopped"};
    struct thaw_error error = {0};
    int code = thaw_run_check(run, "it", &error);

    return json_pack("{ss si sb sI sI sI sI sI sI so so sb si ss}", "end", ends[run->end], "status",
                     run->status, "told", run->told, "wall_ns", (json_int_t)run->wall_ns, "cpu_ns",
                     (json_int_t)run->cpu_ns, "whole_wall_ns", (json_int_t)run->whole_wall_ns,
                     "whole_cpu_ns", (json_int_t)run->whole_cpu_ns, "minor_faults",
                     (json_int_t)run->minor_faults, "switches",
                     (json_int_t)(run->voluntary_switches + run->involuntary_switches), "output",
                     bytes_json(run->output, run->output_length), "report",
                     bytes_json(run->report, run->report_length), "report_cut", run->report_cut,
                     "check", code, "check_message", error.message);
}

static int open_sandbox(bool changed, struct thaw_sandbox *ret)
{
    struct thaw_sandbox_change changes[MOST] = {{0}};
    const json_t *array = json_object_get(request, "changes"), *change;
    struct thaw_identity identity = {.uid = (uid_t)integer("uid"),
                                     .gid = (gid_t)integer("uid"),
                                     .differs = true};
    struct thaw_sandbox_options options = {
        .app = json_string_value(json_object_get(request, "app")),
        .changes = changes,
        .identity = integer("uid") ? &identity : NULL,
        .copy = json_is_true(json_object_get(request, "copy")),
    };
    struct thaw_error error = {0};
    size_t index;
    int code;

    json_array_foreach(array, index, change)
    {
        const json_t *text = json_array_get(change, 1);

        if (options.change_count == MOST)
            exit(3);
        changes[options.change_count++] = (struct thaw_sandbox_change){
            .path = json_string_value(json_array_get(change, 0)),
            .bytes = changed ? json_string_value(text) : NULL,
            .length = changed ? json_string_length(text) : 0,
        };
    }
    code = thaw_sandbox_open(&options, ret, &error);
    if (code)
        return say_error(code, &error);
    if (changed)
        say(json_pack("{s{ss ss}}", "sandbox", "way", thaw_sandbox_way_name(ret->way), "why",
                      ret->why_copied));
    return 0;
}

static int run_times(const struct thaw_run_options *options)
{
    const char *files[MOST + 1];
    struct thaw_error error = {0};
    size_t count = texts("files", files);
    int code;

    for (int i = 0; i < integer("runs"); i++) {
        struct thaw_run run;

        code = thaw_run(options, &run, &error);
        if (code)
            return say_error(code, &error);
        say(json_pack("{so}", "run", run_json(&run)));
        thaw_run_free(&run);
    }
    code = thaw_sandbox_check_files(options->sandbox, files, count, &error);
    return code ? say_error(code, &error) : 0;
}

static int pair_done(void *context, const struct thaw_pair *pair,
                     const struct thaw_pairs_progress *progress, struct thaw_error *error)
{
    int enough = integer("enough");

    (void)context;
    (void)error;
    say(json_pack("{s{sI sI sI so so}}", "pair", "number", (json_int_t)pair->number, "done",
                  (json_int_t)progress->done, "left_ns", (json_int_t)progress->left_ns, "original",
                  run_json(&pair->sides[THAW_ORIGINAL]), "changed",
                  run_json(&pair->sides[THAW_CHANGED])));
    return enough && progress->done >= (size_t)enough;
}

static int run_pairs(const struct thaw_run_options *changed)
{
    struct thaw_pairs_options options = {
        .sides = {*changed, *changed},
        .warm = json_is_true(json_object_get(request, "warm")),
        .had = (size_t)integer("had"),
        .most = (size_t)integer("pairs"),
        .done = pair_done,
    };
    const char *original[] = {"SIDE=original", NULL}, *other[] = {"SIDE=changed", NULL};
    struct thaw_sandbox sandbox;
    struct thaw_error error = {0};
    int code = open_sandbox(false, &sandbox);

    if (code)
        return code;
    options.sides[THAW_ORIGINAL].sandbox = &sandbox;
    options.sides[THAW_ORIGINAL].environment = original;
    options.sides[THAW_CHANGED].environment = other;
    code = thaw_trial_pairs(&options, &error);
    if (code < 0)
        say_error(code, &error);
    else
        say(json_pack("{sb}", "stopped", code == 1));
    return thaw_sandbox_close(&sandbox, &error) || code < 0;
}

static int stop_descriptor(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(int count, char **words)
{
    const char *command[MOST + 1];
    struct thaw_run_options options = {.command = command, .stop = stop_descriptor()};
    struct thaw_sandbox sandbox;
    struct thaw_error error = {0};
    int code;

    request = count == 2 ? json_loads(words[1], 0, NULL) : NULL;
    if (!request || options.stop < 0)
        return 3;
    texts("command", command);
    options.timeout_ns = (uint64_t)integer("timeout_ms") * 1000000;
    options.sandbox = &sandbox;
    if (open_sandbox(true, &sandbox))
        return 1;
    code = integer("pairs") ? run_pairs(&options) : run_times(&options);
    if (thaw_sandbox_close(&sandbox, &error))
        code = say_error(-EBUSY, &error);
    json_decref((json_t *)request);
    return code != 0;
}
