/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_MEMORY_H
#define THAW_ANALYSIS_MEMORY_H

#include "analysis/needs.h"
#include "base/arena.h"
#include "base/array.h"
#include "thaw/analysis.h"

/* What an analysis holds while it is made and afterwards; what its files work on. */
struct thaw_analysis_memory {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_finding) findings;
    THAW_ARRAY(struct thaw_suppressed) suppressed;
    THAW_ARRAY(const struct thaw_finding_kind *) unsought;
    THAW_ARRAY(struct thaw_library_cost) libraries;
    const struct thaw_track *track; /* the headline's, NULL none */
    struct thaw_needs needs;        /* of its process, when the analysis has edges */
    bool short_of_memory;           /* a finder could not write down what it found */
};

/* Fills what was mapped, with its facts and times; false when memory is short. */
bool thaw_libraries_analyse(struct thaw_analysis *analysis);

/* A finding's file: adds what it finds; false when memory is short. */
typedef bool (*thaw_finder)(struct thaw_analysis *analysis);

/* Imports that can wait, one by one and together, and those that nobody uses. */
bool thaw_find_lazy_imports(struct thaw_analysis *analysis);

/*
 * The saving of deferring the marked statements, and of marked nodes that are gone altogether (NULL
 * none): own times of what is lost, with its range, as a share of the track's total. lost (not
 * NULL): see thaw_graph_remove(). false when memory is short.
 */
bool thaw_saving_of(const struct thaw_timeline *timeline, const struct thaw_track *track,
                    const struct thaw_needs *needs, const bool *statements, const bool *gone,
                    struct thaw_saving *ret, bool *lost);

#endif
