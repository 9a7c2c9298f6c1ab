/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "configuration/members.h"
#include "lint/lint.h"

/* "suppress": findings that are not to be told, of a report or of `thaw lint`. */

static const char *finding_id(size_t index)
{
    size_t count;
    const struct thaw_finding_kind *const *kinds = thaw_finding_kinds(&count);
    const struct thaw_lint_rule *const *rules;

    if (index < count)
        return kinds[index]->id;
    index -= count;
    rules = thaw_lint_rules(&count);
    return index < count ? rules[index]->kind.id : NULL;
}

static int take_id(struct thaw_member_reading *reading, const struct thaw_member_value *value,
                   void *place)
{
    const char *id, *known;
    char meant[80];
    int code = thaw_members_words(reading, value, &id);

    if (code)
        return code;
    for (size_t i = 0; (known = finding_id(i)); i++)
        if (!strcmp(known, id))
            return thaw_members_take_text(reading, value, place);
    thaw_members_meant(id, finding_id, meant, sizeof(meant));
    return thaw_members_refuse(reading, value, "there is no finding '%.60s'%s", id,
                               *meant ? meant : "; `thaw explain list` names them");
}

static const struct thaw_member members[] = {
    {"id", offsetof(struct thaw_suppression, id), true, take_id},
    {"reason", offsetof(struct thaw_suppression, reason), true, thaw_members_take_words},
    {"file", offsetof(struct thaw_suppression, file), false, thaw_members_take_text},
    {"module", offsetof(struct thaw_suppression, module), false, thaw_members_take_text},
    {"subject", offsetof(struct thaw_suppression, subject), false, thaw_members_take_text},
    {"until", offsetof(struct thaw_suppression, until), false, thaw_members_take_day},
    {0},
};

static const struct thaw_member_table table = {
    .members = members,
    .what = "an entry of suppress",
    .size = sizeof(struct thaw_suppression),
    .empty = &(const struct thaw_suppression){"", "", "", "", "", ""},
};

int thaw_configuration_take_suppress(struct thaw_member_reading *reading,
                                     const struct thaw_member_value *value, void *place)
{
    struct thaw_configuration *configuration = place;
    void *items;
    int code = thaw_members_take_list(reading, &table, value, &items, &configuration->count);

    if (!code)
        configuration->suppressions = items;
    return code;
}
