/* SPDX-License-Identifier: Apache-2.0 */
/* What a trial showed of a suggestion, below it. */
#include <string.h>

#include "report/summary.h"

#define CALLS_MOST 3 /* the rest is in the report */
#define PERCENT 100

static double share(const json_t *shares, const char *key)
{
    return json_number_value(json_object_get(shares, key));
}

/* "functions, bindings the same", by result; "" when none came out so. */
static const char *checks_text(struct thaw_summary *summary, const json_t *proof,
                               const char *result, const char *words)
{
    const json_t *checks = thaw_summary_list(proof, "checks");
    const char *text = "";

    for (size_t i = 0; i < json_array_size(checks); i++) {
        const json_t *check = json_array_get(checks, i);

        if (!strcmp(thaw_summary_text(summary, check, "result"), result))
            text = thaw_summary_format(summary, "%s%s%s", text, *text ? ", " : "",
                                       thaw_summary_text(summary, check, "name"));
    }
    return *text ? thaw_summary_format(summary, "; %s %s", text, words) : "";
}

static const char *calls_text(struct thaw_summary *summary, const json_t *proof)
{
    const json_t *calls = thaw_summary_list(proof, "calls");
    const char *text = "";

    for (size_t i = 0; i < json_array_size(calls) && i < CALLS_MOST; i++) {
        const json_t *call = json_array_get(calls, i);

        text = thaw_summary_format(summary, "%s%s %s() pays %s", text, i ? "," : "; first call of",
                                   thaw_summary_text(summary, call, "function"),
                                   thaw_summary_duration(summary, thaw_summary_number(call, "ns")));
    }
    return text;
}

static const char *proved_text(struct thaw_summary *summary, const json_t *proof)
{
    const json_t *shares = json_object_get(proof, "share");
    double original_ns = (double)thaw_summary_number(proof, "original_ns");
    double saved_ns = share(shares, "middle") * original_ns;

    return thaw_summary_format(
        summary,
        "Proved by %llu pairs: %.0f %% to %.0f %% of the app's import "
        "(CPU), %s%s%s%s.",
        (unsigned long long)thaw_summary_number(proof, "pairs"), share(shares, "low") * PERCENT,
        share(shares, "high") * PERCENT,
        thaw_summary_duration(summary, saved_ns > 0 ? (uint64_t)saved_ns : 0),
        checks_text(summary, proof, "same", "the same"),
        checks_text(summary, proof, "not checked", "not checked"), calls_text(summary, proof));
}

void thaw_summary_proof(struct thaw_summary *summary, const json_t *finding)
{
    const json_t *proof = json_object_get(finding, "proof");
    const char *verdict = thaw_summary_text(summary, proof, "verdict");
    const char *reason = thaw_summary_text(summary, proof, "reason");

    if (!strcmp(verdict, "proved"))
        thaw_summary_paragraph(summary, THAW_STYLE_GOOD, "  ", proved_text(summary, proof));
    else if (!strcmp(verdict, "refuted"))
        thaw_summary_paragraph(
            summary, THAW_STYLE_BAD, "  ",
            thaw_summary_format(summary, "Refuted by a trial, so don't follow it: %s.", reason));
    else if (*verdict)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "  ",
                               thaw_summary_format(summary, "A trial was inconclusive: %s.",
                                                   reason));
}
