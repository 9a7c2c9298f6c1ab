/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PROJECT_APP_SOURCE_H
#define THAW_PROJECT_APP_SOURCE_H

#include "project/build.h"

/*
 * What the interpreter is asked, and how it answers: src/project/source/app_*.py. It is started
 * before it is known what to ask (app_start.py), with the script as its first input. The question
 * is a row of byte strings, each with its length in decimal digits and a newline before it: the
 * entry, the number of handlers, these, and for each file its name and its bytes. The answer is a
 * JSON array a line; its first member says what it is, rows of bindings and parameters follow their
 * function's, and other rows name files and functions by their number in the answer.
 */

#define THAW_APP_SOURCE_FILE_MAX ((size_t)4 << 20)   /* bytes of one file */
#define THAW_APP_SOURCE_BYTES_MAX ((size_t)64 << 20) /* of all */
#define THAW_APP_SOURCE_FILES_MAX 4000
#define THAW_APP_SOURCE_ROWS_MAX 400000

extern const char thaw_app_source_script[];
extern const char thaw_app_source_start_script[];
extern const char thaw_app_source_code[], thaw_app_source_code_end[]; /* bytecode of the first */

/* The question's bytes, malloc'd; left_out says for each file whether a bound kept it out of it.
 * NULL: memory is short. */
char *thaw_app_source_write(const struct thaw_app_source_question *question, bool *left_out,
                            size_t *ret_length);

#endif
