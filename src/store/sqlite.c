/* SPDX-License-Identifier: Apache-2.0 */
#include "base/late_library.h"
#include "store/sqlite.h"

struct thaw_sqlite thaw_sqlite;

int thaw_sqlite_load(void)
{
#define NAME(name) #name,
    static const char *const names[] = {THAW_SQLITE_FUNCTIONS(NAME)};
#undef NAME
    static struct thaw_late_library library = {
        .soname = THAW_SONAME_SQLITE3,
        .names = names,
        .functions = &thaw_sqlite,
        .count = sizeof(names) / sizeof(names[0]),
    };

    return thaw_late_library_load(&library);
}

const char *thaw_sqlite_soname(void)
{
    return THAW_SONAME_SQLITE3;
}
