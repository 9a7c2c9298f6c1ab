/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "audit/libcrypto.h"
#include "audit/place.h"
#include "audit/redaction.h"
#include "capture/control_group_path.h"
#include "capture/tree.h"
#include "platform/platform.h"
#include "python/standard_modules.h"

/* Processes that are known at once, and those of them that have ended. */
#define PROCESSES_MOST 8192
#define ENDED_MOST 512
#define APP_BYTES 200
/* Of the oldest ones, looked at for one that is gone without a word. */
#define LOOKS_MOST 64

struct process {
    uint32_t pid;
    struct thaw_place *place;
    bool asked; /* what it executes from now on depends on what it is asked */
    bool ended;
    bool is_host; /* of a platform: requests are its workers' */
    UT_hash_handle hh;
};

struct thaw_naming {
    struct thaw_naming_settings settings;
    struct thaw_redaction_key key;
    struct process *processes;
    uint32_t ended[ENDED_MOST]; /* pids; the oldest is replaced */
    size_t next_ended;
    char node[THAW_HOST_NAME_BYTES];
    uint32_t executed; /* who did last, in which folder (its last two parts) and control group */
    char folder[128];
    uint64_t control_group;
};

static int take_settings(struct thaw_naming *naming, const struct thaw_naming_settings *settings,
                         struct thaw_error *error)
{
    if (settings->redact && thaw_libcrypto_load() < 0)
        return thaw_error_set(error, -ENOSYS, "%s, which makes the hashes of redaction, is missing",
                              thaw_libcrypto_soname());
    if (settings->redact && !settings->key_bytes)
        return thaw_error_set(error, -EINVAL, "redaction needs a key");
    naming->settings = *settings;
    naming->key = (struct thaw_redaction_key){settings->key, settings->key_bytes};
    return 0;
}

int thaw_naming_open(const struct thaw_naming_settings *settings, struct thaw_naming **ret,
                     struct thaw_error *error)
{
    struct thaw_naming *naming = calloc(1, sizeof(*naming));
    int code;

    if (!naming)
        return thaw_error_memory(error);
    code = take_settings(naming, settings, error);
    if (code) {
        free(naming);
        return code;
    }
    if (gethostname(naming->node, sizeof(naming->node) - 1))
        naming->node[0] = '\0';
    *ret = naming;
    return 0;
}

/* NULL: what has those marks is shown as it is. */
static const struct thaw_redaction_key *key_of(const struct thaw_naming *naming, unsigned marks)
{
    return naming->settings.redact & marks ? &naming->key : NULL;
}

/* Memory that is short leaves the old name, or none. */
static void name_app(const struct thaw_naming *naming, struct thaw_place *place)
{
    struct thaw_arena arena = {0};
    char bytes[APP_BYTES];
    bool is_name = thaw_place_name(place, naming->settings.rules, naming->settings.rule_count,
                                   bytes, sizeof(bytes));
    unsigned marks = THAW_REDACT_NAMES | (is_name ? 0 : THAW_REDACT_PATHS);
    const char *shown = thaw_redaction_text(key_of(naming, marks), bytes, &arena);
    char *copy = shown ? strdup(shown) : NULL;

    if (copy) {
        free(place->app);
        place->app = copy;
    }
    thaw_arena_free(&arena);
}

int thaw_naming_change(struct thaw_naming *naming, const struct thaw_naming_settings *settings,
                       struct thaw_error *error)
{
    struct process *process, *next;
    int code = take_settings(naming, settings, error);

    if (code)
        return code;
    HASH_ITER(hh, naming->processes, process, next)
    {
        name_app(naming, process->place);
    }
    return 0;
}

static struct process *find(const struct thaw_naming *naming, uint32_t pid)
{
    struct process *process;

    HASH_FIND(hh, naming->processes, &pid, sizeof(pid), process);
    return process;
}

static void forget(struct thaw_naming *naming, struct process *process)
{
    HASH_DEL(naming->processes, process);
    thaw_place_release(process->place);
    free(process);
}

static void make_room(struct thaw_naming *naming)
{
    struct process *process, *next;
    size_t looks = 0;

    HASH_ITER(hh, naming->processes, process, next)
    {
        if (thaw_tree_is_gone(process->pid)) {
            forget(naming, process);
            return;
        }
        if (++looks == LOOKS_MOST)
            return;
    }
}

/* Takes the place over. */
static void add(struct thaw_naming *naming, uint32_t pid, struct thaw_place *place)
{
    struct process *process = find(naming, pid);

    if (process)
        forget(naming, process);
    if (HASH_COUNT(naming->processes) >= PROCESSES_MOST)
        make_room(naming);
    process = place && HASH_COUNT(naming->processes) < PROCESSES_MOST ? calloc(1, sizeof(*process))
                                                                      : NULL;
    if (!process) {
        thaw_place_release(place);
        return;
    }
    process->pid = pid;
    process->place = place;
    HASH_ADD(hh, naming->processes, pid, sizeof(process->pid), process);
    if (!process->hh.tbl) {
        thaw_place_release(place);
        free(process);
    }
}

static void take_exec(struct thaw_naming *naming, const struct thaw_event *event)
{
    const char *folder = event->process_exec.folder;

    naming->executed = event->pid;
    naming->control_group = event->process_exec.control_group;
    snprintf(naming->folder, sizeof(naming->folder), "%s", folder ? folder : "");
}

/* The process is gone already: the kernel has said where it was. */
static void complete_place(const struct thaw_naming *naming, struct thaw_place *place)
{
    char group[PATH_MAX];

    if (!place->directory && *naming->folder)
        thaw_place_move(place, naming->folder);
    if (!place->control_group && thaw_control_group_path_of(naming->control_group, group))
        thaw_place_join(place, group);
}

static void look(struct thaw_naming *naming, uint32_t pid, const char *program, bool other_root)
{
    struct thaw_place *place = thaw_place_look(pid, program, other_root ? naming->node : NULL);

    if (place && naming->executed == pid)
        complete_place(naming, place);
    if (place)
        name_app(naming, place);
    add(naming, pid, place);
}

/* Known for as long as its start may still be told of. */
static void take_exit(struct thaw_naming *naming, struct process *process)
{
    struct process *oldest = find(naming, naming->ended[naming->next_ended]);

    process->ended = true;
    if (oldest && oldest->ended && oldest != process)
        forget(naming, oldest);
    naming->ended[naming->next_ended] = process->pid;
    naming->next_ended = (naming->next_ended + 1) % ENDED_MOST;
}

static void take_fork(struct thaw_naming *naming, const struct thaw_event *event)
{
    struct process *parent = find(naming, (uint32_t)event->process_fork.parent);
    struct process *old = find(naming, event->pid);

    if (parent && event->process_fork.parent != event->pid)
        add(naming, event->pid, thaw_place_share(parent->place));
    else if (old)
        forget(naming, old);
}

static void take_message(struct thaw_naming *naming, struct process *process,
                         const struct thaw_message *message)
{
    enum thaw_wire_meaning meaning =
        thaw_platform_meaning(thaw_platforms_of_message("", message->type), message->type);

    process->asked |= meaning == THAW_WIRE_MEANING_INVOCATION_BEGIN;
    if (meaning == THAW_WIRE_MEANING_SPECIALIZE_BEGIN)
        process->asked = false;
    if (*message->directory &&
        (meaning == THAW_WIRE_MEANING_INIT_BEGIN || meaning == THAW_WIRE_MEANING_INDEX_BEGIN ||
         meaning == THAW_WIRE_MEANING_SPECIALIZE_BEGIN)) {
        thaw_place_move(process->place, message->directory);
        name_app(naming, process->place);
    }
}

static void take_role(struct thaw_naming *naming, const struct thaw_event *event)
{
    const struct thaw_process_role *role = &event->process_role;
    struct process *process = find(naming, event->pid);

    if (!process && *role->role)
        look(naming, event->pid, "", true);
    process = find(naming, event->pid);
    if (process)
        process->is_host |= !strcmp(role->role, "host");
    if (process && *role->application) {
        thaw_place_move(process->place, role->application);
        name_app(naming, process->place);
    }
}

void thaw_naming_take(struct thaw_naming *naming, const struct thaw_event *event)
{
    struct process *process;

    if (event->kind == THAW_EVENT_PROCESS_FORK) {
        take_fork(naming, event);
        return;
    }
    if (event->kind == THAW_EVENT_PROCESS_ROLE) {
        take_role(naming, event);
        return;
    }
    if (event->kind == THAW_EVENT_PROCESS_EXEC)
        take_exec(naming, event);
    process = find(naming, event->pid);
    if (event->kind == THAW_EVENT_INTERPRETER && !process)
        look(naming, event->pid, event->interpreter.executable, event->interpreter.other_root);
    if (!process)
        return;
    if (event->kind == THAW_EVENT_PROCESS_EXEC)
        forget(naming, process);
    else if (event->kind == THAW_EVENT_PROCESS_EXIT)
        take_exit(naming, process);
    else if (event->kind == THAW_EVENT_MESSAGE)
        take_message(naming, process, &event->message);
    else if (event->kind == THAW_EVENT_FIRST_BYTES)
        process->asked |= !event->first_bytes.outgoing;
    else if (event->kind == THAW_EVENT_BODY_BEGIN && !process->asked)
        thaw_place_executed(process->place, event->pid, event->body_begin.file);
}

void thaw_naming_forget(struct thaw_naming *naming, uint32_t process)
{
    struct process *found = find(naming, process);

    if (found && !found->ended)
        forget(naming, found);
}

/* --- completing a start --- */

/* What of an identity is shown how. */
struct shown_text {
    const char **text;
    unsigned marks; /* 0: always as it is */
};

static const char *or_none(const char *text)
{
    return text ? text : "";
}

static int complete_identity(const struct thaw_naming *naming, const struct thaw_place *place,
                             struct thaw_start *start, struct thaw_arena *arena)
{
    struct thaw_start_identity *identity = &start->identity;
    struct shown_text texts[] = {
        {&identity->function, THAW_REDACT_NAMES},
        {&identity->platform, 0},
        {&identity->worker, 0},
        {&identity->python, 0},
        {&identity->program, THAW_REDACT_PATHS},
        {&identity->control_group, THAW_REDACT_PATHS},
        {&identity->container, 0},
        {&identity->pod, THAW_REDACT_NAMES},
        {&identity->unit, THAW_REDACT_NAMES},
        {&identity->host_name, THAW_REDACT_NAMES},
        {&identity->deployment, 0},
    };
    char deployment[THAW_DEPLOYMENT_BYTES] = "";

    if (place) {
        identity->control_group = or_none(place->control_group);
        identity->container = place->group.container;
        identity->pod = place->group.pod;
        identity->unit = place->group.unit;
        identity->host_name = place->host_name;
        if (start->answered)
            thaw_place_deployment(place, deployment);
        identity->deployment = deployment;
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        *texts[i].text = thaw_redaction_text(key_of(naming, texts[i].marks), *texts[i].text, arena);
        if (!*texts[i].text)
            return -ENOMEM;
    }
    return 0;
}

/* What nothing is known of goes by its program. */
static int complete_app(const struct thaw_naming *naming, const struct thaw_place *place,
                        struct thaw_start *start, struct thaw_arena *arena)
{
    const char *program = start->identity.program, *slash = strrchr(program, '/');

    if (place && place->app)
        start->identity.app = thaw_arena_string(arena, place->app);
    else
        start->identity.app =
            thaw_redaction_text(key_of(naming, THAW_REDACT_NAMES | THAW_REDACT_PATHS),
                                slash ? slash + 1 : program, arena);
    return start->identity.app ? 0 : -ENOMEM;
}

static int complete_imports(const struct thaw_naming *naming, struct thaw_start *start,
                            struct thaw_arena *arena)
{
    struct thaw_start_import *imports;

    if (!start->import_count)
        return 0;
    imports = thaw_arena_bytes(arena, start->import_count * sizeof(*imports));
    if (!imports)
        return -ENOMEM;
    memcpy(imports, start->imports, start->import_count * sizeof(*imports));
    for (size_t i = 0; i < start->import_count; i++) {
        bool own = thaw_standard_modules_hold(imports[i].name);

        imports[i].name = thaw_redaction_text(own ? NULL : key_of(naming, THAW_REDACT_MODULES),
                                              imports[i].name, arena);
        if (!imports[i].name)
            return -ENOMEM;
    }
    start->imports = imports;
    return 0;
}

int thaw_naming_complete(struct thaw_naming *naming, struct thaw_start *start,
                         struct thaw_arena *arena, struct thaw_error *error)
{
    const struct process *process = find(naming, start->process);
    const struct thaw_place *place = process ? process->place : NULL;
    const struct thaw_redaction_key *paths = key_of(naming, THAW_REDACT_PATHS);

    start->incomplete = thaw_redaction_line(paths, start->incomplete, arena);
    start->ended = thaw_redaction_line(paths, start->ended, arena);
    if (!start->incomplete || !start->ended || complete_app(naming, place, start, arena) ||
        complete_identity(naming, place, start, arena) || complete_imports(naming, start, arena))
        return thaw_error_memory(error);
    return 0;
}

const char *thaw_naming_app(const struct thaw_naming *naming, uint32_t process)
{
    const struct process *found = find(naming, process);

    return found && !found->is_host ? found->place->app : NULL;
}

const struct thaw_redaction_key *thaw_naming_paths(const struct thaw_naming *naming)
{
    return key_of(naming, THAW_REDACT_PATHS);
}

size_t thaw_naming_count(const struct thaw_naming *naming)
{
    return HASH_COUNT(naming->processes);
}

void thaw_naming_free(struct thaw_naming *naming)
{
    struct process *process, *next;

    if (!naming)
        return;
    HASH_ITER(hh, naming->processes, process, next)
    {
        forget(naming, process);
    }
    free(naming);
}
