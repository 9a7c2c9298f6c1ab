/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/exchanges.h"
#include "timeline/import_windows.h"

static bool is_app(const struct thaw_module *module)
{
    return !strcmp(module->owner, "app");
}

/* Does no module above belong to the app? */
static bool is_outermost(const struct thaw_build *build, const struct thaw_module *module)
{
    while (module->parent) {
        module = &build->memory->modules.items[module->parent - 1];
        if (is_app(module))
            return false;
    }
    return true;
}

/* The exchange that was under way at an instant; of several the one asked for last. */
static const struct thaw_exchange *exchange_at(const struct thaw_build *build,
                                               const struct thaw_process_facts *facts,
                                               uint64_t time_ns)
{
    const struct thaw_exchange *found = NULL;

    for (size_t i = 0; i < facts->exchange_count; i++) {
        const struct thaw_exchange *exchange = &build->exchanges.items[facts->first_exchange + i];

        if (exchange->request->time_ns > time_ns)
            break;
        if (!exchange->response || thaw_exchange_answered_ns(exchange) >= time_ns)
            found = exchange;
    }
    return found;
}

static bool add_module(const struct thaw_build *build, const struct thaw_process_facts *facts,
                       const struct thaw_module *module, struct thaw_import_windows *windows)
{
    size_t count = windows->windows.count;
    struct thaw_import_window *last = count ? &windows->windows.items[count - 1] : NULL;
    const struct thaw_exchange *exchange = exchange_at(build, facts, module->start_ns);
    uint64_t start_ns = module->start_ns, end_ns = start_ns + module->total_ns;
    bool unfinished = module->status == THAW_MODULE_UNFINISHED;

    if (!last || last->exchange != exchange) {
        if (last && start_ns < last->end_ns)
            start_ns = last->end_ns; /* of another thread */
        if (end_ns <= start_ns)
            return true;
        last = thaw_array_add(&windows->windows);
        if (!last)
            return false;
        *last = (struct thaw_import_window){
            .start_ns = start_ns, .end_ns = end_ns, .exchange = exchange, .name = module->name};
    } else if (end_ns > last->end_ns) {
        last->end_ns = end_ns;
    }
    last->cut |= unfinished;
    last->inferred |= unfinished || module->end_inferred || !module->timed;
    return true;
}

bool thaw_import_windows_find(const struct thaw_build *build, uint32_t process, uint64_t from_ns,
                              struct thaw_import_windows *ret)
{
    const struct thaw_process_facts *facts = thaw_build_facts(build, process);

    for (size_t i = 0; i < facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(build, facts, i);

        if (module->start_ns >= from_ns && is_app(module) && is_outermost(build, module) &&
            !add_module(build, facts, module, ret))
            return false;
    }
    return true;
}
