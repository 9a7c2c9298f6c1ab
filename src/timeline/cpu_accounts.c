/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/cpu_accounts.h"

/* All accounts of a recording. */
struct accounts {
    const struct thaw_build *build;
    THAW_ARRAY(size_t) indexes; /* of their events */
};

/* Of which accounts something is looked for. */
struct search {
    const struct accounts *accounts;
    uint32_t process;  /* id, 0 whichever */
    const char *group; /* that counts throttling, NULL whichever */
};

/* An account, and when it was taken; NULL none was found. */
struct found {
    const struct thaw_cpu_account *account;
    uint64_t time_ns;
};

static bool is_wanted(const struct search *search, size_t index)
{
    const struct thaw_build *build = search->accounts->build;
    const struct thaw_cpu_account *account = &build->recording->events[index].cpu_account;

    if (search->process)
        return build->event_process[index] == search->process && account->has_waits;
    return account->counts_throttling && !strcmp(account->control_group, search->group);
}

/* The last one up to an instant, else the first one behind it. */
static struct found before(const struct search *search, uint64_t ns)
{
    struct found found = {0};

    for (size_t i = 0; i < search->accounts->indexes.count; i++) {
        size_t index = search->accounts->indexes.items[i];
        const struct thaw_event *event = &search->accounts->build->recording->events[index];

        if (is_wanted(search, index) && (!found.account || event->time_ns <= ns))
            found = (struct found){&event->cpu_account, event->time_ns};
    }
    return found;
}

/* The first one from an instant on, else the last one before it. */
static struct found after(const struct search *search, uint64_t ns)
{
    struct found found = {0};

    for (size_t i = 0; i < search->accounts->indexes.count; i++) {
        size_t index = search->accounts->indexes.items[i];
        const struct thaw_event *event = &search->accounts->build->recording->events[index];

        if (is_wanted(search, index) && (!found.account || found.time_ns < ns))
            found = (struct found){&event->cpu_account, event->time_ns};
    }
    return found;
}

/* Nothing of the start was after that account. */
static bool covers(const struct thaw_track *track, const struct found *last)
{
    return last->account && (last->account->final || last->time_ns >= track->end_ns);
}

/* Of what the process had used before, where that is not its start's: NULL account none of it. */
static struct found baseline(const struct accounts *accounts, uint32_t process, struct found first)
{
    const struct thaw_timeline_process *row = thaw_build_process(accounts->build, process);
    bool ran = thaw_build_facts(accounts->build, process)->was_running;

    if (ran || (row->exec_count && first.time_ns < row->execs[0]))
        return first;
    return (struct found){.time_ns = row->start_ns};
}

static void take_waits(const struct accounts *accounts, const struct thaw_track *track,
                       struct thaw_track_cpu *cpu)
{
    struct search search = {.accounts = accounts, .process = track->process};
    struct found last = after(&search, track->end_ns);
    struct found first = baseline(accounts, track->process, before(&search, 0));

    cpu->waits_unknown = NULL;
    if (!covers(track, &last)) {
        cpu->waits_unknown = "the process was not read after its start, as it had ended";
        return;
    }
    if (first.account == last.account) {
        cpu->waits_unknown = "the process ran before, and was read only once";
        return;
    }
    cpu->waits_over_ns = thaw_build_less(last.time_ns, first.time_ns);
    cpu->cpu_ns = last.account->cpu_ns;
    cpu->wait_ns = last.account->runqueue_ns;
    if (first.account) {
        cpu->cpu_ns = thaw_build_less(cpu->cpu_ns, first.account->cpu_ns);
        cpu->wait_ns = thaw_build_less(cpu->wait_ns, first.account->runqueue_ns);
    }
}

static void take_throttling(const struct accounts *accounts, const struct thaw_track *track,
                            struct thaw_track_cpu *cpu)
{
    struct search search = {.accounts = accounts, .group = cpu->control_group};
    struct found first = before(&search, track->start_ns);
    struct found last = after(&search, track->end_ns);

    cpu->throttling_unknown = NULL;
    if (!first.account) {
        cpu->throttling_unknown = "its control group does not count it";
        return;
    }
    if (first.account == last.account || !covers(track, &last)) {
        cpu->throttling_unknown = "its control group was not read after the start";
        return;
    }
    cpu->from_ns = first.time_ns;
    cpu->until_ns = last.time_ns;
    cpu->periods = thaw_build_less(last.account->periods, first.account->periods);
    cpu->throttled_periods =
        thaw_build_less(last.account->throttled_periods, first.account->throttled_periods);
    cpu->throttled_ns = thaw_build_less(last.account->throttled_ns, first.account->throttled_ns);
    if (!strcmp(first.account->pressure_of, last.account->pressure_of)) {
        cpu->pressure_ns = thaw_build_less(last.account->pressure_ns, first.account->pressure_ns);
        cpu->pressure_of = last.account->pressure_of;
    }
}

static bool add_account(struct thaw_build *build, const struct accounts *accounts,
                        struct thaw_track *track)
{
    struct search search = {.accounts = accounts, .process = track->process};
    struct found own = before(&search, 0);
    struct thaw_track_cpu *cpu;

    if (!own.account)
        return true;
    cpu = thaw_arena_allocate(&build->memory->arena, sizeof(*cpu));
    if (!cpu)
        return false;
    *cpu = (struct thaw_track_cpu){
        .control_group = own.account->control_group,
        .limit_millis = own.account->cpu_limit_millis,
        .pressure_of = "",
        .signs = own.account->signs,
    };
    take_waits(accounts, track, cpu);
    take_throttling(accounts, track, cpu);
    track->cpu = cpu;
    return true;
}

bool thaw_cpu_accounts_build(struct thaw_build *build)
{
    struct accounts accounts = {.build = build};
    bool enough = true;

    for (size_t i = 0; enough && i < build->recording->count; i++) {
        size_t *slot;

        if (build->recording->events[i].kind != THAW_EVENT_CPU_ACCOUNT)
            continue;
        slot = thaw_array_add(&accounts.indexes);
        enough = slot != NULL;
        if (slot)
            *slot = i;
    }
    for (size_t i = 0; enough && i < build->memory->tracks.count; i++)
        enough = add_account(build, &accounts, &build->memory->tracks.items[i]);
    thaw_array_free(&accounts.indexes);
    return enough;
}
