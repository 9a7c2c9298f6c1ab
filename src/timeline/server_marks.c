/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/mark_collector.h"
#include "timeline/paths.h"
#include "timeline/roots.h"
#include "timeline/servers.h"

/* Further windows are part of the last one. */
#define WINDOWS_MOST 64
#define WORTH_SAYING_NS 1000000

/* A time in which the app's own files are executed. */
struct window {
    const char *name; /* of the first module */
    uint64_t start_ns;
    uint64_t end_ns;
    bool inferred;
};

struct windows {
    struct window items[WINDOWS_MOST];
    size_t count;
};

/* The kinds of marks by whose program it is about. */
struct program_kinds {
    enum thaw_mark_kind import, imported, last;
};

/* A program like /venv/bin/gunicorn, wherever that lies. */
static bool is_installed_program(const char *file)
{
    const char *base = thaw_path_base(file);

    return base - file >= 5 && !memcmp(base - 5, "/bin/", 5) && !thaw_path_ends_with(base, ".py");
}

/*
 * Of a server's modules those are taken for the app's that lie in no package and are not Python's
 * own: wherever its folder is.
 */
static bool is_app(const struct thaw_module *module)
{
    return (!strcmp(module->owner, "app") || (!*module->owner && *module->file)) &&
           !is_installed_program(module->file);
}

static void add_module(struct windows *windows, const struct thaw_module *module)
{
    uint64_t end_ns = module->start_ns + module->total_ns;
    struct window *last = windows->count ? &windows->items[windows->count - 1] : NULL;
    bool inferred = module->status == THAW_MODULE_UNFINISHED || module->end_inferred;

    if (!last || (module->start_ns > last->end_ns && windows->count < WINDOWS_MOST))
        windows->items[windows->count++] =
            (struct window){module->name, module->start_ns, end_ns, inferred};
    else if (end_ns > last->end_ns) {
        last->end_ns = end_ns;
        last->inferred |= inferred;
    }
}

static void find_windows(const struct thaw_mark_collector *collector, uint64_t from_ns,
                         uint64_t until_ns, struct windows *ret)
{
    ret->count = 0;
    for (size_t i = 0; i < collector->facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(collector->build, collector->facts, i);

        if (module->start_ns >= from_ns && module->start_ns < until_ns && is_app(module) &&
            thaw_build_is_outermost(collector->build, module, is_app))
            add_module(ret, module);
    }
}

static bool add_windows(struct thaw_mark_collector *collector, const struct windows *windows,
                        const char *what, const struct program_kinds *kinds)
{
    for (size_t i = 0; i < windows->count; i++) {
        const struct window *window = &windows->items[i];
        const char *words =
            thaw_arena_format(&collector->build->memory->arena, "execute %s%s", window->name, what);

        if (!thaw_mark_collector_add(collector, kinds->import, window->start_ns, THAW_OBSERVED,
                                     words) ||
            !thaw_mark_collector_add(collector, kinds->imported, window->end_ns,
                                     window->inferred ? THAW_DERIVED : THAW_OBSERVED, "return"))
            return false;
    }
    return true;
}

/*
 * Is the program one that is installed (gunicorn, python -m uvicorn) and imports the app by name,
 * or code that a host gave its worker (multiprocessing)? Otherwise what the interpreter was started
 * for is the app itself.
 */
static bool is_installed(const struct thaw_mark_collector *collector)
{
    const char *file = collector->facts->main_file;
    const char *owner = thaw_roots_owner(collector->facts, file);

    if (!collector->facts->main_ns || !strcmp(owner, "package") || !strcmp(owner, "stdlib"))
        return true;
    return is_installed_program(file) ||
           (*file != '/' && thaw_servers_host(collector->build, collector->id));
}

/* The last instant before until_ns at which the app was executed, 0 it was not. */
static bool add_imports(struct thaw_mark_collector *collector, const struct thaw_mark *interpreter,
                        uint64_t until_ns, const char *what, const struct program_kinds *kinds,
                        uint64_t *ret_end_ns)
{
    struct windows windows;
    struct thaw_mark end;

    *ret_end_ns = 0;
    if (interpreter->time_ns && !is_installed(collector)) {
        const struct thaw_event *listen = collector->facts->listen;

        if (listen && listen->time_ns < until_ns)
            until_ns = listen->time_ns; /* what it needs by then is the app's start */
        if (!thaw_script_marks_imports(collector, interpreter, until_ns, &end) || !end.time_ns)
            return end.time_ns == 0;
        *ret_end_ns = end.time_ns;
        return thaw_mark_collector_add(collector, kinds->import, interpreter->time_ns, THAW_DERIVED,
                                       interpreter->words) &&
               thaw_mark_collector_add(collector, kinds->imported, end.time_ns, THAW_DERIVED,
                                       end.words) &&
               thaw_mark_collector_add(collector, kinds->last, end.time_ns, THAW_DERIVED,
                                       end.words);
    }
    find_windows(collector, 0, until_ns, &windows);
    if (!windows.count)
        return true;
    *ret_end_ns = windows.items[windows.count - 1].end_ns;
    return add_windows(collector, &windows, what, kinds) &&
           thaw_mark_collector_add(collector, kinds->last, *ret_end_ns, THAW_OBSERVED,
                                   "import end");
}

/* What the host has imported up to its first worker a worker that it forks has, too. */
static bool add_host_program(struct thaw_mark_collector *collector)
{
    static const struct program_kinds kinds = {THAW_MARK_HOST_IMPORT, THAW_MARK_HOST_IMPORTED,
                                               THAW_MARK_HOST_LAST_IMPORTED};
    uint32_t id = thaw_servers_host(collector->build, collector->id);
    struct thaw_mark_collector host;
    struct thaw_mark interpreter;
    uint64_t end_ns;

    if (!id || thaw_build_facts(collector->build, id)->was_running)
        return true;
    host = thaw_mark_collector_of(collector, id);
    interpreter = thaw_process_marks_find_interpreter(&host);
    return add_imports(&host, &interpreter,
                       thaw_build_process(collector->build, host.facts->first_worker)->start_ns,
                       collector->process->exec_count ? "" : ", before the fork", &kinds, &end_ns);
}

/* When the worker's socket began to listen: by itself or by the nearest host that did. */
static const struct thaw_event *listening(const struct thaw_mark_collector *collector)
{
    uint32_t host = collector->process->parent;
    const struct thaw_event *listen = collector->facts->listen;

    while (!listen && host && !strcmp(thaw_build_process(collector->build, host)->role, "host")) {
        listen = thaw_build_facts(collector->build, host)->listen;
        host = thaw_build_process(collector->build, host)->parent;
    }
    return listen;
}

/*
 * Ready, and nobody asks yet: what comes then is not the server's time. It is so as soon as it
 * listens, has imported the app, and its thread does little but wait.
 */
static bool add_wait(struct thaw_mark_collector *collector, uint64_t imported_ns)
{
    const struct thaw_event *accept = collector->facts->accept, *listen = listening(collector);
    uint64_t wait_ns = accept->accept.idle_since_ns, busy_ns = accept->accept.busy_ns;
    const char *words = "waits for a connection";

    if (!wait_ns)
        return true;
    if (listen && listen->time_ns > wait_ns)
        wait_ns = listen->time_ns;
    if (imported_ns > wait_ns)
        wait_ns = imported_ns;
    if (collector->start.time_ns > wait_ns)
        wait_ns = collector->start.time_ns;
    if (wait_ns >= accept->time_ns)
        return true;
    if (busy_ns >= WORTH_SAYING_NS)
        words = thaw_arena_format(&collector->build->memory->arena,
                                  "waits for a connection (busy for %.1f ms of it)",
                                  (double)busy_ns / 1e6);
    return thaw_mark_collector_add(collector, THAW_MARK_WAIT, wait_ns, THAW_DERIVED, words);
}

/* Of a connection that nobody answered, the process's end is the last that is known. */
static bool add_unanswered(struct thaw_mark_collector *collector)
{
    const struct thaw_event *asked = collector->facts->asked;
    uint64_t end_ns = collector->process->end_ns;

    if (asked->first_bytes.encrypted)
        return thaw_mark_collector_add(collector, THAW_MARK_END, asked->time_ns, THAW_OBSERVED,
                                       "TLS handshake received");
    return thaw_mark_collector_add(collector, THAW_MARK_END,
                                   end_ns ? end_ns : collector->build->observed_end_ns,
                                   end_ns ? THAW_OBSERVED : THAW_DERIVED,
                                   thaw_process_marks_last_words(collector));
}

static bool add_connection(struct thaw_mark_collector *collector)
{
    const struct thaw_process_facts *facts = collector->facts;
    const char *words =
        thaw_mark_collector_words(collector, "accept on", (uint32_t)facts->accept->accept.port);

    if (!thaw_mark_collector_add(collector, THAW_MARK_INVOCATION, facts->accept->time_ns,
                                 THAW_OBSERVED, words) ||
        !thaw_mark_collector_add(collector, THAW_MARK_ASKED, facts->asked->time_ns, THAW_OBSERVED,
                                 "first bytes received"))
        return false;
    collector->marks->answered = facts->reply != NULL;
    return facts->reply ? thaw_mark_collector_add(collector, THAW_MARK_REPLY, facts->reply->time_ns,
                                                  THAW_OBSERVED, "first bytes sent")
                        : add_unanswered(collector);
}

/* An app that is imported by its first request, and only then. */
static bool add_late(struct thaw_mark_collector *collector)
{
    static const struct program_kinds kinds = {THAW_MARK_LATE_IMPORT, THAW_MARK_LATE_IMPORTED,
                                               THAW_MARK_LATE_IMPORTED};
    const struct thaw_process_facts *facts = collector->facts;
    struct windows windows;

    find_windows(collector, facts->asked->time_ns,
                 facts->reply ? facts->reply->time_ns : UINT64_MAX, &windows);
    return add_windows(collector, &windows, "", &kinds);
}

static bool add_own_program(struct thaw_mark_collector *collector, uint64_t *ret_imported_ns)
{
    static const struct program_kinds kinds = {THAW_MARK_IMPORT, THAW_MARK_IMPORTED,
                                               THAW_MARK_LAST_IMPORTED};
    struct thaw_mark interpreter = {0};

    if (collector->process->exec_count && !thaw_process_marks_interpreter(collector, &interpreter))
        return false;
    return add_imports(collector, &interpreter, collector->facts->accept->time_ns, "", &kinds,
                       ret_imported_ns);
}

bool thaw_server_marks_collect(struct thaw_mark_collector *collector)
{
    uint64_t imported_ns;

    return thaw_process_marks_host(collector) && thaw_process_marks_start(collector) &&
           add_host_program(collector) && add_own_program(collector, &imported_ns) &&
           thaw_script_marks_listen(collector) && add_wait(collector, imported_ns) &&
           add_connection(collector) && (imported_ns || add_late(collector));
}
