/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "report/read_report.h"
#include "report/report_shape.h"
#include "thaw/report.h"

#define MOST_BYTES ((size_t)64 << 20)
#define MOST_VALUES 3000000

/*
 * An upper bound of how many values there will be: jansson takes about 100 bytes for one that takes
 * two in the text.
 */
static size_t values_at_most(const char *bytes, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += bytes[i] == ',' || bytes[i] == '[' || bytes[i] == '{';
    return count;
}

static int check(const char *name, const json_t *report, struct thaw_error *error)
{
    const char *schema = json_string_value(json_object_get(report, "schema"));

    if (!schema)
        return thaw_error_set(error, -EINVAL,
                              "%s is no report of thaw: it has no \"schema\"; `thaw report` and "
                              "`thaw deps` write one with --json",
                              name);
    if (strcmp(schema, THAW_REPORT_SCHEMA) != 0)
        return thaw_error_set(error, -EINVAL, "%s is of the form %.60s; this thaw reads %s", name,
                              schema, THAW_REPORT_SCHEMA);
    return thaw_report_check_shape(name, report, error);
}

int thaw_report_read(const char *name, const char *bytes, size_t length, json_t **ret,
                     struct thaw_error *error)
{
    json_error_t wrong;
    json_t *report;
    int code;

    if (length > MOST_BYTES || values_at_most(bytes, length) > MOST_VALUES)
        return thaw_error_set(error, -EFBIG,
                              "%s is too large for a report: %zu MiB and %d values are read at "
                              "most",
                              name, MOST_BYTES >> 20, MOST_VALUES);
    report = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &wrong);
    if (!report && !*wrong.text) /* all that jansson says when it runs out of memory */
        return thaw_error_memory(error);
    if (!report)
        return thaw_error_set(error, -EINVAL, "%s is no report of thaw: line %d, column %d: %s",
                              name, wrong.line, wrong.column, wrong.text);
    code = check(name, report, error);
    if (code) {
        json_decref(report);
        return code;
    }
    *ret = report;
    return 0;
}

/* A FIFO would be waited for when it is opened. */
static int open_regular(const char *path, struct thaw_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd < 0)
        return thaw_error_system(error, -errno, "%s can't be read", path);
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    close(fd);
    return thaw_error_set(error, -EINVAL, "%s is no regular file", path);
}

int thaw_report_read_file(const char *path, json_t **ret, struct thaw_error *error)
{
    int fd = open_regular(path, error), code;
    char *bytes = NULL;
    size_t length = 0;

    if (fd < 0)
        return fd;
    code = thaw_read_at_most(fd, MOST_BYTES, &bytes, &length);
    close(fd);
    if (code)
        return code == -ENOMEM ? thaw_error_memory(error)
                               : thaw_error_system(error, code, "%s can't be read", path);
    code = thaw_report_read(path, bytes, length, ret, error);
    free(bytes);
    return code;
}

int thaw_report_is_file(const char *path)
{
    int fd = open_regular(path, NULL);
    char start[64];
    ssize_t length;
    size_t blanks = 0;

    if (fd < 0)
        return 0;
    length = read(fd, start, sizeof(start));
    close(fd);
    while (length > 0 && blanks < (size_t)length && strchr(" \t\r\n", start[blanks]) &&
           start[blanks])
        blanks++;
    return length > 0 && blanks < (size_t)length && start[blanks] == '{';
}
