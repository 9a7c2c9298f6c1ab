/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/paths.h"
#include "timeline/roots.h"

/* More are not a description of one process, but a flood. */
#define ROOTS_MOST 256

static bool add_root(struct thaw_build *build, struct thaw_process_facts *facts,
                     const char *directory, const char *owner)
{
    size_t length = strlen(directory);
    struct thaw_root *root;

    while (length && directory[length - 1] == '/')
        length--;
    if (!length || facts->roots.count >= ROOTS_MOST)
        return true;
    for (size_t i = 0; i < facts->roots.count; i++) {
        root = &facts->roots.items[i];
        if (strlen(root->directory) == length && !memcmp(root->directory, directory, length) &&
            !strcmp(root->owner, owner))
            return true;
    }
    root = thaw_array_add(&facts->roots);
    if (!root)
        return false;
    root->directory = thaw_arena_text(&build->memory->arena, directory, length);
    root->owner = owner;
    return root->directory != NULL;
}

static bool add_roots(struct thaw_build *build, struct thaw_process_facts *facts,
                      const struct thaw_texts *directories, const char *owner)
{
    for (uint64_t i = 0; i < directories->count; i++)
        if (!add_root(build, facts, directories->items[i], owner))
            return false;
    return true;
}

struct installations {
    THAW_ARRAY(const struct thaw_inventory_interpreter *) rows;
};

/* The installation of the interpreter a process runs: by its path, else by its version. */
static const struct thaw_inventory_interpreter *
find_installation(const struct installations *installations,
                  const struct thaw_interpreter *interpreter)
{
    const struct thaw_inventory_interpreter *by_version = NULL;

    for (size_t i = 0; interpreter && i < installations->rows.count; i++) {
        const struct thaw_inventory_interpreter *row = installations->rows.items[i];

        if (!strcmp(row->executable, interpreter->executable))
            return row;
        if (*row->version && !strcmp(row->version, interpreter->version))
            by_version = row;
    }
    if (by_version)
        return by_version;
    return installations->rows.count == 1 ? installations->rows.items[0] : NULL;
}

static bool collect_installations(const struct thaw_recording *recording,
                                  struct installations *installations)
{
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_interpreter **row;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_INTERPRETER)
            continue;
        row = thaw_array_add(&installations->rows);
        if (!row)
            return false;
        *row = &recording->events[i].inventory_interpreter;
    }
    return true;
}

/* A process that executes nothing runs what its parent runs. */
static const struct thaw_interpreter *interpreter_of(const struct thaw_build *build, size_t index)
{
    const struct thaw_timeline_process *process = &build->memory->processes.items[index];

    while (!build->facts[index].interpreter && !process->exec_count && process->parent) {
        index = process->parent - 1;
        process = &build->memory->processes.items[index];
    }
    return build->facts[index].interpreter;
}

static bool find_installations(struct thaw_build *build)
{
    struct installations installations = {0};
    bool enough = collect_installations(build->recording, &installations);

    for (size_t i = 0; enough && i < build->facts_count; i++) {
        struct thaw_process_facts *facts = &build->facts[i];

        if (!facts->interpreter && !facts->module_count)
            continue;
        facts->installation = find_installation(&installations, interpreter_of(build, i));
        if (facts->installation)
            enough = add_roots(build, facts, &facts->installation->stdlib, "stdlib") &&
                     add_roots(build, facts, &facts->installation->sites, "package");
    }
    thaw_array_free(&installations.rows);
    return enough;
}

/* Messages name the app's folder, functions their own below it. */
static bool add_app_roots(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        const char *directory = "";

        if (event->kind == THAW_EVENT_MESSAGE)
            directory = event->message.directory;
        else if (event->kind == THAW_EVENT_FUNCTION)
            directory = event->function.directory;
        if (*directory && build->event_process[i] &&
            !add_root(build, thaw_build_facts(build, build->event_process[i]), directory, "app"))
            return false;
    }
    return true;
}

/* The folder of the script that runs as `__main__`, unless that is an installed program. */
static bool add_script_root(struct thaw_build *build, struct thaw_process_facts *facts,
                            const char *owner)
{
    const char *directory;

    if (*facts->main_file != '/' || *thaw_roots_owner(facts, facts->main_file))
        return true;
    directory = thaw_path_directory(&build->memory->arena, facts->main_file);
    return directory && add_root(build, facts, directory, owner);
}

/* As its process told it; else where its command was started, if its platform has it there. */
static const char *application_of(const struct thaw_build *build,
                                  const struct thaw_timeline_process *process,
                                  const struct thaw_process_facts *facts)
{
    const struct thaw_platform *platform = thaw_platforms_find(process->platform);
    const struct thaw_session_begin *session = build->timeline->session;
    bool same = platform && platform->works_in_app && session && session->command.count;

    if (*facts->application)
        return facts->application;
    return same ? session->directory : "";
}

static bool add_worker_root(struct thaw_build *build, uint32_t id)
{
    const struct thaw_timeline_process *process = thaw_build_process(build, id);
    struct thaw_process_facts *facts = thaw_build_facts(build, id);
    const char *directory = process->directory;
    const char *application = application_of(build, process, facts);

    if (*application && !add_root(build, facts, application, "app"))
        return false;
    if (!*directory && *facts->main_file == '/')
        directory = thaw_path_directory(&build->memory->arena, facts->main_file);
    return directory && add_root(build, facts, directory, "worker");
}

/* Processes a worker started run the same app. Parents come first: theirs is complete. */
static bool inherit_roots(struct thaw_build *build, struct thaw_process_facts *facts,
                          uint32_t parent)
{
    const struct thaw_process_facts *from = thaw_build_facts(build, parent);

    for (size_t i = 0; i < from->roots.count; i++) {
        const struct thaw_root *root = &from->roots.items[i];

        if ((!strcmp(root->owner, "app") || !strcmp(root->owner, "worker")) &&
            !add_root(build, facts, root->directory, root->owner))
            return false;
    }
    return true;
}

static bool add_plain_roots(struct thaw_build *build, uint32_t id)
{
    const struct thaw_timeline_process *process = thaw_build_process(build, id);
    struct thaw_process_facts *facts = thaw_build_facts(build, id);
    const struct thaw_session_begin *session = build->timeline->session;

    if (*build->timeline->platform)
        return strcmp(process->role, "process") != 0 || !process->parent ||
               inherit_roots(build, facts, process->parent);
    if (process->parent && !process->exec_count && !inherit_roots(build, facts, process->parent))
        return false;
    return (!session || add_root(build, facts, session->directory, "app")) &&
           add_script_root(build, facts, "app");
}

bool thaw_roots_build(struct thaw_build *build)
{
    if (!find_installations(build) || !add_app_roots(build))
        return false;
    for (uint32_t id = 1; id <= build->facts_count; id++) {
        bool worker = !strcmp(thaw_build_process(build, id)->role, "worker");

        if (!thaw_build_facts(build, id)->module_count &&
            !*build->timeline->platform) /* nothing to own */
            continue;
        if (!(worker ? add_worker_root(build, id) : add_plain_roots(build, id)))
            return false;
    }
    return true;
}

const char *thaw_roots_owner(const struct thaw_process_facts *facts, const char *path)
{
    size_t longest = thaw_path_packages(path);
    const char *owner = longest ? "package" : "";

    for (size_t i = 0; i < facts->roots.count; i++) {
        const struct thaw_root *root = &facts->roots.items[i];
        size_t length = strlen(root->directory);

        bool inner = length > longest || (length == longest && !strcmp(owner, "package"));

        if (inner && thaw_path_below(path, root->directory)) {
            longest = length;
            owner = root->owner;
        }
    }
    return owner;
}
