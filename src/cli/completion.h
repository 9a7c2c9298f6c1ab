/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_COMPLETION_H
#define THAW_CLI_COMPLETION_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/offer.h"

/*
 * Scripts that make a shell complete thaw's command lines: commands, options, their values and
 * operands. They are made of the tables of commands and options, and ask thaw for nothing when they
 * run. Writing errors are the stream's.
 */

/* Writes the shell's; false: there is none for a shell of that name. */
bool thaw_completion_write(const char *shell, FILE *stream);

/* Names of the shells. */
extern const struct thaw_offer thaw_completion_shells;

/* completion_bash.c, completion_zsh.c, completion_fish.c */
void thaw_completion_bash(FILE *stream);
void thaw_completion_zsh(FILE *stream);
void thaw_completion_fish(FILE *stream);

/* --- for those three --- */

/* Row number index of the command's options, --help behind the others; NULL: there are no more. */
const struct thaw_option *thaw_completion_option(const struct thaw_command *command, size_t index);

/* Has it words to be completed with? */
bool thaw_completion_has_words(const struct thaw_option *option);

/* What stands in place of a character of a text; rows end with one whose text is NULL. */
struct thaw_completion_escape {
    char character;
    const char *text;
};

void thaw_completion_put(FILE *stream, const char *text,
                         const struct thaw_completion_escape *escapes);

#endif
