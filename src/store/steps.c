/* SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

/*
 * A step is never changed once a release has it: a new version is a new one behind the others.
 *
 * counter: how much was removed to stay within bounds, by what. gate: a row for each gate that was
 * run; numbers are never used again, so that what is shown of an entry stays true of it.
 * samples: IEEE 754 doubles, little endian.
 *
 * word: texts that come again and again, by a number; seen: a number of a start not far before the
 * last that named it (words.c). start: what `thaw audit` saw, in the order in which it was over;
 * columns that end in _word are numbers of words, parts is of phases and imports (parts.h).
 * arrivals: a row for each app and 10 s with requests; after_start: the latest start then. watched:
 * when `thaw audit` was there to see. delivery: what a Collector is still to be sent.
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

static const char *const second[] = {
    "CREATE TABLE word ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE, seen INTEGER NOT NULL)"
    " STRICT",

    "CREATE INDEX word_by_seen ON word (seen)",

    "CREATE TABLE start ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,"
    " total_ns INTEGER NOT NULL, unattributed_ns INTEGER NOT NULL, answered INTEGER NOT NULL,"
    " further INTEGER NOT NULL, complete INTEGER NOT NULL, process INTEGER NOT NULL,"
    " app_word INTEGER NOT NULL, function_word INTEGER NOT NULL, platform_word INTEGER NOT NULL,"
    " python_word INTEGER NOT NULL, program_word INTEGER NOT NULL, unit_word INTEGER NOT NULL,"
    " deployment_word INTEGER NOT NULL, worker TEXT NOT NULL, control_group TEXT NOT NULL,"
    " container TEXT NOT NULL, pod TEXT NOT NULL, host_name TEXT NOT NULL,"
    " incomplete TEXT NOT NULL, trace TEXT NOT NULL, span TEXT NOT NULL,"
    " modules INTEGER NOT NULL, modules_failed INTEGER NOT NULL, imports_ns INTEGER NOT NULL,"
    " other_imports_ns INTEGER NOT NULL, parts BLOB NOT NULL, ended TEXT NOT NULL) STRICT",

    "CREATE TABLE arrivals ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, app_word INTEGER NOT NULL, from_ns INTEGER NOT NULL,"
    " requests INTEGER NOT NULL, cold INTEGER NOT NULL, busy_ns INTEGER NOT NULL,"
    " most_at_once INTEGER NOT NULL, most_all INTEGER NOT NULL, processes INTEGER NOT NULL,"
    " at_limit INTEGER NOT NULL, limit_looks INTEGER NOT NULL, measured INTEGER NOT NULL,"
    " after_start INTEGER NOT NULL) STRICT",

    "CREATE TABLE watched ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, from_ns INTEGER NOT NULL, until_ns INTEGER NOT NULL,"
    " lost INTEGER NOT NULL) STRICT",

    "CREATE TABLE delivery ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, time_ns INTEGER NOT NULL, body BLOB NOT NULL) STRICT",

    NULL,
};

const struct thaw_database_step thaw_database_steps[THAW_DATABASE_VERSION] = {{first}, {second}};
