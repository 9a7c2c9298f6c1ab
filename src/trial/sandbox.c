/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/read_whole.h"
#include "trial/sandbox_private.h"

#define FOLDER_NAME "thaw-trial-XXXXXX"

const char *thaw_sandbox_way_name(enum thaw_sandbox_way way)
{
    switch (way) {
    case THAW_SANDBOX_OVERLAY:
        return "overlay";
    case THAW_SANDBOX_USER_OVERLAY:
        return "overlay in a user namespace";
    case THAW_SANDBOX_COPY:
        return "copy";
    }
    return "?";
}

bool thaw_sandbox_is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static void below_folder(const struct thaw_sandbox *sandbox, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%.*s/%s", (int)(PATH_MAX - NAME_MAX), sandbox->folder, name);
}

const char *thaw_sandbox_app(const struct thaw_sandbox *sandbox, char buffer[PATH_MAX])
{
    if (sandbox->way != THAW_SANDBOX_COPY)
        return sandbox->app;
    below_folder(sandbox, SANDBOX_COPY, buffer);
    return buffer;
}

/* The app with links resolved; what can't be one is refused. */
static int find_app(const struct thaw_sandbox_options *options, struct thaw_sandbox *sandbox,
                    struct thaw_error *error)
{
    struct stat status;

    if (!realpath(options->app, sandbox->app) || stat(sandbox->app, &status))
        return thaw_error_system(error, -errno, "%s", options->app);
    if (!S_ISDIR(status.st_mode) || strcmp(sandbox->app, "/") == 0)
        return thaw_error_set(error, -ENOTDIR, "%s: not the folder of an app", options->app);
    for (size_t i = 0; i < options->change_count; i++) {
        int code = thaw_sandbox_check_change(sandbox->app, &options->changes[i], error);

        if (code)
            return code;
    }
    return 0;
}

/* A folder that is not below the app, else the app would be in its own copy. */
static int make_folder(const char *base, struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    char resolved[PATH_MAX], made[PATH_MAX + sizeof(FOLDER_NAME) + 1];

    if (!realpath(base, resolved))
        return thaw_error_system(error, -errno, "%s", base);
    if (thaw_sandbox_is_below(resolved, sandbox->app))
        return thaw_error_set(error, -EXDEV,
                              "%s is below the app; set TMPDIR to a folder that is not", resolved);
    if (snprintf(made, sizeof(made), "%s/" FOLDER_NAME, resolved) >= PATH_MAX - 2 * NAME_MAX)
        return thaw_error_set(error, -ENAMETOOLONG, "%s: too long a path", base);
    if (!mkdtemp(made))
        return thaw_error_system(error, -errno, "making a temporary folder in %s (TMPDIR)", base);
    memcpy(sandbox->folder, made, strlen(made) + 1);
    return 0;
}

static int make_below(const struct thaw_sandbox *sandbox, const char *name,
                      struct thaw_error *error)
{
    char path[PATH_MAX];

    below_folder(sandbox, name, path);
    return mkdir(path, 0700) ? thaw_error_system(error, -errno, "%s", path) : 0;
}

/* The overlay's top is what is seen of the app's own folder: its mode and owner are to be the same.
 */
static int make_upper(const struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    char path[PATH_MAX];
    struct stat status;
    int code = make_below(sandbox, SANDBOX_UPPER, error);

    if (code)
        return code;
    below_folder(sandbox, SANDBOX_UPPER, path);
    if (stat(sandbox->app, &status) ||
        (geteuid() == 0 && chown(path, status.st_uid, status.st_gid)) ||
        chmod(path, (status.st_mode & 07777) | (geteuid() == 0 ? 0 : S_IRWXU)))
        return thaw_error_system(error, -errno, "%s", path);
    return make_below(sandbox, SANDBOX_WORK, error);
}

/* In a child, which has the rights that the way gives. */
static int prepare_overlay(const struct thaw_sandbox *sandbox,
                           const struct thaw_sandbox_options *options, struct thaw_error *error)
{
    int code = thaw_sandbox_mount(sandbox, error);

    if (!code)
        code = thaw_sandbox_drop_bytecode(sandbox->app, options, error);
    return code ? code : thaw_sandbox_verify(sandbox->app, options, error);
}

/* In a child, which becomes the command's user: what that one may not read is not copied. */
static int prepare_copy(const struct thaw_sandbox *sandbox,
                        const struct thaw_sandbox_options *options, struct thaw_error *error)
{
    char path[PATH_MAX];
    int code = thaw_identity_become(&sandbox->identity, error);

    if (!code)
        code = make_below(sandbox, SANDBOX_COPY, error);
    below_folder(sandbox, SANDBOX_COPY, path);
    if (!code)
        code = thaw_sandbox_copy(sandbox->app, path, error);
    if (!code)
        code = thaw_sandbox_write_changes(sandbox, options, SANDBOX_COPY, error);
    if (!code)
        code = thaw_sandbox_drop_bytecode(path, options, error);
    return code ? code : thaw_sandbox_verify(path, options, error);
}

static int wait_for(pid_t child, int *status)
{
    while (waitpid(child, status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

/* Does that in a child, whose error comes back through a pipe. */
static int prepare(const struct thaw_sandbox *sandbox, const struct thaw_sandbox_options *options,
                   struct thaw_error *error)
{
    struct thaw_error told = {0};
    int answer[2], status = 0, code;
    size_t length = 0;
    pid_t child;

    if (pipe2(answer, O_CLOEXEC))
        return thaw_error_system(error, -errno, "making a pipe");
    child = fork();
    if (child == 0) {
        if (sandbox->way == THAW_SANDBOX_COPY)
            told.code = prepare_copy(sandbox, options, &told);
        else
            told.code = prepare_overlay(sandbox, options, &told);
        _exit(write(answer[1], &told, sizeof(told)) != (ssize_t)sizeof(told));
    }
    code = child < 0 ? -errno : 0;
    close(answer[1]);
    if (!code) {
        code = thaw_read_whole(answer[0], (char *)&told, sizeof(told), &length);
        wait_for(child, &status);
    }
    close(answer[0]);
    if (code)
        return thaw_error_system(error, code, "preparing a sandbox");
    if (length != sizeof(told))
        return thaw_error_set(error, -EIO, "preparing a sandbox: ended with status %#x",
                              (unsigned)status);
    return told.code ? thaw_error_set(error, told.code, "%s", told.message) : 0;
}

static int try_overlay(const char *base, const struct thaw_sandbox_options *options,
                       struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    int code = make_folder(base, sandbox, error);

    if (code)
        return code;
    code = make_upper(sandbox, error);
    if (!code)
        code = thaw_sandbox_write_changes(sandbox, options, SANDBOX_UPPER, error);
    sandbox->way = THAW_SANDBOX_OVERLAY;
    if (!code)
        code = prepare(sandbox, options, error);
    if (code == -EPERM && !sandbox->identity.differs) {
        sandbox->way = THAW_SANDBOX_USER_OVERLAY;
        code = prepare(sandbox, options, error);
    }
    if (code)
        thaw_sandbox_close(sandbox, NULL);
    return code;
}

static int make_copy(const char *base, const struct thaw_sandbox_options *options,
                     struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    int code = make_folder(base, sandbox, error);

    sandbox->way = THAW_SANDBOX_COPY;
    if (code)
        return code;
    if (sandbox->identity.differs &&
        chown(sandbox->folder, sandbox->identity.uid, sandbox->identity.gid))
        code = thaw_error_system(error, -errno, "%s", sandbox->folder);
    if (!code)
        code = prepare(sandbox, options, error);
    if (code)
        thaw_sandbox_close(sandbox, NULL);
    return code;
}

int thaw_sandbox_open(const struct thaw_sandbox_options *options, struct thaw_sandbox *ret,
                      struct thaw_error *error)
{
    const char *wanted = getenv("TMPDIR");
    const char *bases[] = {wanted && *wanted == '/' ? wanted : "/tmp", "/dev/shm"};
    size_t count = sizeof(bases) / sizeof(bases[0]);
    struct thaw_error refused = {0};
    int code;

    memset(ret, 0, sizeof(*ret));
    if (options->identity)
        ret->identity = *options->identity;
    else
        ret->identity = (struct thaw_identity){.uid = geteuid(), .gid = getegid()};
    code = find_app(options, ret, error);
    if (code)
        return code;
    if (!options->copy) {
        code = thaw_sandbox_look_for_mounts(ret->app, &refused);
        if (!code) {
            code = try_overlay(bases[0], options, ret, &refused);
            for (size_t i = 1; code && i < count; i++)
                code = try_overlay(bases[i], options, ret, NULL);
            if (!code)
                return 0;
        }
        snprintf(ret->why_copied, sizeof(ret->why_copied), "%.*s", (int)sizeof(ret->why_copied) - 1,
                 refused.message);
    }
    code = make_copy(bases[0], options, ret, error);
    for (size_t i = 1; code == -EXDEV && i < count; i++)
        code = make_copy(bases[i], options, ret, error);
    return code;
}

int thaw_sandbox_enter(const struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    char buffer[PATH_MAX];
    const char *app = thaw_sandbox_app(sandbox, buffer);
    int code = sandbox->way == THAW_SANDBOX_COPY ? 0 : thaw_sandbox_mount(sandbox, error);

    if (!code)
        code = thaw_identity_become(&sandbox->identity, error);
    if (code)
        return code;
    if (chdir(app))
        return thaw_error_system(error, -errno, "%s", app);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return thaw_error_system(error, -errno, "giving up new privileges");
    return 0;
}

/* Is a file below the app, both resolved, the user's own, and not a package's? */
static bool is_own_file(const char *app, const char *path)
{
    const char *part = path + strlen(app) + 1;
    char name[NAME_MAX + 1];
    int folder = open(app, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool own = true;

    for (size_t length; own && folder >= 0 && part[length = strcspn(part, "/")];) {
        int below;

        snprintf(name, sizeof(name), "%.*s", (int)length, part);
        own = !thaw_sandbox_is_package_folder(folder, name);
        below = openat(folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(folder);
        folder = below;
        part += length + 1;
    }
    if (folder >= 0)
        close(folder);
    return own;
}

int thaw_sandbox_check_files(const struct thaw_sandbox *sandbox, const char *const *files,
                             size_t count, struct thaw_error *error)
{
    char path[PATH_MAX];

    for (size_t i = 0; sandbox->way == THAW_SANDBOX_COPY && i < count; i++) {
        if (realpath(files[i], path) && strcmp(path, sandbox->app) != 0 &&
            thaw_sandbox_is_below(path, sandbox->app) && is_own_file(sandbox->app, path))
            return thaw_error_set(
                error, -EXDEV,
                "%s was taken from the original, not from the copy: the app names "
                "its own folder by its path",
                path);
    }
    return 0;
}

int thaw_sandbox_close(struct thaw_sandbox *sandbox, struct thaw_error *error)
{
    int code = 0;

    if (sandbox->folder[0])
        code = thaw_sandbox_remove(sandbox->folder, error);
    sandbox->folder[0] = '\0';
    return code;
}
