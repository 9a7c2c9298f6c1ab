/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_PROOF_RULE_H
#define THAW_TRIAL_PROOF_RULE_H

#include "base/statistics.h"

/* What is asked of a saving, as a share: 0.05 is 5 points. Measured for apps with small savings,
 * pairs and half-width: 9: .036 to .050, 15: .033 to .044, 51: .013 to .020. */
struct thaw_proof_rule {
    size_t least_pairs, most_pairs;
    double wanted_width; /* of the interval, low to high */
    double least;        /* a saving that is surely less was promised wrongly; 0: any will do */
};

extern const struct thaw_proof_rule thaw_proof_rule; /* 9 to 31 pairs, 10 points, any saving */

enum thaw_verdict { THAW_VERDICT_INCONCLUSIVE, THAW_VERDICT_PROVED, THAW_VERDICT_REFUTED };

/* "inconclusive", "proved", "refuted". */
const char *thaw_verdict_name(enum thaw_verdict verdict);

/* 1 - ratio, ends swapped: what is saved. */
struct thaw_interval thaw_proof_saving(const struct thaw_interval *ratio);

/*
 * Is another pair wanted? Up to least_pairs always; then while the interval includes 0 or is wider
 * than wanted; never beyond most_pairs.
 */
bool thaw_proof_wants_more(const struct thaw_interval *saving, size_t pairs,
                           const struct thaw_proof_rule *rule);

/*
 * refuted: the whole interval is at or below 0, or below the rule's least. proved: else, if it is
 * wholly above 0. inconclusive: it includes 0, or there were less than least_pairs.
 */
enum thaw_verdict thaw_proof_verdict(const struct thaw_interval *saving, size_t pairs,
                                     const struct thaw_proof_rule *rule);

#endif
