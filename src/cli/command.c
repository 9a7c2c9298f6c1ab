/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/closest.h"
#include "base/text.h"
#include "cli/help.h"

void thaw_complain(const char *name, const char *format, ...)
{
    char message[1024], safe[4 * sizeof(message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    thaw_text_escape_terminal(safe, sizeof(safe), message, strlen(message));
    fprintf(stderr, "thaw%s%s: %s\n", name ? " " : "", name ? name : "", safe);
}

int thaw_fail(const char *name, const struct thaw_error *error, int code)
{
    thaw_complain(name, "%s", error->message);
    return error->code == -ENOMEM ? THAW_EXIT_FAILED : code;
}

const struct thaw_command *thaw_command_find(const char *name)
{
    struct thaw_closest closest = {.typed = name};
    for (size_t i = 0; thaw_commands[i]; i++) {
        if (strcmp(thaw_commands[i]->name, name) == 0)
            return thaw_commands[i];
        thaw_closest_offer(&closest, thaw_commands[i]->name);
    }
    if (closest.name)
        thaw_complain(NULL, "unknown command '%s' (did you mean '%s'?)", name, closest.name);
    else
        thaw_complain(NULL, "unknown command '%s'; `thaw help` lists them", name);
    return NULL;
}

static int check_operands(const struct thaw_command *command, const struct thaw_operands *operands)
{
    if (operands->count < command->minimum_operands) {
        thaw_complain(command->name, "%s is missing; usage: thaw %s [OPTION...] %s",
                      operands->count ? "an argument" : "its argument", command->name,
                      command->operands);
        return THAW_EXIT_USAGE;
    }
    if (command->maximum_operands >= 0 && operands->count > command->maximum_operands) {
        thaw_complain(command->name, "one argument too many: '%s'",
                      operands->items[command->maximum_operands]);
        return THAW_EXIT_USAGE;
    }
    return THAW_EXIT_OK;
}

/* What was buffered for stdout must have reached it, whatever the command itself thinks. */
static int close_stdout(const struct thaw_command *command, int code)
{
    int failed = ferror(stdout);
    errno = 0;
    if (fclose(stdout) != 0 || failed) {
        if (code == THAW_EXIT_OK) /* otherwise the command has said it */
            thaw_complain(command->name, "standard output can't be written%s%s", errno ? ": " : "",
                          errno ? strerror(errno) : "");
        return code ? code : THAW_EXIT_FAILED;
    }
    return code;
}

int thaw_command_run(const struct thaw_command *command, int argc, char **argv)
{
    void *values = calloc(1, command->size + 1);
    if (!values) {
        thaw_complain(command->name, "out of memory");
        return THAW_EXIT_FAILED;
    }
    if (command->defaults)
        memcpy(values, command->defaults, command->size);
    if (command->command_behind)
        *(const char *const **)((char *)values + command->command_place) =
            (const char *const *)thaw_options_cut(&argc, argv);
    struct thaw_operands operands;
    struct thaw_error error = {0};
    int code = THAW_EXIT_OK;
    if (thaw_options_parse(command->options, command->options_first, argc, argv, values, &operands,
                           &error) != 0) {
        thaw_complain(command->name, "%s; `thaw %s --help` lists the options", error.message,
                      command->name);
        code = THAW_EXIT_USAGE;
    } else if (operands.help) {
        thaw_help_command(command, stdout);
    } else {
        code = check_operands(command, &operands);
        if (code == THAW_EXIT_OK)
            code = command->run(values, operands.count, operands.items);
    }
    free(values);
    return close_stdout(command, code);
}
