/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/csv_text.h"
#include "report/shown_text.h"
#include "report/trace.h"
#include "report/writers.h"

/*
 * A row for each module by RFC 4180, under the report's own keys; a '.' leads into an object. What
 * the report doesn't say of a module is an empty cell. Numbers are as they are. There is no place
 * to say that the recording is incomplete: the columns status and end_inferred tell of a row what
 * is known.
 */
static const char *const columns[] = {
    "id",
    "parent",
    "name",
    "kind",
    "via",
    "file",
    "path",
    "distribution",
    "owner",
    "process",
    "tid",
    "strand",
    "status",
    "timed",
    "end_inferred",
    "start_ns",
    "body_start_ns",
    "total_ns",
    "self_ns",
    "gc_ns",
    "retained_ns",
    "cpu_ns",
    "wait.io_ns",
    "wait.runqueue_ns",
    "wait.sleep_ns",
    "split.find_ns",
    "split.read_ns",
    "split.unmarshal_ns",
    "split.compile_ns",
    "split.write_ns",
    "split.map_ns",
    "split.constructors_ns",
    "split.dlopen_ns",
    "split.init_ns",
    "split.execute_ns",
    "split.unattributed_ns",
    "faults.minor",
    "faults.major",
    "memory_bytes",
    "disk_bytes",
    "opened_bytes",
    "read_bytes",
    "lookups.count",
    "lookups.failed",
    "bytecode.status",
    "bytecode.written",
};

enum { column_count = sizeof(columns) / sizeof(columns[0]) };

static void write_value(struct thaw_trace *trace, const json_t *object, const char *key,
                        FILE *stream)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_integer(value))
        fprintf(stream, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "true" : "false", stream);
    else if (json_is_string(value))
        thaw_csv_text(thaw_trace_text(trace, object, key), stream);
}

static void write_cell(struct thaw_trace *trace, const json_t *module, const char *column,
                       FILE *stream)
{
    const char *dot = strchr(column, '.');
    char key[32];

    if (dot) {
        snprintf(key, sizeof(key), "%.*s", (int)(dot - column), column);
        write_value(trace, json_object_get(module, key), dot + 1, stream);
    } else {
        write_value(trace, module, column, stream);
    }
}

static int write_rows(struct thaw_trace *trace, FILE *stream, struct thaw_error *error)
{
    const json_t *module;
    size_t row;

    for (size_t i = 0; i < column_count; i++)
        fprintf(stream, "%s%s", i ? "," : "", columns[i]);
    fputs("\r\n", stream);
    json_array_foreach(json_object_get(trace->report, "modules"), row, module)
    {
        for (size_t i = 0; i < column_count; i++) {
            if (i)
                fputc(',', stream);
            write_cell(trace, module, columns[i], stream);
        }
        fputs("\r\n", stream);
    }
    return trace->values.failed ? thaw_error_memory(error) : thaw_write_finish(stream, error);
}

int thaw_write_csv(const json_t *report, const struct thaw_report_options *options, FILE *stream,
                   struct thaw_error *error)
{
    struct thaw_trace trace;
    int code = thaw_trace_begin(&trace, report, "csv", error);

    (void)options;
    if (!code)
        code = write_rows(&trace, stream, error);
    thaw_trace_end(&trace);
    return code;
}
