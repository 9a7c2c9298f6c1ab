/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/bpf.h>

#include "base/clock.h"
#include "capture/watchdog.h"

#define INTERVAL_NS UINT64_C(500000000)
#define NS_PER_S UINT64_C(1000000000)

/* One entry's rate since the last look; its count begins anew. */
static uint64_t take_rate(int map, const struct thaw_kernel_rate *key, uint64_t passed_ns)
{
    uint64_t hits = 0;

    if (bpf_map_lookup_elem(map, key, &hits))
        return 0;
    bpf_map_delete_elem(map, key);
    return hits * NS_PER_S / passed_ns;
}

/* The keys first: the map changes while it is walked. */
static size_t take_keys(int map, struct thaw_kernel_rate *keys, size_t most)
{
    const struct thaw_kernel_rate *previous = NULL;
    size_t count = 0;

    while (count < most && !bpf_map_get_next_key(map, previous, &keys[count]))
        previous = &keys[count++];
    return count;
}

size_t thaw_watchdog_look(struct thaw_watchdog *watchdog, struct thaw_watchdog_finding *ret,
                          size_t most)
{
    static struct thaw_kernel_rate keys[THAW_KERNEL_RATES];
    uint64_t now = thaw_clock_now_ns(), passed_ns = now - watchdog->looked_ns;
    int map = thaw_programs_rates(watchdog->programs);
    size_t found = 0, count;

    if (passed_ns < INTERVAL_NS)
        return 0;
    count = take_keys(map, keys, THAW_KERNEL_RATES);
    for (size_t i = 0; i < count; i++) {
        uint64_t rate = take_rate(map, &keys[i], passed_ns);

        if (watchdog->looked_ns && rate > THAW_WATCHDOG_HITS_MOST && keys[i].interpreter &&
            found < most)
            ret[found++] =
                (struct thaw_watchdog_finding){(pid_t)keys[i].tgid, keys[i].interpreter - 1, rate};
    }
    watchdog->looked_ns = now;
    return found;
}
