/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/self.h"
#include "base/clock.h"

#define MISSING_MOST 32 /* probes told one by one: targets come from the machine */

enum kind { NUMBER, NANOSECONDS, TRUTH };

struct row {
    struct thaw_family_row family;
    enum kind kind;
    size_t offset;
};

#define AT(member) offsetof(struct thaw_self, member)
#define COUNTER THAW_FAMILY_COUNTER
#define GAUGE THAW_FAMILY_GAUGE

static const struct row rows[] = {
    {{"thaw_cpu_seconds", COUNTER, "seconds", "CPU time of thaw itself"}, NANOSECONDS, AT(cpu_ns)},
    {{"thaw_resident_memory_bytes", GAUGE, "bytes", "Resident memory of thaw itself"},
     NUMBER,
     AT(resident_bytes)},
    {{"thaw_bpf_run_seconds", COUNTER, "seconds",
      "Time that BPF programs of thaw ran, where the kernel tells"},
     NANOSECONDS,
     AT(bpf_ns)},
    {{"thaw_trap_seconds", COUNTER, "seconds",
      "Hits of probes in interpreters times what one costs on this machine"},
     NANOSECONDS,
     AT(traps_ns)},
    {{"thaw_events", COUNTER, "", "Events taken from the kernel"}, NUMBER, AT(events)},
    {{"thaw_interpreters_probed", GAUGE, "", "Interpreters whose imports are seen"},
     NUMBER,
     AT(interpreters)},
    {{"thaw_processes_followed", GAUGE, "", "Processes that are followed"}, NUMBER, AT(processes)},
    {{"thaw_requests_counted", GAUGE, "", "1 where requests of servers are counted by the kernel"},
     TRUTH,
     AT(requests_counted)},
    {{"thaw_starts_open", GAUGE, "", "Starts that are under way"}, NUMBER, AT(starts_open)},
    {{"thaw_starts_open_bytes", GAUGE, "bytes", "Memory of events of starts under way"},
     NUMBER,
     AT(starts_open_bytes)},
    {{"thaw_starts_seen", COUNTER, "", "Process trees that were followed"},
     NUMBER,
     AT(starts_seen)},
    {{"thaw_starts_incomplete", COUNTER, "", "Starts of which something is known to be missing"},
     NUMBER,
     AT(starts_incomplete)},
    {{"thaw_starts_given_up", COUNTER, "", "Starts given up for lack of memory or patience"},
     NUMBER,
     AT(starts_given_up)},
    {{"thaw_starts_passed_by", COUNTER, "", "Process trees that were no start of interest"},
     NUMBER,
     AT(starts_passed_by)},
    {{"thaw_events_left_out", COUNTER, "", "Events of starts with more than is kept of one"},
     NUMBER,
     AT(events_left_out)},
    {{"thaw_store_starts", COUNTER, "", "Starts put into the store"}, NUMBER, AT(store_starts)},
    {{"thaw_store_arrivals", COUNTER, "", "Rows of arrival times put into the store"},
     NUMBER,
     AT(store_arrivals)},
    {{"thaw_store_dropped", COUNTER, "", "Starts and rows that the store could not take in time"},
     NUMBER,
     AT(store_dropped)},
    {{"thaw_store_trimmed", COUNTER, "",
      "Oldest starts removed so that the store stays within its bounds"},
     NUMBER,
     AT(store_trimmed)},
    {{"thaw_store_waiting", GAUGE, "", "Starts and rows that wait for the store"},
     NUMBER,
     AT(store_waiting)},
    {{"thaw_store_failures", COUNTER, "", "Writes to the store that failed"},
     NUMBER,
     AT(store_failures)},
    {{"thaw_store_failing", GAUGE, "", "1 while the store can not be written"},
     TRUTH,
     AT(store_failing)},
    {{"thaw_store_bytes", GAUGE, "bytes", "Size of the store with its write-ahead log"},
     NUMBER,
     AT(store_bytes)},
    {{"thaw_delivery_queued", GAUGE, "", "Traces that wait to be delivered"}, NUMBER, AT(queued)},
    {{"thaw_delivery_queued_bytes", GAUGE, "bytes", "Their size"}, NUMBER, AT(queued_bytes)},
    {{"thaw_delivery_delivered", COUNTER, "", "Traces that were taken"}, NUMBER, AT(delivered)},
    {{"thaw_delivery_dropped", COUNTER, "", "Traces dropped for lack of room in the queue"},
     NUMBER,
     AT(delivery_dropped)},
    {{"thaw_delivery_refused", COUNTER, "", "Traces refused for good by the receiver"},
     NUMBER,
     AT(delivery_refused)},
    {{"thaw_delivery_retries", COUNTER, "", "Requests that were made again"},
     NUMBER,
     AT(delivery_retries)},
    {{"thaw_delivery_failing_seconds", GAUGE, "seconds", "How long nothing has been taken"},
     NANOSECONDS,
     AT(delivery_failing_ns)},
    {{"thaw_config_reloads", COUNTER, "", "Configurations taken over while running"},
     NUMBER,
     AT(reloads)},
    {{"thaw_config_reload_failures", COUNTER, "", "Configurations that were refused"},
     NUMBER,
     AT(reload_failures)},
    {{"thaw_clock_steps", COUNTER, "", "Jumps of the wall clock"}, NUMBER, AT(clock_steps)},
    {{"thaw_scrapes", COUNTER, "", "Requests to the metrics endpoint"}, NUMBER, AT(scrapes)},
    {{"thaw_system_calls_refused", COUNTER, "", "System calls of thaw that its filter refused"},
     NUMBER,
     AT(calls_refused)},
    {{"thaw_log_lines_untold", COUNTER, "", "Lines of the log that nobody took"},
     NUMBER,
     AT(lines_untold)},
};

void thaw_self_look(struct thaw_self *self)
{
    FILE *stream = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    self->cpu_ns = thaw_clock_own_cpu_ns();
    if (!stream)
        return;
    if (fscanf(stream, "%*u %lu", &pages) == 1)
        self->resident_bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    fclose(stream);
}

static double number_of(const struct thaw_self *self, const struct row *row)
{
    const char *place = (const char *)self + row->offset;
    uint64_t number;
    bool truth;

    if (row->kind == TRUTH) {
        memcpy(&truth, place, sizeof(truth));
        return truth;
    }
    memcpy(&number, place, sizeof(number));
    return row->kind == NANOSECONDS ? (double)number / 1e9 : (double)number;
}

static bool add(struct thaw_families *families, struct thaw_family *family,
                const struct thaw_label *labels, size_t count, double number)
{
    return family && thaw_family_add(families, family, labels, count, number);
}

/* Those of the machine's events, which may hit any start, and those of single processes. */
static bool add_losses(const struct thaw_self *self, struct thaw_families *families, bool of_events)
{
    static const struct thaw_family_row events = {"thaw_events_lost", COUNTER, "",
                                                  "Events that were lost, by cause"};
    static const struct thaw_family_row processes = {
        "thaw_processes_not_seen", COUNTER, "",
        "Processes of which something could not be seen, by cause; others were"};
    struct thaw_family *family = thaw_families_add(families, of_events ? &events : &processes);
    bool fine = family;

    for (size_t i = 0; fine && i < self->loss_count; i++) {
        const struct thaw_observation_loss *loss = &self->losses[i];

        if (loss->of_events == of_events)
            fine = add(families, family, &(struct thaw_label){"cause", loss->cause}, 1,
                       (double)loss->count);
    }
    return fine;
}

static bool add_missing(const struct thaw_self *self, struct thaw_families *families)
{
    static const struct thaw_family_row all = {"thaw_probes_missing", GAUGE, "",
                                               "Probes that could not be attached"};
    static const struct thaw_family_row each = {"thaw_probe_missing", GAUGE, "",
                                                "1 for a probe that could not be attached"};
    struct thaw_family *family = thaw_families_add(families, &all);
    bool fine = add(families, family, NULL, 0, (double)self->missing_count);

    family = fine ? thaw_families_add(families, &each) : NULL;
    fine = family;
    for (size_t i = 0; fine && i < self->missing_count && i < MISSING_MOST; i++) {
        const struct thaw_observation_probe *probe = &self->missing[i];
        const char *target = thaw_redaction_line(self->paths, probe->target, &families->arena);
        const struct thaw_label labels[] = {{"probe", probe->name}, {"target", target}};

        fine = target && add(families, family, labels, 2, 1);
    }
    return fine;
}

int thaw_self_families(const struct thaw_self *self, struct thaw_families *families,
                       struct thaw_error *error)
{
    static const struct thaw_family_row build = {"thaw_build", THAW_FAMILY_INFO, "",
                                                 "The version of thaw"};
    bool fine = add(families, thaw_families_add(families, &build),
                    &(struct thaw_label){"version", self->version}, 1, 1);

    for (size_t i = 0; fine && i < sizeof(rows) / sizeof(rows[0]); i++)
        fine = add(families, thaw_families_add(families, &rows[i].family), NULL, 0,
                   number_of(self, &rows[i]));
    fine = fine && add_losses(self, families, true) && add_losses(self, families, false) &&
           add_missing(self, families);
    return fine ? 0 : thaw_error_memory(error);
}
