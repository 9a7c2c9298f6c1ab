/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_INFERENCE_H
#define THAW_PROJECT_INFERENCE_H

#include "project/reading.h"

/* How something is inferred that no single file has to say: from the strongest kind of evidence
 * that there is, and only where all of that kind agrees. */

struct thaw_statement {
    const char *value; /* "" it is stated, but by an expression */
    const char *what;  /* "SKU FC1", in the reason behind its place */
    struct thaw_project_place place;
};

struct thaw_statements {
    THAW_ARRAY(struct thaw_statement) list;
};

/* Adds what one kind of evidence says, if it says anything. 0 or -ENOMEM. */
typedef int (*thaw_evidence)(struct thaw_project_reading *reading,
                             struct thaw_statements *statements);

/* The strongest kind first, NULL-terminated; unknown: the reason where nothing tells it. 0 or
 * -ENOMEM. */
int thaw_infer(struct thaw_project_reading *reading, const thaw_evidence *kinds,
               const char *unknown, struct thaw_inferred *ret);

/* value and what are copied. 0 or -ENOMEM. */
int thaw_infer_say(struct thaw_project_reading *reading, struct thaw_statements *statements,
                   const char *value, const struct thaw_project_place *place, const char *what, ...)
    __attribute__((format(printf, 5, 6)));

/* The first fact of the kind from number *at on, which is set behind it; NULL none. */
const struct thaw_project_fact *thaw_infer_fact(const struct thaw_project_reading *reading,
                                                enum thaw_fact_kind kind, size_t *at);

/* "aws_lambda" … where an image's name says that it is a platform's own base image, else "". */
const char *thaw_infer_image_platform(const char *image);

/* Is it of the app's own image? Dockerfiles below its folder may be of a database, or of tests: of
 * those only the ones count that begin with a platform's own image. Facts of other templates: yes.
 */
bool thaw_infer_is_own_image(const struct thaw_project_reading *reading,
                             const struct thaw_project_fact *fact);

bool thaw_infer_is_of_dockerfile(const struct thaw_project_reading *reading,
                                 const struct thaw_project_fact *fact);

/* 1: the plan, or the stack that a template names, runs no containers; 0: that is not said;
 * -ENOMEM. */
int thaw_infer_runs_no_container(struct thaw_project_reading *reading);

/* The same of settings that are deployed, by name. */
const struct thaw_setting *thaw_infer_setting(const struct thaw_project_reading *reading,
                                              const char *name, size_t *at);

/* Does one of its requirements ask for it (normalised)? The requirement, NULL none. */
const struct thaw_requirement *thaw_infer_requirement(const struct thaw_project_reading *reading,
                                                      const char *name);

/* "3.11" of what names a version of Python ("python3.11", "Python|3.11", "3.11.7"), in out; false:
 * it names none. */
bool thaw_infer_minor(const char *text, char out[16]);

#endif
