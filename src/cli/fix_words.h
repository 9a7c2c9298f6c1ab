/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CLI_FIX_WORDS_H
#define THAW_CLI_FIX_WORDS_H

#include "cli/fix_files.h"

/* One line on stderr for each import: where it moves, or why it stays; code to write by hand. */
void thaw_fix_tell(const char *command, const struct thaw_fix *fix);

/*
 * The same as JSON on stdout:
 * {"root", "applied", "imports": [{"file", "line", "module", "name", "form", "functions", "note",
 * "refused", "reason", "reason_line", "getter"}], "files": [{"path", "difference"}],
 *  "passed_over": [{"file", "line", "reasons", "refuted"}], "refuted"}
 * refuted is the reason of a trial's verdict, null without one: of a suggestion by itself, or of
 * all that is safe. form is null for what stays, refused for what moves. Returns the exit code.
 */
int thaw_fix_print_json(const struct thaw_fix *fix, bool applied);

/* How many imports move. */
size_t thaw_fix_moved(const struct thaw_fix *fix);

#endif
