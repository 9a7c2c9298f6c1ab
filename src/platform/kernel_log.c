/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "platform/kernel_log.h"

#define KERNEL_FACILITY 0 /* others are programs' (include/linux/syslog.h, printk's log_store) */
#define FACILITY_SHIFT 3
#define ANEW_MOST_NS 10000000 /* a clock that has just begun again shows less */
#define ANEW_LEAST_NS 1000000 /* records of several CPUs may be out of order by less */

/* What is left to read of one record. */
struct cursor {
    const char *next;
    const char *end;
};

struct record {
    uint64_t priority;
    uint64_t sequence;
    uint64_t time_ns;
    struct cursor message; /* its first line */
};

static bool skip(struct cursor *cursor, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(cursor->end - cursor->next) < length || memcmp(cursor->next, text, length) != 0)
        return false;
    cursor->next += length;
    return true;
}

/* Moves behind the first occurrence of text. */
static bool find(struct cursor *cursor, const char *text)
{
    const char *found =
        memmem(cursor->next, (size_t)(cursor->end - cursor->next), text, strlen(text));

    if (found)
        cursor->next = found + strlen(text);
    return found != NULL;
}

static bool ends_with(const struct cursor *cursor, const char *text)
{
    size_t length = strlen(text);

    return (size_t)(cursor->end - cursor->next) >= length &&
           memcmp(cursor->end - length, text, length) == 0;
}

/* Decimal digits, at least one; false also for a number beyond 2^53, which no field here has. */
static bool number(struct cursor *cursor, uint64_t *ret)
{
    const char *first = cursor->next;

    *ret = 0;
    while (cursor->next < cursor->end && *cursor->next >= '0' && *cursor->next <= '9') {
        *ret = *ret * 10 + (uint64_t)(*cursor->next++ - '0');
        if (*ret > 1ULL << 53)
            return false;
    }
    return cursor->next > first;
}

/* "15,1215,23569749116,-,more;message\n KEY=value\n" */
static bool parse(const char *bytes, size_t length, struct record *ret)
{
    struct cursor cursor = {bytes, bytes + length};
    const char *line_end;
    uint64_t time_us;

    if (!number(&cursor, &ret->priority) || !skip(&cursor, ",") ||
        !number(&cursor, &ret->sequence) || !skip(&cursor, ",") || !number(&cursor, &time_us) ||
        time_us > UINT64_MAX / 1000 || !find(&cursor, ";"))
        return false;
    line_end = memchr(cursor.next, '\n', (size_t)(cursor.end - cursor.next));
    ret->time_ns = time_us * 1000;
    ret->message = (struct cursor){cursor.next, line_end ? line_end : cursor.end};
    return true;
}

/* Printable ASCII up to the end of the message, or of size; what follows is left out. */
static void copy_word(const struct cursor *from, char *to, size_t size)
{
    size_t length = 0;

    while (length + 1 < size && from->next + length < from->end && from->next[length] >= ' ' &&
           from->next[length] <= '~') {
        to[length] = from->next[length];
        length++;
    }
    to[length] = '\0';
}

static void take_init(struct thaw_kernel_log *log, const struct record *record,
                      struct cursor message)
{
    if (!ends_with(&message, " as init process"))
        return;
    log->executed_init = true;
    log->init_ns = record->time_ns;
}

static void take_resume(struct thaw_kernel_log *log, const struct record *record,
                        struct cursor message)
{
    (void)message;
    log->resumes++;
    log->resumed_ns = record->time_ns;
}

static void take_clock(struct thaw_kernel_log *log, const struct record *record,
                       struct cursor message)
{
    uint64_t offset_ns;

    (void)record;
    if (!number(&message, &offset_ns))
        return;
    log->has_clock_offset = true;
    log->clock_offset_ns = offset_ns;
}

/* "2596.096 MHz": three digits behind the point, always (arch/x86/kernel/tsc.c). */
static uint64_t khz(struct cursor *message)
{
    uint64_t whole, thousandths;
    const char *point;

    if (!number(message, &whole) || whole > 1000000 || !skip(message, "."))
        return 0;
    point = message->next;
    if (!number(message, &thousandths) || message->next - point != 3 || !skip(message, " MHz"))
        return 0;
    return whole * 1000 + thousandths;
}

static void take_frequency(struct thaw_kernel_log *log, const struct record *record,
                           struct cursor message)
{
    bool refined = find(&message, "Refined TSC clocksource calibration: ");
    uint64_t found_khz;

    (void)record;
    if (!refined && !skip(&message, "Detected "))
        return;
    found_khz = khz(&message);
    if (!found_khz || (log->tsc_refined && !refined))
        return;
    log->tsc_khz = found_khz;
    log->tsc_refined = refined;
}

/* "… 000024 (v02 FIRECK)": the table's version and its maker. */
static void take_acpi(struct thaw_kernel_log *log, const struct record *record,
                      struct cursor message)
{
    (void)record;
    if (*log->acpi_oem || !find(&message, "(v") || message.end - message.next < 3)
        return;
    message.next += 3;
    copy_word(&message, log->acpi_oem, sizeof(log->acpi_oem));
    log->acpi_oem[strcspn(log->acpi_oem, " )")] = '\0';
}

static void take_hypervisor(struct thaw_kernel_log *log, const struct record *record,
                            struct cursor message)
{
    (void)record;
    copy_word(&message, log->hypervisor, sizeof(log->hypervisor));
}

/* How a message begins, and who takes what follows. */
static const struct {
    const char *begins;
    void (*take)(struct thaw_kernel_log *log, const struct record *record, struct cursor message);
} messages[] = {
    {"Run ", take_init},
    {"random: crng reseeded due to virtual machine fork", take_resume},
    {"kvm-clock: using sched offset of ", take_clock},
    {"tsc: ", take_frequency},
    {"ACPI: RSDP ", take_acpi},
    {"Hypervisor detected: ", take_hypervisor},
};

/*
 * The clock may begin anew, once: from then on its times lack what it had counted before. A record
 * at 0 is of a CPU that has no clock yet.
 */
static void correct(struct thaw_kernel_log *log, struct record *record)
{
    uint64_t time_ns = record->time_ns;

    if (!log->set_back_ns && time_ns && time_ns < ANEW_MOST_NS && log->last_ns > time_ns &&
        log->last_ns - time_ns > ANEW_LEAST_NS)
        log->set_back_ns = log->last_ns - time_ns;
    if (time_ns)
        log->last_ns = time_ns;
    record->time_ns += log->set_back_ns;
}

void thaw_kernel_log_take(struct thaw_kernel_log *log, const char *bytes, size_t length)
{
    struct record record;

    if (!parse(bytes, length, &record)) {
        log->malformed++;
        return;
    }
    if (!log->records++)
        log->first_sequence = record.sequence;
    if (record.priority >> FACILITY_SHIFT != KERNEL_FACILITY)
        return;
    correct(log, &record);
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        struct cursor message = record.message;

        if (skip(&message, messages[i].begins)) {
            messages[i].take(log, &record, message);
            return;
        }
    }
}
