/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "packaging/name.h"
#include "packaging/version.h"
#include "shipped/build.h"
#include "shipped/evaluation.h"
#include "shipped/sites.h"

#define OLDEST_MINOR_ASKED 8 /* of CPython 3 */

/* Names of conda's packages are told apart by "-" and "_", those of distributions are not. */
static const char *package_key(struct thaw_evaluation *evaluation, char kind, uint32_t environment,
                               const char *name)
{
    return name ? thaw_arena_format(&evaluation->arena, "%c%u %s", kind, environment, name) : NULL;
}

static int add_package_name(struct thaw_evaluation *evaluation, const char *key, uint32_t number)
{
    return key ? thaw_path_table_add(&evaluation->packages, &evaluation->arena, key, strlen(key),
                                     number)
               : -ENOMEM;
}

static int evaluation_add_packages(struct thaw_evaluation *evaluation)
{
    size_t count;
    const struct thaw_site_package *packages = thaw_sites_packages(evaluation->shipped, &count);

    for (size_t i = 0; i < count; i++) {
        uint32_t distribution = packages[i].distribution;
        const char *key = package_key(evaluation, 'c', packages[i].environment, packages[i].name);
        int result = add_package_name(evaluation, key, distribution);

        if (result < 0)
            return result;
        if (result == 0 && thaw_sites_is_conda_only(evaluation->shipped, distribution))
            evaluation->first[distribution] =
                (uint32_t)thaw_path_table_find(&evaluation->packages, key, strlen(key));
    }
    return 0;
}

/* The environments have numbers in the array that sites.h shows. */
static size_t environment_of(const struct thaw_evaluation *evaluation, uint32_t distribution)
{
    size_t count;

    return (size_t)(thaw_sites_environment(evaluation->shipped, distribution) -
                    thaw_sites_environments(evaluation->shipped, &count));
}

static const char *environment_name(struct thaw_evaluation *evaluation, uint32_t distribution,
                                    const char *normalised)
{
    return thaw_arena_format(&evaluation->arena, "%zu %s", environment_of(evaluation, distribution),
                             normalised);
}

static int evaluation_add_name(struct thaw_evaluation *evaluation, uint32_t distribution)
{
    const struct thaw_shipped *shipped = evaluation->shipped;
    const char *name = shipped->distributions[distribution].name, *own;
    uint32_t conda = thaw_sites_conda(shipped, distribution);
    bool is_conda_only = thaw_sites_is_conda_only(shipped, distribution);
    struct thaw_arena *arena = &evaluation->arena;
    int result;

    if (!*name || !thaw_sites_is_importable(shipped, distribution))
        return 0;
    name = thaw_name_normalise(arena, name, strlen(name));
    own = name ? environment_name(evaluation, distribution, name) : NULL;
    if (!own ||
        thaw_path_table_add(&evaluation->names, arena, name, strlen(name), distribution) < 0)
        return -ENOMEM;
    if (conda != THAW_SHIPPED_NONE && !is_conda_only &&
        add_package_name(evaluation, package_key(evaluation, 'p', conda, name), distribution) < 0)
        return -ENOMEM;
    result = thaw_path_table_add(&evaluation->names, arena, own, strlen(own), distribution);
    if (result == 0 && !is_conda_only)
        evaluation->first[distribution] =
            (uint32_t)thaw_path_table_find(&evaluation->names, own, strlen(own));
    return result < 0 ? result : 0;
}

static int evaluation_add_names(struct thaw_evaluation *evaluation)
{
    const struct thaw_shipped *shipped = evaluation->shipped;
    const struct thaw_environment *environments;
    size_t count;

    for (uint32_t i = 0; i < shipped->distribution_count; i++) {
        evaluation->first[i] = i;
        if (thaw_sites_leftover_of(shipped, i) == THAW_SHIPPED_NONE &&
            evaluation_add_name(evaluation, i) < 0)
            return -ENOMEM;
    }
    for (uint32_t i = 0; i < shipped->distribution_count; i++) {
        uint32_t installed = thaw_sites_leftover_of(shipped, i);

        if (installed != THAW_SHIPPED_NONE)
            evaluation->first[i] = evaluation->first[installed];
    }
    environments = thaw_sites_environments(shipped, &count);
    for (size_t i = 0; i < count; i++) {
        evaluation->interpreters += !environments[i].is_flat;
        evaluation->sees_system |= environments[i].sees_system;
    }
    return evaluation_add_packages(evaluation);
}

static int evaluation_set_environments(struct thaw_evaluation *evaluation)
{
    const struct thaw_shipped_python *python = &evaluation->shipped->python;

    evaluation->environment_count = 1;
    evaluation->environments[0] =
        thaw_marker_environment_of(python->version, python->full_version, python->machine);
    if (*python->version)
        return 0;
    evaluation->environment_count = THAW_EVALUATION_PYTHONS;
    for (unsigned i = 0; i < THAW_EVALUATION_PYTHONS; i++) {
        const char *version = thaw_arena_format(&evaluation->arena, "3.%u", i + OLDEST_MINOR_ASKED);

        if (!version)
            return -ENOMEM;
        evaluation->environments[i] = thaw_marker_environment_of(version, "", python->machine);
    }
    return 0;
}

int thaw_evaluation_begin(struct thaw_evaluation *evaluation, struct thaw_shipped *shipped)
{
    *evaluation = (struct thaw_evaluation){.shipped = shipped};
    if (evaluation_set_environments(evaluation) < 0)
        return -ENOMEM;
    evaluation->first = thaw_arena_allocate(&evaluation->arena, (shipped->distribution_count + 1) *
                                                                    sizeof(*evaluation->first));
    return evaluation->first ? evaluation_add_names(evaluation) : -ENOMEM;
}

void thaw_evaluation_end(struct thaw_evaluation *evaluation)
{
    thaw_path_table_clear(&evaluation->names);
    thaw_path_table_clear(&evaluation->packages);
    thaw_arena_free(&evaluation->arena);
}

bool thaw_evaluation_is_shadowed(const struct thaw_evaluation *evaluation, uint32_t distribution)
{
    return evaluation->first[distribution] != distribution;
}

int thaw_evaluation_find(struct thaw_evaluation *evaluation, const char *name, uint32_t *ret)
{
    const char *normalised = thaw_name_normalise(&evaluation->arena, name, strlen(name));
    size_t found;

    if (!normalised)
        return -ENOMEM;
    found = thaw_path_table_find(&evaluation->names, normalised, strlen(normalised));
    *ret = found == THAW_PATH_NONE ? THAW_SHIPPED_NONE : (uint32_t)found;
    return 0;
}

bool thaw_evaluation_is_unsure(const struct thaw_evaluation *evaluation, uint32_t asks)
{
    return asks == THAW_SHIPPED_NONE
               ? evaluation->sees_system
               : thaw_sites_environment(evaluation->shipped, asks)->sees_system;
}

/* What a distribution means by a name: see thaw_environment. */
static int find_for(struct thaw_evaluation *evaluation, uint32_t asks, const char *name,
                    uint32_t *ret)
{
    const char *own;
    size_t found;

    name = thaw_name_normalise(&evaluation->arena, name, strlen(name));
    own = name ? environment_name(evaluation, asks, name) : NULL;
    if (!own)
        return -ENOMEM;
    found = thaw_path_table_find(&evaluation->names, own, strlen(own));
    if (found == THAW_PATH_NONE && evaluation->interpreters <= 1 &&
        thaw_sites_environment(evaluation->shipped, asks)->is_flat)
        found = thaw_path_table_find(&evaluation->names, name, strlen(name));
    *ret = found == THAW_PATH_NONE ? THAW_SHIPPED_NONE : (uint32_t)found;
    return 0;
}

/* extra: NULL none. */
static bool applies(const struct thaw_evaluation *evaluation,
                    const struct thaw_dependency_specifier *parsed, bool is_satisfied,
                    const char *extra)
{
    const struct thaw_texts extras = {&extra, extra != NULL};
    size_t holds = 0;

    for (size_t i = 0; i < evaluation->environment_count; i++)
        holds += thaw_marker_holds(parsed->marker, &evaluation->environments[i], &extras) > 0;
    return holds == evaluation->environment_count || (holds && is_satisfied);
}

int thaw_evaluation_requirement(struct thaw_evaluation *evaluation, const char *text, uint32_t asks,
                                struct thaw_dependency_specifier *parsed,
                                struct thaw_shipped_requirement *ret)
{
    struct thaw_shipped *shipped = evaluation->shipped;
    int result = thaw_requirement_parse(text, strlen(text), &evaluation->arena, parsed);

    *ret = (struct thaw_shipped_requirement){
        .text = text, .name = "", .extra = "", .distribution = THAW_SHIPPED_NONE};
    if (result == -ENOMEM)
        return result;
    if (result < 0) {
        ret->unreadable = true;
        return 0;
    }
    ret->name = thaw_arena_string(&shipped->memory->arena, parsed->name);
    if (!ret->name)
        return -ENOMEM;
    result = asks == THAW_SHIPPED_NONE
                 ? thaw_evaluation_find(evaluation, parsed->name, &ret->distribution)
                 : find_for(evaluation, asks, parsed->name, &ret->distribution);
    if (result < 0)
        return result;
    ret->satisfied =
        ret->distribution != THAW_SHIPPED_NONE &&
        (*parsed->url || thaw_version_fits(shipped->distributions[ret->distribution].version,
                                           parsed->specifiers, strlen(parsed->specifiers)) > 0);
    ret->applies = applies(evaluation, parsed, ret->satisfied, NULL);
    return 0;
}

/* The name in "channel::name >=1,<2 build" or "name[version='>=1']"; 0: it can't be told. */
static size_t package_name(const char *text, const char **name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const char *channel = strstr(text, "::");
    size_t length;

    *name = channel ? channel + 2 : text;
    *name += strspn(*name, " ");
    length = strspn(*name, letters);
    return strchr(text, ';') || strstr(text, "when=") || !strchr(" =<>!~[", (*name)[length])
               ? 0
               : length;
}

static uint32_t find_package(const struct thaw_evaluation *evaluation, const char *key)
{
    size_t found = thaw_path_table_find(&evaluation->packages, key, strlen(key));

    return found == THAW_PATH_NONE ? THAW_SHIPPED_NONE : (uint32_t)found;
}

int thaw_evaluation_package(struct thaw_evaluation *evaluation, uint32_t environment,
                            const char *text, struct thaw_shipped_requirement *ret)
{
    const char *name, *key;
    size_t length = package_name(text, &name);

    *ret = (struct thaw_shipped_requirement){
        .text = text, .name = "", .extra = "", .distribution = THAW_SHIPPED_NONE};
    ret->unreadable = !length;
    if (!length)
        return 1;
    if (strncmp(name, "__", 2) == 0)
        return 0;
    ret->name = thaw_arena_text(&evaluation->shipped->memory->arena, name, length);
    key = package_key(evaluation, 'c', environment, ret->name);
    if (!key)
        return -ENOMEM;
    ret->distribution = find_package(evaluation, key);
    if (ret->distribution == THAW_SHIPPED_NONE) {
        name = thaw_name_normalise(&evaluation->arena, name, length);
        key = package_key(evaluation, 'p', environment, name);
        if (!key)
            return -ENOMEM;
        ret->distribution = find_package(evaluation, key);
    }
    ret->applies = true;
    ret->satisfied = ret->distribution != THAW_SHIPPED_NONE;
    return 1;
}

bool thaw_evaluation_needs_extra(const struct thaw_evaluation *evaluation,
                                 const struct thaw_dependency_specifier *parsed, char *buffer,
                                 size_t size)
{
    for (size_t i = 0; i < evaluation->environment_count; i++) {
        if (thaw_marker_needs_extra(parsed->marker, &evaluation->environments[i], buffer,
                                    (unsigned)size) > 0)
            return true;
    }
    return false;
}

bool thaw_evaluation_applies_with(const struct thaw_evaluation *evaluation,
                                  const struct thaw_dependency_specifier *parsed,
                                  const struct thaw_shipped_requirement *requirement,
                                  const char *extra)
{
    return applies(evaluation, parsed, requirement->satisfied, extra);
}
