/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "audit/settings.h"
#include "configuration/members.h"
#include "configuration/quantity.h"

/* "audit": how `thaw audit` runs. What belongs together is checked where the command line has been
 * taken in, too (audit/settings.c). */

#define NS_PER_S 1e9
#define DAY_NS (86400 * NS_PER_S)
#define APPS_MOST 10000
#define IMPORTS_MOST 1000
#define ROWS_MOST 1000000000
#define BATCH_MOST 1000
#define BYTES_LEAST (1 << 20)

/* --- numbers, times and sizes --- */

static int take_count(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                      json_int_t most, json_int_t *ret)
{
    *ret = json_integer_value(value->json);
    if (!json_is_integer(value->json) || *ret < 1 || *ret > most)
        return thaw_members_refuse(reading, value,
                                   "%s must be a whole number from 1 to %" JSON_INTEGER_FORMAT,
                                   value->key, most);
    return 0;
}

static int take_size_number(struct thaw_member_reading *reading,
                            const struct thaw_member_value *value, json_int_t most, void *place)
{
    json_int_t number;
    int code = take_count(reading, value, most, &number);

    if (!code)
        *(size_t *)place = (size_t)number;
    return code;
}

static int take_apps_most(struct thaw_member_reading *reading,
                          const struct thaw_member_value *value, void *place)
{
    return take_size_number(reading, value, APPS_MOST, place);
}

static int take_imports_most(struct thaw_member_reading *reading,
                             const struct thaw_member_value *value, void *place)
{
    return take_size_number(reading, value, IMPORTS_MOST, place);
}

static int take_batch(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                      void *place)
{
    return take_size_number(reading, value, BATCH_MOST, place);
}

static int take_rows(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                     void *place)
{
    json_int_t number;
    int code = take_count(reading, value, ROWS_MOST, &number);

    if (!code)
        *(uint64_t *)place = (uint64_t)number;
    return code;
}

static int take_time(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                     uint64_t least_ns, uint64_t *ret)
{
    const char *text = json_string_value(value->json);
    double ns;

    if (!text || !thaw_quantity_parse(text, THAW_GATE_NS, &ns))
        return thaw_members_refuse(reading, value, "%s takes %s", value->key,
                                   thaw_quantity_forms(THAW_GATE_NS));
    if (ns < (double)least_ns || ns > DAY_NS)
        return thaw_members_refuse(reading, value, "%s is too %s", value->key,
                                   ns > DAY_NS ? "long: a day at most" : "short");
    *ret = (uint64_t)ns;
    return 0;
}

static int take_any_time(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                         void *place)
{
    return take_time(reading, value, 0, place);
}

static int take_seconds(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        void *place)
{
    return take_time(reading, value, (uint64_t)NS_PER_S, place);
}

static int take_wait(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                     void *place)
{
    return take_time(reading, value, (uint64_t)(NS_PER_S / 10), place);
}

static int take_bytes(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                      double *ret)
{
    const char *text = json_string_value(value->json);
    double bytes = (double)json_integer_value(value->json);

    if (!json_is_integer(value->json) &&
        (!text || !thaw_quantity_parse(text, THAW_GATE_BYTES, &bytes)))
        return thaw_members_refuse(reading, value, "%s takes %s", value->key,
                                   thaw_quantity_forms(THAW_GATE_BYTES));
    if (bytes < BYTES_LEAST || bytes > THAW_QUANTITY_MAX)
        return thaw_members_refuse(reading, value, "%s must be 1MiB at least", value->key);
    *ret = bytes;
    return 0;
}

static int take_file_bytes(struct thaw_member_reading *reading,
                           const struct thaw_member_value *value, void *place)
{
    double bytes = 0;
    int code = take_bytes(reading, value, &bytes);

    if (!code)
        *(uint64_t *)place = (uint64_t)bytes;
    return code;
}

static int take_queue_bytes(struct thaw_member_reading *reading,
                            const struct thaw_member_value *value, void *place)
{
    double bytes = 0;
    int code = take_bytes(reading, value, &bytes);

    if (!code)
        *(size_t *)place = (size_t)bytes;
    return code;
}

/* --- words --- */

static int take_starts(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       void *place)
{
    static const char *const words[] = {"platforms", "all", NULL};
    unsigned chosen;
    int code = thaw_members_word(reading, value, words, &chosen);

    if (!code)
        *(enum thaw_starts_of *)place = chosen ? THAW_STARTS_OF_ALL : THAW_STARTS_OF_PLATFORMS;
    return code;
}

static int take_on_loss(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        void *place)
{
    unsigned chosen;
    int code = thaw_members_word(reading, value, thaw_on_loss_names, &chosen);

    if (!code)
        *(enum thaw_on_loss *)place = (enum thaw_on_loss)chosen;
    return code;
}

static int take_redacted(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                         void *place)
{
    unsigned chosen, *redact = place;
    int code = thaw_members_word(reading, value, thaw_redaction_names, &chosen);

    if (!code)
        *redact |= 1u << chosen;
    return code;
}

static int take_redact(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       void *place)
{
    int code = thaw_members_check_list(reading, value);

    return code ? code : thaw_members_take_each(reading, value, take_redacted, place, 0);
}

/* --- objects --- */

static int take_split(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                      void *place)
{
    static const struct thaw_member members[] = {
        {"for", offsetof(struct thaw_audit_settings, split_ns), true, take_seconds},
        {"every", offsetof(struct thaw_audit_settings, split_every_ns), true, take_seconds},
        {0},
    };
    static const struct thaw_member_table table = {.members = members, .what = "split"};

    return thaw_members_take(reading, &table, value, place);
}

static int check_rule(struct thaw_member_reading *reading, const struct thaw_member_value *object,
                      void *made)
{
    const struct thaw_naming_rule *rule = made;

    if (!rule->control_group && !rule->host_name && !rule->unit && !rule->directory)
        return thaw_members_refuse(reading, object,
                                   "a rule of apps says by what they are told: control_group, "
                                   "host_name, unit or directory");
    return 0;
}

static int take_apps(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                     void *place)
{
    static const struct thaw_member members[] = {
        {"name", offsetof(struct thaw_naming_rule, app), true, thaw_members_take_words},
        {"control_group", offsetof(struct thaw_naming_rule, control_group), false,
         thaw_members_take_words},
        {"host_name", offsetof(struct thaw_naming_rule, host_name), false, thaw_members_take_words},
        {"unit", offsetof(struct thaw_naming_rule, unit), false, thaw_members_take_words},
        {"directory", offsetof(struct thaw_naming_rule, directory), false, thaw_members_take_words},
        {0},
    };
    static const struct thaw_member_table table = {
        .members = members,
        .what = "a rule of apps",
        .size = sizeof(struct thaw_naming_rule),
        .check = check_rule,
    };
    struct thaw_naming_settings *naming = place;
    void *rules = NULL;
    int code = thaw_members_take_list(reading, &table, value, &rules, &naming->rule_count);

    naming->rules = rules;
    return code;
}

static int take_keep(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                     void *place)
{
    static const struct thaw_member members[] = {
        {"starts", offsetof(struct thaw_starts_bounds, starts), false, take_rows},
        {"arrivals", offsetof(struct thaw_starts_bounds, arrivals), false, take_rows},
        {"bytes", offsetof(struct thaw_starts_bounds, bytes), false, take_file_bytes},
        {0},
    };
    static const struct thaw_member_table table = {.members = members, .what = "keep"};

    return thaw_members_take(reading, &table, value, place);
}

static int take_tell_apart(struct thaw_member_reading *reading,
                           const struct thaw_member_value *value, void *place)
{
    static const struct thaw_member members[] = {
        {"apps", offsetof(struct thaw_tally_limits, apps), false, take_apps_most},
        {"imports", offsetof(struct thaw_tally_limits, imports), false, take_imports_most},
        {0},
    };
    static const struct thaw_member_table table = {.members = members, .what = "tell_apart"};

    return thaw_members_take(reading, &table, value, place);
}

#define DELIVERY(member) offsetof(struct thaw_audit_settings, delivery.member)

static int check_deliver(struct thaw_member_reading *reading,
                         const struct thaw_member_value *object, void *made)
{
    const struct thaw_audit_settings *settings = made;

    if (settings->delivery.backoff_least_ns > settings->delivery.backoff_most_ns)
        return thaw_members_refuse(reading, object, "backoff_least is above backoff_most");
    return 0;
}

static int take_deliver(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        void *place)
{
    static const struct thaw_member members[] = {
        {"url", DELIVERY(url), true, thaw_members_take_words},
        {"headers_file", offsetof(struct thaw_audit_settings, headers_file), false,
         thaw_members_take_words},
        {"certificates", DELIVERY(certificates), false, thaw_members_take_words},
        {"batch", DELIVERY(batch), false, take_batch},
        {"timeout", DELIVERY(timeout_ns), false, take_wait},
        {"backoff_least", DELIVERY(backoff_least_ns), false, take_wait},
        {"backoff_most", DELIVERY(backoff_most_ns), false, take_wait},
        {"queue", DELIVERY(queue_bytes), false, take_queue_bytes},
        {"metrics_every", offsetof(struct thaw_audit_settings, metrics_every_ns), false,
         take_seconds},
        {0},
    };
    static const struct thaw_member_table table = {.members = members,
                                                   .what = "deliver",
                                                   .check = check_deliver};

    return thaw_members_take(reading, &table, value, place);
}

#define SETTING(member) offsetof(struct thaw_audit_settings, member)

static const struct thaw_member members[] = {
    {"store", SETTING(store), false, thaw_members_take_words},
    {"listen", SETTING(listen), false, thaw_members_take_words},
    {"node", SETTING(node), false, thaw_members_take_words},
    {"platform", SETTING(platform), false, thaw_members_take_words},
    {"starts", SETTING(starts), false, take_starts},
    {"pythons", SETTING(pythons), false, thaw_members_take_list_of_words},
    {"user", SETTING(user), false, thaw_members_take_words},
    {"on_loss", SETTING(on_loss), false, take_on_loss},
    {"split", 0, false, take_split},
    {"imports", SETTING(imports), false, take_imports_most},
    {"imports_from", SETTING(import_least_ns), false, take_any_time},
    {"apps", SETTING(naming), false, take_apps},
    {"redact", SETTING(naming.redact), false, take_redact},
    {"key_file", SETTING(key_file), false, thaw_members_take_words},
    {"keep", SETTING(bounds), false, take_keep},
    {"tell_apart", SETTING(tally), false, take_tell_apart},
    {"deliver", 0, false, take_deliver},
    {0},
};

static const struct thaw_member_table table = {
    .members = members,
    .what = "audit",
};

int thaw_configuration_take_audit(struct thaw_member_reading *reading,
                                  const struct thaw_member_value *value, void *place)
{
    struct thaw_configuration *configuration = place;

    return thaw_members_take(reading, &table, value, &configuration->audit);
}
