/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_CHROME_TRACE_H
#define THAW_REPORT_CHROME_TRACE_H

#include "report/trace.h"

/*
 * A document of the Trace Event Format being made. Its clock is in microseconds from origin_ns on:
 * the beginning of the run, or of what began before it.
 */
struct thaw_chrome {
    struct thaw_trace trace;
    json_t *events;
    int64_t origin_ns;
    uint64_t next_lane; /* tid of the next lane that is no thread */
};

/* Where an event is drawn: numbers of a process and a thread, as the viewers know them. */
struct thaw_chrome_lane {
    uint64_t pid, tid;
};

/* --- chrome_event.c: events of each kind; args (whose reference is taken) may be NULL --- */

/* A stretch: where it does not nest in its lane it is drawn beside it, as its times are. */
void thaw_chrome_stretch(struct thaw_chrome *made, struct thaw_chrome_lane lane, const char *name,
                         const char *category, const struct thaw_interval *times, json_t *args);

/* One that may overlap others of its kind; end_ns INT64_MIN, or before its start: its end is
 * not known. */
void thaw_chrome_async(struct thaw_chrome *made, struct thaw_chrome_lane lane, const char *name,
                       const char *category, int64_t start_ns, int64_t end_ns, json_t *args);

/* An instant of a thread ("t"), a process ("p") or all ("g"). */
void thaw_chrome_instant(struct thaw_chrome *made, struct thaw_chrome_lane lane, const char *name,
                         const char *category, const char *scope, int64_t at_ns, json_t *args);

/* What the viewer calls a process or a lane, and where it stands among others. */
void thaw_chrome_describe_process(struct thaw_chrome *made, uint64_t pid, const char *name,
                                  int64_t place);
void thaw_chrome_describe_lane(struct thaw_chrome *made, struct thaw_chrome_lane lane,
                               const char *name, int64_t place);

/* A lane of a process that is no thread of it. */
struct thaw_chrome_lane thaw_chrome_new_lane(struct thaw_chrome *made, uint64_t pid);

/* The kernel's number of the process of that id, the id itself where it isn't in the report. */
uint64_t thaw_chrome_pid(const struct thaw_chrome *made, uint64_t process);

/* --- chrome_imports.c: imports on their threads, and what modules did meanwhile --- */

void thaw_chrome_imports(struct thaw_chrome *made);

/* --- chrome_phases.c: phases of tracks and of virtual machines, what the first reply waited for.
 * -ENOMEM --- */

int thaw_chrome_phases(struct thaw_chrome *made, struct thaw_error *error);

/* The earliest instant of any phase that is drawn, or earliest_ns. -ENOMEM. */
int thaw_chrome_earliest_phase(const json_t *report, int64_t *earliest_ns,
                               struct thaw_error *error);

#endif
