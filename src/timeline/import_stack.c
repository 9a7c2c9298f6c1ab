/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/import_stack.h"

/* How a frame ended. */
struct ending {
    uint64_t time_ns;
    bool failed;
    bool inferred;
    enum thaw_module_cut cut;
};

bool thaw_import_stack_push(struct thaw_import_stack *stack, enum thaw_frame_kind kind,
                            uint64_t pointer, uint64_t time_ns, uint32_t module)
{
    struct thaw_frame *frame = thaw_array_add(&stack->frames);

    if (!frame)
        return false;
    frame->kind = kind;
    frame->stack = pointer;
    frame->start_ns = time_ns;
    frame->module = module;
    stack->made = 0;
    return true;
}

struct thaw_frame *thaw_import_stack_top(const struct thaw_import_stack *stack)
{
    return stack->frames.count ? &stack->frames.items[stack->frames.count - 1] : NULL;
}

static uint64_t sum(const struct thaw_frame_parts *parts)
{
    return parts->modules_ns + parts->dlopen_ns + parts->gc_ns;
}

/* It raised: was there such a module at all? */
static enum thaw_module_status failure_of(const struct thaw_frame *frame, struct thaw_build *build)
{
    const struct thaw_module_facts *facts = &build->module_facts.items[frame->module - 1];

    if (frame->body_ns || facts->opened_bytecode || facts->opened_source || facts->library ||
        facts->initialised || facts->found || facts->child_failed)
        return THAW_MODULE_FAILED;
    return THAW_MODULE_NOT_FOUND;
}

static void finish_module(const struct thaw_frame *frame, struct thaw_build *build,
                          const struct ending *ending)
{
    struct thaw_module *module = &build->memory->modules.items[frame->module - 1];
    uint64_t others_ns = sum(&frame->parts) - sum(&frame->before_body);

    module->total_ns = thaw_build_less(ending->time_ns, frame->start_ns);
    module->gc_ns = frame->parts.gc_ns;
    module->self_ns =
        thaw_build_less(module->total_ns, frame->parts.modules_ns + frame->parts.gc_ns);
    module->dlopen_ns = frame->parts.dlopen_ns;
    module->end_inferred = ending->inferred;
    module->status = ending->failed ? failure_of(frame, build) : THAW_MODULE_LOADED;
    if (ending->failed && build->module_facts.items[frame->module - 1].parent_index)
        build->module_facts.items[build->module_facts.items[frame->module - 1].parent_index - 1]
            .child_failed = true;
    if (ending->cut)
        module->status = THAW_MODULE_UNFINISHED;
    build->module_facts.items[frame->module - 1].cut = ending->cut;
    if (frame->body_ns)
        module->execute_ns =
            thaw_build_less(thaw_build_less(ending->time_ns, frame->body_ns), others_ns);
}

/* What the frame hands on to the one below it. */
static void hand_on(struct thaw_frame_parts *below, const struct thaw_frame *frame,
                    uint64_t total_ns)
{
    const struct thaw_frame_parts *parts = &frame->parts;

    if (frame->module) {
        below->modules_ns += total_ns;
        return;
    }
    below->modules_ns += parts->modules_ns;
    if (frame->kind == THAW_FRAME_GC) {
        below->gc_ns += thaw_build_less(total_ns, parts->modules_ns);
        return;
    }
    below->gc_ns += parts->gc_ns;
    if (frame->kind == THAW_FRAME_DLOPEN)
        below->dlopen_ns += thaw_build_less(total_ns, parts->modules_ns + parts->gc_ns);
    else
        below->dlopen_ns += parts->dlopen_ns;
}

static void account_collection(struct thaw_timeline_process *process, uint64_t total_ns)
{
    process->gc_count++;
    process->gc_ns += total_ns;
    if (total_ns > process->gc_longest_ns)
        process->gc_longest_ns = total_ns;
}

struct thaw_opened_library *thaw_import_stack_library(struct thaw_import_stack *stack)
{
    struct thaw_frame *top = thaw_import_stack_top(stack);

    return top ? &top->opened_library : &stack->opened_library;
}

static void remember_library(struct thaw_import_stack *stack, const struct thaw_build *build,
                             const struct thaw_frame *frame, uint64_t total_ns)
{
    struct thaw_opened_library *opened = thaw_import_stack_library(stack);

    memset(opened, 0, sizeof(*opened));
    opened->path = frame->path;
    opened->start_ns = frame->start_ns;
    opened->first_module = frame->first_module;
    opened->next_module = (uint32_t)build->memory->modules.count;
    hand_on(&opened->parts, frame, total_ns);
}

static void close_top(struct thaw_import_stack *stack, struct thaw_build *build,
                      const struct ending *ending)
{
    struct thaw_frame frame = *thaw_import_stack_top(stack);
    uint64_t total_ns = thaw_build_less(ending->time_ns, frame.start_ns);
    struct thaw_frame *below;

    if (frame.module)
        finish_module(&frame, build, ending);
    if (frame.kind == THAW_FRAME_GC)
        account_collection(&build->memory->processes.items[stack->process - 1], total_ns);
    stack->frames.count--;
    below = thaw_import_stack_top(stack);
    if (frame.kind == THAW_FRAME_DLOPEN)
        remember_library(stack, build, &frame, total_ns);
    if (below)
        hand_on(&below->parts, &frame, total_ns);
}

/* Is the module, or what it hangs below, on the other strand by now? */
static bool follows(const struct thaw_build *build, uint32_t index, uint64_t strand)
{
    uint32_t parent = build->module_facts.items[index].parent_index;

    return parent && build->memory->modules.items[parent - 1].strand == strand &&
           build->memory->modules.items[parent - 1].tid == build->memory->modules.items[index].tid;
}

/* What was imported below the moved modules goes with them, over or not. */
static void move_modules(struct thaw_build *build, const struct thaw_import_stack *from,
                         const struct thaw_import_stack *to)
{
    bool moved = true;

    for (size_t i = 0; i < to->frames.count; i++)
        if (to->frames.items[i].module)
            build->memory->modules.items[to->frames.items[i].module - 1].strand = to->strand;
    while (moved) { /* mostly once: parents come before children */
        moved = false;
        for (uint32_t i = 0; i < build->memory->modules.count; i++) {
            struct thaw_module *module = &build->memory->modules.items[i];

            if (module->process != from->process || module->tid != from->tid ||
                module->strand != from->strand || !follows(build, i, to->strand))
                continue;
            module->strand = to->strand;
            moved = true;
        }
    }
}

/* What is over inside the outermost of the moved frames hangs below the module that stays, if they
 * have none of their own. */
static void leave_parts(struct thaw_frame_parts *stays, struct thaw_frame *frames, size_t count)
{
    for (size_t i = 0; i < count && !frames[i].module; i++) {
        stays->modules_ns += frames[i].parts.modules_ns;
        stays->dlopen_ns += frames[i].parts.dlopen_ns;
        stays->gc_ns += frames[i].parts.gc_ns;
        memset(&frames[i].parts, 0, sizeof(frames[i].parts));
    }
}

bool thaw_import_stack_split(struct thaw_import_stack *from, struct thaw_import_stack *to,
                             struct thaw_build *build, uint64_t pointer)
{
    size_t kept = from->frames.count;

    if (to->frames.count)
        return true; /* the data contradict each other */
    while (kept && from->frames.items[kept - 1].stack < pointer)
        kept--;
    if (kept)
        leave_parts(&from->frames.items[kept - 1].parts, from->frames.items + kept,
                    from->frames.count - kept);
    for (size_t i = kept; i < from->frames.count; i++) {
        struct thaw_frame *frame = thaw_array_add(&to->frames);

        if (!frame)
            return false;
        *frame = from->frames.items[i];
    }
    from->frames.count = kept;
    move_modules(build, from, to);
    return true;
}

void thaw_import_stack_prune(struct thaw_import_stack *stack, struct thaw_build *build,
                             uint64_t pointer, uint64_t time_ns)
{
    const struct ending ending = {.time_ns = time_ns, .inferred = true};

    while (thaw_import_stack_top(stack) && thaw_import_stack_top(stack)->stack <= pointer)
        close_top(stack, build, &ending);
}

static bool ends_as(enum thaw_frame_kind frame, enum thaw_frame_kind kind)
{
    return frame == kind || (frame == THAW_FRAME_PASSED && kind == THAW_FRAME_BODY);
}

bool thaw_import_stack_end(struct thaw_import_stack *stack, struct thaw_build *build,
                           enum thaw_frame_kind kind, uint64_t pointer, uint64_t time_ns,
                           bool failed)
{
    struct ending ending = {.time_ns = time_ns, .inferred = true};
    struct thaw_frame *top = thaw_import_stack_top(stack);

    while (top && top->stack < pointer) {
        close_top(stack, build, &ending);
        top = thaw_import_stack_top(stack);
    }
    if (!top || top->stack != pointer)
        return false;
    ending.inferred = !ends_as(top->kind, kind);
    ending.failed = failed && !ending.inferred;
    close_top(stack, build, &ending);
    return !ending.inferred;
}

void thaw_import_stack_cut(struct thaw_import_stack *stack, struct thaw_build *build,
                           uint64_t time_ns, enum thaw_module_cut cut)
{
    const struct ending ending = {.time_ns = time_ns, .cut = cut};

    while (thaw_import_stack_top(stack))
        close_top(stack, build, &ending);
}

uint32_t thaw_import_stack_module(const struct thaw_import_stack *stack)
{
    const struct thaw_frame *frame = thaw_import_stack_innermost(stack);

    return frame ? frame->module : stack->base;
}

void thaw_import_stack_claim_library(struct thaw_import_stack *stack,
                                     const struct thaw_opened_library *opened)
{
    const struct thaw_frame_parts *taken = &opened->parts;
    struct thaw_frame *frame = thaw_import_stack_top(stack);
    struct thaw_frame_parts *below;

    frame->start_ns = opened->start_ns;
    frame->parts = *taken;
    if (stack->frames.count < 2)
        return;
    below = &stack->frames.items[stack->frames.count - 2].parts;
    below->modules_ns = thaw_build_less(below->modules_ns, taken->modules_ns);
    below->dlopen_ns = thaw_build_less(below->dlopen_ns, taken->dlopen_ns);
    below->gc_ns = thaw_build_less(below->gc_ns, taken->gc_ns);
}

struct thaw_frame *thaw_import_stack_innermost(const struct thaw_import_stack *stack)
{
    for (size_t i = stack->frames.count; i > 0; i--)
        if (stack->frames.items[i - 1].module)
            return &stack->frames.items[i - 1];
    return NULL;
}

void thaw_frame_begin_body(struct thaw_frame *frame, struct thaw_build *build, uint64_t time_ns)
{
    frame->body_ns = time_ns;
    frame->before_body = frame->parts;
    build->memory->modules.items[frame->module - 1].body_ns = time_ns;
}
