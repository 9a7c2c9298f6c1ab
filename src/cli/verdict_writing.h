/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_VERDICT_WRITING_H
#define THAW_CLI_VERDICT_WRITING_H

#include <jansson.h>

#include "cli/output.h"
#include "cli/requests.h"

/*
 * What a command writes that comes to a verdict: its document in the formats that are asked for,
 * and a summary on standard output where nothing else goes there.
 */
struct thaw_verdict_writing {
    struct thaw_requests requests;
    const struct thaw_report_format *formats[THAW_OPTION_TEXTS_MOST]; /* of the requests */
};

/* The command's own, of its options. */
struct thaw_verdict_writing_choice {
    const char *command;
    const struct thaw_report_format *rows; /* that it has; one of them is "summary" */
    const struct thaw_option_texts *formats, *outputs;
    bool json, quiet;
    const char *const *inputs; /* what is read, and may not be overwritten; NULL: none */
    size_t input_count;
};

/* False after a complaint. */
bool thaw_verdict_writing_choose(const struct thaw_verdict_writing_choice *choice,
                                 struct thaw_verdict_writing *ret);

/* Writes it all; how: color, width and view, the rest is filled in here. As thaw_output_write(). */
int thaw_verdict_writing_write(const struct thaw_verdict_writing *writing,
                               const struct thaw_output_content *how, const json_t *document,
                               struct thaw_error *error);

#endif
