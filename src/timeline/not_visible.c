/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

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
    return build->timeline->session && !strcmp(build->timeline->session->backend, "importtime");
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

/* What CPython's own report does not say (facts: imports.md Q1, imports-2.md Q3). */
static bool add_importtime(struct thaw_build *build)
{
    static const struct thaw_not_visible items[] = {
        {.what = "the messages between host and worker, and the phases they bound",
         .why = "the importtime backend sees no sockets",
         .source = ""},
        {.what = "modules loaded by importlib.import_module, the user's own file among them",
         .why = "CPython's report has only what the import statement loads",
         .source = ""},
        {.what = "which imports failed",
         .why = "CPython's report lists them like good ones",
         .source = ""},
    };

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        if (!add(build, items[i]))
            return false;
    return true;
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
