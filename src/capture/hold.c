/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "capture/hold.h"
#include "capture/keeper.h"

struct thaw_hold {
    struct thaw_keeper_view view;
    pid_t keeper;
    int alive; /* write end of a pipe that hangs up when this process is gone */
};

/* What the keeper counts is in memory that both see. */
static int share_counter(struct thaw_hold *hold)
{
    void *memory =
        mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return -errno;
    hold->view.expired = memory;
    return 0;
}

static int start_keeper(struct thaw_hold *hold)
{
    int pipe[2];

    if (pipe2(pipe, O_CLOEXEC))
        return -errno;
    hold->view.alive = pipe[0];
    hold->keeper = fork();
    if (hold->keeper == 0) {
        close(pipe[1]);
        thaw_keeper_main(&hold->view);
    }
    close(pipe[0]);
    hold->view.alive = -1;
    hold->alive = pipe[1];
    return hold->keeper < 0 ? -errno : 0;
}

int thaw_hold_open(const struct thaw_programs *programs, struct thaw_hold **ret,
                   struct thaw_error *error)
{
    struct thaw_hold *hold = calloc(1, sizeof(*hold));
    int code;

    if (!hold)
        return thaw_error_memory(error);
    hold->alive = hold->view.alive = -1;
    thaw_programs_hold_maps(programs, &hold->view.settings, &hold->view.held);
    code = share_counter(hold);
    if (!code)
        code = start_keeper(hold);
    if (!code)
        code = thaw_keeper_enable(&hold->view, true);
    if (code) {
        thaw_hold_close(hold);
        return thaw_error_system(error, code, "preparing to hold processes");
    }
    *ret = hold;
    return 0;
}

void thaw_hold_release(struct thaw_hold *hold, pid_t process)
{
    thaw_keeper_continue(&hold->view, (uint32_t)process);
}

bool thaw_hold_holds(const struct thaw_hold *hold, pid_t process)
{
    uint32_t key = (uint32_t)process;
    uint64_t since_ns;

    return hold && !bpf_map_lookup_elem(hold->view.held, &key, &since_ns);
}

uint64_t thaw_hold_expired(const struct thaw_hold *hold)
{
    return *hold->view.expired;
}

void thaw_hold_close(struct thaw_hold *hold)
{
    if (!hold)
        return;
    thaw_keeper_enable(&hold->view, false);
    if (hold->alive >= 0)
        close(hold->alive);
    if (hold->keeper > 0) /* it continues what is held before it ends */
        while (waitpid(hold->keeper, NULL, 0) < 0 && errno == EINTR)
            ;
    if (hold->view.expired)
        munmap(hold->view.expired, sizeof(uint64_t));
    free(hold);
}
