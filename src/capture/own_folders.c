/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture/own_folders.h"

/* "/" becomes "", and relative names are none. */
static int add_folder(struct thaw_own_folders *folders, struct thaw_folders *to, const char *path,
                      size_t length)
{
    const char **slot;

    if (*path != '/')
        return 0;
    while (length && path[length - 1] == '/')
        length--;
    for (size_t i = 0; i < to->list.count; i++) {
        if (strlen(to->list.items[i]) == length && !memcmp(to->list.items[i], path, length))
            return 0;
    }
    slot = thaw_array_add(&to->list);
    if (!slot)
        return -ENOMEM;
    *slot = thaw_arena_text(folders->arena, path, length);
    return *slot ? 0 : -ENOMEM;
}

static bool is_installed(const char *path)
{
    return strstr(path, "/site-packages/") || strstr(path, "/dist-packages/") ||
           strstr(path, "/.python_packages/");
}

/* Commands lie in folders of commands: /usr/bin, a virtual environment's bin. */
static bool is_command(const char *path, size_t folder)
{
    return (folder >= 4 && !memcmp(path + folder - 4, "/bin", 4)) ||
           (folder >= 5 && !memcmp(path + folder - 5, "/sbin", 5));
}

static int learn_script(struct thaw_own_folders *folders, const struct thaw_body_begin *body)
{
    const char *slash = strrchr(body->file, '/');
    size_t length = slash ? (size_t)(slash - body->file) : 0;

    if (strcmp(body->name, "__main__") != 0 || is_installed(body->file) ||
        is_command(body->file, length))
        return 0;
    return add_folder(folders, &folders->scripts, body->file, length);
}

int thaw_own_folders_learn(struct thaw_own_folders *folders, const struct thaw_event *event)
{
    const char *directory;
    int code;

    switch (event->kind) {
    case THAW_EVENT_SESSION_BEGIN:
        directory = event->session_begin.directory;
        return add_folder(folders, &folders->scripts, directory, strlen(directory));
    case THAW_EVENT_BODY_BEGIN:
        return learn_script(folders, &event->body_begin);
    case THAW_EVENT_PROCESS_ROLE:
        folders->has_platform = true;
        directory = event->process_role.application;
        code = add_folder(folders, &folders->apps, directory, strlen(directory));
        directory = event->process_role.directory;
        return code ? code : add_folder(folders, &folders->workers, directory, strlen(directory));
    case THAW_EVENT_MESSAGE:
        directory = event->message.directory;
        return add_folder(folders, &folders->apps, directory, strlen(directory));
    case THAW_EVENT_FUNCTION:
        directory = event->function.directory;
        return add_folder(folders, &folders->apps, directory, strlen(directory));
    default:
        return 0;
    }
}

/* The longest of the folders that the path is below, NULL none. */
static const char *folder_above(const struct thaw_folders *folders, const char *path)
{
    const char *longest = NULL;

    for (size_t i = 0; i < folders->list.count; i++) {
        const char *folder = folders->list.items[i];
        size_t length = strlen(folder);

        if (!strncmp(path, folder, length) && path[length] == '/' &&
            (!longest || length > strlen(longest)))
            longest = folder;
    }
    return longest;
}

/* Is there a pyvenv.cfg (PEP 405) between the folder and the file? */
static bool is_in_environment(const char *path, size_t folder)
{
    for (const char *slash = strchr(path + folder + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        char settings[PATH_MAX];

        if ((size_t)snprintf(settings, sizeof(settings), "%.*s/pyvenv.cfg", (int)(slash - path),
                             path) < sizeof(settings) &&
            access(settings, F_OK) == 0)
            return true;
    }
    return false;
}

bool thaw_own_folders_hold(const struct thaw_own_folders *folders, const char *path)
{
    const char *own =
        folder_above(folders->has_platform ? &folders->apps : &folders->scripts, path);
    const char *worker = folder_above(&folders->workers, path);

    if (!own || is_installed(path))
        return false;
    if (worker && strlen(worker) > strlen(own))
        return false;
    return !is_in_environment(path, strlen(own));
}

void thaw_own_folders_free(struct thaw_own_folders *folders)
{
    thaw_array_free(&folders->apps.list);
    thaw_array_free(&folders->scripts.list);
    thaw_array_free(&folders->workers.list);
}
