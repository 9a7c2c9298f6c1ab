/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#include "capture/kernel_record.h"

/* What records of effects say in a recording. */

static union thaw_kernel_record record;
static struct thaw_arena arena;
static struct thaw_event event;

static void begin(unsigned what)
{
    memset(&record, 0, sizeof(record));
    record.header.kind = THAW_KERNEL_EFFECT;
    record.header.time_ns = 1234;
    record.effect.what = (thaw_u16)what;
}

static void put_texts(const void *first, size_t first_bytes, const void *second,
                      size_t second_bytes)
{
    memcpy(record.effect.texts, first, first_bytes);
    memcpy(record.effect.texts + first_bytes, second, second_bytes);
    record.effect.first_bytes = (thaw_u16)first_bytes;
    record.effect.second_bytes = (thaw_u16)second_bytes;
}

static void says(const char *what, const char *detail)
{
    size_t bytes = (size_t)record.effect.first_bytes + record.effect.second_bytes;

    assert_non_null(thaw_kernel_record_check(&record, 72 + bytes));
    assert_null(bytes ? thaw_kernel_record_check(&record, 71 + bytes) : NULL);
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 1);
    assert_int_equal(event.kind, THAW_EVENT_EFFECT);
    assert_string_equal(event.effect.what, what);
    assert_string_equal(event.effect.detail, detail);
}

static void addresses_are_readable(void **state)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(443)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
    sa_family_t netlink = AF_NETLINK, unknown = 77;

    (void)state;
    begin(THAW_KERNEL_EFFECT_CONNECT);
    inet_pton(AF_INET, "192.0.2.1", &four.sin_addr);
    put_texts(&four, sizeof(four), "", 0);
    says("connect", "192.0.2.1:443");
    inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
    put_texts(&six, sizeof(six), "", 0);
    says("connect", "[2001:db8::1]:80");
    put_texts(&six, sizeof(six) - 5, "", 0); /* too short for what it says it is */
    says("connect", "AF_INET6");
    put_texts(&path, offsetof(struct sockaddr_un, sun_path) + 7, "", 0);
    says("connect", "/run/x");
    memcpy(path.sun_path, "\0abc", 4);
    put_texts(&path, offsetof(struct sockaddr_un, sun_path) + 4, "", 0);
    says("connect", "@abc");
    put_texts(&path, sizeof(sa_family_t), "", 0);
    says("connect", "AF_UNIX");
    put_texts(&netlink, sizeof(netlink), "", 0);
    says("connect", "AF_NETLINK");
    put_texts(&unknown, sizeof(unknown), "", 0);
    says("connect", "family 77");
    put_texts("x", 1, "", 0);
    says("connect", "");
}

static void sockets_and_signals_have_names(void **state)
{
    (void)state;
    begin(THAW_KERNEL_EFFECT_SOCKET);
    record.effect.value = AF_INET6;
    record.effect.second_value = SOCK_DGRAM | SOCK_CLOEXEC;
    record.effect.result = -97;
    says("socket", "AF_INET6 SOCK_DGRAM");
    assert_int_equal(event.effect.result, -97);
    record.effect.what = THAW_KERNEL_EFFECT_SOCKET_PAIR;
    record.effect.value = AF_UNIX;
    says("socket", "AF_UNIX SOCK_DGRAM, a pair");
    begin(THAW_KERNEL_EFFECT_SIGNAL);
    record.effect.value = 15;
    says("signal", "SIGTERM: the default");
    record.effect.second_value = 1;
    says("signal", "SIGTERM: ignored");
    record.effect.value = 33;
    record.effect.second_value = 0x401000;
    says("signal", "signal 33 of the C library's threads: a handler");
    record.effect.value = 40;
    says("signal", "signal 40: a handler");
}

static void the_rest_is_told(void **state)
{
    (void)state;
    begin(THAW_KERNEL_EFFECT_THREAD);
    record.effect.value = 4117;
    record.effect.inherited = 1;
    says("thread", "");
    assert_int_equal(event.effect.started, 4117);
    assert_int_equal(event.effect.inherited, 1);
    begin(THAW_KERNEL_EFFECT_SLEEP);
    record.effect.value = 5000000;
    record.effect.last = 1;
    says("sleep", "");
    assert_int_equal(event.effect.duration_ns, 5000000);
    assert_int_equal(event.effect.started, 0);
    assert_int_equal(event.effect.last, 1);
    begin(THAW_KERNEL_EFFECT_RENAME);
    put_texts("/a\0", 3, "/b\0", 3);
    says("rename", "/a -> /b");
    begin(THAW_KERNEL_EFFECT_UNSET);
    put_texts("NAME", 4, "", 0);
    says("environment", "NAME removed");
    begin(THAW_KERNEL_EFFECT_LOOKUP);
    put_texts("example.org\0", 12, "", 0);
    says("lookup", "example.org");
}

static void unknown_ones_are_passed_over(void **state)
{
    (void)state;
    begin(0);
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 0);
    begin(60000);
    assert_int_equal(thaw_kernel_record_event(&record, &arena, &event), 0);
}

static int forget_texts(void **state)
{
    (void)state;
    thaw_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(addresses_are_readable, forget_texts),
        cmocka_unit_test_teardown(sockets_and_signals_have_names, forget_texts),
        cmocka_unit_test_teardown(the_rest_is_told, forget_texts),
        cmocka_unit_test_teardown(unknown_ones_are_passed_over, forget_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
