/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "recording/importtime_log.h"
#include "timeline/not_visible.h"
#include "timeline/servers.h"

static bool add(struct thaw_build *build, struct thaw_not_visible item)
{
    struct thaw_not_visible *row = thaw_array_add(&build->memory->not_visible);

    if (row)
        *row = item;
    return row != NULL;
}

static bool add_unseen(struct thaw_build *build)
{
    const struct thaw_platform *platform = thaw_platforms_find(build->timeline->platform);

    for (size_t i = 0; platform && i < platform->unseen_count; i++)
        if (!add(build, (struct thaw_not_visible){
                            .what = platform->unseen[i].what,
                            .why = platform->unseen[i].why,
                            .typical_ns = platform->unseen[i].typical_ns,
                            .source = platform->unseen[i].source,
                        }))
            return false;
    return true;
}

static bool is_importtime(const struct thaw_build *build)
{
    const struct thaw_session_begin *session = build->timeline->session;

    return thaw_build_is_log(build) || (session && !strcmp(session->backend, "importtime"));
}

static bool has_worker(const struct thaw_build *build, bool with_host)
{
    for (uint32_t id = 1; id <= build->facts_count; id++) {
        const struct thaw_timeline_process *worker = thaw_build_process(build, id);
        bool host = worker->parent &&
                    !strcmp(thaw_build_process(build, worker->parent)->role, "host") &&
                    !thaw_build_facts(build, worker->parent)->was_running;

        if (!strcmp(worker->role, "worker") && host == with_host)
            return true;
    }
    return false;
}

static bool has_encrypted(const struct thaw_build *build)
{
    for (uint32_t id = 1; id <= build->facts_count; id++) {
        const struct thaw_process_facts *facts = thaw_build_facts(build, id);

        if (facts->track && facts->asked && facts->asked->first_bytes.encrypted)
            return true;
    }
    return false;
}

static bool add_all(struct thaw_build *build, const struct thaw_not_visible *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!add(build, items[i]))
            return false;
    return true;
}

static bool add_sockets(struct thaw_build *build)
{
    return add(build, (struct thaw_not_visible){
                          .what = "the messages between host and worker, and the phases they bound",
                          .why = "the importtime backend sees no sockets",
                          .source = "",
                      });
}

static const struct thaw_probe *find_log(const struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;

    for (size_t i = 0; i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_PROBE &&
            !strcmp(recording->events[i].probe.name, THAW_IMPORTTIME_LOG_PROBE))
            return &recording->events[i].probe;
    return NULL;
}

/* What a log of CPython's own report does not even say. */
static bool add_log(struct thaw_build *build)
{
    static const struct thaw_not_visible names = {
        .what = "starts, phases, files, packages, and what imports a module that is there already",
        .why =
            "a log of -X importtime has names and durations alone, so that imports are shown one "
            "behind the other",
        .source = ""};
    static const struct thaw_not_visible processes = {
        .what = "which process imported what, where several wrote at once",
        .why = "the log names none: each head of a report is taken for another process",
        .source = ""};
    const struct thaw_probe *log = find_log(build);

    if (!add(build, names) || (build->facts_count > 1 && !add(build, processes)))
        return false;
    return !log || !*log->without ||
           add(build, (struct thaw_not_visible){
                          .what = log->without,
                          .why = "without an import and its time: passed over",
                          .source = "",
                      });
}

/* What CPython's own report does not say (facts: imports.md Q1, imports-2.md Q3). */
static bool add_importtime(struct thaw_build *build)
{
    static const struct thaw_not_visible items[] = {
        {.what = "modules loaded by importlib.import_module, the user's own file among them",
         .why = "CPython's report has only what the import statement loads",
         .source = ""},
        {.what = "which imports failed",
         .why = "CPython's report lists them like good ones",
         .source = ""},
        {.what = "which thread imported what, where several did at once",
         .why = "CPython's report has one nesting for all threads of a process",
         .source = ""},
    };

    return (thaw_build_is_log(build) ? add_log : add_sockets)(build) &&
           add_all(build, items, sizeof(items) / sizeof(items[0]));
}

bool thaw_not_visible_build(struct thaw_build *build)
{
    if (!add_unseen(build))
        return false;
    if (strcmp(build->timeline->platform, THAW_SERVERS_PLATFORM) && has_worker(build, false) &&
        !has_worker(build, true) &&
        !add(build, (struct thaw_not_visible){
                        .what = "the start of the host",
                        .why = "the host was not started within this recording",
                        .source = "",
                    }))
        return false;
    if (has_encrypted(build) && !add(build, (struct thaw_not_visible){
                                                .what = "the first reply",
                                                .why = "the connection is encrypted: a TLS "
                                                       "handshake can't be told from what follows",
                                                .source = "",
                                            }))
        return false;
    return !is_importtime(build) || add_importtime(build);
}
