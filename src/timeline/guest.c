/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "timeline/virtual_machines.h"

/*
 * A mark bounds the difference of the two clocks from both sides. The guest read its clock before
 * the first byte of the mark was written out, so the difference is at most that byte's time less
 * the instant in the mark; and it read it again when all of it had left the device, which the
 * monitor had written out by then, so it is at least the end's time less that instant.
 */
struct bounds {
    int64_t guest_ns;
    int64_t least;
    int64_t most;
    bool has_least;
};

struct clocks {
    THAW_ARRAY(struct bounds) marks;
    uint32_t contradicting;
};

/* More would not make it tighter, and each is held against each. */
enum { MARKS_MOST = 256 };

static bool difference(uint64_t host_ns, uint64_t guest_ns, int64_t *ret)
{
    return host_ns <= INT64_MAX && guest_ns <= INT64_MAX &&
           !__builtin_sub_overflow((int64_t)host_ns, (int64_t)guest_ns, ret);
}

/* When the mark of that instant had left the guest, 0 unknown. */
static uint64_t drained_ns(const struct thaw_timeline *guest, uint64_t guest_ns)
{
    const struct thaw_recording *recording = guest->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_CONSOLE_MARK && event->time_ns == guest_ns)
            return event->console_mark.drained_ns;
    }
    return 0;
}

static bool add_bounds(struct clocks *clocks, const struct thaw_timeline *guest,
                       const struct thaw_vm_mark *mark)
{
    struct bounds bounds = {.guest_ns = (int64_t)mark->guest_ns}, *slot;
    uint64_t drained = drained_ns(guest, mark->guest_ns);

    bounds.has_least = drained > 0;
    if (!difference(mark->first_ns, mark->guest_ns, &bounds.most) ||
        (drained && !difference(mark->last_ns, drained, &bounds.least)) ||
        (drained && bounds.least > bounds.most)) {
        clocks->contradicting++;
        return true;
    }
    slot = thaw_array_add(&clocks->marks);
    if (slot)
        *slot = bounds;
    return slot != NULL;
}

/* The offset that all marks agree with; if there is none, as the clocks drift, a wide one. */
static void find_offset(const struct clocks *clocks, struct thaw_guest *ret)
{
    int64_t least = INT64_MIN, most = INT64_MAX, lowest = INT64_MAX, highest = INT64_MIN;

    for (size_t i = 0; i < clocks->marks.count; i++) {
        const struct bounds *mark = &clocks->marks.items[i];

        most = mark->most < most ? mark->most : most;
        highest = mark->most > highest ? mark->most : highest;
        if (!mark->has_least)
            continue;
        ret->bounded = true;
        least = mark->least > least ? mark->least : least;
        lowest = mark->least < lowest ? mark->least : lowest;
    }
    ret->offset_ns = most;
    if (!ret->bounded)
        return;
    ret->drifts = least > most;
    if (ret->drifts) {
        least = lowest;
        most = highest;
    }
    ret->uncertainty_ns = ((uint64_t)most - (uint64_t)least) / 2 + 1;
    ret->offset_ns = least + (int64_t)(((uint64_t)most - (uint64_t)least) / 2);
}

/* How much the offset grows with the guest's time: any two marks bound it from both sides. */
static void find_drift(const struct clocks *clocks, struct thaw_guest *ret)
{
    double least = 0, most = 0;
    bool known = false;

    for (size_t i = 0; i < clocks->marks.count; i++) {
        for (size_t j = 0; j < clocks->marks.count; j++) {
            const struct bounds *first = &clocks->marks.items[i], *last = &clocks->marks.items[j];
            double elapsed = (double)(last->guest_ns - first->guest_ns), low, high;

            if (elapsed <= 0 || !first->has_least || !last->has_least)
                continue;
            low = ((double)last->least - (double)first->most) / elapsed;
            high = ((double)last->most - (double)first->least) / elapsed;
            least = !known || low > least ? low : least;
            most = !known || high < most ? high : most;
            known = true;
        }
    }
    ret->drift_known = known && least <= most;
    ret->drift_ppm = (least + most) / 2 * 1e6;
    ret->drift_uncertainty_ppm = (most - least) / 2 * 1e6;
}

/* --- to the host's clock --- */

/* What was before that clock began is put at its begin. */
static uint64_t moved(uint64_t ns, int64_t offset_ns)
{
    uint64_t back = offset_ns < 0 ? -(uint64_t)offset_ns : 0, sum;

    if (back)
        return ns > back ? ns - back : 0;
    return __builtin_add_overflow(ns, (uint64_t)offset_ns, &sum) ? UINT64_MAX : sum;
}

/* What began before its clock did: by so much, with a start of 0. */
static void move_start(uint64_t *start_ns, uint64_t *before_ns, int64_t offset_ns)
{
    if (*before_ns && offset_ns > 0) {
        *start_ns = thaw_build_less((uint64_t)offset_ns, *before_ns);
        *before_ns = thaw_build_less(*before_ns, (uint64_t)offset_ns);
    } else {
        *start_ns = moved(*start_ns, offset_ns);
    }
}

/* Two levels, as the table of rules in phases.c has. */
static void move_phases(struct thaw_phase *phases, size_t count, int64_t offset_ns)
{
    for (size_t i = 0; i < count; i++) {
        move_start(&phases[i].start_ns, &phases[i].before_ns, offset_ns);
        phases[i].end_ns = moved(phases[i].end_ns, offset_ns);
        for (size_t j = 0; j < phases[i].child_count; j++) {
            struct thaw_phase *part = &phases[i].children[j];

            move_start(&part->start_ns, &part->before_ns, offset_ns);
            part->end_ns = moved(part->end_ns, offset_ns);
        }
    }
}

static void move_track(struct thaw_track *track, int64_t offset_ns)
{
    move_start(&track->start_ns, &track->before_ns, offset_ns);
    track->end_ns = moved(track->end_ns, offset_ns);
    move_phases(track->phases, track->phase_count, offset_ns);
    for (size_t i = 0; i < track->critical_step_count; i++) {
        struct thaw_critical_step *step = &track->critical_path[i];

        step->start_ns = moved(step->start_ns, offset_ns);
        step->end_ns = moved(step->end_ns, offset_ns);
    }
    if (track->critical_step_count)
        track->critical_path[0].start_ns = track->start_ns;
    for (size_t i = 0; i < track->beside_count; i++) {
        track->beside[i].start_ns = moved(track->beside[i].start_ns, offset_ns);
        track->beside[i].end_ns = moved(track->beside[i].end_ns, offset_ns);
    }
}

static void move(struct thaw_timeline *timeline, int64_t offset_ns)
{
    for (size_t i = 0; i < timeline->process_count; i++) {
        struct thaw_timeline_process *process = &timeline->processes[i];

        process->start_ns = moved(process->start_ns, offset_ns);
        for (size_t j = 0; j < process->exec_count; j++)
            process->execs[j] = moved(process->execs[j], offset_ns);
        if (process->end_ns)
            process->end_ns = moved(process->end_ns, offset_ns);
    }
    for (size_t i = 0; i < timeline->track_count; i++)
        move_track(&timeline->tracks[i], offset_ns);
    timeline->shifted = true;
}

/* --- whose guest it is --- */

static bool is_of(const struct thaw_vm_mark *mark, const char *session)
{
    return !strcmp(mark->session, session);
}

static struct thaw_virtual_machine *find_machine(struct thaw_timeline *host, const char *session)
{
    for (size_t i = 0; i < host->virtual_machine_count; i++) {
        for (size_t j = 0; j < host->virtual_machines[i].mark_count; j++) {
            if (is_of(&host->virtual_machines[i].marks[j], session))
                return &host->virtual_machines[i];
        }
    }
    return NULL;
}

static int complain(const struct thaw_timeline *host, const char *session, struct thaw_error *error)
{
    size_t marks = 0;

    for (size_t i = 0; i < host->virtual_machine_count; i++)
        marks += host->virtual_machines[i].mark_count;
    if (!*session)
        return thaw_error_set(error, -ENOENT,
                              "the guest's recording has no id: it is of an older thaw");
    if (marks)
        return thaw_error_set(error, -ENOENT,
                              "the guest's recording %s was not made in a guest of this one, which "
                              "has marks of other recordings only",
                              session);
    return thaw_error_set(error, -ENOENT,
                          "no mark of the guest's recording %s was seen from the outside: it takes "
                          "`thaw record --mark-console DEVICE` inside, while the monitor is "
                          "recorded",
                          session);
}

static int compare(const struct thaw_virtual_machine *machine, const struct thaw_timeline *guest,
                   struct thaw_guest *ret, struct thaw_error *error)
{
    struct clocks clocks = {0};
    bool enough = true;

    for (size_t i = 0; enough && i < machine->mark_count && clocks.marks.count < MARKS_MOST; i++) {
        if (is_of(&machine->marks[i], guest->session->session))
            enough = add_bounds(&clocks, guest, &machine->marks[i]);
    }
    if (enough) {
        find_offset(&clocks, ret);
        find_drift(&clocks, ret);
        ret->marks = (uint32_t)clocks.marks.count;
        ret->contradicting = clocks.contradicting;
    }
    thaw_array_free(&clocks.marks);
    if (!enough)
        return thaw_error_memory(error);
    return ret->marks ? 0
                      : thaw_error_set(error, -ENOENT,
                                       "the marks of the guest's recording contradict themselves");
}

int thaw_timeline_lay_guest(struct thaw_timeline *host, struct thaw_timeline *guest,
                            struct thaw_error *error)
{
    const char *session = guest->session ? guest->session->session : "";
    struct thaw_virtual_machine *machine = *session ? find_machine(host, session) : NULL;
    struct thaw_guest *laid;
    int code;

    if (guest->shifted)
        return thaw_error_set(error, -EINVAL, "this guest's recording is laid somewhere already");
    if (!machine)
        return complain(host, session, error);
    laid = thaw_arena_allocate(&host->memory->arena, sizeof(*laid));
    if (!laid)
        return thaw_error_memory(error);
    code = compare(machine, guest, laid, error);
    if (code)
        return code;
    if (laid->offset_ns > 0 &&
        !thaw_virtual_machine_begin_guest(host, machine, (uint64_t)laid->offset_ns))
        return thaw_error_memory(error);
    move(guest, laid->offset_ns);
    laid->timeline = guest;
    machine->guest = laid;
    return 0;
}
