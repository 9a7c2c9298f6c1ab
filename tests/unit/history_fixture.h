/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_HISTORY_FIXTURE_H
#define TESTS_HISTORY_FIXTURE_H

#include "scratch.h"
#include "store/history.h"
#include "store/statement.h"

/* Histories in a folder of the test's own. What fails here ends the test. */
extern struct scratch history_scratch;
int history_set_up(void **state);
int history_tear_down(void **state);

#define HISTORY_LATIN_1 "caf\xe9\n<b>'; DROP TABLE gate; --" /* no UTF-8 */

/* An entry of HISTORY_LATIN_1 on main, which passed, with one value of each sort. */
#define HISTORY_VALUES 4
extern const struct thaw_history_value history_values[HISTORY_VALUES];
struct thaw_history_entry history_entry_at(int64_t time_ns);

struct thaw_database *history_opened(const char *path, bool write);
void history_add(struct thaw_database *database, int64_t time_ns);
struct thaw_history history_asked(struct thaw_database *database,
                                  const struct thaw_history_question *question);

/* One line that names the file and has these words, and the code. */
void history_check_refused(int code, int expected, const struct thaw_error *error, const char *path,
                           const char *words);
void history_check_open_refused(const char *path, bool write, int expected, const char *words);

/* Runs SQL as somebody else could, without this program's bounds. */
void history_run_sql(const char *path, const char *sql);

#endif
