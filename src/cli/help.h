/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_HELP_H
#define THAW_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* `thaw COMMAND --help`, made from the command's own tables. */
void thaw_help_command(const struct thaw_command *command, FILE *stream);

/* Wrapped at 80 columns: a paragraph ends with a newline; a line that begins with a space stays as
 * it is. A paragraph has at most 999 bytes. */
void thaw_help_paragraphs(const char *paragraphs, FILE *stream);

/* `thaw --help`: what thaw is for and all commands. */
void thaw_help_overview(FILE *stream);

#endif
