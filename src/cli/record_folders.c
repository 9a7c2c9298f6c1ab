/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_folders.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/identity.h"
#include "gate/trials.h"

const char *const thaw_record_folder_names[2] = {"first", "second"};

/* Nothing that is there is written over, or mixed with what comes. */
static int check_empty(const char *path, struct thaw_error *error)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    bool empty = true;

    if (!folder)
        return thaw_error_system(error, -errno, "%s can't be used for recordings", path);
    while (empty && (entry = readdir(folder)))
        empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    closedir(folder);
    return empty ? 0
                 : thaw_error_set(error, -EEXIST,
                                  "%s is not empty; name a new folder for the recordings with -o, "
                                  "or remove it",
                                  path);
}

static int make_folder(const char *path, struct thaw_error *error)
{
    if (mkdir(path, 0777) == 0)
        return 0;
    if (errno != EEXIST)
        return thaw_error_system(error, -errno, "%s can't be made", path);
    return check_empty(path, error);
}

static int make_all(struct thaw_record_folders *folders, struct thaw_error *error)
{
    int code = make_folder(folders->all, error);

    for (size_t i = 0; !code && folders->count > 1 && i < folders->count; i++)
        code = make_folder(folders->each[i], error);
    return code;
}

static int name_all(const char *path, struct thaw_record_folders *ret, struct thaw_error *error)
{
    int length = snprintf(ret->results, sizeof(ret->results), "%s/" THAW_TRIALS_NAME, path);

    for (size_t i = 0; i < ret->count; i++) {
        const char *below = ret->count > 1 ? thaw_record_folder_names[i] : "";

        snprintf(ret->each[i], sizeof(ret->each[i]), "%s%s%s", path, *below ? "/" : "", below);
    }
    return length < (int)sizeof(ret->results)
               ? 0
               : thaw_error_set(error, -ENAMETOOLONG, "%s: its path is too long", path);
}

int thaw_record_folders_make(const char *path, size_t commands, struct thaw_record_folders *ret,
                             struct thaw_error *error)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    struct thaw_identity identity;
    int code = thaw_identity_of_caller(&identity, error);

    *ret = (struct thaw_record_folders){.all = path, .count = commands};
    if (!code)
        code = name_all(path, ret, error);
    if (code)
        return code;
    if (identity.differs && (setegid(identity.gid) || seteuid(identity.uid)))
        return thaw_error_system(error, -errno, "becoming user %u", (unsigned)identity.uid);
    code = make_all(ret, error);
    if (identity.differs && (seteuid(uid) || setegid(gid)) && !code)
        code = thaw_error_system(error, -errno, "returning to user %u", (unsigned)uid);
    return code;
}

void thaw_record_folders_remove(const struct thaw_record_folders *folders)
{
    unlink(folders->results);
    for (size_t i = 0; folders->count > 1 && i < folders->count; i++)
        rmdir(folders->each[i]);
    rmdir(folders->all);
}
