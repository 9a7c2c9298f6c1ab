/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/offer.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/wrapped.h"

const struct thaw_offer thaw_offer_files = {.kind = THAW_OFFER_FILES};
const struct thaw_offer thaw_offer_folders = {.kind = THAW_OFFER_FOLDERS};
const struct thaw_offer thaw_offer_processes = {.kind = THAW_OFFER_PROCESSES};
const struct thaw_offer thaw_offer_command_line = {.kind = THAW_OFFER_COMMAND_LINE};

static bool table_word(const struct thaw_word *words, size_t index, struct thaw_word *ret)
{
    for (; words->word; words++, index--) {
        if (!index) {
            *ret = *words;
            return true;
        }
    }
    return false;
}

bool thaw_offer_word(const struct thaw_offer *offer, size_t index, struct thaw_word *ret)
{
    *ret = (struct thaw_word){0};
    if (!offer || offer->kind != THAW_OFFER_WORDS)
        return false;
    return offer->words ? table_word(offer->words, index, ret) : offer->word(index, ret);
}

bool thaw_offer_has(const struct thaw_offer *offer, const char *word)
{
    struct thaw_word own;

    for (size_t i = 0; thaw_offer_word(offer, i, &own); i++) {
        if (!strcmp(own.word, word))
            return true;
    }
    return false;
}

void thaw_offer_list(const struct thaw_offer *offer)
{
    int width = isatty(STDOUT_FILENO) ? thaw_output_style(THAW_COLOR_NEVER, 0, stdout).width
                                      : INT_MAX; /* for scripts: a line each */
    struct thaw_word word;
    int column = 0;

    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++) {
        int length = (int)strlen(word.word);

        column = length > column ? length : column;
    }
    for (size_t i = 0; thaw_offer_word(offer, i, &word); i++) {
        printf("%-*s  ", column, word.word);
        thaw_write_wrapped(word.description ? word.description : "", column + 2, width, stdout);
    }
}
