/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/mark_collector.h"

/* The last import the script's own thread made from outside any module, NULL none. */
static const struct thaw_module *last_import(const struct thaw_mark_collector *collector,
                                             uint64_t from_ns)
{
    const struct thaw_module *found = NULL;

    for (size_t i = 0; i < collector->facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(collector->build, collector->facts, i);
        bool own_thread = !module->timed || module->tid == collector->process->pid;

        if (module->start_ns >= from_ns && !module->parent && own_thread)
            found = module;
    }
    return found;
}

bool thaw_script_marks_collect(struct thaw_mark_collector *collector)
{
    struct thaw_mark interpreter;
    const struct thaw_module *last;
    const char *words;
    uint64_t end_ns;

    if (!thaw_process_marks_start(collector) ||
        !thaw_process_marks_interpreter(collector, &interpreter))
        return false;
    if (!interpreter.time_ns) /* nothing tells the interpreter's start from the program's work */
        return thaw_mark_collector_add(collector, THAW_MARK_BLIND, collector->start.time_ns,
                                       THAW_DERIVED, collector->start.words) &&
               thaw_process_marks_end(collector);
    last = last_import(collector, interpreter.time_ns);
    if (!last)
        return thaw_mark_collector_add(collector, THAW_MARK_END, interpreter.time_ns,
                                       interpreter.confidence, interpreter.words);
    end_ns = last->start_ns + last->total_ns;
    words = thaw_arena_format(&collector->build->memory->arena, "end of import %s", last->name);
    return thaw_mark_collector_add(collector, THAW_MARK_IMPORT, interpreter.time_ns, THAW_DERIVED,
                                   interpreter.words) &&
           thaw_mark_collector_add(collector, THAW_MARK_IMPORTED, end_ns, THAW_DERIVED, words) &&
           thaw_mark_collector_add(collector, THAW_MARK_END, end_ns, THAW_DERIVED, words);
}
