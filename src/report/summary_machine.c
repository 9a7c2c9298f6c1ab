/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/summary.h"

/* What the machine gave to the start, and how it came to be there itself. */

enum {
    noticed_percent = 1, /* of the time: waiting less than that for a CPU is no news */
    most_signs = 4,
};

/* Sentence parts with commas between them. */
static const char *join(struct thaw_summary *summary, const char *text, const char *part)
{
    return thaw_summary_format(summary, "%s%s%s", text, *text ? "; " : "", part);
}

static const char *limit_words(struct thaw_summary *summary, const json_t *cpu)
{
    const json_t *limit = json_object_get(cpu, "limit");

    return json_is_number(limit)
               ? thaw_summary_format(summary, "%.3g of a core", json_number_value(limit))
               : "";
}

static const char *throttling_words(struct thaw_summary *summary, const json_t *cpu)
{
    uint64_t periods = thaw_summary_number(cpu, "throttled_periods");
    const json_t *process =
        thaw_summary_process(summary, thaw_summary_number(summary->track, "process"));
    const json_t *exec = json_array_get(json_object_get(process, "execs"), 0);
    uint64_t begun_ns = json_is_integer(exec) ? (uint64_t)json_integer_value(exec)
                                              : thaw_summary_number(process, "start_ns");
    bool late = thaw_summary_number(cpu, "from_ns") > begun_ns;

    if (periods)
        return thaw_summary_format(summary, "throttled %s%s in %" PRIu64 " of %" PRIu64 " periods",
                                   late ? "at least " : "",
                                   thaw_summary_duration(summary,
                                                         thaw_summary_number(cpu, "throttled_ns")),
                                   periods, thaw_summary_number(cpu, "periods"));
    if (!json_is_number(json_object_get(cpu, "limit")))
        return "";
    if (json_is_string(json_object_get(cpu, "throttling_unknown")))
        return thaw_summary_format(summary, "throttling not measured: %s",
                                   thaw_summary_text(summary, cpu, "throttling_unknown"));
    return "not throttled";
}

static const char *wait_words(struct thaw_summary *summary, const json_t *cpu)
{
    uint64_t wait_ns = thaw_summary_number(cpu, "cpu_wait_ns");
    uint64_t over_ns = thaw_summary_number(cpu, "waits_over_ns");
    bool limited = json_is_number(json_object_get(cpu, "limit"));

    if (limited && json_is_string(json_object_get(cpu, "waits_unknown")))
        return thaw_summary_format(summary, "waiting for a CPU not measured: %s",
                                   thaw_summary_text(summary, cpu, "waits_unknown"));
    if (!wait_ns || (!limited && wait_ns < over_ns / 100 * noticed_percent))
        return "";
    return thaw_summary_format(summary, "its first thread waited for a CPU %s of %s",
                               thaw_summary_duration(summary, wait_ns),
                               thaw_summary_duration(summary, over_ns));
}

void thaw_summary_cpu(struct thaw_summary *summary)
{
    const json_t *cpu = json_object_get(summary->track, "cpu");
    const char *const parts[] = {
        limit_words(summary, cpu),
        throttling_words(summary, cpu),
        wait_words(summary, cpu),
    };
    const char *text = "";

    for (size_t i = 0; cpu && i < sizeof(parts) / sizeof(parts[0]); i++)
        if (*parts[i])
            text = join(summary, text, parts[i]);
    if (*text)
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "CPU: ", text);
}

static json_int_t at(const json_t *instant)
{
    return json_integer_value(json_object_get(instant, "at_ns"));
}

/* "62.3 ms", of what lies before the kernel's clock, too. */
static const char *distance(struct thaw_summary *summary, json_int_t ns)
{
    return thaw_summary_duration(summary, ns < 0 ? -(uint64_t)ns : (uint64_t)ns);
}

/* "init executed after 475.6 ms (± 0.2 ms, kernel log)" */
static const char *instant_words(struct thaw_summary *summary, const json_t *instant)
{
    static const struct {
        const char *what, *words;
    } names[] = {
        {"created", "made"},
        {"timekeeping", "timekeeping began"},
        {"init-forked", "init forked"},
        {"init-executed", "init executed"},
        {"resumed", "resumed from a snapshot"},
    };
    const char *what = thaw_summary_text(summary, instant, "what");
    const char *uncertainty =
        thaw_summary_duration(summary, thaw_summary_number(instant, "uncertainty_ns"));

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(what, names[i].what))
            what = names[i].words;
    return thaw_summary_format(summary, "%s %s %s (%s %s, %s)", what,
                               distance(summary, at(instant)),
                               at(instant) < 0 ? "before the kernel's clock began" : "after that",
                               summary->utf8 ? "\xC2\xB1" : "+-", uncertainty,
                               thaw_summary_text(summary, instant, "source"));
}

static bool has_sign(const json_t *machine, const char *begins)
{
    const json_t *sign;
    size_t i;

    json_array_foreach(json_object_get(machine, "signs"), i, sign)
    {
        const char *text = json_string_value(sign);

        if (text && !strncmp(text, begins, strlen(begins)))
            return true;
    }
    return false;
}

static const char *kind_words(struct thaw_summary *summary, const json_t *machine)
{
    const char *hypervisor = thaw_summary_text(summary, machine, "hypervisor");
    const char *signs = thaw_summary_joined(summary, machine, "signs", most_signs);
    const char *text = *hypervisor ? thaw_summary_format(summary, "virtual (%s)", hypervisor)
                                   : "no hypervisor seen";

    if (json_is_boolean(json_object_get(machine, "container")))
        text = thaw_summary_format(summary, "%s, %s", text,
                                   thaw_summary_is(machine, "container")
                                       ? "recorded in a container"
                                       : "recorded outside of containers");
    return *signs ? thaw_summary_format(summary, "%s; signs: %s", text, signs) : text;
}

static void write_log(struct thaw_summary *summary, const json_t *machine)
{
    const char *log = thaw_summary_text(summary, machine, "kernel_log");
    bool possible = has_sign(machine, "acpi device:") || has_sign(machine, "file:/dev/vmclock");

    if (!strcmp(log, "read"))
        return;
    if (!strcmp(log, "overwritten"))
        log = "no longer whole: its beginning is gone";
    thaw_summary_bullet(
        summary, THAW_STYLE_PLAIN,
        thaw_summary_format(summary, "The kernel's log is %s%s%s", log,
                            thaw_summary_is(machine, "resumed_from_snapshot")
                                ? ""
                                : ": whether the machine was resumed from a snapshot is not known",
                            possible ? " (snapshots are possible here)" : ""));
}

/* Is the boot among the headline's phases? Else nobody asked for it: the JSON has it. */
static bool shows_boot(const struct thaw_summary *summary)
{
    const json_t *first = json_array_get(json_object_get(summary->track, "phases"), 0);
    const char *name = json_string_value(json_object_get(first, "name"));

    return name && !strcmp(name, "vm");
}

void thaw_summary_machine(struct thaw_summary *summary)
{
    const json_t *machine = json_object_get(summary->report, "machine"), *instant;
    size_t i;

    if (!shows_boot(summary) || !json_is_string(json_object_get(machine, "kernel_log")))
        return;
    thaw_summary_title(summary, "This machine");
    thaw_summary_bullet(summary, THAW_STYLE_PLAIN, kind_words(summary, machine));
    json_array_foreach(json_object_get(machine, "boot"), i, instant)
    {
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN, instant_words(summary, instant));
    }
    if (thaw_summary_number(machine, "suspended_ns"))
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(
                summary, "asleep for %s since it booted",
                thaw_summary_duration(summary, thaw_summary_number(machine, "suspended_ns"))));
    write_log(summary, machine);
}
