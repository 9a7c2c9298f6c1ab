/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deps_check.h"

#include <string.h>

#include "cli/command.h"
#include "report/keys.h"

/* Lines beyond these are only counted. */
enum { most_lines = 100 };

struct check {
    const char *command;
    size_t errors;
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

#define COMPLAIN(check, ...)                                                                       \
    do {                                                                                           \
        if ((check)->errors++ < most_lines)                                                        \
            thaw_complain((check)->command, __VA_ARGS__);                                          \
    } while (0)

static void check_conflicts(struct check *check, const json_t *report)
{
    const json_t *conflict;
    size_t i;

    json_array_foreach(json_object_get(report, "conflicts"), i, conflict)
    {
        const char *kind = text_of(conflict, "kind"), *where = text_of(conflict, "where");
        const char *asks = *where ? where : text_of(conflict, "distribution");

        if (!strcmp(kind, "missing"))
            COMPLAIN(check, "%s wants %s, which is not installed", asks, text_of(conflict, "what"));
        else if (!strcmp(kind, "version"))
            COMPLAIN(check, "%s wants %s, which does not fit what is installed", asks,
                     text_of(conflict, "what"));
    }
}

static void check_foreign(struct check *check, const json_t *report)
{
    const json_t *foreign;
    size_t i;

    json_array_foreach(json_object_get(report, "foreign"), i, foreign)
    {
        COMPLAIN(check, "%s is %s", text_of(foreign, "path"), text_of(foreign, "why"));
    }
}

static void check_libraries(struct check *check, const json_t *report)
{
    const json_t *library, *needed;
    size_t i, j;

    json_array_foreach(json_object_get(report, "libraries"), i, library)
    {
        if (is_true(library, "outside") || json_is_false(json_object_get(library, "loaded")))
            continue;
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            const char *loader = text_of(needed, "missing_by");

            if (thaw_key_is_missing(needed))
                COMPLAIN(check, "%s wants %s, which is not found%s%s", text_of(library, "path"),
                         text_of(needed, "name"), *loader ? " when loaded by " : "", loader);
        }
    }
}

static void check_limits(struct check *check, const json_t *report)
{
    const json_t *limit;
    size_t i;

    json_array_foreach(json_object_get(report, "limits"), i, limit)
    {
        if (is_true(limit, "exceeded") && is_true(limit, "hard"))
            COMPLAIN(check, "%s: %lld bytes, %lld are allowed", text_of(limit, "what"),
                     (long long)json_integer_value(json_object_get(limit, "bytes")),
                     (long long)json_integer_value(json_object_get(limit, "limit_bytes")));
    }
}

size_t thaw_deps_check(const char *command, const json_t *report)
{
    struct check check = {.command = command};

    check_conflicts(&check, report);
    check_foreign(&check, report);
    check_libraries(&check, report);
    check_limits(&check, report);
    if (check.errors > most_lines)
        thaw_complain(command, "%zu errors more", check.errors - most_lines);
    return check.errors;
}
