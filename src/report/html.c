/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "report/json_sink.h"
#include "report/writers.h"

/*
 * The page for a browser: reports/dist/report.html (html_page.S) with the report as JSON in its
 * data element. Nothing in the report can end that element or be taken for markup there: the JSON
 * is ASCII, and the characters that mean something in HTML are escaped. Nothing is kept in memory.
 */

/* Behind it the report goes; reports/build.mjs sees to it that it is there once. */
static const char data_begin[] = "<script type=\"application/json\" id=\"data\">";

/* html_page.S (objects are named after their source without its ending) */
extern const char thaw_html_page[];
extern const char thaw_html_page_end[];

/* ASCII: then neither the page's encoding nor U+2028 and U+2029 matter. */
int thaw_write_html(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error)
{
    size_t length = (size_t)(thaw_html_page_end - thaw_html_page);
    const char *data = memmem(thaw_html_page, length, data_begin, strlen(data_begin));
    int code;

    if (!data)
        return thaw_error_set(error, -EINVAL,
                              "the page built into this program has no place for a report; "
                              "rebuild it with `make frontend all`");
    data += strlen(data_begin);
    errno = 0;
    fwrite(thaw_html_page, 1, (size_t)(data - thaw_html_page), stream);
    code = thaw_json_sink(report, options ? options->modules_of : NULL, THAW_JSON_IN_HTML, stream,
                          error);
    if (code)
        return code;
    fwrite(data, 1, (size_t)(thaw_html_page_end - data), stream);
    return thaw_write_finish(stream, error);
}
