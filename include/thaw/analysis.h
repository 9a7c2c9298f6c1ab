/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_H
#define THAW_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"
#include "thaw/proof.h"
#include "thaw/timeline.h"

/*
 * What a timeline means: what would vanish with a module, and what is worth doing. Built from a
 * timeline alone, without the machine it was recorded on.
 *
 * Retained cost needs every executed edge between the loaded modules, not only the first importer.
 * They come from the inventory (a scan of the loaded bytecode) and from the import tree; where the
 * inventory lacks them (has_edges false), no retained cost and no saving is told.
 */

struct thaw_saving {
    uint64_t ns; /* predicted: own times of the modules that would not be loaded */
    uint64_t low_ns;
    uint64_t high_ns;
    double share;      /* of the headline track's total */
    const char *proof; /* "predicted", or the verdict of a trial; the numbers stay predicted */
    uint64_t gc_ns;    /* one full garbage collection, which may vanish as well: only in high_ns */
    uint64_t modules;  /* how many of sys.modules would not be there; 0 also where not counted */
};

/* What thaw looks for: a row for each id, defined in a file of its own (src/analysis/finding_*). */
struct thaw_finding_kind {
    const char *id;          /* "lazy-import": stable, people write it into their thaw.json */
    const char *severity;    /* "error", "warning", "note" */
    const char *title;       /* one line, lower case, no full stop */
    const char *needs;       /* what a recording must hold for it, likewise */
    const char *explanation; /* a page for people: paragraphs, an empty line between them */
};

/* Something worth doing, or knowing. */
struct thaw_finding {
    const char *id;         /* of its kind */
    const char *severity;   /* likewise */
    const char *confidence; /* "high", "medium", "low" */
    const char *title;
    const char *file; /* of the user's, "" none */
    uint64_t line;
    const char **evidence;
    size_t evidence_count;
    const char *risk;  /* "safe", "needs a look" */
    uint32_t *modules; /* ids */
    size_t module_count;
    struct thaw_saving saving; /* ns 0: none */
    const char *moves_to;      /* where the cost goes instead, "" nowhere */
    const char *fix;           /* what to do, one line */
    const char **reasons;      /* why it needs a look */
    size_t reason_count;
    struct thaw_first_call *first_calls; /* where the cost goes, dearest first */
    size_t first_call_count;
    struct thaw_proof_import *imports; /* statements that would wait, each once */
    size_t import_count;
    const struct thaw_proof *proof; /* of a trial of just these imports, NULL none */
};

/* Findings that the user has looked at and does not want to be told again. */
struct thaw_suppression {
    const char *id;
    const char *file;   /* end of the finding's file, by whole names: "api/app.py"; "" any */
    const char *module; /* name of one of its modules, or of a package above; "" any */
    const char *reason;
    const char *until; /* last day on which it counts, "2027-01-31"; "" for good */
    /* What a finding of `thaw lint` is about: name of the setting, the function …; "" (or NULL)
     * any. Findings of an analysis have none. */
    const char *subject;
};

struct thaw_suppressed {
    struct thaw_finding finding;
    const struct thaw_suppression *by;
};

/* What is known of a module beyond the timeline, by the same index. */
struct thaw_module_cost {
    uint64_t retained_ns; /* own times of all that is loaded only because of it, itself included */
    uint32_t *importers;  /* ids of all modules that import it, ascending */
    size_t importer_count;
    /* The first import statement that asks for it, in its parent's file, where that is one of the
     * user's own; NULL: none, or not known. */
    const struct thaw_inventory_statement *statement;
};

/* A shared object that a process had mapped when the session closed. */
struct thaw_library_cost {
    const char *path;
    const struct thaw_inventory_library *facts; /* NULL: the file was gone */
    const char *distribution;                   /* owner by RECORD, "" none */
    uint64_t resident_bytes; /* in the process that has most of it in memory, 0 not known */
    uint64_t dlopen_ns; /* in dlopen of this very path, with what it needed; 0: none was seen */
};

struct thaw_analysis {
    const struct thaw_timeline *timeline;
    bool has_edges; /* modules has meaning */
    struct thaw_module_cost *modules;
    struct thaw_finding *findings; /* errors, then the dearest first */
    size_t finding_count;
    struct thaw_suppressed *suppressed; /* see thaw_analysis_suppress() */
    size_t suppressed_count;
    size_t sought_count;                       /* kinds of findings that were looked for */
    const struct thaw_finding_kind **unsought; /* the others: the recording lacks what they need */
    size_t unsought_count;
    bool has_libraries; /* libraries has meaning: what was mapped is in the recording */
    struct thaw_library_cost *libraries; /* by path */
    size_t library_count;
    struct thaw_analysis_memory *memory;
};

/* All kinds of findings, by id. */
const struct thaw_finding_kind *const *thaw_finding_kinds(size_t *ret_count);

/*
 * Takes the findings that one of the suppressions is about out of findings and into suppressed.
 * today: "2026-11-28"; what ended before it does not count. The suppressions must outlive the
 * analysis. Fails only for lack of memory.
 */
int thaw_analysis_suppress(struct thaw_analysis *analysis,
                           const struct thaw_suppression *suppressions, size_t count,
                           const char *today, struct thaw_error *error);

/*
 * Joins what trials showed with the findings about the same imports; of two proofs of one set the
 * later one counts. What was refuted goes behind all that was not. To be called before
 * thaw_analysis_suppress(). The proofs must outlive the analysis.
 */
void thaw_analysis_join_proofs(struct thaw_analysis *analysis, const struct thaw_proof *proofs,
                               size_t count);

/* Has a trial shown that it is no good? */
bool thaw_finding_is_refuted(const struct thaw_finding *finding);

/* Are they the same statements, whatever their order? */
bool thaw_proof_imports_equal(const struct thaw_proof_import *left, size_t left_count,
                              const struct thaw_proof_import *right, size_t right_count);

/*
 * What is predicted for statements of the user's that wait together. -ENODATA: the recording can't
 * tell, or one of them is not in it; -ENOMEM.
 */
int thaw_analysis_predict(const struct thaw_analysis *analysis,
                          const struct thaw_proof_import *imports, size_t count,
                          struct thaw_saving *ret);

/*
 * The folder of the user's own code, as the recording's machine had it: that of the first of the
 * app's modules, else where the session began; "" unknown. The text is the analysis's.
 */
const char *thaw_analysis_app_folder(const struct thaw_analysis *analysis);

/* Fails only for lack of memory. The timeline must outlive it. */
int thaw_analysis_build(const struct thaw_timeline *timeline, struct thaw_analysis **ret,
                        struct thaw_error *error);

void thaw_analysis_free(struct thaw_analysis *analysis);

#endif
