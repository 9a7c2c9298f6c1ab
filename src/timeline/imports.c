/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/effects.h"
#include "timeline/extension_modules.h"
#include "timeline/frame_events.h"
#include "timeline/import_stacks.h"
#include "timeline/imports.h"
#include "timeline/loading.h"
#include "timeline/modules.h"
#include "timeline/native.h"
#include "timeline/paths.h"

struct imports {
    struct thaw_build *build;
    struct thaw_import_stacks stacks;
};

static struct thaw_module *module_of(struct imports *imports, const struct thaw_frame *frame)
{
    return &imports->build->memory->modules.items[frame->module - 1];
}

static struct thaw_module_facts *facts_of(struct imports *imports, const struct thaw_frame *frame)
{
    return &imports->build->module_facts.items[frame->module - 1];
}

/* Adds a module below the innermost one of the thread; its index + 1, 0 when memory is short. */
static uint32_t add_module(struct imports *imports, const struct thaw_import_stack *stack,
                           const struct thaw_event *event, const char *name)
{
    uint32_t index = thaw_modules_add(imports->build, event, stack->process, name);

    if (index == UINT32_MAX)
        return 0;
    thaw_import_stack_hang(stack, imports->build, index);
    return index + 1;
}

/* The use of a lazy import has no event for its end: it is over where an import is not lazy, though
 * that may lie deeper in the same function. */
static void end_lazy_use(struct imports *imports, struct thaw_import_stack *stack,
                         const struct thaw_event *event)
{
    const struct thaw_frame *top = thaw_import_stack_top(stack);

    if (top && top->kind == THAW_FRAME_LAZY && !event->import_begin.lazy)
        thaw_import_stack_prune(stack, imports->build, top->stack, event->time_ns);
}

static bool import_begin(struct imports *imports, struct thaw_import_stack *stack,
                         const struct thaw_event *event)
{
    const struct thaw_import_begin *begin = &event->import_begin;
    const struct thaw_frame *around, *top;
    const char *via = "statement";
    uint32_t module;

    thaw_build_facts(imports->build, stack->process)->imports_seen = true;
    thaw_import_stack_prune(stack, imports->build, begin->stack, event->time_ns);
    end_lazy_use(imports, stack, event);
    around = thaw_import_stack_innermost(stack);
    if (around && around->kind == THAW_FRAME_IMPORT && !around->body_ns &&
        thaw_modules_is_package_of(begin->name, module_of(imports, around)->name))
        via = "implicit parent";
    else if (begin->lazy)
        via = "lazy";
    module = add_module(imports, stack, event, begin->name);
    if (!module)
        return false;
    imports->build->memory->modules.items[module - 1].via = via;
    top = thaw_import_stack_top(stack);
    if (top && top->kind == THAW_FRAME_LAZY) {
        imports->build->memory->modules.items[module - 1].lazy_function = top->function;
        imports->build->memory->modules.items[module - 1].lazy_file = top->path;
    }
    if (!thaw_import_stack_push(stack, THAW_FRAME_IMPORT, begin->stack, event->time_ns, module))
        return false;
    if (thaw_build_process(imports->build, stack->process)->saw_lookups)
        thaw_import_stack_top(stack)->part = THAW_PART_FIND;
    return true;
}

static bool is_main(const char *name)
{
    return !strcmp(name, "__main__") || !strcmp(name, "__mp_main__");
}

/*
 * exec() of texts, namedtuple's class code, and what the interpreter runs of itself before it can
 * import (facts: imports.md Q1, imports-2.md Q3).
 */
static bool is_no_module(const struct thaw_body_begin *body)
{
    if (!*body->name || !strncmp(body->name, "namedtuple_", 11))
        return true;
    if (*body->file != '<')
        return false;
    return strncmp(body->file, "<frozen ", 8) != 0 || !strcmp(body->file, "<frozen getpath>") ||
           !strcmp(body->file, "<frozen importlib._bootstrap>");
}

static void begin_body(struct imports *imports, struct thaw_frame *frame,
                       const struct thaw_event *event)
{
    thaw_loading_body(imports->build, frame, event->body_begin.file);
    thaw_frame_begin_body(frame, imports->build, event->time_ns);
    facts_of(imports, frame)->body_file = event->body_begin.file;
}

/* The code of the innermost import, which has no frame of its own. */
static void body_of_import(struct imports *imports, struct thaw_import_stack *stack,
                           const struct thaw_event *event)
{
    const char *name = event->body_begin.name;
    struct thaw_frame *around = thaw_import_stack_innermost(stack);

    if (around && around->kind == THAW_FRAME_IMPORT && !around->body_ns &&
        (!*name || !strcmp(name, module_of(imports, around)->name)))
        begin_body(imports, around, event);
}

/* A module that code asked for without the import statement. What was opened for it was opened
 * by that code, just before. */
static bool push_own_body(struct imports *imports, struct thaw_import_stack *stack,
                          const struct thaw_event *event)
{
    const struct thaw_body_begin *body = &event->body_begin;
    uint32_t module = add_module(imports, stack, event, body->name);
    struct thaw_module_facts *facts;

    if (!module ||
        !thaw_import_stack_push(stack, THAW_FRAME_BODY, body->stack, event->time_ns, module))
        return false;
    begin_body(imports, thaw_import_stack_innermost(stack), event);
    imports->build->memory->modules.items[module - 1].via = "import_module";
    facts = &imports->build->module_facts.items[module - 1];
    if (stack->opened_bytecode && thaw_path_holds_module(stack->opened_bytecode, body->name))
        facts->opened_bytecode = stack->opened_bytecode;
    if (stack->opened_source && thaw_path_holds_module(stack->opened_source, body->name)) {
        facts->opened_source = stack->opened_source;
        facts->source_last = true;
    }
    stack->opened_bytecode = NULL;
    stack->opened_source = NULL;
    return true;
}

static void note_main(struct imports *imports, const struct thaw_import_stack *stack,
                      const struct thaw_event *event)
{
    struct thaw_process_facts *facts = thaw_build_facts(imports->build, stack->process);

    if (facts->main_ns || strcmp(event->body_begin.name, "__main__") != 0)
        return;
    facts->main_ns = event->time_ns;
    facts->main_file = event->body_begin.file;
}

static bool body_begin(struct imports *imports, struct thaw_import_stack *stack,
                       const struct thaw_event *event)
{
    const struct thaw_body_begin *body = &event->body_begin;
    struct thaw_frame *around;

    thaw_import_stack_prune(stack, imports->build, body->stack, event->time_ns);
    if (!body->own) {
        body_of_import(imports, stack, event);
        return true;
    }
    around = thaw_import_stack_innermost(stack);
    if (is_main(body->name)) {
        note_main(imports, stack, event);
    } else if (!is_no_module(body)) {
        if (!around || strcmp(module_of(imports, around)->name, body->name) != 0)
            return push_own_body(imports, stack, event);
        if (!around->body_ns)
            begin_body(imports, around, event);
    }
    return thaw_import_stack_push(stack, THAW_FRAME_PASSED, body->stack, event->time_ns, 0);
}

static bool dlopen_begin(struct imports *imports, struct thaw_import_stack *stack,
                         const struct thaw_event *event)
{
    const struct thaw_dlopen_begin *begin = &event->dlopen_begin;
    const struct thaw_frame *around;

    thaw_import_stack_prune(stack, imports->build, begin->stack, event->time_ns);
    around = thaw_import_stack_innermost(stack);
    if (around && !around->body_ns && strstr(thaw_path_base(begin->path), ".so") &&
        thaw_path_holds_module(begin->path, module_of(imports, around)->name))
        facts_of(imports, around)->library = begin->path;
    if (!thaw_import_stack_push(stack, THAW_FRAME_DLOPEN, begin->stack, event->time_ns, 0))
        return false;
    thaw_import_stack_top(stack)->path = begin->path;
    thaw_import_stack_top(stack)->first_module = (uint32_t)imports->build->memory->modules.count;
    return true;
}

/* Where a file is opened, closed or looked up, the stack shows what is over. */
static void prune_for_file(struct imports *imports, struct thaw_import_stack *stack,
                           uint64_t pointer, const struct thaw_event *event)
{
    if (pointer)
        thaw_import_stack_prune(stack, imports->build, pointer, event->time_ns);
}

static void file_open(struct imports *imports, struct thaw_import_stack *stack,
                      const struct thaw_event *event)
{
    const struct thaw_file_open *open = &event->file_open;
    bool bytecode = thaw_path_ends_with(open->path, ".pyc");
    const struct thaw_frame *around;
    struct thaw_module_facts *facts;

    prune_for_file(imports, stack, open->stack, event);
    thaw_loading_open(imports->build, stack, event);
    around = thaw_import_stack_innermost(stack);
    if (around && open->result >= 0 && !around->body_ns &&
        (thaw_path_is_archive(open->path) || thaw_path_archive(open->path)))
        facts_of(imports, around)->found = true;
    if (open->result < 0 || (!bytecode && !thaw_path_ends_with(open->path, ".py")))
        return;
    *(bytecode ? &stack->opened_bytecode : &stack->opened_source) = open->path;
    if (bytecode)
        stack->opened_source = NULL; /* that of an earlier module */
    if (!around || around->body_ns ||
        !thaw_path_holds_module(open->path, module_of(imports, around)->name))
        return;
    facts = facts_of(imports, around);
    *(bytecode ? &facts->opened_bytecode : &facts->opened_source) = open->path;
    facts->source_last = !bytecode;
}

static bool lazy_begin(struct imports *imports, struct thaw_import_stack *stack,
                       const struct thaw_event *event)
{
    const struct thaw_lazy_begin *begin = &event->lazy_begin;

    thaw_import_stack_prune(stack, imports->build, begin->stack, event->time_ns);
    if (!thaw_import_stack_push(stack, THAW_FRAME_LAZY, begin->stack, event->time_ns, 0))
        return false;
    thaw_import_stack_top(stack)->function = begin->function;
    thaw_import_stack_top(stack)->path = begin->file;
    return true;
}

static bool gc_begin(struct imports *imports, struct thaw_import_stack *stack,
                     const struct thaw_event *event)
{
    thaw_import_stack_prune(stack, imports->build, event->gc_begin.stack, event->time_ns);
    return thaw_import_stack_push(stack, THAW_FRAME_GC, event->gc_begin.stack, event->time_ns, 0);
}

static void frame_end(struct imports *imports, struct thaw_import_stack *stack,
                      const struct thaw_event *event)
{
    const struct thaw_frame_end end = thaw_frame_event_end(event);

    if (!thaw_import_stack_end(stack, imports->build, end.kind, end.stack, event->time_ns,
                               end.failed))
        thaw_build_facts(imports->build, stack->process)->lost_begins++;
}

static bool strand_begin(struct imports *imports, struct thaw_import_stack *stack,
                         const struct thaw_event *event)
{
    const struct thaw_strand_begin *begin = &event->strand_begin;
    struct thaw_import_stack *parent =
        thaw_import_stacks_find(&imports->stacks, stack->process, stack->tid, begin->parent);

    if (stack->seen)
        thaw_import_stack_renew(stack, imports->build, event->time_ns);
    if (!parent || parent == stack || !begin->parent_stack)
        return true;
    parent->last_ns = event->time_ns;
    stack->base = thaw_import_stack_module_at(parent, begin->parent_stack);
    if (!stack->base && !stack->seen)
        stack->base = parent->base;
    return !begin->split || stack->seen ||
           thaw_import_stack_split(parent, stack, imports->build, begin->parent_stack,
                                   event->time_ns);
}

/* The process becomes another program, or ends: nothing of it goes on. */
static void cut_process(struct imports *imports, uint32_t process, const struct thaw_event *event)
{
    enum thaw_module_cut cut =
        event->kind == THAW_EVENT_PROCESS_EXEC ? THAW_CUT_EXEC : THAW_CUT_EXIT;
    struct thaw_process_facts *facts = thaw_build_facts(imports->build, process);

    for (uint32_t i = thaw_import_stacks_of_process(&imports->stacks, process); i != UINT32_MAX;
         i = imports->stacks.all.items[i].next_of_process)
        thaw_import_stack_cut(&imports->stacks.all.items[i], imports->build, event->time_ns, cut);
    if (cut == THAW_CUT_EXEC) {
        facts->imports_seen = false;
        facts->magic = 0;
        facts->main_ns = 0;
        facts->main_file = "";
    }
}

static bool take_on_stack(struct imports *imports, struct thaw_import_stack *stack,
                          const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_IMPORT_BEGIN:
        return import_begin(imports, stack, event);
    case THAW_EVENT_BODY_BEGIN:
        return body_begin(imports, stack, event);
    case THAW_EVENT_DLOPEN_BEGIN:
        return dlopen_begin(imports, stack, event);
    case THAW_EVENT_GC_BEGIN:
        return gc_begin(imports, stack, event);
    case THAW_EVENT_MODULE_INIT:
        return thaw_extension_module_init(imports->build, stack, event);
    case THAW_EVENT_MODULE_MADE:
        thaw_extension_module_made(imports->build, stack, event);
        return true;
    case THAW_EVENT_FILE_OPEN:
        file_open(imports, stack, event);
        return true;
    case THAW_EVENT_STRAND_BEGIN:
        return strand_begin(imports, stack, event);
    case THAW_EVENT_LAZY_BEGIN:
        return lazy_begin(imports, stack, event);
    case THAW_EVENT_FILE_CLOSE:
        prune_for_file(imports, stack, event->file_close.stack, event);
        thaw_loading_close(imports->build, stack, event);
        return true;
    case THAW_EVENT_FILE_LOOKUPS:
        prune_for_file(imports, stack, event->file_lookups.stack, event);
        thaw_loading_lookups(imports->build, stack, event);
        return true;
    case THAW_EVENT_FILE_LOOKUP:
        prune_for_file(imports, stack, event->file_lookup.stack, event);
        return thaw_loading_lookup_failed(imports->build, stack, event);
    case THAW_EVENT_UNMARSHAL_BEGIN:
        thaw_loading_unmarshal(imports->build, stack);
        return true;
    case THAW_EVENT_MARSHAL_BEGIN:
        thaw_loading_marshal(imports->build, stack);
        return true;
    case THAW_EVENT_DLOPEN_RELOCATED:
        thaw_loading_relocated(stack);
        return true;
    case THAW_EVENT_SAMPLE:
        return thaw_native_sample(imports->build, stack, event);
    default:
        frame_end(imports, stack, event);
        return true;
    }
}

static bool take_frame_event(struct imports *imports, uint32_t process,
                             const struct thaw_event *event)
{
    struct thaw_import_stack *stack = thaw_import_stacks_get(&imports->stacks, process, event->tid,
                                                             thaw_frame_event_strand(event));
    bool enough;

    if (!stack)
        return false;
    stack->last_ns = event->time_ns;
    if (event->kind == THAW_EVENT_EFFECT) {
        stack->seen = true; /* now, as it may move */
        return thaw_effects_take(imports->build, &imports->stacks, stack, event);
    }
    if (!thaw_frame_event_of_files(event->kind) && event->kind != THAW_EVENT_SAMPLE)
        thaw_import_stack_advance(stack, event->time_ns,
                                  thaw_frame_event_tells_usage(event->kind) ? &event->usage : NULL);
    enough = take_on_stack(imports, stack, event);
    stack->seen = true;
    return enough;
}

static bool take_events(struct imports *imports)
{
    const struct thaw_recording *recording = imports->build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];
        uint32_t process = imports->build->event_process[i];

        if (!process)
            continue;
        if (event->kind == THAW_EVENT_PROCESS_EXEC || event->kind == THAW_EVENT_PROCESS_EXIT)
            cut_process(imports, process, event);
        else if (thaw_frame_event_is(event->kind) && !take_frame_event(imports, process, event))
            return false;
        if (!thaw_effects_of_process(imports->build, &imports->stacks, process, event))
            return false;
    }
    return true;
}

/* What is still open when the recording ends goes on to the last instant its process is known. */
static void cut_rest(struct imports *imports)
{
    for (size_t i = 0; i < imports->stacks.all.count; i++) {
        struct thaw_import_stack *stack = &imports->stacks.all.items[i];
        uint64_t exit_ns = thaw_build_process(imports->build, stack->process)->end_ns;
        uint64_t end_ns = exit_ns ? exit_ns : imports->build->observed_end_ns;

        if (end_ns < stack->last_ns) /* events behind its exit: the data contradict each other */
            end_ns = stack->last_ns;
        thaw_import_stack_cut(stack, imports->build, end_ns,
                              exit_ns ? THAW_CUT_EXIT : THAW_CUT_OPEN);
    }
}

bool thaw_imports_build(struct thaw_build *build)
{
    struct imports imports = {.build = build};
    bool enough = take_events(&imports);

    if (enough)
        cut_rest(&imports);
    thaw_import_stacks_free(&imports.stacks);
    return enough;
}
