/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/recorded.h"

#include <string.h>

#include "report/keys.h"

/* So many modules and invocations tell whose recording it is. */
#define LOOKED_AT 200

double thaw_recorded_seconds(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) / 1e9 : -1;
}

const char *thaw_recorded_platform(const struct thaw_lint *lint)
{
    return thaw_key_string(json_object_get(lint->recording, "run"), "platform");
}

const json_t *thaw_recorded_headline(const struct thaw_lint *lint)
{
    const json_t *track;
    size_t i;

    json_array_foreach(json_object_get(lint->recording, "tracks"), i, track)
    {
        if (json_is_true(json_object_get(track, "headline")))
            return track;
    }
    return NULL;
}

const json_t *thaw_recorded_phase(const struct thaw_lint *lint, const char *name)
{
    const json_t *phases = json_object_get(thaw_recorded_headline(lint), "phases"), *phase;
    size_t i;

    json_array_foreach(phases, i, phase)
    {
        if (!strcmp(thaw_key_string(phase, "name"), name))
            return phase;
    }
    return NULL;
}

const json_t *thaw_recorded_process(const struct thaw_lint *lint)
{
    const json_t *id = json_object_get(thaw_recorded_headline(lint), "process"), *process;
    size_t i;

    json_array_foreach(json_object_get(lint->recording, "processes"), i, process)
    {
        if (json_is_integer(id) && json_equal(json_object_get(process, "id"), id))
            return process;
    }
    return NULL;
}

/* ptrace takes time of its own at each call. */
static bool tells_times(const struct thaw_lint *lint)
{
    return !json_is_true(json_object_get(json_object_get(lint->recording, "run"), "counting"));
}

double thaw_recorded_init_s(const struct thaw_lint *lint)
{
    static const char *const names[] = {"worker", "specialize", "import", "ready"};
    double sum = 0;
    bool any = false;

    if (!tells_times(lint))
        return -1;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const json_t *phase = thaw_recorded_phase(lint, names[i]);
        double start = thaw_recorded_seconds(phase, "start_ns");
        double end = thaw_recorded_seconds(phase, "end_ns");

        if (!phase || json_is_false(json_object_get(phase, "counted")) || end < start)
            continue;
        sum += end - start;
        any = true;
    }
    return any ? sum : -1;
}

double thaw_recorded_first_reply_s(const struct thaw_lint *lint)
{
    const json_t *track = thaw_recorded_headline(lint);

    if (!track || !tells_times(lint) || json_is_false(json_object_get(track, "answered")))
        return -1;
    return thaw_recorded_seconds(track, "total_ns");
}

const json_t *thaw_recorded_host(const struct thaw_lint *lint)
{
    const json_t *concurrency = json_object_get(lint->recording, "concurrency"), *host;
    const json_t *best = NULL;
    json_int_t most = 0;
    size_t i;

    json_array_foreach(json_object_get(concurrency, "hosts"), i, host)
    {
        json_int_t count =
            json_integer_value(json_object_get(json_object_get(host, "load"), "invocations"));

        if (!best || count > most) {
            best = host;
            most = count;
        }
    }
    return best;
}

/* --- is it of this app? --- */

static bool is_read(const struct thaw_project *project, const char *file)
{
    size_t length = strlen(file);

    for (uint64_t i = 0; i < project->read.count; i++) {
        const char *read = project->read.items[i];
        size_t whole = strlen(read);

        if (whole >= length && !strcmp(read + whole - length, file) &&
            (whole == length || read[whole - length - 1] == '/'))
            return true;
    }
    return false;
}

/* A file of the recorded app that is not here, where most of them are not; NULL else. */
static const char *strange_file(const struct thaw_lint *lint)
{
    const json_t *module;
    size_t i, known = 0, strange = 0;
    const char *first = NULL;

    json_array_foreach(json_object_get(lint->recording, "modules"), i, module)
    {
        const char *file = thaw_key_string(module, "file");

        if (strcmp(thaw_key_string(module, "owner"), "app") != 0 || !*file)
            continue;
        if (is_read(lint->project, file)) {
            known++;
        } else {
            strange++;
            first = first ? first : file;
        }
        if (known + strange == LOOKED_AT)
            break;
    }
    return strange > known ? first : NULL;
}

static bool has_function(const struct thaw_project *project, const char *name)
{
    for (size_t i = 0; i < project->function_count; i++)
        if (!strcmp(project->functions[i].name, name))
            return true;
    return false;
}

/* One function for a whole web app has a name that the source doesn't tell. */
static bool knows_names(const struct thaw_project *project)
{
    for (size_t i = 0; i < project->function_count; i++)
        if (project->functions[i].kind == THAW_FUNCTION_ASGI ||
            project->functions[i].model == THAW_FUNCTION_LAMBDA)
            return false;
    return project->function_count > 0;
}

/* A function that was called and is not here, where none of those called is; NULL else. */
static const char *strange_function(const struct thaw_lint *lint)
{
    const json_t *invocation;
    const char *first = NULL;
    size_t i;

    if (!knows_names(lint->project))
        return NULL;
    json_array_foreach(json_object_get(lint->recording, "invocations"), i, invocation)
    {
        const char *name = thaw_key_string(invocation, "function");

        if (i == LOOKED_AT || (*name && has_function(lint->project, name)))
            return NULL;
        if (*name && !first)
            first = name;
    }
    return first;
}

bool thaw_recorded_joins(const struct thaw_lint *lint)
{
    if (!json_is_object(lint->recording))
        return false;
    if (!lint->project->has_source)
        return true;
    return !strange_file(lint) && !strange_function(lint);
}

const char *thaw_recorded_stranger(struct thaw_lint *lint)
{
    const char *name;

    if (!json_is_object(lint->recording) || !lint->project->has_source)
        return NULL;
    name = strange_file(lint);
    if (name)
        return thaw_lint_text(lint, "%s of the recorded app is not in this folder", name);
    name = strange_function(lint);
    return name ? thaw_lint_text(lint, "%s(), which was called, is no function of this app", name)
                : NULL;
}
