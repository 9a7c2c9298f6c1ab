/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "timeline/account.h"
#include "timeline/loading.h"
#include "timeline/paths.h"

/* PEP 552: the bytecode goes by its source's hash instead of its time. */
#define FLAG_HASH 1

/* The frame of a module that is looked for or loaded, if the thread is at nothing else; else NULL.
 */
static struct thaw_frame *loading(const struct thaw_import_stack *stack)
{
    struct thaw_frame *top = thaw_import_stack_top(stack);

    return top && top->module && thaw_frame_is_loading(top) ? top : NULL;
}

static struct thaw_module *module_of(struct thaw_build *build, const struct thaw_frame *frame)
{
    return &build->memory->modules.items[frame->module - 1];
}

static struct thaw_module_facts *facts_of(struct thaw_build *build, const struct thaw_frame *frame)
{
    return &build->module_facts.items[frame->module - 1];
}

/* It was found, and compiled: what is looked up now is where its bytecode is to be written. */
static bool is_to_be_written(const struct thaw_frame *frame)
{
    return frame->part == THAW_PART_COMPILE || frame->part == THAW_PART_WRITE;
}

void thaw_loading_lookups(struct thaw_build *build, struct thaw_import_stack *stack,
                          const struct thaw_event *event)
{
    const struct thaw_file_lookups *lookups = &event->file_lookups;
    struct thaw_frame *frame = loading(stack);
    struct thaw_module *module;

    if (!frame || is_to_be_written(frame))
        return;
    module = module_of(build, frame);
    module->lookups += lookups->count;
    module->lookups_failed += lookups->failed;
    if (lookups->searched)
        module->searched = (uint32_t)lookups->searched;
    if (!lookups->last_ns || lookups->last_ns > event->time_ns)
        return;
    facts_of(build, frame)->source_status = lookups;
    thaw_import_stack_advance(stack, lookups->last_ns, &event->usage);
    stack->found = true;
}

bool thaw_loading_lookup_failed(struct thaw_build *build, struct thaw_import_stack *stack,
                                const struct thaw_event *event)
{
    struct thaw_frame *frame = loading(stack);
    struct thaw_failed_lookup *failed;

    if (!frame || is_to_be_written(frame))
        return true;
    failed = thaw_arena_allocate(&build->memory->arena, sizeof(*failed));
    if (!failed)
        return false;
    *failed = (struct thaw_failed_lookup){
        .path = event->file_lookup.path,
        .error = event->file_lookup.result,
        .next = module_of(build, frame)->failed_lookups,
    };
    module_of(build, frame)->failed_lookups = failed;
    return true;
}

/* "….pyc.140234", which becomes "….pyc" when it is complete (importlib's _write_atomic). */
static bool is_written_bytecode(const struct thaw_file_open *open)
{
    const char *end = open->for_writing ? strrchr(open->path, '.') : NULL;

    return end && end - open->path > 4 && !memcmp(end - 4, ".pyc", 4);
}

static bool is_bytecode(const char *path)
{
    return thaw_path_ends_with(path, ".pyc");
}

static bool is_code(const char *path)
{
    return is_bytecode(path) || thaw_path_ends_with(path, ".py") || thaw_path_is_archive(path);
}

void thaw_loading_open(struct thaw_build *build, struct thaw_import_stack *stack,
                       const struct thaw_event *event)
{
    const struct thaw_file_open *open = &event->file_open;
    struct thaw_frame *frame = loading(stack);
    const struct thaw_frame *innermost = thaw_import_stack_innermost(stack);
    bool told = thaw_build_process(build, stack->process)->saw_lookups;
    bool reads = frame && told && is_code(open->path) && open->result >= 0 && !open->for_writing;

    if (reads && stack->found) /* what came since it was found is opening it */
        frame->part = THAW_PART_READ;
    thaw_import_stack_advance(stack, event->time_ns, &event->usage);
    stack->found = frame && is_bytecode(open->path) && open->result < 0; /* the source is next */
    if (reads)
        frame->part = THAW_PART_READ;
    if (innermost && open->result >= 0)
        module_of(build, innermost)->opened_bytes += open->bytes;
    if (!frame)
        return;
    if (is_written_bytecode(open)) {
        module_of(build, frame)->writing = THAW_WRITING_FAILED; /* until it has its name */
        frame->part = told ? THAW_PART_WRITE : THAW_PART_UNKNOWN;
        return;
    }
    if (is_bytecode(open->path) &&
        thaw_path_holds_module(open->path, module_of(build, frame)->name)) {
        facts_of(build, frame)->bytecode_result = open->result < 0 ? open->result : 1;
        facts_of(build, frame)->bytecode_bytes = open->bytes;
        facts_of(build, frame)->bytecode_is_folder = open->is_folder != 0;
    }
    stack->reading = open->result < 0 ? NULL : open->path;
}

void thaw_loading_close(struct thaw_build *build, struct thaw_import_stack *stack,
                        const struct thaw_event *event)
{
    struct thaw_frame *frame = loading(stack);
    const char *path = stack->reading;

    thaw_import_stack_advance(stack, event->time_ns, &event->usage);
    stack->reading = NULL;
    stack->found = frame && path && is_bytecode(path); /* if that is not accepted */
    if (!frame || !path)
        return;
    if (is_bytecode(path))
        facts_of(build, frame)->bytecode_read = &event->file_close;
    if (frame->part != THAW_PART_READ)
        return;
    if (thaw_path_ends_with(path, ".py"))
        frame->part = THAW_PART_COMPILE;
    else /* what comes from an archive may be unpacked, or compiled */
        frame->part = is_bytecode(path) ? THAW_PART_FIND : THAW_PART_UNKNOWN;
}

void thaw_loading_unmarshal(struct thaw_build *build, struct thaw_import_stack *stack)
{
    struct thaw_frame *frame = loading(stack);
    struct thaw_module_facts *facts;

    if (!frame)
        return;
    /* Bytecode that goes by its source's hash has the source read, too, but not compiled; that of
     * an archive is unpacked. */
    thaw_account_move(&frame->account, THAW_PART_COMPILE, THAW_PART_FIND);
    if (thaw_build_process(build, stack->process)->saw_lookups)
        thaw_account_move(&frame->account, THAW_PART_UNKNOWN, THAW_PART_READ);
    frame->part = THAW_PART_UNMARSHAL;
    facts = facts_of(build, frame);
    facts->bytecode_accepted = true;
    if (facts->bytecode_read)
        thaw_build_facts(build, stack->process)->magic = facts->bytecode_read->magic;
}

void thaw_loading_marshal(struct thaw_build *build, struct thaw_import_stack *stack)
{
    struct thaw_frame *frame = loading(stack);

    if (frame && thaw_build_process(build, stack->process)->saw_lookups)
        frame->part = THAW_PART_WRITE;
}

void thaw_loading_written(struct thaw_build *build, const struct thaw_import_stack *stack)
{
    struct thaw_frame *frame = loading(stack);

    if (frame)
        module_of(build, frame)->writing = THAW_WRITING_DONE;
}

/* Was anything seen of a file that it may have come from? */
static bool came_from_files(struct thaw_build *build, const struct thaw_frame *frame)
{
    return module_of(build, frame)->lookups || module_of(build, frame)->opened_bytes ||
           facts_of(build, frame)->library;
}

void thaw_loading_body(struct thaw_build *build, struct thaw_frame *frame, const char *file)
{
    if (thaw_frame_is_loading(frame) && !came_from_files(build, frame) &&
        strncmp(file, "<frozen ", 8) != 0)
        thaw_account_move(&frame->account, THAW_PART_FIND, THAW_PART_UNKNOWN);
}

void thaw_loading_end(struct thaw_build *build, struct thaw_frame *frame)
{
    if (thaw_frame_is_loading(frame) && !came_from_files(build, frame) &&
        !facts_of(build, frame)->initialised)
        thaw_account_move(&frame->account, THAW_PART_FIND, THAW_PART_UNKNOWN);
}

void thaw_loading_relocated(struct thaw_import_stack *stack)
{
    struct thaw_frame *top = thaw_import_stack_top(stack);

    if (top && top->kind == THAW_FRAME_DLOPEN)
        thaw_account_move(&top->account, THAW_PART_DLOPEN, THAW_PART_MAP);
}

/* It was read, and not accepted. CPython looks at the magic number first. */
static enum thaw_module_bytecode rejection(const struct thaw_module_facts *facts, uint64_t magic)
{
    const struct thaw_file_close *read = facts->bytecode_read;
    const struct thaw_file_lookups *source = facts->source_status;

    if (!read || !read->magic || (magic && read->magic != magic))
        return THAW_MODULE_BYTECODE_REJECTED;
    if (read->flags & FLAG_HASH)
        return THAW_MODULE_BYTECODE_STALE;
    if (source && (read->source_mtime_s != (uint32_t)source->mtime_s ||
                   read->source_bytes != (uint32_t)source->bytes))
        return THAW_MODULE_BYTECODE_STALE;
    return THAW_MODULE_BYTECODE_REJECTED;
}

static enum thaw_module_bytecode bytecode_of(const struct thaw_module_facts *facts, uint64_t magic)
{
    if (facts->bytecode_accepted)
        return THAW_MODULE_BYTECODE_USED;
    if (facts->bytecode_result == -ENOENT)
        return THAW_MODULE_BYTECODE_MISSING;
    if (facts->bytecode_result < 0)
        return THAW_MODULE_BYTECODE_UNREADABLE;
    if (facts->bytecode_is_folder)
        return THAW_MODULE_BYTECODE_UNREADABLE;
    if (facts->bytecode_bytes && facts->bytecode_read && !facts->bytecode_read->bytes)
        return THAW_MODULE_BYTECODE_UNREADABLE; /* it has something, and reading that failed */
    if (facts->bytecode_result > 0 && facts->opened_source && facts->source_last)
        return rejection(facts, magic);
    return THAW_MODULE_BYTECODE_UNKNOWN;
}

/* That of the bytecode which its program accepts, 0 unknown: only the process's last one has it. */
static uint64_t magic_for(const struct thaw_build *build, const struct thaw_module *module)
{
    const struct thaw_timeline_process *process = thaw_build_process(build, module->process);
    uint64_t exec_ns = process->exec_count ? process->execs[process->exec_count - 1] : 0;

    return module->start_ns < exec_ns ? 0 : thaw_build_facts(build, module->process)->magic;
}

bool thaw_loading_build(struct thaw_build *build)
{
    const struct thaw_recording *recording = build->recording;

    for (size_t i = 0; i < build->memory->modules.count; i++) {
        struct thaw_module *module = &build->memory->modules.items[i];

        module->bytecode = bytecode_of(&build->module_facts.items[i], magic_for(build, module));
    }
    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_file_folder *told = &recording->events[i].file_folder;
        struct thaw_search_folder *folder;

        if (recording->events[i].kind != THAW_EVENT_FILE_FOLDER || told->number > UINT32_MAX ||
            told->after >= told->number)
            continue;
        folder = thaw_array_add(&build->memory->folders);
        if (!folder)
            return false;
        *folder =
            (struct thaw_search_folder){(uint32_t)told->number, (uint32_t)told->after, told->path};
    }
    return true;
}
