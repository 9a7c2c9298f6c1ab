/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_malloc.h"
#include "export/endpoint.h"
#include "export/microhttpd.h"

static const struct thaw_family_row row = {"thaw_scrapes", THAW_FAMILY_COUNTER, "", "Pages made."};
static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";

struct world {
    unsigned pages;
    int code; /* of families */
    const char *unwell;
};

static int families(void *context, struct thaw_families *ret, struct thaw_error *error)
{
    const struct thaw_label label = {"app", "orders"};
    struct world *world = context;
    struct thaw_family *family = thaw_families_add(ret, &row);

    if (world->code)
        return world->code;
    if (!family || !thaw_family_add(ret, family, &label, 1, ++world->pages))
        return thaw_error_memory(error);
    return 0;
}

static const char *unwell(void *context)
{
    return ((struct world *)context)->unwell;
}

/* Sends text in pieces of that size, serving in between, until the connection is closed. */
static void ask(struct thaw_endpoint *endpoint, const char *text, size_t piece, char *ret,
                size_t size)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t length = strlen(text), used = 0;
    ssize_t count = 1;

    place.sin_port = htons((uint16_t)atoi(strrchr(thaw_endpoint_address(endpoint), ':') + 1));
    assert_int_equal(connect(client, (struct sockaddr *)&place, sizeof(place)), 0);
    while (count) {
        struct pollfd waits[] = {{thaw_endpoint_descriptor(endpoint), POLLIN, 0},
                                 {client, POLLIN, 0}};
        size_t now = length < piece ? length : piece;

        if (now && send(client, text, now, MSG_NOSIGNAL) > 0)
            text += now, length -= now;
        poll(waits, 2, 10000);
        thaw_endpoint_serve(endpoint);
        count = recv(client, ret + used, size - 1 - used, MSG_DONTWAIT);
        if (count > 0)
            used += (size_t)count;
        else if (count < 0 && errno != EAGAIN)
            break;
    }
    ret[used] = '\0';
    close(client);
}

static struct thaw_endpoint *opened(struct world *world)
{
    const struct thaw_endpoint_calls calls = {world, families, unwell};
    struct thaw_endpoint *endpoint = NULL;
    struct thaw_error error;

    if (thaw_endpoint_open("127.0.0.1:0", &calls, &endpoint, &error))
        fail_msg("%s", error.message);
    return endpoint;
}

static void one_thread_serves(void **state)
{
    struct world world = {0};
    struct thaw_endpoint *endpoint = opened(&world);
    char answer[4096];

    (void)state;
    ask(endpoint, request, 1000, answer, sizeof(answer));
    assert_non_null(strstr(answer, " 200 OK\r\n"));
    assert_non_null(strstr(answer, "\nthaw_scrapes_total{app=\"orders\"} 1\n"));
    ask(endpoint, "GET /metrics HTTP/1.0\r\nAccept: application/openmetrics-text\r\n\r\n", 3,
        answer, sizeof(answer));
    assert_non_null(strstr(answer, "\n# EOF\n"));
    assert_int_equal(thaw_endpoint_requests(endpoint), 2);
    world.unwell = "the store is full";
    ask(endpoint, "GET /healthz HTTP/1.0\r\n\r\n", 1000, answer, sizeof(answer));
    assert_non_null(strstr(answer, " 503 "));
    assert_non_null(strstr(answer, "\r\n\r\nthe store is full\n"));
    thaw_endpoint_close(endpoint);
}

static void a_page_is_given_out_again(void **state)
{
    struct world world = {0};
    struct thaw_endpoint *endpoint = opened(&world);
    char answer[4096];
    int asked = 0;

    (void)state;
    for (; world.pages < 2; asked++)
        ask(endpoint, request, 1000, answer, sizeof(answer));
    assert_true(asked >= 2);
    assert_int_equal(thaw_endpoint_requests(endpoint), asked);
    thaw_endpoint_close(endpoint);
}

static void a_page_that_can_not_be_made(void **state)
{
    struct world world = {.code = -EIO};
    struct thaw_endpoint *endpoint = opened(&world);
    char answer[4096];

    (void)state;
    ask(endpoint, request, 1000, answer, sizeof(answer));
    assert_non_null(strstr(answer, " 500 "));
    world.code = 0; /* the failure is not kept */
    ask(endpoint, request, 1000, answer, sizeof(answer));
    assert_non_null(strstr(answer, " 200 OK\r\n"));
    thaw_endpoint_close(endpoint);
}

static void memory_is_short(void **state)
{
    struct world world = {0};
    const struct thaw_endpoint_calls calls = {&world, families, NULL};
    char answer[4096];

    (void)state;
    assert_int_equal(thaw_microhttpd_load(), 0);
    for (chaos_malloc_begin(CHAOS_ONE); chaos_malloc_more();) {
        struct thaw_endpoint *endpoint = NULL;
        struct thaw_error error;
        int code = thaw_endpoint_open("127.0.0.1:0", &calls, &endpoint, &error);

        *answer = '\0';
        if (!code)
            ask(endpoint, request, 1000, answer, sizeof(answer));
        chaos_malloc_pause();
        if (code)
            assert_true(chaos_malloc_failed() && code == -ENOMEM);
        else if (chaos_malloc_failed()) /* closed, told, or done without */
            assert_true(!*answer || strstr(answer, " 500 ") || strstr(answer, " 200 "));
        else
            assert_non_null(strstr(answer, " 200 "));
        thaw_endpoint_close(endpoint);
    }
}

static void nobody_has_to_ask(void **state)
{
    struct world world = {0};
    struct thaw_endpoint *endpoint = opened(&world), *other = NULL;
    const struct thaw_endpoint_calls calls = {&world, families, NULL};
    struct thaw_error error;

    (void)state;
    assert_int_equal(thaw_endpoint_open(thaw_endpoint_address(endpoint), &calls, &other, &error),
                     -EADDRINUSE);
    assert_null(other);
    thaw_endpoint_serve(endpoint);
    thaw_endpoint_close(endpoint);
    thaw_endpoint_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_serves),           cmocka_unit_test(a_page_is_given_out_again),
        cmocka_unit_test(a_page_that_can_not_be_made), cmocka_unit_test(memory_is_short),
        cmocka_unit_test(nobody_has_to_ask),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
