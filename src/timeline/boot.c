/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/boot.h"

/* A counter that was 0 longer before did not begin with this machine: it is a host's. */
#define CREATED_MOST_NS 600000000000

enum { parts_most = 4, phases_most = 3, instants_most = 64 };

/* What is known of the boot; NULL: nothing of that. */
struct boot {
    struct thaw_arena *arena;
    const struct thaw_machine_instant *created;     /* the latest of what sources say */
    const struct thaw_machine_instant *created_too; /* what another one says */
    const struct thaw_machine_instant *timekeeping;
    const struct thaw_machine_instant *init; /* its exec, else its fork */
    bool init_executed;
    const struct thaw_machine_instant *resumed;
    bool is_told; /* that the machine was booted for what is recorded */
    bool failed;  /* memory is short */
};

/* One track's phases before its own, and the parts of the first of them. */
struct cut {
    struct boot *boot;
    bool counted; /* the boot is part of the track's cold start */
    struct thaw_phase phases[phases_most];
    size_t count;
    struct thaw_phase *parts; /* parts_most */
    size_t part_count;
};

static void take_created(struct boot *boot, const struct thaw_machine_instant *instant)
{
    if (instant->at_ns > 0 || instant->at_ns < -CREATED_MOST_NS)
        return;
    if (!boot->created || instant->at_ns > boot->created->at_ns) {
        boot->created_too = boot->created;
        boot->created = instant;
    } else if (!boot->created_too) {
        boot->created_too = instant;
    }
}

static void take_instant(struct boot *boot, const struct thaw_machine_instant *instant)
{
    bool executed = !strcmp(instant->name, "init-executed");

    if (!strcmp(instant->name, "created"))
        take_created(boot, instant);
    else if (instant->at_ns <= 0)
        return;
    else if (!strcmp(instant->name, "timekeeping"))
        boot->timekeeping = instant;
    else if (executed || (!strcmp(instant->name, "init-forked") && !boot->init)) {
        boot->init = instant;
        boot->init_executed = executed;
    } else if (!strcmp(instant->name, "resumed"))
        boot->resumed = instant;
}

static bool collect(struct thaw_build *build, struct boot *boot)
{
    const struct thaw_recording *recording = build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_machine_instant *instant = &recording->events[i].machine_instant;
        const struct thaw_machine_instant **slot;
        size_t place;

        if (recording->events[i].kind != THAW_EVENT_MACHINE_INSTANT ||
            build->memory->boot.count == instants_most)
            continue;
        slot = thaw_array_add(&build->memory->boot);
        if (!slot)
            return false;
        for (place = build->memory->boot.count - 1; place; place--) {
            if (build->memory->boot.items[place - 1]->at_ns <= instant->at_ns)
                break;
            build->memory->boot.items[place] = build->memory->boot.items[place - 1];
        }
        build->memory->boot.items[place] = instant;
        take_instant(boot, instant);
    }
    return true;
}

static double milliseconds(int64_t ns)
{
    return (double)ns / 1e6;
}

/* "exec of init (kernel log, ± 0.2 ms)" */
static const char *words(struct boot *boot, const char *what,
                         const struct thaw_machine_instant *instant)
{
    const char *text =
        thaw_arena_format(boot->arena, "%s (%s, \xC2\xB1 %.1f ms)", what, instant->source,
                          milliseconds((int64_t)instant->uncertainty_ns));

    boot->failed |= !text;
    return text;
}

/* "61.9 ms before the kernel's clock (kvm-clock was 0, ± 0.0 ms), or 90.8 ms (TSC was 0, …)" */
static const char *created_words(struct boot *boot)
{
    const struct thaw_machine_instant *instant = boot->created, *other = boot->created_too;
    const char *what = thaw_arena_format(boot->arena, "%.1f ms before the kernel's clock",
                                         milliseconds(-instant->at_ns));
    const char *text = what ? words(boot, what, instant) : NULL;

    if (text && other) {
        what = thaw_arena_format(boot->arena, "%s, or %.1f ms", text, milliseconds(-other->at_ns));
        text = what ? words(boot, what, other) : NULL;
    }
    boot->failed |= !text;
    return text;
}

static const char *init_words(struct boot *boot)
{
    return words(boot, boot->init_executed ? "exec of init" : "fork of init, which executes later",
                 boot->init);
}

static struct thaw_phase *add(struct cut *cut, const char *name, int64_t start_ns, int64_t end_ns,
                              const char *start_words, const char *end_words)
{
    bool part = strchr(name, '.') != NULL;
    struct thaw_phase *phase;

    if (end_ns <= start_ns)
        return NULL; /* also of what may have taken no time at all */
    phase = part ? &cut->parts[cut->part_count++] : &cut->phases[cut->count++];
    *phase = (struct thaw_phase){
        .name = name,
        .start_ns = start_ns < 0 ? 0 : (uint64_t)start_ns,
        .end_ns = (uint64_t)end_ns,
        .before_ns = start_ns < 0 ? (uint64_t)-start_ns : 0,
        .confidence = start_ns < 0 ? THAW_ASSUMED : THAW_DERIVED,
        .within = "",
        .evidence = {start_words, end_words},
    };
    return phase;
}

/* Up to the exec of init, or, as far as it belongs to the boot, to end_ns. */
static void add_boot(struct cut *cut, int64_t end_ns, const char *end_words, bool counted)
{
    static const char *const zero = "the kernel's clock is 0";
    struct boot *boot = cut->boot;
    const char *start_words = boot->created ? created_words(boot) : zero, *between = zero;
    int64_t start_ns = boot->created ? boot->created->at_ns : 0, at_ns = 0;
    struct thaw_phase *phase = add(cut, "vm", start_ns, end_ns, start_words, end_words);

    if (!phase)
        return;
    add(cut, "vm.before-kernel-clock", start_ns, 0, start_words, zero);
    if (boot->timekeeping && boot->timekeeping->at_ns <= end_ns) {
        at_ns = boot->timekeeping->at_ns;
        between = words(boot, "timekeeping begins", boot->timekeeping);
        add(cut, "vm.early-kernel", 0, at_ns, zero, between);
    }
    if (boot->init && boot->init->at_ns > end_ns) {
        add(cut, "vm.kernel", at_ns, end_ns, between, end_words);
    } else if (boot->init) {
        add(cut, "vm.kernel", at_ns, boot->init->at_ns, between, init_words(boot));
        add(cut, "vm.init", boot->init->at_ns, end_ns, init_words(boot), end_words);
    }
    phase->counted = counted;
    phase->children = cut->parts;
    phase->child_count = cut->part_count;
    for (size_t i = 0; i < cut->part_count; i++)
        cut->parts[i].counted = counted;
}

/* The machine is there: it starts what is recorded, or waits for it, for all that is known. */
static void add_wait(struct cut *cut, int64_t from_ns, const char *from_words, int64_t start_ns,
                     const char *start_words)
{
    struct thaw_phase *phase =
        add(cut, cut->counted ? "vm" : "pool", from_ns, start_ns, from_words, start_words);

    if (!phase)
        return;
    phase->counted = cut->counted;
    phase->confidence = cut->counted ? THAW_DERIVED : THAW_ASSUMED;
}

/* What lies before start_ns, the beginning of the track. */
static void cut_boot(struct cut *cut, int64_t start_ns, const char *start_words)
{
    struct boot *boot = cut->boot;
    const struct thaw_machine_instant *resumed = boot->resumed;

    if (resumed && resumed->at_ns < start_ns) {
        const char *text = words(boot, "resume of a snapshot", resumed);

        add_boot(cut, resumed->at_ns, text, false);
        add_wait(cut, resumed->at_ns, text, start_ns, start_words);
    } else if (boot->init && boot->init->at_ns >= start_ns) {
        return; /* sources that contradict each other */
    } else if (cut->counted) {
        add_boot(cut, start_ns, start_words, true);
    } else if (boot->init) {
        add_boot(cut, boot->init->at_ns, init_words(boot), false);
        if (boot->init_executed) /* else the rest of the kernel's start is in it as well */
            add_wait(cut, boot->init->at_ns, init_words(boot), start_ns, start_words);
    } else if (boot->timekeeping && boot->timekeeping->at_ns < start_ns) {
        add_boot(cut, boot->timekeeping->at_ns,
                 words(boot, "timekeeping begins", boot->timekeeping), false);
    }
}

static bool prepend(struct thaw_arena *arena, const struct cut *cut, struct thaw_track *track)
{
    size_t count = cut->count + track->phase_count;
    struct thaw_phase *phases = thaw_arena_allocate(arena, (count + 1) * sizeof(*phases));

    if (!phases)
        return false;
    for (size_t i = 0; i < cut->count; i++) {
        const struct thaw_phase *phase = &cut->phases[i];

        phases[i] = *phase;
        if (phase->counted) {
            track->total_ns += phase->end_ns - phase->start_ns + phase->before_ns;
            if (phase->start_ns < track->start_ns) {
                track->start_ns = phase->start_ns;
                track->before_ns = phase->before_ns;
            }
        }
    }
    if (track->phase_count)
        memcpy(phases + cut->count, track->phases, track->phase_count * sizeof(*phases));
    track->phases = phases;
    track->phase_count = count;
    return true;
}

static bool was_seen(const struct thaw_build *build, uint32_t process, bool is_told)
{
    enum thaw_process_start start = thaw_build_facts(build, process)->start;

    return start == THAW_START_FORK || start == THAW_START_EXEC ||
           (start == THAW_START_PRESENT && is_told);
}

/* Is the track's beginning that of its host, or (where the user says so) of the command? */
static bool begins_here(const struct thaw_build *build, const struct thaw_track *track,
                        bool is_told)
{
    uint32_t host = thaw_build_process(build, track->process)->parent;
    bool has_host = host && !strcmp(thaw_build_process(build, host)->role, "host");

    if (!track->phase_count || !track->start_ns || track->start_ns > INT64_MAX)
        return false;
    return has_host ? was_seen(build, host, is_told)
                    : is_told && was_seen(build, track->process, is_told);
}

static bool put_before(struct boot *boot, struct thaw_track *track)
{
    /* A placeholder's start is not its customer's, and neither is its machine's. */
    struct cut cut = {.boot = boot, .counted = boot->is_told && track->phases[0].counted};

    cut.parts = thaw_arena_allocate(boot->arena, parts_most * sizeof(*cut.parts));
    if (!cut.parts)
        return false;
    cut_boot(&cut, (int64_t)track->start_ns, track->phases[0].evidence[0]);
    return !boot->failed && (!cut.count || prepend(boot->arena, &cut, track));
}

bool thaw_boot_build(struct thaw_build *build)
{
    struct boot boot = {.arena = &build->memory->arena};

    boot.is_told = build->timeline->machine && build->timeline->machine->boot;
    if (!collect(build, &boot))
        return false;
    if (boot.init && boot.timekeeping && boot.init->at_ns < boot.timekeeping->at_ns)
        boot.init = NULL; /* the fork, in steps of 10 ms: it can't be told from the other */
    for (size_t i = 0; i < build->memory->tracks.count; i++) {
        struct thaw_track *track = &build->memory->tracks.items[i];

        if (begins_here(build, track, boot.is_told) && !put_before(&boot, track))
            return false;
    }
    return true;
}
