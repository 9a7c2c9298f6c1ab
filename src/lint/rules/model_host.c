/* SPDX-License-Identifier: Apache-2.0 */
/* The model: keys of host.json that nothing reads, and values that it does not take. */
#include <string.h>
#include <strings.h>

#include "base/closest.h"
#include "lint/look.h"
#include "lint/rules.h"

/* As deep as the host's own keys are, and some. */
enum { HOST_DEPTH_MAX = 8 };

/* Rules of their own are about these. */
static const char *const told_elsewhere[] = {"http", "retry"};

/* What is called for each key of host.json, outermost first; false: not into it. */
typedef bool (*host_visit)(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                           const char *path, const char *key, const json_t *value);

static void walk(struct thaw_lint *lint, const struct thaw_lint_rule *rule, const char *path,
                 const json_t *object, unsigned depth, host_visit visit)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        const char *inner = *path ? thaw_lint_text(lint, "%s.%s", path, key) : key;

        if (visit(lint, rule, inner, key, value) && json_is_object(value) && depth < HOST_DEPTH_MAX)
            walk(lint, rule, inner, value, depth + 1, visit);
    }
}

static void walk_host(struct thaw_lint *lint, const struct thaw_lint_rule *rule, host_visit visit)
{
    const json_t *root = thaw_project_host(lint->project, "", NULL, NULL);

    if (json_is_object(root))
        walk(lint, rule, "", root, 0, visit);
}

static const json_t *known_keys(const struct thaw_lint *lint)
{
    return thaw_lint_facts_section(lint->facts, "azure_functions", "host");
}

/* Is something known below a path? */
static bool has_known_inside(const struct thaw_lint *lint, const char *path)
{
    size_t length = strlen(path), i;
    const json_t *entry;

    json_array_foreach(known_keys(lint), i, entry)
    {
        const char *id = thaw_lint_fact_text(entry, "id");

        if (!strncasecmp(id, path, length) && id[length] == '.')
            return true;
    }
    return false;
}

/* A key that stands where path does, by the letters of its own name. */
static const char *close_key(struct thaw_lint *lint, const char *path, const char *key)
{
    size_t at = strlen(path) - strlen(key), i;
    struct thaw_closest closest = {.typed = key};
    const json_t *entry;

    json_array_foreach(known_keys(lint), i, entry)
    {
        const char *id = thaw_lint_fact_text(entry, "id");
        const char *name;

        if (strlen(id) <= at || strncasecmp(id, path, at) != 0)
            continue;
        name = thaw_lint_text(lint, "%.*s", (int)strcspn(id + at, "."), id + at);
        if (*name && *name != '*')
            thaw_closest_offer(&closest, name);
    }
    return closest.name;
}

/* Known keys of the same name, where one of the outermost ones stands too far out, as "a or b"; ""
 * none. Names that a later version has dropped count where there is no other. */
static const char *elsewhere(struct thaw_lint *lint, const char *path, const char *key,
                             const json_t **ret_entry, size_t *ret_count)
{
    const char *text = "";
    const json_t *entry;
    size_t i;

    *ret_count = 0;
    if (strchr(path, '.') && strncasecmp(path, "extensions.", 11) != 0)
        return text;
    for (unsigned pass = 0; pass < 2 && !*ret_count; pass++)
        json_array_foreach(known_keys(lint), i, entry)
        {
            const char *id = thaw_lint_fact_text(entry, "id"), *last = strrchr(id, '.');
            bool is_dropped = *thaw_lint_fact_text(entry, "gone_from_bundle") != '\0';

            if (!last || strcasecmp(last + 1, key) != 0 || is_dropped != (pass == 1))
                continue;
            text = *ret_count ? thaw_lint_text(lint, "%s or %s", text, id) : id;
            if (!(*ret_count)++)
                *ret_entry = entry;
        }
    return text;
}

static void tell_gone(struct thaw_lint *lint, const struct thaw_lint_rule *rule, const char *path,
                      const struct thaw_project_place *place, const json_t *gone)
{
    const char *instead = thaw_lint_fact_text(gone, "replaced_by");
    struct thaw_lint_finding *finding =
        thaw_lint_add(lint, rule, place, path, "host.json's %s is not read by the runtime", path);

    thaw_lint_evidence(lint, finding, "%s", thaw_lint_fact_text(gone, "why"));
    thaw_lint_source(lint, finding, gone);
    if (*instead)
        thaw_lint_fix(lint, finding, "move it to %s, or remove it", instead);
    else
        thaw_lint_fix(lint, finding, "remove it");
}

static void tell_unknown(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                         const char *path, const char *key, const struct thaw_project_place *place)
{
    const json_t *entry = NULL;
    size_t count;
    const char *places = elsewhere(lint, path, key, &entry, &count);
    const char *meant = count ? NULL : close_key(lint, path, key);
    struct thaw_lint_finding *finding;

    if (count) {
        finding = thaw_lint_add(lint, rule, place, path,
                                "host.json's %s stands where nothing reads it", path);
        thaw_lint_fix(lint, finding, "move it to %s%s", places,
                      count > 1 ? ", whichever is meant" : "");
        thaw_lint_source(lint, finding, entry);
        /* An extension may have a newer key by a name that others have, too. */
        if (count > 1 && strchr(path, '.'))
            thaw_lint_confidence(finding, "medium");
    } else if (meant) {
        finding =
            thaw_lint_add(lint, rule, place, path, "host.json's %s is no key that is known", path);
        thaw_lint_fix(lint, finding, "write %s, if that is meant", meant);
        thaw_lint_confidence(finding, "medium");
    }
}

/* A key that the extension itself has dropped, in a version of the bundle that the app allows. */
static void tell_dropped(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                         const char *path, const json_t *entry, double from)
{
    struct thaw_lint_host_value range;
    struct thaw_project_place place = {.file = ""};
    struct thaw_lint_finding *finding;
    long major;

    if (!thaw_lint_host(lint, "extensionBundle.version", &range) || !*range.text)
        return;
    major = thaw_lint_highest_major(range.text);
    if (major < 0 || (major && (double)major < from))
        return;
    thaw_project_host(lint->project, path, &place, NULL);
    finding = thaw_lint_add(lint, rule, &place, path,
                            "host.json's %s is not read from extension bundle %.0f on", path, from);
    thaw_lint_evidence(lint, finding, "extensionBundle.version is %s", range.text);
    thaw_lint_source(lint, finding, entry);
    if (*thaw_lint_fact_text(entry, "replaced_by"))
        thaw_lint_fix(lint, finding, "write it as %s", thaw_lint_fact_text(entry, "replaced_by"));
    else
        thaw_lint_fix(lint, finding, "remove it: no key has taken its place");
}

static bool is_told_elsewhere(const char *path)
{
    for (size_t i = 0; i < sizeof(told_elsewhere) / sizeof(*told_elsewhere); i++)
        if (!strcasecmp(path, told_elsewhere[i]))
            return true;
    return false;
}

static bool visit_key(struct thaw_lint *lint, const struct thaw_lint_rule *rule, const char *path,
                      const char *key, const json_t *value)
{
    struct thaw_project_place place = {.file = ""};
    const json_t *gone = thaw_lint_azure_fact(lint, "host_gone", path);
    const json_t *entry = thaw_lint_azure_fact(lint, "host", path);
    double from;

    (void)value;
    if (is_told_elsewhere(path) || !strcmp(key, "$schema") || strchr(key, '.'))
        return false;
    if (!gone && has_known_inside(lint, path))
        return true;
    if (!gone && entry) {
        if (thaw_lint_number(thaw_lint_fact_text(entry, "gone_from_bundle"), &from))
            tell_dropped(lint, rule, path, entry, from);
        return false;
    }
    thaw_project_host(lint->project, path, &place, NULL);
    if (gone)
        tell_gone(lint, rule, path, &place, gone);
    else
        tell_unknown(lint, rule, path, key, &place);
    return false;
}

static void check_key_unknown(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    walk_host(lint, rule, visit_key);
}

const struct thaw_lint_rule thaw_rule_host_key_unknown = {
    .kind =
        {
            .id = "host-key-unknown",
            .severity = "warning",
            .title = "host.json has a key that the runtime does not read",
            .needs = "host.json",
            .explanation =
                "The host takes from host.json what it knows and says nothing about the rest: a "
                "setting in the wrong place, or with a letter too many, is simply not in effect, "
                "and the default holds.\n"
                "\n"
                "Three things are looked for: keys that version 1 had at the root and that stand "
                "elsewhere since (http, queues, serviceBus, eventHub, tracing), keys whose name is "
                "known in another place, and keys that are one or two letters away from a known "
                "one. Others are left alone: extensions may have keys that thaw does not know.\n"
                "\n"
                "How to change it: move or rename the key as the finding says. Settings of an "
                "extension stand under \"extensions\", by its name: "
                "{\"extensions\": {\"queues\": {\"batchSize\": 8}}}.\n"
                "\n"
                "What may go wrong: once the key is read its value is in effect, for the first "
                "time, perhaps. Look at the value before moving it.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_key_unknown,
};

/* --- values --- */

static bool is_number_text(const json_t *value)
{
    double number;

    return json_is_string(value) && thaw_lint_number(json_string_value(value), &number);
}

/* The host converts texts as its configuration does: "16" is a number, "true" a boolean. */
static bool is_of_type(const json_t *value, const char *type)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";

    if (json_is_null(value))
        return true;
    if (!strcmp(type, "integer"))
        return json_is_integer(value) || is_number_text(value);
    if (!strcmp(type, "number"))
        return json_is_number(value) || json_is_string(value);
    if (!strcmp(type, "boolean"))
        return json_is_boolean(value) || !strcasecmp(text, "true") || !strcasecmp(text, "false");
    if (!strcmp(type, "timespan"))
        return (json_is_string(value) && thaw_lint_seconds(text) >= 0) ||
               (json_is_integer(value) && json_integer_value(value) == -1);
    if (!strcmp(type, "text"))
        return !json_is_object(value) && !json_is_array(value);
    if (!strcmp(type, "array"))
        return json_is_array(value) || json_is_string(value);
    if (!strcmp(type, "object"))
        return json_is_object(value);
    return true;
}

static struct thaw_lint_finding *tell_value(struct thaw_lint *lint,
                                            const struct thaw_lint_rule *rule, const char *path,
                                            const json_t *entry, const char *what)
{
    struct thaw_project_place place = {.file = ""};
    struct thaw_lint_finding *finding;

    thaw_project_host(lint->project, path, &place, NULL);
    finding = thaw_lint_add(lint, rule, &place, path, "host.json's %s %s", path, what);
    thaw_lint_source(lint, finding, entry);
    return finding;
}

static const char *wanted(const char *type)
{
    return !strcmp(type, "timespan")  ? "a time span such as \"00:05:00\""
           : !strcmp(type, "integer") ? "a whole number"
           : !strcmp(type, "boolean") ? "true or false"
           : !strcmp(type, "array")   ? "a list"
           : !strcmp(type, "object")  ? "an object"
           : !strcmp(type, "number")  ? "a number"
                                      : "a text";
}

/* Bounds are stated in what the type counts: time spans in seconds. */
static bool number_of(const json_t *value, const char *type, double *ret)
{
    if (!strcmp(type, "timespan")) {
        *ret = json_is_string(value) ? thaw_lint_seconds(json_string_value(value)) : -1;
        return *ret >= 0 && strcmp(json_string_value(value), "-1") != 0;
    }
    if (json_is_number(value)) {
        *ret = json_number_value(value);
        return true;
    }
    return json_is_string(value) && thaw_lint_number(json_string_value(value), ret);
}

static void check_bounds(struct thaw_lint *lint, const struct thaw_lint_rule *rule,
                         const char *path, const json_t *entry, const json_t *value)
{
    const char *type = thaw_lint_fact_text(entry, "type");
    struct thaw_lint_finding *finding;
    double number, bound;

    if (json_array_size(json_object_get(entry, "values")) && json_is_string(value)) {
        if (thaw_lint_fact_lists(entry, "values", json_string_value(value)))
            return;
        finding = tell_value(lint, rule, path, entry, "is none of the values that are known");
        thaw_lint_fix(lint, finding, "use one of: %s", thaw_lint_fact_list(lint, entry, "values"));
    } else if (number_of(value, type, &number)) {
        if (thaw_lint_fact_number(entry, "minimum", &bound) && number < bound) {
            finding = tell_value(lint, rule, path, entry, "is below its minimum");
            thaw_lint_fix(lint, finding, "use %g or more", bound);
        } else if (thaw_lint_fact_number(entry, "maximum", &bound) && number > bound) {
            finding = tell_value(lint, rule, path, entry, "is above its maximum");
            thaw_lint_fix(lint, finding, "use %g or less", bound);
        }
    }
}

static bool visit_value(struct thaw_lint *lint, const struct thaw_lint_rule *rule, const char *path,
                        const char *key, const json_t *value)
{
    const json_t *entry = thaw_lint_azure_fact(lint, "host", path);
    const char *type = thaw_lint_fact_text(entry, "type");
    struct thaw_lint_finding *finding;

    if (is_told_elsewhere(path) || strchr(key, '.') || !strcmp(path, "version"))
        return false;
    if (!entry)
        return true;
    if (*type && !is_of_type(value, type)) {
        finding =
            tell_value(lint, rule, path, entry, thaw_lint_text(lint, "is not %s", wanted(type)));
        thaw_lint_fix(lint, finding, "make it %s", wanted(type));
        return false;
    }
    check_bounds(lint, rule, path, entry, value);
    return true;
}

static void check_value_invalid(struct thaw_lint *lint, const struct thaw_lint_rule *rule)
{
    walk_host(lint, rule, visit_value);
}

const struct thaw_lint_rule thaw_rule_host_value_invalid = {
    .kind =
        {
            .id = "host-value-invalid",
            .severity = "error",
            .title = "host.json has a value that the host does not take",
            .needs = "host.json",
            .explanation =
                "A value of another type, or out of its range, stops the host when it reads it: "
                "the instance starts, fails and starts again, and no function of the app is "
                "called. "
                "It shows in the log only, as an error about the options of an extension.\n"
                "\n"
                "Types and ranges are those of the reference of host.json and of each extension. "
                "Texts that stand for a number or for true and false are fine: the host converts "
                "them.\n"
                "\n"
                "How to change it: as the finding says. Time spans are texts of hours, minutes and "
                "seconds: \"00:05:00\" are five minutes. A bare \"5\" would be five days, and "
                "\"24:00:00\" twenty-four of them: a day is \"1.00:00:00\".\n"
                "\n"
                "What may go wrong: a value that was out of range was perhaps meant for another "
                "unit, milliseconds for seconds above all.",
        },
    .area = "model",
    .platforms = THAW_LINT_AZURE,
    .can_check = thaw_lint_has_host,
    .check = check_value_invalid,
};
