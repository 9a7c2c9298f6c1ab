/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_OBSERVATION_PARTS_H
#define THAW_CAPTURE_OBSERVATION_PARTS_H

#include "capture/coverage.h"
#include "capture/link.h"
#include "capture/observation.h"
#include "capture/observation_told.h"
#include "capture/programs.h"
#include "capture/ring.h"
#include "capture/servers.h"

/* What an observation is made of: shared by its files alone. */
struct thaw_observation {
    struct thaw_told told;
    struct thaw_recording_writer *writer; /* its sink is `told` */
    struct thaw_programs *programs;
    struct thaw_coverage *coverage;
    struct thaw_link *link;
    struct thaw_servers servers;
    struct thaw_ring *ring;
    struct thaw_kernel_support support;
    uint64_t trap_ns;        /* what a hit of a probe costs, 0 not known */
    uint64_t trap_return_ns; /* of a return */
    bool requests_counted;   /* the tracepoints for that are there */
    bool split;              /* all is attached that a recording has */
};

/* Tells of the processes that are there already, and follows them from now on. */
int thaw_observation_look_around(struct thaw_observation *observation, struct thaw_error *error);

#endif
