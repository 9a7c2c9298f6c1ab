/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_ANALYSIS_IMPORT_SHARE_H
#define THAW_ANALYSIS_IMPORT_SHARE_H

#include "analysis/needs.h"

/*
 * Which share of the CPU time of the app's own import (all that the user's files had loaded, from
 * the beginning of the first to the end of the last) the marked nodes are: what a proof measures.
 * Garbage collections are no part of either. ret_cpu_ns: of all of it; 0, and so the share, where
 * the recording has none of the user's files. Time instead where CPU time was not measured.
 */
double thaw_import_share_of(const struct thaw_needs *needs, const bool *nodes,
                            uint64_t *ret_cpu_ns);

#endif
