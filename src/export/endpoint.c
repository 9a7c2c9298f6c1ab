/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "export/endpoint.h"
#include "export/listening.h"
#include "export/microhttpd.h"
#include "export/openmetrics.h"

enum {
    CONNECTIONS = 64,         /* at once */
    CONNECTIONS_EACH = 16,    /* of one address */
    CONNECTION_BYTES = 16384, /* a request's head at most, and what is read or written at once */
    ROUNDS = 8,               /* of libmicrohttpd in one serve */
};
static const uint64_t millisecond = 1000000;
static const uint64_t patience_ns = 5000 * millisecond;   /* with a connection, whatever it does */
static const uint64_t indulgence_ns = 1000 * millisecond; /* where others wait for its place */
static const uint64_t page_ns = 250 * millisecond;        /* that a page is given out again */

struct caller {
    int descriptor;
    uint64_t begin_ns;
    TAILQ_ENTRY(caller) others; /* in the order in which they came */
};

struct page {
    struct MHD_Response *response;
    uint64_t made_ns;
};

struct thaw_endpoint {
    struct MHD_Daemon *daemon;
    struct thaw_endpoint_calls calls;
    struct thaw_listening listening; /* the descriptor is the daemon's as soon as there is one */
    int epoll, timer;                /* epoll: of the daemon's own and of the timer */
    TAILQ_HEAD(, caller) callers;
    size_t caller_count;
    struct page pages[2]; /* plain, OpenMetrics */
    uint64_t requests;
};

/* --- pages --- */

static int write_page(struct thaw_endpoint *endpoint, bool open_metrics, FILE *stream)
{
    struct thaw_families families = {0};
    int code = endpoint->calls.families(endpoint->calls.context, &families, NULL);

    if (!code)
        code = thaw_openmetrics_write(&families, open_metrics, stream);
    thaw_families_free(&families);
    return code;
}

/* text becomes the response's, or is freed. */
static struct MHD_Response *response_of(char *text, size_t length, const char *type)
{
    struct MHD_Response *response =
        text ? thaw_microhttpd.MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE)
             : NULL;

    if (!response) {
        free(text);
        return NULL;
    }
    /* A connection is for one request: then none of them has a second state to be bounded. */
    if (thaw_microhttpd.MHD_add_response_header(response, "Content-Type", type) != MHD_YES ||
        thaw_microhttpd.MHD_add_response_header(response, "Connection", "close") != MHD_YES) {
        thaw_microhttpd.MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

static struct MHD_Response *make_page(struct thaw_endpoint *endpoint, bool open_metrics)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    int code = stream ? write_page(endpoint, open_metrics, stream) : -ENOMEM;

    if (stream && fclose(stream))
        code = -ENOMEM;
    if (code) {
        free(text);
        return NULL;
    }
    return response_of(text, length,
                       open_metrics ? thaw_openmetrics_type : thaw_openmetrics_plain_type);
}

/* However often it is asked for, it is made four times a second at most. NULL: it can't be. */
static struct MHD_Response *page_of(struct thaw_endpoint *endpoint, bool open_metrics)
{
    struct page *page = &endpoint->pages[open_metrics];
    uint64_t now_ns = thaw_clock_now_ns();

    if (page->response && now_ns - page->made_ns < page_ns)
        return page->response;
    if (page->response)
        thaw_microhttpd.MHD_destroy_response(page->response);
    *page = (struct page){make_page(endpoint, open_metrics), now_ns};
    return page->response;
}

/* --- requests --- */

static enum MHD_Result say(struct MHD_Connection *connection, unsigned status, const char *text)
{
    char *line = NULL;
    int length = asprintf(&line, "%s\n", text);
    struct MHD_Response *response =
        length < 0 ? NULL : response_of(line, (size_t)length, "text/plain; charset=utf-8");
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        thaw_microhttpd.MHD_add_response_header(response, "Allow", "GET, HEAD");
    result = thaw_microhttpd.MHD_queue_response(connection, status, response);
    thaw_microhttpd.MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_metrics(struct thaw_endpoint *endpoint,
                                      struct MHD_Connection *connection)
{
    const char *accept =
        thaw_microhttpd.MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept");
    struct MHD_Response *page = page_of(endpoint, thaw_openmetrics_accepted(accept));

    return page ? thaw_microhttpd.MHD_queue_response(connection, MHD_HTTP_OK, page)
                : say(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "the page can't be made");
}

static enum MHD_Result answer_health(struct thaw_endpoint *endpoint,
                                     struct MHD_Connection *connection)
{
    const char *unwell =
        endpoint->calls.unwell ? endpoint->calls.unwell(endpoint->calls.context) : NULL;

    return say(connection, unwell ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
               unwell ? unwell : "ok");
}

/* Called when a request's head is there; a body is never waited for. */
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *body,
                              size_t *body_bytes, void **state)
{
    struct thaw_endpoint *endpoint = context;

    (void)version, (void)body, (void)body_bytes, (void)state;
    endpoint->requests++;
    if (strcmp(path, "/metrics") != 0 && strcmp(path, "/healthz") != 0)
        return say(connection, MHD_HTTP_NOT_FOUND, "there is /metrics and /healthz");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only");
    return path[1] == 'm' ? answer_metrics(endpoint, connection)
                          : answer_health(endpoint, connection);
}

/* --- connections --- */

static void note_connection(void *context, struct MHD_Connection *connection, void **state,
                            enum MHD_ConnectionNotificationCode code)
{
    const union MHD_ConnectionInfo *info;
    struct thaw_endpoint *endpoint = context;
    struct caller *caller = *state;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (caller) {
            TAILQ_REMOVE(&endpoint->callers, caller, others);
            endpoint->caller_count--;
            free(caller);
        }
        return;
    }
    info = thaw_microhttpd.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    caller = calloc(1, sizeof(*caller));
    if (!info || !caller) {
        if (info) /* nobody would end it in time */
            shutdown(info->connect_fd, SHUT_RDWR);
        free(caller);
        return;
    }
    *caller = (struct caller){.descriptor = info->connect_fd, .begin_ns = thaw_clock_now_ns()};
    TAILQ_INSERT_TAIL(&endpoint->callers, caller, others);
    endpoint->caller_count++;
    *state = caller;
}

static uint64_t due_ns(const struct thaw_endpoint *endpoint, const struct caller *caller)
{
    bool full = endpoint->caller_count >= CONNECTIONS && caller == TAILQ_FIRST(&endpoint->callers);

    return caller->begin_ns + (full ? indulgence_ns : patience_ns);
}

/* libmicrohttpd's timeout begins anew with each byte; this one does not. */
static void hang_up(struct thaw_endpoint *endpoint, uint64_t now_ns)
{
    struct caller *caller;

    TAILQ_FOREACH(caller, &endpoint->callers, others)
    {
        if (due_ns(endpoint, caller) > now_ns)
            break;
        shutdown(caller->descriptor, SHUT_RDWR);
    }
}

static bool has_more(struct thaw_endpoint *endpoint)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;

    return thaw_microhttpd.MHD_get_timeout(endpoint->daemon, &timeout_ms) == MHD_YES &&
           timeout_ms == 0;
}

/* Makes the descriptor readable when the next thing is to be done that no socket tells. */
static void set_timer(struct thaw_endpoint *endpoint, uint64_t now_ns)
{
    const struct caller *first = TAILQ_FIRST(&endpoint->callers);
    struct itimerspec timer = {0};
    uint64_t wait_ns = 0;

    if (has_more(endpoint)) {
        wait_ns = millisecond;
    } else if (first) {
        uint64_t due = due_ns(endpoint, first);

        /* One that is due has been shut down, and is gone when its end was read. */
        wait_ns = due > now_ns + millisecond ? due - now_ns : millisecond;
    }
    timer.it_value.tv_sec = (time_t)(wait_ns / 1000000000);
    timer.it_value.tv_nsec = (long)(wait_ns % 1000000000);
    timerfd_settime(endpoint->timer, 0, &timer, NULL);
}

void thaw_endpoint_serve(struct thaw_endpoint *endpoint)
{
    uint64_t now_ns = thaw_clock_now_ns();

    hang_up(endpoint, now_ns);
    for (int round = 0; round < ROUNDS; round++) {
        bool full = endpoint->caller_count >= CONNECTIONS;

        thaw_microhttpd.MHD_run(endpoint->daemon);
        /* It looks at the listening socket again only in the run after the one that made room. */
        if (!has_more(endpoint) && !(full && endpoint->caller_count < CONNECTIONS))
            break;
    }
    set_timer(endpoint, now_ns);
}

/* --- open and close --- */

static int watch(struct thaw_endpoint *endpoint, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN};

    return epoll_ctl(endpoint->epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static int start(struct thaw_endpoint *endpoint, struct thaw_error *error)
{
    const union MHD_DaemonInfo *info;

    endpoint->daemon = thaw_microhttpd.MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, answer, endpoint, MHD_OPTION_LISTEN_SOCKET,
        endpoint->listening.descriptor, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_EACH,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(patience_ns / 1000000000),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_CONNECTION,
        note_connection, endpoint, MHD_OPTION_END);
    if (!endpoint->daemon) {
        close(endpoint->listening.descriptor);
        return thaw_error_set(error, -EIO, "can't listen at %s: %s does not start",
                              endpoint->listening.address, thaw_microhttpd_soname());
    }
    endpoint->epoll = epoll_create1(EPOLL_CLOEXEC);
    endpoint->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    info = thaw_microhttpd.MHD_get_daemon_info(endpoint->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (endpoint->epoll < 0 || endpoint->timer < 0 || !info || watch(endpoint, info->epoll_fd) ||
        watch(endpoint, endpoint->timer))
        return thaw_error_system(error, errno ? -errno : -EIO, "can't wait for requests at %s",
                                 endpoint->listening.address);
    return 0;
}

int thaw_endpoint_open(const char *address, const struct thaw_endpoint_calls *calls,
                       struct thaw_endpoint **ret, struct thaw_error *error)
{
    struct thaw_endpoint *endpoint;
    int code;

    if (thaw_microhttpd_load())
        return thaw_error_set(error, -ENOSYS,
                              "listening needs libmicrohttpd, and %s is not installed (Debian: "
                              "libmicrohttpd12)",
                              thaw_microhttpd_soname());
    endpoint = calloc(1, sizeof(*endpoint));
    if (!endpoint)
        return thaw_error_memory(error);
    endpoint->calls = *calls;
    endpoint->epoll = endpoint->timer = -1;
    TAILQ_INIT(&endpoint->callers);
    code = thaw_listening_open(address, &endpoint->listening, error);
    if (!code)
        code = start(endpoint, error);
    if (code)
        thaw_endpoint_close(endpoint);
    else
        *ret = endpoint;
    return code;
}

void thaw_endpoint_close(struct thaw_endpoint *endpoint)
{
    if (!endpoint)
        return;
    thaw_listening_forget(&endpoint->listening);
    if (endpoint->epoll >= 0)
        close(endpoint->epoll);
    if (endpoint->timer >= 0)
        close(endpoint->timer);
    for (size_t i = 0; i < sizeof(endpoint->pages) / sizeof(endpoint->pages[0]); i++) {
        if (endpoint->pages[i].response)
            thaw_microhttpd.MHD_destroy_response(endpoint->pages[i].response);
    }
    if (endpoint->daemon)
        thaw_microhttpd.MHD_stop_daemon(endpoint->daemon);
    free(endpoint);
}

const char *thaw_endpoint_address(const struct thaw_endpoint *endpoint)
{
    return endpoint->listening.address;
}

int thaw_endpoint_descriptor(const struct thaw_endpoint *endpoint)
{
    return endpoint->epoll;
}

uint64_t thaw_endpoint_requests(const struct thaw_endpoint *endpoint)
{
    return endpoint->requests;
}
