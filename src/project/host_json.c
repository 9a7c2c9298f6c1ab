/* SPDX-License-Identifier: Apache-2.0 */
#include "project/document.h"

/* The host itself knows of fewer than 200; each is looked up among the others. */
#define VALUES_MAX 10000

static int refuse(struct thaw_project *project, const struct thaw_project_document *document)
{
    const struct thaw_project_place place = {.file = document->file};

    return thaw_project_complain(project, THAW_PROBLEM_TOO_LARGE, &place,
                                 "more than %d values: not read; is it what its name says?",
                                 VALUES_MAX);
}

/* host.json is kept whole: rules ask for what they know of (thaw_project_host()). Only what all of
 * them take for granted is checked here. */
int thaw_read_host(struct thaw_project *project, const struct thaw_project_input *input)
{
    struct thaw_project_document *document;
    int code = thaw_document_read_object(project, input, &document);
    const json_t *version;
    uint32_t at;

    if (code || !document)
        return code;
    if (document->positions.values.count > VALUES_MAX) {
        code = refuse(project, document);
        thaw_document_free(document);
        return code;
    }
    version = thaw_document_find(document, "version", &at);
    if (version && !json_is_string(version)) {
        struct thaw_project_place place = thaw_document_place(document, at);

        code = thaw_project_complain_to_do(project, THAW_PROBLEM_TYPE, &place,
                                           "write \"version\": \"2.0\"",
                                           "version has to be the text \"2.0\", in quotes");
    }
    thaw_document_free(project->host);
    project->host = document;
    return code;
}
