/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/exchanges.h"
#include "timeline/mark_collector.h"
#include "timeline/servers.h"

/*
 * When a process started. The recorded command itself is forked by thaw, which then attaches its
 * probes and only after that lets it go: its start is its exec.
 */
static struct thaw_mark start_of(const struct thaw_mark_collector *collector, uint32_t id)
{
    const struct thaw_timeline_process *process = thaw_build_process(collector->build, id);
    const struct thaw_session_begin *session = collector->build->timeline->session;
    struct thaw_mark mark = {.time_ns = process->start_ns, .confidence = THAW_OBSERVED};
    bool is_command = !process->parent && session && session->command.count;

    switch (thaw_build_facts(collector->build, id)->start) {
    case THAW_START_FORK:
        mark.words = "fork";
        break;
    case THAW_START_PRESENT:
        mark.words = "present";
        mark.confidence = THAW_DERIVED;
        break;
    case THAW_START_EXEC:
        mark.words = "exec";
        mark.confidence = is_command ? THAW_OBSERVED : THAW_DERIVED;
        break;
    case THAW_START_SEEN:
        mark.words = "first event of";
        mark.confidence = THAW_ASSUMED;
        break;
    }
    if (is_command && process->exec_count) {
        mark.time_ns = process->execs[0];
        mark.words = "exec";
        mark.confidence = THAW_OBSERVED;
    }
    mark.words = thaw_mark_collector_words(collector, mark.words, process->pid);
    return mark;
}

/* The first of the workers that ended before they were ready, and that this one began anew. */
static uint32_t first_try_of(const struct thaw_mark_collector *collector)
{
    uint32_t first = collector->id, before;

    while ((before = thaw_build_facts(collector->build, first)->retry_of))
        first = before;
    return first;
}

bool thaw_process_marks_host(struct thaw_mark_collector *collector)
{
    uint32_t host = thaw_servers_host(collector->build, collector->id);
    uint32_t first_try = first_try_of(collector);
    const struct thaw_process_facts *facts;
    struct thaw_mark start;
    bool present;

    if (!host)
        return true;
    facts = thaw_build_facts(collector->build, host);
    present = facts->was_running && (!collector->facts->was_running || collector->warm);
    start = start_of(collector, host);
    if (!thaw_mark_collector_add(collector, present ? THAW_MARK_HOST_PRESENT : THAW_MARK_HOST,
                                 start.time_ns, start.confidence, start.words) ||
        (!present && !thaw_host_marks_collect(collector, host)))
        return false;
    if (first_try != collector->id) {
        start = start_of(collector, first_try);
        if (!thaw_mark_collector_add(collector, THAW_MARK_FIRST_TRY, start.time_ns,
                                     start.confidence, start.words))
            return false;
    }
    if (facts->first_worker == first_try)
        return true;
    start = start_of(collector, facts->first_worker);
    return thaw_mark_collector_add(collector, THAW_MARK_FURTHER, start.time_ns, start.confidence,
                                   start.words);
}

bool thaw_process_marks_start(struct thaw_mark_collector *collector)
{
    const struct thaw_timeline_process *process = collector->process;
    struct thaw_mark start = start_of(collector, collector->id);

    collector->start = start;
    if (!thaw_mark_collector_add(collector, THAW_MARK_WORKER, start.time_ns, start.confidence,
                                 start.words))
        return false;
    if (!process->exec_count) /* as far as is known it is the same program from the start */
        return thaw_mark_collector_add(collector, THAW_MARK_EXEC, start.time_ns, start.confidence,
                                       start.words);
    for (size_t i = 0; i < process->exec_count; i++) {
        bool last = i + 1 == process->exec_count;

        if (!thaw_mark_collector_add(collector, last ? THAW_MARK_EXEC : THAW_MARK_LAUNCH,
                                     process->execs[i], THAW_OBSERVED,
                                     thaw_mark_collector_words(collector, "exec", process->pid)))
            return false;
    }
    return true;
}

/* The end of `import site`, which closes the interpreter's own start; 0 not seen. */
static uint64_t site_end_of(const struct thaw_mark_collector *collector, uint64_t from_ns)
{
    for (size_t i = 0; i < collector->facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(collector->build, collector->facts, i);

        if (module->start_ns >= from_ns && !module->parent && !strcmp(module->name, "site"))
            return module->start_ns + module->total_ns;
    }
    return 0;
}

struct thaw_mark thaw_process_marks_find_interpreter(const struct thaw_mark_collector *collector)
{
    const struct thaw_timeline_process *process = collector->process;
    uint64_t from_ns = process->exec_count ? process->execs[process->exec_count - 1] : 0;
    uint64_t site_end_ns = site_end_of(collector, from_ns);
    struct thaw_mark mark = {.time_ns = collector->facts->main_ns,
                             .confidence = THAW_OBSERVED,
                             .words = "execute __main__"};

    for (size_t i = 0; site_end_ns && i < collector->facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(collector->build, collector->facts, i);

        if (module->start_ns < site_end_ns)
            continue;
        if (!mark.time_ns || module->start_ns < mark.time_ns)
            mark = (struct thaw_mark){.time_ns = module->start_ns,
                                      .confidence = THAW_DERIVED,
                                      .words = "first import after site"};
        return mark;
    }
    if (!mark.time_ns)
        mark = (struct thaw_mark){.time_ns = site_end_ns,
                                  .confidence = THAW_DERIVED,
                                  .words = "end of import site"};
    return mark;
}

bool thaw_process_marks_interpreter(struct thaw_mark_collector *collector, struct thaw_mark *ret)
{
    *ret = thaw_process_marks_find_interpreter(collector);
    return !ret->time_ns || thaw_mark_collector_add(collector, THAW_MARK_INTERPRETER, ret->time_ns,
                                                    ret->confidence, ret->words);
}

/* Was the worker in the middle of something when it was last seen? */
static bool is_busy(const struct thaw_mark_collector *collector)
{
    const struct thaw_build *build = collector->build;

    for (size_t i = 0; i < collector->facts->exchange_count; i++)
        if (!collector->exchanges[i].response)
            return true;
    for (size_t i = 0; i < collector->facts->module_count; i++) {
        uint32_t index = build->modules_by_process[collector->facts->first_module + i];
        enum thaw_module_cut cut = build->module_facts.items[index].cut;

        if (cut == THAW_CUT_EXIT || cut == THAW_CUT_OPEN)
            return true;
    }
    return false;
}

const char *thaw_process_marks_last_words(const struct thaw_mark_collector *collector)
{
    const struct thaw_timeline_process *process = collector->process;

    if (!process->end_ns)
        return "end of recording";
    return thaw_mark_collector_words(collector, process->exit_signal ? "killed" : "exit",
                                     process->pid);
}

bool thaw_process_marks_end(struct thaw_mark_collector *collector)
{
    const struct thaw_timeline_process *process = collector->process;
    const struct thaw_exchange *last = thaw_mark_collector_last_answer(collector, 0, UINT64_MAX);

    if (collector->facts->failure)
        return thaw_mark_collector_add(collector, THAW_MARK_END,
                                       collector->facts->failure->message.last_ns, THAW_OBSERVED,
                                       collector->facts->failure->message.type);
    if (!is_busy(collector) && last)
        return thaw_mark_collector_add(collector, THAW_MARK_END, thaw_exchange_answered_ns(last),
                                       THAW_OBSERVED, last->kind->response);
    if (process->end_ns)
        return thaw_mark_collector_add(collector, THAW_MARK_END, process->end_ns, THAW_OBSERVED,
                                       thaw_process_marks_last_words(collector));
    if (is_busy(collector))
        return thaw_mark_collector_add(collector, THAW_MARK_END, collector->build->observed_end_ns,
                                       THAW_DERIVED, "end of recording");
    return thaw_mark_collector_add(
        collector, THAW_MARK_END, collector->facts->last_ns, THAW_DERIVED,
        thaw_mark_collector_words(collector, "last event of", process->pid));
}
