/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef THAW_BPF_REQUESTS_H
#define THAW_BPF_REQUESTS_H

/*
 * Requests of servers, counted where they come and go (struct thaw_kernel_requests says what one
 * is). What is known of a connection lies with its socket, and goes away with that.
 */
#include "server.h"

enum asked_kind {
    ASKED_NEW,    /* it connects to somebody, and nothing was sent or received */
    ASKED_SERVED, /* it was accepted */
    ASKED_LINK,   /* a platform's: see wire.h */
    ASKED_OTHER,
};

/* A TCP connection of a traced process. */
struct asked {
    __u64 since_ns;       /* of a request that is not answered yet, 0: there is none */
    __u64 begun_ns;       /* when connecting began, 0 not seen */
    __u32 owner;          /* the process that it counts for */
    __u32 kind;           /* enum asked_kind */
    struct served served; /* until its first reply; its number is 0 when it is not told of */
};

struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct asked);
} asked_sockets SEC(".maps");

/* Listening sockets by port, whoever's they are: accept(2) is not seen. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 65536);
    __type(key, __u32);
    __type(value, __u32);
} listeners SEC(".maps");

static __always_inline void listeners_add(__u32 port)
{
    __u32 *sockets = bpf_map_lookup_elem(&listeners, &port);

    if (sockets)
        __sync_fetch_and_add(sockets, 1);
}

static __always_inline void listeners_remove(__u32 port)
{
    __u32 *sockets = bpf_map_lookup_elem(&listeners, &port);

    if (sockets && *sockets)
        __sync_fetch_and_add(sockets, -1);
}

static __always_inline bool is_listened(__u32 port)
{
    __u32 *sockets = bpf_map_lookup_elem(&listeners, &port);

    return sockets && *sockets;
}

static __always_inline void request_begins(struct asked *asked, __u32 tgid,
                                           struct thaw_kernel_process *process)
{
    __u32 in_flight;

    if (asked->since_ns)
        return;
    asked->owner = tgid;
    asked->since_ns = bpf_ktime_get_boot_ns();
    __sync_fetch_and_add(&process->requests.requests, 1);
    in_flight = __sync_fetch_and_add(&process->requests.in_flight, 1) + 1;
    if (in_flight > process->requests.most_in_flight)
        process->requests.most_in_flight = in_flight;
}

/* The owner may have ended meanwhile, and another process have its number. */
static __always_inline void request_ends(struct asked *asked, bool answered)
{
    __u64 since_ns = __sync_lock_test_and_set(&asked->since_ns, 0);
    struct thaw_kernel_process *owner;

    if (!since_ns)
        return;
    owner = traced_process(asked->owner);
    if (!owner || !owner->requests.in_flight)
        return;
    __sync_fetch_and_add(&owner->requests.in_flight, -1);
    if (answered)
        __sync_fetch_and_add(&owner->requests.busy_ns, bpf_ktime_get_boot_ns() - since_ns);
}

#endif
