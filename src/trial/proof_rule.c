/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/proof_rule.h"

const struct thaw_proof_rule thaw_proof_rule = {
    .least_pairs = 9,
    .most_pairs = 31,
    .wanted_width = 0.10,
};

const char *thaw_verdict_name(enum thaw_verdict verdict)
{
    switch (verdict) {
    case THAW_VERDICT_INCONCLUSIVE:
        return "inconclusive";
    case THAW_VERDICT_PROVED:
        return "proved";
    case THAW_VERDICT_REFUTED:
        return "refuted";
    }
    return "?";
}

struct thaw_interval thaw_proof_saving(const struct thaw_interval *ratio)
{
    return (struct thaw_interval){1 - ratio->high, 1 - ratio->middle, 1 - ratio->low,
                                  ratio->coverage};
}

bool thaw_proof_wants_more(const struct thaw_interval *saving, size_t pairs,
                           const struct thaw_proof_rule *rule)
{
    if (pairs >= rule->most_pairs)
        return false;
    return pairs < rule->least_pairs || (saving->low <= 0 && saving->high >= 0) ||
           saving->high - saving->low > rule->wanted_width;
}

enum thaw_verdict thaw_proof_verdict(const struct thaw_interval *saving, size_t pairs,
                                     const struct thaw_proof_rule *rule)
{
    if (pairs < rule->least_pairs)
        return THAW_VERDICT_INCONCLUSIVE;
    if (saving->high <= 0 || saving->high < rule->least)
        return THAW_VERDICT_REFUTED;
    return saving->low > 0 ? THAW_VERDICT_PROVED : THAW_VERDICT_INCONCLUSIVE;
}
