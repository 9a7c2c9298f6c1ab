/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "capture/kernel_counters.h"
#include "capture/observation_parts.h"

/* Hits of probes times what a hit costs here; 0: not known. */
static uint64_t traps_ns(const struct thaw_observation *observation,
                         const struct thaw_kernel_account *accounts)
{
    uint64_t entries = 0;

    for (size_t i = 0; i < THAW_PROGRAM_PROBES; i++)
        entries += i == THAW_PROGRAM_RETURN ? 0 : accounts[i].runs;
    return entries * observation->trap_ns +
           accounts[THAW_PROGRAM_RETURN].runs * observation->trap_return_ns;
}

static void count_losses(struct thaw_observation *observation)
{
    uint64_t losses[THAW_LOSS_KINDS];

    thaw_programs_losses(observation->programs, losses);
    for (size_t i = 0; i < THAW_LOSS_KINDS; i++) {
        const struct thaw_kernel_loss_text *text = thaw_kernel_loss_text(i);

        thaw_told_count(&observation->told, text->cause, text->what, losses[i],
                        !thaw_kernel_loss_is_of_strangers(i));
    }
    thaw_told_count(&observation->told, "malformed",
                    "events from the kernel that could not be understood",
                    thaw_ring_malformed(observation->ring), true);
}

void thaw_observation_state(struct thaw_observation *observation,
                            struct thaw_observation_state *ret)
{
    struct thaw_kernel_account accounts[THAW_PROGRAM_KINDS];

    thaw_programs_accounts(observation->programs, accounts);
    count_losses(observation);
    *ret = (struct thaw_observation_state){
        .events = thaw_ring_events(observation->ring),
        .bpf_ns = thaw_kernel_accounts_ns(accounts),
        .traps_ns = traps_ns(observation, accounts),
        .interpreters = thaw_coverage_interpreters(observation->coverage),
        .processes = thaw_coverage_processes(observation->coverage),
        .losses = observation->told.losses.items,
        .loss_count = observation->told.losses.count,
        .missing = observation->told.missing.items,
        .missing_count = observation->told.missing.count,
        .requests_counted = observation->requests_counted,
    };
}
