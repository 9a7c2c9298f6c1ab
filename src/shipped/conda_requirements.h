/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_CONDA_REQUIREMENTS_H
#define THAW_SHIPPED_CONDA_REQUIREMENTS_H

#include "shipped/evaluation.h"

/* What the conda packages of a distribution ask for, and whether they were asked for. */

/* The entries of depends of all of them: how many requirements there may be. */
uint64_t thaw_conda_depend_count(const struct thaw_shipped *shipped, uint32_t distribution);

/*
 * Adds them to the distribution's requires, which has room for them: not those that are the
 * distribution itself, and none again that it has asked for. asked: of each distribution, the
 * number behind that of who asked for it last. 0 or -ENOMEM.
 */
int thaw_conda_requires(struct thaw_evaluation *evaluation, uint32_t distribution, uint32_t *asked);

/* Did the user ask conda for one of its packages by name? */
bool thaw_conda_is_requested(const struct thaw_shipped *shipped, uint32_t distribution);

#endif
