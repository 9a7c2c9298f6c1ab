/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>
#include <linux/capability.h>

#include <cap-ng.h>

#include "capture/privilege.h"

static struct thaw_capability capabilities[] = {
    {CAP_BPF, "CAP_BPF", "load BPF programs", false},
    {CAP_PERFMON, "CAP_PERFMON", "attach them to the kernel and to interpreters", false},
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "attach to interpreters before Linux 6.6", false},
    {CAP_SYS_PTRACE, "CAP_SYS_PTRACE", "look at other users' processes", false},
    {CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "open interpreters that only their owner may read",
     false},
};

#define CAPABILITY_COUNT (sizeof(capabilities) / sizeof(capabilities[0]))

/* Also kept by thaw_privilege_drop(), if held: for the command, not for recording. */
static const unsigned for_command[] = {CAP_KILL, CAP_SETUID, CAP_SETGID};

const struct thaw_capability *thaw_capabilities(size_t *ret_count)
{
    capng_get_caps_process();
    for (size_t i = 0; i < CAPABILITY_COUNT; i++)
        capabilities[i].held = capng_have_capability(CAPNG_EFFECTIVE, capabilities[i].number);
    *ret_count = CAPABILITY_COUNT;
    return capabilities;
}

static int keep(unsigned capability)
{
    return capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
}

int thaw_privilege_drop(const struct thaw_kernel_support *support, struct thaw_error *error)
{
    bool command_held[sizeof(for_command) / sizeof(for_command[0])];
    size_t count;
    int failed = 0;

    thaw_capabilities(&count);
    for (size_t i = 0; i < sizeof(for_command) / sizeof(for_command[0]); i++)
        command_held[i] = capng_have_capability(CAPNG_EFFECTIVE, for_command[i]);
    capng_clear(CAPNG_SELECT_CAPS);
    for (size_t i = 0; i < count; i++) {
        if (capabilities[i].number == CAP_SYS_ADMIN && support->way != THAW_UPROBE_PERF)
            continue;
        if (capabilities[i].held)
            failed |= keep(capabilities[i].number);
    }
    for (size_t i = 0; i < sizeof(for_command) / sizeof(for_command[0]); i++) {
        if (command_held[i])
            failed |= keep(for_command[i]);
    }
    if (failed || capng_apply(CAPNG_SELECT_CAPS))
        return thaw_error_set(error, -EPERM, "dropping capabilities that are not needed failed");
    return 0;
}

int thaw_privilege_give_up(struct thaw_error *error)
{
    static const unsigned of_files[] = {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER,
                                        CAP_CHOWN};
    const size_t count = geteuid() == 0 ? sizeof(of_files) / sizeof(of_files[0]) : 0;
    bool held[sizeof(of_files) / sizeof(of_files[0])];
    int failed = 0;

    capng_get_caps_process();
    for (size_t i = 0; i < count; i++)
        held[i] = capng_have_capability(CAPNG_EFFECTIVE, of_files[i]);
    capng_clear(CAPNG_SELECT_CAPS);
    for (size_t i = 0; i < count; i++) {
        if (held[i])
            failed |= keep(of_files[i]);
    }
    return failed || capng_apply(CAPNG_SELECT_CAPS)
               ? thaw_error_set(error, -EPERM, "dropping capabilities failed")
               : 0;
}
