/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/lookup.h"
#include "timeline/virtual_machines.h"

/* An instant that phases are cut at; time_ns 0: it was not seen. */
struct point {
    uint64_t time_ns;
    const char *words;
    enum thaw_confidence confidence;
};

struct cut {
    struct thaw_arena *arena;
    struct thaw_phase *phases; /* room enough */
    size_t count;
};

enum { PHASES_MOST = 4, PARTS_MOST = 3 };

static void add_phase(struct cut *cut, const char *name, struct point from, struct point to)
{
    if (!from.time_ns || to.time_ns <= from.time_ns)
        return;
    cut->phases[cut->count++] = (struct thaw_phase){
        .name = name,
        .start_ns = from.time_ns,
        .end_ns = to.time_ns,
        .counted = true,
        .confidence = from.confidence > to.confidence ? from.confidence : to.confidence,
        .within = "",
        .evidence = {from.words, to.words},
    };
}

/* Moved between the two, unless it was not seen. */
static struct point within(struct point point, struct point from, struct point to)
{
    if (point.time_ns && point.time_ns < from.time_ns)
        point.time_ns = from.time_ns;
    if (point.time_ns > to.time_ns)
        point.time_ns = to.time_ns;
    return point;
}

/* The first step of that kind, the last one before until_ns (0: of all), or none. */
static struct point step_point(const struct thaw_virtual_machine *machine, const char *what,
                               const char *words, uint64_t until_ns)
{
    struct point point = {.words = words};

    for (size_t i = 0; i < machine->step_count; i++) {
        const struct thaw_vm_step *step = &machine->steps[i];

        if (strcmp(step->what, what) != 0 || (until_ns && step->time_ns > until_ns))
            continue;
        point.time_ns = step->time_ns;
        if (!until_ns)
            break;
    }
    return point;
}

static bool is_end(const struct thaw_vm_step *step)
{
    static const char *const ends[] = {"halt", "shutdown", "failed-entry", "internal-error",
                                       "system-event"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (!strcmp(step->what, ends[i]))
            return true;
    }
    return false;
}

/* When the guest stopped running for good: known where all that it could be were recorded. */
static struct point guest_end(const struct thaw_virtual_machine *machine)
{
    struct point point = {0};
    uint64_t told = 0;

    for (size_t i = 0; i < machine->step_count; i++) {
        if (!is_end(&machine->steps[i]))
            continue;
        told++;
        point =
            (struct point){.time_ns = machine->steps[i].time_ns, .words = machine->steps[i].what};
    }
    if (!machine->counts || !machine->counts->observed || machine->counts->ends != told)
        return (struct point){0};
    return point;
}

static struct point start_point(struct thaw_arena *arena,
                                const struct thaw_timeline_process *monitor)
{
    bool executed = monitor->exec_count;
    uint64_t time_ns = executed ? monitor->execs[monitor->exec_count - 1] : monitor->start_ns;
    const char *words =
        thaw_arena_format(arena, "%s %u", executed ? "exec" : "start of", monitor->pid);

    return (struct point){time_ns, words, executed ? THAW_OBSERVED : THAW_DERIVED};
}

static struct point end_point(struct thaw_arena *arena, const struct thaw_timeline_process *monitor,
                              uint64_t observed_end_ns)
{
    if (!monitor->end_ns)
        return (struct point){observed_end_ns, "end of recording", THAW_DERIVED};
    return (struct point){monitor->end_ns,
                          thaw_arena_format(arena, "%s %u",
                                            monitor->exit_signal ? "killed" : "exit", monitor->pid),
                          THAW_OBSERVED};
}

static bool cut_creation(struct cut *cut, const struct thaw_virtual_machine *machine,
                         struct point begin, struct point run)
{
    struct point created = step_point(machine, "create", "KVM_CREATE_VM", 0);
    struct point last = step_point(machine, "vcpu", "last KVM_CREATE_VCPU", run.time_ns);
    struct thaw_phase *whole = &cut->phases[cut->count - 1];
    struct cut parts = {cut->arena,
                        thaw_arena_allocate(cut->arena, PARTS_MOST * sizeof(struct thaw_phase)), 0};

    if (!parts.phases)
        return false;
    created = within(created, begin, run);
    last = within(last, created.time_ns ? created : begin, run);
    add_phase(&parts, "create.machine", begin, created);
    add_phase(&parts, "create.processors", created, last);
    add_phase(&parts, "create.state", last, run);
    whole->children = parts.phases;
    whole->child_count = parts.count;
    return true;
}

static bool cut_with_kvm(struct cut *cut, const struct thaw_virtual_machine *machine,
                         struct point start, struct point end)
{
    struct point begin = step_point(machine, "open", "open /dev/kvm", 0);
    struct point run = step_point(machine, "run", "first KVM_RUN", 0);
    struct point stopped = guest_end(machine);

    if (!begin.time_ns) /* it got its descriptors from another process */
        begin = step_point(machine, "create", "KVM_CREATE_VM", 0);
    begin = within(begin, start, end);
    run = within(run, begin, end);
    stopped = within(stopped, run, end);
    add_phase(cut, "start", start, begin);
    add_phase(cut, "create", begin, run.time_ns ? run : end);
    if (run.time_ns && cut->count && !strcmp(cut->phases[cut->count - 1].name, "create") &&
        !cut_creation(cut, machine, begin, run))
        return false;
    add_phase(cut, "guest", run, stopped.time_ns ? stopped : end);
    if (run.time_ns)
        add_phase(cut, "exit", stopped, end);
    return true;
}

static void add_up(struct thaw_virtual_machine *machine)
{
    uint64_t sum_ns = 0;

    for (size_t i = 0; i < machine->phase_count; i++)
        sum_ns += machine->phases[i].end_ns - machine->phases[i].start_ns;
    machine->total_ns = machine->end_ns - machine->start_ns;
    machine->unattributed_ns = machine->total_ns - sum_ns;
}

static bool cut_phases(struct thaw_build *build, struct thaw_virtual_machine *machine)
{
    const struct thaw_timeline_process *monitor = thaw_build_process(build, machine->process);
    struct thaw_arena *arena = &build->memory->arena;
    struct point start = start_point(arena, monitor);
    struct point end = end_point(arena, monitor, build->observed_end_ns);
    struct cut cut = {arena, thaw_arena_allocate(arena, PHASES_MOST * sizeof(struct thaw_phase)),
                      0};

    if (!start.words || !end.words || !cut.phases)
        return false;
    if (end.time_ns < start.time_ns)
        end.time_ns = start.time_ns;
    machine->start_ns = start.time_ns;
    machine->end_ns = end.time_ns;
    machine->running = !monitor->end_ns;
    machine->phases = cut.phases;
    if (machine->kvm && !cut_with_kvm(&cut, machine, start, end))
        return false;
    machine->phase_count = cut.count;
    add_up(machine);
    return true;
}

bool thaw_virtual_machine_begin_guest(struct thaw_timeline *timeline,
                                      struct thaw_virtual_machine *machine, uint64_t clock_ns)
{
    struct thaw_arena *arena = &timeline->memory->arena;
    const struct thaw_timeline_process *monitor = &timeline->processes[machine->process - 1];
    struct point start = start_point(arena, monitor);
    struct point clock = {clock_ns, "the guest's clock began, by its marks", THAW_DERIVED};
    struct point end = end_point(arena, monitor, machine->end_ns);
    struct cut cut = {arena, machine->phases, 0};

    if (!start.words || !end.words)
        return false;
    if (machine->kvm || clock_ns < start.time_ns || clock_ns > end.time_ns)
        return true;
    add_phase(&cut, "start", start, clock);
    add_phase(&cut, "guest", clock, end);
    machine->phase_count = cut.count;
    add_up(machine);
    return true;
}

/* --- what is known of each --- */

static struct thaw_virtual_machine *machine_of(struct thaw_build *build, uint32_t process)
{
    struct thaw_process_facts *facts = thaw_build_facts(build, process);
    struct thaw_virtual_machine *machine;

    if (facts->vm)
        return &build->memory->virtual_machines.items[facts->vm - 1];
    machine = thaw_array_add(&build->memory->virtual_machines);
    if (!machine)
        return NULL;
    facts->vm = machine->id = (uint32_t)build->memory->virtual_machines.count;
    machine->process = process;
    if (!facts->role_told)
        thaw_build_process(build, process)->role = "monitor";
    return machine;
}

/* What a monitor wrote, another process may have written on (tee): the first one counts. */
static bool is_copy(const struct thaw_lookup *owners, const char *session, uint32_t process)
{
    return thaw_lookup_text(owners, session, process) != process;
}

/* Counts the steps and marks of each, or (filled) puts them where they belong. */
static bool take_event(struct thaw_build *build, struct thaw_lookup *owners, size_t index,
                       bool filled)
{
    const struct thaw_event *event = &build->recording->events[index];
    uint32_t process = build->event_process[index];
    struct thaw_virtual_machine *machine;

    if (!process || (event->kind != THAW_EVENT_VM && event->kind != THAW_EVENT_VM_COUNT &&
                     event->kind != THAW_EVENT_GUEST_MARK))
        return true;
    if (event->kind == THAW_EVENT_GUEST_MARK &&
        (is_copy(owners, event->guest_mark.session, process) ||
         !thaw_lookup_set_text(owners, event->guest_mark.session, process)))
        return is_copy(owners, event->guest_mark.session, process);
    machine = machine_of(build, process);
    if (!machine)
        return false;
    if (event->kind == THAW_EVENT_VM_COUNT) {
        machine->counts = &event->vm_count;
    } else if (event->kind == THAW_EVENT_VM) {
        if (filled)
            machine->steps[machine->step_count] =
                (struct thaw_vm_step){event->vm.what,  event->time_ns, event->tid,
                                      event->vm.value, event->vm.size, event->vm.port};
        machine->step_count++;
        machine->kvm = true;
    } else {
        if (filled)
            machine->marks[machine->mark_count] =
                (struct thaw_vm_mark){event->guest_mark.session, event->guest_mark.guest_ns,
                                      event->time_ns, event->guest_mark.last_ns};
        machine->mark_count++;
    }
    return true;
}

static bool take_events(struct thaw_build *build, bool filled)
{
    struct thaw_lookup owners = {0};
    bool enough = true;

    for (size_t i = 0; enough && i < build->recording->count; i++)
        enough = take_event(build, &owners, i, filled);
    thaw_lookup_free(&owners);
    return enough;
}

static bool make_room(struct thaw_build *build)
{
    struct thaw_arena *arena = &build->memory->arena;

    for (size_t i = 0; i < build->memory->virtual_machines.count; i++) {
        struct thaw_virtual_machine *machine = &build->memory->virtual_machines.items[i];

        machine->steps =
            thaw_arena_allocate(arena, (machine->step_count + 1) * sizeof(*machine->steps));
        machine->marks =
            thaw_arena_allocate(arena, (machine->mark_count + 1) * sizeof(*machine->marks));
        if (!machine->steps || !machine->marks)
            return false;
        machine->step_count = machine->mark_count = 0;
    }
    return true;
}

/* Was the same slot set anew later, before the guest ran? */
static bool is_replaced(const struct thaw_virtual_machine *machine, size_t index)
{
    for (size_t i = index + 1; i < machine->step_count; i++) {
        if (!strcmp(machine->steps[i].what, "memory") &&
            machine->steps[i].value == machine->steps[index].value)
            return true;
    }
    return false;
}

enum { MEMORIES_MOST = 128 }; /* capture tells fewer */

static void measure(struct thaw_virtual_machine *machine)
{
    uint64_t told = 0;

    for (size_t i = 0; i < machine->step_count; i++) {
        machine->vcpus += !strcmp(machine->steps[i].what, "vcpu");
        if (!strcmp(machine->steps[i].what, "memory") && told++ < MEMORIES_MOST &&
            !is_replaced(machine, i) &&
            __builtin_add_overflow(machine->memory_bytes, machine->steps[i].size,
                                   &machine->memory_bytes))
            told = MEMORIES_MOST;
    }
    if (!machine->counts || machine->counts->memories != told || told >= MEMORIES_MOST)
        machine->memory_bytes = 0; /* not all of it is known */
}

bool thaw_virtual_machines_build(struct thaw_build *build)
{
    if (!take_events(build, false) || !make_room(build) || !take_events(build, true))
        return false;
    for (size_t i = 0; i < build->memory->virtual_machines.count; i++) {
        measure(&build->memory->virtual_machines.items[i]);
        if (!cut_phases(build, &build->memory->virtual_machines.items[i]))
            return false;
    }
    return true;
}
