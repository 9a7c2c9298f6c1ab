/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/joined_proofs.h"
#include "cli/render.h"

static int lay_guest(const char *path, struct thaw_rendering *ret, struct thaw_error *error)
{
    int code = thaw_recording_load(path, &ret->guest_recording, error);

    if (!code)
        code = thaw_timeline_build(ret->guest_recording, &ret->guest, error);
    return code ? code : thaw_timeline_lay_guest(ret->timeline, ret->guest, error);
}

/* The one beside the app, which need not be on this machine. */
static int read_apps_configuration(struct thaw_rendering *ret, struct thaw_error *error)
{
    const char *folder = thaw_analysis_app_folder(ret->analysis);
    struct thaw_error missing;
    char *path;
    int code;

    if (*folder != '/')
        return 0;
    if (asprintf(&path, "%s/" THAW_CONFIGURATION_NAME, folder) < 0)
        return thaw_error_memory(error);
    code = thaw_configuration_read(path, &ret->configuration, &missing);
    free(path);
    if (code && code != -ENOENT && code != -EACCES && error)
        *error = missing;
    return code == -ENOENT || code == -EACCES ? 0 : code;
}

static int suppress(struct thaw_rendering *ret, struct thaw_error *error)
{
    time_t now = time(NULL);
    char today[sizeof("2026-11-28")] = "";
    struct tm day;
    int code = ret->configuration_path
                   ? thaw_configuration_read(ret->configuration_path, &ret->configuration, error)
                   : read_apps_configuration(ret, error);

    if (code)
        return code;
    if (localtime_r(&now, &day))
        strftime(today, sizeof(today), "%Y-%m-%d", &day);
    return thaw_analysis_suppress(ret->analysis, ret->configuration.suppressions,
                                  ret->configuration.count, today, error);
}

int thaw_rendering_load_recording(const char *path, struct thaw_rendering *ret,
                                  struct thaw_error *error)
{
    return (ret->load_recording ? ret->load_recording : thaw_recording_load)(path, &ret->recording,
                                                                             error);
}

int thaw_rendering_load_guest(const char *path, const char *guest, struct thaw_rendering *ret,
                              struct thaw_error *error)
{
    int code = thaw_rendering_load_recording(path, ret, error);

    if (!code)
        code = thaw_timeline_build(ret->recording, &ret->timeline, error);
    if (!code && guest)
        code = lay_guest(guest, ret, error);
    if (!code)
        code = thaw_analysis_build(ret->timeline, &ret->analysis, error);
    if (!code && !ret->load_recording) /* only a recording has proofs */
        code =
            thaw_join_proofs(ret->name, path, ret->proofs_path, ret->analysis, &ret->proofs, error);
    if (!code)
        code = suppress(ret, error);
    if (code)
        return code;
    if (!ret->without_modules)
        return thaw_report_json(ret->analysis, &ret->report, error);
    code = thaw_report_json_head(ret->analysis, &ret->report, error);
    return code ? code : thaw_module_lines_make(ret->analysis, &ret->modules, error);
}

int thaw_rendering_load(const char *path, struct thaw_rendering *ret, struct thaw_error *error)
{
    return thaw_rendering_load_guest(path, NULL, ret, error);
}

void thaw_rendering_free(struct thaw_rendering *rendering)
{
    json_decref(rendering->report);
    thaw_module_lines_free(&rendering->modules);
    thaw_analysis_free(rendering->analysis);
    thaw_configuration_free(&rendering->configuration);
    thaw_proofs_free(&rendering->proofs);
    thaw_timeline_free(rendering->timeline);
    thaw_recording_free(rendering->recording);
    thaw_timeline_free(rendering->guest);
    thaw_recording_free(rendering->guest_recording);
}

const struct thaw_report_format *thaw_render_format(const char *name)
{
    for (const struct thaw_report_format *row = thaw_report_formats(); row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

int thaw_render_file(const char *path, const struct thaw_report_format *format,
                     const struct thaw_report_options *style, FILE *stream,
                     struct thaw_error *error)
{
    struct thaw_rendering rendering = {.without_modules =
                                           format->flags & THAW_REPORT_MAKES_MODULES};
    struct thaw_report_options options = *style;
    int code = thaw_rendering_load(path, &rendering, error);

    if (format->flags & THAW_REPORT_MAKES_MODULES)
        options.modules = &rendering.modules;
    if (!code)
        code = format->write(rendering.report, &options, stream, error);
    thaw_rendering_free(&rendering);
    return code;
}
