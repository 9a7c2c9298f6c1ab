/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "configuration/members.h"
#include "configuration/quantity.h"
#include "packaging/name.h"

/* "budgets", "forbidden", "allowed". */

static const char *metric_name(size_t index)
{
    size_t count;
    const struct thaw_gate_metric *metrics = thaw_gate_metrics(&count);

    return index < count ? metrics[index].name : NULL;
}

static int take_metric(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       void *place)
{
    const struct thaw_gate_metric *metric;
    const char *name;
    char meant[80];
    int code = thaw_members_words(reading, value, &name);

    if (code)
        return code;
    metric = thaw_gate_metric_find(name);
    if (!metric)
        return thaw_members_refuse(reading, value, "there is no metric '%.60s'%s", name,
                                   *thaw_members_meant(name, metric_name, meant, sizeof(meant))
                                       ? meant
                                       : "; `thaw schema configuration` describes them");
    memcpy(place, &metric->name, sizeof(metric->name));
    return 0;
}

static struct thaw_budget_place place_of(const struct thaw_member_reading *reading,
                                         const struct thaw_member_value *object)
{
    struct thaw_json_place place = thaw_json_positions_place(&reading->positions, object->at);

    return (struct thaw_budget_place){place.line, place.column};
}

/* --- parts ------------------------------------------------------------------------------------ */

struct part {
    const char *key;
    size_t offset; /* in struct thaw_budget_part */
    unsigned by;
};

static const struct part parts[] = {
    {"module", offsetof(struct thaw_budget_part, module), THAW_GATE_BY_MODULE},
    {"distribution", offsetof(struct thaw_budget_part, distribution), THAW_GATE_BY_DISTRIBUTION},
    {"phase", offsetof(struct thaw_budget_part, phase), THAW_GATE_BY_PHASE},
};

enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static const char *text_of(const struct thaw_budget_part *part, const struct part *row)
{
    const char *text;

    memcpy(&text, (const char *)part + row->offset, sizeof(text));
    return text;
}

/* A part of what by has; exactly one of it where one is needed, else one at most. */
static int check_part(struct thaw_member_reading *reading, const struct thaw_member_value *object,
                      const struct thaw_budget_part *part, const char *what, unsigned by)
{
    const struct part *given = NULL;

    for (size_t i = 0; i < PARTS; i++) {
        if (!*text_of(part, &parts[i]))
            continue;
        if (!(parts[i].by & by))
            return thaw_members_refuse_member(reading, object, parts[i].key,
                                              "%s can't be told by %s", what, parts[i].key);
        if (given)
            return thaw_members_refuse_member(reading, object, parts[i].key,
                                              "%s and %s don't go together: one of them is enough",
                                              given->key, parts[i].key);
        given = &parts[i];
    }
    if (!given && by & THAW_GATE_BY_PHASE)
        return thaw_members_refuse(reading, object, "phase is missing: %s is of one", what);
    return 0;
}

static int check_metrics_part(struct thaw_member_reading *reading,
                              const struct thaw_member_value *object, const char *metric,
                              const struct thaw_budget_part *part)
{
    return check_part(reading, object, part, metric, thaw_gate_metric_find(metric)->parts);
}

static int check_modules_part(struct thaw_member_reading *reading,
                              const struct thaw_member_value *object,
                              const struct thaw_budget_part *part)
{
    if (!*part->module && !*part->distribution && !*part->phase)
        return thaw_members_refuse(reading, object, "module is missing, or distribution");
    return check_part(reading, object, part, "what is forbidden",
                      THAW_GATE_BY_MODULE | THAW_GATE_BY_DISTRIBUTION);
}

/* --- limits ----------------------------------------------------------------------------------- */

static const char *shown(const json_t *value, char *buffer, size_t size)
{
    static const char *const types[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };

    if (json_is_string(value))
        snprintf(buffer, size, "\"%.40s\"", json_string_value(value));
    else if (json_is_number(value))
        snprintf(buffer, size, "%.17g", json_number_value(value));
    else
        snprintf(buffer, size, "%s", types[json_typeof(value)]);
    return buffer;
}

static bool is_below_zero(const json_t *value)
{
    const char *text = json_string_value(value);

    return text ? *text == '-' && text[1] >= '0' && text[1] <= '9' : json_number_value(value) < 0;
}

/* A number that stands alone, which has no unit: of times, which one would be anybody's guess. */
static bool plain(const json_t *value, enum thaw_gate_unit unit, double *ret)
{
    *ret = json_number_value(value);
    return unit != THAW_GATE_NS && json_is_number(value) && *ret == floor(*ret) &&
           *ret <= THAW_QUANTITY_MAX;
}

static int take_quantity(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                         const struct thaw_budget *budget, bool increase,
                         struct thaw_budget_limit *limit)
{
    enum thaw_gate_unit unit = thaw_gate_metric_find(budget->metric)->unit;
    const char *text = json_string_value(value->json);
    char buffer[64];

    if (is_below_zero(value->json))
        return thaw_members_refuse(reading, value, "%s is below 0%s", value->key,
                                   increase ? ": it says how much more is allowed" : "");
    limit->given = true;
    if (text && thaw_quantity_share(text, &limit->value)) {
        limit->share = true;
        if (increase)
            return 0;
        return thaw_members_refuse(reading, value,
                                   "%s takes no share: it is max_increase and "
                                   "warn_increase that do",
                                   value->key);
    }
    if (text ? thaw_quantity_parse(text, unit, &limit->value)
             : plain(value->json, unit, &limit->value))
        return 0;
    return thaw_members_refuse(reading, value, "%s of %s takes %s%s, not %s", value->key,
                               budget->metric, thaw_quantity_forms(unit),
                               increase ? " or a share (\"5%\")" : "",
                               shown(value->json, buffer, sizeof(buffer)));
}

#define TAKE_LIMIT(name, increase)                                                                 \
    static int take_##name(struct thaw_member_reading *reading,                                    \
                           const struct thaw_member_value *value, void *place)                     \
    {                                                                                              \
        struct thaw_budget *budget = place;                                                        \
                                                                                                   \
        return take_quantity(reading, value, budget, increase, &budget->name);                     \
    }

TAKE_LIMIT(max, false)
TAKE_LIMIT(warn, false)
TAKE_LIMIT(max_increase, true)
TAKE_LIMIT(warn_increase, true)

static int check_order(struct thaw_member_reading *reading, const struct thaw_member_value *object,
                       const struct thaw_budget_limit *max, const struct thaw_budget_limit *warn,
                       const char *warn_key, const char *max_key)
{
    if (max->given && warn->given && max->share == warn->share && warn->value > max->value)
        return thaw_members_refuse_member(reading, object, warn_key,
                                          "%s is above %s: it would never warn", warn_key, max_key);
    return 0;
}

/* --- budgets ---------------------------------------------------------------------------------- */

static int check_budget(struct thaw_member_reading *reading, const struct thaw_member_value *object,
                        void *made)
{
    struct thaw_budget *budget = made;
    int code = check_metrics_part(reading, object, budget->metric, &budget->part);

    budget->place = place_of(reading, object);
    if (!code && !budget->max.given && !budget->warn.given && !budget->max_increase.given &&
        !budget->warn_increase.given)
        code = thaw_members_refuse(reading, object,
                                   "a budget needs a limit: max, warn, "
                                   "max_increase or warn_increase");
    if (!code)
        code = check_order(reading, object, &budget->max, &budget->warn, "warn", "max");
    if (!code)
        code = check_order(reading, object, &budget->max_increase, &budget->warn_increase,
                           "warn_increase", "max_increase");
    return code;
}

/* Rows of limits get the whole budget: their unit is that of its metric, which is read first. */
static const struct thaw_member budget_members[] = {
    {"metric", offsetof(struct thaw_budget, metric), true, take_metric},
    {"module", offsetof(struct thaw_budget, part.module), false, thaw_members_take_words},
    {"distribution", offsetof(struct thaw_budget, part.distribution), false,
     thaw_members_take_words},
    {"phase", offsetof(struct thaw_budget, part.phase), false, thaw_members_take_words},
    {"max", 0, false, take_max},
    {"warn", 0, false, take_warn},
    {"max_increase", 0, false, take_max_increase},
    {"warn_increase", 0, false, take_warn_increase},
    {0},
};

static const struct thaw_member_table budget_table = {
    .members = budget_members,
    .what = "a budget",
    .size = sizeof(struct thaw_budget),
    .empty = &(const struct thaw_budget){.metric = "", .part = {"", "", ""}},
    .check = check_budget,
};

static bool same_part(const struct thaw_budget_part *one, const struct thaw_budget_part *other)
{
    return !strcmp(one->module, other->module) && !strcmp(one->phase, other->phase) &&
           thaw_name_is_same(one->distribution, other->distribution);
}

/* Two budgets of the same would be two checks of one name. */
static int check_budgets(struct thaw_member_reading *reading, const struct thaw_member_value *list,
                         const struct thaw_budgets *budgets)
{
    uint32_t at = thaw_json_positions_first(&reading->positions, list->at);

    for (size_t i = 0; i < budgets->budget_count; i++) {
        const struct thaw_budget *again = &budgets->budgets[i];

        for (const struct thaw_budget *one = budgets->budgets; one < again; one++)
            if (!strcmp(one->metric, again->metric) && same_part(&one->part, &again->part))
                return thaw_members_refuse(reading, &(struct thaw_member_value){.at = at},
                                           "there is a budget of the same in line %u already",
                                           one->place.line);
        at = thaw_json_positions_next(&reading->positions, at);
    }
    return 0;
}

int thaw_configuration_take_budgets(struct thaw_member_reading *reading,
                                    const struct thaw_member_value *value, void *place)
{
    struct thaw_budgets *budgets = place;
    void *items;
    int code =
        thaw_members_take_list(reading, &budget_table, value, &items, &budgets->budget_count);

    if (code)
        return code;
    budgets->budgets = items;
    return check_budgets(reading, value, budgets);
}

/* --- forbidden -------------------------------------------------------------------------------- */

static int check_forbidden(struct thaw_member_reading *reading,
                           const struct thaw_member_value *object, void *made)
{
    struct thaw_forbidden *forbidden = made;

    forbidden->place = place_of(reading, object);
    return check_modules_part(reading, object,
                              &(struct thaw_budget_part){forbidden->module, forbidden->distribution,
                                                         ""});
}

static const struct thaw_member forbidden_members[] = {
    {"module", offsetof(struct thaw_forbidden, module), false, thaw_members_take_words},
    {"distribution", offsetof(struct thaw_forbidden, distribution), false, thaw_members_take_words},
    {"reason", offsetof(struct thaw_forbidden, reason), true, thaw_members_take_words},
    {"level", offsetof(struct thaw_forbidden, warning), false, thaw_members_take_level},
    {0},
};

static const struct thaw_member_table forbidden_table = {
    .members = forbidden_members,
    .what = "an entry of forbidden",
    .size = sizeof(struct thaw_forbidden),
    .empty = &(const struct thaw_forbidden){.module = "", .distribution = "", .reason = ""},
    .check = check_forbidden,
};

int thaw_configuration_take_forbidden(struct thaw_member_reading *reading,
                                      const struct thaw_member_value *value, void *place)
{
    struct thaw_budgets *budgets = place;
    void *items;
    int code =
        thaw_members_take_list(reading, &forbidden_table, value, &items, &budgets->forbidden_count);

    if (!code)
        budgets->forbidden = items;
    return code;
}

/* --- allowed ---------------------------------------------------------------------------------- */

static int check_allowance(struct thaw_member_reading *reading,
                           const struct thaw_member_value *object, void *made)
{
    struct thaw_allowance *allowance = made;

    allowance->place = place_of(reading, object);
    return *allowance->metric
               ? check_metrics_part(reading, object, allowance->metric, &allowance->part)
               : check_modules_part(reading, object, &allowance->part);
}

static const struct thaw_member allowed_members[] = {
    {"metric", offsetof(struct thaw_allowance, metric), false, take_metric},
    {"module", offsetof(struct thaw_allowance, part.module), false, thaw_members_take_words},
    {"distribution", offsetof(struct thaw_allowance, part.distribution), false,
     thaw_members_take_words},
    {"phase", offsetof(struct thaw_allowance, part.phase), false, thaw_members_take_words},
    {"reason", offsetof(struct thaw_allowance, reason), true, thaw_members_take_words},
    {"until", offsetof(struct thaw_allowance, until), false, thaw_members_take_day},
    {0},
};

static const struct thaw_member_table allowed_table = {
    .members = allowed_members,
    .what = "an entry of allowed",
    .size = sizeof(struct thaw_allowance),
    .empty = &(
        const struct thaw_allowance){.metric = "", .part = {"", "", ""}, .reason = "", .until = ""},
    .check = check_allowance,
};

int thaw_configuration_take_allowed(struct thaw_member_reading *reading,
                                    const struct thaw_member_value *value, void *place)
{
    struct thaw_budgets *budgets = place;
    void *items;
    int code =
        thaw_members_take_list(reading, &allowed_table, value, &items, &budgets->allowed_count);

    if (!code)
        budgets->allowed = items;
    return code;
}
