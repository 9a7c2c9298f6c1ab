/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/host_files.h"

/* What a file tells that a host opens. The resolver and the policy library of a .NET runtime come
 * before the runtime itself, and belong to its loading. */
enum told { TOLD_RUNTIME, TOLD_CONFIGURATION, TOLD_BUNDLE };

static const struct {
    const char *file;
    enum told told;
} files[] = {
    {"libcoreclr.so", TOLD_RUNTIME},
    {"host.json", TOLD_CONFIGURATION},
    {"worker.config.json", TOLD_CONFIGURATION},
    {"bundle.json", TOLD_BUNDLE},
    {"extensions.json", TOLD_BUNDLE},
};

static void take_file(struct thaw_process_facts *facts, const struct thaw_event *event)
{
    const struct thaw_event **places[] = {
        [TOLD_RUNTIME] = &facts->host_runtime,
        [TOLD_CONFIGURATION] = &facts->host_configuration,
        [TOLD_BUNDLE] = &facts->host_bundle,
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].file, event->host_file.file) != 0)
            continue;
        if (!*places[files[i].told])
            *places[files[i].told] = event;
        if (files[i].told != TOLD_RUNTIME)
            facts->host_opened_ns = event->time_ns;
    }
}

/* Is it of the program that started the workers, and before the first of them? */
static bool is_of_start(const struct thaw_build *build, const struct thaw_event *event,
                        uint32_t process)
{
    const struct thaw_timeline_process *host = thaw_build_process(build, process);
    uint32_t first = thaw_build_facts(build, process)->first_worker;

    return first && !strcmp(host->role, "host") &&
           event->time_ns < thaw_build_process(build, first)->start_ns &&
           (!host->exec_count || event->time_ns >= host->execs[host->exec_count - 1]);
}

bool thaw_host_files_build(struct thaw_build *build)
{
    for (size_t i = 0; i < build->recording->count; i++) {
        const struct thaw_event *event = &build->recording->events[i];
        uint32_t process = build->event_process[i];

        if (event->kind == THAW_EVENT_HOST_FILE && process && is_of_start(build, event, process))
            take_file(thaw_build_facts(build, process), event);
    }
    return true;
}
