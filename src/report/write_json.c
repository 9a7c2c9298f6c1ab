/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "report/writers.h"

int thaw_write_finish(FILE *stream, struct thaw_error *error)
{
    errno = 0;
    if (!fflush(stream) && !ferror(stream))
        return 0;
    return thaw_error_system(error, errno ? -errno : -EIO, "writing the report");
}

/*
 * ASCII only: control codes of the upper half and bidirectional marks in a name must not reach a
 * terminal that the file is shown on. 12 digits keep a limit of 0.1 CPU from being 0.1000…01.
 */
int thaw_write_json(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error)
{
    size_t flags = JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12);

    (void)options;
    errno = 0;
    if (json_dumpf(report, stream, flags) < 0 && !ferror(stream))
        return thaw_error_memory(error);
    fputc('\n', stream);
    return thaw_write_finish(stream, error);
}
