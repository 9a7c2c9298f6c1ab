/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/log.h"
#include "base/clock.h"
#include "base/text.h"

#define LINE_BYTES 1000 /* below PIPE_BUF: a pipe that is ready takes it whole */

static const char *const subject_names[THAW_LOG_SUBJECTS] = {
    [THAW_LOG_LIFE] = "this",       [THAW_LOG_LOSS] = "losses",
    [THAW_LOG_STORE] = "the store", [THAW_LOG_DELIVERY] = "deliveries",
    [THAW_LOG_PROBE] = "probes",    [THAW_LOG_CLOCK] = "the clock",
    [THAW_LOG_RIGHTS] = "rights",   [THAW_LOG_STARTS] = "starts",
};

void thaw_log_open(struct thaw_log *log, int fd)
{
    *log = (struct thaw_log){
        .fd = fd,
        .priorities = getenv("JOURNAL_STREAM") || getenv("INVOCATION_ID"),
    };
}

static void write_line(struct thaw_log *log, enum thaw_log_level level, const char *text)
{
    struct pollfd ready = {.fd = log->fd, .events = POLLOUT};
    char safe[LINE_BYTES - 32], line[LINE_BYTES];
    int length;

    thaw_text_escape_terminal(safe, sizeof(safe), text, strlen(text));
    length = log->priorities ? snprintf(line, sizeof(line), "<%d>%s\n", (int)level, safe)
                             : snprintf(line, sizeof(line), "thaw audit: %s\n", safe);
    if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT) ||
        write(log->fd, line, (size_t)length) != length)
        log->untold++;
}

void thaw_log_say(struct thaw_log *log, enum thaw_log_level level, enum thaw_log_subject subject,
                  const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;

    if (!log->subjects[subject].lines)
        log->subjects[subject].since_ns = thaw_clock_now_ns();
    if (subject != THAW_LOG_LIFE && log->subjects[subject].lines >= THAW_LOG_LINES) {
        log->subjects[subject].withheld++;
        return;
    }
    log->subjects[subject].lines++;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    write_line(log, level, text);
}

void thaw_log_tick(struct thaw_log *log, uint64_t now_ns)
{
    for (size_t i = 0; i < THAW_LOG_SUBJECTS; i++) {
        char text[100];

        if (!log->subjects[i].lines || now_ns < log->subjects[i].since_ns + THAW_LOG_EACH_NS)
            continue;
        if (log->subjects[i].withheld) {
            snprintf(text, sizeof(text), "%" PRIu64 " further lines about %s were left out",
                     log->subjects[i].withheld, subject_names[i]);
            write_line(log, THAW_LOG_WARNING, text);
        }
        log->subjects[i].lines = 0;
        log->subjects[i].withheld = 0;
    }
}
