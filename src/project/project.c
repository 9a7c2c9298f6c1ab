/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "project/build.h"
#include "project/document.h"

#define NOWHERE ((struct thaw_project_place){.file = ""})
#define PROBLEM_LENGTH 400

struct thaw_project *thaw_project_new(void)
{
    static const struct thaw_inferred unknown = {.value = "", .reason = "", .place.file = ""};
    struct thaw_project *project = calloc(1, sizeof(*project));

    if (!project)
        return NULL;
    project->memory = calloc(1, sizeof(*project->memory));
    if (!project->memory) {
        free(project);
        return NULL;
    }
    project->path = project->reader = "";
    project->platform = project->plan = project->python = project->packaging = unknown;
    return project;
}

void thaw_project_free(struct thaw_project *project)
{
    struct thaw_project_memory *memory;

    if (!project)
        return;
    memory = project->memory;
    thaw_document_free(project->host);
    thaw_shipped_free(memory->shipped);
    thaw_array_free(&memory->settings);
    thaw_array_free(&memory->facts);
    thaw_array_free(&memory->templates);
    thaw_array_free(&memory->functions);
    thaw_array_free(&memory->apps);
    thaw_array_free(&memory->calls);
    thaw_array_free(&memory->literals);
    thaw_array_free(&memory->imports);
    thaw_array_free(&memory->manifests);
    thaw_array_free(&memory->requirements);
    thaw_array_free(&memory->problems);
    thaw_arena_free(&memory->arena);
    free(memory);
    free(project);
}

/* --- adding ----------------------------------------------------------------------------------- */

const char *thaw_project_file(struct thaw_project *project, const char *file)
{
    struct thaw_project_memory *memory = project->memory;
    const char *copy;

    if (!file || !*file)
        return "";
    if (memory->file && !strcmp(memory->file, file))
        return memory->file;
    copy = thaw_arena_string(&memory->arena, file);
    if (copy)
        memory->file = copy;
    return copy;
}

/* A place whose file is the project's own; false: memory is short. */
static bool keep_place(struct thaw_project *project, const struct thaw_project_place *place,
                       struct thaw_project_place *ret)
{
    *ret = place ? *place : NOWHERE;
    ret->file = thaw_project_file(project, ret->file);
    return ret->file;
}

struct thaw_setting *thaw_project_add_setting(struct thaw_project *project)
{
    struct thaw_setting *setting = thaw_array_add(&project->memory->settings);

    if (setting)
        *setting =
            (struct thaw_setting){.name = "", .place = NOWHERE, .resource = "", .detail = ""};
    return setting;
}

struct thaw_project_fact *thaw_project_add_fact(struct thaw_project *project,
                                                enum thaw_fact_kind kind, const char *value,
                                                const char *resource,
                                                const struct thaw_project_place *place)
{
    struct thaw_project_memory *memory = project->memory;
    struct thaw_project_fact fact = {
        .kind = kind,
        .value = thaw_arena_string(&memory->arena, thaw_setting_name_shown(value)),
        .resource = thaw_arena_string(&memory->arena, thaw_setting_name_shown(resource)),
    };
    struct thaw_project_fact *added;

    if (!fact.value || !fact.resource || !keep_place(project, place, &fact.place))
        return NULL;
    added = thaw_array_add(&memory->facts);
    if (added)
        *added = fact;
    return added;
}

static int add_problem(struct thaw_project *project, enum thaw_problem_kind kind,
                       const struct thaw_project_place *place, const char *fix, const char *what)
{
    struct thaw_problem problem = {
        .kind = kind,
        .what = thaw_arena_string(&project->memory->arena, what),
        .fix = fix,
    };
    struct thaw_problem *added;

    if (!problem.what || !keep_place(project, place, &problem.place))
        return -ENOMEM;
    added = thaw_array_add(&project->memory->problems);
    if (!added)
        return -ENOMEM;
    *added = problem;
    return 0;
}

static int complain(struct thaw_project *project, enum thaw_problem_kind kind,
                    const struct thaw_project_place *place, const char *fix, const char *what,
                    va_list arguments)
{
    char text[PROBLEM_LENGTH];

    if (project->memory->problems.count > THAW_PROJECT_PROBLEMS_MAX)
        return 0;
    if (project->memory->problems.count == THAW_PROJECT_PROBLEMS_MAX)
        return add_problem(project, THAW_PROBLEM_CUT, NULL, "",
                           "there are more problems than are listed: mend these first");
    vsnprintf(text, sizeof(text), what, arguments);
    return add_problem(project, kind, place, fix, text);
}

int thaw_project_complain(struct thaw_project *project, enum thaw_problem_kind kind,
                          const struct thaw_project_place *place, const char *what, ...)
{
    va_list arguments;
    int code;

    va_start(arguments, what);
    code = complain(project, kind, place, "", what, arguments);
    va_end(arguments);
    return code;
}

int thaw_project_complain_to_do(struct thaw_project *project, enum thaw_problem_kind kind,
                                const struct thaw_project_place *place, const char *fix,
                                const char *what, ...)
{
    va_list arguments;
    int code;

    va_start(arguments, what);
    code = complain(project, kind, place, fix, what, arguments);
    va_end(arguments);
    return code;
}

/* --- showing ---------------------------------------------------------------------------------- */

static int compare_places(const struct thaw_project_place *a, const struct thaw_project_place *b)
{
    int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");

    if (order)
        return order;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

/* By place; where that is the same, as they were added: an order that sorting alone would not
 * keep. */
struct order {
    struct thaw_project_place place;
    size_t number;
};

static int compare_orders(const void *a, const void *b)
{
    const struct order *one = a, *other = b;
    int order = compare_places(&one->place, &other->place);

    return order ? order : (one->number > other->number) - (one->number < other->number);
}

static bool is_sorted(const struct order *orders, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare_orders(&orders[i - 1], &orders[i]) > 0)
            return false;
    return true;
}

/*
 * Sorts items of a size by the place at an offset of each. ret_became (may be NULL): for each item
 * as it was added its number now, to be freed; NULL where all stayed.
 */
static int sort_items(void *items, size_t count, size_t size, size_t place_at, size_t **ret_became)
{
    struct order *orders = reallocarray(NULL, count + 1, sizeof(*orders));
    size_t *became = reallocarray(NULL, count + 1, sizeof(*became));
    char *copy = reallocarray(NULL, count + 1, size);
    int code = orders && became && copy ? 0 : -ENOMEM;

    for (size_t i = 0; !code && i < count; i++) {
        memcpy(&orders[i].place, (char *)items + i * size + place_at, sizeof(orders[i].place));
        orders[i].number = i;
    }
    if (!code && !is_sorted(orders, count)) {
        qsort(orders, count, sizeof(*orders), compare_orders);
        memcpy(copy, items, count * size);
        for (size_t i = 0; i < count; i++) {
            memcpy((char *)items + i * size, copy + orders[i].number * size, size);
            became[orders[i].number] = i;
        }
        if (ret_became) {
            *ret_became = became;
            became = NULL;
        }
    }
    free(orders);
    free(became);
    free(copy);
    return code;
}

#define SORT(array, type, ret_became)                                                              \
    sort_items((array)->items, (array)->count, sizeof(type), offsetof(type, place), ret_became)

/* Functions change their numbers by being sorted, and calls tell theirs by it. */
static int sort_functions(struct thaw_project_memory *memory)
{
    size_t *became = NULL;
    int code = SORT(&memory->functions, struct thaw_app_function, &became);

    for (size_t i = 0; became && i < memory->calls.count; i++) {
        uint32_t *function = &memory->calls.items[i].function;

        if (*function < memory->functions.count)
            *function = (uint32_t)became[*function];
    }
    free(became);
    return code;
}

static int sort_all(struct thaw_project_memory *memory)
{
    int code = sort_functions(memory);

    if (!code)
        code = SORT(&memory->settings, struct thaw_setting, NULL);
    if (!code)
        code = SORT(&memory->facts, struct thaw_project_fact, NULL);
    if (!code)
        code = thaw_project_link_facts(memory->facts.items, memory->facts.count);
    if (!code)
        code = SORT(&memory->apps, struct thaw_app_variable, NULL);
    if (!code)
        code = SORT(&memory->calls, struct thaw_app_call, NULL);
    if (!code)
        code = SORT(&memory->literals, struct thaw_app_literal, NULL);
    if (!code)
        code = SORT(&memory->imports, struct thaw_project_import, NULL);
    if (!code)
        code = SORT(&memory->problems, struct thaw_problem, NULL);
    return code;
}

static int compare_resources(const void *a, const void *b)
{
    const struct thaw_project_fact *one = *(struct thaw_project_fact *const *)a;
    const struct thaw_project_fact *other = *(struct thaw_project_fact *const *)b;
    int order = strcmp(one->place.file, other->place.file);

    if (!order)
        order = strcmp(one->resource, other->resource);
    return order ? order : (one > other) - (one < other);
}

static bool is_same_resource(const struct thaw_project_fact *one,
                             const struct thaw_project_fact *other)
{
    return !strcmp(one->resource, other->resource) && !strcmp(one->place.file, other->place.file);
}

int thaw_project_link_facts(struct thaw_project_fact *facts, size_t count)
{
    struct thaw_project_fact **sorted =
        reallocarray(NULL, count + 1, sizeof(struct thaw_project_fact *));

    if (!sorted)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &facts[i];
    qsort(sorted, count, sizeof(*sorted), compare_resources);
    for (size_t i = 0; i < count; i++) {
        bool again = i && is_same_resource(sorted[i - 1], sorted[i]);

        sorted[i]->next_of_resource = THAW_PROJECT_NONE;
        sorted[i]->first_of_resource =
            again ? sorted[i - 1]->first_of_resource : (uint32_t)(sorted[i] - facts);
        if (again)
            sorted[i - 1]->next_of_resource = (uint32_t)(sorted[i] - facts);
    }
    free(sorted);
    return 0;
}

#define SHOW(project, list, number)                                                                \
    ((project)->list = (project)->memory->list.items,                                              \
     (project)->number = (project)->memory->list.count)

int thaw_project_show(struct thaw_project *project)
{
    int code = sort_all(project->memory);

    SHOW(project, settings, setting_count);
    SHOW(project, facts, fact_count);
    SHOW(project, templates, template_count);
    SHOW(project, functions, function_count);
    SHOW(project, apps, app_count);
    SHOW(project, calls, call_count);
    SHOW(project, literals, literal_count);
    SHOW(project, imports, import_count);
    SHOW(project, manifests, manifest_count);
    SHOW(project, requirements, requirement_count);
    SHOW(project, problems, problem_count);
    project->shipped = project->memory->shipped;
    return code;
}
