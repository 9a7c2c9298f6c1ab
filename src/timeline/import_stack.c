/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/account.h"
#include "timeline/import_stack.h"
#include "timeline/loading.h"
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
    frame->part = kind == THAW_FRAME_INIT ? THAW_PART_INIT : THAW_PART_UNKNOWN;
    stack->made = 0;
    stack->found = false;
    return true;
}

struct thaw_frame *thaw_import_stack_top(const struct thaw_import_stack *stack)
{
    return stack->frames.count ? &stack->frames.items[stack->frames.count - 1] : NULL;
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

/* Parts and total of a module that is over: the parts are what is known of its own time. */
static void finish_parts(struct thaw_module *module, const struct thaw_account *account)
{
    uint64_t known_ns = 0;

    memcpy(module->parts, account->parts, sizeof(module->parts));
    module->total = thaw_account_total(account);
    module->total.ns = module->total_ns;
    module->gc_ns = account->parts[THAW_PART_GC].ns;
    module->self_ns = thaw_build_less(module->total_ns, account->below.ns + module->gc_ns);
    for (size_t i = 0; i < THAW_PARTS; i++)
        known_ns += i == THAW_PART_GC ? 0 : account->parts[i].ns;
    if (known_ns > module->self_ns) { /* the clock was set back: nothing is made up */
        for (size_t i = 0; i < THAW_PARTS; i++)
            module->parts[i].ns = i == THAW_PART_GC ? module->gc_ns : 0;
        known_ns = 0;
    }
    module->parts[THAW_PART_UNKNOWN].ns += module->self_ns - known_ns;
}

static void finish_module(const struct thaw_frame *frame, struct thaw_build *build,
                          const struct ending *ending)
{
    struct thaw_module *module = &build->memory->modules.items[frame->module - 1];

    module->total_ns = thaw_build_less(ending->time_ns, frame->start_ns);
    finish_parts(module, &frame->account);
    module->end_inferred = ending->inferred;
    module->status = ending->failed ? failure_of(frame, build) : THAW_MODULE_LOADED;
    if (ending->failed && build->module_facts.items[frame->module - 1].parent_index)
        build->module_facts.items[build->module_facts.items[frame->module - 1].parent_index - 1]
            .child_failed = true;
    if (ending->cut)
        module->status = THAW_MODULE_UNFINISHED;
    build->module_facts.items[frame->module - 1].cut = ending->cut;
}

/* What the frame hands on to the one below it. */
static void hand_on(struct thaw_account *below, const struct thaw_frame *frame, uint64_t total_ns)
{
    struct thaw_spent total;

    if (!frame->module) {
        thaw_account_add(below, &frame->account);
        return;
    }
    total = thaw_account_total(&frame->account);
    total.ns = total_ns;
    thaw_spent_add(&below->below, &total);
}

static void account_collection(struct thaw_timeline_process *process, uint64_t total_ns)
{
    process->gc_count++;
    process->gc_ns += total_ns;
    if (total_ns > process->gc_longest_ns)
        process->gc_longest_ns = total_ns;
}

uint32_t thaw_import_stack_module_at(const struct thaw_import_stack *stack, uint64_t pointer)
{
    for (size_t i = stack->frames.count; i > 0; i--) {
        const struct thaw_frame *frame = &stack->frames.items[i - 1];

        if (frame->stack >= pointer && frame->module)
            return frame->module;
    }
    return 0;
}

struct thaw_opened_library *thaw_import_stack_library(struct thaw_import_stack *stack)
{
    struct thaw_frame *top = thaw_import_stack_top(stack);

    return top ? &top->opened_library : &stack->opened_library;
}

/* Where the times of what is over go: to the innermost frame, or outside. */
static struct thaw_account *account_of(struct thaw_import_stack *stack)
{
    struct thaw_frame *top = thaw_import_stack_top(stack);

    return top ? &top->account : &stack->outside;
}

/* Whose time passes: a collection's, a library's that is opened, else the innermost module's. */
static struct thaw_frame *spender(const struct thaw_import_stack *stack)
{
    for (size_t i = stack->frames.count; i > 0; i--) {
        struct thaw_frame *frame = &stack->frames.items[i - 1];

        if (frame->module || frame->kind == THAW_FRAME_GC || frame->kind == THAW_FRAME_DLOPEN)
            return frame;
    }
    return NULL;
}

static struct thaw_spent *account_at(struct thaw_import_stack *stack)
{
    struct thaw_frame *frame = spender(stack);

    if (!frame)
        return &stack->outside.parts[THAW_PART_EXECUTE];
    if (frame->kind == THAW_FRAME_GC)
        return &frame->account.parts[THAW_PART_GC];
    if (frame->kind == THAW_FRAME_DLOPEN)
        return &frame->account.parts[THAW_PART_DLOPEN];
    return &frame->account.parts[frame->part];
}

void thaw_import_stack_advance(struct thaw_import_stack *stack, uint64_t time_ns,
                               const struct thaw_usage *usage)
{
    struct thaw_spent *spent = account_at(stack);

    if (stack->accounted_ns)
        spent->ns += thaw_build_less(time_ns, stack->accounted_ns);
    if (time_ns > stack->accounted_ns)
        stack->accounted_ns = time_ns;
    if (!usage)
        return;
    if (stack->usage_known)
        thaw_spent_use(spent, &stack->usage, usage);
    stack->usage = *usage;
    stack->usage_known = true;
    stack->usage_ns = time_ns;
}

static void remember_library(struct thaw_import_stack *stack, const struct thaw_frame *frame)
{
    *thaw_import_stack_library(stack) = (struct thaw_opened_library){
        .path = frame->path,
        .start_ns = frame->start_ns,
        .before = *account_of(stack),
        .first_module = frame->first_module,
    };
}

/* What follows the library of a module that is loaded is what the module does by itself. */
static void begin_init(struct thaw_import_stack *stack)
{
    struct thaw_frame *top = thaw_import_stack_top(stack);

    if (top && thaw_frame_is_loading(top))
        top->part = THAW_PART_INIT;
}

static void close_top(struct thaw_import_stack *stack, struct thaw_build *build,
                      const struct ending *ending)
{
    struct thaw_frame frame;
    uint64_t total_ns;

    thaw_import_stack_advance(stack, ending->time_ns, NULL);
    frame = *thaw_import_stack_top(stack);
    total_ns = thaw_build_less(ending->time_ns, frame.start_ns);
    if (frame.kind == THAW_FRAME_DLOPEN)
        thaw_account_close_library(&frame.account);
    if (frame.module) {
        if (!ending->failed && !ending->cut)
            thaw_loading_end(build, &frame);
        finish_module(&frame, build, ending);
        /* Of what has no end of its own it is not known how it spent the time up to then. */
        build->memory->modules.items[frame.module - 1].usage_known =
            stack->usage_known && stack->usage_ns >= ending->time_ns;
    }
    if (frame.kind == THAW_FRAME_GC)
        account_collection(&build->memory->processes.items[stack->process - 1],
                           frame.account.parts[THAW_PART_GC].ns);
    stack->frames.count--;
    if (frame.kind == THAW_FRAME_DLOPEN)
        remember_library(stack, &frame);
    hand_on(account_of(stack), &frame, total_ns);
    if (frame.kind == THAW_FRAME_DLOPEN)
        begin_init(stack);
}

/*
 * Frames from the index on leave the stack. What went on in those before the outermost module stays
 * with the frame they leave, as it lay in its time; that module begins the new strand. Returns how
 * long it has lasted: that was the other frame's time, too.
 */
static uint64_t leave(struct thaw_import_stack *from, const struct thaw_import_stack *to,
                      struct thaw_build *build, size_t kept, uint64_t time_ns)
{
    size_t outer = kept;
    uint64_t lasted_ns = 0;

    while (outer < from->frames.count && !from->frames.items[outer].module)
        outer++;
    if (outer < from->frames.count) {
        uint32_t module = from->frames.items[outer].module - 1;

        build->memory->modules.items[module].strand = to->strand;
        build->module_facts.items[module].inside_parent = false;
        lasted_ns = thaw_build_less(time_ns, from->frames.items[outer].start_ns);
    }
    for (size_t i = outer; i > kept; i--) {
        struct thaw_frame *frame = &from->frames.items[i - 1];

        hand_on(i > 1 ? &frame[-1].account : &from->outside, frame,
                thaw_build_less(time_ns, frame->start_ns));
        memset(&frame->account, 0, sizeof(frame->account));
    }
    return lasted_ns;
}

bool thaw_import_stack_split(struct thaw_import_stack *from, struct thaw_import_stack *to,
                             struct thaw_build *build, uint64_t pointer, uint64_t time_ns)
{
    size_t kept = from->frames.count;
    uint64_t lasted_ns;

    thaw_import_stack_advance(from, time_ns, NULL);
    to->accounted_ns = time_ns;
    to->usage = from->usage;
    to->usage_known = from->usage_known;
    to->usage_ns = from->usage_ns;
    while (kept && from->frames.items[kept - 1].stack < pointer)
        kept--;
    lasted_ns = leave(from, to, build, kept, time_ns);
    for (size_t i = kept; i < from->frames.count; i++) {
        struct thaw_frame *frame = thaw_array_add(&to->frames);

        if (!frame)
            return false;
        *frame = from->frames.items[i];
        frame->opened_library.path = NULL; /* its modules are partly of the old strand */
    }
    from->frames.count = kept;
    account_at(from)->ns += lasted_ns;
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
    struct thaw_account *around = stack->frames.count > 1 ? &frame[-1].account : &stack->outside;

    frame->start_ns = opened->start_ns;
    frame->account = *around;
    thaw_account_take_out(&frame->account, &opened->before);
    thaw_account_move(&frame->account, THAW_PART_EXECUTE, THAW_PART_INIT);
    *around = opened->before;
}

struct thaw_frame *thaw_import_stack_innermost(const struct thaw_import_stack *stack)
{
    for (size_t i = stack->frames.count; i > 0; i--)
        if (stack->frames.items[i - 1].module)
            return &stack->frames.items[i - 1];
    return NULL;
}

bool thaw_frame_is_loading(const struct thaw_frame *frame)
{
    return frame->kind == THAW_FRAME_IMPORT && !frame->body_ns;
}

void thaw_frame_begin_body(struct thaw_frame *frame, struct thaw_build *build, uint64_t time_ns)
{
    frame->body_ns = time_ns;
    frame->part = THAW_PART_EXECUTE;
    frame->opened_library.path = NULL; /* it was for what came before */
    build->memory->modules.items[frame->module - 1].body_ns = time_ns;
}
