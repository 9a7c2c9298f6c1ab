/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#include "base/array.h"
#include "inventory/requires.h"
#include "packaging/marker.h"
#include "packaging/name.h"
#include "packaging/requirement.h"

#define NAMES_MAX 1024

struct names {
    const char **items;
    size_t count;
    size_t capacity;
};

/* Keeps a name that is new. */
static int names_add(struct names *names, const char *name, size_t length, struct thaw_arena *arena)
{
    const char *copy, **slot;

    if (!length || names->count >= NAMES_MAX)
        return 0;
    copy = thaw_arena_text(arena, name, length);
    if (!copy)
        return -ENOMEM;
    for (size_t i = 0; i < names->count; i++) {
        if (thaw_name_is_same(names->items[i], copy))
            return 0;
    }
    slot = thaw_array_add(names);
    if (!slot)
        return -ENOMEM;
    *slot = copy;
    return 0;
}

static bool holds(const char *marker, const struct thaw_marker_environment *environment)
{
    char extra[2];

    if (!*marker)
        return true;
    if (*environment->python_version)
        return thaw_marker_holds(marker, environment, NULL) != 0;
    return thaw_marker_needs_extra(marker, environment, extra, sizeof(extra)) == 0 && !*extra;
}

/* A name at the start of what can't be read: there are distributions older than PEP 508. */
static size_t leading_name(const char *text)
{
    const char *marker = strchr(text, ';');

    if (marker && strstr(marker, "extra"))
        return 0;
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
}

/* Extras for those who work on the package itself: no app is run with them. */
static bool is_for_development(const char *extra)
{
    static const char *const beginnings[] = {"test", "dev", "doc", "lint", "typ", "build", "bench"};

    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
        if (strncasecmp(extra, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

static bool is_optional(const char *marker, const struct thaw_marker_environment *environment)
{
    char extra[64];

    return *environment->python_version &&
           thaw_marker_needs_extra(marker, environment, extra, sizeof(extra)) > 0 &&
           !is_for_development(extra);
}

/* Without an extra into names[0], with one into names[1]. */
static int names_requirement(struct names names[2], const char *text,
                             const struct thaw_marker_environment *environment,
                             struct thaw_arena *scratch, struct thaw_arena *arena)
{
    struct thaw_dependency_specifier requirement;
    int result = thaw_requirement_parse(text, strlen(text), scratch, &requirement);

    if (result == -ENOMEM)
        return result;
    if (result < 0)
        return names_add(&names[0], text, leading_name(text), arena);
    if (!holds(requirement.marker, environment))
        return is_optional(requirement.marker, environment)
                   ? names_add(&names[1], requirement.name, strlen(requirement.name), arena)
                   : 0;
    return names_add(&names[0], requirement.name, strlen(requirement.name), arena);
}

static int names_finish(const struct names *names, struct thaw_arena *arena, struct thaw_texts *ret)
{
    if (!names->count)
        return 0;
    ret->items = thaw_arena_allocate(arena, names->count * sizeof(*names->items));
    if (!ret->items)
        return -ENOMEM;
    memcpy(ret->items, names->items, names->count * sizeof(*names->items));
    ret->count = names->count;
    return 0;
}

int thaw_requires_names(const struct thaw_texts *requirements, const char *python_version,
                        struct thaw_arena *arena, struct thaw_texts *ret,
                        struct thaw_texts *optional)
{
    size_t minor = strcspn(python_version, ".");
    struct thaw_marker_environment environment;
    struct thaw_arena scratch = {0};
    struct names names[2] = {0};
    struct utsname machine;
    char version[16];
    int result = 0;

    *ret = (struct thaw_texts){0};
    if (optional)
        *optional = *ret;
    if (python_version[minor])
        minor += 1 + strspn(python_version + minor + 1, "0123456789");
    snprintf(version, sizeof(version), "%.*s", (int)(minor < 8 ? minor : 8), python_version);
    environment = thaw_marker_environment_of(version, python_version[minor] ? python_version : "",
                                             uname(&machine) == 0 ? machine.machine : "");
    for (uint64_t i = 0; result == 0 && i < requirements->count; i++)
        result = names_requirement(names, requirements->items[i], &environment, &scratch, arena);
    if (result == 0)
        result = names_finish(&names[0], arena, ret);
    if (result == 0 && optional)
        result = names_finish(&names[1], arena, optional);
    thaw_array_free(&names[0]);
    thaw_array_free(&names[1]);
    thaw_arena_free(&scratch);
    return result;
}
