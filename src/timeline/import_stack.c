/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/import_stack.h"
#include "timeline/modules.h"

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

/* Where the times of what is over go: to the innermost frame, or outside. */
static struct thaw_frame_parts *parts_of(struct thaw_import_stack *stack)
{
    struct thaw_frame *top = thaw_import_stack_top(stack);

    return top ? &top->parts : &stack->outside;
}

static void remember_library(struct thaw_import_stack *stack, const struct thaw_frame *frame)
{
    *thaw_import_stack_library(stack) = (struct thaw_opened_library){
        .path = frame->path,
        .start_ns = frame->start_ns,
        .before = *parts_of(stack),
        .first_module = frame->first_module,
    };
}

static void close_top(struct thaw_import_stack *stack, struct thaw_build *build,
                      const struct ending *ending)
{
    struct thaw_frame frame = *thaw_import_stack_top(stack);
    uint64_t total_ns = thaw_build_less(ending->time_ns, frame.start_ns);

    if (frame.module)
        finish_module(&frame, build, ending);
    if (frame.kind == THAW_FRAME_GC)
        account_collection(&build->memory->processes.items[stack->process - 1], total_ns);
    stack->frames.count--;
    if (frame.kind == THAW_FRAME_DLOPEN)
        remember_library(stack, &frame);
    hand_on(parts_of(stack), &frame, total_ns);
}

/*
 * Frames from the index on leave the stack. What went on in those before the outermost module stays
 * with the frame they leave, as it lay in its time; that module begins the new strand.
 */
static void leave(struct thaw_import_stack *from, const struct thaw_import_stack *to,
                  struct thaw_build *build, size_t kept, uint64_t time_ns)
{
    size_t outer = kept;

    while (outer < from->frames.count && !from->frames.items[outer].module)
        outer++;
    if (outer < from->frames.count) {
        uint32_t module = from->frames.items[outer].module - 1;

        build->memory->modules.items[module].strand = to->strand;
        build->module_facts.items[module].inside_parent = false;
    }
    for (size_t i = outer; i > kept; i--) {
        struct thaw_frame *frame = &from->frames.items[i - 1];

        hand_on(i > 1 ? &frame[-1].parts : &from->outside, frame,
                thaw_build_less(time_ns, frame->start_ns));
        memset(&frame->parts, 0, sizeof(frame->parts));
    }
}

bool thaw_import_stack_split(struct thaw_import_stack *from, struct thaw_import_stack *to,
                             struct thaw_build *build, uint64_t pointer, uint64_t time_ns)
{
    size_t kept = from->frames.count;

    while (kept && from->frames.items[kept - 1].stack < pointer)
        kept--;
    leave(from, to, build, kept, time_ns);
    for (size_t i = kept; i < from->frames.count; i++) {
        struct thaw_frame *frame = thaw_array_add(&to->frames);

        if (!frame)
            return false;
        *frame = from->frames.items[i];
        frame->opened_library.path = NULL; /* its modules are partly of the old strand */
    }
    from->frames.count = kept;
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

static void forget(struct thaw_import_stack *stack)
{
    stack->base = 0;
    stack->opened_bytecode = NULL;
    stack->opened_source = NULL;
    stack->opened_library.path = NULL;
    stack->made = 0;
}

void thaw_import_stack_renew(struct thaw_import_stack *stack, struct thaw_build *build,
                             uint64_t time_ns)
{
    thaw_import_stack_prune(stack, build, UINT64_MAX, time_ns);
    forget(stack);
}

void thaw_import_stack_cut(struct thaw_import_stack *stack, struct thaw_build *build,
                           uint64_t time_ns, enum thaw_module_cut cut)
{
    const struct ending ending = {.time_ns = time_ns, .cut = cut};

    while (thaw_import_stack_top(stack))
        close_top(stack, build, &ending);
    forget(stack);
    stack->seen = false;
}

uint32_t thaw_import_stack_module(const struct thaw_import_stack *stack)
{
    const struct thaw_frame *frame = thaw_import_stack_innermost(stack);

    return frame ? frame->module : stack->base;
}

void thaw_import_stack_hang(const struct thaw_import_stack *stack, struct thaw_build *build,
                            uint32_t index)
{
    thaw_modules_hang(build, index, thaw_import_stack_module(stack), stack->strand,
                      thaw_import_stack_innermost(stack) != NULL);
}

void thaw_import_stack_claim_library(struct thaw_import_stack *stack,
                                     const struct thaw_opened_library *opened)
{
    struct thaw_frame *frame = thaw_import_stack_top(stack);
    struct thaw_frame_parts *around = stack->frames.count > 1 ? &frame[-1].parts : &stack->outside;

    frame->start_ns = opened->start_ns;
    frame->parts = (struct thaw_frame_parts){
        .modules_ns = around->modules_ns - opened->before.modules_ns,
        .dlopen_ns = around->dlopen_ns - opened->before.dlopen_ns,
        .gc_ns = around->gc_ns - opened->before.gc_ns,
    };
    *around = opened->before;
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
    frame->opened_library.path = NULL; /* it was for what came before */
    build->memory->modules.items[frame->module - 1].body_ns = time_ns;
}
