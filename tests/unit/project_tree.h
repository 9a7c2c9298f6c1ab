/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PROJECT_TREE_H
#define TESTS_PROJECT_TREE_H

#include <stdbool.h>

#include "scratch.h"
#include "thaw/project.h"

/* An app's folder in a scratch folder, and what thaw reads there. What is missing fails the test.
 */

struct thaw_project *project_read(const struct scratch *scratch);
/* path NULL: the scratch folder. */
struct thaw_project *project_read_as(const struct scratch *scratch,
                                     const struct thaw_project_options *given);

bool project_was_read(const struct thaw_project *project, const char *file);
bool project_leaves_out(const struct thaw_project *project, const char *path);

/* The first of a file, NULL none. */
const struct thaw_problem *project_problem(const struct thaw_project *project, const char *file);
/* It is of that kind, and says that. */
void project_assert_problem(const struct thaw_project *project, const char *file,
                            enum thaw_problem_kind kind, const char *what);

/* A virtual environment of Python 3.11 with one distribution. */
void project_write_environment(const struct scratch *scratch, const char *folder);

/* Bicep: an app for Python 3.12 on Flex. */
extern const char project_flex_template[];

#endif
