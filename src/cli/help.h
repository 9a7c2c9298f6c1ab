/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_HELP_H
#define THAW_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* What thaw is for, one sentence. */
#define THAW_HELP_PURPOSE "thaw shows where the cold start of a Python serverless function goes."

/* What is to be said of exit codes besides their table. */
#define THAW_HELP_CHILD_EXITS                                                                      \
    "`thaw record` gives the exit code of the command it ran (128 + N when signal N ended it); "   \
    "the codes from 125 on then mean what they mean for env(1)."

/* The row that every command's table has: --help. */
extern const struct thaw_option thaw_help_option;

/* `thaw COMMAND --help`, made from the command's own tables. */
void thaw_help_command(const struct thaw_command *command, FILE *stream);

/* Wrapped at 80 columns: a paragraph ends with a newline; a line that begins with a space stays as
 * it is. A paragraph has at most 999 bytes. */
void thaw_help_paragraphs(const char *paragraphs, FILE *stream);

/* `thaw --help`: what thaw is for and all commands. */
void thaw_help_overview(FILE *stream);

/* "auto|always|never" of a choice, or the row's own placeholder; "" of a flag. Cut to size. */
void thaw_help_argument(const struct thaw_option *row, char *text, size_t size);

#endif
