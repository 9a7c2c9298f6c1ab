/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_shipped.h"

/* Version of what is installed under a requirement's name, "" nothing. */
static const char *installed_version(const struct thaw_shipped *shipped, uint32_t distribution)
{
    return distribution < shipped->distribution_count ? shipped->distributions[distribution].version
                                                      : "";
}

static void set_requirement(struct thaw_values *values, json_t *object,
                            const struct thaw_shipped_requirement *requirement)
{
    thaw_values_set_text(values, object, "text", requirement->text);
    thaw_values_set_name(values, object, "name", requirement->unreadable ? "" : requirement->name);
    thaw_values_set_boolean(values, object, "applies", requirement->applies);
    thaw_values_set_boolean(values, object, "unreadable", requirement->unreadable);
}

static void set_answer(struct thaw_values *values, json_t *object,
                       const struct thaw_shipped *shipped,
                       const struct thaw_shipped_requirement *requirement)
{
    thaw_values_set_name(values, object, "installed",
                         installed_version(shipped, requirement->distribution));
    thaw_values_set_boolean(values, object, "satisfied", requirement->satisfied);
}

json_t *thaw_json_requirements(struct thaw_values *values, const struct thaw_shipped *shipped,
                               const struct thaw_shipped_distribution *distribution)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < distribution->require_count; i++) {
        const struct thaw_shipped_requirement *requirement = &distribution->requires[i];
        json_t *object = thaw_values_object(values);

        set_requirement(values, object, requirement);
        thaw_values_set_name(values, object, "extra", requirement->extra);
        set_answer(values, object, shipped, requirement);
        thaw_values_append(values, array, object);
    }
    return array;
}

json_t *thaw_json_requests(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < shipped->request_count; i++) {
        const struct thaw_shipped_request *request = &shipped->requests[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "file", request->file);
        thaw_values_set_number(values, object, "line", request->line);
        set_requirement(values, object, &request->requirement);
        thaw_values_set_boolean(values, object, "constraint", request->is_constraint);
        thaw_values_set_boolean(values, object, "pinned", request->is_pinned);
        thaw_values_set_boolean(values, object, "hashed", request->is_hashed);
        set_answer(values, object, shipped, &request->requirement);
        thaw_values_append(values, array, object);
    }
    return array;
}

json_t *thaw_json_conflicts(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < shipped->conflict_count; i++) {
        const struct thaw_shipped_conflict *conflict = &shipped->conflicts[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "kind", thaw_conflict_kind_name(conflict->kind));
        thaw_values_set_name(values, object, "distribution",
                             thaw_json_owner(shipped, conflict->distribution));
        thaw_values_set_name(values, object, "other", thaw_json_owner(shipped, conflict->other));
        thaw_values_set_name(values, object, "installed",
                             conflict->other < shipped->distribution_count
                                 ? shipped->distributions[conflict->other].version
                                 : "");
        thaw_values_set_text(values, object, "what", conflict->what);
        thaw_values_set_name(values, object, "where", conflict->where);
        thaw_values_append(values, array, object);
    }
    return array;
}

json_t *thaw_json_foreign(struct thaw_values *values, const struct thaw_shipped *shipped)
{
    json_t *array = thaw_values_array(values);

    for (size_t i = 0; i < shipped->foreign_count; i++) {
        const struct thaw_shipped_foreign *foreign = &shipped->foreign[i];
        json_t *object = thaw_values_object(values);

        thaw_values_set_text(values, object, "path", foreign->path);
        thaw_values_set_name(values, object, "distribution",
                             thaw_json_owner(shipped, foreign->distribution));
        thaw_values_set_text(values, object, "why", foreign->why);
        thaw_values_append(values, array, object);
    }
    return array;
}
