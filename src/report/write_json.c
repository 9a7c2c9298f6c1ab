/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "report/json_sink.h"
#include "report/writers.h"

int thaw_write_finish(FILE *stream, struct thaw_error *error)
{
    errno = 0;
    if (!fflush(stream) && !ferror(stream))
        return 0;
    return thaw_error_system(error, errno ? -errno : -EIO, "writing the report");
}

static int write_json(const json_t *value, const struct thaw_report_options *options,
                      enum thaw_json_form form, FILE *stream, struct thaw_error *error)
{
    int code = thaw_json_sink(value, options ? options->modules : NULL, form, stream, error);

    if (code)
        return code;
    fputc('\n', stream);
    return thaw_write_finish(stream, error);
}

/* ASCII only: control codes of the upper half and bidirectional marks in a name must not reach a
 * terminal that the file is shown on. */
int thaw_write_json(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error)
{
    return write_json(report, options, THAW_JSON_FOR_PEOPLE, stream, error);
}

int thaw_write_compact_json(const json_t *value, FILE *stream, struct thaw_error *error)
{
    return write_json(value, NULL, THAW_JSON_EXACT, stream, error);
}
