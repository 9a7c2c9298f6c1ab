/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "trial/sandbox_private.h"

#define MOUNT_POINT_FIELD 5 /* of /proc/self/mountinfo, counted from 1: proc(5) */
#define MOUNTS_MAX 100000

static int tell_kernel(const char *file, const char *text, struct thaw_error *error)
{
    int descriptor = open(file, O_WRONLY | O_CLOEXEC);
    int code = 0;

    if (descriptor < 0 || write(descriptor, text, strlen(text)) != (ssize_t)strlen(text))
        code = errno ? -errno : -EIO;
    if (descriptor >= 0)
        close(descriptor);
    return code ? thaw_error_system(error, code, "a user namespace is refused (%s)", file) : 0;
}

/* The same user inside as outside: setgroups must be off before gid_map, user_namespaces(7). */
static int enter_user_namespace(struct thaw_error *error)
{
    char users[64], groups[64];
    int code;

    snprintf(users, sizeof(users), "%u %u 1\n", geteuid(), geteuid());
    snprintf(groups, sizeof(groups), "%u %u 1\n", getegid(), getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
        return thaw_error_system(error, -errno, "a user namespace is refused");
    code = tell_kernel("/proc/self/setgroups", "deny", error);
    if (!code)
        code = tell_kernel("/proc/self/uid_map", users, error);
    if (!code)
        code = tell_kernel("/proc/self/gid_map", groups, error);
    return code;
}

/*
 * The folders are named by descriptors: an option would end at a comma or colon in a name. They are
 * opened in the new namespace, since a mount of another one can't be a lower layer.
 */
static int mount_overlay(const struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    static const char *const names[] = {NULL, SANDBOX_UPPER, SANDBOX_WORK};
    bool own = sandbox->way == THAW_SANDBOX_USER_OVERLAY;
    int folders[3] = {-1, -1, -1}, code = 0;
    char options[256], path[PATH_MAX + 16];

    for (int i = 0; i < 3 && !code; i++) {
        snprintf(path, sizeof(path), i ? "%s/%s" : "%s", i ? sandbox->folder : sandbox->app,
                 names[i]);
        folders[i] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (folders[i] < 0)
            code = thaw_error_system(error, -errno, "%s", path);
    }
    snprintf(options, sizeof(options),
             "index=off,%slowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,"
             "workdir=/proc/self/fd/%d",
             own ? "userxattr," : "", folders[0], folders[1], folders[2]);
    if (!code && mount("overlay", sandbox->app, "overlay", MS_NODEV | MS_NOSUID, options))
        code = thaw_error_system(error, -errno, "an overlay on %s is refused", sandbox->app);
    for (int i = 0; i < 3; i++) {
        if (folders[i] >= 0)
            close(folders[i]);
    }
    return code;
}

int thaw_sandbox_mount(const struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    bool own = sandbox->way == THAW_SANDBOX_USER_OVERLAY;
    int code = own ? enter_user_namespace(error) : unshare(CLONE_NEWNS);

    if (code)
        return own ? code : thaw_error_system(error, -errno, "a mount namespace is refused");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return thaw_error_system(error, -errno, "a private mount namespace is refused");
    code = mount_overlay(sandbox, error);
    /* So that exec gives nothing back, should the user be 0 inside: capabilities(7). */
    for (unsigned long number = 0; !code && own && number <= CAP_LAST_CAP; number++) {
        if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) && errno != EINVAL)
            code = thaw_error_system(error, -errno, "giving up capability %lu", number);
    }
    return code;
}

/* Undoes \040 and the like in place. */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; to++) {
        if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

static bool line_is_below(char *line, const char *app)
{
    char *rest = NULL, *field = strtok_r(line, " ", &rest);

    for (int i = 1; field && i < MOUNT_POINT_FIELD; i++)
        field = strtok_r(NULL, " ", &rest);
    if (!field)
        return false;
    unescape(field);
    return strcmp(field, app) != 0 && thaw_sandbox_is_below(field, app);
}

int thaw_sandbox_look_for_mounts(const char *app, struct thaw_error *error)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    size_t capacity = 0, lines = 0;
    char *line = NULL;
    bool found = false;

    if (!file)
        return thaw_error_system(error, -errno, "/proc/self/mountinfo");
    while (!found && lines++ < MOUNTS_MAX && getline(&line, &capacity, file) > 0)
        found = line_is_below(line, app);
    free(line);
    fclose(file);
    return found ? thaw_error_set(error, -EXDEV,
                                  "another file system is mounted below it, which an overlay hides")
                 : 0;
}
