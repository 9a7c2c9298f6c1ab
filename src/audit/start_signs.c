/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "audit/starts_private.h"

/* Whoever started a platform's worker is its host. */
static void become_worker(struct thaw_starts *starts, struct thaw_start_process *process)
{
    struct thaw_start_process *host =
        thaw_start_processes_find(&starts->processes, process->parent);

    process->worker = true;
    if (host)
        host->host = true;
}

static void take_role(struct thaw_starts *starts, struct thaw_start_process *process,
                      const struct thaw_process_role *role)
{
    if (*role->role && *role->platform)
        process->platform = thaw_platforms_find(role->platform);
    process->host |= !strcmp(role->role, "host");
    if (!strcmp(role->role, "worker"))
        become_worker(starts, process);
}

static bool has_message(const struct thaw_platform *platform, enum thaw_wire_meaning meaning)
{
    for (size_t i = 0; platform && i < platform->message_count; i++)
        if (platform->messages[i].meaning == meaning)
            return true;
    return false;
}

/* An invocation that nobody loaded a function for warms a placeholder up: one does. */
static bool is_first_reply(struct thaw_start_process *process, const struct thaw_message *message,
                           enum thaw_wire_meaning meaning)
{
    if (process->answered || meaning != THAW_WIRE_MEANING_INVOCATION_END || !message->outgoing)
        return false;
    process->replies++;
    return process->loaded || process->replies > 1 ||
           !has_message(process->platform, THAW_WIRE_MEANING_LOAD_END);
}

static bool is_workers(enum thaw_wire_meaning meaning)
{
    return meaning == THAW_WIRE_MEANING_HELLO || meaning == THAW_WIRE_MEANING_READY ||
           meaning == THAW_WIRE_MEANING_INIT_FAILED;
}

static void answer(struct thaw_starts *starts, struct thaw_start_process *process, uint64_t time_ns)
{
    struct thaw_start_tree *tree = process->tree;
    uint32_t above = process->parent;

    process->answered = true;
    if (!tree)
        return;
    if (!tree->replied_ns)
        tree->replied_ns = time_ns ? time_ns : 1;
    for (size_t i = 0; i < 8 && above; i++) {
        struct thaw_start_process *host = thaw_start_processes_find(&starts->processes, above);

        if (!host)
            break;
        host->had_workers = true;
        above = host->parent;
    }
    if (!process->started)
        starts->calls.started(starts->calls.context, process->pid);
    process->started = true;
}

static void take_message(struct thaw_starts *starts, struct thaw_start_process *process,
                         const struct thaw_event *event)
{
    const struct thaw_message *message = &event->message;
    const struct thaw_platform *platform =
        thaw_platforms_of_message(process->platform ? process->platform->name : "", message->type);
    enum thaw_wire_meaning meaning = thaw_platform_meaning(platform, message->type);
    bool is_response = false;

    if (!process->platform)
        process->platform = platform;
    if (message->outgoing && is_workers(meaning))
        become_worker(starts, process);
    process->linked = true;
    if (thaw_platform_exchange(platform, message->type, &is_response))
        process->waiting += is_response ? (process->waiting ? UINT32_MAX : 0) : 1;
    if (meaning == THAW_WIRE_MEANING_LOAD_BEGIN || meaning == THAW_WIRE_MEANING_LOAD_END ||
        meaning == THAW_WIRE_MEANING_SPECIALIZE_BEGIN)
        process->loaded = true;
    if (process->tree)
        process->tree->active_ns = event->time_ns;
    if (is_first_reply(process, message, meaning))
        answer(starts, process, message->last_ns);
}

/* Whoever accepted a connection is the one that answers, whoever asked but itself; of an encrypted
 * one no reply is seen. */
static void take_bytes(struct thaw_starts *starts, const struct thaw_event *event)
{
    const struct thaw_first_bytes *bytes = &event->first_bytes;
    struct thaw_start_process *acceptor =
        bytes->acceptor <= UINT32_MAX
            ? thaw_start_processes_find(&starts->processes, (uint32_t)bytes->acceptor)
            : NULL;

    if (!acceptor || !acceptor->tree || !acceptor->python || acceptor->tree->has_worker ||
        acceptor->answered || bytes->peer == acceptor->pid)
        return;
    if (bytes->outgoing)
        answer(starts, acceptor, event->time_ns);
    else if (bytes->encrypted && !acceptor->tree->replied_ns)
        acceptor->tree->replied_ns = event->time_ns;
}

void thaw_start_signs_take(struct thaw_starts *starts, struct thaw_start_process *process,
                           const struct thaw_event *event)
{
    if (event->kind == THAW_EVENT_PROCESS_ROLE)
        take_role(starts, process, &event->process_role);
    else if (event->kind == THAW_EVENT_INTERPRETER)
        process->python = true;
    else if (event->kind == THAW_EVENT_MESSAGE)
        take_message(starts, process, event);
    else if (event->kind == THAW_EVENT_FIRST_BYTES)
        take_bytes(starts, event);
    if (event->kind == THAW_EVENT_LISTEN || event->kind == THAW_EVENT_ACCEPT)
        process->server = true;
    if (process->tree) {
        process->tree->has_worker |= process->worker || process->host;
        process->tree->has_python |= process->python;
        process->tree->has_program |= process->python && process->executed_ns;
        process->tree->has_server |= process->python && process->server;
    }
}

/* Messages of a start that is under way, or begins anew. */
static bool begins_by_message(const struct thaw_start_process *process,
                              const struct thaw_message *message)
{
    enum thaw_wire_meaning meaning = thaw_platform_meaning(
        thaw_platforms_of_message(process->platform ? process->platform->name : "", message->type),
        message->type);

    switch (meaning) {
    case THAW_WIRE_MEANING_SPECIALIZE_BEGIN:
        return true;
    case THAW_WIRE_MEANING_HELLO:
    case THAW_WIRE_MEANING_INIT_BEGIN:
    case THAW_WIRE_MEANING_INIT_FAILED:
    case THAW_WIRE_MEANING_INDEX_BEGIN:
    case THAW_WIRE_MEANING_LOAD_BEGIN:
        return !process->answered && (process->present || !process->over);
    default:
        return false;
    }
}

bool thaw_start_signs_begin(const struct thaw_start_process *process,
                            const struct thaw_event *event)
{
    if (event->kind == THAW_EVENT_MESSAGE)
        return begins_by_message(process, &event->message);
    if (process->over)
        return false;
    if (event->kind == THAW_EVENT_INTERPRETER)
        return true;
    if (event->kind == THAW_EVENT_PROCESS_ROLE)
        return *event->process_role.role != '\0';
    return process->python &&
           (thaw_start_tree_is_import(event) || event->kind == THAW_EVENT_LISTEN ||
            event->kind == THAW_EVENT_ACCEPT || event->kind == THAW_EVENT_FIRST_BYTES);
}
