/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/mark_collector.h"

static bool add_execs(struct thaw_mark_collector *host)
{
    const struct thaw_timeline_process *process = host->process;

    for (size_t i = 0; i < process->exec_count; i++) {
        bool last = i + 1 == process->exec_count;

        if (!thaw_mark_collector_add(host, last ? THAW_MARK_HOST_EXEC : THAW_MARK_HOST_LAUNCH,
                                     process->execs[i], THAW_OBSERVED,
                                     thaw_mark_collector_words(host, "exec", process->pid)))
            return false;
    }
    return true;
}

static bool add_interpreter(struct thaw_mark_collector *host)
{
    struct thaw_mark interpreter = thaw_process_marks_find_interpreter(host);

    return !interpreter.time_ns ||
           thaw_mark_collector_add(host, THAW_MARK_HOST_INTERPRETER, interpreter.time_ns,
                                   interpreter.confidence, interpreter.words);
}

bool thaw_host_marks_collect(struct thaw_mark_collector *collector, uint32_t id)
{
    struct thaw_mark_collector host = thaw_mark_collector_of(collector, id);
    const struct thaw_event *listen = host.facts->listen;

    if (!add_execs(&host) || !add_interpreter(&host))
        return false;
    return !listen || thaw_mark_collector_add(&host, THAW_MARK_HOST_LISTEN, listen->time_ns,
                                              THAW_OBSERVED, thaw_listen_words(&host, listen));
}
