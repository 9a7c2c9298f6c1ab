/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BPF_USER_SPACE_H
#define TESTS_BPF_USER_SPACE_H

/*
 * What the sources in bpf/ need of libbpf's headers, for a program of user space: included before
 * them, it stands in the headers' place. The helpers are in probe_replay.c, the one source that
 * includes this.
 */
#define __BPF_HELPERS__
#define __BPF_CORE_READ_H__

/* kernel_types.h has clang's pragmas, for attributes of the BPF target. */
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wunknown-attributes"
#endif

#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

/* Of a kernel that has none of what may be missing. */
#define bpf_core_field_exists(field) 0
#define BPF_CORE_READ(source, field) ((source)->field)
#define BPF_CORE_READ_BITFIELD_PROBED(source, field) ((source)->field)

static void *bpf_map_lookup_elem(void *map, const void *key);
static long bpf_map_update_elem(void *map, const void *key, const void *value,
                                unsigned long long flags);
static long bpf_probe_read_user(void *to, unsigned size, const void *from);
static long bpf_probe_read_user_str(void *to, unsigned size, const void *from);
static long bpf_copy_from_user(void *to, unsigned size, const void *from);
static long bpf_loop(unsigned rounds, void *round, void *context, unsigned long long flags);
static long bpf_ringbuf_output(void *ring, void *record, unsigned long long size,
                               unsigned long long flags);
static unsigned long long bpf_ringbuf_query(void *ring, unsigned long long flags);
static unsigned long long bpf_get_attach_cookie(void *context);
static unsigned long long bpf_get_current_pid_tgid(void);
static unsigned long long bpf_ktime_get_boot_ns(void);
static void *bpf_get_current_task_btf(void);

#endif
