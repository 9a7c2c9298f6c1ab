/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/identity.h"

/* A number from the environment; false when absent or not a plain id. */
static bool id_from(const char *variable, unsigned long *ret)
{
    const char *text = getenv(variable);
    char *end;

    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    *ret = strtoul(text, &end, 10);
    return !errno && !*end && *ret < (unsigned long)(uid_t)-1;
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

/* getpwuid(3): these say that there is no such user, ENOENT also that there is no /etc/passwd, as
 * in a container that is given a bare number. */
static bool is_unknown_user(int code)
{
    return code == 0 || code == ENOENT || code == ESRCH || code == EBADF || code == EPERM;
}

static int fill_from_passwd(struct thaw_identity *identity, struct thaw_error *error)
{
    struct passwd *entry;

    errno = 0;
    entry = getpwuid(identity->uid);
    if (!entry && !is_unknown_user(errno))
        return thaw_error_system(error, -errno, "looking up user %u", (unsigned)identity->uid);
    if (entry) {
        copy(identity->name, sizeof(identity->name), entry->pw_name);
        copy(identity->home, sizeof(identity->home), entry->pw_dir);
        copy(identity->shell, sizeof(identity->shell), entry->pw_shell);
    }
    return 0;
}

int thaw_identity_of_caller(struct thaw_identity *ret, struct thaw_error *error)
{
    unsigned long uid, gid;

    memset(ret, 0, sizeof(*ret));
    ret->uid = getuid();
    ret->gid = getgid();
    if (geteuid() == 0 && getuid() == 0 && id_from("SUDO_UID", &uid) && id_from("SUDO_GID", &gid)) {
        ret->uid = (uid_t)uid;
        ret->gid = (gid_t)gid;
    }
    ret->differs = ret->uid != geteuid();
    return fill_from_passwd(ret, error);
}

static int become_ids(const struct thaw_identity *identity, struct thaw_error *error)
{
    int groups = identity->name[0] ? initgroups(identity->name, identity->gid)
                                   : setgroups(1, &identity->gid);

    if (groups || setresgid(identity->gid, identity->gid, identity->gid) ||
        setresuid(identity->uid, identity->uid, identity->uid))
        return thaw_error_system(error, -errno, "becoming user %u for the command",
                                 (unsigned)identity->uid);
    return 0;
}

int thaw_identity_become(const struct thaw_identity *identity, struct thaw_error *error)
{
    const struct {
        const char *name;
        const char *value;
    } variables[] = {
        {"HOME", identity->home},
        {"USER", identity->name},
        {"LOGNAME", identity->name},
        {"SHELL", identity->shell},
    };

    if (!identity->differs)
        return 0;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        if (variables[i].value[0] && setenv(variables[i].name, variables[i].value, 1))
            return thaw_error_memory(error);
    }
    return become_ids(identity, error);
}
