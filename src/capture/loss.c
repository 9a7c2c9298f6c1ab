/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

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

int thaw_loss_store_process(struct thaw_recording_writer *writer, uint32_t process,
                            const char *cause, const char *what, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_LOSS,
        .time_ns = thaw_clock_now_ns(),
        .pid = process,
        .tid = process,
    };

    event.loss.cause = cause;
    event.loss.count = 1;
    event.loss.what = what;
    return thaw_recording_writer_append(writer, &event, error);
}

int thaw_loss_of_process(struct thaw_recording_writer *writer, uint32_t process,
                         struct thaw_error *error)
{
    char what[256];

    snprintf(what, sizeof(what),
             "thaw may not look at process %" PRIu32 ", which is another user's: its program, its "
             "role and imports of a Python that thaw does not know otherwise (CAP_SYS_PTRACE and "
             "CAP_DAC_READ_SEARCH allow it)",
             process);
    return thaw_loss_store_process(writer, process, "process-not-readable", what, error);
}
