/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "platform/control_group_identity.h"

#define ID "4f1c0a9be2d36f5a7c8e9d0b1a2c3d4e5f60718293a4b5c6d7e8f90123456789"
#define UID "8e6f0a3c-1b2d-4c5e-9f70-123456789abc"
#define UID_ "8e6f0a3c_1b2d_4c5e_9f70_123456789abc"
#define TASK "0123456789abcdef0123456789abcdef"

struct row {
    const char *path, *container, *pod, *unit;
};

/* As kubelet, container runtimes and systemd make them. */
static const struct row rows[] = {
    {"/", "", "", ""},
    {"", "", "", ""},
    {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_
     ".slice/cri-containerd-" ID ".scope",
     ID, UID, ""},
    {"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" ID ".scope", ID, UID, ""},
    {"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-conmon-" ID ".scope", "", UID,
     "crio-conmon-" ID ".scope"},
    {"/kubepods/besteffort/pod" UID "/" ID, ID, UID, ""},
    {"/kubepods/pod" UID "/" ID "/init", ID, UID, ""},
    {"/kubepods/burstable/pod" TASK "/" ID, ID, TASK, ""}, /* a static pod's UID */
    {"/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" ID, ID,
     UID, ""},
    {"/docker/" ID, ID, "", ""},
    {"/system.slice/docker-" ID ".scope", ID, "", ""},
    {"/docker/" ID "/system.slice/orders.service", ID, "", "orders.service"},
    {"/machine.slice/libpod-" ID ".scope/container", ID, "", ""},
    {"/machine.slice/libpod-conmon-" ID ".scope", "", "", "libpod-conmon-" ID ".scope"},
    {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope/container", ID,
     "", ""},
    {"/libpod_parent/libpod-" ID, ID, "", ""},
    {"/default/" ID, ID, "", ""},
    {"/system.slice/nerdctl-" ID ".scope", ID, "", ""},
    {"/ecs/" TASK "/" ID, ID, "", ""},
    {"/ecs/" TASK "/" TASK "-1234567890", TASK "-1234567890", "", ""},
    {"/lxc/web", "web", "", ""},
    {"/lxc.payload.web/system.slice/nginx.service", "web", "", "nginx.service"},
    {"/system.slice/orders@2.service", "", "", "orders@2.service"},
    {"/user.slice/user-1000.slice/session-3.scope", "", "", "session-3.scope"},
    {"/user.slice/user-1000.slice/user@1000.service/app.slice/a\\x2db.service", "", "",
     "a\\x2db.service"},
    {"/../../kubepods/pod" UID "/" ID, ID, UID, ""},
    /* What only looks so. */
    {"/docker/4f1c0a9be2d3", "", "", ""},
    {"/tripod" UID "/x", "", "", ""},
    {"/pod8e6f0a3c-1b2d", "", "", ""},
    {"/system.slice/.service", "", "", ""},
    {"/ecs/" TASK "-", "", "", ""},
};

static void check(const struct row *row)
{
    /* The exact size, on the heap, so that a read behind it is found. */
    size_t length = strlen(row->path);
    char *path = malloc(length + 1);
    struct thaw_control_group_identity identity;

    memcpy(path, row->path, length);
    path = realloc(path, length ? length : 1);
    thaw_control_group_identify(path, length, &identity);
    assert_string_equal(identity.container, row->container);
    assert_string_equal(identity.pod, row->pod);
    assert_string_equal(identity.unit, row->unit);
    free(path);
}

static void paths_tell_container_pod_and_unit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i]);
}

static void names_that_are_too_long_are_cut(void **state)
{
    struct thaw_control_group_identity identity;
    char path[2000];

    (void)state;
    memset(path, 'x', sizeof(path));
    memcpy(path, "/lxc/", 5);
    thaw_control_group_identify(path, sizeof(path), &identity);
    assert_int_equal(strlen(identity.container), THAW_CONTAINER_BYTES - 1);
    memcpy(path, "/slc/", 5);
    memcpy(path + sizeof(path) - 8, ".service", 8);
    thaw_control_group_identify(path, sizeof(path), &identity);
    assert_int_equal(strlen(identity.unit), THAW_UNIT_BYTES - 1);
}

static void check_telling(const char *groups, const char *expected)
{
    const char *path = NULL;
    size_t length = 0;
    bool found = thaw_control_group_telling_path(groups, strlen(groups), &path, &length);

    assert_int_equal(found, expected != NULL);
    if (!expected)
        return;
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(path, expected, length);
}

static void the_path_that_tells_most_is_taken(void **state)
{
    (void)state;
    check_telling("0::/system.slice/a.service\n", "/system.slice/a.service");
    check_telling("0::/system.slice/a.service", "/system.slice/a.service");
    check_telling("4:memory:/docker/" ID "\n1:name=systemd:/system.slice/docker.service\n0::/\n",
                  "/docker/" ID);
    check_telling("9:cpu,cpuacct:/a/longer/one/of/a/controller\n"
                  "1:name=systemd:/system.slice/a.service\n",
                  "/system.slice/a.service");
    check_telling("2:cpu:/a\n1:memory:/a/b\n", "/a/b");
    check_telling("0::/\n", "/");
    check_telling("0::/a:b\n", "/a:b");
    check_telling("", NULL);
    check_telling("no group\n::\n0:\n1:x:y\n", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_tell_container_pod_and_unit),
        cmocka_unit_test(names_that_are_too_long_are_cut),
        cmocka_unit_test(the_path_that_tells_most_is_taken),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
