/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_WIRE_H
#define THAW_BPF_WIRE_H

/*
 * The platform's link: bytes of TCP connections on which a traced process first sends what a
 * platform's begin with (map `openings`: HTTP/2's preface, a Runtime API's request). grpc-core uses
 * sendmsg and recvmsg only; the others are there for workers in other languages. Bytes are copied
 * when the call returns; the time of a message sent is the call's start, as the peer may act on it
 * before the call is back.
 */
#include "descriptor.h"
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

/* The TCP socket behind a descriptor of the current task, NULL for anything else. */
static __always_inline struct sock *socket_of(__u64 descriptor)
{
    struct file *file = file_of(descriptor);
    struct socket *socket;
    struct sock *sock;
    __u16 family;

    if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & MODE_MASK) != MODE_SOCKET)
        return NULL;
    socket = BPF_CORE_READ(file, private_data);
    sock = BPF_CORE_READ(socket, sk);
    family = BPF_CORE_READ(sock, __sk_common.skc_family);
    if (family != FAMILY_INET && family != FAMILY_INET6)
        return NULL;
    return BPF_CORE_READ(sock, sk_type) == TYPE_STREAM ? sock : NULL;
}

/* The user's buffers of a call: an array of iovecs, or one buffer. */
struct buffers {
    __u64 iov;
    __u64 count;
    struct user_iovec single;
};

static __always_inline bool call_buffers(const struct system_call *system_call,
                                         struct buffers *buffers)
{
    struct user_message message;

    buffers->iov = 0;
    buffers->count = 1;
    if (system_call->number == CALL_SENDMSG || system_call->number == CALL_RECVMSG) {
        if (bpf_probe_read_user(&message, sizeof(message), (void *)system_call->second))
            return false;
        buffers->iov = message.iov;
        buffers->count = message.iov_count;
    } else if (system_call->number == CALL_READV || system_call->number == CALL_WRITEV) {
        buffers->iov = system_call->second;
        buffers->count = system_call->third;
    } else {
        buffers->single.base = system_call->second;
        buffers->single.length = system_call->third;
    }
    return true;
}

static __always_inline bool buffer_at(const struct buffers *buffers, __u32 index,
                                      struct user_iovec *ret)
{
    if (!buffers->iov) {
        *ret = buffers->single;
        return true;
    }
    return bpf_probe_read_user(ret, sizeof(*ret), (void *)(buffers->iov + index * sizeof(*ret))) ==
           0;
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

/* Could the first bytes of this send open a connection of a platform? */
static __always_inline bool opens_link(const struct system_call *system_call)
{
    const struct thaw_kernel_openings *known;
    struct buffers buffers = {};
    struct user_iovec buffer = {};
    __u64 head[OPENING_WORDS];
    __u32 zero = 0;

    known = bpf_map_lookup_elem(&openings, &zero);
    if (!known || !call_buffers(system_call, &buffers) || !buffer_at(&buffers, 0, &buffer))
        return false;
    if (buffer.length < sizeof(head) ||
        bpf_probe_read_user(head, sizeof(head), (void *)buffer.base))
        return false;
    for (__u32 i = 0; i < THAW_KERNEL_OPENINGS && i < known->count; i++) {
        if (begins_with(head, &known->items[i]))
            return true;
    }
    return false;
}

static __always_inline __u16 peer_port(struct sock *sock)
{
    return bpf_ntohs(BPF_CORE_READ(sock, __sk_common.skc_dport));
}

/*
 * Is the connection followed? A new one is taken in when a send begins as a platform's do, or when
 * its peer is one that is followed in mid-stream.
 */
static __always_inline bool connection_followed(struct sock *sock,
                                                const struct system_call *system_call, bool sends)
{
    __u64 socket = (__u64)sock;
    struct connection *connection = bpf_map_lookup_elem(&connections, &socket);
    struct connection fresh = {};
    __u16 port;

    if (connection)
        return !connection->ignore;
    port = peer_port(sock);
    if (!bpf_map_lookup_elem(&ports, &port) && (!sends || !opens_link(system_call)))
        return false;
    if (bpf_map_update_elem(&connections, &socket, &fresh, BPF_ANY)) {
        count(&losses, THAW_LOSS_CONNECTIONS_FULL);
        return false;
    }
    return true;
}

static __always_inline void remember_call(__u64 pid_tgid, __u64 socket)
{
    struct call call = {.enter_ns = bpf_ktime_get_boot_ns(), .socket = socket};

    if (bpf_map_update_elem(&calls, &pid_tgid, &call, BPF_ANY))
        count(&losses, THAW_LOSS_CALLS_FULL);
}

static __always_inline void wire_enter(const struct system_call *system_call, __u64 pid_tgid)
{
    struct sock *sock;

    sock = socket_of(system_call->first);
    if (!sock)
        return;
    if (system_call->number == CALL_CONNECT) {
        /* The address of a socket that is gone may be used again by this one. */
        __u64 socket = (__u64)sock;

        bpf_map_delete_elem(&connections, &socket);
        remember_call(pid_tgid, socket);
    } else if (connection_followed(sock, system_call, true)) {
        remember_call(pid_tgid, (__u64)sock);
    }
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

struct transfer {
    __u64 enter_ns;
    __u64 exit_ns;
    __u64 socket;
    __u64 pid_tgid;
    __u16 port;
    __u8 outgoing;
};

/* size is what is reserved for the record: a constant, as the verifier wants it. */
static __always_inline void send_bytes(const struct transfer *transfer, __u64 from, __u32 length,
                                       const __u32 size)
{
    struct thaw_kernel_socket_data *event = bpf_ringbuf_reserve(&events, size, 0);
    __u32 captured = from ? length : 0;

    if (!event) {
        count(&losses, THAW_LOSS_RING_FULL);
        return;
    }
    KEEP(captured); /* one register from the bound to the use */
    if (captured > size - 56)
        captured = size - 56;
    if (bpf_probe_read_user(event->bytes, captured, (void *)from))
        captured = 0;
    fill_header(&event->header, THAW_KERNEL_SOCKET_DATA, size, transfer->pid_tgid);
    event->header.time_ns = transfer->exit_ns;
    event->enter_ns = transfer->enter_ns;
    event->socket = transfer->socket;
    event->length = length;
    event->captured = captured;
    event->port = transfer->port;
    event->outgoing = transfer->outgoing;
    __builtin_memset(event->reserved, 0, sizeof(event->reserved));
    bpf_ringbuf_submit(event, wakeup(false));
}

static __always_inline void send_buffer(const struct transfer *transfer, __u64 from, __u32 length)
{
    if (length <= 200 || !from)
        send_bytes(transfer, from, length, 256);
    else if (length <= 968)
        send_bytes(transfer, from, length, 1024);
    else
        send_bytes(transfer, from, length, sizeof(struct thaw_kernel_socket_data));
}

static __always_inline void send_data(const struct system_call *system_call, __u64 moved,
                                      const struct transfer *transfer)
{
    struct buffers buffers = {};

    if (call_buffers(system_call, &buffers)) {
        for (__u32 i = 0; i < THAW_KERNEL_SOCKET_BUFFERS && i < buffers.count; i++) {
            struct user_iovec buffer;
            __u64 length;

            if (!moved || !buffer_at(&buffers, i, &buffer))
                break;
            length = buffer.length < moved ? buffer.length : moved;
            if (!length)
                continue;
            send_buffer(transfer, buffer.base, length);
            moved -= length;
        }
    }
    if (moved) /* buffers beyond those looked at: a hole of known length */
        send_buffer(transfer, 0, moved);
}

static __always_inline void wire_exit(const struct system_call *system_call, __s64 result,
                                      __u64 pid_tgid)
{
    struct transfer transfer = {.pid_tgid = pid_tgid};
    bool sends = call_sends(system_call->number);
    struct call *call, copy;
    struct sock *sock;

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
        transfer.enter_ns = copy.enter_ns;
        sock = (void *)copy.socket;
    } else if (call_receives(system_call->number) && result > 0) {
        sock = socket_of(system_call->first);
        if (!sock || !connection_followed(sock, system_call, false))
            return;
    } else {
        return;
    }
    if (result <= 0)
        return;
    transfer.exit_ns = bpf_ktime_get_boot_ns();
    transfer.socket = (__u64)sock;
    transfer.outgoing = sends;
    transfer.port = peer_port(sock);
    send_data(system_call, result, &transfer);
}

#endif
