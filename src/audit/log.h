/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_LOG_H
#define THAW_AUDIT_LOG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What the daemon tells people, a line an event: on stderr, with priorities (sd-daemon(3)) where
 * systemd reads it. Rate-limited by subject, safe for a terminal whatever names are in it, and
 * never waited for: a line that nobody takes is left out, and counted.
 */
enum thaw_log_level { THAW_LOG_ERROR = 3, THAW_LOG_WARNING = 4, THAW_LOG_INFO = 6 };

enum thaw_log_subject {
    THAW_LOG_LIFE, /* begin, end, reloads: not limited */
    THAW_LOG_LOSS,
    THAW_LOG_STORE,
    THAW_LOG_DELIVERY,
    THAW_LOG_PROBE,
    THAW_LOG_CLOCK,
    THAW_LOG_RIGHTS,
    THAW_LOG_STARTS,
    THAW_LOG_SUBJECTS
};

#define THAW_LOG_LINES 10u              /* of a subject … */
#define THAW_LOG_EACH_NS 60000000000ull /* … each so long */

struct thaw_log {
    int fd;
    bool priorities;
    uint64_t untold; /* lines that nobody took */
    struct {
        uint64_t since_ns; /* CLOCK_BOOTTIME */
        unsigned lines;
        uint64_t withheld; /* by the limit */
    } subjects[THAW_LOG_SUBJECTS];
};

/* priorities as the environment says (JOURNAL_STREAM, INVOCATION_ID). */
void thaw_log_open(struct thaw_log *log, int fd);

void thaw_log_say(struct thaw_log *log, enum thaw_log_level level, enum thaw_log_subject subject,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Tells how many lines were withheld, once a limit's time is over; to be called now and then. */
void thaw_log_tick(struct thaw_log *log, uint64_t now_ns);

#endif
