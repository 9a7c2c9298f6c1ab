/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "platform/platform.h"
#include "trial/prove.h"

/*
 * Proves what the JSON object of its only argument asks for by src/trial, and says how it went in
 * lines of JSON. SIGINT and SIGTERM are the stop. Built by test_prove_engine.py, which has the
 * names of the members.
 */
enum { MOST = 64 };

static const json_t *request;
static struct thaw_arena arena;

static const char *text(const char *name)
{
    return json_string_value(json_object_get(request, name));
}

static uint64_t integer(const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(request, name));
}

static void say(json_t *object)
{
    char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;

    if (!line || puts(line) < 0 || fflush(stdout))
        exit(3);
    free(line);
    json_decref(object);
}

static int say_error(int code, const struct thaw_error *error)
{
    say(json_pack("{s{si ss}}", "error", "code", code, "message", error->message));
    return 1;
}

static json_t *texts_json(const char *const *texts)
{
    json_t *array = json_array();

    for (size_t i = 0; texts && texts[i]; i++)
        json_array_append_new(array, json_string(texts[i]));
    return array;
}

static void say_app(const struct thaw_prove_app *app)
{
    json_t *entries = json_array();

    for (size_t i = 0; i < app->entry_count; i++)
        json_array_append_new(entries,
                              json_pack("[ss]", app->entries[i].name, app->entries[i].file));
    say(json_pack("{s{ss ss? so so so so ss?}}", "app", "executable", app->executable, "platform",
                  app->platform ? app->platform->name : NULL, "paths", texts_json(app->paths),
                  "earlier_paths", texts_json(app->earlier_paths), "preloaded",
                  texts_json(app->preloaded), "entries", entries, "script", app->script));
}

static json_t *share_json(const struct thaw_proof_share *share)
{
    return json_pack("[fff]", share->low, share->middle, share->high);
}

static void say_proof(const struct thaw_proof *proof, int code)
{
    json_t *counts = json_object(), *checks = json_object(), *calls = json_array(),
           *imports = json_array();

    for (size_t i = 0; i < proof->count_count; i++)
        json_object_set_new(counts, proof->counts[i].name,
                            json_pack("[II]", (json_int_t)proof->counts[i].original,
                                      (json_int_t)proof->counts[i].changed));
    for (size_t i = 0; i < proof->check_count; i++)
        json_object_set_new(checks, proof->checks[i].name,
                            json_pack("[ss]", proof->checks[i].result, proof->checks[i].detail));
    for (size_t i = 0; i < proof->call_count; i++)
        json_array_append_new(
            calls, json_pack("[ssIII]", proof->calls[i].function, proof->calls[i].file,
                             (json_int_t)proof->calls[i].line, (json_int_t)proof->calls[i].ns,
                             (json_int_t)proof->calls[i].modules));
    for (size_t i = 0; i < proof->import_count; i++)
        json_array_append_new(imports, json_pack("[sIs]", proof->imports[i].file,
                                                 (json_int_t)proof->imports[i].line,
                                                 proof->imports[i].module));
    say(json_pack("{s{si ss ss sI sI so so so so so so ss sI}}", "proof", "code", code, "verdict",
                  proof->verdict, "reason", proof->reason, "pairs", (json_int_t)proof->pairs,
                  "original_ns", (json_int_t)proof->original_ns, "share", share_json(&proof->share),
                  "wall", share_json(&proof->wall), "counts", counts, "checks", checks, "calls",
                  calls, "imports", imports, "way", proof->way, "made_at_ns",
                  (json_int_t)proof->made_at_ns));
}

static void progress(void *context, const struct thaw_prove_progress *progress)
{
    (void)context;
    say(json_pack("{s[sI]}", "progress", progress->text, (json_int_t)progress->left_ns));
}

static int stop_descriptor(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The old content of a file of the app's. */
static const char *content(const char *path, size_t *length)
{
    char *bytes = thaw_arena_allocate(&arena, THAW_REWRITE_BYTES_MAX);
    FILE *stream = fopen(path, "r");

    if (!bytes || !stream)
        exit(3);
    *length = fread(bytes, 1, THAW_REWRITE_BYTES_MAX, stream);
    fclose(stream);
    return bytes;
}

/* By the rewriter, or as it is given by hand: what moves where. */
static int change(const json_t *row, const char *folder, const char *executable,
                  struct thaw_prove_file *ret, struct thaw_error *error)
{
    const json_t *imports = json_object_get(row, "imports"), *one;
    const char *bytes = json_string_value(json_object_get(row, "bytes"));
    struct thaw_rewrite_import *list = thaw_arena_allocate(&arena, MOST * sizeof(*list));
    struct thaw_rewrite_result *result = thaw_arena_allocate(&arena, sizeof(*result));
    size_t index;

    ret->name = json_string_value(json_object_get(row, "name"));
    ret->relative = json_string_value(json_object_get(row, "relative"));
    ret->imports = list;
    ret->import_count = json_array_size(imports);
    ret->result = result;
    if (!list || !result || ret->import_count > MOST)
        exit(3);
    result->verdicts = thaw_arena_allocate(&arena, MOST * sizeof(*result->verdicts));
    json_array_foreach(imports, index, one)
    {
        list[index].line = (uint64_t)json_integer_value(json_array_get(one, 0));
        list[index].module = json_string_value(json_array_get(one, 1));
        list[index].name = json_string_value(json_array_get(one, 2));
        if (bytes)
            result->verdicts[index] = (struct thaw_rewrite_verdict){.form = "function"};
    }
    if (!bytes) {
        struct thaw_rewrite_file file = {.path = ret->name, .imports = list};
        struct thaw_rewrite_request asked = {.executable = executable,
                                             .user = geteuid(),
                                             .group = getegid(),
                                             .form = "auto",
                                             .root = folder,
                                             .files = &file,
                                             .count = 1};
        struct thaw_rewrite_result *results;
        int code;

        file.import_count = ret->import_count;
        file.bytes = content(ret->name, &file.length);
        code = thaw_rewrite(&asked, &arena, &results, error);
        if (!code)
            *result = results[0];
        return code;
    }
    result->bytes = bytes;
    result->length = strlen(bytes);
    return 0;
}

static int prove(const struct thaw_analysis *analysis, struct thaw_error *error)
{
    const json_t *files = json_object_get(request, "files"), *row;
    const json_t *environment = json_object_get(request, "environment");
    struct thaw_prove_file changed[MOST] = {{0}};
    const char *variables[MOST + 1] = {NULL};
    struct thaw_proof_rule rule = thaw_proof_rule;
    struct thaw_prove_app app;
    struct thaw_prove_options options = {
        .app = &app,
        .analysis = analysis,
        .files = changed,
        .environment = variables,
        .test = text("test"),
        .copy = json_is_true(json_object_get(request, "copy")),
        .timeout_ns = integer("timeout_ms") * 1000000,
        .stop = stop_descriptor(),
        .rule = &rule,
        .progress = progress,
    };
    struct thaw_proof proof;
    size_t index;
    int code = thaw_prove_app_of(analysis, text("folder"), &arena, &app, error);

    if (code)
        return say_error(code, error);
    say_app(&app);
    if (integer("pairs"))
        rule.least_pairs = rule.most_pairs = integer("pairs");
    json_array_foreach(environment, index, row) variables[index] = json_string_value(row);
    json_array_foreach(files, index, row)
    {
        code = change(row, app.folder, app.executable, &changed[options.file_count++], error);
        if (code)
            return say_error(code, error);
    }
    code = thaw_prove(&options, &arena, &proof, error);
    if (code < 0)
        return say_error(code, error);
    say_proof(&proof, code);
    return 0;
}

int main(int count, char **words)
{
    struct thaw_recording *recording = NULL;
    struct thaw_timeline *timeline = NULL;
    struct thaw_analysis *analysis = NULL;
    struct thaw_error error = {0};
    int code;

    request = count == 2 ? json_loads(words[1], 0, NULL) : NULL;
    if (!request)
        return 3;
    code = thaw_recording_load(text("recording"), &recording, &error);
    if (!code)
        code = thaw_timeline_build(recording, &timeline, &error);
    if (!code)
        code = thaw_analysis_build(timeline, &analysis, &error);
    code = code ? say_error(code, &error) : prove(analysis, &error);
    thaw_analysis_free(analysis);
    thaw_timeline_free(timeline);
    thaw_recording_free(recording);
    thaw_arena_free(&arena);
    json_decref((json_t *)request);
    return code;
}
