/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BPF_OBSERVED_H
#define TESTS_BPF_OBSERVED_H

#include <stdbool.h>
#include <sys/types.h>

#include "capture/kernel_record.h"
#include "capture/programs.h"

/*
 * The programs of production, really loaded and attached, and what they told: of the whole machine,
 * so that tests ask for what they know of. Failures end the test.
 */

/* For a group's setup; 0, or 1 where eBPF is refused: then observed_programs() is NULL. */
int observed_open(void **state);
int observed_close(void **state);

/* Skips the test where eBPF is refused. */
struct thaw_programs *observed_programs(void);

/* Takes what was told so far, behind what was taken before. */
void observed_take(void);

/* The next record of a kind and process behind *position (0 the first), which is moved; NULL none.
 * process 0: any. */
const union thaw_kernel_record *observed_next(size_t *position, unsigned kind, pid_t process);

/* How many there are. */
size_t observed_count(unsigned kind, pid_t process);

/* Forgets all that was taken. */
void observed_forget(void);

uint64_t observed_loss(enum thaw_kernel_loss loss);

/* Does this kernel tell what is sent and received? */
bool observed_has_sockets(void);

#endif
