/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/import_stack.h"
#include "timeline/imports.h"
#include "timeline/lookup.h"
#include "timeline/modules.h"
#include "timeline/paths.h"

struct imports {
    struct thaw_build *build;
    THAW_ARRAY(struct thaw_import_stack) stacks;
    struct thaw_lookup by_thread;  /* index of the stack by process id and tid */
    struct thaw_lookup by_process; /* index of the process's latest stack */
};

static struct thaw_import_stack *stack_of(struct imports *imports, uint32_t process, uint32_t tid)
{
    uint64_t key = (uint64_t)process << 32 | tid;
    uint32_t index = thaw_lookup_number(&imports->by_thread, key, UINT32_MAX);
    struct thaw_import_stack *stack;

    if (index != UINT32_MAX)
        return &imports->stacks.items[index];
    stack = thaw_array_add(&imports->stacks);
    if (!stack ||
        !thaw_lookup_set_number(&imports->by_thread, key, (uint32_t)imports->stacks.count - 1))
        return NULL;
    stack->process = process;
    stack->tid = tid;
    index = (uint32_t)imports->stacks.count - 1;
    stack->next_of_process = thaw_lookup_number(&imports->by_process, process, UINT32_MAX);
    return thaw_lookup_set_number(&imports->by_process, process, index) ? stack : NULL;
}

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
    const struct thaw_frame *around = thaw_import_stack_innermost(stack);
    uint32_t parent = around ? around->module : 0;
    uint32_t index = thaw_modules_add(imports->build, event, stack->process, name);
    struct thaw_module_facts *facts;

    if (index == UINT32_MAX)
        return 0;
    imports->build->memory->modules.items[index].timed = true;
    facts = &imports->build->module_facts.items[index];
    facts->parent_index = parent;
    facts->depth = parent ? imports->build->module_facts.items[parent - 1].depth + 1 : 0;
    return index + 1;
}

static bool import_begin(struct imports *imports, struct thaw_import_stack *stack,
                         const struct thaw_event *event)
{
    const struct thaw_import_begin *begin = &event->import_begin;
    const struct thaw_frame *around;
    const char *via = "statement";
    uint32_t module;

    thaw_import_stack_prune(stack, imports->build, begin->stack, event->time_ns);
    around = thaw_import_stack_innermost(stack);
    if (around && around->kind == THAW_FRAME_IMPORT && !around->body_ns &&
        thaw_modules_is_package_of(begin->name, module_of(imports, around)->name))
        via = "implicit parent";
    module = add_module(imports, stack, event, begin->name);
    if (!module)
        return false;
    imports->build->memory->modules.items[module - 1].via = via;
    return thaw_import_stack_push(stack, THAW_FRAME_IMPORT, begin->stack, event->time_ns, module);
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
    return thaw_import_stack_push(stack, THAW_FRAME_DLOPEN, begin->stack, event->time_ns, 0);
}

static void file_open(struct imports *imports, struct thaw_import_stack *stack,
                      const struct thaw_file_open *open)
{
    bool bytecode = thaw_path_ends_with(open->path, ".pyc");
    const struct thaw_frame *around = thaw_import_stack_innermost(stack);
    struct thaw_module_facts *facts;

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

static bool gc_begin(struct imports *imports, struct thaw_import_stack *stack,
                     const struct thaw_event *event)
{
    thaw_import_stack_prune(stack, imports->build, event->gc_begin.stack, event->time_ns);
    return thaw_import_stack_push(stack, THAW_FRAME_GC, event->gc_begin.stack, event->time_ns, 0);
}

static void frame_end(struct imports *imports, struct thaw_import_stack *stack,
                      const struct thaw_event *event)
{
    enum thaw_frame_kind kind = THAW_FRAME_IMPORT;
    uint64_t pointer = event->import_end.stack, failed = event->import_end.failed;

    if (event->kind == THAW_EVENT_BODY_END) {
        kind = THAW_FRAME_BODY;
        pointer = event->body_end.stack;
        failed = event->body_end.failed;
    } else if (event->kind == THAW_EVENT_DLOPEN_END) {
        kind = THAW_FRAME_DLOPEN;
        pointer = event->dlopen_end.stack;
        failed = event->dlopen_end.failed;
    } else if (event->kind == THAW_EVENT_GC_END) {
        kind = THAW_FRAME_GC;
        pointer = event->gc_end.stack;
        failed = 0;
    }
    if (!thaw_import_stack_end(stack, imports->build, kind, pointer, event->time_ns, failed != 0))
        thaw_build_facts(imports->build, stack->process)->lost_begins++;
}

/* The process becomes another program, or ends: nothing of it goes on. */
static void cut_process(struct imports *imports, uint32_t process, const struct thaw_event *event)
{
    enum thaw_module_cut cut =
        event->kind == THAW_EVENT_PROCESS_EXEC ? THAW_CUT_EXEC : THAW_CUT_EXIT;
    struct thaw_process_facts *facts = thaw_build_facts(imports->build, process);

    for (uint32_t i = thaw_lookup_number(&imports->by_process, process, UINT32_MAX);
         i != UINT32_MAX; i = imports->stacks.items[i].next_of_process)
        thaw_import_stack_cut(&imports->stacks.items[i], imports->build, event->time_ns, cut);
    if (cut == THAW_CUT_EXEC) {
        facts->main_ns = 0;
        facts->main_file = "";
    }
}

static bool take_frame_event(struct imports *imports, uint32_t process,
                             const struct thaw_event *event)
{
    struct thaw_import_stack *stack = stack_of(imports, process, event->tid);

    if (!stack)
        return false;
    stack->last_ns = event->time_ns;
    switch (event->kind) {
    case THAW_EVENT_IMPORT_BEGIN:
        return import_begin(imports, stack, event);
    case THAW_EVENT_BODY_BEGIN:
        return body_begin(imports, stack, event);
    case THAW_EVENT_DLOPEN_BEGIN:
        return dlopen_begin(imports, stack, event);
    case THAW_EVENT_GC_BEGIN:
        return gc_begin(imports, stack, event);
    case THAW_EVENT_FILE_OPEN:
        file_open(imports, stack, &event->file_open);
        return true;
    default:
        frame_end(imports, stack, event);
        return true;
    }
}

static bool is_frame_event(uint16_t kind)
{
    return kind >= THAW_EVENT_IMPORT_BEGIN && kind <= THAW_EVENT_GC_END &&
           kind != THAW_EVENT_IMPORT_TIMED;
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
        else if (is_frame_event(event->kind) && !take_frame_event(imports, process, event))
            return false;
    }
    return true;
}

/* What is still open when the recording ends goes on to the last instant its process is known. */
static void cut_rest(struct imports *imports)
{
    for (size_t i = 0; i < imports->stacks.count; i++) {
        struct thaw_import_stack *stack = &imports->stacks.items[i];
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
    for (size_t i = 0; i < imports.stacks.count; i++)
        thaw_array_free(&imports.stacks.items[i].frames);
    thaw_array_free(&imports.stacks);
    thaw_lookup_free(&imports.by_thread);
    thaw_lookup_free(&imports.by_process);
    return enough;
}
