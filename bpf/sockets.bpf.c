/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sending, receiving and connecting on TCP sockets, without the tracepoints of system calls: only
 * those calls come here that move bytes, and strangers' leave at the first look-up. They come
 * inside of the call, so its registers tell its buffers; where they don't (sendmmsg, io_uring,
 * sendfile …) bytes are counted, and none is looked at.
 *
 * When a call began is not known here: where syscalls.bpf.c takes the begin of a send, this takes
 * its end.
 */
#include "account.h"
#include "requests.h"

#define THREAD_OF_KERNEL 0x00200010 /* PF_KTHREAD, PF_IO_WORKER */
#define IN_PROGRESS (-115)          /* EINPROGRESS */

/* include/net/tcp_states.h */
enum {
    STATE_ESTABLISHED = 1,
    STATE_SYN_SENT = 2,
    STATE_FIN_WAIT1 = 4,
    STATE_CLOSE = 7,
    STATE_LAST_ACK = 9,
    STATE_LISTEN = 10,
};

/* Where a head is put together: its program can't be interrupted by another one. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct thaw_kernel_request_head);
} heads SEC(".maps");

static __always_inline bool is_tcp(const struct sock *sock)
{
    __u16 family = sock->__sk_common.skc_family;

    return (family == FAMILY_INET || family == FAMILY_INET6) && sock->sk_type == TYPE_STREAM;
}

/* The key of wire.h. */
static __always_inline __u64 key_of(const struct sock *sock)
{
    struct socket *socket = BPF_CORE_READ(sock, sk_socket);
    struct socket_alloc *whole = (void *)socket;

    if (!socket)
        return 0;
    return (__u64)BPF_CORE_READ(whole, vfs_inode.i_ino) << 32 |
           (__u32)(__u64)BPF_CORE_READ(socket, sk);
}

/* Is it that call which moves bytes of the socket? Then *ret is what it was called with. */
static __always_inline bool call_fits(__u64 key, bool sends, struct system_call *ret)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct pt_regs *regs;
    __u64 found = 0;

    if (task->flags & THREAD_OF_KERNEL)
        return false;
    regs = (void *)bpf_task_pt_regs(task);
    system_call_read(ret, regs, regs->orig_ax);
    if (sends ? !call_sends(ret->number) : !call_receives(ret->number))
        return false;
    return key && socket_of(ret->first, &found) && found == key;
}

enum moved_how {
    MOVED_OUT = 1,   /* sent */
    MOVED_FIRST = 2, /* it is not known yet whether the connection is followed */
    MOVED_WARM = 4,  /* its process has started */
};

/* A connection that is followed, told only now that it is known to be one. */
static __always_inline void send_connected(const struct call *call, __u64 begun_ns, __u64 pid_tgid)
{
    struct thaw_kernel_connect event = {.result = IN_PROGRESS};

    fill_header(&event.header, THAW_KERNEL_CONNECT, sizeof(event), pid_tgid);
    event.header.time_ns = begun_ns;
    event.socket = call->socket;
    event.port = call->port;
    send(&event, sizeof(event), false);
}

/*
 * Bytes of a connection that is followed, or may be from now on; 1: it is. begun_ns: when
 * connecting began, 0 not known. A global function, as those in syscalls.bpf.c.
 */
__attribute__((noinline)) int link_moved(__s64 moved, __u64 pid_tgid, __u64 key, __u32 how,
                                         __u64 begun_ns)
{
    struct system_call system_call = {};
    struct call call = {.socket = key};
    bool sends = how & MOVED_OUT, fits = call_fits(key, sends, &system_call);
    __u64 none = 0;

    if (how & MOVED_FIRST && !fits)
        return 0;
    if (fits) {
        call.port = peer_port(socket_of(system_call.first, &none));
        if (!connection_followed(&call, &system_call, sends && !(how & MOVED_WARM)))
            return how & MOVED_FIRST ? 0 : 1;
        if (how & MOVED_FIRST && begun_ns)
            send_connected(&call, begun_ns, pid_tgid);
    } else { /* a hole */
        system_call.number = sends ? CALL_WRITE : CALL_READ;
        system_call.second = 0;
    }
    call.enter_ns = sends ? bpf_ktime_get_boot_ns() : 0;
    send_data(&system_call, &call, moved, sends, pid_tgid, how & MOVED_FIRST);
    return 1;
}

static __always_inline void send_head(const struct served *connection, __u64 moved,
                                      const struct system_call *system_call, __u64 pid_tgid)
{
    struct thaw_kernel_request_head *event;
    struct user_iovec buffer = {};
    __u32 zero = 0;
    __u64 bytes;

    event = bpf_map_lookup_elem(&heads, &zero);
    if (!event || !first_buffer(system_call, &buffer))
        return;
    bytes = moved < buffer.length ? moved : buffer.length;
    if (bytes > THAW_KERNEL_HEAD_BYTES)
        bytes = THAW_KERNEL_HEAD_BYTES;
    KEEP(bytes);
    if (bytes > THAW_KERNEL_HEAD_BYTES || !bytes ||
        bpf_probe_read_user(event->head, bytes, (void *)buffer.base))
        return;
    fill_header(&event->header, THAW_KERNEL_REQUEST_HEAD, 40 + bytes, pid_tgid);
    event->connection = connection->connection;
    event->head_bytes = bytes;
    event->reserved = 0;
    send(event, 40 + bytes, false);
}

/* The process at the other end, if it is of the same tree. */
static __always_inline __u32 relative_at(const struct served *connection,
                                         const struct thaw_kernel_process *process)
{
    struct thaw_kernel_process *other;
    __u32 remote = connection->remote, *peer;

    peer = connection->local ? bpf_map_lookup_elem(&clients, &remote) : NULL;
    if (!peer)
        return 0;
    other = traced_process(*peer);
    return other && other->root == process->root ? *peer : 0;
}

/* The first bytes on a connection that was accepted, while the server has answered nobody. */
static __attribute__((noinline)) int served_first(struct sock *sock, struct asked *asked,
                                                  __u64 pid_tgid, __u64 moved)
{
    struct thaw_kernel_process *process = traced_process(pid_tgid >> 32);
    struct served *connection = &asked->served;
    struct thaw_kernel_server event = {};
    struct system_call system_call;

    if (!process || !server_has_room(process))
        return 0;
    fill_served(connection, sock, pid_tgid, process);
    connection->peer = relative_at(connection, process);
    send_accept(connection, sock, NULL, pid_tgid);
    if (call_fits(key_of(sock), false, &system_call)) {
        event.encrypted = begins_tls(&system_call);
        if (!event.encrypted && !(process->flags & THAW_PROCESS_ANSWERED))
            send_head(connection, moved, &system_call, pid_tgid);
    }
    first_bytes(connection, pid_tgid, &event);
    send(&event, sizeof(event), false);
    connection->stage =
        event.encrypted || connection->peer == connection->acceptor ? SERVED_OVER : SERVED_ASKED;
    return 0;
}

static __always_inline void served_replies(struct asked *asked, __u64 pid_tgid,
                                           struct thaw_kernel_process *process)
{
    struct served *connection = &asked->served;
    struct thaw_kernel_server event = {};

    connection->stage = SERVED_OVER;
    if (process->flags & (THAW_PROCESS_SERVED | THAW_PROCESS_WARM))
        return;
    first_bytes(connection, pid_tgid, &event);
    event.outgoing = 1;
    send(&event, sizeof(event), true);
    __sync_fetch_and_or(&process->flags, connection->peer
                                             ? THAW_PROCESS_ANSWERED
                                             : THAW_PROCESS_ANSWERED | THAW_PROCESS_SERVED);
}

/* A connection that bytes are moved on for the first time: whose is it? */
static __attribute__((noinline)) int sort_connection(struct sock *sock, struct asked *asked,
                                                     __u64 pid_tgid, __u64 moved, __u32 how)
{
    asked->owner = pid_tgid >> 32;
    if (!asked->begun_ns && is_listened(sock->__sk_common.skc_num)) {
        asked->kind = ASKED_SERVED;
        return 0;
    }
    asked->kind = ASKED_OTHER;
    if (link_moved(moved, pid_tgid, key_of(sock), how | MOVED_FIRST, asked->begun_ns))
        asked->kind = ASKED_LINK;
    return 0;
}

static __always_inline void moved(struct sock *sock, int bytes, int flags, __u32 how)
{
    struct thaw_kernel_process *process;
    struct asked *asked;
    __u64 pid_tgid;

    if (bytes <= 0 || flags & (FLAG_PEEK | FLAG_ERROR_QUEUE))
        return;
    pid_tgid = bpf_get_current_pid_tgid();
    process = traced_process(pid_tgid >> 32);
    if (!process || !is_tcp(sock))
        return;
    if (process->flags & THAW_PROCESS_WARM)
        how |= MOVED_WARM;
    asked = bpf_sk_storage_get(&asked_sockets, sock, NULL, BPF_SK_STORAGE_GET_F_CREATE);
    if (!asked)
        return;
    if (asked->kind == ASKED_NEW)
        sort_connection(sock, asked, pid_tgid, bytes, how);
    else if (asked->kind == ASKED_LINK)
        link_moved(bytes, pid_tgid, key_of(sock), how, 0);
    if (asked->kind != ASKED_SERVED)
        return;
    if (how & MOVED_OUT) {
        if (asked->served.stage == SERVED_ASKED)
            served_replies(asked, pid_tgid, process);
        request_ends(asked, true);
        return;
    }
    request_begins(asked, pid_tgid >> 32, process);
    if (!asked->served.connection && !(process->flags & (THAW_PROCESS_SERVED | THAW_PROCESS_WARM)))
        served_first(sock, asked, pid_tgid, bytes);
}

/* (sk, ret, flags): include/trace/events/sock.h, from Linux 6.3 on */
SEC("?tp_btf/sock_send_length")
int sockets_sent(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_SEND, moved((void *)ctx[0], (int)ctx[1], 0, MOVED_OUT));
    return 0;
}

SEC("?tp_btf/sock_recv_length")
int sockets_received(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_RECEIVE, moved((void *)ctx[0], (int)ctx[1], (int)ctx[2], 0));
    return 0;
}

/* In the call that connects. */
static __always_inline void connects(struct sock *sock)
{
    __u32 tgid = bpf_get_current_pid_tgid() >> 32;
    struct asked *asked;

    if (!traced_process(tgid))
        return;
    asked = bpf_sk_storage_get(&asked_sockets, sock, NULL, BPF_SK_STORAGE_GET_F_CREATE);
    if (!asked)
        return;
    asked->kind = ASKED_NEW; /* the socket may have been connected before */
    asked->owner = tgid;
    asked->begun_ns = bpf_ktime_get_boot_ns();
}

/* From here on anywhere: an answer of the network's may have come to any process's CPU. */
static __always_inline void connected(struct sock *sock)
{
    struct asked *asked = bpf_sk_storage_get(&asked_sockets, sock, NULL, 0);
    __u32 port = own_port(sock);

    if (asked)
        bpf_map_update_elem(&clients, &port, &asked->owner, BPF_ANY);
}

static __always_inline void closes(struct sock *sock)
{
    struct asked *asked = bpf_sk_storage_get(&asked_sockets, sock, NULL, 0);

    if (asked)
        request_ends(asked, false);
}

static __always_inline void listens(struct sock *sock)
{
    __u64 pid_tgid = bpf_get_current_pid_tgid();
    struct thaw_kernel_process *process = traced_process(pid_tgid >> 32);

    listeners_add(own_port(sock));
    if (process)
        server_listens(sock, pid_tgid, process);
}

/* The port's number is taken from a socket before its state is. */
static __always_inline __u16 listened_port(struct sock *sock)
{
    struct inet_sock *inet = (void *)sock;

    return bpf_ntohs(BPF_CORE_READ(inet, inet_sport));
}

static __always_inline void state_changes(struct sock *sock, int from, int to)
{
    if (!is_tcp(sock))
        return;
    if (to == STATE_LISTEN)
        listens(sock);
    else if (from == STATE_LISTEN && to == STATE_CLOSE) /* what it accepts leaves it, too */
        listeners_remove(listened_port(sock));
    else if (to == STATE_SYN_SENT)
        connects(sock);
    else if (from == STATE_SYN_SENT && to == STATE_ESTABLISHED)
        connected(sock);
    else if (to == STATE_CLOSE || to == STATE_FIN_WAIT1 || to == STATE_LAST_ACK)
        closes(sock);
}

/* (sk, oldstate, newstate): include/trace/events/sock.h */
SEC("?tp_btf/inet_sock_set_state")
int sockets_state(__u64 *ctx)
{
    ACCOUNTED(THAW_PROGRAM_STATE, state_changes((void *)ctx[0], (int)ctx[1], (int)ctx[2]));
    return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
