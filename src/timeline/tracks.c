/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/marks.h"
#include "timeline/phases.h"
#include "timeline/servers.h"
#include "timeline/tracks.h"

typedef bool collect_marks(struct thaw_build *build, uint32_t process, struct thaw_marks *ret);

static bool add_track(struct thaw_build *build, uint32_t process, collect_marks *collect)
{
    struct thaw_track *track = thaw_array_add(&build->memory->tracks);
    struct thaw_marks marks = {0};
    bool enough;

    if (!track)
        return false;
    track->id = (uint32_t)build->memory->tracks.count;
    track->words = "";
    track->process = process;
    thaw_build_facts(build, process)->track = track->id;
    enough =
        collect(build, process, &marks) && thaw_phases_cut(&build->memory->arena, &marks, track);
    thaw_array_free(&marks.marks);
    return enough;
}

/* Of no platform, that is. */
static bool is_server(const struct thaw_build *build, uint32_t process)
{
    return !strcmp(thaw_build_process(build, process)->platform, THAW_SERVERS_PLATFORM);
}

static bool is_python(const struct thaw_build *build, uint32_t process)
{
    return thaw_build_facts(build, process)->interpreter ||
           thaw_build_facts(build, process)->module_count;
}

/* The command's own process when it is Python, else the first Python below it; 0 none. */
static uint32_t find_script(const struct thaw_build *build)
{
    for (uint32_t id = 1; id <= build->facts_count; id++)
        if (is_python(build, id))
            return id;
    return 0;
}

static void choose_headline(struct thaw_build *build)
{
    struct thaw_track *chosen = NULL;

    for (size_t i = 0; i < build->memory->tracks.count; i++) {
        struct thaw_track *track = &build->memory->tracks.items[i];

        if (!chosen || (track->answered && (!chosen->answered || track->end_ns < chosen->end_ns)))
            chosen = track;
    }
    if (chosen)
        chosen->headline = true;
}

bool thaw_tracks_build(struct thaw_build *build)
{
    uint32_t script;

    for (uint32_t id = 1; id <= build->facts_count; id++)
        if (!strcmp(thaw_build_process(build, id)->role, "worker") &&
            !add_track(build, id,
                       is_server(build, id) ? thaw_marks_of_server : thaw_marks_of_worker))
            return false;
    if (!build->memory->tracks.count && !thaw_build_is_log(build)) { /* durations are no start */
        script = find_script(build);
        if (script && !add_track(build, script, thaw_marks_of_script))
            return false;
    }
    choose_headline(build);
    return true;
}
