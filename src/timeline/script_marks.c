/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/mark_collector.h"

/* The last import the script's own thread made from outside any module, NULL none. */
static const struct thaw_module *last_import(const struct thaw_mark_collector *collector,
                                             uint64_t from_ns, uint64_t until_ns)
{
    const struct thaw_module *found = NULL;

    for (size_t i = 0; i < collector->facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(collector->build, collector->facts, i);
        bool own_thread = !module->timed || module->tid == collector->process->pid;

        if (module->start_ns >= from_ns && module->start_ns < until_ns && !module->parent &&
            own_thread)
            found = module;
    }
    return found;
}

bool thaw_script_marks_imports(const struct thaw_mark_collector *collector,
                               const struct thaw_mark *interpreter, uint64_t until_ns,
                               struct thaw_mark *ret)
{
    const struct thaw_module *last = last_import(collector, interpreter->time_ns, until_ns);

    *ret = (struct thaw_mark){0};
    if (!last)
        return true;
    ret->time_ns = last->start_ns + last->total_ns;
    ret->confidence = THAW_DERIVED;
    ret->words =
        thaw_arena_format(&collector->build->memory->arena, "end of import %s", last->name);
    return ret->words != NULL;
}

bool thaw_script_marks_listen(struct thaw_mark_collector *collector)
{
    const struct thaw_event *listen = collector->facts->listen;

    return !listen || thaw_mark_collector_add(collector, THAW_MARK_LISTEN, listen->time_ns,
                                              THAW_OBSERVED, thaw_listen_words(collector, listen));
}

/* What is known last of its start: that it listens, else its last import. */
static bool add_end(struct thaw_mark_collector *collector, const struct thaw_mark *last)
{
    const struct thaw_event *listen = collector->facts->listen;

    if (!listen || listen->time_ns < last->time_ns)
        return thaw_mark_collector_add(collector, THAW_MARK_END, last->time_ns, last->confidence,
                                       last->words);
    return thaw_script_marks_listen(collector) &&
           thaw_mark_collector_add(collector, THAW_MARK_END, listen->time_ns, THAW_OBSERVED,
                                   thaw_listen_words(collector, listen));
}

bool thaw_script_marks_collect(struct thaw_mark_collector *collector)
{
    struct thaw_mark interpreter, end;

    if (!thaw_process_marks_start(collector) ||
        !thaw_process_marks_interpreter(collector, &interpreter))
        return false;
    if (!interpreter.time_ns) /* nothing tells the interpreter's start from the program's work */
        return thaw_mark_collector_add(collector, THAW_MARK_BLIND, collector->start.time_ns,
                                       THAW_DERIVED, collector->start.words) &&
               thaw_process_marks_end(collector);
    if (!thaw_script_marks_imports(collector, &interpreter, UINT64_MAX, &end))
        return false;
    if (!end.time_ns)
        return add_end(collector, &interpreter);
    return thaw_mark_collector_add(collector, THAW_MARK_IMPORT, interpreter.time_ns, THAW_DERIVED,
                                   interpreter.words) &&
           thaw_mark_collector_add(collector, THAW_MARK_IMPORTED, end.time_ns, THAW_DERIVED,
                                   end.words) &&
           thaw_mark_collector_add(collector, THAW_MARK_LAST_IMPORTED, end.time_ns, THAW_DERIVED,
                                   end.words) &&
           add_end(collector, &end);
}
