/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "capture/loss.h"
#include "capture/tree.h"
#include "capture/withdrawal.h"

#define FINDINGS_MOST 16

static struct thaw_covered *covered_of(const struct thaw_withdrawal *withdrawal, size_t interpreter)
{
    return &withdrawal->interpreters->items[interpreter];
}

/* Every other traced process that runs it gets probes of its own, which do not count yet. */
static void attach_singly(struct thaw_withdrawal *withdrawal, size_t interpreter, uint32_t noisy)
{
    const struct thaw_python_process *process, *next;

    HASH_ITER(hh, withdrawal->processes->table, process, next)
    {
        if (process->interpreter == interpreter && process->pid != noisy)
            thaw_interpreters_attach_process(withdrawal->interpreters, interpreter,
                                             (pid_t)process->pid);
    }
}

static int tell(struct thaw_withdrawal *withdrawal, const struct thaw_watchdog_finding *finding,
                struct thaw_error *error)
{
    char what[256];

    snprintf(what, sizeof(what),
             "process %d hit its probes %" PRIu64 " times a second, as eval() in a loop does: they "
             "were withdrawn, and what it imports from then on is missing",
             (int)finding->process, finding->hits_per_s);
    return thaw_loss_store_process(withdrawal->writer, (uint32_t)finding->process,
                                   "probes-withdrawn", what, error);
}

static int withdraw(struct thaw_withdrawal *withdrawal, const struct thaw_watchdog_finding *finding,
                    struct thaw_error *error)
{
    struct thaw_python_process *noisy =
        thaw_python_processes_find(withdrawal->processes, (uint32_t)finding->process);
    bool narrow = covered_of(withdrawal, finding->interpreter)->narrow;

    if (noisy ? noisy->withdrawn : narrow)
        return 0; /* it was counted before */
    if (narrow)
        thaw_programs_withdraw(withdrawal->programs, THAW_GROUP_OF_PROCESS(noisy->pid));
    else
        attach_singly(withdrawal, finding->interpreter, (uint32_t)finding->process);
    thaw_known_files_forget(withdrawal->files, finding->interpreter + 1); /* can be held again */
    thaw_interpreters_narrow(withdrawal->interpreters, finding->interpreter);
    covered_of(withdrawal, finding->interpreter)->noisy = finding->process;
    if (!noisy)
        return 0;
    noisy->withdrawn = true;
    return tell(withdrawal, finding, error);
}

int thaw_withdrawal_watch(struct thaw_withdrawal *withdrawal, struct thaw_error *error)
{
    struct thaw_watchdog_finding findings[FINDINGS_MOST];
    size_t count = thaw_watchdog_look(&withdrawal->watchdog, findings, FINDINGS_MOST);
    int code = 0;

    for (size_t i = 0; !code && i < count; i++)
        if (findings[i].interpreter < withdrawal->interpreters->count)
            code = withdraw(withdrawal, &findings[i], error);
    return code;
}

/* Its process has ended, and none of those that run it is one that was too noisy. */
static bool is_quiet(const struct thaw_withdrawal *withdrawal, size_t interpreter)
{
    const struct thaw_covered *covered = covered_of(withdrawal, interpreter);
    const struct thaw_python_process *process, *next;

    if (!covered->there || !covered->narrow || !thaw_tree_is_gone((uint32_t)covered->noisy))
        return false;
    HASH_ITER(hh, withdrawal->processes->table, process, next)
    {
        if (process->interpreter == interpreter && process->withdrawn)
            return false;
    }
    return true;
}

/* Those of single processes go when the others are there. */
static void widen(struct thaw_withdrawal *withdrawal, size_t interpreter)
{
    const struct thaw_python_process *process, *next;
    pid_t way = getpid();

    HASH_ITER(hh, withdrawal->processes->table, process, next)
    {
        if (process->interpreter == interpreter)
            way = (pid_t)process->pid;
    }
    thaw_interpreters_widen(withdrawal->interpreters, interpreter, way);
    if (covered_of(withdrawal, interpreter)->narrow)
        return;
    HASH_ITER(hh, withdrawal->processes->table, process, next)
    {
        if (process->interpreter == interpreter)
            thaw_programs_withdraw(withdrawal->programs, THAW_GROUP_OF_PROCESS(process->pid));
    }
}

void thaw_withdrawal_undo(struct thaw_withdrawal *withdrawal)
{
    for (size_t i = 0; i < withdrawal->interpreters->count; i++)
        if (is_quiet(withdrawal, i))
            widen(withdrawal, i);
}

bool thaw_withdrawal_joined(struct thaw_withdrawal *withdrawal, uint32_t pid, size_t interpreter)
{
    if (!covered_of(withdrawal, interpreter)->narrow)
        return false;
    thaw_interpreters_attach_process(withdrawal->interpreters, interpreter, (pid_t)pid);
    return true;
}

void thaw_withdrawal_left(struct thaw_withdrawal *withdrawal, uint32_t pid)
{
    const struct thaw_python_process *process =
        thaw_python_processes_find(withdrawal->processes, pid);

    if (process && covered_of(withdrawal, process->interpreter)->narrow)
        thaw_programs_withdraw(withdrawal->programs, THAW_GROUP_OF_PROCESS(pid));
}
