/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_DOCUMENT_H
#define THAW_PROJECT_DOCUMENT_H

#include <jansson.h>

#include "base/json_position.h"
#include "project/build.h"

/* A JSON file with comments and trailing commas, as the Functions host and its tools read them:
 * values by jansson, places by base/json_position.h. */
struct thaw_project_document {
    const char *file;
    json_t *root;
    char *bytes; /* of the positions */
    struct thaw_json_positions positions;
    uint32_t *again; /* NULL: no key stands twice; see thaw_document_next() */
};

/*
 * Reads it: *ret NULL where it is no JSON, too large or no UTF-8, which is a problem of the
 * project's; so is each key that stands twice (the last one counts). 0 or -ENOMEM.
 */
int thaw_document_read(struct thaw_project *project, const struct thaw_project_input *input,
                       struct thaw_project_document **ret);
/* The same where the root has to be an object: where it is none, that is a problem, too, and *ret
 * is NULL. */
int thaw_document_read_object(struct thaw_project *project, const struct thaw_project_input *input,
                              struct thaw_project_document **ret);
void thaw_document_free(struct thaw_project_document *document); /* NULL is allowed */

/* Its place; of a member: that of its key. The last line, too. */
struct thaw_project_place thaw_document_place(const struct thaw_project_document *document,
                                              uint32_t value);
/* The member of an object that is at or behind value in the text, and the first of its name;
 * *ret_at is the last of that name, which counts. In jansson's order of an object, as it has it.
 * Both THAW_JSON_NO_VALUE: there is none. */
uint32_t thaw_document_next(const struct thaw_project_document *document, uint32_t value,
                            uint32_t *ret_at);
/* The value of a path of keys, "" its root; *ret_at (may be NULL) for thaw_document_place(). A key
 * counts without regard to case where none is written so, as configuration in .NET has it, and may
 * have dots itself ("logging.logLevel.Host.Results"). */
const json_t *thaw_document_find(const struct thaw_project_document *document, const char *path,
                                 uint32_t *ret_at);

#endif
