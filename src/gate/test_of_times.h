/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_GATE_TEST_OF_TIMES_H
#define THAW_GATE_TEST_OF_TIMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/statistics.h"

/*
 * Are times longer than is allowed? Runs of unchanged code differ by a quarter on a busy machine,
 * so that a gate of times is red for nothing unless this is asked with care:
 *
 * - Of an increase a limit is a ratio to what was before. One below THAW_GATE_LEAST_EFFECT is held
 *   to that: less can't be told from the way in which code lies in memory.
 * - Probabilities are one-sided, of times as long as these if the ratio were at the limit, not 1.
 *   Mann and Whitney's test sees both series; where runs were made in pairs, Wilcoxon's sees what
 *   the load of the machine leaves of the difference, which is the same on both sides of a pair.
 *   The smaller one is taken, doubled for there being two. Of the ratio's intervals, by pairs and
 *   by the medians of both series, the narrower one: load that comes and goes widens the latter,
 *   bursts that hit single runs the former.
 * - Those of all checks of a gate are corrected together (Holm 1979), so that ten budgets are not
 *   red ten times as often.
 * - Broken: corrected probability below THAW_GATE_RED, and the bootstrap interval of the ratio
 *   wholly above the limit. Of unchanged code that is less than one gate of 2,000 (where
 *   nothing may be added, and half of the runs meet bursts of load, 18 of 200,000). (15 runs in
 *   pairs can show it for eight budgets at once, 12 for one.)
 * - Kept: the interval ends at the limit or below; or the corrected probability is at least
 *   THAW_GATE_CLEAR, what was measured is above the limit by THAW_GATE_EXCESS at most, and an
 *   increase of THAW_GATE_RESOLUTION beyond it is excluded by the interval. That an increase was
 *   not found does not show that there is none: the reason says how large one could have been
 *   missed. To ask that the interval ends at the limit, always, would leave unchanged code
 *   undecided for ever where nothing more is allowed.
 * - Else it can't be told. So it is with fewer than THAW_GATE_RUNS_LEAST runs on a side.
 *
 * All that rests on runs that met the same machine. Where they were not made in turns with those
 * before (the other order, a baseline from a file), nothing is called broken: a neighbour who woke
 * up between both explains any difference.
 *
 * A limit of the time itself: broken if the interval of the median (the sign test turned around)
 * begins above it, with the probabilities of that test corrected as above, at THAW_GATE_MEDIAN;
 * kept if the interval ends at it or below. From fewer than THAW_GATE_MEDIAN_RUNS_LEAST runs there
 * is no interval: then it is kept if no run comes near it, to within THAW_GATE_FAR_BELOW.
 */
#define THAW_GATE_LEAST_EFFECT 0.05
#define THAW_GATE_RED 0.0005
#define THAW_GATE_CLEAR 0.1
#define THAW_GATE_EXCESS 0.2
#define THAW_GATE_RESOLUTION 1.0
#define THAW_GATE_MEDIAN 0.025
#define THAW_GATE_RUNS_LEAST 10
#define THAW_GATE_MEDIAN_RUNS_LEAST 6
#define THAW_GATE_FAR_BELOW 2

enum thaw_gate_answer { THAW_GATE_KEPT, THAW_GATE_BROKEN, THAW_GATE_UNDECIDED };

struct thaw_gate_times {
    const double *before, *after;
    size_t before_count, after_count;
    bool in_turns; /* they met the same machine */
    bool pairs;    /* and before[i] was made next to after[i] */
};

struct thaw_gate_time_test {
    double limit;               /* ratio that is allowed, at least 1 + THAW_GATE_LEAST_EFFECT */
    double probability;         /* not corrected */
    double adjusted;            /* corrected, by thaw_gate_adjust() */
    bool has_ratio;             /* all values are above 0 */
    struct thaw_interval ratio; /* after / before */
    bool by_pairs;              /* the median of the pairs' ratios; else of both medians */
    bool in_turns, pairs;       /* as asked */
    bool above;                 /* the median after is longer than is allowed */
};

/* The ratio that a limit is held to: the allowed value over the median before, which is above 0. */
double thaw_gate_time_limit(double allowed, double median);

/* Fills all but adjusted, which becomes probability. allowed: the longest time; what is held to is
 * thaw_gate_time_limit() of it, where the median before is above 0. -EDOM, -E2BIG, -ENOMEM. */
int thaw_gate_time_test(const struct thaw_gate_times *times, double allowed,
                        struct thaw_gate_time_test *ret);
enum thaw_gate_answer thaw_gate_time_answer(const struct thaw_gate_time_test *test);

/* Probability of so many values above the limit, were it the median. */
double thaw_gate_sign_probability(const double *values, size_t count, double limit);

#endif
