/* SPDX-License-Identifier: Apache-2.0 */
/* What trials showed, joined with the findings that they were about; and what is predicted for any
 * set of imports, to be held against a trial of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/memory.h"

#define REFUTED "refuted"

static bool is_same(const struct thaw_proof_import *a, const struct thaw_proof_import *b)
{
    return a->line == b->line && !strcmp(a->module, b->module) && !strcmp(a->file, b->file);
}

static bool holds(const struct thaw_proof_import *all, size_t count,
                  const struct thaw_proof_import *one)
{
    for (size_t i = 0; i < count; i++)
        if (is_same(&all[i], one))
            return true;
    return false;
}

/* A statement that binds several names may stand there several times. */
bool thaw_proof_imports_equal(const struct thaw_proof_import *left, size_t left_count,
                              const struct thaw_proof_import *right, size_t right_count)
{
    for (size_t i = 0; i < left_count; i++)
        if (!holds(right, right_count, &left[i]))
            return false;
    for (size_t i = 0; i < right_count; i++)
        if (!holds(left, left_count, &right[i]))
            return false;
    return true;
}

static const struct thaw_proof *proof_of(const struct thaw_finding *finding,
                                         const struct thaw_proof *proofs, size_t count)
{
    const struct thaw_proof *found = NULL;

    for (size_t i = 0; finding->import_count && i < count; i++)
        if (thaw_proof_imports_equal(finding->imports, finding->import_count, proofs[i].imports,
                                     proofs[i].import_count) &&
            (!found || found->made_at_ns <= proofs[i].made_at_ns))
            found = &proofs[i];
    return found;
}

bool thaw_finding_is_refuted(const struct thaw_finding *finding)
{
    return finding->proof && !strcmp(finding->proof->verdict, REFUTED);
}

/* Nobody should follow it first; the order of the others stays. */
static void put_refuted_last(struct thaw_finding *findings, size_t count)
{
    for (size_t i = 0, left = count; left; left--) {
        struct thaw_finding one = findings[i];

        if (!thaw_finding_is_refuted(&one)) {
            i++;
            continue;
        }
        memmove(&findings[i], &findings[i + 1], (count - i - 1) * sizeof(one));
        findings[count - 1] = one;
    }
}

void thaw_analysis_join_proofs(struct thaw_analysis *analysis, const struct thaw_proof *proofs,
                               size_t count)
{
    for (size_t i = 0; i < analysis->finding_count; i++) {
        struct thaw_finding *finding = &analysis->findings[i];

        finding->proof = proof_of(finding, proofs, count);
        if (finding->proof)
            finding->saving.proof = finding->proof->verdict;
    }
    put_refuted_last(analysis->findings, analysis->finding_count);
}

/* Marks the rows of one statement; false when there are none. */
static bool mark(const struct thaw_needs *needs, const struct thaw_proof_import *import,
                 bool *statements)
{
    bool found = false;

    for (size_t i = 0; i < needs->statements.count; i++) {
        const struct thaw_inventory_statement *row = needs->statements.items[i];

        if (row->line == import->line && !strcmp(row->module, import->module) &&
            !strcmp(row->file, import->file))
            found = statements[i] = true;
    }
    return found;
}

int thaw_analysis_predict(const struct thaw_analysis *analysis,
                          const struct thaw_proof_import *imports, size_t count,
                          struct thaw_saving *ret)
{
    const struct thaw_analysis_memory *memory = analysis->memory;
    bool *statements, *lost, known = true;
    int code = -ENODATA;

    if (!analysis->has_edges || !memory->track)
        return -ENODATA;
    statements = calloc(memory->needs.statements.count + 1, sizeof(*statements));
    lost = calloc(analysis->timeline->module_count + 2, sizeof(*lost));
    for (size_t i = 0; statements && i < count; i++)
        known &= mark(&memory->needs, &imports[i], statements);
    if (!statements || !lost)
        code = -ENOMEM;
    else if (known)
        code = thaw_saving_of(analysis->timeline, memory->track, &memory->needs, statements, NULL,
                              ret, lost)
                   ? 0
                   : -ENOMEM;
    free(lost);
    free(statements);
    return code;
}
