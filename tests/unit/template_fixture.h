/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TEMPLATE_FIXTURE_H
#define TESTS_TEMPLATE_FIXTURE_H

#include "thaw/project.h"

/* Reads one template and looks for what it says. The project is the fixture's, until the next one
 * is read, or the test ends. */
void template_read(const char *file, const char *text);
int template_end(void **state); /* a teardown */
const struct thaw_project *template_project(void);

/* Facts of a kind and resource (NULL: any): how many, the value of the first (NULL: none). */
size_t template_facts(enum thaw_fact_kind kind, const char *resource);
const char *template_fact(enum thaw_fact_kind kind, const char *resource);
const struct thaw_project_fact *template_find(enum thaw_fact_kind kind, const char *resource);
/* The setting of a name and resource (NULL: any); fails the test where it is not there. */
const struct thaw_setting *template_setting(const char *name, const char *resource);
size_t template_settings(void);
/* Of the only template. */
uint64_t template_unread(void);
bool template_has_app(void);

/* Reading the text with each allocation failing in turn gives -ENOMEM, and nothing worse. */
void template_survives(const char *file, const char *text);

#endif
