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

/* ASCII only: control codes of the upper half and bidirectional marks in a name must not reach a
 * terminal that the file is shown on. */
int thaw_write_json(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error)
{
    int code = thaw_json_sink(report, options ? options->modules_of : NULL, THAW_JSON_FOR_PEOPLE,
                              stream, error);

    if (code)
        return code;
    fputc('\n', stream);
    return thaw_write_finish(stream, error);
}

/* ASCII likewise. 17 digits are any double, exactly. */
int thaw_write_compact_json(const json_t *value, FILE *stream, struct thaw_error *error)
{
    size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17);

    errno = 0;
    if (json_dumpf(value, stream, flags) < 0 && !ferror(stream))
        return thaw_error_memory(error);
    fputc('\n', stream);
    return thaw_write_finish(stream, error);
}
