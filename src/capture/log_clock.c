/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/perf_event.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/log_clock.h"
#include "capture/perf_ring.h"

#define TRIES 8
#define NAME_BYTES 16 /* TASK_COMM_LEN */

/* A counter of nothing that has a record stamped whenever this thread sets its name. */
static int open_event(void)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof(attributes),
        .config = PERF_COUNT_SW_DUMMY,
        .sample_type = PERF_SAMPLE_TIME,
        .exclude_kernel = 1,
        .comm = 1,
        .sample_id_all = 1,
    };

    return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The time of the newest record: with sample_id_all it stands at a record's end. 0: there is none.
 */
static uint64_t newest_stamp(struct thaw_perf_ring *ring)
{
    struct thaw_perf_record ignored;
    struct perf_event_header header;
    uint64_t stamp = 0;

    thaw_perf_ring_mark(ring);
    while (thaw_perf_ring_next(ring, &ignored)) {
        memcpy(&header, ring->record, sizeof(header));
        if (header.type == PERF_RECORD_COMM && header.size >= sizeof(header) + sizeof(stamp))
            memcpy(&stamp, ring->record + header.size - sizeof(stamp), sizeof(stamp));
    }
    return stamp;
}

bool thaw_log_clock_lead(int64_t *ret_ns, uint64_t *ret_width_ns)
{
    struct thaw_perf_ring ring = {0};
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char name[NAME_BYTES];
    int event = open_event();

    *ret_width_ns = UINT64_MAX;
    if (event >= 0 && prctl(PR_GET_NAME, name) == 0 &&
        thaw_perf_ring_open(&ring, event, page, page) == 0) {
        for (int i = 0; i < TRIES; i++) {
            uint64_t before = thaw_clock_now_ns(), after, stamp;

            prctl(PR_SET_NAME, name); /* to what it is: nothing changes but the record */
            after = thaw_clock_now_ns();
            stamp = newest_stamp(&ring);
            if (stamp && after - before < *ret_width_ns) {
                *ret_width_ns = after - before;
                *ret_ns = (int64_t)(stamp - (before + (after - before) / 2));
            }
        }
    }
    thaw_perf_ring_close(&ring);
    if (event >= 0)
        close(event);
    return *ret_width_ns != UINT64_MAX;
}
