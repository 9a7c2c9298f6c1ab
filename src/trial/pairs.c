/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "trial/pairs.h"

static bool is_stopped(int descriptor)
{
    struct pollfd poll_stop = {.fd = descriptor, .events = POLLIN};

    return descriptor >= 0 && poll(&poll_stop, 1, 0) > 0;
}

/* 1 when stopped; then and on failure there is nothing to free. */
static int run_side(const struct thaw_pairs_options *options, int side, struct thaw_run *ret,
                    struct thaw_error *error)
{
    struct thaw_run_options run = options->sides[side];
    int code;

    run.stop = options->sides[THAW_ORIGINAL].stop;
    if (is_stopped(run.stop))
        return 1;
    code = thaw_run(&run, ret, error);
    if (code)
        return code;
    if (ret->end != THAW_RUN_STOPPED)
        code = thaw_run_check(
            ret, side == THAW_ORIGINAL ? "the original app's run" : "the changed app's run", error);
    else
        code = 1;
    if (code)
        thaw_run_free(ret);
    return code;
}

static int run_pair(const struct thaw_pairs_options *options, size_t number, struct thaw_pair *ret,
                    struct thaw_error *error)
{
    int first = number % 2 ? THAW_CHANGED : THAW_ORIGINAL, second = !first;
    int code;

    memset(ret, 0, sizeof(*ret));
    ret->number = number;
    code = run_side(options, first, &ret->sides[first], error);
    if (code)
        return code;
    code = run_side(options, second, &ret->sides[second], error);
    if (code)
        thaw_run_free(&ret->sides[first]);
    return code;
}

static void free_pair(struct thaw_pair *pair)
{
    thaw_run_free(&pair->sides[THAW_ORIGINAL]);
    thaw_run_free(&pair->sides[THAW_CHANGED]);
}

int thaw_trial_pairs(const struct thaw_pairs_options *options, struct thaw_error *error)
{
    struct thaw_pairs_progress progress = {.done = options->had};
    struct thaw_pair pair;
    uint64_t begun_ns;
    int code = 0;

    if (options->warm && options->had < options->most) {
        code = run_pair(options, 0, &pair, error);
        if (code)
            return code;
        free_pair(&pair);
    }
    begun_ns = thaw_clock_now_ns();
    while (!code && progress.done < options->most) {
        code = run_pair(options, progress.done, &pair, error);
        if (code)
            return code;
        progress.done++;
        progress.left_ns = (thaw_clock_now_ns() - begun_ns) / (progress.done - options->had) *
                           (options->most - progress.done);
        code = options->done(options->context, &pair, &progress, error);
        free_pair(&pair);
    }
    return code < 0 ? code : 0;
}
