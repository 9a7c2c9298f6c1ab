/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_SESSION_PROBES_H
#define THAW_CAPTURE_SESSION_PROBES_H

#include "capture/probes.h"
#include "capture/programs.h"
#include "capture/record.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * Attaches what a session has once, whatever runs in it: the kernel's tracepoints, less those that
 * the user leaves out. How each row went is stored; only a required one that fails is an error.
 */
int thaw_session_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                               enum thaw_observe observe, struct thaw_error *error);

/* The same of what an observation has (capture/observation.h), and of what it lacks of a recording:
 * that is the group THAW_LINKS_OF_SPLIT. */
int thaw_audit_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                             struct thaw_error *error);
int thaw_split_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                             struct thaw_error *error);

/*
 * Attaches to dlopen of a C library (path; any file that has it), and stores how that went.
 */
int thaw_library_probes_attach(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                               const char *path, struct thaw_error *error);

/* Stores how a row of the probe table went at a target; failure with code 0: it is attached. */
int thaw_probe_store(struct thaw_recording_writer *writer, const struct thaw_probe_row *row,
                     const char *target, const char *how, const struct thaw_error *failure,
                     struct thaw_error *error);

#endif
