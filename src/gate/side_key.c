/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "gate/side_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/* What a side was measured on. */

static void set(struct thaw_gate_side *side, unsigned part, const char *text)
{
    side->key.parts[__builtin_ctz(part)] = text;
}

static const char *get(const struct thaw_gate_side *side, unsigned part)
{
    return side->key.parts[__builtin_ctz(part)];
}

/* Python's version in the headline's process, or in the first that has one; "" none. */
static const char *python_of(const json_t *report)
{
    const json_t *processes = json_object_get(report, "processes"), *process;
    struct thaw_summary summary;
    const char *version;
    size_t i;

    thaw_summary_begin(&summary, report, NULL, NULL);
    process = thaw_summary_process(&summary, thaw_summary_number(summary.track, "process"));
    version = thaw_key_string(process, "python");
    for (i = 0; !*version && i < json_array_size(processes); i++)
        version = thaw_key_string(json_array_get(processes, i), "python");
    return version;
}

/* "3.11" of "3.11.2": what makes bytecode and extension modules another. */
static const char *minor_of(struct thaw_arena *arena, const char *version)
{
    const char *dot = strchr(version, '.');
    size_t length = dot ? (size_t)(dot - version) + 1 : 0;

    length += strspn(version + length, "0123456789");
    return thaw_arena_text(arena, version, length);
}

static int set_interpreter(struct thaw_gate_side *side, const json_t *run)
{
    const json_t *target = json_object_get(side->input->target, "target");
    const char *version = run ? python_of(run) : "";

    if (!*version)
        version = thaw_key_string(json_object_get(target, "python"), "version");
    set(side, THAW_GATE_KEY_INTERPRETER, minor_of(&side->arena, version));
    return get(side, THAW_GATE_KEY_INTERPRETER) ? 0 : -ENOMEM;
}

static void set_architecture(struct thaw_gate_side *side, const json_t *machine)
{
    const json_t *target = json_object_get(side->input->target, "target");
    const char *name = thaw_key_string(machine, "arch");

    set(side, THAW_GATE_KEY_ARCHITECTURE,
        *name ? name : thaw_key_string(json_object_get(target, "python"), "machine"));
}

static int set_lock_file(struct thaw_gate_side *side)
{
    const char *digest = side->input->lock_digest;

    if (!digest || !*digest)
        return 0;
    set(side, THAW_GATE_KEY_LOCK_FILE,
        thaw_arena_format(&side->arena, "%s:%s", side->input->lock_file, digest));
    return get(side, THAW_GATE_KEY_LOCK_FILE) ? 0 : -ENOMEM;
}

/* "AMD EPYC 7763, 2 CPUs" */
static int set_machine(struct thaw_gate_side *side, const json_t *machine)
{
    const char *model = side->input->cpu_model ? side->input->cpu_model : "";

    side->key.cpus = thaw_summary_number(machine, "cpus");
    if (!machine || (!*model && !side->key.cpus))
        return 0;
    if (side->key.cpus)
        model = thaw_arena_format(&side->arena, "%s%s%" PRIu64 " CPU%s", model, *model ? ", " : "",
                                  side->key.cpus, side->key.cpus == 1 ? "" : "s");
    set(side, THAW_GATE_KEY_MACHINE, model);
    return model ? 0 : -ENOMEM;
}

int thaw_gate_key_measured(struct thaw_gate_side *side)
{
    const json_t *run = thaw_gate_first_run(side);
    const json_t *machine = json_object_get(run, "machine");

    for (size_t i = 0; i < THAW_GATE_KEY_PARTS; i++)
        side->key.parts[i] = "";
    set_architecture(side, machine);
    set(side, THAW_GATE_KEY_KERNEL, thaw_key_string(machine, "kernel"));
    set(side, THAW_GATE_KEY_BACKEND, thaw_key_string(json_object_get(run, "run"), "backend"));
    return set_interpreter(side, run) < 0 || set_lock_file(side) < 0 ||
                   set_machine(side, machine) < 0
               ? -ENOMEM
               : 0;
}
