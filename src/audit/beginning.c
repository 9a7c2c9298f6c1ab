/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/resource.h>

#include "audit/beginning.h"
#include "audit/call_filter.h"
#include "audit/rights.h"

#define DESCRIPTORS_MOST 65536

static bool needs_admin(const struct thaw_kernel_support *support)
{
    return support->way == THAW_UPROBE_PERF;
}

static int check_needed(const struct thaw_right *rights, size_t count, struct thaw_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (rights[i].needed && !rights[i].held)
            return thaw_error_set(error, -EPERM,
                                  "%s is missing: %s. Run as root (sudo thaw audit --user NAME), "
                                  "or with the four capabilities of thaw-audit.service",
                                  rights[i].name, rights[i].without);
    return 0;
}

static void tell_missing(const struct thaw_right *rights, size_t count, struct thaw_log *log)
{
    for (size_t i = 0; i < count; i++)
        if (!rights[i].held)
            thaw_log_say(log, THAW_LOG_WARNING, THAW_LOG_RIGHTS, "%s is missing: %s",
                         rights[i].name, rights[i].without);
}

/* Each interpreter takes some ten descriptors, and 1,024 is what most are given at first. */
static void take_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MOST ? limit.rlim_max : DESCRIPTORS_MOST;
    setrlimit(RLIMIT_NOFILE, &limit); /* what is too few will be told by what can't be attached */
}

int thaw_beginning_rights(const struct thaw_audit_settings *settings,
                          struct thaw_kernel_support *ret, struct thaw_log *log,
                          struct thaw_error *error)
{
    const struct thaw_right *rights;
    const char *refusal;
    size_t count;
    int code;

    take_descriptors();
    code = settings->user ? thaw_rights_become(settings->user, error) : 0;

    if (code)
        return code;
    thaw_kernel_probe(false, ret);
    refusal = thaw_kernel_refusal(ret);
    rights = thaw_rights(needs_admin(ret), &count);
    code = check_needed(rights, count, error);
    if (!code && refusal)
        code = thaw_error_set(error, -EPERM, "%s", refusal);
    if (!code)
        tell_missing(rights, count, log);
    return code;
}

int thaw_beginning_give_up(const struct thaw_kernel_support *support, struct thaw_log *log,
                           struct thaw_error *error)
{
    struct thaw_error refusal = {0};
    int code = thaw_rights_drop(needs_admin(support), error);

    if (code)
        return code;
    code = thaw_call_filter_load(&refusal);
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        thaw_log_say(log, THAW_LOG_WARNING, THAW_LOG_RIGHTS, "%s", refusal.message);
    return 0;
}
