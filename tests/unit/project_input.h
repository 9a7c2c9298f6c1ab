/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PROJECT_INPUT_H
#define TESTS_PROJECT_INPUT_H

#include <string.h>

#include "project/build.h"

/* What tests of readers have in common: an empty project, a text as a file of it, and the only
 * problem it was told. */

static struct thaw_project *project;

static inline int project_begin(void **state)
{
    (void)state;
    project = thaw_project_new();
    return project ? 0 : -1;
}

static inline int project_end(void **state)
{
    (void)state;
    thaw_project_free(project);
    project = NULL;
    return 0;
}

static inline struct thaw_project_input project_input(const char *file, const char *text)
{
    return (struct thaw_project_input){.file = file, .bytes = text, .length = strlen(text)};
}

/* An empty one instead of what there was. */
static inline void project_again(void)
{
    project_end(NULL);
    assert_int_equal(project_begin(NULL), 0);
}

static inline void assert_no_problem(void)
{
    assert_int_equal(thaw_project_show(project), 0);
    if (project->problem_count)
        fail_msg("%s", project->problems[0].what);
}

/* The nth problem by place; words: some of what it says. */
static inline void assert_problem(size_t number, enum thaw_problem_kind kind, uint32_t line,
                                  uint32_t column, const char *words)
{
    const struct thaw_problem *problem;

    assert_int_equal(thaw_project_show(project), 0);
    assert_true(number < project->problem_count);
    problem = &project->problems[number];
    if (problem->kind != kind || problem->place.line != line || problem->place.column != column ||
        !strstr(problem->what, words))
        fail_msg("%s:%u:%u: kind %d: %s", problem->place.file, problem->place.line,
                 problem->place.column, problem->kind, problem->what);
}

#endif
