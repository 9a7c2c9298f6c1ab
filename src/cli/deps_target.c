/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deps_target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "recording/reader.h"
#include "recording/text_form.h"

enum { most_folders = 4000 }; /* the model takes 4,096 */
enum { head_bytes = sizeof(THAW_TEXT_FORM_HEAD) - 1 };

/* A pid: digits only, and no file of that name. */
static pid_t process_of(const char *word)
{
    struct stat status;
    char *end = NULL;
    long number;

    if (!*word || word[strspn(word, "0123456789")] || lstat(word, &status) == 0)
        return 0;
    errno = 0;
    number = strtol(word, &end, 10);
    return errno || number > INT_MAX ? 0 : (pid_t)number;
}

bool thaw_deps_is_recording(const char *path)
{
    unsigned char bytes[head_bytes];
    struct stat status;
    ssize_t length;
    int fd;

    /* without opening it: a FIFO would wait, a device might do something */
    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    length = read(fd, bytes, sizeof(bytes));
    close(fd);
    return length == head_bytes && (thaw_reader_is_binary(bytes, head_bytes) ||
                                    thaw_text_form_is((const char *)bytes, head_bytes));
}

static int set_path(const char *word, struct thaw_deps_target *target, struct thaw_error *error)
{
    char *whole = realpath(word, NULL);

    target->options.target = word;
    target->directory = "";
    if (!whole) /* what is wrong with it is said by who opens it */
        return 0;
    target->directory = thaw_arena_string(&target->arena, whole);
    free(whole);
    return target->directory ? 0 : thaw_error_memory(error);
}

int thaw_deps_add_folder(struct thaw_deps_target *target, const char *folder)
{
    const char **slot, *copy;

    if (target->folders.count == most_folders) {
        target->left_out++;
        return 0;
    }
    for (size_t i = 0; i < target->folders.count; i++) {
        if (!strcmp(target->folders.items[i], folder))
            return 0;
    }
    copy = thaw_arena_string(&target->arena, folder);
    slot = copy ? thaw_array_add(&target->folders) : NULL;
    if (!slot)
        return -ENOMEM;
    *slot = copy;
    return 0;
}

/* The list as the model takes it: ended by NULL. */
static int finish_folders(struct thaw_deps_target *target, const char *kind, const char *name,
                          struct thaw_error *error)
{
    if (!target->folders.count)
        return thaw_error_set(error, -ENOENT, "%s: none of its folders could be told", name);
    if (target->left_out)
        thaw_complain(target->command, "%s: only the first %d of its folders are read", name,
                      most_folders);
    if (!thaw_array_add(&target->folders))
        return thaw_error_memory(error);
    target->options.folders = target->folders.items;
    target->options.kind = kind;
    return 0;
}

static int set_process(pid_t pid, struct thaw_deps_target *target, struct thaw_error *error)
{
    char name[16];
    int code;

    snprintf(name, sizeof(name), "%d", (int)pid);
    target->options.target = thaw_arena_string(&target->arena, name);
    if (!target->options.target)
        return thaw_error_memory(error);
    target->directory = "";
    code = thaw_deps_process(pid, target, error);
    return code ? code : finish_folders(target, "process", target->options.target, error);
}

static int set_recording(const char *path, struct thaw_deps_target *target,
                         struct thaw_error *error)
{
    int code;

    target->options.target = path;
    target->recording = path;
    target->directory = "";
    code = thaw_deps_recording(path, target, error);
    return code ? code : finish_folders(target, "recording", path, error);
}

int thaw_deps_target(const char *word, int64_t pid, struct thaw_deps_target *ret,
                     struct thaw_error *error)
{
    pid_t process = pid ? (pid_t)pid : process_of(word);

    if (process)
        return set_process(process, ret, error);
    return thaw_deps_is_recording(word) ? set_recording(word, ret, error)
                                        : set_path(word, ret, error);
}

void thaw_deps_target_free(struct thaw_deps_target *target)
{
    thaw_array_free(&target->folders);
    thaw_arena_free(&target->arena);
}
