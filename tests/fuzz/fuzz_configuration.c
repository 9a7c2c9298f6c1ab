/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "configuration/configuration.h"
#include "gate/metrics.h"

/* Any bytes as a user's thaw.json: it is refused in one line, or all of its entries are whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds)
{
    if (!holds)
        abort();
}

static int is_known(const char *id)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);

    for (size_t i = 0; i < count; i++)
        if (!strcmp(kinds[i]->id, id))
            return 1;
    return 0;
}

static void check_place(const struct thaw_budget_place *place)
{
    demand(place->line && place->column);
}

/* Returns how many there are. */
static int check_part(const struct thaw_budget_part *part, unsigned by)
{
    demand(!*part->module || by & THAW_GATE_BY_MODULE);
    demand(!*part->distribution || by & THAW_GATE_BY_DISTRIBUTION);
    demand(!*part->phase == !(by & THAW_GATE_BY_PHASE));
    return !!*part->module + !!*part->distribution + !!*part->phase;
}

static void check_limits(const struct thaw_budget_limit *max, const struct thaw_budget_limit *warn)
{
    const struct thaw_budget_limit *limits[] = {max, warn};

    for (int i = 0; i < 2; i++) {
        demand(isfinite(limits[i]->value) && limits[i]->value >= 0);
        demand(limits[i]->share || limits[i]->value == floor(limits[i]->value));
    }
    if (max->given && warn->given && max->share == warn->share)
        demand(warn->value <= max->value);
}

static void check_budgets(const struct thaw_budgets *budgets)
{
    const struct thaw_gate_settings *settings = &budgets->settings;

    for (size_t i = 0; i < budgets->budget_count; i++) {
        const struct thaw_budget *one = &budgets->budgets[i];
        const struct thaw_gate_metric *metric = thaw_gate_metric_find(one->metric);

        check_place(&one->place);
        demand(metric != NULL && check_part(&one->part, metric->parts) <= 1);
        demand(one->max.given || one->warn.given || one->max_increase.given ||
               one->warn_increase.given);
        demand(!one->max.share && !one->warn.share);
        check_limits(&one->max, &one->warn);
        check_limits(&one->max_increase, &one->warn_increase);
    }
    for (size_t i = 0; i < budgets->forbidden_count; i++) {
        const struct thaw_forbidden *one = &budgets->forbidden[i];

        check_place(&one->place);
        demand(!*one->module != !*one->distribution && *one->reason);
    }
    for (size_t i = 0; i < budgets->allowed_count; i++) {
        const struct thaw_allowance *one = &budgets->allowed[i];
        unsigned by = *one->metric ? thaw_gate_metric_find(one->metric)->parts
                                   : THAW_GATE_BY_MODULE | THAW_GATE_BY_DISTRIBUTION;
        int parts = check_part(&one->part, by);

        check_place(&one->place);
        demand(parts <= 1 && (parts || *one->metric) && *one->reason);
        demand(!*one->until || strlen(one->until) == 10);
    }
    demand(settings->target && settings->baseline);
    demand(settings->runs <= 1000 && settings->warmup <= 1000);
    demand(settings->across < 1u << THAW_GATE_KEY_PARTS);
    demand(!settings->command || *settings->command[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thaw_configuration configuration = {0};
    struct thaw_error error = {0};
    int code =
        thaw_configuration_parse((const char *)data, size, "thaw.json", &configuration, &error);

    demand(!code || (code == -EINVAL && !strncmp(error.message, "thaw.json:", 10) &&
                     error.message[10] >= '1' && error.message[10] <= '9'));
    if (!code)
        check_budgets(&configuration.budgets);
    for (size_t i = 0; !code && i < configuration.count; i++) {
        const struct thaw_suppression *one = &configuration.suppressions[i];

        demand(is_known(one->id) && *one->reason && one->file && one->module);
        demand(!*one->until || strlen(one->until) == 10);
    }
    thaw_configuration_free(&configuration);
    return 0;
}
