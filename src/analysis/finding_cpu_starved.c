/* SPDX-License-Identifier: Apache-2.0 */
/* cpu-starved: the process wanted to run and was not let. */
#include "analysis/findings.h"

/* On a quiet machine waiting for a CPU is 1 or 2 % of a start; a fifth is what a user can feel and
 * what no other finding explains. */
#define LEAST_NS 50000000u
#define LEAST_WAIT_SHARE 0.2
#define LEAST_THROTTLED_SHARE 0.1

static bool can_find(const struct thaw_analysis *analysis)
{
    const struct thaw_track_cpu *cpu = analysis->memory->track->cpu;

    return cpu && (!cpu->waits_unknown || !cpu->throttling_unknown);
}

static bool waited(const struct thaw_track_cpu *cpu)
{
    double wanted_ns = (double)cpu->cpu_ns + (double)cpu->wait_ns;

    return !cpu->waits_unknown && cpu->wait_ns >= LEAST_NS &&
           (double)cpu->wait_ns >= LEAST_WAIT_SHARE * wanted_ns;
}

static bool was_throttled(const struct thaw_track_cpu *cpu)
{
    return !cpu->throttling_unknown && cpu->until_ns > cpu->from_ns &&
           cpu->throttled_ns >= LEAST_NS &&
           (double)cpu->throttled_ns >=
               LEAST_THROTTLED_SHARE * (double)(cpu->until_ns - cpu->from_ns);
}

static void add_evidence(struct thaw_analysis *analysis, const struct thaw_track_cpu *cpu,
                         struct thaw_finding *finding)
{
    if (cpu->limit_millis)
        thaw_finding_evidence(analysis, finding,
                              thaw_finding_text(analysis,
                                                "its control group is limited to %.2f CPU",
                                                (double)cpu->limit_millis / 1000));
    if (was_throttled(cpu))
        thaw_finding_evidence(analysis, finding,
                              thaw_finding_text(analysis,
                                                "throttled in %llu of %llu periods, %.0f ms",
                                                (unsigned long long)cpu->throttled_periods,
                                                (unsigned long long)cpu->periods,
                                                thaw_finding_ms(cpu->throttled_ns)));
    if (waited(cpu))
        thaw_finding_evidence(
            analysis, finding,
            thaw_finding_text(analysis,
                              "its first thread ran for %.0f ms and waited for a CPU for %.0f ms",
                              thaw_finding_ms(cpu->cpu_ns), thaw_finding_ms(cpu->wait_ns)));
}

static bool find(struct thaw_analysis *analysis)
{
    const struct thaw_track_cpu *cpu = analysis->memory->track->cpu;
    struct thaw_finding *finding;

    if (!waited(cpu) && !was_throttled(cpu))
        return true;
    finding = thaw_finding_add(analysis, &thaw_finding_cpu_starved.kind);
    if (!finding)
        return false;
    finding->title = was_throttled(cpu)
                         ? "the start is throttled: it needs more CPU than it may use"
                         : "the start waits for a CPU that others use";
    finding->risk = "safe";
    finding->fix = was_throttled(cpu)
                       ? "give it more CPU while it starts (a higher limit; on Lambda more memory)"
                       : "run fewer processes beside it while it starts, or on more CPUs";
    add_evidence(analysis, cpu, finding);
    return !analysis->memory->short_of_memory;
}

const struct thaw_finding_row thaw_finding_cpu_starved = {
    .kind =
        {
            .id = "cpu-starved",
            .severity = "warning",
            .title = "the start is throttled, or waits for a CPU",
            .needs = "the process's CPU account, before and after its start",
            .explanation = "The process was ready to run, and did not: its control group had used "
                           "up what it may "
                           "use in a period (throttled), or other processes had the CPUs. "
                           "Everything takes longer "
                           "then, by the same factor, and times of single modules say little.\n"
                           "\n"
                           "Imports keep one CPU busy. With a limit of half a CPU they take twice "
                           "as long, and in "
                           "steps: it runs for 50 ms, then stands still for 50.\n"
                           "\n"
                           "Saving: not predicted; it is not the app's code that has to change.\n"
                           "\n"
                           "How to change it: a higher limit (Kubernetes: resources.limits.cpu, or "
                           "no limit but a "
                           "request), on AWS Lambda more memory (a full CPU comes with 1,769 MB), "
                           "fewer workers "
                           "that start at once. Libraries that start a thread for each CPU of the "
                           "machine use up "
                           "a small limit faster: OPENBLAS_NUM_THREADS=1, OMP_NUM_THREADS=1.\n"
                           "\n"
                           "Risk: none for the app; it may cost more, or less, as it ends sooner.",
        },
    .can_find = can_find,
    .find = find,
};
