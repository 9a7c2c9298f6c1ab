/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "capture/control_groups.h"
#include "capture/cpu_accounts.h"
#include "capture/machine_signs.h"
#include "capture/small_file.h"

/* "CPU RUNQUEUE SLICES" of its first thread (Documentation/scheduler/sched-stats.rst). */
static bool take_waits(pid_t process, struct thaw_cpu_account *account)
{
    unsigned long long cpu_ns, runqueue_ns;
    char path[64], text[96];

    snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)process);
    if (thaw_small_file_read(path, text, sizeof(text)) <= 0 ||
        sscanf(text, "%llu %llu", &cpu_ns, &runqueue_ns) != 2)
        return false;
    account->has_waits = 1;
    account->cpu_ns = cpu_ns;
    account->runqueue_ns = runqueue_ns;
    return true;
}

/* How far the group was throttled, where that is counted. */
static void take_group(const char *folder, struct thaw_cpu_account *account)
{
    struct thaw_control_group_cpu used;

    account->control_group = folder;
    if (thaw_control_groups_cpu(folder, &used)) {
        account->counts_throttling = 1;
        account->periods = used.periods;
        account->throttled_periods = used.throttled_periods;
        account->throttled_ns = used.throttled_ns;
    }
    account->pressure_ns = thaw_control_groups_pressure(folder, &account->pressure_of);
}

static int remember(struct thaw_cpu_accounts *accounts, const char *folder,
                    struct thaw_error *error)
{
    const char *copy, **slot;

    for (size_t i = 0; i < accounts->folders.count; i++)
        if (!strcmp(accounts->folders.items[i], folder))
            return 0;
    copy = thaw_arena_string(&accounts->arena, folder);
    slot = copy && *folder ? thaw_array_add(&accounts->folders) : NULL;
    if (slot)
        *slot = copy;
    return slot || !*folder ? 0 : thaw_error_memory(error);
}

int thaw_cpu_accounts_process(struct thaw_cpu_accounts *accounts, pid_t process,
                              struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_CPU_ACCOUNT,
        .time_ns = thaw_clock_now_ns(),
        .pid = (uint32_t)process,
        .tid = (uint32_t)process,
    };
    struct thaw_control_groups groups;
    struct thaw_signs signs = {0};
    bool grouped = thaw_control_groups_of(process, &groups);
    int code = remember(accounts, groups.cpu, error);

    if (code || (!take_waits(process, &event.cpu_account) && !grouped))
        return code;
    take_group(groups.cpu, &event.cpu_account);
    event.cpu_account.final = accounts->final;
    event.cpu_account.cpu_limit_millis = groups.cpu_limit_millis;
    thaw_environment_signs(process, &signs);
    event.cpu_account.signs.items = signs.items;
    event.cpu_account.signs.count = signs.count;
    code = thaw_recording_writer_append(accounts->writer, &event, error);
    thaw_arena_free(&signs.arena);
    return code;
}

int thaw_cpu_accounts_groups(struct thaw_cpu_accounts *accounts, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < accounts->folders.count; i++) {
        struct thaw_event event = {
            .kind = THAW_EVENT_CPU_ACCOUNT,
            .time_ns = thaw_clock_now_ns(),
        };

        take_group(accounts->folders.items[i], &event.cpu_account);
        event.cpu_account.final = accounts->final;
        if (event.cpu_account.counts_throttling)
            code = thaw_recording_writer_append(accounts->writer, &event, error);
    }
    return code;
}

void thaw_cpu_accounts_free(struct thaw_cpu_accounts *accounts)
{
    thaw_array_free(&accounts->folders);
    thaw_arena_free(&accounts->arena);
}
