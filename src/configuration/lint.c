/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "configuration/members.h"
#include "lint/check.h"
#include "lint/lint.h"

/* "lint": how `thaw lint` checks. */

static int take_one_of(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       const char *const *words, void *place)
{
    unsigned chosen;
    int code = thaw_members_word(reading, value, words, &chosen);

    if (!code)
        memcpy(place, &words[chosen], sizeof(words[chosen]));
    return code;
}

static int take_fail_on(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        void *place)
{
    return take_one_of(reading, value, thaw_lint_fail_levels, place);
}

static int take_plan(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                     void *place)
{
    return take_one_of(reading, value, thaw_lint_plan_names, place);
}

static int take_profile(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        void *place)
{
    enum { most = 8 };
    const struct thaw_lint_profile *profiles = thaw_lint_profiles();
    const char *words[most + 1] = {NULL};

    for (size_t i = 0; i < most && profiles[i].name; i++)
        words[i] = profiles[i].name;
    return take_one_of(reading, value, words, place);
}

static int take_python(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                       void *place)
{
    const char *text;
    int code = thaw_members_words(reading, value, &text);

    if (!code && !thaw_lint_is_python_version(text))
        return thaw_members_refuse(reading, value, "%s takes a version such as \"3.12\"",
                                   value->key);
    return code ? code : thaw_members_take_words(reading, value, place);
}

static const char *rule_id(size_t index)
{
    size_t count;
    const struct thaw_lint_rule *const *rules = thaw_lint_rules(&count);

    return index < count ? rules[index]->kind.id : NULL;
}

static int take_id(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                   void *place)
{
    const char *id;
    char meant[80];
    int code = thaw_members_words(reading, value, &id);

    if (code)
        return code;
    if (thaw_lint_rule_find(id))
        return thaw_members_take_words(reading, value, place);
    thaw_members_meant(id, rule_id, meant, sizeof(meant));
    return thaw_members_refuse(reading, value, "there is no rule '%.60s'%s", id,
                               *meant ? meant : "; `thaw explain list` names them");
}

static int take_disable(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                        void *place)
{
    int code = thaw_members_take_list_of_words(reading, value, place);
    const char **list;

    if (code)
        return code;
    memcpy(&list, place, sizeof(list));
    return thaw_members_take_each(reading, value, take_id, list, sizeof(*list));
}

static const struct thaw_member members[] = {
    {"fail_on", offsetof(struct thaw_lint_settings, fail_on), false, take_fail_on},
    {"profile", offsetof(struct thaw_lint_settings, profile), false, take_profile},
    {"plan", offsetof(struct thaw_lint_settings, plan), false, take_plan},
    {"python", offsetof(struct thaw_lint_settings, python), false, take_python},
    {"disable", offsetof(struct thaw_lint_settings, disable), false, take_disable},
    {"settings", offsetof(struct thaw_lint_settings, settings), false,
     thaw_members_take_list_of_words},
    {"templates", offsetof(struct thaw_lint_settings, templates), false,
     thaw_members_take_list_of_words},
    {0},
};

static const struct thaw_member_table table = {
    .members = members,
    .what = "lint",
};

int thaw_configuration_take_lint(struct thaw_member_reading *reading,
                                 const struct thaw_member_value *value, void *place)
{
    struct thaw_configuration *configuration = place;

    return thaw_members_take(reading, &table, value, &configuration->lint);
}
