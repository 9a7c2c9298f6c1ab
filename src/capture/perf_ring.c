/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/perf_ring.h"

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

int thaw_perf_ring_open(struct thaw_perf_ring *ring, int event, size_t wanted, size_t least)
{
    *ring = (struct thaw_perf_ring){.record = malloc(THAW_PERF_RECORD_MOST)};
    if (!ring->record)
        return -ENOMEM;
    for (size_t bytes = wanted; bytes >= least; bytes /= 2) {
        void *page = mmap(NULL, page_bytes() + bytes, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);

        if (page != MAP_FAILED) {
            ring->page = page;
            ring->bytes = bytes;
            return 0;
        }
        if (errno != EPERM && errno != ENOMEM)
            break;
    }
    return -errno;
}

void thaw_perf_ring_mark(struct thaw_perf_ring *ring)
{
    struct perf_event_mmap_page *page = ring->page;

    if (page)
        ring->head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
}

/* Copies length bytes, at most the ring's size, from a position on. */
static void copy(const struct thaw_perf_ring *ring, uint64_t from, void *to, size_t length)
{
    const unsigned char *data = (const unsigned char *)ring->page + page_bytes();
    size_t at = (size_t)(from & (ring->bytes - 1));
    size_t before_end = ring->bytes - at < length ? ring->bytes - at : length;

    memcpy(to, data + at, before_end);
    memcpy((unsigned char *)to + before_end, data, length - before_end);
}

bool thaw_perf_ring_next(struct thaw_perf_ring *ring, struct thaw_perf_record *ret)
{
    struct perf_event_mmap_page *page = ring->page;
    struct perf_event_header header;
    uint64_t tail = page ? page->data_tail : 0;

    if (!page || tail >= ring->head)
        return false;
    copy(ring, tail, &header, sizeof(header));
    if (header.size < sizeof(header) || header.size > ring->head - tail) {
        ring->malformed++; /* from here on nothing can be found */
        __atomic_store_n(&page->data_tail, ring->head, __ATOMIC_RELEASE);
        return false;
    }
    copy(ring, tail, ring->record, header.size);
    __atomic_store_n(&page->data_tail, tail + header.size, __ATOMIC_RELEASE);
    thaw_perf_record_read(ring->record, header.size, ret);
    ring->malformed += ret->kind == THAW_PERF_BAD;
    return true;
}

void thaw_perf_ring_close(struct thaw_perf_ring *ring)
{
    if (ring->page)
        munmap(ring->page, page_bytes() + ring->bytes);
    free(ring->record);
    *ring = (struct thaw_perf_ring){0};
}
