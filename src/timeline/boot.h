/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_BOOT_H
#define THAW_TIMELINE_BOOT_H

#include "timeline/build.h"

/*
 * The machine's boot, put before the tracks whose beginning was seen: "vm", and "pool" for the time
 * until the host was started. Whether the machine was booted for this start, or for anything else
 * hours ago, nothing here tells: so "vm" is counted only where the user says so (--boot), and then
 * the start of the track is the machine's. A boot that lies before the resume of a snapshot is
 * never counted: it was not repeated.
 */
bool thaw_boot_build(struct thaw_build *build);

#endif
