/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "gate/gate_parts.h"
#include "report/keys.h"

/* Exceptions: with a reason, and for as long as they last. */

bool thaw_gate_is_expired(const struct thaw_gate_judge *judge,
                          const struct thaw_allowance *allowance)
{
    return *allowance->until && strcmp(judge->question->today, allowance->until) > 0;
}

/* Equal by PEP 503; "" is only "". */
static bool is_same_distribution(struct thaw_gate_judge *judge, const char *left, const char *right)
{
    const char *a = thaw_key_normalised(thaw_gate_arena(judge), left);
    const char *b = thaw_key_normalised(thaw_gate_arena(judge), right);

    judge->words.failed |= !a || !b;
    return a && b && !strcmp(a, b);
}

static bool is_about_module(struct thaw_gate_judge *judge, const struct thaw_allowance *allowance,
                            const json_t *module)
{
    const struct thaw_budget_part *part = &allowance->part;
    const char *distribution = thaw_key_string(module, "distribution");

    if (*part->module && !thaw_gate_module_matches(part->module, thaw_key_string(module, "name")))
        return false;
    if (*part->distribution &&
        (!*distribution || !is_same_distribution(judge, part->distribution, distribution)))
        return false;
    return *part->module || *part->distribution;
}

const struct thaw_allowance *thaw_gate_allows_module(struct thaw_gate_judge *judge,
                                                     const json_t *module)
{
    const struct thaw_budgets *budgets = judge->question->budgets;
    const struct thaw_allowance *expired = NULL;

    for (size_t i = 0; i < budgets->allowed_count; i++) {
        const struct thaw_allowance *allowance = &budgets->allowed[i];

        if (*allowance->metric || !is_about_module(judge, allowance, module))
            continue;
        if (thaw_gate_is_expired(judge, allowance)) {
            expired = allowance;
            continue;
        }
        judge->allowance_used[i] = true;
        return allowance;
    }
    return expired;
}

static bool is_about_budget(struct thaw_gate_judge *judge, const struct thaw_allowance *allowance,
                            const struct thaw_budget *budget)
{
    return !strcmp(allowance->metric, budget->metric) &&
           !strcmp(allowance->part.module, budget->part.module) &&
           !strcmp(allowance->part.phase, budget->part.phase) &&
           is_same_distribution(judge, allowance->part.distribution, budget->part.distribution);
}

/* What is over budget, or may be, is allowed; what was not measured is not known to be as the
 * reason says. */
void thaw_gate_allow_budget(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    const struct thaw_budgets *budgets = judge->question->budgets;
    bool needs = check->status == THAW_GATE_STATUS_FAIL || check->status == THAW_GATE_STATUS_WARN ||
                 check->status == THAW_GATE_STATUS_INCONCLUSIVE;

    for (size_t i = 0; needs && i < budgets->allowed_count; i++) {
        const struct thaw_allowance *allowance = &budgets->allowed[i];

        if (!is_about_budget(judge, allowance, check->budget))
            continue;
        check->allowance = allowance;
        if (thaw_gate_is_expired(judge, allowance))
            continue;
        judge->allowance_used[i] = true;
        check->status = THAW_GATE_STATUS_ALLOWED;
        check->counts = false;
        check->reason =
            thaw_summary_format(&judge->words, "%s; that is allowed%s%s: %s", check->reason,
                                *allowance->until ? " until " : "", allowance->until,
                                thaw_gate_shown(judge, allowance->reason));
        return;
    }
}

static const char *about(struct thaw_gate_judge *judge, const struct thaw_allowance *allowance)
{
    const struct thaw_budget_part *part = &allowance->part;
    const char *name = *part->module         ? part->module
                       : *part->distribution ? part->distribution
                                             : part->phase;

    return thaw_summary_format(&judge->words, "%s%s%s", allowance->metric,
                               *allowance->metric && *name ? " of " : "",
                               thaw_gate_shown(judge, name));
}

void thaw_gate_tell_allowances(struct thaw_gate_judge *judge)
{
    const struct thaw_budgets *budgets = judge->question->budgets;

    for (size_t i = 0; i < budgets->allowed_count; i++) {
        const struct thaw_allowance *allowance = &budgets->allowed[i];
        bool expired = thaw_gate_is_expired(judge, allowance);

        if (judge->allowance_used[i])
            continue;
        thaw_gate_problem(judge, expired ? "warning" : "note",
                          thaw_summary_format(&judge->words, "%s:%" PRIu32 ": what allows %s %s%s",
                                              judge->question->budgets_name, allowance->place.line,
                                              about(judge, allowance),
                                              expired ? "expired on " : "was not needed",
                                              expired ? allowance->until : ""));
    }
}
