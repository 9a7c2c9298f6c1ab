/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prove_trials.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/fix_words.h"
#include "cli/prove_diff.h"
#include "cli/prove_words.h"

#define NS_PER_SECOND 1e9
#define LAZY_IMPORT "lazy-import"
#define CLEAR_LINE "\r\033[K"

/* --- how far it is --- */

static void show_progress(void *context, const struct thaw_prove_progress *progress)
{
    const struct thaw_prove_session *session = context;

    fprintf(stderr, CLEAR_LINE "thaw prove: ");
    if (session->count > 1)
        fprintf(stderr, "trial %zu of %zu: ", session->number, session->count);
    fputs(progress->text, stderr);
    if (progress->left_ns)
        fprintf(stderr, ", %.0f s left at most", (double)progress->left_ns / NS_PER_SECOND);
    fflush(stderr);
}

static bool is_stopped(const struct thaw_prove_session *session)
{
    struct pollfd stop = {.fd = session->options.stop, .events = POLLIN};

    return session->stopped || (stop.fd >= 0 && poll(&stop, 1, 0) > 0);
}

/* --- one trial --- */

/* No value of a setting may get out, whatever the app prints. */
static int mask_proof(struct thaw_prove_session *session, struct thaw_proof *proof)
{
    const struct thaw_prove_environment *environment = &session->environment;

    proof->reason = thaw_prove_environment_mask(environment, proof->reason, &session->arena);
    for (size_t i = 0; proof->reason && i < proof->check_count; i++) {
        proof->checks[i].detail =
            thaw_prove_environment_mask(environment, proof->checks[i].detail, &session->arena);
        if (!proof->checks[i].detail)
            return -ENOMEM;
    }
    return proof->reason ? 0 : -ENOMEM;
}

static void mask_error(struct thaw_prove_session *session, struct thaw_error *error)
{
    const char *masked =
        thaw_prove_environment_mask(&session->environment, error->message, &session->arena);

    snprintf(error->message, sizeof(error->message), "%s", masked ? masked : "out of memory");
}

static void tell(struct thaw_prove_session *session, const struct thaw_proof *proof)
{
    struct thaw_saving predicted;
    int unknown =
        thaw_analysis_predict(session->analysis, proof->imports, proof->import_count, &predicted);

    if (session->shown.list.count > 1)
        putchar('\n');
    thaw_prove_tell_proof(proof, session->options.app->folder, unknown ? NULL : &predicted, stdout);
    fflush(stdout);
}

static int take(struct thaw_prove_session *session, const struct thaw_fix *fix,
                struct thaw_proof *proof, struct thaw_error *error)
{
    proof->diff = thaw_prove_diff(fix, &session->environment, &session->arena);
    if (!proof->diff || mask_proof(session, proof) || thaw_proofs_put(&session->shown, proof) ||
        thaw_prove_keep_add(&session->keep, proof, session->stopped))
        return thaw_error_memory(error);
    session->refuted |= !strcmp(proof->verdict, thaw_verdict_name(THAW_VERDICT_REFUTED));
    session->inconclusive |= !strcmp(proof->verdict, thaw_verdict_name(THAW_VERDICT_INCONCLUSIVE));
    if (!session->quiet)
        tell(session, proof);
    return 0;
}

/* The files in which something moves. */
static struct thaw_prove_file *list_files(const struct thaw_fix *fix, size_t *ret_count)
{
    struct thaw_prove_file *files = calloc(fix->files.count + 1, sizeof(*files));

    *ret_count = 0;
    for (size_t i = 0; files && i < fix->files.count; i++) {
        const struct thaw_fix_file *file = &fix->files.items[i];

        if (file->result.bytes)
            files[(*ret_count)++] =
                (struct thaw_prove_file){file->name, file->relative, file->imports.items,
                                         file->imports.count, &file->result};
    }
    return files;
}

int thaw_prove_trial(struct thaw_prove_session *session, const struct thaw_fix *fix,
                     struct thaw_error *error)
{
    struct thaw_prove_options options = session->options;
    struct thaw_prove_file *files;
    struct thaw_proof proof;
    int code;

    if (!thaw_fix_moved(fix))
        return 0;
    files = list_files(fix, &options.file_count);
    if (!files)
        return thaw_error_memory(error);
    options.files = files;
    if (isatty(STDERR_FILENO)) {
        options.progress = show_progress;
        options.context = session;
    }
    code = thaw_prove(&options, &session->arena, &proof, error);
    if (options.progress)
        fputs(CLEAR_LINE, stderr);
    free(files);
    session->stopped = code == 1;
    if (code >= 0)
        code = take(session, fix, &proof, error);
    else
        mask_error(session, error);
    return code;
}

/* --- all of them --- */

static bool has(const struct thaw_fix *fix, const struct thaw_proof_import *import)
{
    for (size_t i = 0; i < fix->files.count; i++) {
        const struct thaw_fix_file *file = &fix->files.items[i];

        for (size_t j = 0; !strcmp(file->name, import->file) && j < file->imports.count; j++)
            if (file->imports.items[j].line == import->line &&
                !strcmp(file->imports.items[j].module, import->module))
                return true;
    }
    return false;
}

static bool is_part(const struct thaw_finding *finding, const struct thaw_fix *fix)
{
    if (strcmp(finding->id, LAZY_IMPORT))
        return false;
    for (size_t i = 0; i < finding->import_count; i++)
        if (!has(fix, &finding->imports[i]))
            return false;
    return true;
}

static int try_single(struct thaw_prove_session *session, const struct thaw_finding *finding,
                      const char *root, struct thaw_error *error)
{
    struct thaw_fix fix = {.root_fd = -1};
    int code = thaw_fix_choose_finding(session->analysis, finding, root, &fix, error);

    if (!code)
        code = thaw_fix_rewrite(session->analysis, session->form, &fix, error);
    if (!code)
        code = thaw_prove_trial(session, &fix, error);
    thaw_arena_take_over(&session->arena, &fix.arena); /* the proof has texts of it */
    thaw_fix_free(&fix);
    return code;
}

int thaw_prove_trials(struct thaw_prove_session *session, const struct thaw_fix *fix, bool each,
                      struct thaw_error *error)
{
    const struct thaw_analysis *analysis = session->analysis;
    size_t singles = 0;
    int code = 0;

    for (size_t i = 0; each && i < analysis->finding_count; i++)
        singles += is_part(&analysis->findings[i], fix);
    session->count = singles > 1 ? singles + 1 : 1;
    session->number = 1;
    for (size_t i = 0; singles > 1 && !code && i < analysis->finding_count; i++) {
        if (!is_part(&analysis->findings[i], fix))
            continue;
        session->stopped = is_stopped(session);
        if (session->stopped)
            return 0;
        code = try_single(session, &analysis->findings[i], fix->root, error);
        session->number++;
    }
    session->stopped = is_stopped(session);
    return code || session->stopped ? code : thaw_prove_trial(session, fix, error);
}
