/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "gate/gate_parts.h"

/* Why a check is what it is, in one sentence for people. */

const char *thaw_gate_shown(struct thaw_gate_judge *judge, const char *text)
{
    const char *safe = thaw_text_for_terminal(thaw_gate_arena(judge), text);

    judge->words.failed |= !safe;
    return safe ? safe : "";
}

static uint64_t whole(double value)
{
    return value > 0 ? (uint64_t)(value < 9e18 ? value + 0.5 : 9e18) : 0;
}

const char *thaw_gate_amount(struct thaw_gate_judge *judge, enum thaw_gate_unit unit, double value)
{
    switch (unit) {
    case THAW_GATE_BYTES:
        return thaw_summary_size(&judge->words, whole(value));
    case THAW_GATE_NS:
        return thaw_summary_duration(&judge->words, whole(value));
    case THAW_GATE_COUNT:
        break;
    }
    return thaw_summary_count(&judge->words, whole(value));
}

static const char *amount(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                          double value)
{
    return thaw_gate_amount(judge, check->metric->unit, value);
}

void thaw_gate_set_title(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    const struct thaw_budget_part *part;
    const char *name;

    if (check->forbidden) {
        name =
            *check->forbidden->module ? check->forbidden->module : check->forbidden->distribution;
        check->title =
            thaw_summary_format(&judge->words, "%s is not imported before the first reply",
                                thaw_gate_shown(judge, name));
        return;
    }
    part = &check->budget->part;
    name = *part->module ? part->module : *part->distribution ? part->distribution : part->phase;
    check->title = check->metric->title;
    if (*part->phase)
        check->title = thaw_summary_format(&judge->words, "time of the phase %s",
                                           thaw_gate_shown(judge, name));
    else if (*name)
        check->title = thaw_summary_format(&judge->words, "%s of %s", check->metric->title,
                                           thaw_gate_shown(judge, name));
}

/* "1.08": no locale's comma. */
static const char *times(struct thaw_gate_judge *judge, double ratio)
{
    uint64_t hundredths = whole(ratio * 100);

    return thaw_summary_format(&judge->words, "%" PRIu64 ".%02" PRIu64, hundredths / 100,
                               hundredths % 100);
}

/* The value that is held against limits, and the one before. */
static double value_of(const struct thaw_gate_check *check)
{
    return check->metric->class == THAW_GATE_TIMED ? check->head.median : check->head.least;
}

static double before_of(const struct thaw_gate_check *check)
{
    return check->metric->class == THAW_GATE_EXACT ? check->before.most : check->before.median;
}

/* "891, 580 more than before (311)" */
static const char *change_words(struct thaw_gate_judge *judge, const struct thaw_gate_check *check)
{
    double value = value_of(check), before = before_of(check), change = value - before;
    const char *head = amount(judge, check, value);

    if (!check->before.samples.count)
        return head;
    if (change == 0)
        return thaw_summary_format(&judge->words, "%s, as before", head);
    return thaw_summary_format(&judge->words, "%s, %s %s than before (%s)", head,
                               amount(judge, check, fabs(change)), change < 0 ? "less" : "more",
                               amount(judge, check, before));
}

/* Is it a limit that makes the check what it is? */
static bool decides(const struct thaw_gate_check *check, size_t kind)
{
    const struct thaw_gate_held *held = &check->limits[kind];
    bool warns = kind == THAW_GATE_WARN_ABOVE || kind == THAW_GATE_WARN_INCREASE;

    switch (check->status) {
    case THAW_GATE_STATUS_FAIL:
        return !warns && !held->unmeasured && held->answer == THAW_GATE_BROKEN;
    case THAW_GATE_STATUS_WARN:
        return warns && !held->unmeasured && held->answer == THAW_GATE_BROKEN;
    case THAW_GATE_STATUS_UNMEASURED:
        return held->unmeasured != NULL;
    case THAW_GATE_STATUS_INCONCLUSIVE:
        return warns == !check->counts && !held->unmeasured && held->answer == THAW_GATE_UNDECIDED;
    case THAW_GATE_STATUS_PASS:
    case THAW_GATE_STATUS_ALLOWED:
        return !held->unmeasured && held->answer == THAW_GATE_KEPT;
    }
    return false;
}

/* The strictest of these. */
static size_t deciding(const struct thaw_gate_check *check)
{
    size_t found = THAW_GATE_LIMITS;

    for (size_t i = 0; i < THAW_GATE_LIMITS; i++) {
        if (check->limits[i].limit && decides(check, i) &&
            (found == THAW_GATE_LIMITS || check->limits[i].allowed < check->limits[found].allowed))
            found = i;
    }
    return found;
}

static const char *tolerance_words(struct thaw_gate_judge *judge,
                                   const struct thaw_gate_check *check)
{
    if (!check->tolerance_from)
        return "";
    return thaw_summary_format(&judge->words, " (and %s for what varies, %s%s)",
                               amount(judge, check, check->tolerance),
                               strcmp(check->tolerance_from, "assumed") != 0 ? "learnt from " : "",
                               check->tolerance_from);
}

/* "at most 900 are allowed", "at most 10.0 MB more is allowed", "no more are allowed". */
static const char *maximum_words(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                                 double most, const char *more)
{
    const char *tolerance = tolerance_words(judge, check);
    bool counts = check->metric->unit == THAW_GATE_COUNT;

    if (most <= 0)
        return thaw_summary_format(&judge->words, "%s%s %s allowed", *more ? "no more" : "none",
                                   tolerance, counts && *more ? "are" : "is");
    return thaw_summary_format(&judge->words, "at most %s%s%s %s allowed",
                               amount(judge, check, most), more, tolerance,
                               counts && most != 1 ? "are" : "is");
}

static const char *limit_words(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                               size_t kind)
{
    const struct thaw_gate_held *held = &check->limits[kind];
    double allowed = check->metric->unit == THAW_GATE_COUNT ? floor(held->allowed) : held->allowed;
    double more = allowed - before_of(check);

    switch (kind) {
    case THAW_GATE_MAX:
        return maximum_words(judge, check, allowed, "");
    case THAW_GATE_MAX_INCREASE:
        return maximum_words(judge, check, more, " more");
    case THAW_GATE_WARN_ABOVE:
        return thaw_summary_format(&judge->words, "a warning begins above %s%s",
                                   amount(judge, check, allowed), tolerance_words(judge, check));
    default:
        return thaw_summary_format(&judge->words, "a warning begins above %s more%s",
                                   amount(judge, check, more), tolerance_words(judge, check));
    }
}

/* "1.31 times as before (400.0 ms; 95 % interval 1.22 to 1.41, p = 0.0001)" */
static const char *ratio_words(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                               const struct thaw_gate_held *held)
{
    const struct thaw_gate_time_test *test = &held->test;
    const char *head = amount(judge, check, check->head.median);
    uint64_t parts = whole(test->adjusted * 10000);
    const char *probability = parts
                                  ? thaw_summary_format(&judge->words, "p = %" PRIu64 ".%04" PRIu64,
                                                        parts / 10000, parts % 10000)
                                  : "p < 0.0001";

    if (!test->has_ratio)
        return thaw_summary_format(&judge->words, "%s, before %s (%s)", head,
                                   amount(judge, check, check->before.median), probability);
    return thaw_summary_format(
        &judge->words, "%s, %s%s times what it was (%s; 95 %% interval %s to %s, %s)", head,
        test->by_pairs ? "by pairs of runs " : "", times(judge, test->ratio.middle),
        amount(judge, check, check->before.median), times(judge, test->ratio.low),
        times(judge, test->ratio.high), probability);
}

static const char *increase_words(struct thaw_gate_judge *judge,
                                  const struct thaw_gate_check *check,
                                  const struct thaw_gate_held *held, bool warns)
{
    const char *limit = times(judge, held->test.limit);

    if (!held->tested || !held->test.has_ratio)
        return thaw_summary_format(&judge->words, "%s %s",
                                   warns ? "a warning begins above" : "allowed is at most",
                                   amount(judge, check, held->allowed));
    switch (held->answer) {
    case THAW_GATE_BROKEN:
        return thaw_summary_format(&judge->words, "%s %s times",
                                   warns ? "a warning begins above" : "allowed is at most", limit);
    case THAW_GATE_KEPT:
        if (held->test.ratio.high <= held->test.limit)
            return thaw_summary_format(&judge->words, "allowed is up to %s times", limit);
        return thaw_summary_format(&judge->words,
                                   "it is not shown to be above the %s times that are allowed; "
                                   "what is below %s times can't be told from noise here",
                                   limit, times(judge, held->test.ratio.high));
    case THAW_GATE_UNDECIDED:
        break;
    }
    return thaw_summary_format(&judge->words, "whether that is above %s%s times%s can't be told",
                               warns ? "" : "the ", limit,
                               warns ? ", where a warning begins," : " that are allowed");
}

static const char *median_words(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                                size_t kind)
{
    const struct thaw_gate_held *held = &check->limits[kind];
    const char *limit = limit_words(judge, check, kind);

    if (held->answer != THAW_GATE_UNDECIDED || !check->head.has_interval)
        return limit;
    return thaw_summary_format(&judge->words, "whether it is above %s can't be told",
                               amount(judge, check, held->allowed));
}

static void timed_reason(struct thaw_gate_judge *judge, struct thaw_gate_check *check, size_t kind)
{
    const struct thaw_gate_held *held = &check->limits[kind];
    bool is_increase = kind == THAW_GATE_MAX_INCREASE || kind == THAW_GATE_WARN_INCREASE;
    const char *value = amount(judge, check, check->head.median), *words;

    if (held->tested)
        value = ratio_words(judge, check, held);
    else if (check->head.has_interval)
        value = thaw_summary_format(&judge->words, "%s (95 %% interval %s to %s)", value,
                                    amount(judge, check, check->head.low),
                                    amount(judge, check, check->head.high));
    words = is_increase ? increase_words(judge, check, held, kind == THAW_GATE_WARN_INCREASE)
                        : median_words(judge, check, kind);
    if (held->answer == THAW_GATE_UNDECIDED && held->advice && !held->tested && !held->signs)
        words = thaw_summary_format(&judge->words, "%zu runs are too few to tell",
                                    is_increase &&
                                            check->before.samples.count < check->head.samples.count
                                        ? check->before.samples.count
                                        : check->head.samples.count);
    check->reason =
        thaw_summary_format(&judge->words, "%s: %s; %s%s%s", check->title, value, words,
                            held->answer == THAW_GATE_UNDECIDED && held->advice ? ": " : "",
                            held->answer == THAW_GATE_UNDECIDED && held->advice ? held->advice
                                                                                : "");
}

void thaw_gate_set_reason(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    size_t kind = deciding(check);

    if (kind == THAW_GATE_LIMITS) {
        check->reason = thaw_summary_format(&judge->words, "%s: no limit is given", check->title);
    } else if (check->status == THAW_GATE_STATUS_UNMEASURED) {
        check->reason = thaw_summary_format(&judge->words, "%s: not measured: %s", check->title,
                                            thaw_gate_shown(judge, check->limits[kind].unmeasured));
    } else if (check->metric->class == THAW_GATE_TIMED) {
        timed_reason(judge, check, kind);
    } else {
        check->reason =
            thaw_summary_format(&judge->words, "%s: %s; %s", check->title,
                                change_words(judge, check), limit_words(judge, check, kind));
    }
}
