/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_TRIALS_WORDS_H
#define THAW_GATE_TRIALS_WORDS_H

#include "report/summary.h"

/* What outputs for people say of trials, from their JSON. All texts are safe for a terminal. */

/* "10 runs of `python3 app.py` and 1 warm-up, cold"; of a command that there are two of, with which
 * it is. */
const char *thaw_trials_head(struct thaw_summary *summary, size_t command);

/* "modules loaded", "phase import". */
const char *thaw_trials_title(struct thaw_summary *summary, const json_t *metric);

/* A row of a table: title, median, interval, range. NULL: it has no value. */
enum { THAW_TRIALS_CELLS = 5 };
bool thaw_trials_row(struct thaw_summary *summary, const json_t *metric,
                     const char *cells[THAW_TRIALS_CELLS]);
extern const char *const thaw_trials_headings[THAW_TRIALS_CELLS];

/* A row of the comparison: title, ratio, verdict. */
enum { THAW_TRIALS_PAIR_CELLS = 3 };
void thaw_trials_pair_row(struct thaw_summary *summary, const json_t *difference,
                          const char *cells[THAW_TRIALS_PAIR_CELLS]);
extern const char *const thaw_trials_pair_headings[THAW_TRIALS_PAIR_CELLS];

/* Hands each line of what went wrong, or has to be known, of a command to tell. */
typedef void thaw_trials_tell(struct thaw_summary *summary, bool bad, const char *line);
void thaw_trials_notes(struct thaw_summary *summary, size_t command, thaw_trials_tell *tell);

#endif
