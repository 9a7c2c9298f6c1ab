/* SPDX-License-Identifier: Apache-2.0 */
/* What servers are asked, and platforms' connections, without tracepoints of system calls. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "observed.h"

#define CONNECTIONS 3

static const char request[] = "GET / HTTP/1.1\r\nHost: here\r\n"
                              "traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
                              "\r\n\r\n";
static const char reply[] = "HTTP/1.1 204 No Content\r\n\r\n";

/* A server of a process of its own, which does what it is told: one byte each. */
struct server {
    pid_t process;
    int orders; /* written to */
    int done;   /* read from: one byte for each order that was carried out */
    uint16_t port;
};

/* 'l': listens. 'a': accepts one more. '0'…: receives on that connection. 'A'…: sends on it. 'f': a
 * child of its own goes on. */
static void serve(int listener, int orders, int done)
{
    int accepted[CONNECTIONS] = {0}, count = 0;
    char order, bytes[512];

    while (read(orders, &order, 1) == 1) {
        if (order == 'a')
            accepted[count++] = accept(listener, NULL, NULL);
        else if (order == 'l')
            listen(listener, 8);
        else if (order == 'f' && fork())
            _exit(wait(NULL) < 0); /* the child goes on */
        else if (order >= '0' && order < '0' + CONNECTIONS)
            read(accepted[order - '0'], bytes, sizeof(bytes));
        else if (order >= 'A' && order < 'A' + CONNECTIONS)
            send(accepted[order - 'A'], reply, sizeof(reply) - 1, 0);
        if (write(done, &order, 1) != 1)
            _exit(1);
    }
    _exit(0);
}

static void order(const struct server *server, const char *orders)
{
    char done;

    for (const char *each = orders; *each; each++) {
        assert_int_equal(write(server->orders, each, 1), 1);
        assert_int_equal(read(server->done, &done, 1), 1);
    }
    observed_take();
}

/* Traced from its begin; it listens when it is told to. */
static struct server start_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), orders[2], done[2];
    struct server server;
    struct thaw_error error;

    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(pipe(orders), 0);
    assert_int_equal(pipe(done), 0);
    server = (struct server){fork(), orders[1], done[0], ntohs(address.sin_port)};
    if (!server.process) {
        close(orders[1]);
        close(done[0]);
        serve(listener, orders[0], done[1]);
    }
    close(orders[0]);
    close(done[1]);
    close(listener);
    assert_int_equal(thaw_programs_trace(observed_programs(), server.process, 0, &error), 0);
    return server;
}

static void end_server(const struct server *server)
{
    close(server->orders);
    close(server->done);
    assert_int_equal(waitpid(server->process, NULL, 0), server->process);
}

static int connected_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
    return client;
}

static void ask(int client)
{
    assert_int_equal(send(client, request, sizeof(request) - 1, 0), sizeof(request) - 1);
}

static void wait_for_reply(int client)
{
    char bytes[sizeof(reply)];

    assert_int_equal(recv(client, bytes, sizeof(reply) - 1, MSG_WAITALL), sizeof(reply) - 1);
}

static struct thaw_kernel_requests requests_of(const struct server *server)
{
    struct thaw_kernel_requests requests;

    assert_true(thaw_programs_requests(observed_programs(), (uint32_t)server->process, &requests));
    return requests;
}

static void need_sockets(void)
{
    observed_programs();
    if (!observed_has_sockets())
        skip();
}

static void requests_are_counted(void **state)
{
    const union thaw_kernel_record *record;
    struct thaw_kernel_requests requests;
    struct server server;
    int clients[CONNECTIONS];
    size_t position = 0;

    (void)state;
    need_sockets();
    server = start_server();
    order(&server, "l");
    for (int i = 0; i < CONNECTIONS; i++) {
        clients[i] = connected_to(server.port);
        order(&server, "a");
    }
    for (int i = 0; i < 5; i++) { /* kept alive */
        ask(clients[0]);
        order(&server, "0A");
        wait_for_reply(clients[0]);
    }
    requests = requests_of(&server);
    assert_int_equal(requests.requests, 5);
    assert_int_equal(requests.in_flight, 0);
    assert_int_equal(requests.most_in_flight, 1);
    for (int i = 0; i < CONNECTIONS; i++)
        ask(clients[i]);
    order(&server, "012");
    usleep(20000);
    order(&server, "B");
    requests = requests_of(&server);
    assert_int_equal(requests.requests, 5 + CONNECTIONS);
    assert_int_equal(requests.in_flight, CONNECTIONS - 1);
    assert_int_equal(requests.most_in_flight, CONNECTIONS);
    assert_true(requests.busy_ns >= 20000000);
    order(&server, "AC");
    assert_int_equal(requests_of(&server).most_in_flight, CONNECTIONS - 1);
    assert_int_equal(requests_of(&server).most_in_flight, 0);
    /* Those that have started are counted on. */
    thaw_programs_warm(observed_programs(), (uint32_t)server.process);
    ask(clients[1]);
    order(&server, "1B");
    assert_int_equal(requests_of(&server).requests, 6 + CONNECTIONS);
    for (int i = 0; i < CONNECTIONS; i++)
        close(clients[i]);
    end_server(&server);
    observed_take();
    record = observed_next(&position, THAW_KERNEL_EXIT, server.process);
    assert_non_null(record);
    assert_int_equal(record->exit.requests.requests, 6 + CONNECTIONS);
}

/* Reset by its client: it will not be answered. */
static void a_closed_connection_ends_its_request(void **state)
{
    static const struct linger reset = {.l_onoff = 1};
    struct server server;
    int client;

    (void)state;
    need_sockets();
    server = start_server();
    order(&server, "l");
    client = connected_to(server.port);
    order(&server, "a");
    ask(client);
    order(&server, "0");
    assert_int_equal(requests_of(&server).in_flight, 1);
    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(client);
    assert_int_equal(requests_of(&server).in_flight, 0);
    assert_int_equal(requests_of(&server).requests, 1);
    assert_int_equal(requests_of(&server).busy_ns, 0);
    end_server(&server);
}

/* As servers do that fork their workers. */
static void children_answer_for_who_listens(void **state)
{
    const union thaw_kernel_record *child, *record;
    size_t position = 0;
    struct server server;
    int client;

    (void)state;
    need_sockets();
    observed_forget();
    server = start_server();
    order(&server, "lf");
    client = connected_to(server.port);
    order(&server, "a");
    ask(client);
    order(&server, "0A");
    while ((child = observed_next(&position, THAW_KERNEL_FORK, 0)))
        if (child->fork.parent == (uint32_t)server.process)
            break;
    assert_non_null(child);
    record = observed_next(&position, THAW_KERNEL_FIRST_BYTES, (pid_t)child->header.tgid);
    assert_non_null(record);
    assert_int_equal(record->server.acceptor, child->header.tgid);
    assert_int_equal(requests_of(&server).requests, 0);
    server.process = (pid_t)child->header.tgid;
    assert_int_equal(requests_of(&server).requests, 1);
    close(client);
    close(server.orders);
    close(server.done);
    assert_true(wait(NULL) > 0);
}

static void the_first_request_is_told(void **state)
{
    const union thaw_kernel_record *record;
    size_t position = 0;
    struct server server;
    int clients[2];

    (void)state;
    need_sockets();
    observed_forget();
    server = start_server();
    order(&server, "l");
    for (int i = 0; i < 2; i++) {
        clients[i] = connected_to(server.port);
        order(&server, "a");
        ask(clients[i]);
        order(&server, i ? "1B" : "0A");
    }
    record = observed_next(&position, THAW_KERNEL_LISTEN, server.process);
    assert_non_null(record);
    assert_int_equal(record->server.port, server.port);
    record = observed_next(&position, THAW_KERNEL_ACCEPT, server.process);
    assert_non_null(record);
    assert_int_equal(record->server.connection, 1);
    assert_int_equal(record->server.local, 1);
    record = observed_next(&position, THAW_KERNEL_REQUEST_HEAD, server.process);
    assert_non_null(record);
    assert_int_equal(record->request_head.connection, 1);
    assert_int_equal(record->request_head.head_bytes, sizeof(request) - 1);
    assert_memory_equal(record->request_head.head, request, sizeof(request) - 1);
    record = observed_next(&position, THAW_KERNEL_FIRST_BYTES, server.process);
    assert_non_null(record);
    assert_int_equal(record->server.outgoing, 0);
    assert_int_equal(record->server.encrypted, 0);
    record = observed_next(&position, THAW_KERNEL_FIRST_BYTES, server.process);
    assert_non_null(record);
    assert_int_equal(record->server.outgoing, 1);
    assert_int_equal(record->server.peer, 0);
    assert_int_equal(observed_count(THAW_KERNEL_ACCEPT, server.process), 1);
    assert_int_equal(observed_count(THAW_KERNEL_REQUEST_HEAD, server.process), 1);
    for (int i = 0; i < 2; i++)
        close(clients[i]);
    end_server(&server);
}

static void of_encrypted_requests_nothing_is_told(void **state)
{
    static const char hello[] = "\x16\x03\x01\x02";
    const union thaw_kernel_record *record;
    size_t position = 0;
    struct server server;
    int client;

    (void)state;
    need_sockets();
    observed_forget();
    server = start_server();
    order(&server, "l");
    client = connected_to(server.port);
    assert_int_equal(send(client, hello, 4, 0), 4);
    order(&server, "a0A");
    record = observed_next(&position, THAW_KERNEL_FIRST_BYTES, server.process);
    assert_non_null(record);
    assert_int_equal(record->server.encrypted, 1);
    assert_null(observed_next(&position, THAW_KERNEL_FIRST_BYTES, server.process));
    assert_int_equal(observed_count(THAW_KERNEL_REQUEST_HEAD, server.process), 0);
    close(client);
    end_server(&server);
}

/* A host that this process, a worker, connects to: both ends are its own. */
struct link {
    int listener, worker, host;
};

static struct link open_link(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    struct thaw_error error;
    struct link link = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

    assert_int_equal(thaw_programs_trace(observed_programs(), getpid(), 0, &error), 0);
    assert_int_equal(bind(link.listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(link.listener, 8), 0);
    assert_int_equal(getsockname(link.listener, (struct sockaddr *)&address, &size), 0);
    link.worker = connected_to(ntohs(address.sin_port));
    link.host = accept(link.listener, NULL, NULL);
    assert_true(link.host >= 0);
    return link;
}

static void close_link(const struct link *link)
{
    close(link->worker);
    close(link->host);
    close(link->listener);
    thaw_programs_untrace(observed_programs(), (uint32_t)getpid());
}

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
#define PREFACE_BYTES (24 + 9) /* and an empty frame of settings */

static void platforms_connections_are_followed(void **state)
{
    static const char settings[] = "\0\0\0\4\0\0\0\0";
    const union thaw_kernel_record *record;
    size_t position = 0;
    struct link link;
    char bytes[16];

    (void)state;
    need_sockets();
    observed_forget();
    link = open_link();
    assert_int_equal(send(link.worker, preface, PREFACE_BYTES, 0), PREFACE_BYTES);
    assert_int_equal(write(link.host, settings, 9), 9);
    assert_int_equal(read(link.worker, bytes, sizeof(bytes)), 9);
    observed_take();
    record = observed_next(&position, THAW_KERNEL_CONNECT, getpid());
    assert_non_null(record);
    record = observed_next(&position, THAW_KERNEL_SOCKET_DATA, getpid());
    assert_non_null(record);
    assert_int_equal(record->socket_data.outgoing, 1);
    assert_int_equal(record->socket_data.length, PREFACE_BYTES);
    assert_int_equal(record->socket_data.captured, PREFACE_BYTES);
    assert_memory_equal(record->socket_data.bytes, preface, PREFACE_BYTES);
    record = observed_next(&position, THAW_KERNEL_SOCKET_DATA, getpid());
    assert_non_null(record);
    assert_int_equal(record->socket_data.outgoing, 0);
    assert_int_equal(record->socket_data.length, 9);
    assert_memory_equal(record->socket_data.bytes, settings, 9);
    assert_null(observed_next(&position, THAW_KERNEL_SOCKET_DATA, getpid()));
    close_link(&link);
}

/* Bytes that no register leads to: they are a hole, and no other bytes stand in their place. */
static void calls_that_do_not_fit_are_holes(void **state)
{
    char ping[17] = "\0\0\x08\6";
    struct iovec vector = {ping, sizeof(ping)};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};
    const union thaw_kernel_record *record, *last = NULL;
    size_t position = 0, length = 0;
    struct link link;

    (void)state;
    need_sockets();
    observed_forget();
    link = open_link();
    assert_int_equal(send(link.worker, preface, PREFACE_BYTES, 0), PREFACE_BYTES);
    assert_int_equal(sendmmsg(link.worker, &message, 1, 0), 1);
    observed_take();
    while ((record = observed_next(&position, THAW_KERNEL_SOCKET_DATA, getpid()))) {
        length += record->socket_data.length;
        last = record;
    }
    assert_int_equal(length, PREFACE_BYTES + sizeof(ping));
    assert_int_equal(last->socket_data.captured, 0);
    close_link(&link);
}

/* Others are not, and neither are those of a process that has started. */
static void other_connections_are_not_followed(void **state)
{
    struct link link;

    (void)state;
    need_sockets();
    observed_forget();
    link = open_link();
    ask(link.worker);
    close_link(&link);
    link = open_link();
    thaw_programs_warm(observed_programs(), (uint32_t)getpid());
    assert_int_equal(send(link.worker, preface, PREFACE_BYTES, 0), PREFACE_BYTES);
    observed_take();
    assert_int_equal(observed_count(THAW_KERNEL_SOCKET_DATA, getpid()), 0);
    assert_int_equal(observed_count(THAW_KERNEL_CONNECT, getpid()), 0);
    close_link(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_counted),
        cmocka_unit_test(a_closed_connection_ends_its_request),
        cmocka_unit_test(children_answer_for_who_listens),
        cmocka_unit_test(the_first_request_is_told),
        cmocka_unit_test(of_encrypted_requests_nothing_is_told),
        cmocka_unit_test(platforms_connections_are_followed),
        cmocka_unit_test(calls_that_do_not_fit_are_holes),
        cmocka_unit_test(other_connections_are_not_followed),
    };

    return cmocka_run_group_tests(tests, observed_open, observed_close);
}
