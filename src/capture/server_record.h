/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_SERVER_RECORD_H
#define THAW_CAPTURE_SERVER_RECORD_H

#include "thaw/event.h"
#include "thaw/recording.h"

/* Makes the stored event of what a server did up to its first reply: kind and member of *ret. */
void thaw_server_record_event(const struct thaw_kernel_server *record, struct thaw_event *ret);

/* The same of a file that tells of a host's start; 0: one that this version does not know, else 1.
 */
int thaw_host_file_record_event(const struct thaw_kernel_host_file *record, struct thaw_event *ret);

#endif
