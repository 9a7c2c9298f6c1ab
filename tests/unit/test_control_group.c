/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/control_group.h"

static const char hybrid[] =
    "25 30 0:22 / /proc rw,relatime - proc proc rw\n"
    "31 29 0:26 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:27 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
    "33 31 0:28 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"
    "34 31 0:30 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
    "35 31 0:36 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

/* Of a container of Docker: its part of the hierarchy is what it sees as the root. */
static const char docker[] =
    "1200 1190 0:26 /../../.. /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n";

static void assert_bytes(const char *text, size_t length, const char *expected)
{
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(text, expected, length);
}

static void mounts_are_found_by_controller(void **state)
{
    struct thaw_control_group_mount mount;

    (void)state;
    assert_true(thaw_control_group_mount(hybrid, strlen(hybrid), 1, THAW_CONTROLLER_CPU, &mount));
    assert_bytes(mount.point, mount.point_bytes, "/sys/fs/cgroup/cpu");
    assert_bytes(mount.root, mount.root_bytes, "/");
    assert_true(
        thaw_control_group_mount(hybrid, strlen(hybrid), 1, THAW_CONTROLLER_MEMORY, &mount));
    assert_bytes(mount.point, mount.point_bytes, "/sys/fs/cgroup/memory");
    assert_true(thaw_control_group_mount(hybrid, strlen(hybrid), 2, THAW_CONTROLLER_CPU, &mount));
    assert_bytes(mount.point, mount.point_bytes, "/sys/fs/cgroup/unified");
    assert_false(thaw_control_group_mount(docker, strlen(docker), 1, THAW_CONTROLLER_CPU, &mount));
    assert_true(thaw_control_group_mount(docker, strlen(docker), 2, THAW_CONTROLLER_CPU, &mount));
    assert_bytes(mount.root, mount.root_bytes, "/../../..");
    for (size_t length = 0; length < strlen(docker) - 30; length++)
        assert_false(thaw_control_group_mount(docker, length, 2, THAW_CONTROLLER_CPU, &mount));
}

static void paths_are_found_by_controller(void **state)
{
    static const char groups[] = "9:name=systemd:/\n"
                                 "4:memory:/process/a:b\n"
                                 "2:cpuacct:/not-this\n"
                                 "1:cpu,cpuset:/limited\n"
                                 "0::/user.slice/a b\n";
    const char *path;
    size_t length;

    (void)state;
    assert_true(
        thaw_control_group_path(groups, strlen(groups), 1, THAW_CONTROLLER_CPU, &path, &length));
    assert_bytes(path, length, "/limited");
    assert_true(
        thaw_control_group_path(groups, strlen(groups), 1, THAW_CONTROLLER_MEMORY, &path, &length));
    assert_bytes(path, length, "/process/a:b");
    assert_true(
        thaw_control_group_path(groups, strlen(groups), 2, THAW_CONTROLLER_CPU, &path, &length));
    assert_bytes(path, length, "/user.slice/a b");
    assert_false(thaw_control_group_path("0::", 3, 2, THAW_CONTROLLER_CPU, &path, &length));
    assert_false(thaw_control_group_path("0:", 2, 2, THAW_CONTROLLER_CPU, &path, &length));
    assert_false(thaw_control_group_path("", 0, 2, THAW_CONTROLLER_CPU, &path, &length));
}

static uint64_t cpu_max(const char *text)
{
    return thaw_control_group_cpu_max(text, strlen(text));
}

static uint64_t memory(const char *text)
{
    return thaw_control_group_memory(text, strlen(text));
}

static void limits_are_those_of_both_versions(void **state)
{
    (void)state;
    assert_int_equal(cpu_max("max 100000\n"), 0);
    assert_int_equal(cpu_max("25000 100000\n"), 250);
    assert_int_equal(cpu_max("1 1000000\n"), 1); /* never "no limit" */
    assert_int_equal(cpu_max("25000"), 0);
    assert_int_equal(cpu_max("25000 0\n"), 0);
    assert_int_equal(cpu_max("99999999999999999999 100000\n"), 0);
    assert_int_equal(cpu_max("18446744073709551615 1\n"), 0);
    assert_int_equal(thaw_control_group_cpu_quota("-1\n", 3, "100000\n", 7), 0);
    assert_int_equal(thaw_control_group_cpu_quota("50000\n", 6, "100000\n", 7), 500);
    assert_int_equal(memory("max\n"), 0);
    assert_int_equal(memory("1610612736\n"), 1610612736);
    assert_int_equal(memory("9223372036854771712\n"), 0); /* version 1: no limit */
}

static void throttling_is_counted_in_both_versions(void **state)
{
    static const char first[] = "nr_periods 16\nnr_throttled 14\nthrottled_time 1200000000\n"
                                "nr_bursts 0\nburst_time 0\n";
    static const char second[] = "usage_usec 5\nuser_usec 4\nsystem_usec 1\nnr_periods 16\n"
                                 "nr_throttled 14\nthrottled_usec 1200000\n";
    static const char root[] = "usage_usec 5\nuser_usec 4\nsystem_usec 1\n";
    struct thaw_control_group_cpu used;

    (void)state;
    assert_true(thaw_control_group_cpu_stat(first, strlen(first), &used));
    assert_int_equal(used.periods, 16);
    assert_int_equal(used.throttled_periods, 14);
    assert_int_equal(used.throttled_ns, 1200000000);
    assert_true(thaw_control_group_cpu_stat(second, strlen(second), &used));
    assert_int_equal(used.throttled_ns, 1200000000);
    assert_false(thaw_control_group_cpu_stat(root, strlen(root), &used));
    assert_false(thaw_control_group_cpu_stat("", 0, &used));
}

static const char *sign(const char *path)
{
    return thaw_control_group_sign(path, strlen(path));
}

static void paths_show_containers(void **state)
{
    (void)state;
    assert_string_equal(sign("0::/kubepods.slice/pod1/cri-containerd-ab.scope"), "kubepods");
    assert_string_equal(sign("0::/system.slice/docker-ab12.scope"), "docker");
    assert_string_equal(sign("1:cpu:/ecs/task/ab"), "ecs");
    assert_null(sign("0::/user.slice/recsys"));
    assert_null(sign("0::/"));
    assert_null(sign(""));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mounts_are_found_by_controller),
        cmocka_unit_test(paths_are_found_by_controller),
        cmocka_unit_test(limits_are_those_of_both_versions),
        cmocka_unit_test(throttling_is_counted_in_both_versions),
        cmocka_unit_test(paths_show_containers),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
