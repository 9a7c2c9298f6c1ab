/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trial/prove_private.h"

#define CALLS_MOST 24 /* functions whose first call is measured; each takes RUNS imports */
#define RUNS 3

/* The imports that one function got. */
struct call {
    const struct thaw_prove_file *file;
    const char *function;
    struct thaw_probe_import *imports;
    size_t count;
    struct thaw_first_call cost;
};

struct calls {
    struct thaw_prove_trial *trial;
    struct call items[CALLS_MOST];
    size_t count;
};

const struct thaw_inventory_statement *
thaw_prove_statement(const struct thaw_prove_trial *trial, const char *file,
                     const struct thaw_rewrite_import *import)
{
    const struct thaw_recording *recording = trial->options->analysis->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_statement *row = &recording->events[i].inventory_statement;

        if (recording->events[i].kind == THAW_EVENT_INVENTORY_STATEMENT &&
            row->line == import->line && strcmp(row->bound, import->name) == 0 &&
            strcmp(row->module, import->module) == 0 && strcmp(row->file, file) == 0)
            return row;
    }
    return NULL;
}

static uint64_t line_of(const struct thaw_prove_trial *trial, const char *file,
                        const char *function)
{
    const struct thaw_recording *recording = trial->options->analysis->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_definition *row = &recording->events[i].inventory_definition;

        if (recording->events[i].kind == THAW_EVENT_INVENTORY_DEFINITION &&
            strcmp(row->name, function) == 0 && strcmp(row->file, file) == 0)
            return row->line;
    }
    return 0;
}

/* NULL: memory is short, or (*ret_full) there is no more room. */
static struct call *call_of(struct calls *calls, const struct thaw_prove_file *file,
                            const char *function, bool *ret_full)
{
    struct call *call;

    for (size_t i = 0; i < calls->count; i++) {
        call = &calls->items[i];
        if (call->file == file && strcmp(call->function, function) == 0)
            return call;
    }
    *ret_full = calls->count == CALLS_MOST;
    if (*ret_full)
        return NULL;
    call = &calls->items[calls->count];
    *call = (struct call){.file = file, .function = function};
    call->imports =
        thaw_arena_allocate(calls->trial->arena, (file->import_count + 1) * sizeof(*call->imports));
    call->cost = (struct thaw_first_call){.function = function, .file = file->name};
    call->cost.line = line_of(calls->trial, file->name, function);
    calls->count += call->imports ? 1 : 0;
    return call->imports ? call : NULL;
}

static int take_import(struct calls *calls, const struct thaw_prove_file *file, size_t number)
{
    const struct thaw_rewrite_verdict *verdict = &file->result->verdicts[number];
    const struct thaw_inventory_statement *row =
        thaw_prove_statement(calls->trial, file->name, &file->imports[number]);
    const struct thaw_texts *functions = &verdict->functions;

    if (!*verdict->form || !row)
        return 0;
    if (!functions->count)
        functions = &row->functions;
    for (uint64_t i = 0; i < functions->count; i++) {
        bool full = false;
        struct call *call = call_of(calls, file, functions->items[i], &full);

        if (!call && full)
            return 0;
        if (!call)
            return -ENOMEM;
        call->imports[call->count++] =
            (struct thaw_probe_import){row->module, row->name, row->level};
    }
    return 0;
}

static bool is_same(const struct call *a, const struct call *b)
{
    bool same = a->file == b->file && a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++)
        same = a->imports[i].level == b->imports[i].level &&
               strcmp(a->imports[i].module, b->imports[i].module) == 0 &&
               strcmp(a->imports[i].name, b->imports[i].name) == 0;
    return same;
}

static int measure(struct calls *calls, size_t number, struct thaw_error *error)
{
    struct call *call = &calls->items[number];
    struct thaw_probe_task task = {.calls = call->imports,
                                   .call_count = call->count,
                                   .call_file = call->file->relative};
    double times[RUNS], median;

    for (size_t i = 0; i < number; i++) {
        if (is_same(call, &calls->items[i])) { /* what it pays does not depend on its name */
            call->cost.ns = calls->items[i].cost.ns;
            call->cost.modules = calls->items[i].cost.modules;
            return 0;
        }
    }
    for (int i = 0; i < RUNS; i++) {
        struct thaw_probe_report report;
        int code = thaw_prove_probe(calls->trial, THAW_CHANGED, &task, &report, error);

        if (code)
            return code;
        times[i] = (double)report.call_cpu_ns;
        call->cost.modules = report.call_modules.count;
    }
    if (thaw_statistics_median(times, RUNS, &median) == 0)
        call->cost.ns = (uint64_t)median;
    return 0;
}

static int dearest_first(const void *left, const void *right)
{
    const struct thaw_first_call *a = left, *b = right;

    if (a->ns != b->ns)
        return a->ns > b->ns ? -1 : 1;
    return a->line != b->line ? (a->line < b->line ? -1 : 1) : strcmp(a->function, b->function);
}

static int hand_over(const struct calls *calls, size_t done, struct thaw_error *error)
{
    struct thaw_proof *proof = calls->trial->proof;

    proof->calls = thaw_arena_allocate(calls->trial->arena, (done + 1) * sizeof(*proof->calls));
    if (!proof->calls)
        return thaw_error_memory(error);
    for (size_t i = 0; i < done; i++)
        proof->calls[i] = calls->items[i].cost;
    proof->call_count = done;
    if (done)
        qsort(proof->calls, done, sizeof(*proof->calls), dearest_first);
    return 0;
}

int thaw_prove_calls(struct thaw_prove_trial *trial, const char **ret_failed,
                     struct thaw_error *error)
{
    const struct thaw_prove_options *options = trial->options;
    struct calls calls = {.trial = trial};
    size_t done = 0;
    int code = 0, handed;

    *ret_failed = "";
    for (size_t i = 0; i < options->file_count; i++) {
        for (size_t n = 0; n < options->files[i].import_count; n++) {
            if (take_import(&calls, &options->files[i], n))
                return thaw_error_memory(error);
        }
    }
    while (!code && done < calls.count) {
        thaw_prove_tell(trial, "first calls", 0);
        code = measure(&calls, done, error);
        done += code ? 0 : 1;
    }
    handed = hand_over(&calls, done, error);
    if (handed)
        return handed;
    if (!thaw_run_failed(code))
        return code;
    *ret_failed = thaw_arena_format(trial->arena, "the first call of %s fails: %s",
                                    calls.items[done].function, error->message);
    return *ret_failed ? 0 : thaw_error_memory(error);
}
