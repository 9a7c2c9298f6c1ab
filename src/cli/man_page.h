/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_MAN_PAGE_H
#define THAW_CLI_MAN_PAGE_H

#include <stdio.h>

#include "cli/command.h"

/*
 * Manual pages in roff with the macros of man(7), made of the tables that help is made of: pure
 * ASCII, no macros of groff's own. Writing errors are the stream's.
 */

/* thaw-COMMAND(1) */
void thaw_man_page_command(const struct thaw_command *command, FILE *stream);

/* thaw(1) */
void thaw_man_page_overview(FILE *stream);

#endif
