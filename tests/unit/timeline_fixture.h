/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TIMELINE_FIXTURE_H
#define TESTS_TIMELINE_FIXTURE_H

#include <stddef.h>

#include "thaw/recording.h"
#include "thaw/timeline.h"

/* A host (pid 9) that starts at 100 and its worker (pid 1), recognised at 210. */
#define TIMELINE_WORKER                                                                            \
    "1 session.begin command=[\"host\"] directory=\"/\"\n"                                         \
    "100 process.exec pid=9 executable=\"/host\"\n"                                                \
    "200 process.fork pid=1 parent=9\n"                                                            \
    "210 process.exec executable=\"/py\"\n"                                                        \
    "210 process.role role=\"worker\" platform=\"azure_functions\" directory=\"/w\"\n"

/* A timeline made from a recording's text form, written in the test itself. */
struct timeline_fixture {
    struct thaw_recording *recording;
    struct thaw_timeline *timeline;
};

/*
 * Builds the timeline of the lines and checks that it is sound. The head line is put before them,
 * and what is of a process but names none is of pid 1, tid 1; a message that doesn't say otherwise
 * is in one piece, on connection 1.
 * To be ended by timeline_fixture_free().
 */
void timeline_fixture_build(struct timeline_fixture *fixture, const char *lines);
void timeline_fixture_free(struct timeline_fixture *fixture);

/* Fails the test when a rule of timeline_rules.h does not hold. */
void timeline_assert_sound(const struct thaw_timeline *timeline);

/* The n-th (from 0) of that name; the test fails when there is none. */
const struct thaw_timeline_process *timeline_process(const struct timeline_fixture *fixture,
                                                     uint32_t pid, size_t n);
const struct thaw_module *timeline_module(const struct timeline_fixture *fixture, const char *name,
                                          size_t n);
const struct thaw_phase *timeline_phase(const struct thaw_track *track, const char *name, size_t n);

/* What was used besides time must be "io 5 minor 2 …". */
void timeline_assert_spent(const struct thaw_spent *spent, const char *expected);

/* The part of that name of a phase, NULL none. */
const struct thaw_phase *timeline_part(const struct thaw_phase *phase, const char *name);

/* How often the cause is among the losses: the sum of their counts. */
uint64_t timeline_lost(const struct timeline_fixture *fixture, const char *cause);

#endif
