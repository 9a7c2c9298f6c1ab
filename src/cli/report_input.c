/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_input.h"

#include <errno.h>

#include "recording/importtime_log.h"
#include "report/read_report.h"
#include "report/report_schema.h"

const char *const thaw_report_from_choices[] = {"auto", "importtime", NULL};

int thaw_report_input_open(const char *path, int from, struct thaw_report_input *ret,
                           struct thaw_error *error)
{
    int code = 0;

    *ret = (struct thaw_report_input){.from = from, .path = path};
    if (from == THAW_FROM_CONTENT && thaw_report_is_file(path)) {
        code = thaw_report_read_file(path, &ret->written, error);
        if (!code)
            code = thaw_report_check_schema(path, ret->written, error);
    }
    if (code)
        thaw_report_input_free(ret);
    return code;
}

void thaw_report_input_free(struct thaw_report_input *input)
{
    json_decref(input->written);
    input->written = NULL;
}

const char *thaw_report_input_is(const struct thaw_report_input *input)
{
    if (input->written)
        return "a report";
    return input->from == THAW_FROM_IMPORTTIME ? "a log" : NULL;
}

bool thaw_report_input_has_target(const struct thaw_report_input *input)
{
    return json_is_object(json_object_get(input->written, "target"));
}

/* What isn't a recording may be a log: then the error says how it is read. */
static int explain(const struct thaw_report_input *input, int code, struct thaw_error *error)
{
    if (code != -EBADMSG || input->from != THAW_FROM_CONTENT ||
        !thaw_importtime_log_is_file(input->path))
        return code;
    return thaw_error_set(error, code,
                          "%s is not a recording but a log of -X importtime; read it with --from "
                          "importtime",
                          input->path);
}

static void choose_loader(const struct thaw_report_input *input, struct thaw_rendering *ret)
{
    if (input->from == THAW_FROM_IMPORTTIME)
        ret->load_recording = thaw_importtime_log_load;
}

int thaw_report_input_load(const struct thaw_report_input *input, const char *guest,
                           struct thaw_rendering *ret, struct thaw_error *error)
{
    int code;

    if (input->written) {
        ret->report = json_incref(input->written);
        return 0;
    }
    choose_loader(input, ret);
    code = thaw_rendering_load_guest(input->path, guest, ret, error);
    return guest ? code : explain(input, code, error);
}

int thaw_report_input_load_recording(const struct thaw_report_input *input,
                                     struct thaw_rendering *ret, struct thaw_error *error)
{
    choose_loader(input, ret);
    return explain(input, thaw_rendering_load_recording(input->path, ret, error), error);
}
