/* SPDX-License-Identifier: Apache-2.0 */
#include "project/document.h"

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
    version = thaw_document_find(document, "version", &at);
    if (version && !json_is_string(version)) {
        struct thaw_project_place place = thaw_document_place(document, at);

        code = thaw_project_complain(project, THAW_PROBLEM_TYPE, &place,
                                     "version has to be the text \"2.0\", in quotes");
    }
    thaw_document_free(project->host);
    project->host = document;
    return code;
}
