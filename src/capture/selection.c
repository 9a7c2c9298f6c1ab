/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/selection.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define CONTAINER_ID_LEAST 12

static int add(struct thaw_selection *selection, pid_t process, struct thaw_error *error)
{
    pid_t *slot;

    if (process == getpid())
        return 0;
    slot = thaw_array_add(selection);
    if (!slot)
        return thaw_error_memory(error);
    *slot = process;
    return 0;
}

int thaw_selection_process(struct thaw_selection *selection, pid_t process,
                           struct thaw_error *error)
{
    if (process <= 0 || (kill(process, 0) && errno == ESRCH))
        return thaw_error_set(error, -ESRCH, "no process has the id %d", (int)process);
    if (process == getpid())
        return thaw_error_set(error, -EINVAL, "thaw does not observe itself");
    return add(selection, process, error);
}

static int add_group(struct thaw_selection *selection, const char *folder, struct thaw_error *error)
{
    char path[4096];
    FILE *file;
    int process, code = 0;

    snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
    file = fopen(path, "re");
    if (!file)
        return thaw_error_system(error, -errno, "%s: not a control group", folder);
    while (!code && fscanf(file, "%d", &process) == 1)
        code = add(selection, process, error);
    fclose(file);
    return code;
}

int thaw_selection_cgroup(struct thaw_selection *selection, const char *path,
                          struct thaw_error *error)
{
    size_t before = selection->count;
    char folder[4000];
    int code;

    if (strncmp(path, CGROUP_ROOT, strlen(CGROUP_ROOT)) == 0)
        snprintf(folder, sizeof(folder), "%s", path);
    else
        snprintf(folder, sizeof(folder), CGROUP_ROOT "/%s", path + (*path == '/'));
    code = add_group(selection, folder, error);
    if (!code && selection->count == before)
        code = thaw_error_set(error, -ESRCH, "%s: no process is in this control group", folder);
    return code;
}

/* Calls take for every process of the machine until one returns less than 0. */
static int for_each_process(int (*take)(void *context, pid_t process), void *context,
                            struct thaw_error *error)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    int code = 0;

    if (!folder)
        return thaw_error_system(error, -errno, "reading /proc");
    while (!code && (entry = readdir(folder))) {
        if (isdigit((unsigned char)entry->d_name[0]))
            code = take(context, (pid_t)atoi(entry->d_name));
    }
    closedir(folder);
    return code;
}

struct search {
    struct thaw_selection *selection;
    const char *id; /* NULL: every process */
    struct thaw_error *error;
};

static bool in_group_named(pid_t process, const char *id)
{
    char path[64], line[4096];
    bool found = false;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)process);
    file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof(line), file))
        found = strstr(line, id) != NULL;
    if (file)
        fclose(file);
    return found;
}

static int take(void *context, pid_t process)
{
    const struct search *search = context;

    if (search->id && !in_group_named(process, search->id))
        return 0;
    return add(search->selection, process, search->error);
}

int thaw_selection_container(struct thaw_selection *selection, const char *id,
                             struct thaw_error *error)
{
    struct search search = {.selection = selection, .id = id, .error = error};
    size_t before = selection->count;
    int code;

    if (strlen(id) < CONTAINER_ID_LEAST || strspn(id, "0123456789abcdef") != strlen(id))
        return thaw_error_set(error, -EINVAL,
                              "'%s' is no container id: at least 12 hexadecimal digits, as "
                              "`docker ps` shows it",
                              id);
    code = for_each_process(take, &search, error);
    if (!code && selection->count == before)
        code = thaw_error_set(error, -ESRCH, "no process is in a container with the id %s", id);
    return code;
}

int thaw_selection_all(struct thaw_selection *selection, struct thaw_error *error)
{
    struct search search = {.selection = selection, .error = error};

    return for_each_process(take, &search, error);
}
