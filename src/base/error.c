/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "thaw/error.h"

/* What it says of bytes from outside may have a line's end or worse: it stays one plain line. */
static void error_format(struct thaw_error *error, int code, const char *format, va_list arguments)
{
    char message[sizeof(error->message)];

    vsnprintf(message, sizeof(message), format, arguments);
    error->code = code;
    thaw_text_escape_terminal(error->message, sizeof(error->message), message, strlen(message));
}

int thaw_error_set(struct thaw_error *error, int code, const char *format, ...)
{
    if (error) {
        va_list arguments;

        va_start(arguments, format);
        error_format(error, code, format, arguments);
        va_end(arguments);
    }
    return code;
}

int thaw_error_system(struct thaw_error *error, int code, const char *format, ...)
{
    if (error) {
        va_list arguments;
        size_t length;

        va_start(arguments, format);
        error_format(error, code, format, arguments);
        va_end(arguments);
        length = strlen(error->message);
        snprintf(error->message + length, sizeof(error->message) - length, ": %s", strerror(-code));
    }
    return code;
}

int thaw_error_memory(struct thaw_error *error)
{
    return thaw_error_set(error, -ENOMEM, "out of memory; free some and run thaw again");
}
