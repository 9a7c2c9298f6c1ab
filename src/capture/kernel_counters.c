/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/kernel_counters.h"

/* What each loss counted in the kernel is called and means. */
static const struct thaw_kernel_loss_text texts[THAW_LOSS_KINDS] = {
    [THAW_LOSS_RING_FULL] = {"ring-buffer-full", "events came faster than they could be read"},
    [THAW_LOSS_NAME_UNREADABLE] = {"name-not-resident",
                                   "names or paths whose page was not in memory"},
    [THAW_LOSS_TOO_DEEP] = {"too-deep", "imports nested deeper than is followed; their ends are "
                                        "missing"},
    [THAW_LOSS_THREADS_FULL] = {"too-many-threads", "imports of threads beyond the most that are "
                                                    "followed at once"},
    [THAW_LOSS_PROCESSES_FULL] = {"too-many-processes",
                                  "processes beyond the most that are followed at once"},
    [THAW_LOSS_CALLS_FULL] = {"too-many-calls", "socket calls beyond the most that are followed "
                                                "at once"},
    [THAW_LOSS_CONNECTIONS_FULL] = {"connections-not-followed",
                                    "connections beyond the most that are followed at once"},
    [THAW_LOSS_ARGUMENTS_UNREADABLE] = {"arguments-not-resident",
                                        "command lines that could not be read, so that a worker "
                                        "may not have been recognised"},
    [THAW_LOSS_FOLDERS_FULL] = {"too-many-folders", "folders that modules were looked for in, "
                                                    "beyond the most that can be told apart"},
    [THAW_LOSS_LISTENS_FULL] = {"too-many-listeners",
                                "sockets of a process that listens, beyond the most that are told"},
    [THAW_LOSS_ACCEPTS_FULL] = {"too-many-connections",
                                "connections of a server before its first reply, beyond the most "
                                "that are looked at"},
    [THAW_LOSS_HOST_FILES_FULL] = {"too-many-host-files",
                                   "files by which a host's start is told, beyond the most that "
                                   "are told of a process"},
    [THAW_LOSS_VMS_FULL] = {"too-many-vms", "virtual machine monitors beyond the most that are "
                                            "followed at once"},
    [THAW_LOSS_UNKNOWN_FILES] = {"files-not-looked-at",
                                 "executions of files that nobody had looked at yet, more a second "
                                 "than are looked at: if one was Python, its start is missing"},
    [THAW_LOSS_HELD_FULL] = {"too-many-held", "processes beyond the most that are held at once"},
};

const struct thaw_kernel_loss_text *thaw_kernel_loss_text(enum thaw_kernel_loss loss)
{
    return &texts[loss];
}

bool thaw_kernel_loss_is_of_strangers(enum thaw_kernel_loss loss)
{
    return loss == THAW_LOSS_UNKNOWN_FILES;
}

uint64_t thaw_kernel_accounts_ns(const struct thaw_kernel_account accounts[THAW_PROGRAM_KINDS])
{
    double sum = 0;

    for (size_t i = 0; i < THAW_PROGRAM_KINDS; i++)
        if (accounts[i].timed)
            sum +=
                (double)accounts[i].timed_ns / (double)accounts[i].timed * (double)accounts[i].runs;
    return (uint64_t)sum;
}
