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
        const char *kind = thaw_key_string(conflict, "kind"),
                   *where = thaw_key_string(conflict, "where");
        const char *asks = *where ? where : thaw_key_string(conflict, "distribution");

        if (!strcmp(kind, "missing"))
            COMPLAIN(check, "%s wants %s, which is not installed", asks,
                     thaw_key_string(conflict, "what"));
        else if (!strcmp(kind, "version"))
            COMPLAIN(check, "%s wants %s, which does not fit what is installed: %s %s", asks,
                     thaw_key_string(conflict, "what"), thaw_key_string(conflict, "other"),
                     thaw_key_string(conflict, "installed"));
    }
}

static void check_foreign(struct check *check, const json_t *report)
{
    const json_t *foreign;
    size_t i;

    json_array_foreach(json_object_get(report, "foreign"), i, foreign)
    {
        COMPLAIN(check, "%s is %s", thaw_key_string(foreign, "path"),
                 thaw_key_string(foreign, "why"));
    }
}

/* Also what a library of the system wants: without it the target's own one would not load. */
static void check_libraries(struct check *check, const json_t *report)
{
    const json_t *library, *needed;
    size_t i, j;

    json_array_foreach(json_object_get(report, "libraries"), i, library)
    {
        if (json_is_false(json_object_get(library, "loaded")))
            continue;
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            const char *loader = thaw_key_string(needed, "missing_by");

            if (thaw_key_is_missing(needed))
                COMPLAIN(check, "%s wants %s, which is not found%s%s",
                         thaw_key_string(library, "path"), thaw_key_string(needed, "name"),
                         *loader ? " when loaded by " : "", loader);
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
            COMPLAIN(check, "%s: %lld bytes, %lld are allowed", thaw_key_string(limit, "what"),
                     (long long)json_integer_value(json_object_get(limit, "bytes")),
                     (long long)json_integer_value(json_object_get(limit, "limit_bytes")));
    }
}

/* Is there a shared object at path that could be read as one? */
static bool is_library(const json_t *report, const char *path)
{
    const json_t *library;
    size_t i;

    json_array_foreach(json_object_get(report, "libraries"), i, library)
    {
        if (!strcmp(thaw_key_string(library, "path"), path))
            return true;
    }
    return false;
}

/* "x.so", "libx.so.1" */
static bool is_named_library(const char *path)
{
    const char *name = thaw_key_last_part(path);
    size_t length = strlen(name);

    return (length > 3 && !strcmp(name + length - 3, ".so")) || strstr(name, ".so.");
}

/*
 * Folders that can't be read, and files named as shared objects that are cut short or otherwise
 * damaged, or none at all: no ELF, a FIFO. What else is said of a shared object, such as where its
 * RUNPATH leads, keeps it from nothing.
 */
static void check_faults(struct check *check, const json_t *report)
{
    const json_t *fault;
    size_t i;

    json_array_foreach(json_object_get(report, "faults"), i, fault)
    {
        const char *path = thaw_key_string(fault, "path");

        if (is_true(fault, "folder") ||
            (is_named_library(path) && (is_true(fault, "unread") || !is_library(report, path))))
            COMPLAIN(check, "%s: %s", *path ? path : ".", thaw_key_string(fault, "what"));
    }
}

/* What is installed leads to a folder that does not go where the target goes. */
static void check_editables(struct check *check, const json_t *report)
{
    const json_t *package;
    size_t i;

    json_array_foreach(json_object_get(report, "distributions"), i, package)
    {
        if (is_true(package, "editable_outside"))
            COMPLAIN(check, "%s is editable: its source is %s, outside of the target",
                     thaw_key_string(package, "name"), thaw_key_string(package, "editable"));
    }
}

size_t thaw_deps_check(const char *command, const json_t *report)
{
    struct check check = {.command = command};

    check_conflicts(&check, report);
    check_foreign(&check, report);
    check_libraries(&check, report);
    check_limits(&check, report);
    check_faults(&check, report);
    check_editables(&check, report);
    if (check.errors > most_lines)
        thaw_complain(command, "%zu errors more", check.errors - most_lines);
    return check.errors;
}
