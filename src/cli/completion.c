/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

#include <string.h>

#include "cli/help.h"

static const struct shell {
    struct thaw_word word;
    void (*write)(FILE *stream);
} shells[] = {
    {{"bash", "bash 4 or newer; needs nothing else", NULL}, thaw_completion_bash},
    {{"zsh", "a file called _thaw, in a folder of fpath", NULL}, thaw_completion_zsh},
    {{"fish", "fish 3 or newer", NULL}, thaw_completion_fish},
};

enum { SHELLS = sizeof(shells) / sizeof(shells[0]) };

static bool shell_word(size_t index, struct thaw_word *ret)
{
    if (index < SHELLS)
        *ret = shells[index].word;
    return index < SHELLS;
}

const struct thaw_offer thaw_completion_shells = {.word = shell_word};

bool thaw_completion_write(const char *shell, FILE *stream)
{
    for (size_t i = 0; i < SHELLS; i++) {
        if (strcmp(shells[i].word.word, shell) == 0) {
            shells[i].write(stream);
            return true;
        }
    }
    return false;
}

const struct thaw_option *thaw_completion_option(const struct thaw_command *command, size_t index)
{
    const struct thaw_option *row = command->options;

    for (; row && row->name; row++, index--) {
        if (!index)
            return row;
    }
    return index ? NULL : &thaw_help_option;
}

bool thaw_completion_has_words(const struct thaw_option *option)
{
    struct thaw_word word;

    return thaw_option_word(option, 0, &word);
}

void thaw_completion_put(FILE *stream, const char *text,
                         const struct thaw_completion_escape *escapes)
{
    for (; *text; text++) {
        const struct thaw_completion_escape *escape = escapes;

        while (escape->text && escape->character != *text)
            escape++;
        if (escape->text)
            fputs(escape->text, stream);
        else
            fputc(*text, stream);
    }
}
