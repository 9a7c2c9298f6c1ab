/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "python/interpreter.h"
#include "python/interpreter_private.h"

/* Options of glibc's loader that take a word of their own (ld.so --help, 2.36). */
static const char *const with_word[] = {
    "--library-path",         "--inhibit-rpath",     "--audit", "--preload", "--argv0",
    "--glibc-hwcaps-prepend", "--glibc-hwcaps-mask",
};

bool thaw_interpreter_is_loader(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    return strncmp(name, "ld-linux", 8) == 0 || strncmp(name, "ld-musl", 7) == 0 ||
           strncmp(name, "ld-2.", 5) == 0 || strcmp(name, "ld.so") == 0;
}

static bool takes_word(const char *option)
{
    for (size_t i = 0; i < sizeof(with_word) / sizeof(with_word[0]); i++)
        if (!strcmp(option, with_word[i]))
            return true;
    return false;
}

const char *thaw_loader_program(const char *words, size_t length, const char **ret_library_path)
{
    const char *end = words + length, *option = "";

    *ret_library_path = "";
    for (const char *word = words + strnlen(words, length) + 1; word < end;
         word += strnlen(word, (size_t)(end - word)) + 1) {
        if (!strcmp(option, "--library-path"))
            *ret_library_path = word;
        if (takes_word(option)) {
            option = "";
            continue;
        }
        if (strncmp(word, "--", 2) != 0)
            return word;
        option = word;
    }
    return NULL;
}
