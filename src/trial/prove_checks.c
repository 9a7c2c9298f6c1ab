/* SPDX-License-Identifier: Apache-2.0 */
/* Is the changed app still the same app? */
#include <errno.h>
#include <string.h>

#include "platform/platform.h"
#include "trial/prove_private.h"

#define SAME "same"
#define DIFFERS "differs"
#define NOT_CHECKED "not checked"

static int add(struct thaw_prove_trial *trial, const char *name, const char *result,
               const char *detail, struct thaw_error *error)
{
    struct thaw_proof_check *check = detail ? thaw_array_add(&trial->checks) : NULL;

    if (!check)
        return thaw_error_memory(error);
    *check = (struct thaw_proof_check){name, result, detail};
    return 0;
}

/* "" detail: same. NULL: memory is short. */
static int add_compared(struct thaw_prove_trial *trial, const char *name, const char *detail,
                        struct thaw_error *error)
{
    return add(trial, name, detail && *detail ? DIFFERS : SAME, detail, error);
}

/* --- what the platform makes of it --- */

static const struct thaw_probe_function *find(const struct thaw_probe_report *report,
                                              const char *name)
{
    for (size_t i = 0; i < report->function_count; i++) {
        if (strcmp(report->functions[i].name, name) == 0)
            return &report->functions[i];
    }
    return NULL;
}

static const char *compare_names(struct thaw_prove_trial *trial)
{
    for (int side = 0; side < THAW_SIDES; side++) {
        const struct thaw_probe_report *mine = &trial->first[side], *other = &trial->first[!side];

        for (size_t i = 0; i < mine->function_count; i++) {
            if (!find(other, mine->functions[i].name))
                return thaw_arena_format(trial->arena, "%s is %s", mine->functions[i].name,
                                         side == THAW_ORIGINAL ? "gone" : "new");
        }
    }
    return "";
}

static bool are_same(const struct thaw_texts *a, const struct thaw_texts *b)
{
    bool same = a->count == b->count;

    for (uint64_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

/* Of functions that both have. */
static const char *compare_parts(struct thaw_prove_trial *trial, bool hints)
{
    const struct thaw_probe_report *original = &trial->first[THAW_ORIGINAL];

    for (size_t i = 0; i < original->function_count; i++) {
        const struct thaw_probe_function *mine = &original->functions[i];
        const struct thaw_probe_function *other = find(&trial->first[THAW_CHANGED], mine->name);
        bool same = !other || (hints ? strcmp(mine->hints, other->hints) == 0
                                     : are_same(&mine->bindings, &other->bindings));

        if (!same)
            return thaw_arena_format(trial->arena, "those of %s", mine->name);
    }
    return "";
}

static int check_functions(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    static const char *const names[] = {"functions", "bindings", "type hints"};
    const struct thaw_platform *platform = trial->options->app->platform;
    const char *failed = trial->first[THAW_ORIGINAL].failed;
    int code = 0;

    if (!platform || !platform->describe_app)
        return 0;
    if (*failed) {
        for (size_t i = 0; !code && i < sizeof(names) / sizeof(names[0]); i++)
            code = add(trial, names[i], NOT_CHECKED, failed, error);
        return code;
    }
    failed = trial->first[THAW_CHANGED].failed;
    if (*failed)
        return add(trial, names[0], DIFFERS, failed, error);
    code = add_compared(trial, names[0], compare_names(trial), error);
    if (!code)
        code = add_compared(trial, names[1], compare_parts(trial, false), error);
    if (!code)
        code = add_compared(trial, names[2], compare_parts(trial, true), error);
    return code;
}

/* --- where its modules came from --- */

static int check_files(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    for (int side = 0; side < THAW_SIDES; side++) {
        const struct thaw_texts *files = &trial->first[side].files;
        int code =
            thaw_sandbox_check_files(&trial->sandboxes[side], files->items, files->count, error);

        if (code)
            return code;
    }
    return add(trial, "modules from the app's folder", SAME, "", error);
}

/* --- its own tests --- */

/* 0 they pass, 1 stopped, -ECHILD and -ETIME with a line they don't. */
static int run_tests(struct thaw_prove_trial *trial, int side, struct thaw_error *error)
{
    const char *const command[] = {"/bin/sh", "-c", trial->options->test, NULL};
    const struct thaw_run_options options = {
        .sandbox = &trial->sandboxes[side],
        .command = command,
        .environment = trial->options->environment,
        .timeout_ns = trial->options->timeout_ns,
        .stop = trial->options->stop,
    };
    struct thaw_run run;
    int code = thaw_run(&options, &run, error);

    if (code)
        return code;
    code = run.end == THAW_RUN_STOPPED ? 1 : thaw_run_check(&run, "the tests' command", error);
    thaw_run_free(&run);
    return code;
}

static int check_tests(struct thaw_prove_trial *trial, struct thaw_error *error)
{
    static const char name[] = "tests";
    const char *words = "they fail in the app as it is";
    int code;

    if (!trial->options->test)
        return add(trial, name, NOT_CHECKED, "no command was given", error);
    thaw_prove_tell(trial, name, 0);
    code = run_tests(trial, THAW_ORIGINAL, error);
    if (!code) {
        words = "they pass in the app as it is, but not in the changed one";
        code = run_tests(trial, THAW_CHANGED, error);
        if (!code)
            return add(trial, name, SAME, "", error);
        if (thaw_run_failed(code))
            return add(trial, name, DIFFERS,
                       thaw_arena_format(trial->arena, "%s: %s", words, error->message), error);
    }
    if (!thaw_run_failed(code))
        return code;
    return add(trial, name, NOT_CHECKED,
               thaw_arena_format(trial->arena, "%s: %s", words, error->message), error);
}

int thaw_prove_check(struct thaw_prove_trial *trial, const struct thaw_proof_check **ret_differs,
                     struct thaw_error *error)
{
    const char *chains = "";
    int code = check_files(trial, error);

    *ret_differs = NULL;
    if (!code)
        code = check_functions(trial, error);
    if (!code) {
        thaw_prove_tell(trial, "attribute chains", 0);
        code = thaw_prove_chains(trial, &chains, error);
    }
    if (!code)
        code = add_compared(trial, "attribute chains", chains, error);
    if (!code)
        code = check_tests(trial, error);
    for (size_t i = 0; !code && !*ret_differs && i < trial->checks.count; i++) {
        if (strcmp(trial->checks.items[i].result, DIFFERS) == 0)
            *ret_differs = &trial->checks.items[i];
    }
    return code;
}
