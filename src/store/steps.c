/* SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

/*
 * A step is never changed once a release has it: a new version is a new one behind the others.
 *
 * counter: how much was removed to stay within bounds, by what. gate: a row for each gate that was
 * run; numbers are never used again, so that what is shown of an entry stays true of it.
 * samples: IEEE 754 doubles, little endian.
 */
static const char *const first[] = {
    "CREATE TABLE counter (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID",

    "CREATE TABLE gate ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, time_ns INTEGER NOT NULL, name TEXT NOT NULL,"
    " commit_id TEXT NOT NULL, branch TEXT NOT NULL, key TEXT NOT NULL, verdict TEXT NOT NULL)"
    " STRICT",

    "CREATE INDEX gate_by_time ON gate (time_ns, id)",

    "CREATE TABLE gate_value ("
    " gate INTEGER NOT NULL REFERENCES gate (id) ON DELETE CASCADE, place INTEGER NOT NULL,"
    " metric TEXT NOT NULL, module TEXT NOT NULL, distribution TEXT NOT NULL, phase TEXT NOT NULL,"
    " class TEXT NOT NULL, unit TEXT NOT NULL, samples BLOB NOT NULL,"
    " PRIMARY KEY (gate, place)) STRICT, WITHOUT ROWID",

    NULL,
};

const struct thaw_database_step thaw_database_steps[THAW_DATABASE_VERSION] = {{first}};
