/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/statements.h"

#include <stdlib.h>
#include <string.h>

bool thaw_statement_answers_to(const struct thaw_inventory_statement *row, const char *word)
{
    const char *colon = strrchr(word, ':');
    size_t length = strlen(word), file = strlen(row->file);

    if (!colon || colon[1 + strspn(colon + 1, "0123456789")] || !colon[1])
        return strncmp(row->module, word, length) == 0 &&
               (!row->module[length] || row->module[length] == '.');
    if (strtoull(colon + 1, NULL, 10) != row->line)
        return false;
    length = (size_t)(colon - word);
    return length <= file && memcmp(row->file + file - length, word, length) == 0 &&
           (length == file || *word == '/' || row->file[file - length - 1] == '/');
}
