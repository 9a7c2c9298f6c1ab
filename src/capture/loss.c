/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "capture/loss.h"

int thaw_loss_store(struct thaw_recording_writer *writer, const char *cause, uint64_t count,
                    const char *what, struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_LOSS, .time_ns = thaw_clock_now_ns()};

    if (!count)
        return 0;
    event.loss.cause = cause;
    event.loss.count = count;
    event.loss.what = what;
    return thaw_recording_writer_append(writer, &event, error);
}
