/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_RENDER_H
#define THAW_CLI_RENDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/output.h"
#include "configuration/configuration.h"
#include "report/module_lines.h"
#include "thaw/error.h"
#include "thaw/recording.h"
#include "thaw/report.h"
#include "thaw/timeline.h"
#include "trial/proof_file.h"

/* How the recording comes to be: what it is read from is at path, or in another form there. */
typedef int thaw_load_recording(const char *path, struct thaw_recording **ret,
                                struct thaw_error *error);

/* The way from a recording's file to an output: recording, timeline, analysis, report, format. */
struct thaw_rendering {
    const char *configuration_path; /* the caller's: of a thaw.json, NULL: the app's, if any */
    struct thaw_configuration configuration;
    const char
        *proofs_path;     /* the caller's: of a file of proofs, NULL: that beside the recording */
    const char *name;     /* of the command, for a line about proofs that can't be used */
    bool without_modules; /* the caller's: the report's head is enough (thaw_report_json_head()) */
    thaw_load_recording *load_recording; /* the caller's: NULL: thaw_recording_load() */
    struct thaw_proofs proofs;
    struct thaw_recording *recording;
    struct thaw_timeline *timeline;
    struct thaw_analysis *analysis;
    json_t *report;
    struct thaw_module_lines modules;       /* of it, where it is without */
    struct thaw_recording *guest_recording; /* NULL: no guest's is laid under it */
    struct thaw_timeline *guest;
};

/* Loads all of them, and what the user's thaw.json suppresses is no finding; what was loaded is
 * freed by thaw_rendering_free(), also after a failure. Proofs of its findings join them; where
 * they can't be used, a line says so. */
int thaw_rendering_load(const char *path, struct thaw_rendering *ret, struct thaw_error *error);

/* Of that, the recording alone; what can be had of it at least. */
int thaw_rendering_load_recording(const char *path, struct thaw_rendering *ret,
                                  struct thaw_error *error);

/* The same with a recording made in a guest of that one, NULL none. */
int thaw_rendering_load_guest(const char *path, const char *guest, struct thaw_rendering *ret,
                              struct thaw_error *error);
void thaw_rendering_free(struct thaw_rendering *rendering);

/* The row of the table of formats, or NULL. */
const struct thaw_report_format *thaw_render_format(const char *name);

/* The whole way at once. */
int thaw_render_file(const char *path, const struct thaw_report_format *format,
                     const struct thaw_report_options *style, FILE *stream,
                     struct thaw_error *error);

#endif
