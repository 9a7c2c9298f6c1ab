/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "trace_fixture.h"

const char *const trace_fixture_formats[] = {"chrome-trace", "speedscope",  "folded", "importtime",
                                             "otlp",         "openmetrics", "csv",    NULL};

int trace_fixture_code(const json_t *report, const char *format, struct thaw_error *error,
                       char **text)
{
    const struct thaw_report_format *row = thaw_report_formats();
    char *written = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&written, &length);
    int code;

    assert_non_null(stream);
    while (row->name && strcmp(row->name, format) != 0)
        row++;
    assert_non_null(row->name);
    code = row->write(report, NULL, stream, error);
    fclose(stream);
    if (text)
        *text = written;
    else
        free(written);
    return code;
}

char *trace_fixture_write(const json_t *report, const char *format)
{
    struct thaw_error error = {0};
    char *text;

    assert_int_equal(trace_fixture_code(report, format, &error, &text), 0);
    return text;
}

json_t *trace_fixture_json(const json_t *report, const char *format)
{
    char *text = trace_fixture_write(report, format);
    json_error_t error;
    json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    if (!read)
        fail_msg("%s: %s", format, error.text);
    for (const char *byte = text; *byte; byte++)
        assert_true(*byte == '\n' || (*byte >= ' ' && *byte <= '~'));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    free(text);
    return read;
}

json_t *trace_fixture_report(void)
{
    struct report_fixture fixture;

    report_fixture_fill(&fixture);
    return report_fixture_report(&fixture);
}

void trace_fixture_set(json_t *report, size_t index, const char *key, json_t *value)
{
    json_t *module = json_array_get(json_object_get(report, "modules"), index);

    assert_int_equal(json_object_set_new(module, key, value), 0);
}

const json_t *trace_fixture_find(const json_t *list, const char *key, const char *text)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        const char *value = json_string_value(json_object_get(one, key));

        if (value && !strcmp(value, text))
            return one;
    }
    fail_msg("nothing has %s \"%s\"", key, text);
    return NULL;
}

size_t trace_fixture_count(const char *text, const char *part)
{
    size_t found = 0;

    while ((text = strstr(text, part))) {
        found++;
        text += strlen(part);
    }
    return found;
}
