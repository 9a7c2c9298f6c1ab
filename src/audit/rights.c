/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <linux/capability.h>

#include <cap-ng.h>

#include "audit/rights.h"

static struct thaw_right rights[] = {
    {CAP_BPF, "CAP_BPF", true, "nothing can be observed", false},
    {CAP_PERFMON, "CAP_PERFMON", true, "nothing can be observed", false},
    {CAP_SYS_PTRACE, "CAP_SYS_PTRACE", false,
     "interpreters of other users, and those in containers, are not found: their starts have no "
     "imports",
     false},
    {CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", false,
     "interpreters that only their owner may read are not probed: their starts have no imports",
     false},
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN", false,
     "before Linux 6.6 nothing can be attached to interpreters, and nothing is observed", false},
};

#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

const struct thaw_right *thaw_rights(bool admin, size_t *ret_count)
{
    capng_get_caps_process();
    for (size_t i = 0; i < RIGHTS; i++)
        rights[i].held = capng_have_capability(CAPNG_EFFECTIVE, rights[i].number);
    *ret_count = admin ? RIGHTS : RIGHTS - 1;
    return rights;
}

/* Chosen, to be applied: those that are held of the table, no others. */
static int choose(bool admin)
{
    size_t count;
    const struct thaw_right *rows = thaw_rights(admin, &count);
    int failed = 0;

    capng_clear(CAPNG_SELECT_ALL);
    for (size_t i = 0; i < count; i++)
        if (rows[i].held)
            failed |= capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, rows[i].number);
    return failed;
}

int thaw_rights_become(const char *user, struct thaw_error *error)
{
    const struct passwd *entry;
    int code;

    errno = 0;
    entry = getpwnam(user);
    if (!entry)
        return errno ? thaw_error_system(error, -errno, "looking for the user %s", user)
                     : thaw_error_set(error, -ENOENT, "there is no user %s on this machine", user);
    if (choose(true) || capng_apply(CAPNG_SELECT_BOUNDS))
        return thaw_error_set(error, -EPERM, "becoming the user %s takes root", user);
    code = capng_change_id((int)entry->pw_uid, (int)entry->pw_gid, CAPNG_DROP_SUPP_GRP);
    if (code)
        return thaw_error_set(error, -EPERM, "becoming the user %s failed (libcap-ng: %d)", user,
                              code);
    return 0;
}

int thaw_rights_drop(bool admin, struct thaw_error *error)
{
    bool may_bound;

    capng_get_caps_process();
    may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
    if (choose(admin) || (may_bound && capng_apply(CAPNG_SELECT_BOUNDS)) ||
        capng_apply(CAPNG_SELECT_CAPS) ||
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return thaw_error_set(error, -EPERM, "giving up rights that are not needed failed");
    return 0;
}
