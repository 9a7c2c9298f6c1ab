/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/libbpf.h>

#include "base/array.h"
#include "observed.h"

static struct thaw_programs *programs;
static struct ring_buffer *ring;
static THAW_ARRAY(union thaw_kernel_record *) records;
static bool sockets;

static int take(void *context, void *data, size_t size)
{
    union thaw_kernel_record *copy = calloc(1, sizeof(*copy)), **slot = thaw_array_add(&records);

    static union thaw_kernel_record room;
    const void *whole = thaw_kernel_record_whole(data, &size, &room);

    (void)context;
    assert_non_null(copy);
    assert_non_null(slot);
    assert_non_null(thaw_kernel_record_check(whole, size));
    memcpy(copy, whole, size < sizeof(*copy) ? size : sizeof(*copy));
    *slot = copy;
    return 0;
}

static void attach(const char *name, bool *ret_there)
{
    struct thaw_error error = {0};
    int code = thaw_programs_attach_tracepoint(programs, name, 0, &error);

    if (code && code != -ENOENT)
        fail_msg("%s", error.message);
    *ret_there = !code;
}

int observed_open(void **state)
{
    static const struct thaw_programs_options options = {.production = true, .ring_bytes = 1 << 20};
    struct thaw_kernel_support support;
    struct thaw_error error = {0};
    bool there;

    (void)state;
    thaw_kernel_probe(false, &support);
    if (thaw_kernel_refusal(&support)) {
        print_message("%s\n", thaw_kernel_refusal(&support));
        return 0;
    }
    if (thaw_programs_load(&support, &options, &programs, &error))
        fail_msg("%s", error.message);
    assert_int_equal(thaw_programs_follow_platform(programs, NULL, &error), 0);
    attach("process_fork", &there);
    attach("process_exec", &there);
    attach("process_exit", &there);
    attach("sockets_state", &there);
    attach("sockets_received", &there);
    attach("sockets_sent", &sockets);
    ring = ring_buffer__new(thaw_programs_ring(programs), take, NULL, NULL);
    assert_non_null(ring);
    return 0;
}

int observed_close(void **state)
{
    (void)state;
    observed_forget();
    thaw_array_free(&records);
    ring_buffer__free(ring);
    thaw_programs_free(programs);
    return 0;
}

struct thaw_programs *observed_programs(void)
{
    if (!programs)
        skip();
    return programs;
}

void observed_take(void)
{
    assert_true(ring_buffer__consume(ring) >= 0);
}

const union thaw_kernel_record *observed_next(size_t *position, unsigned kind, pid_t process)
{
    while (*position < records.count) {
        const union thaw_kernel_record *record = records.items[(*position)++];

        if (record->header.kind == kind && (!process || record->header.tgid == (uint32_t)process))
            return record;
    }
    return NULL;
}

size_t observed_count(unsigned kind, pid_t process)
{
    size_t position = 0, count = 0;

    while (observed_next(&position, kind, process))
        count++;
    return count;
}

void observed_forget(void)
{
    for (size_t i = 0; i < records.count; i++)
        free(records.items[i]);
    records.count = 0;
}

uint64_t observed_loss(enum thaw_kernel_loss loss)
{
    uint64_t losses[THAW_LOSS_KINDS];

    thaw_programs_losses(programs, losses);
    return losses[loss];
}

bool observed_has_sockets(void)
{
    return sockets;
}
