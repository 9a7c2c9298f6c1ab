/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "thaw/recording.h"
#include "trial/cold.h"

struct list {
    FILE *stream;
};

static void add_kind(const struct list *list, enum thaw_cold_kind kind, const char *path)
{
    if (path && *path == '/' && (path[1] || kind == THAW_COLD_FILE))
        fprintf(list->stream, "%c%s%c", kind, path, '\0');
}

static void add(const struct list *list, const char *path)
{
    add_kind(list, THAW_COLD_FILE, path);
}

static void add_tree(const struct list *list, const char *path)
{
    add_kind(list, THAW_COLD_TREE, path);
}

static void add_trees(const struct list *list, const struct thaw_texts *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        add_tree(list, paths->items[i]);
}

/* What is named. */
static void add_files(const struct list *list, const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_PROCESS_PRESENT:
        return add(list, event->process_present.executable);
    case THAW_EVENT_PROCESS_EXEC:
        return add(list, event->process_exec.executable);
    case THAW_EVENT_INTERPRETER:
        add(list, event->interpreter.executable);
        return add(list, event->interpreter.library);
    case THAW_EVENT_LIBRARY:
        return add(list, event->library.path);
    case THAW_EVENT_MAPPING:
        return add(list, event->mapping.path);
    case THAW_EVENT_DLOPEN_BEGIN:
        return add(list, event->dlopen_begin.path);
    case THAW_EVENT_BODY_BEGIN:
        return add(list, event->body_begin.file);
    case THAW_EVENT_FILE_OPEN:
        if (event->file_open.result >= 0 && !event->file_open.is_folder)
            add(list, event->file_open.path);
        return;
    case THAW_EVENT_INVENTORY_FILE:
        return add(list, event->inventory_file.path);
    case THAW_EVENT_INVENTORY_LIBRARY:
        return add(list, event->inventory_library.path);
    default:
        return;
    }
}

/* What is looked for there lies below. */
static void add_search(const struct list *list, const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_INVENTORY_INTERPRETER:
        add_trees(list, &event->inventory_interpreter.stdlib);
        return add_trees(list, &event->inventory_interpreter.sites);
    case THAW_EVENT_INVENTORY_DISTRIBUTION:
        return add_tree(list, event->inventory_distribution.location);
    case THAW_EVENT_PROCESS_ROLE:
        add_tree(list, event->process_role.application);
        return add_tree(list, event->process_role.directory);
    case THAW_EVENT_FILE_FOLDER:
        return add_kind(list, THAW_COLD_FOLDER, event->file_folder.path);
    default:
        return;
    }
}

/* A file that the command names is an app's, most likely, and what it imports stands beside it. */
static void add_word(const struct list *list, const char *directory, const char *word)
{
    char path[PATH_MAX], *slash;
    struct stat status;
    int length = *word == '/' ? snprintf(path, sizeof(path), "%s", word)
                              : snprintf(path, sizeof(path), "%s/%s", directory, word);

    if (length >= (int)sizeof(path) || stat(path, &status) || !S_ISREG(status.st_mode))
        return;
    add(list, path);
    slash = strrchr(path, '/');
    *slash = '\0';
    add_tree(list, path);
}

/* Of where it ran; the folder itself comes last, as it may have anything below. */
static void add_session(const struct list *list, const struct thaw_session_begin *session)
{
    char paths[PATH_MAX], *rest = paths, *path;

    for (size_t i = 1; i < session->command.count; i++)
        add_word(list, session->directory, session->command.items[i]);
    snprintf(paths, sizeof(paths), "%s", getenv("PYTHONPATH") ? getenv("PYTHONPATH") : "");
    while ((path = strsep(&rest, ":")))
        add_tree(list, path);
    add_tree(list, session->directory);
}

int thaw_cold_list(const char *recording, int file, struct thaw_error *error)
{
    struct thaw_recording *loaded = NULL;
    struct list list = {0};
    int own = dup(file), code = own < 0 ? -errno : 0;

    if (!code && !(list.stream = fdopen(own, "a"))) {
        code = -errno;
        close(own);
    }
    if (code)
        return thaw_error_system(error, code, "listing the files of a cold start");
    code = thaw_recording_load(recording, &loaded, error);
    for (size_t i = 0; !code && i < loaded->count; i++)
        add_files(&list, &loaded->events[i]);
    for (size_t i = 0; !code && i < loaded->count; i++)
        add_search(&list, &loaded->events[i]);
    for (size_t i = 0; !code && i < loaded->count; i++)
        if (loaded->events[i].kind == THAW_EVENT_SESSION_BEGIN)
            add_session(&list, &loaded->events[i].session_begin);
    thaw_recording_free(loaded);
    if (fclose(list.stream) && !code)
        code = thaw_error_system(error, -errno, "listing the files of a cold start");
    return code;
}
