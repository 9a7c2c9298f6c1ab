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

static bool add_file(struct thaw_mark_collector *host, enum thaw_mark_kind kind, const char *what,
                     const struct thaw_event *event)
{
    return !event || thaw_mark_collector_add(host, kind, event->time_ns, THAW_OBSERVED,
                                             thaw_arena_format(&host->build->memory->arena, "%s %s",
                                                               what, event->host_file.file));
}

/* What it does from there on leads to its first worker, unless it goes on with its configuration.
 */
static bool add_listen(struct thaw_mark_collector *host)
{
    const struct thaw_event *listen = host->facts->listen;
    const char *words = listen ? thaw_listen_words(host, listen) : NULL;

    if (!listen)
        return true;
    return thaw_mark_collector_add(host, THAW_MARK_HOST_LISTEN, listen->time_ns, THAW_OBSERVED,
                                   words) &&
           (listen->time_ns < host->facts->host_opened_ns ||
            thaw_mark_collector_add(host, THAW_MARK_HOST_READY, listen->time_ns, THAW_OBSERVED,
                                    words));
}

bool thaw_host_marks_collect(struct thaw_mark_collector *collector, uint32_t id)
{
    struct thaw_mark_collector host = thaw_mark_collector_of(collector, id);

    return add_execs(&host) && add_interpreter(&host) &&
           add_file(&host, THAW_MARK_HOST_RUNTIME, "load", host.facts->host_runtime) &&
           add_file(&host, THAW_MARK_HOST_CONFIGURATION, "open", host.facts->host_configuration) &&
           add_file(&host, THAW_MARK_HOST_BUNDLE, "open", host.facts->host_bundle) &&
           add_listen(&host);
}
