/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_VMS_H
#define THAW_CAPTURE_VMS_H

#include <stdint.h>

#include "capture/kernel_record.h"
#include "capture/programs.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/* The virtual machine monitors of a session: what KVM tells of their guests, and what was counted.
 */
struct thaw_vms;

/*
 * Attaches to KVM's tracepoints where there are any: before a monitor is seen, as from opening
 * /dev/kvm to the guest's first mark may take less than it takes to attach. How that went is
 * stored only once there is a monitor. Both must outlive it.
 */
int thaw_vms_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                  struct thaw_vms **ret, struct thaw_error *error);

/* A monitor did something; its event is stored by the caller. */
int thaw_vms_seen(struct thaw_vms *vms, uint32_t process, struct thaw_error *error);

/* A process ended: stores what was counted of it, if it was a monitor. */
int thaw_vms_left(struct thaw_vms *vms, uint32_t process, struct thaw_error *error);

/* Stores what was counted of all others. */
int thaw_vms_finish(struct thaw_vms *vms, struct thaw_error *error);

void thaw_vms_free(struct thaw_vms *vms); /* NULL is fine */

#endif
