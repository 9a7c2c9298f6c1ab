/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_DATABASE_H
#define THAW_STORE_DATABASE_H

#include <stdbool.h>

#include "thaw/error.h"

/*
 * The file behind `thaw history` and `thaw audit`: SQLite, in WAL mode, so that readers and a
 * writer don't wait for each other and a kill -9 loses nothing that was committed. Its version is
 * in `PRAGMA user_version`; an older one is brought up to date when it is opened for writing, one
 * of a later thaw is refused.
 */
#define THAW_DATABASE_VERSION 1

struct thaw_database;

/*
 * Opens it; with write it is made where it is missing (mode 0600), with the folders above. -ENOENT;
 * -EINVAL: it is no such file, or is damaged, or of a later version, and the line says which;
 * -EBUSY: somebody has held it for more than five seconds; what else opening fails with.
 */
int thaw_database_open(const char *path, bool write, struct thaw_database **ret,
                       struct thaw_error *error);
void thaw_database_close(struct thaw_database *database);

#endif
