/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_OBSERVATION_H
#define THAW_CAPTURE_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/kernel.h"
#include "platform/platform.h"
#include "thaw/error.h"
#include "thaw/event.h"
#include "thaw/recording_events.h"

/*
 * Observing a machine for as long as thaw runs, at a cost that nobody notices: every start of an
 * interpreter or of a platform's host, from its exec to its first reply. Events are those of a
 * recording, and go to whoever asked instead of into a file. No system call and no switch of the
 * scheduler is looked at, unless a split is asked for; nobody is ever stopped.
 */
struct thaw_observation;

struct thaw_observation_options {
    const struct thaw_kernel_support *support;
    const struct thaw_platform *only; /* NULL any */
    const char *const *pythons;       /* to attach to in advance, NULL-terminated, or NULL */
    size_t ring_bytes;                /* a power of two; 0: 8 MiB */
};

/* What is told. An event and its texts are there until the call returns; a negative return ends the
 * drain with it. */
struct thaw_observation_sink {
    void *context;
    int (*event)(void *context, const struct thaw_event *event);
};

/* Loads and attaches everything, and looks at the processes that are there already: those are told
 * as `process.present`. sink must outlive it. -EPERM names the capability that is missing. */
int thaw_observation_open(const struct thaw_observation_options *options,
                          const struct thaw_observation_sink *sink, struct thaw_observation **ret,
                          struct thaw_error *error);

/* Readable when something is to be drained at once; else a drain every 100 ms will do. */
int thaw_observation_descriptor(const struct thaw_observation *observation);
int thaw_observation_drain(struct thaw_observation *observation, struct thaw_error *error);

/* Once a second: withdraws probes from who hits them too often, gives up connections that talk too
 * much, forgets who has ended. */
int thaw_observation_tend(struct thaw_observation *observation, struct thaw_error *error);

/* The start of that process is over: its imports and file names are not told any more, its requests
 * are counted. */
void thaw_observation_started(struct thaw_observation *observation, uint32_t process);

/* It is of no interest: nothing of it is told any more, but of what it executes. */
void thaw_observation_forget(struct thaw_observation *observation, uint32_t process);

/* What a server was asked since it began (struct thaw_kernel_requests), the most at once since the
 * last look; also while its process.exit is told. False: not counted. */
bool thaw_observation_requests(struct thaw_observation *observation, uint32_t process,
                               struct thaw_kernel_requests *ret);

/* A split: from now on everything is attached that a recording has, until it is ended. */
int thaw_observation_split(struct thaw_observation *observation, bool on, struct thaw_error *error);

/* How it goes, and what it costs. Lists are static or live as long as the observation. */
struct thaw_observation_loss {
    const char *cause; /* "ring-buffer-full" */
    const char *what;  /* one line for people */
    uint64_t count;
    bool of_events; /* of the kernel's, of any process; else of one whose own events tell it, too */
};

struct thaw_observation_probe {
    const char *name;    /* of the probe table */
    const char *target;  /* file, or tracepoint */
    const char *reason;  /* why it is missing */
    const char *without; /* what is not measured so */
};

struct thaw_observation_state {
    uint64_t events;                            /* taken from the kernel */
    uint64_t bpf_ns;                            /* run time of the programs */
    uint64_t traps_ns;                          /* hits of uprobes times what one costs here */
    uint64_t interpreters;                      /* that are probed */
    uint64_t processes;                         /* that are followed */
    const struct thaw_observation_loss *losses; /* all causes, those at 0, too */
    size_t loss_count;
    const struct thaw_observation_probe *missing;
    size_t missing_count;
    bool requests_counted; /* the tracepoints for that are there */
};

void thaw_observation_state(struct thaw_observation *observation,
                            struct thaw_observation_state *ret);

void thaw_observation_free(struct thaw_observation *observation); /* NULL is fine */

#endif
