/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_FILE_KINDS_H
#define THAW_SHIPPED_FILE_KINDS_H

#include <stdbool.h>

#include "thaw/shipped.h"

/*
 * What a folder's place makes of all files below it: THAW_FILE_TESTS, THAW_FILE_DOCS,
 * THAW_FILE_METADATA …, or THAW_FILE_KINDS: nothing. parent is that of the folder above.
 */
enum thaw_file_kind thaw_file_kinds_place(const char *folder_name, enum thaw_file_kind parent);

/* Is it for Python or a compiler, by its suffix: "x.so.py" is no library? */
bool thaw_file_kinds_is_source(enum thaw_file_kind kind);

/* The kind of a file by its name, in a folder of that place. */
enum thaw_file_kind thaw_file_kinds_of(const char *name, enum thaw_file_kind place);

#endif
