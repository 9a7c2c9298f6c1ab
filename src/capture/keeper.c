/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "capture/hold.h"
#include "capture/keeper.h"

#define TICK_MS 50
#define ROUNDS_BEHIND 10 /* looked for stragglers so often after thaw is gone */
#define NS_PER_MS UINT64_C(1000000)

int thaw_keeper_enable(const struct thaw_keeper_view *view, bool enabled)
{
    struct thaw_kernel_hold settings = {.enabled = enabled};
    uint32_t zero = 0;

    return bpf_map_update_elem(view->settings, &zero, &settings, BPF_ANY) ? -errno : 0;
}

/* Off the list first: the kernel may put the same process on it again at once. */
void thaw_keeper_continue(const struct thaw_keeper_view *view, uint32_t process)
{
    bpf_map_delete_elem(view->held, &process);
    kill((pid_t)process, SIGCONT);
}

/* Continues those that were held at or before an instant; how many. */
static uint64_t continue_held(const struct thaw_keeper_view *view, uint64_t until_ns)
{
    uint32_t list[THAW_KERNEL_HELD], process, *previous = NULL;
    uint64_t count = 0, since_ns;

    while (count < THAW_KERNEL_HELD && !bpf_map_get_next_key(view->held, previous, &process)) {
        if (!bpf_map_lookup_elem(view->held, &process, &since_ns) && since_ns <= until_ns)
            list[count++] = process;
        previous = &process;
    }
    for (uint64_t i = 0; i < count; i++)
        thaw_keeper_continue(view, list[i]);
    return count;
}

static void close_others(const struct thaw_keeper_view *view)
{
    int most = (int)sysconf(_SC_OPEN_MAX);

    for (int i = 0; i < most && i < 65536; i++)
        if (i != view->alive && i != view->settings && i != view->held)
            close(i);
}

static _Noreturn void keep_to_the_end(const struct thaw_keeper_view *view)
{
    thaw_keeper_enable(view, false);
    for (int i = 0; i < ROUNDS_BEHIND; i++) {
        if (!continue_held(view, UINT64_MAX) && i > 1)
            break;
        poll(NULL, 0, TICK_MS / 5);
    }
    _exit(0);
}

_Noreturn void thaw_keeper_main(const struct thaw_keeper_view *view)
{
    struct pollfd wait = {.fd = view->alive, .events = POLLIN};
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* what ends or stops thaw's group is not for it */
    setsid();
    prctl(PR_SET_NAME, "thaw-keeper");
    close_others(view);
    for (;;) {
        uint64_t now = thaw_clock_now_ns(), expired;

        if (poll(&wait, 1, TICK_MS) != 0 && wait.revents)
            keep_to_the_end(view);
        expired = continue_held(view, now - THAW_HOLD_MOST_MS * NS_PER_MS);
        if (!expired)
            continue;
        thaw_keeper_enable(view, false); /* thaw hangs: it is not to hold any more */
        __atomic_add_fetch(view->expired, expired, __ATOMIC_RELAXED);
    }
}
