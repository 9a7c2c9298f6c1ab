/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/boot_instants.h"
#include "capture/log_clock.h"
#include "capture/small_file.h"
#include "capture/tsc.h"

#define RECORD_BYTES                                                                               \
    8192 /* the kernel's own limit of one (CONSOLE_EXT_LOG_MAX, PRINTK_MESSAGE_MAX) */
#define RECORDS_MOST 1000000
#define PRINTED_PER_MILLION                                                                        \
    500 /* the most that NTP slews CLOCK_BOOTTIME away from the log's clock */
#define SLEPT_LEAST_NS 1000000
#define TICK_MOST_NS 10000000 /* of the kernel's timer, at 100 Hz */

static void read_records(int descriptor, struct thaw_kernel_log *log, bool *ret_gap)
{
    char record[RECORD_BYTES];

    for (uint64_t i = 0; i < RECORDS_MOST; i++) {
        ssize_t length = read(descriptor, record, sizeof(record));

        if (length > 0)
            thaw_kernel_log_take(log, record, (size_t)length);
        else if (length < 0 && errno == EPIPE)
            *ret_gap = true; /* overwritten while it was read: goes on behind it */
        else if (length < 0 && (errno == EINTR || errno == EINVAL))
            continue; /* a record that is longer than the kernel makes them is left out */
        else
            return;
    }
}

void thaw_boot_log_read(struct thaw_boot_log *ret)
{
    int descriptor = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool gap = false;
    int failure = errno;

    memset(ret, 0, sizeof(*ret));
    if (descriptor >= 0) {
        errno = 0;
        read_records(descriptor, &ret->log, &gap);
        failure = errno; /* opening may be allowed where reading is not */
        close(descriptor);
    }
    if (!ret->log.records)
        snprintf(ret->status, sizeof(ret->status), "not readable: %s",
                 failure == EAGAIN ? "it is empty" : strerror(failure));
    else
        strcpy(ret->status, gap || ret->log.first_sequence ? "overwritten" : "read");
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0};

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* left - right, read at one instant to within *ret_width_ns. */
static int64_t difference(clockid_t left, clockid_t right, uint64_t *ret_width_ns)
{
    int64_t best = 0;

    *ret_width_ns = UINT64_MAX;
    for (int i = 0; i < 20; i++) {
        int64_t before = clock_ns(right), middle = clock_ns(left), after = clock_ns(right);

        if ((uint64_t)(after - before) < *ret_width_ns) {
            *ret_width_ns = (uint64_t)(after - before);
            best = middle - before - (after - before) / 2;
        }
    }
    return best;
}

uint64_t thaw_boot_suspended_ns(void)
{
    uint64_t width_ns;
    int64_t slept_ns = difference(CLOCK_BOOTTIME, CLOCK_MONOTONIC, &width_ns);

    return slept_ns > SLEPT_LEAST_NS ? (uint64_t)slept_ns : 0;
}

/*
 * How far NTP may have moved CLOCK_MONOTONIC since the boot: at the rate that it corrects now
 * (adjtimex(2): 2^-16 parts per million). Earlier rates are not known.
 */
static uint64_t slewed_ns(void)
{
    struct timex state = {0};
    double share;

    if (adjtimex(&state) < 0)
        return 0;
    share = (double)(state.freq < 0 ? -state.freq : state.freq) / 65536 / 1e6;
    return (uint64_t)(share * (double)clock_ns(CLOCK_MONOTONIC));
}

bool thaw_boot_is_initial_namespace(const char *kind)
{
    /* include/linux/proc_ns.h: fixed numbers of the first ones */
    static const struct {
        const char *kind, *link;
    } initial[] = {{"pid", "pid:[4026531836]"}, {"cgroup", "cgroup:[4026531835]"}};
    char path[64], link[64];
    ssize_t length;

    snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
    length = readlink(path, link, sizeof(link) - 1);
    if (length < 0)
        return false;
    link[length] = '\0';
    for (size_t i = 0; i < sizeof(initial) / sizeof(initial[0]); i++)
        if (!strcmp(kind, initial[i].kind))
            return !strcmp(link, initial[i].link);
    return false;
}

static int store(struct thaw_recording_writer *writer, const char *name, int64_t at_ns,
                 uint64_t uncertainty_ns, const char *source, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_MACHINE_INSTANT,
        .time_ns = thaw_clock_now_ns(),
        .machine_instant = {name, at_ns, uncertainty_ns, source},
    };

    return thaw_recording_writer_append(writer, &event, error);
}

/* When its counter was 0: the machine's (or its CPU's) beginning, unless somebody set it. */
static int store_counter(const struct thaw_kernel_log *log, struct thaw_recording_writer *writer,
                         struct thaw_error *error)
{
    struct thaw_tsc_frequency frequency;
    struct thaw_tsc_zero zero;
    uint64_t uncertainty_ns;
    char source[96];

    /* It may stop while the machine sleeps. */
    if (thaw_boot_suspended_ns() || !thaw_tsc_frequency_find(log, &frequency))
        return 0;
    zero = thaw_tsc_zero(&frequency);
    uncertainty_ns = zero.uncertainty_ns + slewed_ns();
    if (zero.before_ns + (int64_t)uncertainty_ns < 0)
        return 0; /* it was set back: its zero tells nothing */
    snprintf(source, sizeof(source), "TSC was 0, at %.3f MHz (%s)", frequency.hertz / 1e6,
             frequency.source);
    return store(writer, "created", -zero.before_ns, uncertainty_ns, source, error);
}

/* Field 22 of /proc/1/stat: the fork of the kernel's thread that executes init later. */
static int store_init_fork(struct thaw_recording_writer *writer, struct thaw_error *error)
{
    uint64_t tick_ns = 1000000000u / (unsigned long)sysconf(_SC_CLK_TCK);
    char text[1024];
    unsigned long long ticks;
    const char *rest;

    if (!thaw_boot_is_initial_namespace("pid") ||
        thaw_small_file_read("/proc/1/stat", text, sizeof(text)) <= 0)
        return 0; /* pid 1 is a container's */
    rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 1,
                        " %*c %*u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                        "%*d %llu",
                        &ticks) != 1)
        return 0;
    return store(writer, "init-forked", (int64_t)(ticks * tick_ns), tick_ns, "/proc/1/stat", error);
}

/* How far the log's clock and CLOCK_BOOTTIME are apart now, but for the time asleep, which only one
 * of them counts: what they may have been apart before. 0 also: that can't be seen. */
static uint64_t log_clock_apart_ns(void)
{
    uint64_t width_ns;
    int64_t lead_ns;

    if (!thaw_log_clock_lead(&lead_ns, &width_ns))
        return 0;
    lead_ns += (int64_t)thaw_boot_suspended_ns();
    return (uint64_t)(lead_ns < 0 ? -lead_ns : lead_ns) + width_ns;
}

static uint64_t printed_uncertainty_ns(const struct thaw_kernel_log *log, uint64_t at_ns)
{
    return 1000 + at_ns / 1000000 * PRINTED_PER_MILLION + thaw_boot_suspended_ns() +
           log_clock_apart_ns() + (log->set_back_ns ? TICK_MOST_NS : 0);
}

static int store_printed(const struct thaw_kernel_log *log, struct thaw_recording_writer *writer,
                         struct thaw_error *error)
{
    char source[64];
    int code = 0;

    if (log->has_clock_offset)
        code = store(writer, "created", -(int64_t)log->clock_offset_ns, 1000,
                     "kernel log: kvm-clock was 0", error);
    if (!code && log->executed_init)
        code = store(writer, "init-executed", (int64_t)log->init_ns,
                     printed_uncertainty_ns(log, log->init_ns), "kernel log", error);
    if (!code && log->resumes) {
        snprintf(source, sizeof(source), "kernel log: virtual machine fork, %llu in all",
                 (unsigned long long)log->resumes);
        code = store(writer, "resumed", (int64_t)log->resumed_ns,
                     printed_uncertainty_ns(log, log->resumed_ns), source, error);
    }
    return code;
}

int thaw_boot_instants_store(const struct thaw_boot_log *log, struct thaw_recording_writer *writer,
                             struct thaw_error *error)
{
    uint64_t width_ns;
    int64_t timekeeping_ns = difference(CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, &width_ns);
    int code = store_counter(&log->log, writer, error);

    /* 0, to within what can be read, where the kernel's clock begins with its timekeeping. */
    if (!code && timekeeping_ns + (int64_t)width_ns >= 0)
        code = store(writer, "timekeeping", timekeeping_ns > (int64_t)width_ns ? timekeeping_ns : 0,
                     width_ns + slewed_ns(), "CLOCK_MONOTONIC less CLOCK_MONOTONIC_RAW", error);
    if (!code)
        code = store_init_fork(writer, error);
    return code ? code : store_printed(&log->log, writer, error);
}
