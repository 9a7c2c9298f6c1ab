/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_KEEPER_H
#define THAW_CAPTURE_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The keeper: a process of its own that outlives thaw for a moment. It knows nothing but the list
 * of held processes, in a map of the kernel's, and sees to it that none stays stopped.
 */
struct thaw_keeper_view {
    int alive;         /* of the keeper: hangs up when thaw is gone */
    int settings;      /* map `hold` */
    int held;          /* map `held` */
    uint64_t *expired; /* shared: processes that the keeper continued */
};

/*
 * The keeper's whole life: continues what was held for too long, and everything when thaw is gone.
 * Keeps no descriptor but those of the view, so that nothing else of thaw's lives on in it.
 */
_Noreturn void thaw_keeper_main(const struct thaw_keeper_view *view);

/* Lets the programs hold, or not any more. 0 or a negative errno. */
int thaw_keeper_enable(const struct thaw_keeper_view *view, bool enabled);

/* Continues one process and takes it off the list. */
void thaw_keeper_continue(const struct thaw_keeper_view *view, uint32_t process);

#endif
