/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_DATABASE_H
#define THAW_STORE_DATABASE_H

#include <stdbool.h>

#include "thaw/error.h"

/*
 * The file behind `thaw history` and `thaw audit`: SQLite, in WAL mode, so that readers and a
 * writer don't wait for each other and a kill -9 loses nothing that was committed. Its version is
 * in `PRAGMA user_version`; an older one is brought up to date when it is opened for writing, and
 * read as it is; one of a later thaw is refused.
 */
#define THAW_DATABASE_VERSION 2

struct thaw_database;

/*
 * Opens it; with write it is made where it is missing (mode 0600), with the folders above. -ENOENT;
 * -EINVAL: it is no such file, or is damaged, or of a later version, and the line says which;
 * -EBUSY: somebody has held it for more than five seconds; what else opening fails with.
 */
int thaw_database_open(const char *path, bool write, struct thaw_database **ret,
                       struct thaw_error *error);
void thaw_database_close(struct thaw_database *database);

/*
 * Makes it this program's alone to add starts to, until it is closed; others may read it, and gates
 * add to it. From here on a commit waits for no disk: a kill -9 loses nothing, a power cut may take
 * the latest seconds, and leaves the file whole. -EBUSY: another program holds it.
 */
int thaw_database_hold(struct thaw_database *database, struct thaw_error *error);

/* begin … end: what is done between them is done as a whole, or not at all: code is what it came
 * to, and is returned unless it was 0 and it could not be kept. */
int thaw_database_begin(struct thaw_database *database, struct thaw_error *error);
int thaw_database_end(struct thaw_database *database, int code, struct thaw_error *error);

#endif
