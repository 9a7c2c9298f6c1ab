/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_READERS_H
#define THAW_GATE_READERS_H

#include <stdint.h>

#include "gate/metrics.h"
#include "report/summary.h"

/* The readers behind the table of metrics.c, and what they have in common. */

/* Says why and returns false; the words may have been made (NULL: memory is short). */
bool thaw_gate_untold(const char **ret_why, const char *why);

/* --- reading_run.c: may figures of a recording be taken for those of a whole cold start? --- */

/* Why not, of any figure; NULL: they may, or memory is short and *failed is set. */
const char *thaw_gate_run_fault(const struct thaw_summary *summary, struct thaw_arena *arena,
                                bool *failed);

/* A report of a recording whose figures may be taken: its summary, to be asked and not written. */
bool thaw_gate_read_run(const struct thaw_gate_reading *reading, struct thaw_summary *ret,
                        const char **ret_why);

/* The same for what is counted: nothing of it may be missing. */
bool thaw_gate_read_counted(const struct thaw_gate_reading *reading, struct thaw_summary *ret,
                            const char **ret_why);

/* reading_losses.c: something that is missing from what is counted; NULL: nothing is. */
const json_t *thaw_gate_loss(const struct thaw_summary *summary);

/* The same for times: they may not be those of a run in which system calls were counted. */
bool thaw_gate_read_timed(const struct thaw_gate_reading *reading, struct thaw_summary *ret,
                          const char **ret_why);

/* --- reading_parts.c: is something of the part that is asked for? --- */

struct thaw_gate_matcher {
    const char *module;       /* pattern, NULL: any */
    const char *distribution; /* normalised, NULL: any */
    struct thaw_arena arena;  /* of names being compared */
    const char *last;         /* distribution that was compared last, with what came of it */
    bool last_matches;
    bool failed; /* memory is short */
};

bool thaw_gate_names_distribution(const struct thaw_gate_reading *reading);

/* CPython's own report has names and times alone. */
bool thaw_gate_is_importtime(const struct thaw_summary *summary);

/* Has the recording imports, and does it say of which distributions, where that is asked for? */
bool thaw_gate_knows_part(const struct thaw_gate_reading *reading,
                          const struct thaw_summary *summary, const char **ret_why);

void thaw_gate_matcher_begin(struct thaw_gate_matcher *matcher,
                             const struct thaw_budget_part *part);
/* By the name under key, a distribution's. */
bool thaw_gate_matches_distribution(struct thaw_gate_matcher *matcher, const json_t *object,
                                    const char *key);
bool thaw_gate_matches_module(struct thaw_gate_matcher *matcher, const json_t *module);
/* False: memory was short. */
bool thaw_gate_matcher_end(struct thaw_gate_matcher *matcher);

/* --- the readers --- */

#define THAW_GATE_READER(name)                                                                     \
    bool name(const struct thaw_gate_reading *reading, double *ret, const char **ret_why)

/* reading_target.c */
THAW_GATE_READER(thaw_gate_read_shipped_bytes);
THAW_GATE_READER(thaw_gate_read_shipped_disk_bytes);
THAW_GATE_READER(thaw_gate_read_shipped_files);
THAW_GATE_READER(thaw_gate_read_distributions);
THAW_GATE_READER(thaw_gate_read_libraries);
THAW_GATE_READER(thaw_gate_read_relocations);
THAW_GATE_READER(thaw_gate_read_duplicate_bytes);
THAW_GATE_READER(thaw_gate_read_conflicts);
THAW_GATE_READER(thaw_gate_read_bytecode_stale);
THAW_GATE_READER(thaw_gate_read_bytecode_missing);

/* reading_modules.c */
THAW_GATE_READER(thaw_gate_read_modules);
THAW_GATE_READER(thaw_gate_read_failed_imports);
THAW_GATE_READER(thaw_gate_read_compiled_modules);

/* Is it one of those that the metric is about? Of metrics that are about none: it was loaded. */
bool thaw_gate_counts_module(const struct thaw_gate_metric *metric, const json_t *module);

/* reading_process.c */
THAW_GATE_READER(thaw_gate_read_libraries_mapped);
THAW_GATE_READER(thaw_gate_read_mapped_relocations);
THAW_GATE_READER(thaw_gate_read_files_opened);
THAW_GATE_READER(thaw_gate_read_failed_lookups);
THAW_GATE_READER(thaw_gate_read_system_calls);
THAW_GATE_READER(thaw_gate_read_read_bytes);
THAW_GATE_READER(thaw_gate_read_threads);
THAW_GATE_READER(thaw_gate_read_cpu_time);
THAW_GATE_READER(thaw_gate_read_instructions);

/* reading_times.c */
THAW_GATE_READER(thaw_gate_read_total_time);
THAW_GATE_READER(thaw_gate_read_phase_time);
THAW_GATE_READER(thaw_gate_read_import_time);

#endif
