/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/extension_modules.h"
#include "timeline/modules.h"
#include "timeline/paths.h"

/* What importlib takes for itself before it works (CPython Lib/importlib/_bootstrap.py, _setup),
 * in sub-interpreters, too; whoever imports them later finds them loaded. */
static const char *const of_importlib[] = {"_imp", "_thread", "_warnings", "_weakref"};

static bool is_of_importlib(const char *name)
{
    for (size_t i = 0; i < sizeof(of_importlib) / sizeof(of_importlib[0]); i++)
        if (!strcmp(name, of_importlib[i]))
            return true;
    return false;
}

static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot ? dot + 1 : name;
}

/* The name in the definition is often another than that of the module: "decimal" of _decimal. */
static bool alike(const char *left, const char *right)
{
    left = last_part(left);
    right = last_part(right);
    return !strcmp(left + strspn(left, "_"), right + strspn(right, "_"));
}

/* The package whose __init__ lies in the library's folder, loaded last; NULL none. */
static const struct thaw_module *package_around(const struct thaw_build *build, uint32_t process,
                                                const char *library)
{
    size_t folder = (size_t)(thaw_path_base(library) - library);

    for (size_t i = build->memory->modules.count; i > 0; i--) {
        const char *file = build->module_facts.items[i - 1].body_file;

        if (build->memory->modules.items[i - 1].process == process && file &&
            (size_t)(thaw_path_base(file) - file) == folder && !strncmp(file, library, folder) &&
            !strncmp(file + folder, "__init__.", 9))
            return &build->memory->modules.items[i - 1];
    }
    return NULL;
}

/* What a single-phase module is called: by its library, as its definition may say anything, else by
 * that. NULL when memory is short. */
static const char *single_phase_name(struct thaw_build *build, struct thaw_import_stack *stack,
                                     const struct thaw_module_init *init)
{
    const char *library = thaw_import_stack_library(stack)->path;
    const struct thaw_module *package;
    const char *base, *name;

    if (!library || strchr(init->name, '.'))
        return init->name;
    base = thaw_path_base(library);
    name = thaw_arena_text(&build->memory->arena, base, strcspn(base, "."));
    if (name && !alike(name, init->name))
        return init->name;
    package = package_around(build, stack->process, library);
    return name && package ? thaw_arena_format(&build->memory->arena, "%s.%s", package->name, name)
                           : name;
}

/*
 * What began since a library was opened and until the module that it turned out to hold is the
 * module's: its constructors or its init function imported it. Such modules are over.
 */
static void take_over(struct thaw_build *build, const struct thaw_import_stack *stack,
                      const struct thaw_opened_library *opened, uint32_t index)
{
    uint32_t around = build->module_facts.items[index].parent_index;

    for (uint32_t i = opened->first_module; i < index; i++) {
        const struct thaw_module *module = &build->memory->modules.items[i];
        struct thaw_module_facts *facts = &build->module_facts.items[i];

        if (module->process != stack->process || module->tid != stack->tid ||
            module->strand != stack->strand || facts->parent_index != around)
            continue;
        facts->parent_index = index + 1;
        facts->inside_parent = true;
    }
}

static bool add_module(struct thaw_build *build, struct thaw_import_stack *stack,
                       const struct thaw_event *event)
{
    const struct thaw_module_init *init = &event->module_init;
    const char *name = init->single_phase ? single_phase_name(build, stack, init) : init->name;
    const struct thaw_frame *around = thaw_import_stack_innermost(stack);
    bool inside = around && (around->kind == THAW_FRAME_INIT || around->part == THAW_PART_INIT);
    struct thaw_opened_library opened = *thaw_import_stack_library(stack);
    uint32_t index = name ? thaw_modules_add(build, event, stack->process, name) : UINT32_MAX;

    if (index == UINT32_MAX)
        return false;
    thaw_import_stack_hang(stack, build, index);
    build->memory->modules.items[index].via = "import_module";
    build->module_facts.items[index].initialised = true;
    thaw_import_stack_library(stack)->path = NULL;
    if (!thaw_import_stack_push(stack, THAW_FRAME_INIT, init->stack, event->time_ns, index + 1))
        return false;
    thaw_import_stack_top(stack)->single_phase = init->single_phase;
    build->memory->modules.items[index].inner = inside && !opened.path;
    if (!opened.path || !thaw_path_holds_module(opened.path, name))
        return true;
    build->module_facts.items[index].library = opened.path;
    build->memory->modules.items[index].start_ns = opened.start_ns;
    take_over(build, stack, &opened, index);
    thaw_import_stack_claim_library(stack, &opened);
    return true;
}

/* The import that is open, its code not begun: a module that is made is its own, whatever its
 * definition is called. */
static bool is_own(const struct thaw_build *build, const struct thaw_frame *around,
                   const struct thaw_module_init *init)
{
    const struct thaw_module *module;

    if (!around)
        return false;
    module = &build->memory->modules.items[around->module - 1];
    if (!strcmp(init->name, module->name))
        return true;
    if (around->kind != THAW_FRAME_IMPORT || around->body_ns)
        return false;
    return init->single_phase ? !build->module_facts.items[around->module - 1].initialised
                              : alike(init->name, module->name);
}

/* A module that its init function makes is over, and its name is known. */
void thaw_extension_module_made(struct thaw_build *build, struct thaw_import_stack *stack,
                                const struct thaw_event *event)
{
    const struct thaw_frame *top = thaw_import_stack_top(stack);
    uint32_t module = top ? top->module : 0;

    if (!top || !top->single_phase)
        return;
    build->memory->modules.items[module - 1].name = event->module_made.name;
    thaw_import_stack_end(stack, build, THAW_FRAME_INIT, top->stack, event->time_ns, false);
    stack->made = module;
}

/*
 * importlib runs the code of such a module, too, where that need not be done once only. Then it is
 * known to be over, if no event of its own has said so (3.13 and later).
 */
static bool is_made_already(struct thaw_build *build, struct thaw_import_stack *stack,
                            const struct thaw_module_init *init, uint64_t time_ns)
{
    const struct thaw_frame *top = thaw_import_stack_top(stack);
    uint32_t module = stack->made ? stack->made : top && top->single_phase ? top->module : 0;

    if (init->single_phase || !module ||
        !alike(build->memory->modules.items[module - 1].name, init->name))
        return false;
    if (!stack->made)
        thaw_import_stack_end(stack, build, THAW_FRAME_INIT, top->stack, time_ns, false);
    return true;
}

/* Code that belongs to a module that has a row already. */
static bool push_code(struct thaw_import_stack *stack, const struct thaw_event *event)
{
    const struct thaw_module_init *init = &event->module_init;

    return init->single_phase ||
           thaw_import_stack_push(stack, THAW_FRAME_INIT, init->stack, event->time_ns, 0);
}

bool thaw_extension_module_init(struct thaw_build *build, struct thaw_import_stack *stack,
                                const struct thaw_event *event)
{
    const struct thaw_module_init *init = &event->module_init;
    struct thaw_frame *around;

    if (is_made_already(build, stack, init, event->time_ns))
        return push_code(stack, event);
    thaw_import_stack_prune(stack, build, init->stack, event->time_ns);
    around = thaw_import_stack_innermost(stack);
    if (is_own(build, around, init)) {
        build->module_facts.items[around->module - 1].initialised = true;
        if (thaw_frame_is_loading(around))
            around->part = THAW_PART_INIT;
    } else if (*init->name && !is_of_importlib(init->name) &&
               thaw_build_facts(build, stack->process)->imports_seen) {
        return add_module(build, stack, event);
    }
    return push_code(stack, event);
}
