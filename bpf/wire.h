/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_WIRE_H
#define THAW_BPF_WIRE_H

/*
 * The platform's link: TCP connections on which a traced process first sends what a platform's
 * begin with (map `openings`: HTTP/2's preface, a Runtime API's request). grpc-core uses sendmsg
 * and recvmsg only; the others are there for workers in other languages. Bytes are copied when the
 * call returns; the time of a message sent is the call's start, as the peer may act on it before
 * the call is back.
 */
#include "descriptor.h"
#include "framing.h"
#include "system_call.h"

#include <bpf/bpf_endian.h>

enum {
    CALL_READ = 0,
    CALL_WRITE = 1,
    CALL_PWRITE64 = 18,
    CALL_READV = 19,
    CALL_WRITEV = 20,
    CALL_SENDTO = 44,
    CALL_RECVFROM = 45,
    CALL_SENDMSG = 46,
    CALL_RECVMSG = 47,
};

#define FAMILY_INET 2
#define FAMILY_INET6 10
#define TYPE_STREAM 1
#define FLAG_PEEK 0x2
#define FLAG_ERROR_QUEUE 0x2000
#define MODE_MASK 0170000
#define MODE_SOCKET 0140000

static __always_inline bool call_sends(__u64 number)
{
    return number == CALL_WRITE || number == CALL_WRITEV || number == CALL_SENDTO ||
           number == CALL_SENDMSG;
}

static __always_inline bool call_receives(__u64 number)
{
    return number == CALL_READ || number == CALL_READV || number == CALL_RECVFROM ||
           number == CALL_RECVMSG;
}

/* Is it looked at when it begins? */
static __always_inline bool is_wire_call_sent(__u64 number)
{
    return number == CALL_CONNECT || call_sends(number);
}

static __always_inline bool is_wire_call(__u64 number)
{
    return is_wire_call_sent(number) || call_receives(number);
}

/*
 * The TCP socket behind a descriptor of the current task, NULL for anything else. *ret_key is its
 * own: the kernel gives a socket's address to another one as soon as it is gone, so the number of
 * its inode, which counts up, is part of it.
 */
static __always_inline struct sock *socket_of(__u64 descriptor, __u64 *ret_key)
{
    struct file *file = file_of(descriptor);
    struct inode *inode;
    struct socket *socket;
    struct sock *sock;
    __u16 family;

    if (!file)
        return NULL;
    inode = BPF_CORE_READ(file, f_inode);
    if ((BPF_CORE_READ(inode, i_mode) & MODE_MASK) != MODE_SOCKET)
        return NULL;
    socket = BPF_CORE_READ(file, private_data);
    sock = BPF_CORE_READ(socket, sk);
    family = BPF_CORE_READ(sock, __sk_common.skc_family);
    if ((family != FAMILY_INET && family != FAMILY_INET6) ||
        BPF_CORE_READ(sock, sk_type) != TYPE_STREAM)
        return NULL;
    *ret_key = (__u64)BPF_CORE_READ(inode, i_ino) << 32 | (__u32)(__u64)sock;
    return sock;
}

static __always_inline __u16 peer_port(struct sock *sock)
{
    return bpf_ntohs(BPF_CORE_READ(sock, __sk_common.skc_dport));
}

/* A call on a TCP socket: false for anything else. */
static __always_inline bool call_of(__u64 descriptor, struct call *ret)
{
    struct sock *sock = socket_of(descriptor, &ret->socket);

    if (!sock)
        return false;
    ret->port = peer_port(sock);
    return true;
}

/* Sets the user's buffers of a call: an array of iovecs, or one buffer. */
static __always_inline bool call_buffers(const struct system_call *system_call,
                                         struct framing_walk *walk)
{
    struct user_message message;

    walk->iov = 0;
    walk->buffers = 1;
    walk->single = system_call->second;
    if (system_call->number == CALL_SENDMSG || system_call->number == CALL_RECVMSG) {
        if (bpf_probe_read_user(&message, sizeof(message), (void *)system_call->second))
            return false;
        walk->iov = message.iov;
        walk->buffers = message.iov_count;
    } else if (system_call->number == CALL_READV || system_call->number == CALL_WRITEV) {
        walk->iov = system_call->second;
        walk->buffers = system_call->third;
    }
    return true;
}

/* The first of a call's buffers. */
static __always_inline bool first_buffer(const struct system_call *system_call,
                                         struct user_iovec *ret)
{
    struct user_message message;
    __u64 iov = 0;

    if (system_call->number == CALL_SENDMSG || system_call->number == CALL_RECVMSG) {
        if (bpf_probe_read_user(&message, sizeof(message), (void *)system_call->second))
            return false;
        iov = message.iov;
    } else if (system_call->number == CALL_WRITEV || system_call->number == CALL_READV) {
        iov = system_call->second;
    }
    if (iov)
        return bpf_probe_read_user(ret, sizeof(*ret), (void *)iov) == 0;
    ret->base = system_call->second;
    ret->length = system_call->third;
    return true;
}

/* A receive that leaves the bytes where they are, or has other bytes than the connection's. */
static __always_inline bool only_looks(const struct system_call *system_call)
{
    __u64 flags = system_call->number == CALL_RECVMSG    ? system_call->third
                  : system_call->number == CALL_RECVFROM ? system_call->fourth
                                                         : 0;

    return flags & (FLAG_PEEK | FLAG_ERROR_QUEUE);
}

#define OPENING_WORDS (THAW_KERNEL_OPENING_BYTES / 8)

static __always_inline bool begins_with(const __u64 *head,
                                        const struct thaw_kernel_opening *opening)
{
    __u64 other = 0;

    for (__u32 i = 0; i < OPENING_WORDS; i++)
        other |= (head[i] & opening->mask[i]) ^ opening->bytes[i];
    return !other;
}

/*
 * Could the first bytes of this send open a connection of a platform? *ret_frames tells that they
 * are HTTP/2's preface: "PRI * HT…" (RFC 9113 section 3.4).
 */
static __always_inline bool opens_link(const struct system_call *system_call, bool *ret_frames)
{
    const struct thaw_kernel_openings *known;
    struct user_iovec buffer = {};
    __u64 head[OPENING_WORDS];
    __u32 zero = 0;

    known = bpf_map_lookup_elem(&openings, &zero);
    if (!known || !first_buffer(system_call, &buffer))
        return false;
    if (buffer.length < sizeof(head) ||
        bpf_probe_read_user(head, sizeof(head), (void *)buffer.base))
        return false;
    *ret_frames = head[0] == 0x5448202a20495250;
    for (__u32 i = 0; i < THAW_KERNEL_OPENINGS && i < known->count; i++) {
        if (begins_with(head, &known->items[i]))
            return true;
    }
    return false;
}

/*
 * Is the connection followed? A new one is taken in when a send begins as a platform's do, or when
 * its peer is one that is followed in mid-stream.
 */
static __always_inline bool connection_followed(const struct call *call,
                                                const struct system_call *system_call, bool sends)
{
    struct connection *connection = bpf_map_lookup_elem(&connections, &call->socket);
    struct connection fresh = {};
    enum framing_start start = FRAMING_MID_STREAM;
    bool opens, frames = false;

    if (connection)
        return !connection->ignore;
    opens = sends && opens_link(system_call, &frames);
    if (!opens && !bpf_map_lookup_elem(&ports, &call->port))
        return false;
    if (opens)
        start = frames ? FRAMING_FROM_START : FRAMING_WITHOUT;
    if (!framing_new(call->socket, start) ||
        bpf_map_update_elem(&connections, &call->socket, &fresh, BPF_ANY)) {
        count(&losses, THAW_LOSS_CONNECTIONS_FULL);
        return false;
    }
    return true;
}

static __always_inline void wire_enter(const struct system_call *system_call, __u64 pid_tgid)
{
    struct call call = {};

    if (!call_of(system_call->first, &call))
        return;
    if (system_call->number == CALL_CONNECT) { /* whatever it was connected to before */
        bpf_map_delete_elem(&connections, &call.socket);
        bpf_map_delete_elem(&framings, &call.socket);
    } else if (!connection_followed(&call, system_call, true)) {
        return;
    }
    call.enter_ns = bpf_ktime_get_boot_ns();
    if (bpf_map_update_elem(&calls, &pid_tgid, &call, BPF_ANY))
        count(&losses, THAW_LOSS_CALLS_FULL);
}

static __always_inline void send_connect(const struct system_call *system_call,
                                         const struct call *call, __s64 result, __u64 pid_tgid)
{
    struct thaw_kernel_connect event = {};
    struct user_socket_address address = {};

    if (bpf_probe_read_user(&address, sizeof(address), (void *)system_call->second))
        return;
    fill_header(&event.header, THAW_KERNEL_CONNECT, sizeof(event), pid_tgid);
    event.header.time_ns = call->enter_ns;
    event.result = result;
    event.socket = call->socket;
    event.port = bpf_ntohs(address.port);
    event.family = address.family;
    send(&event, sizeof(event), false);
}

/* Copies what is wanted of a call that moved so many bytes. urgent: the reader is woken. */
static __always_inline void send_data(const struct system_call *system_call,
                                      const struct call *call, __u32 moved, bool sends,
                                      __u64 pid_tgid, bool urgent)
{
    struct connection *connection = bpf_map_lookup_elem(&connections, &call->socket);
    struct framing_ways *both = bpf_map_lookup_elem(&framings, &call->socket);
    struct framing_walk *walk = framing_walk();
    struct thaw_kernel_socket_data *record;

    if (!walk || !connection || !both)
        return;
    record = &walk->record;
    fill_header(&record->header, THAW_KERNEL_SOCKET_DATA, 0, pid_tgid);
    record->enter_ns = call->enter_ns;
    record->socket = call->socket;
    record->port = call->port;
    record->outgoing = sends;
    walk->whole = connection->whole;
    walk->urgent = urgent;
    walk->moved = moved;
    if (!call_buffers(system_call, walk))
        walk->single = 0;
    framing_go(walk, &both->ways[sends ? 1 : 0]);
}

static __always_inline void wire_exit(const struct system_call *system_call, __s64 result,
                                      __u64 pid_tgid)
{
    bool sends = call_sends(system_call->number);
    struct call copy = {}, *call;

    if (sends || system_call->number == CALL_CONNECT) {
        call = bpf_map_lookup_elem(&calls, &pid_tgid);
        if (!call)
            return;
        copy = *call;
        bpf_map_delete_elem(&calls, &pid_tgid);
        if (system_call->number == CALL_CONNECT) {
            send_connect(system_call, &copy, result, pid_tgid);
            return;
        }
    } else if (call_receives(system_call->number) && result > 0 && !only_looks(system_call)) {
        if (!call_of(system_call->first, &copy) || !connection_followed(&copy, system_call, false))
            return;
    } else {
        return;
    }
    if (result > 0)
        send_data(system_call, &copy, result, sends, pid_tgid, false);
}

#endif
