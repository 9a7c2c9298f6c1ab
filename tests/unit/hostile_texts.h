/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TESTS_HOSTILE_TEXTS_H
#define THAW_TESTS_HOSTILE_TEXTS_H

#include <jansson.h>
#include <stddef.h>

/* Documents of which every text is hostile, and what the forms of output make of them. */

/* A copy with that text for each of its own but those of the keys in kept (NULL-terminated), which
 * are the document's words; names of members stay. The caller's. */
json_t *hostile_texts(const json_t *document, const char *const *kept, const char *text);

struct hostile_texts_forms {
    char *(*write)(const json_t *document, const char *form); /* malloc'd */
    const char *const *names;
    size_t count;
    const char *const *kept;
};

/* Asserts that no form lets pass what a terminal, a page or a CI system would obey. */
void hostile_texts_are_harmless(const json_t *document, const struct hostile_texts_forms *forms);

#endif
