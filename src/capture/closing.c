/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/closing.h"
#include "capture/code_names.h"
#include "capture/executed_files.h"
#include "capture/loss.h"
#include "inventory/inventory.h"
#include "inventory/libraries.h"

/* What the recording so far speaks of. Texts are the recording's. */
struct mentioned {
    THAW_ARRAY(struct thaw_inventory_subject) interpreters;
    THAW_ARRAY(const char *) files;
};

static int mention_interpreter(struct mentioned *mentioned, const struct thaw_interpreter *event,
                               const struct thaw_identity *identity)
{
    struct thaw_inventory_subject *subject;

    for (size_t i = 0; i < mentioned->interpreters.count; i++) {
        if (strcmp(mentioned->interpreters.items[i].executable, event->executable) == 0)
            return 0;
    }
    subject = thaw_array_add(&mentioned->interpreters);
    if (!subject)
        return -ENOMEM;
    subject->executable = event->executable;
    subject->version = event->version;
    subject->user = identity->uid;
    subject->group = identity->gid;
    return 0;
}

/* Only what lies in the file system: not `<frozen os>`, not a library named without its folder. */
static int mention_file(struct mentioned *mentioned, const char *path)
{
    const char **slot;

    if (path[0] != '/')
        return 0;
    slot = thaw_array_add(&mentioned->files);
    if (!slot)
        return -ENOMEM;
    *slot = path;
    return 0;
}

static bool is_library(const char *path)
{
    const char *name = strrchr(path, '/');

    return strstr(name ? name : path, ".so") != NULL;
}

static int mention(struct mentioned *mentioned, const struct thaw_event *event,
                   const struct thaw_identity *identity)
{
    switch (event->kind) {
    case THAW_EVENT_INTERPRETER:
        return mention_interpreter(mentioned, &event->interpreter, identity);
    case THAW_EVENT_BODY_BEGIN:
        return mention_file(mentioned, event->body_begin.file);
    case THAW_EVENT_LIBRARY:
        return mention_file(mentioned, event->library.path);
    case THAW_EVENT_DLOPEN_BEGIN:
        return mention_file(mentioned, event->dlopen_begin.path);
    case THAW_EVENT_MAPPING:
        return mention_file(mentioned, event->mapping.path);
    case THAW_EVENT_FILE_OPEN:
        if (event->file_open.result < 0 || !is_library(event->file_open.path))
            return 0;
        return mention_file(mentioned, event->file_open.path);
    default:
        return 0;
    }
}

static int emit(void *context, const struct thaw_event *event, struct thaw_error *error)
{
    return thaw_recording_writer_append(context, event, error);
}

/* Was this mapping's file the subject of an earlier one? Processes share most libraries. */
static bool seen_before(const struct thaw_recording *recording, size_t index)
{
    const char *path = recording->events[index].library.path;

    for (size_t i = 0; i < index; i++) {
        if (recording->events[i].kind == THAW_EVENT_LIBRARY &&
            strcmp(recording->events[i].library.path, path) == 0)
            return true;
    }
    return false;
}

/* Facts about the shared objects that were mapped; those that are gone meanwhile have none. */
static int store_libraries(const struct thaw_recording *recording,
                           const struct thaw_elsewhere *elsewhere,
                           struct thaw_recording_writer *writer, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < recording->count; i++) {
        struct thaw_event event = {
            .kind = THAW_EVENT_INVENTORY_LIBRARY,
            .time_ns = thaw_clock_now_ns(),
        };
        struct thaw_arena arena = {0};
        int described;

        if (recording->events[i].kind != THAW_EVENT_LIBRARY ||
            thaw_elsewhere_holds(elsewhere, recording->events[i].pid) || seen_before(recording, i))
            continue;
        described = thaw_libraries_describe(recording->events[i].library.path, &arena,
                                            &event.inventory_library);
        if (described == -ENOMEM)
            code = thaw_error_memory(error);
        else if (!described)
            code = thaw_recording_writer_append(writer, &event, error);
        thaw_arena_free(&arena);
    }
    return code;
}

/* Each interpreter is asked about the files that it executed. */
static int store_inventory(const struct thaw_recording *recording, struct mentioned *mentioned,
                           const struct thaw_elsewhere *elsewhere,
                           struct thaw_recording_writer *writer, struct thaw_error *error)
{
    struct thaw_inventory_request request = {.interpreters = mentioned->interpreters.items,
                                             .interpreter_count = mentioned->interpreters.count,
                                             .files = mentioned->files.items,
                                             .file_count = mentioned->files.count};
    struct thaw_executed_files executed;
    int code = thaw_executed_files_collect(recording, elsewhere, &executed, error);

    for (size_t i = 0; !code && i < mentioned->interpreters.count; i++) {
        struct thaw_inventory_subject *subject = &mentioned->interpreters.items[i];

        subject->sources =
            thaw_executed_files_of(&executed, subject->executable, &subject->source_count);
    }
    if (!code)
        code = thaw_inventory_collect(&request, emit, writer, error);
    thaw_executed_files_free(&executed);
    return code;
}

/* Says of each process elsewhere that its files were left out. */
static int store_losses(const struct thaw_elsewhere *elsewhere,
                        struct thaw_recording_writer *writer, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < elsewhere->processes.count; i++)
        code = thaw_loss_store_process(
            writer, elsewhere->processes.items[i], "files-elsewhere",
            "files of a process with another root folder: their sizes, packages and what they "
            "import are not known",
            error);
    return code;
}

static int read_files(const struct thaw_recording *recording, struct mentioned *mentioned,
                      const struct thaw_elsewhere *elsewhere, const struct thaw_identity *identity,
                      struct thaw_recording_writer *writer, struct thaw_error *error)
{
    int code;

    for (size_t i = 0; i < recording->count; i++)
        if (!thaw_elsewhere_holds(elsewhere, recording->events[i].pid) &&
            mention(mentioned, &recording->events[i], identity))
            return thaw_error_memory(error);
    code = store_inventory(recording, mentioned, elsewhere, writer, error);
    if (!code)
        code = store_libraries(recording, elsewhere, writer, error);
    if (!code)
        code = thaw_code_names_store(recording, elsewhere, writer, error);
    return code ? code : store_losses(elsewhere, writer, error);
}

int thaw_closing_inventory(const char *path, struct thaw_recording_writer *writer,
                           const struct thaw_identity *identity, struct thaw_error *error)
{
    struct thaw_recording *recording = NULL;
    struct thaw_elsewhere elsewhere = {0};
    struct mentioned mentioned = {0};
    int code = thaw_recording_writer_flush(writer, error);

    if (!code)
        code = thaw_recording_load(path, &recording, error);
    if (code)
        return code;
    if (thaw_elsewhere_find(recording, &elsewhere))
        code = thaw_error_memory(error);
    if (!code)
        code = read_files(recording, &mentioned, &elsewhere, identity, writer, error);
    thaw_elsewhere_free(&elsewhere);
    thaw_array_free(&mentioned.interpreters);
    thaw_array_free(&mentioned.files);
    thaw_recording_free(recording);
    return code;
}
