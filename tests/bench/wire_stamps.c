/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands between a gRPC client and the C library: what sendmsg and recvmsg moved on TCP goes to
 * $WIRE_STAMPS_FOLDER/PID, with CLOCK_BOOTTIME just before and just after the call. This is as near
 * to the system call as a program gets, and the oracle for thaw's times of messages.
 *
 * One struct stamp per call, then its bytes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct stamp {
    uint64_t enter_ns;
    uint64_t exit_ns;
    uint32_t length;
    uint16_t outgoing;
    uint16_t descriptor;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int is_tcp(int descriptor)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    int type;
    socklen_t type_length = sizeof(type);

    return getsockname(descriptor, (struct sockaddr *)&address, &length) == 0 &&
           (address.ss_family == AF_INET || address.ss_family == AF_INET6) &&
           getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &type_length) == 0 &&
           type == SOCK_STREAM;
}

/* The file is opened anew for each call: a process may have been replaced by another program. */
static void note(struct stamp stamp, const struct msghdr *message)
{
    const char *folder = getenv("WIRE_STAMPS_FOLDER");
    size_t left = stamp.length;
    struct iovec parts[1025];
    char path[512];
    int count = 1, file;

    if (!folder || !is_tcp(stamp.descriptor))
        return;
    parts[0] = (struct iovec){&stamp, sizeof(stamp)};
    for (size_t i = 0; i < message->msg_iovlen && left && count < 1025; i++) {
        parts[count] = message->msg_iov[i];
        if (parts[count].iov_len > left)
            parts[count].iov_len = left;
        left -= parts[count++].iov_len;
    }
    snprintf(path, sizeof(path), "%s/%d", folder, (int)getpid());
    file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0 || writev(file, parts, count) < 0)
        abort();
    close(file);
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags)
{
    ssize_t (*call)(int, const struct msghdr *, int) =
        (ssize_t(*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
    uint64_t enter_ns = now_ns();
    ssize_t result = call(descriptor, message, flags);
    uint64_t exit_ns = now_ns();

    if (result > 0) {
        pthread_mutex_lock(&lock);
        note((struct stamp){enter_ns, exit_ns, (uint32_t)result, 1, (uint16_t)descriptor}, message);
        pthread_mutex_unlock(&lock);
    }
    return result;
}

ssize_t recvmsg(int descriptor, struct msghdr *message, int flags)
{
    ssize_t (*call)(int, struct msghdr *, int) =
        (ssize_t(*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
    uint64_t enter_ns = now_ns();
    ssize_t result = call(descriptor, message, flags);
    uint64_t exit_ns = now_ns();

    if (result > 0 && !(flags & (MSG_PEEK | MSG_ERRQUEUE))) {
        pthread_mutex_lock(&lock);
        note((struct stamp){enter_ns, exit_ns, (uint32_t)result, 0, (uint16_t)descriptor}, message);
        pthread_mutex_unlock(&lock);
    }
    return result;
}
