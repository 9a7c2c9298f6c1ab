/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#define WIDTH 80
#define EXIT_CODES "exit-codes"

/* Text from column indent on, wrapped at WIDTH; the cursor is at that column already. */
static void write_wrapped(const char *text, int indent, FILE *stream)
{
    int column = indent;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
        }
        column += fprintf(stream, "%s%.*s", column > indent ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', stream);
}

/* The words of a choice, "auto|always|never", or the row's own placeholder. */
static void write_argument(const struct thaw_option *row, char *text, size_t size)
{
    snprintf(text, size, "%s", row->argument ? row->argument : "");
    for (int i = 0; row->type == THAW_OPTION_CHOICE && row->choices[i]; i++) {
        size_t end = strlen(text);
        snprintf(text + end, size - end, "%s%s", i ? "|" : "", row->choices[i]);
    }
}

/* "-o, --output FILE"; returns the length of what it is (or would be). */
static int write_left(const struct thaw_option *row, char *text, size_t size)
{
    char letter[5] = "    ", argument[100];
    if (row->letter)
        snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    write_argument(row, argument, sizeof(argument));
    return snprintf(text, size, "  %s--%s%s%s", letter, row->name, *argument ? " " : "", argument);
}

static void write_option(const struct thaw_option *row, int column, FILE *stream)
{
    char left[160];
    int length = write_left(row, left, sizeof(left));
    if (length + 2 > column)
        fprintf(stream, "%s\n%*s", left, column, "");
    else
        fprintf(stream, "%-*s", column, left);
    write_wrapped(row->help, column, stream);
}

static void write_options(const struct thaw_option *options, FILE *stream)
{
    static const struct thaw_option help = {.name = "help",
                                            .letter = 'h',
                                            .help = "show this text and do nothing else"};
    int column = 0;
    for (const struct thaw_option *row = options; row && row->name; row++) {
        int length = write_left(row, (char[160]){0}, 160);
        if (length + 2 > column && length + 2 <= WIDTH / 2)
            column = length + 2;
    }
    if (column == 0)
        column = 16;
    fputs("\nOptions:\n", stream);
    for (const struct thaw_option *row = options; row && row->name; row++)
        write_option(row, column, stream);
    write_option(&help, column, stream);
}

void thaw_help_paragraphs(const char *paragraphs, FILE *stream)
{
    for (const char *line = paragraphs; line && *line;) {
        int length = (int)strcspn(line, "\n");
        char text[1000];
        snprintf(text, sizeof(text), "%.*s", length, line);
        if (text[0] == ' ')
            fprintf(stream, "%s\n", text);
        else
            write_wrapped(text, 0, stream);
        line += length + (line[length] == '\n');
    }
}

void thaw_help_command(const struct thaw_command *command, FILE *stream)
{
    fprintf(stream, "Usage: thaw %s [OPTION...]%s%s\n\n", command->name,
            *command->operands ? " " : "", command->operands);
    fprintf(stream, "%s: ", command->name);
    write_wrapped(command->summary, (int)strlen(command->name) + 2, stream);
    write_options(command->options, stream);
    if (command->details) {
        fputc('\n', stream);
        thaw_help_paragraphs(command->details, stream);
    }
}

void thaw_help_overview(FILE *stream)
{
    fputs("Usage: thaw COMMAND [OPTION...] [ARGUMENT...]\n\n"
          "thaw shows where the cold start of a Python serverless function goes.\n\nCommands:\n",
          stream);
    for (size_t i = 0; thaw_commands[i]; i++) {
        fprintf(stream, "  %-10s", thaw_commands[i]->name);
        write_wrapped(thaw_commands[i]->summary, 12, stream);
    }
    fputc('\n', stream);
    write_wrapped("`thaw COMMAND --help` tells more about one, `thaw help " EXIT_CODES "` what its "
                  "exit code means.",
                  0, stream);
}

static void write_exit_codes(FILE *stream)
{
    fputs("Exit codes of thaw:\n", stream);
#define WRITE_EXIT_CODE(name, code, text) fprintf(stream, "  %3d  %s\n", code, text);
    THAW_EXIT_CODES(WRITE_EXIT_CODE)
#undef WRITE_EXIT_CODE
    fputc('\n', stream);
    write_wrapped("`thaw record` gives the exit code of the command it ran (128 + N when signal N "
                  "ended it); the codes from 125 on then mean what they mean for env(1).",
                  0, stream);
}

static int run_help(const void *options, int count, char **operands)
{
    (void)options;
    if (count == 0) {
        thaw_help_overview(stdout);
        return THAW_EXIT_OK;
    }
    if (strcmp(operands[0], EXIT_CODES) == 0) {
        write_exit_codes(stdout);
        return THAW_EXIT_OK;
    }
    const struct thaw_command *command = thaw_command_find(operands[0]);
    if (!command)
        return THAW_EXIT_USAGE;
    thaw_help_command(command, stdout);
    return THAW_EXIT_OK;
}

const struct thaw_command thaw_command_help = {
    .name = "help",
    .summary = "show what a command does, or what the exit codes mean",
    .operands = "[COMMAND | " EXIT_CODES "]",
    .maximum_operands = 1,
    .run = run_help,
};
