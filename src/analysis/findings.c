/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVIDENCE_MOST 8
#define MODULES_AT_FIRST 4

struct thaw_finding *thaw_finding_add(struct thaw_analysis *analysis,
                                      const struct thaw_finding_kind *kind)
{
    struct thaw_finding *finding = thaw_array_add(&analysis->memory->findings);

    if (!finding) {
        analysis->memory->short_of_memory = true;
        return NULL;
    }
    *finding = (struct thaw_finding){
        .id = kind->id,
        .severity = kind->severity,
        .confidence = "high",
        .title = "",
        .file = "",
        .risk = "",
        .moves_to = "",
        .fix = "",
    };
    return finding;
}

const char *thaw_finding_text(struct thaw_analysis *analysis, const char *format, ...)
{
    const char *kept = NULL;
    char *text = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length >= 0) {
        kept = thaw_arena_string(&analysis->memory->arena, text);
        free(text);
    }
    analysis->memory->short_of_memory |= !kept;
    return kept ? kept : "";
}

/* Adds a text to a list; beyond EVIDENCE_MOST they are left out. */
static void add_line(struct thaw_analysis *analysis, const char ***lines, size_t *count,
                     const char *text)
{
    if (!*lines)
        *lines = thaw_arena_allocate(&analysis->memory->arena, EVIDENCE_MOST * sizeof(**lines));
    analysis->memory->short_of_memory |= !*lines;
    if (*lines && *count < EVIDENCE_MOST)
        (*lines)[(*count)++] = text;
}

void thaw_finding_evidence(struct thaw_analysis *analysis, struct thaw_finding *finding,
                           const char *text)
{
    add_line(analysis, &finding->evidence, &finding->evidence_count, text);
}

void thaw_finding_reason(struct thaw_analysis *analysis, struct thaw_finding *finding,
                         const char *text)
{
    add_line(analysis, &finding->reasons, &finding->reason_count, text);
}

/* Doubled when it is full, which a power of two tells: there is no member for the capacity. */
void thaw_finding_about(struct thaw_analysis *analysis, struct thaw_finding *finding,
                        const struct thaw_module *module)
{
    size_t count = finding->module_count;

    if (count == 0 || (count >= MODULES_AT_FIRST && (count & (count - 1)) == 0)) {
        size_t capacity = count ? count * 2 : MODULES_AT_FIRST;
        uint32_t *grown = thaw_arena_allocate(&analysis->memory->arena, capacity * sizeof(*grown));

        if (!grown) {
            analysis->memory->short_of_memory = true;
            return;
        }
        if (count)
            memcpy(grown, finding->modules, count * sizeof(*grown));
        finding->modules = grown;
    }
    finding->modules[finding->module_count++] = module->id;
}

static double share_of_track(const struct thaw_analysis *analysis, uint64_t ns)
{
    uint64_t total_ns = analysis->memory->track->total_ns;

    return total_ns ? (double)ns / (double)total_ns : 0;
}

void thaw_finding_saves(const struct thaw_analysis *analysis, struct thaw_finding *finding,
                        uint64_t ns, uint64_t low_ns, uint64_t high_ns)
{
    finding->saving = (struct thaw_saving){
        .ns = ns,
        .low_ns = low_ns,
        .high_ns = high_ns,
        .share = share_of_track(analysis, ns),
        .proof = "predicted",
    };
}

double thaw_finding_ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

bool thaw_finding_matters(const struct thaw_analysis *analysis, uint64_t ns, uint64_t least_ns,
                          double least_share)
{
    return ns >= least_ns && share_of_track(analysis, ns) >= least_share;
}

bool thaw_finding_probed(const struct thaw_analysis *analysis, const char *probe)
{
    const struct thaw_recording *recording = analysis->timeline->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_event *event = &recording->events[i];

        if (event->kind == THAW_EVENT_PROBE && !strcmp(event->probe.name, probe) &&
            !strcmp(event->probe.status, "attached"))
            return true;
    }
    return false;
}

bool thaw_finding_counts(const struct thaw_analysis *analysis, const struct thaw_module *module)
{
    const struct thaw_track *track = analysis->memory->track;

    return module->process == track->process && module->start_ns < track->end_ns;
}

const struct thaw_module *thaw_finding_first_of_app(const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    for (size_t i = 0; i < timeline->module_count; i++)
        if (thaw_finding_counts(analysis, &timeline->modules[i]) &&
            !strcmp(timeline->modules[i].owner, "app"))
            return &timeline->modules[i];
    return NULL;
}

/* No import was open when it was asked for. In a worker that may be the worker's own doing, and
 * for a package from the app's first module on a function of the user's. */
static bool is_by_function(const struct thaw_analysis *analysis, const struct thaw_module *root)
{
    const struct thaw_module *first;

    if (strcmp(analysis->timeline->processes[root->process - 1].role, "worker"))
        return true;
    if (strcmp(root->owner, "package"))
        return false;
    first = thaw_finding_first_of_app(analysis);
    return first && root->start_ns > first->start_ns;
}

const struct thaw_module *thaw_finding_asker(const struct thaw_analysis *analysis,
                                             const struct thaw_module *module,
                                             bool *ret_by_function)
{
    *ret_by_function = false;
    while (strcmp(module->owner, "app")) {
        if (!module->parent) {
            *ret_by_function = is_by_function(analysis, module);
            return NULL;
        }
        module = &analysis->timeline->modules[module->parent - 1];
    }
    return module;
}

bool thaw_finding_is_apps(const struct thaw_analysis *analysis, const struct thaw_module *module)
{
    bool by_function;

    return thaw_finding_asker(analysis, module, &by_function) || by_function;
}

const char *thaw_analysis_app_folder(const struct thaw_analysis *analysis)
{
    const struct thaw_timeline *timeline = analysis->timeline;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];
        const char *slash = strrchr(module->file, '/');

        if (!strcmp(module->owner, "app") && *module->file == '/' && !strchr(module->name, '.') &&
            strcmp(slash, "/__init__.py")) {
            const char *folder = thaw_arena_text(&analysis->memory->arena, module->file,
                                                 (size_t)(slash - module->file));
            return folder ? folder : "";
        }
    }
    return timeline->session ? timeline->session->directory : "";
}
