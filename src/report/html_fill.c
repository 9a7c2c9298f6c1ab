/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "report/html_fill.h"
#include "report/json_sink.h"
#include "report/writers.h"

/*
 * A page with what it shows as JSON in its data element. Nothing in it can end that element or be
 * taken for markup there: the JSON is ASCII, and the characters that mean something in HTML are
 * escaped. Nothing is kept in memory.
 */

/* Behind it the JSON goes; reports/build.mjs sees to it that it is there once. */
static const char data_begin[] = "<script type=\"application/json\" id=\"data\">";

/* ASCII: then neither the page's encoding nor U+2028 and U+2029 matter. */
int thaw_html_fill(const char *page, const char *page_end, const json_t *content,
                   const struct thaw_module_lines *modules, FILE *stream, struct thaw_error *error)
{
    const char *data = memmem(page, (size_t)(page_end - page), data_begin, strlen(data_begin));
    int code;

    if (!data)
        return thaw_error_set(error, -EINVAL,
                              "the page built into this program has no place for a report; "
                              "rebuild it with `make frontend all`");
    data += strlen(data_begin);
    errno = 0;
    fwrite(page, 1, (size_t)(data - page), stream);
    code = thaw_json_sink(content, modules, THAW_JSON_IN_HTML, stream, error);
    if (code)
        return code;
    fwrite(data, 1, (size_t)(page_end - data), stream);
    return thaw_write_finish(stream, error);
}
