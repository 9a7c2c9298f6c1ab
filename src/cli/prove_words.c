/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prove_words.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/fix_files.h"

#define NS_PER_MS 1e6
#define PERCENT 100
#define WIDTH 80
#define INDENT 14 /* of what stands behind a label */
#define IMPORTS_TOLD 8
#define CALLS_TOLD 5

static double ms(double ns)
{
    return ns / NS_PER_MS;
}

/* Words of a line, broken at spaces; the first line has the label, the others have its room. */
static void write_wrapped(const char *label, const char *text, FILE *stream)
{
    size_t column = INDENT;

    fprintf(stream, "  %-*s", INDENT - 2, label);
    while (*text) {
        size_t length = strcspn(text, " ");

        if (column > INDENT && column + 1 + length > WIDTH) {
            fprintf(stream, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            fputc(' ', stream);
            column++;
        }
        fwrite(text, 1, length, stream);
        column += length;
        text += length + strspn(text + length, " ");
    }
    fputc('\n', stream);
}

/* What happened to a text that is put together: what came from outside is safe by then. */
static void write_row(const char *label, char *text, FILE *stream)
{
    struct thaw_arena arena = {0};
    const char *safe = text ? thaw_text_for_terminal(&arena, text) : NULL;

    write_wrapped(label, safe ? safe : "out of memory", stream);
    thaw_arena_free(&arena);
    free(text);
}

/* A text that is put together by pieces; NULL when memory is short. */
struct pieces {
    char *text;
    size_t length;
    FILE *stream;
};

static FILE *begin(struct pieces *pieces)
{
    *pieces = (struct pieces){0};
    pieces->stream = open_memstream(&pieces->text, &pieces->length);
    return pieces->stream;
}

static char *end(struct pieces *pieces)
{
    bool failed = !pieces->stream || fclose(pieces->stream);

    if (!failed)
        return pieces->text;
    free(pieces->text);
    return NULL;
}

static const char *place(const char *root, const char *file)
{
    const char *relative = root ? thaw_fix_below(root, file) : "";

    return *relative ? relative : file;
}

static void tell_imports(const struct thaw_proof *proof, const char *root, FILE *stream)
{
    struct thaw_arena arena = {0};
    size_t told = 0;

    for (size_t i = 0; i < proof->import_count; i++) {
        const struct thaw_proof_import *one = &proof->imports[i];
        bool again = i && one->line == one[-1].line && !strcmp(one->module, one[-1].module) &&
                     !strcmp(one->file, one[-1].file);
        const char *text;

        if (again || told++ >= IMPORTS_TOLD)
            continue;
        text = thaw_arena_format(&arena, "%s (%s:%llu)", *one->module ? one->module : ".",
                                 place(root, one->file), (unsigned long long)one->line);
        text = text ? thaw_text_for_terminal(&arena, text) : NULL;
        fprintf(stream, "%s%s", told > 1 ? ", " : "", text ? text : "?");
    }
    if (told > IMPORTS_TOLD)
        fprintf(stream, " and %zu more", told - IMPORTS_TOLD);
    fputc('\n', stream);
    thaw_arena_free(&arena);
}

static void tell_verdict(const struct thaw_proof *proof, FILE *stream)
{
    struct pieces pieces;
    char label[32];

    snprintf(label, sizeof(label), "%s", proof->verdict);
    for (char *at = label; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    if (begin(&pieces))
        fprintf(pieces.stream, "%s: %s", label, proof->reason);
    write_row("Verdict", end(&pieces), stream);
}

static void tell_saving(const struct thaw_proof *proof, FILE *stream)
{
    double original = (double)proof->original_ns;
    const struct thaw_proof_share *share = &proof->share, *wall = &proof->wall;
    struct pieces pieces;

    if (!proof->pairs)
        return;
    if (begin(&pieces))
        fprintf(pieces.stream,
                "%.1f %% (%.1f to %.1f %%) of the import's CPU time: %.1f ms (%.1f to %.1f ms) of "
                "%.1f ms, by %llu pair%s; wall-clock time: %.1f %% (%.1f to %.1f %%)",
                share->middle * PERCENT, share->low * PERCENT, share->high * PERCENT,
                ms(share->middle * original), ms(share->low * original), ms(share->high * original),
                ms(original), (unsigned long long)proof->pairs, proof->pairs == 1 ? "" : "s",
                wall->middle * PERCENT, wall->low * PERCENT, wall->high * PERCENT);
    write_row("Saved", end(&pieces), stream);
}

static void tell_prediction(const struct thaw_saving *predicted, FILE *stream)
{
    struct pieces pieces;

    if (begin(&pieces)) {
        if (predicted)
            fprintf(pieces.stream, "%.1f ms (%.1f to %.1f ms) as recorded, %llu module%s fewer",
                    ms((double)predicted->ns), ms((double)predicted->low_ns),
                    ms((double)predicted->high_ns), (unsigned long long)predicted->modules,
                    predicted->modules == 1 ? "" : "s");
        else
            fputs("nothing: the recording doesn't tell what these imports cost", pieces.stream);
    }
    write_row("Predicted", end(&pieces), stream);
}

static void tell_counts(const struct thaw_proof *proof, FILE *stream)
{
    struct pieces pieces;

    if (!proof->count_count)
        return;
    if (begin(&pieces)) {
        for (size_t i = 0; i < proof->count_count; i++) {
            const struct thaw_proof_count *one = &proof->counts[i];

            fprintf(pieces.stream, "%s%s: %llu before, %llu after (%lld)", i ? "; " : "", one->name,
                    (unsigned long long)one->original, (unsigned long long)one->changed,
                    (long long)(one->changed - one->original));
        }
    }
    write_row("Loaded", end(&pieces), stream);
}

/* What differs stands first, then what was not checked, each with why; what is the same last. */
static void tell_checks(const struct thaw_proof *proof, FILE *stream)
{
    static const char *const results[] = {"differs", "not checked", "same"};
    struct pieces pieces;
    size_t told = 0;

    if (!proof->check_count)
        return;
    if (begin(&pieces)) {
        for (size_t r = 0; r < sizeof(results) / sizeof(results[0]); r++) {
            size_t of_these = 0;

            for (size_t i = 0; i < proof->check_count; i++) {
                const struct thaw_proof_check *check = &proof->checks[i];

                if (strcmp(check->result, results[r]))
                    continue;
                if (!of_these++)
                    fprintf(pieces.stream, "%s%s: ", told++ ? "; " : "", results[r]);
                else
                    fputs(", ", pieces.stream);
                fputs(check->name, pieces.stream);
                if (*check->detail)
                    fprintf(pieces.stream, " (%s)", check->detail);
            }
        }
    }
    write_row("Checked", end(&pieces), stream);
}

static void tell_calls(const struct thaw_proof *proof, FILE *stream)
{
    struct pieces pieces;

    if (!proof->call_count)
        return;
    if (begin(&pieces)) {
        for (size_t i = 0; i < proof->call_count && i < CALLS_TOLD; i++)
            fprintf(pieces.stream, "%s%s() pays %.1f ms (%llu module%s)", i ? ", " : "",
                    proof->calls[i].function, ms((double)proof->calls[i].ns),
                    (unsigned long long)proof->calls[i].modules,
                    proof->calls[i].modules == 1 ? "" : "s");
        if (proof->call_count > CALLS_TOLD)
            fprintf(pieces.stream, " and %zu more", proof->call_count - CALLS_TOLD);
    }
    write_row("First calls", end(&pieces), stream);
}

static void tell_way(const struct thaw_proof *proof, FILE *stream)
{
    struct pieces pieces;

    if (begin(&pieces))
        fprintf(pieces.stream, "%s; the app's own folder was not written to",
                *proof->way ? proof->way : "nowhere");
    write_row("Ran in", end(&pieces), stream);
}

void thaw_prove_tell_proof(const struct thaw_proof *proof, const char *root,
                           const struct thaw_saving *predicted, FILE *stream)
{
    tell_imports(proof, root, stream);
    tell_verdict(proof, stream);
    tell_saving(proof, stream);
    tell_prediction(predicted, stream);
    tell_counts(proof, stream);
    tell_checks(proof, stream);
    tell_calls(proof, stream);
    tell_way(proof, stream);
}
