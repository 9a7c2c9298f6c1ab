/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "capture/boot_instants.h"
#include "capture/control_groups.h"
#include "capture/machine.h"
#include "capture/machine_signs.h"

int thaw_machine_store(struct thaw_recording_writer *writer, pid_t process, bool boot,
                       struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_MACHINE, .time_ns = thaw_clock_now_ns()};
    struct thaw_control_groups groups;
    struct thaw_signs signs = {0};
    struct thaw_boot_log log;
    int code;

    thaw_boot_log_read(&log);
    thaw_control_groups_of(process, &groups);
    event.machine.hypervisor = thaw_machine_signs(&log, &groups, &signs);
    event.machine.cpu_limit_millis = groups.cpu_limit_millis;
    event.machine.memory_limit_bytes = groups.memory_limit_bytes;
    event.machine.signs.items = signs.items;
    event.machine.signs.count = signs.count;
    event.machine.container =
        thaw_boot_is_initial_namespace("pid") && thaw_boot_is_initial_namespace("cgroup") ? "no"
                                                                                          : "yes";
    event.machine.kernel_log = log.status;
    event.machine.suspended_ns = thaw_boot_suspended_ns();
    event.machine.boot = boot;
    code = thaw_recording_writer_append(writer, &event, error);
    thaw_arena_free(&signs.arena);
    return code ? code : thaw_boot_instants_store(&log, writer, error);
}
