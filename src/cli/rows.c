/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rows.h"

#include <stdio.h>
#include <string.h>

#include "cli/closest.h"
#include "cli/command.h"

void thaw_rows_list(const struct thaw_report_format *rows, const char *except)
{
    for (; rows->name; rows++) {
        if (!except || strcmp(rows->name, except) != 0)
            printf("%-12s %s\n", rows->name, rows->description);
    }
}

const struct thaw_report_format *thaw_rows_find(const struct thaw_report_format *rows,
                                                const char *name)
{
    for (; rows->name; rows++) {
        if (strcmp(rows->name, name) == 0)
            return rows;
    }
    return NULL;
}

void thaw_rows_complain(const char *command, const struct thaw_report_format *rows,
                        const char *more, const char *name, const char *what, const char *option)
{
    struct thaw_closest closest = {.typed = name};

    for (; rows->name; rows++)
        thaw_closest_offer(&closest, rows->name);
    if (more)
        thaw_closest_offer(&closest, more);
    if (closest.name)
        thaw_complain(command, "unknown %s '%s' (did you mean '%s'?)", what, name, closest.name);
    else
        thaw_complain(command, "unknown %s '%s'; `thaw %s %s list` names them", what, name, command,
                      option);
}
