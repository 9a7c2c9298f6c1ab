/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "python/interpreter.h"

#define STEPS_MAX 8
#define LINE_BYTES_MAX 256 /* BINPRM_BUF_SIZE: the kernel reads no more of a #! line */
#define WORDS_MAX 64

/* The words that are left to look at; they belong to the caller or the arena. */
struct words {
    const char *items[WORDS_MAX + 1];
    size_t count;
};

static bool is_executable_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0111);
}

/* As execvp does; NULL when there is no such program or memory is short. */
static const char *command_find(const char *name, const char *path_variable,
                                struct thaw_arena *arena)
{
    if (strchr(name, '/'))
        return is_executable_file(name) ? name : NULL;
    while (*name && *path_variable) {
        size_t length = strcspn(path_variable, ":");
        const char *path = thaw_arena_format(arena, "%.*s%s%s", (int)length, path_variable,
                                             length ? "/" : "./", name);

        if (!path || is_executable_file(path))
            return path;
        path_variable += length + (path_variable[length] == ':');
    }
    return NULL;
}

/* The first line of a script without "#!", or NULL. */
static const char *command_script_line(const char *path, struct thaw_arena *arena)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char line[LINE_BYTES_MAX];
    ssize_t length;

    if (fd < 0)
        return NULL;
    length = read(fd, line, sizeof(line));
    close(fd);
    if (length < 3 || line[0] != '#' || line[1] != '!')
        return NULL;
    for (ssize_t i = 2; i < length; i++) {
        if (line[i] == '\n' || line[i] == '\0')
            return thaw_arena_text(arena, line + 2, (size_t)i - 2);
    }
    return NULL;
}

static bool command_split(const char *line, struct thaw_arena *arena, struct words *ret)
{
    ret->count = 0;
    for (line += strspn(line, " \t\r"); *line && ret->count < WORDS_MAX;
         line += strspn(line, " \t\r")) {
        size_t length = strcspn(line, " \t\r");

        ret->items[ret->count] = thaw_arena_text(arena, line, length);
        if (!ret->items[ret->count++])
            return false;
        line += length;
    }
    return ret->count > 0;
}

static void command_drop(struct words *words, size_t count)
{
    memmove(words->items, words->items + count, (words->count - count) * sizeof(words->items[0]));
    words->count -= count;
}

static bool is_program(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');

    return strcmp(slash ? slash + 1 : path, name) == 0;
}

/* "env [OPTION]… [NAME=VALUE]… COMMAND": leaves what env would run. Options with a word of their
 * own: -u NAME, -C FOLDER (coreutils 9.1). */
static bool command_skip_env(struct words *words)
{
    size_t at = 1;

    while (at < words->count) {
        const char *word = words->items[at];

        if (strcmp(word, "-u") == 0 || strcmp(word, "-C") == 0)
            at += 2;
        else if (word[0] == '-' || strchr(word, '='))
            at++;
        else
            break;
    }
    if (at >= words->count)
        return false;
    command_drop(words, at);
    return true;
}

const char *thaw_interpreter_command(const char *const *command, const char *path_variable,
                                     struct thaw_arena *arena)
{
    struct words words = {.count = 0};

    while (words.count < WORDS_MAX && command[words.count]) {
        words.items[words.count] = command[words.count];
        words.count++;
    }
    for (int step = 0; step < STEPS_MAX && words.count; step++) {
        const char *path = command_find(words.items[0], path_variable, arena);
        const char *line = path ? command_script_line(path, arena) : NULL;

        if (path && !line && is_program(path, "env")) {
            if (!command_skip_env(&words))
                return path;
            continue;
        }
        if (!line || !command_split(line, arena, &words))
            return path;
    }
    return NULL;
}
