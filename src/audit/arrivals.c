/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "audit/arrivals_private.h"
#include "platform/platform.h"

#define APPS_MOST 500
#define PROCESSES_MOST 8192
#define IN_FLIGHT_MOST 4096 /* of one process */
#define EARLY_MOST 256
#define WINDOWS_MOST 12
#define LAG_NS (10LL * NS_PER_S) /* after its end a window is still added to */
#define OTHER "other"

int thaw_arrivals_open(struct thaw_arrivals_book **ret, struct thaw_error *error)
{
    struct thaw_arrivals_book *book = calloc(1, sizeof(*book));

    if (!book)
        return thaw_error_memory(error);
    *ret = book;
    return 0;
}

/* --- apps and their windows --- */

static struct arrivals_app *find_app(const struct thaw_arrivals_book *book, const char *name)
{
    struct arrivals_app *app;

    HASH_FIND(hh, book->apps, name, strlen(name), app);
    return app;
}

static struct arrivals_app *app_of(struct thaw_arrivals_book *book, const char *name)
{
    struct arrivals_app *app = find_app(book, name);

    if (app)
        return app;
    if (HASH_COUNT(book->apps) >= APPS_MOST) {
        name = OTHER;
        app = find_app(book, name);
    }
    if (app)
        return app;
    app = calloc(1, sizeof(*app));
    if (!app)
        return NULL;
    app->name = strdup(name);
    if (app->name)
        HASH_ADD_KEYPTR(hh, book->apps, app->name, strlen(app->name), app);
    if (!app->name || !app->hh.tbl) {
        free(app->name);
        free(app);
        return NULL;
    }
    return app;
}

static int64_t window_of(int64_t unix_ns)
{
    int64_t length = (int64_t)THAW_ARRIVALS_NS, rest = unix_ns % length;

    return unix_ns - (rest < 0 ? rest + length : rest);
}

/* One that has been taken is not opened again: what belongs there goes into the next one. */
static struct thaw_arrivals *window_at(const struct thaw_arrivals_book *book,
                                       struct arrivals_app *app, int64_t unix_ns)
{
    int64_t from = window_of(unix_ns < book->flushed_unix_ns ? book->flushed_unix_ns : unix_ns);
    size_t at = app->windows.count;
    struct thaw_arrivals *windows;

    while (at && app->windows.items[at - 1].from_unix_ns > from)
        at--;
    if (at && app->windows.items[at - 1].from_unix_ns == from)
        return &app->windows.items[at - 1];
    if (app->windows.count >= WINDOWS_MOST && at) /* nobody takes them, or the clock is mad */
        return &app->windows.items[at - 1];
    if (!thaw_array_add(&app->windows))
        return NULL;
    windows = app->windows.items;
    memmove(&windows[at + 1], &windows[at], (app->windows.count - 1 - at) * sizeof(*windows));
    windows[at] = (struct thaw_arrivals){
        .app = app->name, .from_unix_ns = from, .processes = app->processes, .measured = true};
    return &windows[at];
}

/* --- processes --- */

static struct arrivals_process *find_process(const struct thaw_arrivals_book *book, uint32_t pid)
{
    struct arrivals_process *process;

    HASH_FIND(hh, book->processes, &pid, sizeof(pid), process);
    return process;
}

static struct arrivals_process *process_of(struct thaw_arrivals_book *book,
                                           struct arrivals_app *app, uint32_t pid)
{
    struct arrivals_process *process = find_process(book, pid);
    uint64_t requests = 0, busy_ns = 0;

    if (process && process->app == app)
        return process;
    if (process) { /* it has got another name: what was counted stays the old one's */
        requests = process->requests;
        busy_ns = process->busy_ns;
        thaw_arrivals_left(book, pid);
    }
    if (HASH_COUNT(book->processes) >= PROCESSES_MOST)
        return NULL;
    process = calloc(1, sizeof(*process));
    if (!process)
        return NULL;
    *process =
        (struct arrivals_process){.pid = pid, .app = app, .requests = requests, .busy_ns = busy_ns};
    HASH_ADD(hh, book->processes, pid, sizeof(process->pid), process);
    if (!process->hh.tbl) {
        free(process);
        return NULL;
    }
    app->processes++;
    return process;
}

void thaw_arrivals_left(struct thaw_arrivals_book *book, uint32_t pid)
{
    struct arrivals_process *process = find_process(book, pid);

    if (!process)
        return;
    process->app->in_flight -= process->in_flight;
    process->app->processes--;
    HASH_DEL(book->processes, process);
    thaw_array_free(&process->calls);
    thaw_array_free(&process->early);
    free(process);
}

/* In which the process had something to do: did it have more than it runs at once? */
static void end_second(const struct arrivals_process *process, struct thaw_arrivals *window)
{
    uint32_t capacity = process->app->capacity;

    if (!capacity || process->counted || !process->most_this_second)
        return;
    window->limit_looks++;
    window->at_limit += process->most_this_second > capacity;
}

/* So many are in flight in the process from now on, of which at most `most` were since the last
 * time. */
static void set_in_flight(struct arrivals_process *process, uint64_t in_flight, uint64_t most,
                          struct thaw_arrivals *window, int64_t unix_ns)
{
    struct arrivals_app *app = process->app;
    int64_t second = unix_ns / NS_PER_S;

    if (second != process->second) {
        end_second(process, window);
        process->second = second;
        process->most_this_second = process->in_flight;
    }
    app->in_flight += in_flight - process->in_flight;
    process->in_flight = in_flight;
    if (most > process->most_this_second)
        process->most_this_second = most;
    if (most > window->most_at_once)
        window->most_at_once = most;
    if (app->in_flight > window->most_all)
        window->most_all = app->in_flight;
    if (app->processes > window->processes)
        window->processes = app->processes;
}

/* --- messages --- */

static uint64_t hash_of(const char *text)
{
    return XXH3_64bits(text, strlen(text));
}

static int begin_call(struct arrivals_process *process, const struct thaw_event *event,
                      struct thaw_arrivals *window, int64_t unix_ns)
{
    struct arrivals_call *call;
    int64_t *early;

    window->requests++;
    if (process->calls.count >= IN_FLIGHT_MOST) {
        window->measured = false;
        return 0;
    }
    call = thaw_array_add(&process->calls);
    if (!call)
        return -ENOMEM;
    *call = (struct arrivals_call){
        .invocation = hash_of(event->message.invocation_id),
        .function = hash_of(event->message.function_id),
        .begin_ns = event->time_ns,
        .unix_ns = unix_ns,
        .process = process->pid,
    };
    set_in_flight(process, process->calls.count, process->calls.count, window, unix_ns);
    if (process->answered || process->early.count >= EARLY_MOST)
        return 0;
    early = thaw_array_add(&process->early);
    if (!early)
        return -ENOMEM;
    *early = unix_ns;
    return 0;
}

/* The one of that id; of an answer that lost its id, the oldest. */
static size_t call_of(const struct arrivals_process *process, const struct thaw_message *message)
{
    uint64_t hash = hash_of(message->invocation_id);

    for (size_t i = 0; i < process->calls.count; i++)
        if (process->calls.items[i].invocation == hash)
            return i;
    return *message->invocation_id ? process->calls.count : 0;
}

static void keep_call(struct arrivals_app *app, const struct arrivals_call *call)
{
    app->calls[app->next_call] = *call;
    app->next_call = (app->next_call + 1) % CALLS_KEPT;
    app->call_count += app->call_count < CALLS_KEPT;
    app->calls_since++;
}

static void end_call(struct arrivals_process *process, const struct thaw_event *event,
                     struct thaw_arrivals *window, int64_t unix_ns)
{
    size_t at = call_of(process, &event->message);
    struct arrivals_call *calls = process->calls.items;

    process->answered = true;
    if (at >= process->calls.count) /* what it answers came before anybody looked */
        return;
    calls[at].end_ns =
        event->message.last_ns > calls[at].begin_ns ? event->message.last_ns : calls[at].begin_ns;
    window->busy_ns += calls[at].end_ns - calls[at].begin_ns;
    keep_call(process->app, &calls[at]);
    memmove(&calls[at], &calls[at + 1], (process->calls.count - at - 1) * sizeof(*calls));
    process->calls.count--;
    set_in_flight(process, process->calls.count, process->calls.count, window, unix_ns);
}

int thaw_arrivals_message(struct thaw_arrivals_book *book, const char *app_name,
                          const struct thaw_event *event, int64_t unix_ns, struct thaw_error *error)
{
    enum thaw_wire_meaning meaning =
        thaw_platform_meaning(thaw_platforms_of_message("", event->message.type),
                              event->message.type);
    struct arrivals_process *process;
    struct thaw_arrivals *window;
    struct arrivals_app *app;

    if (meaning != THAW_WIRE_MEANING_INVOCATION_BEGIN &&
        meaning != THAW_WIRE_MEANING_INVOCATION_END)
        return 0;
    book->now_unix_ns = unix_ns;
    app = app_of(book, app_name);
    process = app ? process_of(book, app, event->pid) : NULL;
    window = app ? window_at(book, app, unix_ns) : NULL;
    if (window && !process)
        window->measured = false;
    if (!window || !process)
        return app && HASH_COUNT(book->processes) >= PROCESSES_MOST ? 0 : thaw_error_memory(error);
    app->by_messages = strcmp(app->name, OTHER) != 0;
    if (meaning == THAW_WIRE_MEANING_INVOCATION_END)
        end_call(process, event, window, unix_ns);
    else if (begin_call(process, event, window, unix_ns))
        return thaw_error_memory(error);
    return 0;
}

/* --- looks, starts, losses --- */

/* How much a counter has grown; one that is less counts another process with the same pid. */
static uint64_t grown(uint64_t *last, uint64_t now)
{
    uint64_t before = *last <= now ? *last : 0;

    *last = now;
    return now - before;
}

int thaw_arrivals_looked(struct thaw_arrivals_book *book, const char *app_name,
                         const struct thaw_arrivals_look *look, int64_t unix_ns,
                         struct thaw_error *error)
{
    struct arrivals_app *app = app_of(book, app_name);
    struct arrivals_process *process =
        app && !app->by_messages ? process_of(book, app, look->process) : NULL;
    struct thaw_arrivals *window;
    uint64_t requests, busy_ns;

    book->now_unix_ns = unix_ns;
    if (app && app->by_messages) /* what its host was asked comes to its workers */
        return 0;
    if (!process)
        return app && HASH_COUNT(book->processes) >= PROCESSES_MOST ? 0 : thaw_error_memory(error);
    process->counted = true;
    requests = grown(&process->requests, look->requests);
    busy_ns = grown(&process->busy_ns, look->busy_ns);
    if (!requests && !look->in_flight && !look->most_in_flight && !process->in_flight)
        return 0; /* an idle server takes no room */
    window = window_at(book, app, unix_ns);
    if (!window)
        return thaw_error_memory(error);
    window->requests += requests;
    window->busy_ns += busy_ns;
    set_in_flight(process, look->in_flight,
                  look->most_in_flight > look->in_flight ? look->most_in_flight : look->in_flight,
                  window, unix_ns);
    return 0;
}

int thaw_arrivals_cold(struct thaw_arrivals_book *book, const struct thaw_start *start,
                       struct thaw_error *error)
{
    struct arrivals_app *app = start->answered ? app_of(book, start->identity.app) : NULL;
    struct arrivals_process *process = find_process(book, start->process);
    struct thaw_arrivals *window;
    bool by_messages = process && process->early.count;

    if (!app)
        return start->answered ? thaw_error_memory(error) : 0;
    for (size_t i = 0; by_messages && i < process->early.count; i++) {
        window = window_at(book, app, process->early.items[i]);
        if (!window)
            return thaw_error_memory(error);
        window->cold++;
    }
    if (by_messages) {
        thaw_array_free(&process->early);
        return 0;
    }
    window = window_at(book, app, thaw_start_asked_unix_ns(start));
    if (!window)
        return thaw_error_memory(error);
    window->cold++;
    return 0;
}

static void lose(const struct thaw_arrivals_book *book, struct arrivals_app *app)
{
    struct thaw_arrivals *window = window_at(book, app, book->now_unix_ns);

    if (window)
        window->measured = false;
}

void thaw_arrivals_lost(struct thaw_arrivals_book *book, const char *name)
{
    struct arrivals_app *app, *next;

    if (*name) {
        app = app_of(book, name);
        if (app)
            lose(book, app);
        return;
    }
    HASH_ITER(hh, book->apps, app, next)
    {
        lose(book, app);
    }
}

/* --- handing on --- */

typedef int take_arrivals(void *context, const struct thaw_arrivals *arrivals,
                          struct thaw_error *error);

static int flush_app(struct arrivals_app *app, int64_t until_ns, take_arrivals *take, void *context,
                     struct thaw_error *error)
{
    size_t taken = 0;
    int code = 0;

    while (!code && taken < app->windows.count &&
           app->windows.items[taken].from_unix_ns + (int64_t)THAW_ARRIVALS_NS <= until_ns) {
        code = take(context, &app->windows.items[taken], error);
        taken += !code;
    }
    app->windows.count -= taken;
    if (taken)
        memmove(app->windows.items, app->windows.items + taken,
                app->windows.count * sizeof(*app->windows.items));
    return code;
}

static void remove_app(struct thaw_arrivals_book *book, struct arrivals_app *app)
{
    HASH_DEL(book->apps, app);
    thaw_array_free(&app->windows);
    free(app->name);
    free(app);
}

int thaw_arrivals_flush(struct thaw_arrivals_book *book, int64_t unix_ns, take_arrivals *take,
                        void *context, struct thaw_error *error)
{
    int64_t until_ns = unix_ns - LAG_NS;
    struct arrivals_app *app, *next;
    int code = 0;

    book->now_unix_ns = unix_ns;
    HASH_ITER(hh, book->apps, app, next)
    {
        code = flush_app(app, until_ns, take, context, error);
        if (code)
            return code;
        thaw_arrivals_find_capacity(app);
        if (!app->processes && !app->windows.count)
            remove_app(book, app);
    }
    book->flushed_unix_ns = window_of(until_ns);
    return 0;
}

void thaw_arrivals_free(struct thaw_arrivals_book *book)
{
    struct arrivals_app *app, *next_app;
    struct arrivals_process *process, *next;

    if (!book)
        return;
    HASH_ITER(hh, book->processes, process, next)
    {
        thaw_arrivals_left(book, process->pid);
    }
    HASH_ITER(hh, book->apps, app, next_app)
    {
        remove_app(book, app);
    }
    free(book);
}
