/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "report/html_fill.h"
#include "report/writers.h"

/*
 * A page with what it shows as JSON in its data element. Nothing in it can end that element or be taken for markup there: the JSON
 * is ASCII, and the characters that mean something in HTML are escaped. In JSON they occur only
 * within strings, where \u003c and the like mean the same (RFC 8259 section 7), so the bytes can be
 * replaced as they are dumped. Nothing is kept in memory.
 */

/* Behind it the report goes; reports/build.mjs sees to it that it is there once. */
static const char data_begin[] = "<script type=\"application/json\" id=\"data\">";

/* What stands for a byte, or NULL when it may stay. */
static const char *replacement(char byte)
{
    switch (byte) {
    case '<':
        return "\\u003c";
    case '>':
        return "\\u003e";
    case '&':
        return "\\u0026";
    default:
        return NULL;
    }
}

/* A json_dump_callback_t: -1 ends the dump. */
static int write_escaped(const char *bytes, size_t size, void *stream)
{
    size_t written = 0;

    for (size_t i = 0; i < size; i++) {
        const char *form = replacement(bytes[i]);

        if (!form)
            continue;
        fwrite(bytes + written, 1, i - written, stream);
        fputs(form, stream);
        written = i + 1;
    }
    fwrite(bytes + written, 1, size - written, stream);
    return ferror(stream) ? -1 : 0;
}

/* ASCII: then neither the page's encoding nor U+2028 and U+2029 matter. */
int thaw_html_fill(const char *page, const char *page_end, const json_t *content, FILE *stream,
                   struct thaw_error *error)
{
    size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12);
    const char *data = memmem(page, (size_t)(page_end - page), data_begin, strlen(data_begin));

    if (!data)
        return thaw_error_set(error, -EINVAL,
                              "the page built into this program has no place for a report; "
                              "rebuild it with `make frontend all`");
    data += strlen(data_begin);
    errno = 0;
    fwrite(page, 1, (size_t)(data - page), stream);
    if (json_dump_callback(content, write_escaped, stream, flags) < 0 && !ferror(stream))
        return thaw_error_memory(error);
    fwrite(data, 1, (size_t)(page_end - data), stream);
    if (ferror(stream)) /* told now: what was dropped is not tried again when it is flushed */
        return thaw_error_system(error, errno ? -errno : -EIO, "writing the report");
    return thaw_write_finish(stream, error);
}
