/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_REPORT_INPUT_H
#define THAW_CLI_REPORT_INPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/render.h"

/* What `thaw report` is given: a recording, a log of -X importtime, or a report as JSON. */
enum thaw_report_from { THAW_FROM_CONTENT, THAW_FROM_IMPORTTIME };

/* --from, NULL-terminated. */
extern const char *const thaw_report_from_choices[];

struct thaw_report_input {
    enum thaw_report_from from;
    const char *path;
    json_t *written; /* of a file that is a report already, else NULL */
};

/* Looks at what it is; a report is read. 0 or what reading it failed with. */
int thaw_report_input_open(const char *path, int from, struct thaw_report_input *ret,
                           struct thaw_error *error);
void thaw_report_input_free(struct thaw_report_input *input);

/* What kind of a file an option is not for, as the subject of a complaint; NULL: it is a recording.
 */
const char *thaw_report_input_is(const struct thaw_report_input *input);

/* Is it about what a target ships? Then it has that one's views, too. */
bool thaw_report_input_has_target(const struct thaw_report_input *input);

/* As thaw_rendering_load_guest(); a written report as it is. */
int thaw_report_input_load(const struct thaw_report_input *input, const char *guest,
                           struct thaw_rendering *ret, struct thaw_error *error);
/* The recording alone; there must be one. */
int thaw_report_input_load_recording(const struct thaw_report_input *input,
                                     struct thaw_rendering *ret, struct thaw_error *error);

#endif
