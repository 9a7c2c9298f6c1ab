/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_SERVER_H
#define THAW_BPF_SERVER_H

/*
 * Servers of any kind until their first reply: that a process listens, the first connections it
 * accepts, the first bytes it receives and sends on each. TCP only. A process that has answered
 * somebody outside the traced tree is not looked at any more; before that, connections are bounded.
 * Of what is received the first two bytes are looked at, which tell TLS, and nothing is kept.
 */
#include "wire.h"

/* System call numbers of x86-64; those of poll and select are in effects.h, too. */
enum {
    SERVER_CALL_POLL = 7,
    SERVER_CALL_SELECT = 23,
    SERVER_CALL_ACCEPT = 43,
    SERVER_CALL_LISTEN = 50,
    SERVER_CALL_EPOLL_WAIT = 232,
    SERVER_CALL_PSELECT6 = 270,
    SERVER_CALL_PPOLL = 271,
    SERVER_CALL_EPOLL_PWAIT = 281,
    SERVER_CALL_ACCEPT4 = 288,
    SERVER_CALL_EPOLL_PWAIT2 = 441,
};

/* A thread that is busy for longer than that between two waits had something to do: event loops
 * wake up now and then to look at their clocks, for less than a millisecond. */
#define IDLE_GAP_NS 50000000
#define TLS_HANDSHAKE 0x16 /* RFC 8446 section 5.1, then the major version 3 */
#define LOOPBACK 127

enum served_stage { SERVED_ACCEPTED, SERVED_ASKED, SERVED_OVER };

/* A connection that was accepted, by its socket. */
struct served {
    __u64 connection; /* its number within the process that accepted it, from 1 on */
    __u64 sending_ns; /* when the send under way began */
    __u64 sender;     /* thread */
    __u32 acceptor;
    __u32 peer;   /* the traced process at its other end, 0 none */
    __u32 stage;  /* enum served_stage */
    __u16 port;   /* of this end: the socket's address may be used again for another one */
    __u16 remote; /* of the other */
    __u32 local;  /* the other end is on this machine */
    __u32 reserved;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, __u64);
    __type(value, struct served);
} served SEC(".maps") WEAK;

/* Traced processes that connect to something, by their own port. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, __u32);
    __type(value, __u32);
} clients SEC(".maps") WEAK;

/* Since when a thread of a server does little but wait. */
struct idle {
    __u64 since_ns;
    __u64 woken_ns; /* 0: it waits */
    __u64 busy_ns;  /* between waits since then */
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, __u64);
    __type(value, struct idle);
} idles SEC(".maps") WEAK;

static __always_inline bool accepts(__u64 number)
{
    return number == SERVER_CALL_ACCEPT || number == SERVER_CALL_ACCEPT4;
}

static __always_inline bool waits_for_events(__u64 number)
{
    return number == SERVER_CALL_EPOLL_WAIT || number == SERVER_CALL_EPOLL_PWAIT ||
           number == SERVER_CALL_EPOLL_PWAIT2 || number == SERVER_CALL_POLL ||
           number == SERVER_CALL_PPOLL || number == SERVER_CALL_SELECT ||
           number == SERVER_CALL_PSELECT6 || accepts(number);
}

/* Calls that are looked at beside those of wire.h. */
static __always_inline bool is_server_call(__u64 number)
{
    return number == SERVER_CALL_LISTEN || waits_for_events(number);
}

/* Is there anything left to see of it? */
static __always_inline bool server_waits(const struct thaw_kernel_process *process)
{
    return process->waiting && !(process->flags & THAW_PROCESS_SERVED);
}

static __always_inline bool server_idles(const struct thaw_kernel_process *process)
{
    return (process->flags & (THAW_PROCESS_LISTENS | THAW_PROCESS_SERVED)) == THAW_PROCESS_LISTENS;
}

/* Does it concern a call of this process when it begins, when it ends? */
static __always_inline bool server_wants(const struct thaw_kernel_process *process, __u64 number)
{
    if (process->flags & THAW_PROCESS_SERVED)
        return false;
    if (call_sends(number) || call_receives(number))
        return process->waiting != 0;
    if (accepts(number) || number == SERVER_CALL_LISTEN || number == CALL_CONNECT)
        return true;
    return waits_for_events(number) && server_idles(process);
}

static __always_inline void idle_begins(__u64 pid_tgid)
{
    struct idle *idle = bpf_map_lookup_elem(&idles, &pid_tgid);
    struct idle fresh = {.since_ns = bpf_ktime_get_boot_ns()};
    __u64 gap_ns = idle && idle->woken_ns ? fresh.since_ns - idle->woken_ns : 0;

    if (!idle || gap_ns > IDLE_GAP_NS) {
        bpf_map_update_elem(&idles, &pid_tgid, &fresh, BPF_ANY);
        return;
    }
    idle->busy_ns += gap_ns;
    idle->woken_ns = 0;
}

static __always_inline void idle_ends(__u64 pid_tgid)
{
    struct idle *idle = bpf_map_lookup_elem(&idles, &pid_tgid);

    if (idle)
        idle->woken_ns = bpf_ktime_get_boot_ns();
}

static __always_inline __u16 own_port(struct sock *sock)
{
    return BPF_CORE_READ(sock, __sk_common.skc_num);
}

/* The connection behind a descriptor, NULL when it was not accepted, or when all was seen of it. */
static __always_inline struct served *served_of(__u64 descriptor)
{
    __u64 socket = 0;
    struct sock *sock = socket_of(descriptor, &socket);
    struct served *found;

    if (!sock)
        return NULL;
    found = bpf_map_lookup_elem(&served, &socket);
    if (!found || found->stage == SERVED_OVER || found->port != own_port(sock) ||
        found->remote != peer_port(sock))
        return NULL;
    return found;
}

/* A send, in case it is the first: the peer may act on it before the call is back. */
static __always_inline void server_enter(const struct system_call *system_call, __u64 pid_tgid)
{
    struct served *connection;

    if (!call_sends(system_call->number)) {
        if (waits_for_events(system_call->number))
            idle_begins(pid_tgid);
        return;
    }
    connection = served_of(system_call->first);
    if (!connection || connection->stage != SERVED_ASKED)
        return;
    connection->sending_ns = bpf_ktime_get_boot_ns();
    connection->sender = pid_tgid;
}

/* Does the other end have an address of this machine? */
static __always_inline bool is_local(struct sock *sock, __u16 family)
{
    struct in6_addr remote = {}, own = {};
    __be32 address;

    if (family == FAMILY_INET) {
        address = BPF_CORE_READ(sock, __sk_common.skc_daddr);
        return (address & 0xff) == LOOPBACK ||
               address == BPF_CORE_READ(sock, __sk_common.skc_rcv_saddr);
    }
    if (!bpf_core_field_exists(sock->__sk_common.skc_v6_daddr))
        return false;
    BPF_CORE_READ_INTO(&remote, sock, __sk_common.skc_v6_daddr);
    BPF_CORE_READ_INTO(&own, sock, __sk_common.skc_v6_rcv_saddr);
    for (int i = 0; i < 4; i++)
        if (remote.in6_u.u6_addr32[i] != own.in6_u.u6_addr32[i])
            return false;
    return true;
}

static __always_inline void server_listens(struct sock *sock, __u64 pid_tgid,
                                           struct thaw_kernel_process *process)
{
    struct thaw_kernel_server event = {};

    if (!sock)
        return;
    __sync_fetch_and_or(&process->flags, THAW_PROCESS_LISTENS);
    if (process->listens >= THAW_KERNEL_LISTENS) {
        count(&losses, THAW_LOSS_LISTENS_FULL);
        return;
    }
    process->listens++;
    fill_header(&event.header, THAW_KERNEL_LISTEN, sizeof(event), pid_tgid);
    event.port = own_port(sock);
    event.family = BPF_CORE_READ(sock, __sk_common.skc_family);
    send(&event, sizeof(event), false);
}

/* Is one more connection looked at? */
static __always_inline bool server_has_room(const struct thaw_kernel_process *process)
{
    if (process->accepts < THAW_KERNEL_ACCEPTS)
        return true;
    if (!(process->flags & THAW_PROCESS_ANSWERED))
        count(&losses, THAW_LOSS_ACCEPTS_FULL);
    return false;
}

static __always_inline void fill_served(struct served *ret, struct sock *sock, __u64 pid_tgid,
                                        struct thaw_kernel_process *process)
{
    ret->connection = __sync_fetch_and_add(&process->accepts, 1) + 1;
    ret->acceptor = pid_tgid >> 32;
    ret->port = own_port(sock);
    ret->remote = peer_port(sock);
    ret->local = is_local(sock, BPF_CORE_READ(sock, __sk_common.skc_family));
}

/* idle: NULL, it is not known. */
static __always_inline void send_accept(const struct served *connection, struct sock *sock,
                                        const struct idle *idle, __u64 pid_tgid)
{
    struct thaw_kernel_server event = {};

    fill_header(&event.header, THAW_KERNEL_ACCEPT, sizeof(event), pid_tgid);
    event.connection = connection->connection;
    event.acceptor = connection->acceptor;
    event.idle_since_ns = idle ? idle->since_ns : 0;
    event.busy_ns = idle ? idle->busy_ns : 0;
    event.port = connection->port;
    event.family = BPF_CORE_READ(sock, __sk_common.skc_family);
    event.local = connection->local;
    send(&event, sizeof(event), false);
}

static __always_inline void server_accepts(__s64 descriptor, __u64 pid_tgid,
                                           struct thaw_kernel_process *process)
{
    __u64 socket = 0;
    struct sock *sock = socket_of(descriptor, &socket);
    struct served connection = {};

    if (!sock || !server_has_room(process))
        return;
    fill_served(&connection, sock, pid_tgid, process);
    if (bpf_map_update_elem(&served, &socket, &connection, BPF_ANY))
        count(&losses, THAW_LOSS_ACCEPTS_FULL);
    else
        __sync_fetch_and_add(&process->waiting, 1);
    send_accept(&connection, sock, bpf_map_lookup_elem(&idles, &pid_tgid), pid_tgid);
}

/* Is what was received a TLS handshake? */
static __always_inline bool begins_tls(const struct system_call *system_call)
{
    struct user_iovec buffer = {};
    __u8 head[2] = {};

    if (!first_buffer(system_call, &buffer) || buffer.length < sizeof(head) ||
        bpf_probe_read_user(head, sizeof(head), (void *)buffer.base))
        return false;
    return head[0] == TLS_HANDSHAKE && head[1] == 3;
}

static __always_inline void first_bytes(const struct served *connection, __u64 pid_tgid,
                                        struct thaw_kernel_server *event)
{
    fill_header(&event->header, THAW_KERNEL_FIRST_BYTES, sizeof(*event), pid_tgid);
    event->connection = connection->connection;
    event->acceptor = connection->acceptor;
    event->peer = connection->peer;
    event->port = connection->port;
}

/* One connection less that something is to come of. */
static __always_inline void connection_over(struct served *connection, __u32 pid,
                                            struct thaw_kernel_process *process, __u64 flags)
{
    struct thaw_kernel_process *acceptor = traced_process(connection->acceptor);

    connection->stage = SERVED_OVER;
    __sync_fetch_and_or(&process->flags, flags);
    if (process->waiting)
        __sync_fetch_and_add(&process->waiting, -1);
    if (!acceptor || connection->acceptor == pid)
        return;
    __sync_fetch_and_or(&acceptor->flags, flags);
    if (acceptor->waiting)
        __sync_fetch_and_add(&acceptor->waiting, -1);
}

/* By now the peer, if it is traced, has come back from connect(2). A process that talks to itself,
 * as tests do, serves nobody. */
static __always_inline void server_received(const struct system_call *system_call, __u64 pid_tgid,
                                            struct thaw_kernel_process *process)
{
    struct served *connection = served_of(system_call->first);
    struct thaw_kernel_server event = {};
    __u32 remote, *peer;

    if (!connection || connection->stage != SERVED_ACCEPTED)
        return;
    remote = connection->remote;
    peer = bpf_map_lookup_elem(&clients, &remote);
    if (peer && connection->local)
        connection->peer = *peer;
    event.encrypted = begins_tls(system_call);
    first_bytes(connection, pid_tgid, &event);
    send(&event, sizeof(event), false);
    if (event.encrypted || connection->peer == connection->acceptor)
        connection_over(connection, pid_tgid >> 32, process, 0);
    else
        connection->stage = SERVED_ASKED;
}

static __always_inline void server_sent(const struct system_call *system_call, __u64 pid_tgid,
                                        struct thaw_kernel_process *process)
{
    struct served *connection = served_of(system_call->first);
    struct thaw_kernel_server event = {};

    if (!connection || connection->stage != SERVED_ASKED || connection->sender != pid_tgid)
        return;
    first_bytes(connection, pid_tgid, &event);
    event.header.time_ns = connection->sending_ns;
    event.outgoing = 1;
    send(&event, sizeof(event), true);
    connection_over(connection, pid_tgid >> 32, process,
                    connection->peer ? THAW_PROCESS_ANSWERED
                                     : THAW_PROCESS_ANSWERED | THAW_PROCESS_SERVED);
}

static __always_inline void client_connects(const struct system_call *system_call, __u64 pid_tgid)
{
    __u64 socket = 0;
    struct sock *sock = socket_of(system_call->first, &socket);
    __u32 port = sock ? own_port(sock) : 0, pid = pid_tgid >> 32;

    if (port)
        bpf_map_update_elem(&clients, &port, &pid, BPF_ANY);
}

static __always_inline void server_exit(const struct system_call *system_call, __s64 result,
                                        __u64 pid_tgid)
{
    struct thaw_kernel_process *process = traced_process(pid_tgid >> 32);
    __u64 number = system_call->number, socket;

    if (!process)
        return;
    if (waits_for_events(number) && server_idles(process))
        idle_ends(pid_tgid);
    if (number == CALL_CONNECT)
        client_connects(system_call, pid_tgid);
    else if (number == SERVER_CALL_LISTEN && !result)
        server_listens(socket_of(system_call->first, &socket), pid_tgid, process);
    else if (accepts(number) && result >= 0)
        server_accepts(result, pid_tgid, process);
    else if (call_receives(number) && result > 0)
        server_received(system_call, pid_tgid, process);
    else if (call_sends(number) && result > 0)
        server_sent(system_call, pid_tgid, process);
}

#endif
