/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "timeline/exchanges.h"
#include "timeline/import_windows.h"

static bool is_app(const struct thaw_module *module)
{
    return !strcmp(module->owner, "app");
}

/* While modules are gone through in order of their start. */
struct search {
    const struct thaw_exchange *next; /* not asked for yet */
    const struct thaw_exchange *end;
    THAW_ARRAY(const struct thaw_exchange *) asked; /* the last one is under way, if any is */
};

/* The exchange under way at an instant, of several the one asked for last, NULL none. False when
 * memory is short. Instants must not go back. */
static bool exchange_at(struct search *search, uint64_t time_ns, const struct thaw_exchange **ret)
{
    for (; search->next < search->end && search->next->request->time_ns <= time_ns;
         search->next++) {
        const struct thaw_exchange **asked = thaw_array_add(&search->asked);

        if (!asked)
            return false;
        *asked = search->next;
    }
    *ret = NULL;
    while (search->asked.count && !*ret) {
        const struct thaw_exchange *last = search->asked.items[search->asked.count - 1];

        if (!last->response || thaw_exchange_answered_ns(last) >= time_ns)
            *ret = last;
        else
            search->asked.count--;
    }
    return true;
}

static bool add_module(const struct thaw_exchange *exchange, const struct thaw_module *module,
                       struct thaw_import_windows *windows)
{
    size_t count = windows->windows.count;
    struct thaw_import_window *last = count ? &windows->windows.items[count - 1] : NULL;
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
    struct search search = {0};
    bool enough = true;

    if (facts->exchange_count) {
        search.next = &build->exchanges.items[facts->first_exchange];
        search.end = search.next + facts->exchange_count;
    }
    for (size_t i = 0; enough && i < facts->module_count; i++) {
        const struct thaw_module *module = thaw_build_module(build, facts, i);
        const struct thaw_exchange *exchange;

        if (module->start_ns >= from_ns && is_app(module) &&
            thaw_build_is_outermost(build, module, is_app))
            enough = exchange_at(&search, module->start_ns, &exchange) &&
                     add_module(exchange, module, ret);
    }
    thaw_array_free(&search.asked);
    return enough;
}
