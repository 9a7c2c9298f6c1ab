/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "gate/gate_parts.h"
#include "gate/readers.h"
#include "report/keys.h"

/*
 * A forbidden module. What was imported in any run was imported, also in one that failed or is
 * incomplete; that it was not imported is told by runs alone that have all of their imports.
 */

static struct thaw_budget_part part_of(const struct thaw_forbidden *forbidden)
{
    return (struct thaw_budget_part){forbidden->module, forbidden->distribution, ""};
}

/* Was it imported, or begun to be, and before the first reply? */
static bool is_imported(const struct thaw_summary *summary, const json_t *module)
{
    const char *status = thaw_key_string(module, "status");

    return (!strcmp(status, "loaded") || !strcmp(status, "unfinished")) &&
           thaw_summary_is_counted(summary, module);
}

static bool is_allowed(struct thaw_gate_judge *judge, const json_t *module,
                       const struct thaw_allowance **ret)
{
    const struct thaw_allowance *allowance = thaw_gate_allows_module(judge, module);

    *ret = allowance ? allowance : *ret;
    return allowance && !thaw_gate_is_expired(judge, allowance);
}

/* How many modules of a run are forbidden and not allowed; *ret_allowed: what is about one of
 * them. */
static size_t count_forbidden(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                              const json_t *report, const struct thaw_allowance **ret_allowed)
{
    const struct thaw_budget_part part = part_of(check->forbidden);
    struct thaw_gate_matcher matcher;
    struct thaw_summary summary;
    const json_t *module;
    size_t count = 0, i;

    thaw_summary_begin(&summary, report, NULL, NULL);
    thaw_gate_matcher_begin(&matcher, &part);
    json_array_foreach(json_object_get(report, "modules"), i, module)
    {
        count += thaw_gate_matches_module(&matcher, module) && is_imported(&summary, module) &&
                 !is_allowed(judge, module, ret_allowed);
    }
    judge->words.failed |= !thaw_gate_matcher_end(&matcher);
    return count;
}

/* Those that no other one of them imported. */
static void list_forbidden(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    const struct thaw_budget_part part = part_of(check->forbidden);
    struct thaw_gate_offender *offenders = calloc(judge->tree.count + 1, sizeof(*offenders));
    const struct thaw_allowance *allowance = NULL;
    struct thaw_gate_matcher matcher;
    size_t count = 0, i = 0;

    judge->words.failed |= !offenders;
    thaw_gate_matcher_begin(&matcher, &part);
    while (offenders && i < judge->tree.count) {
        const json_t *module = judge->tree.nodes[i].module;

        if (!thaw_gate_matches_module(&matcher, module) ||
            !is_imported(&judge->run_summary, module) || is_allowed(judge, module, &allowance)) {
            i++;
            continue;
        }
        offenders[count++] = (struct thaw_gate_offender){
            .kind = "module",
            .name = thaw_key_raw(thaw_gate_arena(judge), module, "name"),
            .version = "",
            .what = "imported",
            .node = i,
        };
        judge->words.failed |= !offenders[count - 1].name;
        i = judge->tree.nodes[i].end;
    }
    judge->words.failed |= !thaw_gate_matcher_end(&matcher);
    if (!thaw_gate_failed(judge))
        thaw_gate_list_offenders(judge, check, offenders, count);
    free(offenders);
}

/* Does the run have all imports, and tell of the part? */
static bool tells(struct thaw_gate_judge *judge, const struct thaw_gate_check *check,
                  const json_t *report, const char **ret_why)
{
    const struct thaw_gate_metric *modules = thaw_gate_metric_find("modules");
    const struct thaw_budget_part part = part_of(check->forbidden);
    const struct thaw_gate_reading reading = {report, &part, thaw_gate_arena(judge)};
    double count;

    if (modules->read(&reading, &count, ret_why))
        return true;
    judge->words.failed |= !*ret_why;
    return false;
}

/* runs: in so many of all; further ones were made to count system calls. */
static void set_imported(struct thaw_gate_judge *judge, struct thaw_gate_check *check, size_t runs,
                         size_t all)
{
    const struct thaw_forbidden *forbidden = check->forbidden;
    const char *name = *forbidden->module ? forbidden->module : forbidden->distribution;
    const json_t *first = json_array_get(check->offenders, 0);
    const char *chain = thaw_key_string(first, "chain"), *many = "";

    if (all > 1 && runs)
        many = runs == all ? thaw_summary_format(&judge->words, ", in all %zu runs", all)
                           : thaw_summary_format(&judge->words, ", in %zu of %zu runs", runs, all);
    check->status = forbidden->warning ? THAW_GATE_STATUS_WARN : THAW_GATE_STATUS_FAIL;
    check->reason =
        thaw_summary_format(&judge->words, "%s is imported before the first reply%s%s%s%s%s",
                            thaw_gate_shown(judge, name), many, *chain ? ": " : "", chain,
                            *forbidden->reason ? "; it may not be: " : "",
                            thaw_gate_shown(judge, forbidden->reason));
}

void thaw_gate_hold_forbidden(struct thaw_gate_judge *judge, struct thaw_gate_check *check)
{
    const struct thaw_gate_input *input = judge->head.input;
    const struct thaw_allowance *allowance = NULL;
    const char *why = "no cold start was recorded";
    size_t with = 0, all = 0, telling = 0;
    const json_t *first = NULL;

    check->counts = true;
    for (size_t i = 0; i < input->run_count && !thaw_gate_failed(judge); i++) {
        const char *untold = NULL;

        bool counts = thaw_summary_is(json_object_get(input->runs[i].report, "run"), "counting");

        all += !counts;
        if (count_forbidden(judge, check, input->runs[i].report, &allowance)) {
            first = first ? first : input->runs[i].report;
            with += !counts;
        }
        if (tells(judge, check, input->runs[i].report, &untold))
            telling++;
        else if (!telling && untold)
            why = untold;
    }
    if (!first || (allowance && thaw_gate_is_expired(judge, allowance)))
        check->allowance = allowance;
    if (first) {
        thaw_gate_use_run(judge, first);
        list_forbidden(judge, check);
        set_imported(judge, check, with, all);
        return;
    }
    if (!telling) {
        check->status = THAW_GATE_STATUS_UNMEASURED;
        check->counts =
            !check->forbidden->warning && !judge->question->budgets->settings.unmeasured_is_warning;
        check->reason = thaw_summary_format(&judge->words, "%s: not measured: %s", check->title,
                                            thaw_gate_shown(judge, why));
        return;
    }
    check->status = allowance ? THAW_GATE_STATUS_ALLOWED : THAW_GATE_STATUS_PASS;
    check->counts = !allowance;
    check->reason =
        allowance ? thaw_summary_format(&judge->words, "%s: it is, but that is allowed: %s",
                                        check->title, thaw_gate_shown(judge, allowance->reason))
                  : check->title;
}
