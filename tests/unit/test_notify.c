/* SPDX-License-Identifier: Apache-2.0 */
/* What systemd is told, with a socket of our own in its place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "audit/notify.h"

#define SECOND_NS UINT64_C(1000000000)

/* A listener in the abstract namespace; its name is in the environment. */
static int listener(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listening = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t length;
    char name[80];

    assert_true(listening >= 0);
    snprintf(name, sizeof(name), "@thaw-notify-%d", (int)getpid());
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(listening, (struct sockaddr *)&address, length), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return listening;
}

static const char *heard(int listening)
{
    static char words[400];
    ssize_t length = recv(listening, words, sizeof(words) - 1, 0);

    words[length > 0 ? length : 0] = '\0';
    return words;
}

static void words_are_those_of_the_protocol(void **state)
{
    int listening = listener();
    struct thaw_notify notify;
    const char *words;

    (void)state;
    setenv("WATCHDOG_USEC", "4000000", 1);
    unsetenv("WATCHDOG_PID");
    assert_int_equal(thaw_notify_open(&notify, NULL), 0);
    thaw_notify_ready(&notify, "0 starts");
    assert_string_equal(heard(listening), "READY=1\nSTATUS=0 starts");
    thaw_notify_status(&notify, "0 starts", 100 * SECOND_NS);
    assert_string_equal(heard(listening), ""); /* nothing new */
    thaw_notify_status(&notify, "1 start", 100 * SECOND_NS);
    assert_string_equal(heard(listening), "STATUS=1 start");
    thaw_notify_status(&notify, "2 starts", 105 * SECOND_NS);
    assert_string_equal(heard(listening), ""); /* too soon */
    thaw_notify_tick(&notify, 100 * SECOND_NS);
    assert_string_equal(heard(listening), "WATCHDOG=1");
    thaw_notify_tick(&notify, 101 * SECOND_NS);
    assert_string_equal(heard(listening), "");
    thaw_notify_tick(&notify, 102 * SECOND_NS);
    assert_string_equal(heard(listening), "WATCHDOG=1");
    thaw_notify_reloading(&notify);
    words = heard(listening);
    assert_ptr_equal(strstr(words, "RELOADING=1\nMONOTONIC_USEC="), words);
    thaw_notify_stopping(&notify);
    thaw_notify_close(&notify);
    close(listening);
}

/* A process that hangs must not make another one hang. */
static void who_does_not_listen_is_not_waited_for(void **state)
{
    int listening = listener();
    struct thaw_notify notify;
    char status[40];

    (void)state;
    assert_int_equal(thaw_notify_open(&notify, NULL), 0);
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(status, sizeof(status), "%u", i);
        thaw_notify_status(&notify, status, (uint64_t)i * 10 * SECOND_NS + 100 * SECOND_NS);
    }
    assert_string_equal(heard(listening), "STATUS=0");
    thaw_notify_close(&notify);
    close(listening);
}

static void somebody_elses_watchdog_is_left_alone(void **state)
{
    int listening = listener();
    struct thaw_notify notify;

    (void)state;
    setenv("WATCHDOG_USEC", "4000000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(thaw_notify_open(&notify, NULL), 0);
    assert_int_equal(notify.watchdog_ns, 0);
    thaw_notify_close(&notify);
    close(listening);
}

static void addresses_are_checked(void **state)
{
    static const char *const wrong[] = {"/", "@", "relative", "vsock:2:1234"};
    struct thaw_notify notify;
    char longest[200];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        setenv("NOTIFY_SOCKET", wrong[i], 1);
        assert_int_equal(thaw_notify_open(&notify, NULL), -EINVAL);
        thaw_notify_close(&notify);
    }
    memset(longest, '/', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    setenv("NOTIFY_SOCKET", longest, 1);
    assert_int_equal(thaw_notify_open(&notify, NULL), -EINVAL);
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(thaw_notify_open(&notify, NULL), 0);
    thaw_notify_ready(&notify, "nobody hears it");
    thaw_notify_close(&notify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_the_protocol),
        cmocka_unit_test(who_does_not_listen_is_not_waited_for),
        cmocka_unit_test(somebody_elses_watchdog_is_left_alone),
        cmocka_unit_test(addresses_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
