/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/starts.h"
#include "store/starts_private.h"
#include "store/statement.h"

int thaw_starts_apps(struct thaw_database *database, struct thaw_arena *arena,
                     struct thaw_texts *ret, struct thaw_error *error)
{
    struct thaw_statement statement;
    int code = 0, ended;

    if (database->empty || database->version < THAW_DATABASE_STARTS_VERSION)
        return 0;
    statement = thaw_statement(database, "SELECT DISTINCT word.text FROM start"
                                         " JOIN word ON word.id = start.app_word ORDER BY 1");
    while (!code && thaw_statement_row(&statement)) {
        size_t length = 0;
        const char *text = thaw_statement_blob(&statement, 0, &length);

        if (text)
            code = thaw_arena_add_text(arena, ret, THAW_STARTS_APPS_MAX, text, length);
    }
    ended = thaw_statement_end(&statement, code ? NULL : error);
    return code ? thaw_error_memory(error) : ended;
}
