/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "project/settings/setting_reading.h"

/*
 * local.settings.json: what Core Tools give the app on a developer's machine.
 * https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file,
 * read 2026-11-29.
 */

#define WRITE_AN_OBJECT "write an object there: {\"name\": value}"

static int complain(struct thaw_setting_reading *reading, uint32_t at, const char *key,
                    const char *type, const char *fix)
{
    struct thaw_project_place place = thaw_document_place(reading->document, at);

    return thaw_project_complain_to_do(reading->project, THAW_PROBLEM_TYPE, &place, fix,
                                       "%s has to be %s: it was passed over", key, type);
}

/* Each is a text, or {"ConnectionString": …, "ProviderName": …}. To the app it is a setting of this
 * name. */
static int take_connection(struct thaw_setting_reading *reading, const struct thaw_members *member)
{
    const char *name =
        thaw_arena_format(&reading->project->memory->arena, "ConnectionStrings:%s", member->key);
    const json_t *value = member->value;
    uint32_t at;

    if (!name)
        return -ENOMEM;
    if (json_is_object(value))
        value = thaw_member_of(reading->document, value, member->at, "ConnectionString", &at);
    return thaw_setting_take(reading, name, value, member->at);
}

static int take_connections(struct thaw_setting_reading *reading, const json_t *object, uint32_t at)
{
    struct thaw_members members = thaw_members_of(reading->document, object, at);
    int code = 0;

    while (!code && !reading->is_cut && thaw_members_next(&members))
        code = take_connection(reading, &members);
    return code;
}

static int take_root(struct thaw_setting_reading *reading, const json_t *root)
{
    const struct thaw_project_document *document = reading->document;
    uint32_t encrypted_at, values_at, host_at, connections_at;
    const json_t *encrypted = thaw_member_of(document, root, 0, "IsEncrypted", &encrypted_at);
    const json_t *values = thaw_member_of(document, root, 0, "Values", &values_at);
    const json_t *host = thaw_member_of(document, root, 0, "Host", &host_at);
    const json_t *connections =
        thaw_member_of(document, root, 0, "ConnectionStrings", &connections_at);
    int code = 0;

    reading->is_encrypted = json_is_true(encrypted);
    if (encrypted && !json_is_boolean(encrypted))
        code = complain(reading, encrypted_at, "IsEncrypted", "true or false",
                        "write true or false, without quotes");
    if (!code && host && !json_is_object(host))
        code = complain(reading, host_at, "Host", "an object", WRITE_AN_OBJECT);
    if (!code && values)
        code = json_is_object(values) ? thaw_setting_take_members(reading, values, values_at)
                                      : complain(reading, values_at, "Values",
                                                 "an object of names and texts", WRITE_AN_OBJECT);
    if (!code && connections)
        code = json_is_object(connections) ? take_connections(reading, connections, connections_at)
                                           : complain(reading, connections_at, "ConnectionStrings",
                                                      "an object", WRITE_AN_OBJECT);
    return code;
}

int thaw_read_local_settings(struct thaw_project *project, const struct thaw_project_input *input)
{
    struct thaw_project_document *document;
    int code = thaw_document_read_object(project, input, &document);

    if (code || !document)
        return code;
    code = take_root(&(struct thaw_setting_reading){.project = project,
                                                    .document = document,
                                                    .origin = THAW_SETTING_LOCAL,
                                                    .resource = ""},
                     document->root);
    thaw_document_free(document);
    return code;
}
