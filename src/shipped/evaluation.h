/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_EVALUATION_H
#define THAW_SHIPPED_EVALUATION_H

#include "base/arena.h"
#include "base/path_table.h"
#include "packaging/marker.h"
#include "packaging/requirement.h"
#include "shipped/sites.h"
#include "thaw/shipped.h"

#define THAW_EVALUATION_PYTHONS 8

/*
 * Requirements held against what is installed, for the target's interpreter and platform. A name
 * means the first distribution of that name in the import path's order, as an import would: to
 * another distribution the first of its own environment (sites.h), to a requirements file of all.
 *
 * Where nothing tells the interpreter's version, those of CPython 3.8 to 3.15 are asked: a
 * requirement applies when it does for all of them, or for some and it is satisfied.
 */
struct thaw_evaluation {
    struct thaw_shipped *shipped;
    struct thaw_marker_environment environments[THAW_EVALUATION_PYTHONS];
    size_t environment_count;
    struct thaw_arena arena;         /* parsed requirements, and the following */
    struct thaw_path_table names;    /* normalised, and "ENVIRONMENT normalised" -> distribution */
    struct thaw_path_table packages; /* in conda environments: see thaw_evaluation_package() */
    uint32_t *first;     /* of each distribution: the first one of its name in its environment */
    size_t interpreters; /* environments but single folders */
    bool sees_system;    /* one of them does */
};

/* 0 or -ENOMEM; thaw_evaluation_end() in any case. */
int thaw_evaluation_begin(struct thaw_evaluation *evaluation, struct thaw_shipped *shipped);
void thaw_evaluation_end(struct thaw_evaluation *evaluation);

/* Is there another one of its name before it, or instead of it? Then no import and no requirement
 * means this one. */
bool thaw_evaluation_is_shadowed(const struct thaw_evaluation *evaluation, uint32_t distribution);

/* The distribution of a name, in any environment (NONE: not installed). 0 or -ENOMEM. */
int thaw_evaluation_find(struct thaw_evaluation *evaluation, const char *name, uint32_t *ret);

/*
 * Parses a requirement of a distribution (asks, NONE: of a requirements file) and fills *ret, but
 * for extra: applies says whether the marker holds when no extra is asked for. Texts of *parsed
 * live as long as the evaluation, those of *ret as the model; text itself is the caller's. 0 or
 * -ENOMEM: what is no requirement is marked so.
 */
int thaw_evaluation_requirement(struct thaw_evaluation *evaluation, const char *text, uint32_t asks,
                                struct thaw_dependency_specifier *parsed,
                                struct thaw_shipped_requirement *ret);

/*
 * A package's dependency in a conda environment, told by a MatchSpec (conda's documentation,
 * "Package match specifications"). Only its name is evaluated: it means the package of that name in
 * this environment, else a Python distribution there. It is satisfied when that is installed at
 * all: versions are not held against it, for conda's order of versions is not PEP 440's. A spec
 * with a condition is taken as unreadable. text as for thaw_evaluation_requirement(). 1; 0: it asks
 * for what the system itself is (a virtual package, "__glibc"); -ENOMEM.
 */
int thaw_evaluation_package(struct thaw_evaluation *evaluation, uint32_t environment,
                            const char *text, struct thaw_shipped_requirement *ret);

/* Nobody can say that it is missing: the system's packages, which the environment of who asks
 * includes, are not looked at. */
bool thaw_evaluation_is_unsure(const struct thaw_evaluation *evaluation, uint32_t asks);

/* The extra that it needs to apply, in buffer; false: none would make it apply. */
bool thaw_evaluation_needs_extra(const struct thaw_evaluation *evaluation,
                                 const struct thaw_dependency_specifier *parsed, char *buffer,
                                 size_t size);

/* Does it apply when that extra is asked for? */
bool thaw_evaluation_applies_with(const struct thaw_evaluation *evaluation,
                                  const struct thaw_dependency_specifier *parsed,
                                  const struct thaw_shipped_requirement *requirement,
                                  const char *extra);

#endif
