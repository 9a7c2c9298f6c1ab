/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "export/listening.h"

enum { WAITING = 256 }; /* connections that nobody has accepted yet */

static const char unix_prefix[] = "unix:";

static int fail(struct thaw_error *error, const char *address)
{
    int code = -errno;

    return thaw_error_system(error, code, "can't listen at %s", address);
}

static int open_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int bind_and_listen(struct thaw_listening *listening, const struct sockaddr *address,
                           socklen_t length)
{
    return bind(listening->descriptor, address, length) || listen(listening->descriptor, WAITING)
               ? -1
               : 0;
}

/* --- a path --- */

/* A socket's file of a thaw that is gone is in the way: connecting to it is refused. */
static int make_way(const struct sockaddr_un *place)
{
    struct stat status;
    int other, code;

    if (lstat(place->sun_path, &status))
        return errno == ENOENT ? 0 : -1;
    if (!S_ISSOCK(status.st_mode)) {
        errno = EEXIST;
        return -1;
    }
    other = open_socket(AF_UNIX);
    if (other < 0)
        return -1;
    code = connect(other, (const struct sockaddr *)place, sizeof(*place)) ? errno : EADDRINUSE;
    close(other);
    if (code == ECONNREFUSED)
        return unlink(place->sun_path);
    errno = code == EAGAIN ? EADDRINUSE : code;
    return -1;
}

static int open_unix(const char *path, struct thaw_listening *listening, struct thaw_error *error)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    struct stat status;

    if (*path != '/' || strlen(path) >= sizeof(place.sun_path))
        return thaw_error_set(error, -EINVAL,
                              "can't listen at unix:%s: it has to be a whole path of at most %zu "
                              "bytes",
                              path, sizeof(place.sun_path) - 1);
    strcpy(place.sun_path, path);
    snprintf(listening->address, sizeof(listening->address), "%s%s", unix_prefix, path);
    /* The file takes its mode from the socket, less the umask: nobody gets in before the chmod. */
    if (make_way(&place) || (listening->descriptor = open_socket(AF_UNIX)) < 0 ||
        fchmod(listening->descriptor, 0600) ||
        bind_and_listen(listening, (const struct sockaddr *)&place, sizeof(place)) ||
        lstat(path, &status) || chmod(path, 0660))
        return fail(error, listening->address);
    listening->device = status.st_dev;
    listening->file = status.st_ino;
    return 0;
}

/* --- a port --- */

/* "host:port" or "[host]:port": both parts are copied. */
static int split(const char *address, char host[64], char port[8])
{
    const char *colon = strrchr(address, ':');
    const char *begin = address, *end = colon;

    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strlen(colon + 1) > 5)
        return -EINVAL;
    if (*begin == '[') {
        begin++;
        end--;
        if (end < begin || *end != ']')
            return -EINVAL;
    } else if (memchr(begin, ':', (size_t)(end - begin))) {
        return -EINVAL;
    }
    if (end - begin >= 64)
        return -EINVAL;
    snprintf(host, 64, "%.*s", (int)(end - begin), begin);
    snprintf(port, 8, "%s", colon + 1);
    return 0;
}

static int tell_address(struct thaw_listening *listening, bool all)
{
    struct sockaddr_storage place;
    socklen_t length = sizeof(place);
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1], port[8];

    if (getsockname(listening->descriptor, (struct sockaddr *)&place, &length))
        return -1;
    if (getnameinfo((struct sockaddr *)&place, length, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV)) {
        errno = EINVAL;
        return -1;
    }
    snprintf(listening->address, sizeof(listening->address),
             place.ss_family == AF_INET6 && !all ? "[%s]:%s" : "%s:%s", all ? "" : host, port);
    return 0;
}

static int open_port(const struct addrinfo *place, bool all, struct thaw_listening *listening)
{
    static const int on = 1, off = 0;

    listening->descriptor = open_socket(place->ai_family);
    if (listening->descriptor < 0 ||
        setsockopt(listening->descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
        return -1;
    if (place->ai_family == AF_INET6 &&
        setsockopt(listening->descriptor, IPPROTO_IPV6, IPV6_V6ONLY, all ? &off : &on, sizeof(on)))
        return -1;
    return bind_and_listen(listening, place->ai_addr, place->ai_addrlen) ||
                   tell_address(listening, all)
               ? -1
               : 0;
}

static void close_socket(struct thaw_listening *listening)
{
    int kept = errno;

    if (listening->descriptor >= 0)
        close(listening->descriptor);
    listening->descriptor = -1;
    errno = kept;
}

static int open_host(const char *host, const char *port, struct thaw_listening *listening)
{
    static const char *const everywhere[] = {"::", "0.0.0.0"}; /* the latter without IPv6 */
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    int code = -1;

    for (size_t i = 0; i < (*host ? 1 : 2) && code; i++) {
        struct addrinfo *found = NULL;

        if (getaddrinfo(*host ? host : everywhere[i], port, &hints, &found)) {
            errno = EINVAL;
            return -1;
        }
        code = open_port(found, !*host, listening);
        if (code)
            close_socket(listening);
        freeaddrinfo(found);
    }
    return code;
}

int thaw_listening_open(const char *address, struct thaw_listening *ret, struct thaw_error *error)
{
    struct thaw_listening listening = {.descriptor = -1};
    char host[64], port[8];
    int code = 0;

    if (!strncmp(address, unix_prefix, strlen(unix_prefix)))
        code = open_unix(address + strlen(unix_prefix), &listening, error);
    else if (split(address, host, port) || atoi(port) > 65535)
        code = thaw_error_set(error, -EINVAL,
                              "can't listen at \"%s\": give 127.0.0.1:PORT, [::1]:PORT, :PORT for "
                              "all addresses, or unix:/PATH",
                              address);
    else if (open_host(host, port, &listening))
        code = errno == EINVAL
                   ? thaw_error_set(error, -EINVAL,
                                    "can't listen at %s: %s is no IP address (names are not "
                                    "looked up)",
                                    address, host)
                   : fail(error, address);
    if (code)
        close_socket(&listening);
    else
        *ret = listening;
    return code;
}

void thaw_listening_forget(const struct thaw_listening *listening)
{
    const char *path = listening->address + strlen(unix_prefix);
    struct stat status;

    if (listening->file && !lstat(path, &status) && status.st_dev == listening->device &&
        status.st_ino == listening->file)
        unlink(path);
}
