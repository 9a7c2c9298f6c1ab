/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_COUNT_FIELDS_H
#define THAW_RECORDING_COUNT_FIELDS_H

/* The row of count_events.h: a part of kinds.c, which includes it behind its macros. */

static const struct thaw_field process_counts_fields[] = {
    FIELD(process_counts, by),
    FIELD(process_counts, until),
    FIELD(process_counts, known),
    FIELD(process_counts, system_calls),
    FIELD(process_counts, files_opened),
    FIELD(process_counts, failed_lookups),
    FIELD(process_counts, read_bytes),
    FIELD(process_counts, threads),
    FIELD(process_counts, mapped_libraries),
    FIELD(process_counts, cpu_ns),
};

#endif
