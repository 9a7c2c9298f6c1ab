/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rows.h"

#include <string.h>

#include "base/closest.h"
#include "cli/command.h"

size_t thaw_rows_count(const struct thaw_report_format *rows)
{
    size_t count = 0;

    while (rows[count].name)
        count++;
    return count;
}

bool thaw_rows_word(const struct thaw_report_format *rows, size_t index, struct thaw_word *ret)
{
    if (index >= thaw_rows_count(rows))
        return false;
    *ret = (struct thaw_word){.word = rows[index].name, .description = rows[index].description};
    return true;
}

bool thaw_sorts_word(const struct thaw_report_sort *sorts, size_t index, struct thaw_word *ret)
{
    for (; sorts->word; sorts++, index--) {
        if (!index) {
            *ret = (struct thaw_word){.word = sorts->word, .description = sorts->description};
            return true;
        }
    }
    return false;
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
