/* SPDX-License-Identifier: Apache-2.0 */
/* How an app was loaded, as its recording tells: by whom, from where, after what. */
#include <errno.h>
#include <string.h>

#include "platform/platform.h"
#include "timeline/paths.h"
#include "trial/prove.h"
#include "trial/search_paths.h"

#define MAIN "__main__"
#define IMPORT_PHASE "import"

struct finder {
    const struct thaw_timeline *timeline;
    struct thaw_arena *arena;
    const char *folder;
    const struct thaw_timeline_process *process;
    uint64_t begun_ns;  /* of the process's last program before the app */
    uint64_t until_ns;  /* end of the app's import, 0 unknown */
    uint64_t script_ns; /* start of the script */
    const char *script; /* NULL: none of the app's */
    size_t first;       /* index of the app's first module, or of the first one after the script's
                           start; module_count: none */
    bool failed;        /* memory was short */
};

/* Where a file of the app's lies, NULL: it is none, but a package's, say. */
static const char *own_file(struct finder *finder, const char *file)
{
    const char *inside = thaw_search_path_inside(finder->arena, finder->folder, file);

    finder->failed |= !inside;
    return inside && *inside && !thaw_path_packages(inside) ? inside : NULL;
}

/* --- process --- */

static const struct thaw_timeline_process *process_of(const struct thaw_timeline *timeline)
{
    const struct thaw_track *track = thaw_timeline_headline(timeline);
    uint32_t id = track ? track->process : 0;

    for (size_t i = 0; !id && i < timeline->module_count; i++) {
        if (strcmp(timeline->modules[i].owner, "app") == 0)
            id = timeline->modules[i].process;
    }
    if (!id && timeline->process_count)
        id = timeline->processes[0].id;
    return id && id <= timeline->process_count ? &timeline->processes[id - 1] : NULL;
}

/* The interpreter as it was called: a virtual environment's own name for it matters. */
static const char *executable_of(const struct finder *finder)
{
    const struct thaw_recording *recording = finder->timeline->recording;
    const char *found = NULL, *any = NULL;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_INTERPRETER && event->pid == finder->process->pid &&
            *event->interpreter.executable == '/')
            found = event->interpreter.executable;
        else if (event->kind == THAW_EVENT_INVENTORY_INTERPRETER && !any)
            any = event->inventory_interpreter.executable;
    }
    if (!found && *finder->process->python && *finder->process->executable == '/')
        found = finder->process->executable;
    return found ? found : any;
}

static bool is_elsewhere(const struct finder *finder)
{
    const struct thaw_recording *recording = finder->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        if (recording->events[i].kind == THAW_EVENT_INTERPRETER &&
            recording->events[i].pid == finder->process->pid &&
            recording->events[i].interpreter.other_root)
            return true;
    }
    return false;
}

/* --- the app's own code --- */

/* A program's path may be relative to where the session began. */
static const char *whole_path(const struct finder *finder, const char *file)
{
    const struct thaw_session_begin *session = finder->timeline->session;

    if (*file == '/' || !session || *session->directory != '/')
        return file;
    while (strncmp(file, "./", 2) == 0)
        file += 2;
    return thaw_arena_format(finder->arena, "%s/%s", session->directory, file);
}

static bool executed_between(const struct finder *finder, uint64_t from_ns, uint64_t to_ns)
{
    for (size_t i = 0; i < finder->process->exec_count; i++) {
        if (finder->process->execs[i] > from_ns && finder->process->execs[i] <= to_ns)
            return true;
    }
    return false;
}

/* The process's last program, if it is a file of the app's; what that runs as `__main__` itself is
 * none. */
static void find_script(struct finder *finder)
{
    const struct thaw_recording *recording = finder->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        const char *file;

        if (event->kind != THAW_EVENT_BODY_BEGIN || event->pid != finder->process->pid ||
            strcmp(event->body_begin.name, MAIN) ||
            (finder->script && !executed_between(finder, finder->script_ns, event->time_ns)))
            continue;
        file = whole_path(finder, event->body_begin.file);
        finder->failed |= !file;
        finder->script = file ? own_file(finder, file) : NULL;
        finder->script_ns = event->time_ns;
    }
}

/* End of the last of the phases in which the app was imported; later ones are first calls'. */
static uint64_t end_of_import(const struct thaw_phase *phases, size_t count)
{
    uint64_t end = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t within = end_of_import(phases[i].children, phases[i].child_count);

        if (strcmp(phases[i].name, IMPORT_PHASE) == 0 && phases[i].end_ns > within)
            within = phases[i].end_ns;
        end = within > end ? within : end;
    }
    return end;
}

static bool is_process_s(const struct finder *finder, const struct thaw_module *module)
{
    return module->process == finder->process->id &&
           (!module->timed || module->start_ns >= finder->begun_ns);
}

static bool is_app_s(struct finder *finder, const struct thaw_module *module)
{
    return is_process_s(finder, module) && strcmp(module->owner, "app") == 0 &&
           own_file(finder, module->file);
}

static void find_first(struct finder *finder)
{
    const struct thaw_timeline *timeline = finder->timeline;

    finder->first = timeline->module_count;
    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        bool after = finder->script ? is_process_s(finder, module) && module->timed &&
                                          module->start_ns >= finder->script_ns
                                    : is_app_s(finder, module);

        if (after) {
            finder->first = i;
            return;
        }
    }
}

/* The last program before the app's first module: what earlier ones had loaded is gone. */
static void find_beginning(struct finder *finder)
{
    const struct thaw_timeline *timeline = finder->timeline;
    uint64_t app_ns = finder->script ? finder->script_ns : 0;

    for (size_t i = 0; !app_ns && i < timeline->module_count; i++) {
        if (is_app_s(finder, &timeline->modules[i]) && timeline->modules[i].timed)
            app_ns = timeline->modules[i].start_ns;
    }
    for (size_t i = 0; i < finder->process->exec_count; i++) {
        if (finder->process->execs[i] <= app_ns && finder->process->execs[i] > finder->begun_ns)
            finder->begun_ns = finder->process->execs[i];
    }
}

/* Did none of the app's own code ask for it? */
static bool is_entry(struct finder *finder, const struct thaw_module *module)
{
    const struct thaw_module *asker = module;

    if (!is_app_s(finder, module) || module->status != THAW_MODULE_LOADED ||
        (finder->until_ns && module->timed && module->start_ns > finder->until_ns))
        return false;
    while (asker->parent) {
        asker = &finder->timeline->modules[asker->parent - 1];
        if (is_app_s(finder, asker))
            return false;
    }
    return true;
}

static int list_entries(struct finder *finder, struct thaw_prove_app *ret)
{
    const struct thaw_timeline *timeline = finder->timeline;
    struct thaw_prove_entry *entries;

    if (finder->script)
        return 0;
    entries = thaw_arena_allocate(finder->arena, (timeline->module_count + 1) * sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (is_entry(finder, module))
            entries[ret->entry_count++] =
                (struct thaw_prove_entry){module->name, own_file(finder, module->file)};
    }
    ret->entries = entries;
    return 0;
}

/* By name, each once: a module that was executed twice is there once. */
static int list_preloaded(const struct finder *finder, struct thaw_prove_app *ret)
{
    const struct thaw_timeline *timeline = finder->timeline;
    const char **names = thaw_arena_allocate(finder->arena, (finder->first + 1) * sizeof(*names));
    size_t count = 0;

    for (size_t i = 0; names && i < finder->first; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (is_process_s(finder, module) && module->status == THAW_MODULE_LOADED &&
            strcmp(module->name, MAIN))
            names[count++] = module->name;
    }
    ret->preloaded = names;
    return names ? 0 : -ENOMEM;
}

static int list_paths(const struct finder *finder, struct thaw_prove_app *ret)
{
    const struct thaw_search_paths_question question = {
        .timeline = finder->timeline,
        .process = finder->process->id,
        .begun_ns = finder->begun_ns,
        .first = finder->first,
        .folder = finder->folder,
        .script = finder->script,
    };

    return thaw_search_paths(&question, finder->arena, &ret->earlier_paths, &ret->paths);
}

int thaw_prove_app_of(const struct thaw_analysis *analysis, const char *folder,
                      struct thaw_arena *arena, struct thaw_prove_app *ret,
                      struct thaw_error *error)
{
    const struct thaw_timeline *timeline = analysis->timeline;
    const struct thaw_track *track = thaw_timeline_headline(timeline);
    struct finder finder = {.timeline = timeline, .arena = arena, .folder = folder};
    int code;

    finder.process = process_of(timeline);
    if (!finder.process)
        return thaw_error_set(error, -ENODATA, "the recording has no process of the app");
    if (is_elsewhere(&finder))
        return thaw_error_set(error, -ENODATA,
                              "the app ran in a container, whose files are not this machine's");
    if (track)
        finder.until_ns = end_of_import(track->phases, track->phase_count);
    *ret = (struct thaw_prove_app){.folder = folder,
                                   .executable = executable_of(&finder),
                                   .platform = thaw_platforms_find(timeline->platform)};
    if (!ret->executable)
        return thaw_error_set(error, -ENODATA, "the recording doesn't name the app's interpreter");
    find_script(&finder);
    find_beginning(&finder);
    find_first(&finder);
    code = list_entries(&finder, ret);
    ret->script = finder.script;
    if (!code && finder.failed)
        code = -ENOMEM;
    if (!code && !ret->script && !ret->entry_count)
        return thaw_error_set(error, -ENODATA,
                              "the recording has no module of the app in %s, and no script of it: "
                              "it can't be told how to load it",
                              folder);
    if (!code)
        code = list_preloaded(&finder, ret);
    if (!code)
        code = list_paths(&finder, ret);
    return code ? thaw_error_memory(error) : 0;
}
