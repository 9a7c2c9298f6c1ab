/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/console_marks.h"
#include "capture/loss.h"
#include "thaw/event.h"

#define MARKS 4 /* at once: one may be torn by a line of the kernel's */
#define LINE_BYTES 128
#define LIMIT_NS 1000000000u /* for one mark; at 9600 baud it takes 70 ms */
#define NAP_US 20

int thaw_console_marks_open(const char *device, int *ret, struct thaw_error *error)
{
    int descriptor = open(device, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (descriptor < 0)
        return thaw_error_system(error, -errno, "opening the console %s", device);
    *ret = descriptor;
    return 0;
}

/* A console may stand still for ever, and thaw's command is not to wait for it. */
static bool write_all(int descriptor, const char *text, size_t length, uint64_t deadline_ns)
{
    while (length) {
        ssize_t written = write(descriptor, text, length);

        if (written > 0) {
            text += written;
            length -= (size_t)written;
        } else if (written < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        } else if (thaw_clock_now_ns() > deadline_ns) {
            return false;
        } else {
            usleep(NAP_US);
        }
    }
    return true;
}

/*
 * When all of it had left the machine, 0 not known (it is no terminal, say). With nothing left in
 * the driver's buffer, tcdrain() waits for no more than what the device itself holds.
 */
static uint64_t drained_ns(int descriptor, uint64_t deadline_ns)
{
    int pending;

    for (;;) {
        if (ioctl(descriptor, TIOCOUTQ, &pending))
            return 0;
        if (!pending)
            break;
        if (thaw_clock_now_ns() > deadline_ns)
            return 0;
        usleep(NAP_US);
    }
    return tcdrain(descriptor) ? 0 : thaw_clock_now_ns();
}

/* One mark: 1 when it was written, 0 when not. */
static int write_mark(int descriptor, const char *session, struct thaw_event *event)
{
    char line[LINE_BYTES];
    uint64_t deadline_ns = thaw_clock_now_ns() + LIMIT_NS;
    int length;

    /* What stands in the console's line so far is no part of the mark. */
    if (!write_all(descriptor, "\n", 1, deadline_ns))
        return 0;
    drained_ns(descriptor, deadline_ns);
    event->time_ns = thaw_clock_now_ns();
    length =
        snprintf(line, sizeof(line), THAW_CONSOLE_MARK "%s %" PRIu64 "\n", session, event->time_ns);
    if (length < 0 || (size_t)length >= sizeof(line) ||
        !write_all(descriptor, line, (size_t)length, deadline_ns))
        return 0;
    event->console_mark.drained_ns = drained_ns(descriptor, deadline_ns);
    return 1;
}

int thaw_console_marks_write(int descriptor, const char *device, const char *session,
                             struct thaw_recording_writer *writer, struct thaw_error *error)
{
    int written = 0, code = 0;

    for (int i = 0; !code && i < MARKS; i++) {
        struct thaw_event event = {.kind = THAW_EVENT_CONSOLE_MARK,
                                   .console_mark = {.device = device}};

        if (!write_mark(descriptor, session, &event))
            break; /* it stands still: the others would wait as long */
        written++;
        code = thaw_recording_writer_append(writer, &event, error);
    }
    if (!code)
        code = thaw_loss_store(writer, "console-marks-not-written", (uint64_t)(MARKS - written),
                               "marks that the console did not take: a recording of the machine "
                               "around this one can't be joined by them",
                               error);
    return code;
}
