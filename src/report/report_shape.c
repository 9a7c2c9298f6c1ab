/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/report_shape.h"

/* Objects of a report, named after the schema's definitions. */
enum shape {
    REPORT,
    TOOL,
    RUN,
    TARGET,
    PYTHON,
    TOTALS,
    KINDS,
    AMOUNT,
    FOLDER,
    DISTRIBUTION,
    LIBRARY,
    NEEDED,
    REQUEST,
    CONFLICT,
    FOREIGN,
    DUPLICATE,
    FAULT,
    MACHINE,
    PROCESS,
    TRACK,
    PHASE,
    MODULE,
    STATEMENT,
    BYTECODE,
};

enum form { TEXT, NUMBER, BOOLEAN, OBJECT, TEXTS, OBJECTS };
static const char *const form_names[] = {"a text",    "a number of 0 or more", "true or false",
                                         "an object", "a list of texts",       "a list of objects"};

enum need { MUST, NULLABLE, MAY, MAY_OR_NULL }; /* MAY: it may be absent */

struct member {
    enum shape in;
    const char *key;
    enum form form;
    enum need need;
    enum shape of; /* the object, or the list's items */
};

static const struct member members[] = {
    {REPORT, "tool", OBJECT, MUST, TOOL},
    {REPORT, "complete", BOOLEAN, MUST, 0},
    {REPORT, "run", OBJECT, NULLABLE, RUN},
    {REPORT, "target", OBJECT, MAY, TARGET},
    {REPORT, "distributions", OBJECTS, NULLABLE, DISTRIBUTION},
    {REPORT, "totals", OBJECT, NULLABLE, TOTALS},
    {REPORT, "libraries", OBJECTS, NULLABLE, LIBRARY},
    {REPORT, "folders", OBJECTS, MAY, FOLDER},
    {REPORT, "requirements", OBJECTS, MAY, REQUEST},
    {REPORT, "conflicts", OBJECTS, MAY, CONFLICT},
    {REPORT, "foreign", OBJECTS, MAY, FOREIGN},
    {REPORT, "duplicates", OBJECTS, MAY, DUPLICATE},
    {REPORT, "faults", OBJECTS, MAY, FAULT},
    {REPORT, "faults_more", NUMBER, MAY, 0},
    {REPORT, "machine", OBJECT, MAY_OR_NULL, MACHINE},
    {REPORT, "processes", OBJECTS, MAY, PROCESS},
    {REPORT, "tracks", OBJECTS, MAY, TRACK},
    {REPORT, "modules", OBJECTS, MAY, MODULE},
    {TOOL, "version", TEXT, NULLABLE, 0},
    {RUN, "command", TEXTS, MUST, 0},
    {RUN, "platform", TEXT, NULLABLE, 0},
    {RUN, "started", TEXT, NULLABLE, 0},
    {RUN, "backend", TEXT, MAY_OR_NULL, 0},
    {MACHINE, "kernel", TEXT, MAY_OR_NULL, 0},
    {MACHINE, "arch", TEXT, MAY_OR_NULL, 0},
    {MACHINE, "cpus", NUMBER, MAY_OR_NULL, 0},
    {PROCESS, "id", NUMBER, MUST, 0},
    {PROCESS, "role", TEXT, MAY_OR_NULL, 0},
    {PROCESS, "platform", TEXT, MAY_OR_NULL, 0},
    {PROCESS, "python", TEXT, MAY_OR_NULL, 0},
    {TRACK, "process", NUMBER, MUST, 0},
    {TRACK, "headline", BOOLEAN, MUST, 0},
    {TRACK, "answered", BOOLEAN, MAY, 0},
    {TRACK, "total_ns", NUMBER, MUST, 0},
    {TRACK, "unattributed_ns", NUMBER, MUST, 0},
    {TRACK, "phases", OBJECTS, MUST, PHASE},
    {PHASE, "name", TEXT, MUST, 0},
    {PHASE, "counted", BOOLEAN, MAY, 0},
    {PHASE, "children", OBJECTS, MAY, PHASE},
    {MODULE, "id", NUMBER, MUST, 0},
    {MODULE, "parent", NUMBER, NULLABLE, 0},
    {MODULE, "name", TEXT, MUST, 0},
    {MODULE, "kind", TEXT, NULLABLE, 0},
    {MODULE, "file", TEXT, NULLABLE, 0},
    {MODULE, "distribution", TEXT, NULLABLE, 0},
    {MODULE, "owner", TEXT, NULLABLE, 0},
    {MODULE, "process", NUMBER, MUST, 0},
    {MODULE, "start_ns", NUMBER, MUST, 0},
    {MODULE, "total_ns", NUMBER, MUST, 0},
    {MODULE, "self_ns", NUMBER, MUST, 0},
    {MODULE, "status", TEXT, MUST, 0},
    {MODULE, "opened_bytes", NUMBER, MAY, 0},
    {MODULE, "statement", OBJECT, MAY, STATEMENT},
    {MODULE, "bytecode", OBJECT, MAY, BYTECODE},
    {STATEMENT, "file", TEXT, MUST, 0},
    {STATEMENT, "line", NUMBER, NULLABLE, 0},
    {BYTECODE, "status", TEXT, MUST, 0},
    {TARGET, "path", TEXT, MUST, 0},
    {TARGET, "kind", TEXT, MUST, 0},
    {TARGET, "sites", TEXTS, MUST, 0},
    {TARGET, "python", OBJECT, MUST, PYTHON},
    {PYTHON, "version", TEXT, NULLABLE, 0},
    {PYTHON, "full_version", TEXT, NULLABLE, 0},
    {PYTHON, "implementation", TEXT, NULLABLE, 0},
    {PYTHON, "machine", TEXT, NULLABLE, 0},
    {TOTALS, "bytes", NUMBER, MUST, 0},
    {TOTALS, "disk_bytes", NUMBER, MUST, 0},
    {TOTALS, "files", NUMBER, MUST, 0},
    {TOTALS, "directories", NUMBER, MUST, 0},
    {TOTALS, "kinds", OBJECT, MAY, KINDS},
    {TOTALS, "unowned", OBJECT, MAY, AMOUNT},
    {TOTALS, "app", OBJECT, MAY, AMOUNT},
    {AMOUNT, "files", NUMBER, MUST, 0},
    {AMOUNT, "bytes", NUMBER, MUST, 0},
    {AMOUNT, "disk_bytes", NUMBER, MUST, 0},
    {FOLDER, "path", TEXT, MUST, 0},
    {FOLDER, "distribution", TEXT, NULLABLE, 0},
    {FOLDER, "files", NUMBER, MUST, 0},
    {FOLDER, "bytes", NUMBER, MUST, 0},
    {FOLDER, "disk_bytes", NUMBER, MUST, 0},
    {DISTRIBUTION, "name", TEXT, MUST, 0},
    {DISTRIBUTION, "version", TEXT, NULLABLE, 0},
    {DISTRIBUTION, "location", TEXT, MAY_OR_NULL, 0},
    {DISTRIBUTION, "bytes", NUMBER, MUST, 0},
    {DISTRIBUTION, "disk_bytes", NUMBER, MUST, 0},
    {DISTRIBUTION, "files", NUMBER, MUST, 0},
    {DISTRIBUTION, "requires", TEXTS, MUST, 0},
    {DISTRIBUTION, "why", TEXTS, MAY, 0},
    {LIBRARY, "path", TEXT, MUST, 0},
    {LIBRARY, "distribution", TEXT, MAY_OR_NULL, 0},
    {LIBRARY, "distribution_version", TEXT, MAY_OR_NULL, 0},
    {LIBRARY, "soname", TEXT, MAY_OR_NULL, 0},
    {LIBRARY, "build_id", TEXT, MAY_OR_NULL, 0},
    {LIBRARY, "bytes", NUMBER, MAY, 0},
    {LIBRARY, "outside", BOOLEAN, MAY, 0},
    {LIBRARY, "needed", OBJECTS, MAY, NEEDED},
    {NEEDED, "name", TEXT, MUST, 0},
    {NEEDED, "resolved", TEXT, NULLABLE, 0},
    {REQUEST, "file", TEXT, MUST, 0},
    {REQUEST, "line", NUMBER, MUST, 0},
    {REQUEST, "text", TEXT, MUST, 0},
    {REQUEST, "name", TEXT, NULLABLE, 0},
    {REQUEST, "constraint", BOOLEAN, MUST, 0},
    {CONFLICT, "kind", TEXT, MUST, 0},
    {CONFLICT, "distribution", TEXT, NULLABLE, 0},
    {CONFLICT, "other", TEXT, NULLABLE, 0},
    {CONFLICT, "what", TEXT, MUST, 0},
    {CONFLICT, "where", TEXT, NULLABLE, 0},
    {FOREIGN, "path", TEXT, MUST, 0},
    {FOREIGN, "distribution", TEXT, NULLABLE, 0},
    {FOREIGN, "why", TEXT, MUST, 0},
    {DUPLICATE, "kind", TEXT, MUST, 0},
    {DUPLICATE, "key", TEXT, MUST, 0},
    {DUPLICATE, "paths", TEXTS, MUST, 0},
    {DUPLICATE, "waste_bytes", NUMBER, MUST, 0},
    {FAULT, "path", TEXT, MUST, 0},
    {FAULT, "what", TEXT, MUST, 0},
    {FAULT, "unread", BOOLEAN, MUST, 0},
    {FAULT, "folder", BOOLEAN, MUST, 0},
};

static int wrong(const char *name, const char *place, const char *key, const char *what,
                 struct thaw_error *error)
{
    return thaw_error_set(error, -EINVAL, "%s is no report that can be read: %s%s%s %s", name,
                          place, *place ? "." : "", key, what);
}

static bool is_list(const json_t *value, json_type type)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, item)
    {
        if (json_typeof(item) != type)
            return false;
    }
    return true;
}

static bool has_form(const json_t *value, enum form form)
{
    switch (form) {
    case TEXT:
        return json_is_string(value);
    case NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case BOOLEAN:
        return json_is_boolean(value);
    case OBJECT:
        return json_is_object(value);
    case TEXTS:
        return is_list(value, JSON_STRING);
    case OBJECTS:
        return is_list(value, JSON_OBJECT);
    }
    return false;
}

static int check_object(const char *name, const char *place, enum shape shape, const json_t *object,
                        struct thaw_error *error);

static int check_items(const char *name, const char *place, enum shape shape, const json_t *list,
                       struct thaw_error *error)
{
    const json_t *item;
    size_t i;
    int code = 0;

    json_array_foreach(list, i, item)
    {
        char here[128];

        snprintf(here, sizeof(here), "%.90s[%zu]", place, i);
        code = check_object(name, here, shape, item, error);
        if (code)
            return code;
    }
    return 0;
}

/* A comparison shows it as it is. */
static bool is_kind(const char *key)
{
    size_t length = strspn(key, "abcdefghijklmnopqrstuvwxyz_-");

    return length && length <= 20 && !key[length];
}

/* The kinds of files, each with its amount. */
static int check_kinds(const char *name, const char *place, const json_t *kinds,
                       struct thaw_error *error)
{
    const char *key;
    json_t *amount;
    int code = 0;

    json_object_foreach((json_t *)kinds, key, amount)
    {
        code = json_is_object(amount) && is_kind(key)
                   ? check_object(name, place, AMOUNT, amount, error)
                   : wrong(name, place, "", "is not by kinds of files", error);
        if (code)
            return code;
    }
    return 0;
}

static int check_bytes(const char *name, const char *place, const struct member *member,
                       const json_t *object, struct thaw_error *error)
{
    char key[64];
    const json_t *bytes;

    snprintf(key, sizeof(key), "%s_bytes", member->key);
    bytes = json_object_get(object, key);
    if (!bytes || has_form(bytes, member->form))
        return 0;
    return wrong(name, place, key,
                 member->form == TEXT ? "is not a text" : "is not a list of texts", error);
}

static int check_member(const char *name, const char *place, const struct member *member,
                        const json_t *object, struct thaw_error *error)
{
    const json_t *value = json_object_get(object, member->key);
    bool may_lack = member->need == MAY || member->need == MAY_OR_NULL;
    bool may_be_null = member->need == NULLABLE || member->need == MAY_OR_NULL;
    char what[80], here[100];

    if (!value)
        return may_lack ? 0 : wrong(name, place, member->key, "is missing", error);
    if (may_be_null && json_is_null(value))
        return 0;
    if (!has_form(value, member->form)) {
        snprintf(what, sizeof(what), "is not %s", form_names[member->form]);
        return wrong(name, place, member->key, what, error);
    }
    snprintf(here, sizeof(here), "%.60s%s%s", place, *place ? "." : "", member->key);
    if (member->form == OBJECT)
        return check_object(name, here, member->of, value, error);
    if (member->form == OBJECTS)
        return check_items(name, here, member->of, value, error);
    if (member->form == TEXT || member->form == TEXTS)
        return check_bytes(name, place, member, object, error);
    return 0;
}

static int check_object(const char *name, const char *place, enum shape shape, const json_t *object,
                        struct thaw_error *error)
{
    int code = shape == KINDS ? check_kinds(name, place, object, error) : 0;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !code; i++)
        if (members[i].in == shape)
            code = check_member(name, place, &members[i], object, error);
    return code;
}

int thaw_report_check_shape(const char *name, const json_t *report, struct thaw_error *error)
{
    return check_object(name, "", REPORT, report, error);
}
